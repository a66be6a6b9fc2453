#!/usr/bin/env bash
# Gymnasium: a number in a vector environment's infos is cut to the type that the first environment happened to give.
#
# One would expect: of two environments that say "cost" 0 and 0.7, the vector's infos hold 0 and 0.7.
# What happens: the array gets the type of the first value that is put in. After the integer 0 it holds whole numbers,
# and 0.7 becomes 0; after True a count of 3 becomes True. In the other order nothing is lost. It is the same in
# SyncVectorEnv and AsyncVectorEnv, and no warning comes.
# Why it matters: costs and delays kept in infos are right or cut from step to step, depending on which environment
# comes first and on whether it says 0 or 0.0.
# Versions: gymnasium 1.4.0, numpy 2.4.6. Seen on 2026-11-28.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check \
  gymnasium==1.4.0 numpy==2.4.6
cat > infos.py <<'EOF'
import sys

import gymnasium
import numpy as np
from gymnasium.spaces import Box, Discrete
from gymnasium.vector import AsyncVectorEnv, SyncVectorEnv


class Costly(gymnasium.Env):
    """Says its cost in the infos of each step."""

    observation_space, action_space = Box(0, 1, (1,), np.float32), Discrete(2)

    def __init__(self, cost):
        self.cost = cost

    def reset(self, *, seed=None, options=None):
        super().reset(seed=seed)
        return np.zeros(1, np.float32), {}

    def step(self, action):
        return np.zeros(1, np.float32), 0.0, False, False, {"cost": self.cost}


def costs(kind, first, second):
    vector = kind([lambda: Costly(first), lambda: Costly(second)])
    vector.reset(seed=0)
    infos = vector.step(np.array([0, 0]))[4]
    vector.close()
    return infos["cost"].tolist()


if __name__ == "__main__":
    for kind in (SyncVectorEnv, AsyncVectorEnv):
        seen = [costs(kind, 0, 0.7), costs(kind, 0.7, 0), costs(kind, True, 3)]
        print(f"{kind.__name__}: 0 and 0.7 are {seen[0]}, 0.7 and 0 are {seen[1]}, True and 3 are {seen[2]}")
        if seen != [[0, 0], [0.7, 0.0], [True, True]]:
            sys.exit("changed: the costs are others")
EOF
venv/bin/python infos.py
