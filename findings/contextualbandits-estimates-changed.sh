#!/usr/bin/env bash
# contextualbandits: asked a second time, the doubly robust estimate of a policy is another one.
#
# One would expect: evaluateDoublyRobust of the same arguments is the same number each time.
# What happens: where the estimated rewards are given as an array, the corrections are added to the array's own first
# column. A second call adds them again: a model that is worth 0.8 is worth 0.78, then 1.06, then 1.35, where no reward
# is above 1. Estimates of 0 and 1 in the array are replaced by random numbers besides, which stay there. Copies of the
# array give 0.78 each time.
# Why it matters: estimates are made once and used for a table of several cut-offs (pmin, c); each row of that table is
# wrong but the first, and so is whatever the estimates are used for next.
# Versions: contextualbandits 0.3.30, numpy 2.4.6, scikit-learn 1.9.1. Seen on 2026-11-29.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check \
  contextualbandits==0.3.30 numpy==2.4.6 scipy==1.17.1 scikit-learn==1.9.1 pandas==2.3.3
venv/bin/python - <<'EOF'
import sys

import numpy as np
from contextualbandits.evaluation import evaluateDoublyRobust

PASSES, WORTH, PLAYED = 20_000, np.array([0.3, 0.5, 0.8]), np.array([0.6, 0.3, 0.1])
random = np.random.default_rng(0)
models = random.choice(3, PASSES, p=PLAYED)
rewards = (random.random(PASSES) < WORTH[models]).astype(float)
users, last = np.ones((PASSES, 1)), np.full(PASSES, 2)


def worth(estimates):
    """What always playing the last model is worth, three times, from estimates of the last and of the played model."""
    return [round(float(evaluateDoublyRobust(last, users, models, rewards, PLAYED[models], given, nchoices=3)), 2)
            for given in estimates]


halves = np.full((PASSES, 2), 0.5)
copies = worth([halves.copy() for _ in range(3)])
same = worth([halves] * 3)
print(f"worth {WORTH[2]}; estimated with copies {copies}, with the same array {same}")
print(f"estimates of 0.5 are {halves.min(axis=0).round(2)} to {halves.max(axis=0).round(2)} now")
zeros = np.zeros((PASSES, 2))
worth([zeros])
print(f"estimates of 0 are {zeros[:, 1].min().round(2)} to {zeros[:, 1].max().round(2)} now")
if len(set(copies)) != 1 or abs(copies[0] - 0.8) > 0.05 or not same[0] == copies[0] < 1 < same[1] < same[2]:
    sys.exit("changed: the estimates are the same each time")
if zeros.max() < 0.9 or halves[:, 1].min() != halves[:, 1].max():
    sys.exit("changed: other estimates are replaced")
EOF
