#!/usr/bin/env bash
# SuperSuit: the vector environment overwrites the infos of an episode's last step with those of the next reset.
#
# One would expect: the infos of the last step arrive as the environment gave them, and those of the reset apart
# (Gymnasium keeps the last ones under final_info).
# What happens: both are merged into one dictionary and the reset wins. The last observation is kept, under
# terminal_observation; what the last infos said under a name that the reset uses as well is lost.
# Why it matters: what is counted in infos (costs, passes, a running total) reads as at its start at the end of
# every episode, and only there.
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


vector = supersuit.pettingzoo_env_to_vec_env_v1(Counting())
vector.reset()
for _ in range(3):
    observations, _, _, truncated, infos = vector.step(np.array([0, 0]))
seen = (bool(truncated[0]), infos[0]["time"], float(infos[0]["terminal_observation"][0]))
print(f"third and last step: truncated {seen[0]}, infos say time {seen[1]}, last observation {seen[2]}")
if seen != (True, 0, 3.0):
    sys.exit("changed: the infos of the last step are others")
EOF
