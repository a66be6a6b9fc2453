#!/usr/bin/env bash
# MO-Gymnasium: the vector wrapper's discounted return goes on from one episode to the next.
#
# One would expect: info["episode"]["dr"] is the discounted return of the episode that has just ended, as "r" is its
# return. For episodes of one step both are the reward of that step.
# What happens: in the vector version of MORecordEpisodeStatistics "r" and "l" start anew and "dr" does not: after
# three equal episodes of one step it is three times the reward. The wrapper of one environment is right.
# Why it matters: fronts and hypervolumes drawn from "dr" grow with training whatever is learned.
# Versions: mo-gymnasium 1.3.2, gymnasium 1.4.0. Seen on 2026-11-28.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check \
  mo-gymnasium==1.3.2 gymnasium==1.4.0 numpy==2.4.6
venv/bin/python - <<'EOF'
import sys

import mo_gymnasium
import numpy as np
from mo_gymnasium.wrappers import MORecordEpisodeStatistics as Single
from mo_gymnasium.wrappers.vector import MORecordEpisodeStatistics, MOSyncVectorEnv

DOWN = 1  # to the nearest treasure: an episode of one step

vector = MORecordEpisodeStatistics(
    MOSyncVectorEnv([lambda: mo_gymnasium.make("deep-sea-treasure-v0") for _ in range(2)]), gamma=0.5
)
vector.reset(seed=0)
alone = Single(mo_gymnasium.make("deep-sea-treasure-v0"), gamma=0.5)
returns, discounted, single = [], [], []
while len(returns) < 3:
    info = vector.step(np.array([DOWN, DOWN]))[4]
    if "episode" in info:
        returns.append(round(float(info["episode"]["r"][0][0]), 3))
        discounted.append(round(float(info["episode"]["dr"][0][0]), 3))
for _ in range(3):
    alone.reset(seed=0)
    single.append(round(float(alone.step(DOWN)[4]["episode"]["dr"][0]), 3))
print(f"three episodes of one step: returns {returns}, discounted {discounted}, of one environment {single}")
if (returns, discounted, single) != ([0.7] * 3, [0.7, 1.4, 2.1], [0.7] * 3):
    sys.exit("changed: the returns are others")
EOF
