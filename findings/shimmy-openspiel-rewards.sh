#!/usr/bin/env bash
# Shimmy: the last reward of an OpenSpiel game is counted twice for some of its players.
#
# One would expect: rewards that last() hands to a player add up to what OpenSpiel's returns() says.
# What happens: in a prisoner's dilemma both players get 1, and the second one's rewards add up to 2; Leduc poker, a
# zero-sum game, ends with (-1, 2) where OpenSpiel says (-1, 1).
# Why it matters: learners and tournaments that read the PettingZoo interface play for other stakes.
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


def play(name, move):
    """Sums of the rewards read from last(), and OpenSpiel's own returns, of one game."""
    env = OpenSpielCompatibilityV0(env=pyspiel.load_game(name))
    env.reset(seed=0)
    sums = dict.fromkeys(env.possible_agents, 0.0)
    for agent in env.agent_iter():
        _, reward, terminated, truncated, info = env.last()
        sums[agent] += float(reward)
        env.step(None if terminated or truncated else int(np.flatnonzero(info["action_mask"])[move]))
    return list(sums.values()), list(env.game_state.returns())


dilemma, poker = play("matrix_pd", -1), play("leduc_poker", 0)
print(f"prisoner's dilemma: rewards add up to {dilemma[0]}, OpenSpiel returns {dilemma[1]}")
print(f"Leduc poker, all call: rewards add up to {poker[0]}, OpenSpiel returns {poker[1]}")
if dilemma != ([1.0, 2.0], [1.0, 1.0]) or poker != ([-1.0, 2.0], [-1.0, 1.0]):
    sys.exit("changed: the sums are others")
EOF
