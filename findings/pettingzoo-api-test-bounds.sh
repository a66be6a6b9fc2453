#!/usr/bin/env bash
# PettingZoo: parallel_api_test passes an environment whose observations lie outside their space.
#
# One would expect: the test of the interface holds each observation against observation_space.
# What happens: all observations are -7 in a Box from 0 to 100, and the test prints that it passed. The test of
# the other interface, api_test, fails on the same environment when it has been converted.
# Why it matters: whoever takes the parallel test for a check of spaces ships observations that normalising
# wrappers and learners mistake.
# Versions: pettingzoo 1.27.0, gymnasium 1.4.0. Seen on 2026-11-28.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check \
  pettingzoo==1.27.0 gymnasium==1.4.0 numpy==2.4.6
venv/bin/python - <<'EOF'
import sys

import numpy as np
from gymnasium.spaces import Box, Discrete
from pettingzoo import ParallelEnv
from pettingzoo.test import api_test, parallel_api_test
from pettingzoo.utils import parallel_to_aec


class Outside(ParallelEnv):
    metadata = {"name": "outside_v0", "render_modes": []}
    render_mode = None
    possible_agents = ["a", "b"]
    box, moves = Box(0, 100, (1,), np.float32), {"a": Discrete(2), "b": Discrete(2)}

    def observation_space(self, agent):
        return self.box

    def action_space(self, agent):
        return self.moves[agent]

    def observe(self):
        return {agent: np.array([-7], np.float32) for agent in self.possible_agents}

    def reset(self, seed=None, options=None):
        self.agents, self.time = self.possible_agents[:], 0
        return self.observe(), {agent: {} for agent in self.agents}

    def step(self, actions):
        self.time += 1
        out = self.time == 5
        acting = self.agents
        self.agents = [] if out else acting
        rewards, infos = dict.fromkeys(acting, 1.0), {agent: {} for agent in acting}
        return self.observe(), rewards, dict.fromkeys(acting, False), dict.fromkeys(acting, out), infos


def passes(test):
    try:
        test()
    except AssertionError as error:
        print("  ", str(error)[:100])
        return False
    return True


parallel = passes(lambda: parallel_api_test(Outside(), num_cycles=20))
turns = passes(lambda: api_test(parallel_to_aec(Outside()), num_cycles=20))
print(f"observations of -7 in a Box from 0 to 100: parallel_api_test passes: {parallel}, api_test passes: {turns}")
if (parallel, turns) != (True, False):
    sys.exit("changed: other tests pass")
EOF
