#!/usr/bin/env bash
# PettingZoo and OpenSpiel: Leduc hold'em is not the same game.
#
# One would expect: the same small poker game, so that OpenSpiel's exploitability judges what PettingZoo trained.
# What happens: PettingZoo (by RLCard) plays with blinds of a half and of one, and who has the smaller one may fold
# at once, for half a unit. OpenSpiel plays with antes of one; the first player has nothing to fold against.
# Besides, a seat is not a role: who begins is drawn by the seed in PettingZoo, and is always player 0 in OpenSpiel.
# Why it matters: values and equilibria of the two differ, and results under the one name cannot be compared.
# Versions: pettingzoo 1.27.0, rlcard 1.2.0, open-spiel 2.0.2. Seen on 2026-11-28.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check \
  pettingzoo==1.27.0 rlcard==1.2.0 pygame==2.6.1 open-spiel==2.0.2 gymnasium==1.4.0 numpy==2.4.6
venv/bin/python - <<'EOF'
import sys

import pyspiel
from pettingzoo.classic import leduc_holdem_v4

FOLD = 2
first, lost = set(), set()
for seed in range(20):
    env = leduc_holdem_v4.env()
    env.reset(seed=seed)
    first.add(env.agent_selection)
    opener = env.agent_selection
    assert env.last()[0]["action_mask"][FOLD]
    env.step(FOLD)
    lost.add(float(env.rewards[opener]))
state = pyspiel.load_game("leduc_poker").new_initial_state()
while state.is_chance_node():
    state.apply_action(state.legal_actions()[0])
names = [state.action_to_string(action) for action in state.legal_actions()]
print(f"PettingZoo: {sorted(first)} begin, and may fold at once for {sorted(lost)}")
print(f"OpenSpiel: player {state.current_player()} begins, and may {names}")
if (sorted(first), lost, names) != (["player_0", "player_1"], {-0.5}, ["Call", "Raise"]):
    sys.exit("changed: the openings are others")
EOF
