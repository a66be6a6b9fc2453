#!/usr/bin/env bash
# PettingZoo: average_total_reward plays forbidden moves, although it looks for the mask.
#
# One would expect: random play is drawn from the moves that the mask allows, as the function's code says. Tic-tac-toe
# is a zero-sum game, so the rewards of both players add up to 0 in every game.
# What happens: the function asks last() not to observe, so it never sees a mask and draws from all moves. Nearly all
# games end with a forbidden one, which costs its player 1 and pays nobody, and the average is about -0.95. (Each is
# warned of.)
# Why it matters: a baseline of random play that is taken from here is one of another game.
# Versions: pettingzoo 1.27.0, gymnasium 1.4.0, pygame 2.6.1. Seen on 2026-11-28.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check \
  pettingzoo==1.27.0 gymnasium==1.4.0 pygame==2.6.1 numpy==2.4.6
venv/bin/python - <<'EOF'
import sys

from pettingzoo.classic import tictactoe_v3
from pettingzoo.utils import average_total_reward
from pettingzoo.utils.env_logger import EnvLogger

GAMES = 200
EnvLogger.suppress_output()  # a warning for each forbidden move


def seeded():
    env = tictactoe_v3.env()
    for number, agent in enumerate(env.possible_agents):
        env.action_space(agent).seed(number)
    return env


env = seeded()
masked = 0.0
for game in range(GAMES):
    env.reset(seed=game)
    for agent in env.agent_iter():
        observation, reward, terminated, truncated, _ = env.last()
        masked += reward
        over = terminated or truncated
        env.step(None if over else env.action_space(agent).sample(observation["action_mask"]))
average = average_total_reward(seeded(), max_episodes=GAMES)
print(f"mean sum of rewards of {GAMES} random games: {masked / GAMES} with the mask, {average} by the function")
if masked or not -1 <= average < -0.8:
    sys.exit("changed: the averages are others")
EOF
