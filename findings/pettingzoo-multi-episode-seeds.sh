#!/usr/bin/env bash
# PettingZoo: evaluations of several episodes with neighbouring seeds consist of the same episodes.
#
# One would expect: MultiEpisodeEnv and MultiEpisodeParallelEnv with seeds 1 and 2 give episodes that are independent.
# What happens: the k-th episode is reset with seed + k, so of five episodes from seed 1 and five from seed 2 four are
# the same. Seed 0 is an exception: its later episodes are reset without a seed.
# Why it matters: an evaluation of 100 episodes with seeds 1 to 5 has 104 different episodes, not 500; the spread
# over seeds that is reported with it is far too small.
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
from pettingzoo.utils import parallel_to_aec
from pettingzoo.utils.wrappers import MultiEpisodeEnv, MultiEpisodeParallelEnv

EPISODES = 5


class Drawn(ParallelEnv):
    """An episode of one step about a number that is drawn at reset."""

    metadata = {"name": "drawn_v0", "render_modes": []}
    render_mode = None
    possible_agents = ["a", "b"]
    box, moves = Box(0, 1, (1,), np.float64), Discrete(2)

    def __init__(self):
        self.seeds, self.draws = [], []

    def observation_space(self, agent):
        return self.box

    def action_space(self, agent):
        return self.moves

    def reset(self, seed=None, options=None):
        if seed is not None or not self.draws:
            self.random = np.random.default_rng(seed)
        self.agents = self.possible_agents[:]
        self.seeds.append(seed)
        self.draws.append(self.random.random())
        return self.observe(self.agents), {agent: {} for agent in self.agents}

    def observe(self, agents):
        return {agent: np.array([self.draws[-1]]) for agent in agents}

    def step(self, actions):
        acting, self.agents = self.agents, []
        over, going_on = dict.fromkeys(acting, True), dict.fromkeys(acting, False)
        return self.observe(acting), dict.fromkeys(acting, 0.0), over, going_on, {agent: {} for agent in acting}


def parallel(seed):
    drawn = Drawn()
    env = MultiEpisodeParallelEnv(drawn, EPISODES)
    env.reset(seed=seed)
    while env.agents:
        env.step(dict.fromkeys(env.agents, 0))
    return drawn


def in_turns(seed):
    drawn = Drawn()
    env = MultiEpisodeEnv(parallel_to_aec(drawn), EPISODES)
    env.reset(seed=seed)
    for agent in env.agent_iter():
        env.step(None if env.terminations[agent] or env.truncations[agent] else 0)
    return drawn


for play in (parallel, in_turns):
    zero, one, two = (play(seed) for seed in range(3))
    shared = len(set(one.draws) & set(two.draws))
    print(f"{play.__name__}: {shared} of {EPISODES} episodes from seed 1 come again with seed 2;")
    print(f"reset with {one.seeds}, {two.seeds}, and from seed 0 with {zero.seeds}")
    if shared != EPISODES - 1 or zero.seeds != [0] + [None] * (EPISODES - 1):
        sys.exit("changed: the episodes are others")
EOF
