#!/usr/bin/env bash
# Gymnasium: NormalizeReward divides the same rewards by other numbers in its two modes of resetting.
#
# One would expect: rewards are divided by the spread of the discounted return since the episode began, in either mode.
# What happens: with NEXT_STEP, the default, and in the wrapper of one environment, an episode's last reward starts the
# return of the next episode, and an episode that is cut off never ends: its return goes on into all later ones. With
# SAME_STEP each return starts anew. A reward of 0, 0, 1 comes out ten times larger in the first mode than in the
# second where the episode terminates, and fifteen times smaller, after 300 episodes, where it is truncated.
# Why it matters: the scale of rewards, and with it what a learner's step size means, changes with the mode and with
# terminated or truncated, which one would take for bookkeeping.
# Versions: gymnasium 1.4.0, numpy 2.4.6. Seen on 2026-11-28.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check \
  gymnasium==1.4.0 numpy==2.4.6
venv/bin/python - <<'EOF'
import sys

import gymnasium
import numpy as np
from gymnasium.spaces import Box, Discrete
from gymnasium.vector import AutoresetMode, SyncVectorEnv
from gymnasium.wrappers import NormalizeReward
from gymnasium.wrappers.vector import NormalizeReward as VectorNormalizeReward

EPISODES = 300
GAMMA = 0.99


class Late(gymnasium.Env):
    """Pays 0, 0 and 1, and is over."""

    observation_space, action_space = Box(0, 1, (1,), np.float32), Discrete(2)

    def __init__(self, truncated):
        self.truncated = truncated

    def reset(self, *, seed=None, options=None):
        super().reset(seed=seed)
        self.time = 0
        return np.zeros(1, np.float32), {}

    def step(self, action):
        self.time += 1
        over = self.time == 3
        return np.zeros(1, np.float32), float(over), over and not self.truncated, over and self.truncated, {}


def alone(truncated):
    env = NormalizeReward(Late(truncated), gamma=GAMMA)
    for _ in range(EPISODES):
        env.reset(seed=0)
        rewards = [env.step(0)[1] for _ in range(3)]
    return round(float(rewards[-1]), 2)


def vector(truncated, mode, steps):
    env = VectorNormalizeReward(SyncVectorEnv([lambda: Late(truncated)], autoreset_mode=mode), gamma=GAMMA)
    env.reset(seed=0)
    rewards = [env.step(np.array([0]))[1][0] for _ in range(EPISODES * steps)]
    return round(float(max(rewards[-4:])), 2)


seen = [
    (alone(cut), vector(cut, AutoresetMode.NEXT_STEP, 4), vector(cut, AutoresetMode.SAME_STEP, 3))
    for cut in (False, True)
]
returns = [0.0, 0.0, 1.0]
print(f"a reward of 1 over the spread of returns since the episode began: {1 / np.std(returns):.2f}")
for word, (one, following, same) in zip(("terminated", "truncated"), seen, strict=True):
    print(f"{word}: {one} in one environment, {following} with NEXT_STEP, {same} with SAME_STEP")
if seen != [(21.13, 21.13, 2.12), (0.14, 0.14, 2.12)]:
    sys.exit("changed: the rewards are others")
EOF
