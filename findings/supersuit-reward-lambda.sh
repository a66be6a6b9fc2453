#!/usr/bin/env bash
# SuperSuit: what reward_lambda_v0 adds to a reward is added once for each agent.
#
# One would expect: a function of the reward, here r + 10 of a reward of 1, makes 11.
# What happens: 11 with one agent, 21 with two, 31 with three, in the parallel interface. The function is also applied
# to the zeros that stand for an agent while others move, and the results are added up.
# Why it matters: functions with f(0) = 0 are safe, such as a scale; a baseline or a shift grows with the number
# of agents, and nothing in the parallel interface suggests that there are turns behind it.
# Versions: SuperSuit 3.11.0, pettingzoo 1.27.0, gymnasium 1.4.0. Seen on 2026-11-28.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check \
  supersuit==3.11.0 pettingzoo==1.27.0 gymnasium==1.4.0 numpy==2.4.6
venv/bin/python - <<'EOF'
import sys

import numpy as np
import supersuit
from gymnasium.spaces import Box, Discrete
from pettingzoo import ParallelEnv


class Counting(ParallelEnv):
    """Counts its steps, pays 1 a step, and is cut off after three."""

    metadata = {"name": "counting_v0", "render_modes": []}
    render_mode = None
    possible_agents = ["a", "b"]
    box, moves = Box(0, 100, (1,), np.float32), Discrete(2)

    def observation_space(self, agent):
        return self.box

    def action_space(self, agent):
        return self.moves

    def observe(self):
        return {agent: np.array([self.time], np.float32) for agent in self.possible_agents}

    def reset(self, seed=None, options=None):
        self.agents, self.time = self.possible_agents[:], 0
        return self.observe(), {agent: {"time": 0} for agent in self.agents}

    def step(self, actions):
        self.time += 1
        out, acting = self.time == 3, self.agents
        self.agents = [] if out else acting
        infos = {agent: {"time": self.time} for agent in acting}
        rewards = dict.fromkeys(acting, 1.0)
        return self.observe(), rewards, dict.fromkeys(acting, False), dict.fromkeys(acting, out), infos


seen = []
for number in (1, 2, 3):
    env = Counting()
    env.possible_agents = ["a", "b", "c"][:number]
    env = supersuit.reward_lambda_v0(env, lambda reward: reward + 10)
    env.reset()
    seen.append(float(env.step(dict.fromkeys(env.possible_agents, 0))[1]["a"]))
print(f"a reward of 1, plus 10, with one agent, two and three: {seen}")
if seen != [11.0, 21.0, 31.0]:
    sys.exit("changed: the rewards are others")
EOF
