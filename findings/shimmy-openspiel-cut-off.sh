#!/usr/bin/env bash
# Shimmy: Kuhn poker is over after its first move.
#
# One would expect: the game goes on until OpenSpiel says that it has ended, after two or three moves of players.
# What happens: after the first player's first move both players are truncated with nothing won, and OpenSpiel's
# state is not terminal. The two cards dealt seem to count as moves, and OpenSpiel's max_game_length, which leaves
# chance out, is 3. Longer games with chance lose their longest lines of play.
# Why it matters: what is learned here is a game in which nothing happens, and no error says so.
# Versions: Shimmy 2.0.1, open-spiel 2.0.2, pettingzoo 1.27.0. Seen on 2026-11-28.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check \
  shimmy==2.0.1 open-spiel==2.0.2 pettingzoo==1.27.0 gymnasium==1.4.0 numpy==2.4.6
venv/bin/python - <<'EOF'
import sys

import numpy as np
import pyspiel
from shimmy import OpenSpielCompatibilityV0

game = pyspiel.load_game("kuhn_poker")
env = OpenSpielCompatibilityV0(env=game)
seen = set()
for seed in range(10):
    for move in (0, -1):
        env.reset(seed=seed)
        env.step(int(np.flatnonzero(env.last()[4]["action_mask"])[move]))
        over = all(env.truncations.values())
        seen.add((over, any(env.terminations.values()), env.game_state.is_terminal(), game.max_game_length()))
for over, ended, terminal, longest in seen:
    print(f"after one move: truncated {over}, terminated {ended}; OpenSpiel: terminal {terminal}, at most {longest}")
if seen != {(True, False, False, 3)}:
    sys.exit("changed: the game ends elsewhere")
EOF
