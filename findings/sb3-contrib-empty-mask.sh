#!/usr/bin/env bash
# sb3-contrib: where no action is allowed, MaskablePPO plays any, with equal chances.
#
# One would expect: a mask without an allowed action raises an error, or makes the agent pass.
# What happens: all actions have the probability 1/4, whatever the policy has learned, and training goes on; the entropy
# of that choice counts as 0. With one action allowed the mask is obeyed.
# Why it matters: an environment of several agents may give those who are out of the game an empty mask; what is played
# there is noise, and the learner learns from it.
# Versions: sb3-contrib 2.9.2, stable-baselines3 2.9.2, torch 2.13.0 (CPU). Seen on 2026-11-28.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check \
  sb3-contrib==2.9.2 stable-baselines3==2.9.2 gymnasium==1.4.0 numpy==2.4.6 torch==2.13.0
venv/bin/python - <<'EOF'
import collections
import sys

import gymnasium
import numpy as np
from gymnasium.spaces import Box, Discrete
from sb3_contrib import MaskablePPO
from sb3_contrib.common.maskable.distributions import MaskableCategorical
from torch import tensor


class Masked(gymnasium.Env):
    """Episodes of 16 steps with one mask, counting what is played."""

    observation_space, action_space = Box(0, 1, (1,), np.float32), Discrete(4)

    def __init__(self, *allowed):
        self.mask = np.isin(np.arange(4), allowed)
        self.played = collections.Counter()

    def action_masks(self):
        return self.mask

    def reset(self, *, seed=None, options=None):
        super().reset(seed=seed)
        self.time = 0
        return np.zeros(1, np.float32), {}

    def step(self, action):
        self.time += 1
        self.played[int(action)] += 1
        return np.zeros(1, np.float32), float(action == 0), self.time == 16, False, {}


def played(*allowed):
    env = Masked(*allowed)
    MaskablePPO("MlpPolicy", env, n_steps=128, batch_size=128, seed=0, device="cpu").learn(512)
    return dict(sorted(env.played.items()))


choice = MaskableCategorical(logits=tensor([[9.0, 0.0, 0.0, 0.0]]), masks=np.zeros((1, 4), bool))
chances, entropy = choice.probs[0].tolist(), abs(float(choice.entropy()[0]))
one, none = played(2), played()
print(f"512 steps: action 2 allowed {one}, no action allowed {none}")
print(f"a policy that is sure of action 0, with an empty mask: {chances}, entropy {entropy}")
if one != {2: 512} or len(none) != 4 or chances != [0.25] * 4 or entropy != 0:
    sys.exit("changed: an empty mask does something else")
EOF
