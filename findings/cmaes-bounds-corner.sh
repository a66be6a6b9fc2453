#!/usr/bin/env bash
# cmaes: within bounds CMA-ES stalls short of a corner; without them, on points clipped to the box, it gets there.
#
# One would expect: bounds are the better way to say that an optimum lies in a box, corners included.
# What happens: points outside are drawn anew, so near a corner nearly all of the step goes back inwards, and the search
# stays some hundredths away however long it goes on. Paid for the nearest point of the box instead, it finds the corner
# itself in fewer evaluations.
# Why it matters: commitments that are shares have their optima at 0 and 1. A baseline with bounds looks worse than the
# method is.
# Versions: cmaes 0.13.1, numpy 2.4.6. Seen on 2026-11-29.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check \
  cmaes==0.13.1 numpy==2.4.6
venv/bin/python -W ignore - <<'EOF'
import sys

import numpy as np
from cmaes import CMA

BOX = np.array([[0.0, 1.0]] * 4)


def least(bounds, seed, evaluations):
    """The least sum of four shares that is found: 0 is possible, at a corner."""
    search, best, used = CMA(np.full(4, 0.5), 0.3, seed=seed, bounds=bounds), np.inf, 0
    while used < evaluations:
        points = [search.ask() for _ in range(search.population_size)]
        told = [(point, float(np.clip(point, 0, 1).sum())) for point in points]
        used += len(told)
        best = min(best, *(value for _, value in told))
        search.tell(told)
    return best


within = {n: [least(BOX, seed, n) for seed in range(3)] for n in (1000, 4000)}
clipped = [least(None, seed, 1000) for seed in range(3)]
for n, found in within.items():
    print(f"within bounds, {n} evaluations: {', '.join(f'{x:.4f}' for x in found)}")
print(f"clipped, 1000 evaluations: {', '.join(f'{x:.4f}' for x in clipped)}")
if max(clipped) > 1e-9 or min(within[4000]) < 1e-3:
    sys.exit("changed: bounds let it reach the corner")
EOF
