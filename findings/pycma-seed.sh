#!/usr/bin/env bash
# pycma: a seed of 0 is no seed, and any other one is set for the whole program.
#
# One would expect: 0 is a seed like 1, and it belongs to the optimiser.
# What happens: 0 stands for the clock, so two runs differ. With 1 the runs are equal, and so is all that the rest of
# the program draws from numpy.random afterwards: a noisy objective sees the same noise in every restart with that
# seed, and a seed that the program had set before is gone.
# Why it matters: five runs with seeds 0 to 4 are four that can be repeated, and two learners that are compared under
# one seed are not given independent luck. Give the objective a Generator of its own.
# Versions: cma 4.5.0, numpy 2.4.6. Seen on 2026-11-28.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check \
  cma==4.5.0 numpy==2.4.6
venv/bin/python - <<'EOF'
import sys

import cma
import numpy as np


def run(seed):
    """What the optimiser finds in three rounds, and what the program draws next."""
    np.random.seed(12345 + len(drawn))
    search = cma.CMAEvolutionStrategy([1.0, 1.0], 0.5, {"seed": seed, "verbose": -9})
    drawn.append(round(float(np.random.rand()), 6))
    for _ in range(3):
        points = search.ask()
        search.tell(points, [float(point @ point) for point in points])
    return tuple(search.result.xbest.round(6).tolist())


drawn = []
zero, one = {run(0), run(0)}, {run(1), run(1)}
print(f"two runs with seed 0 find {len(zero)} points, two with seed 1 find {len(one)}")
print(f"the program, seeded anew before each run, draws {drawn[:2]} after seed 0 and {drawn[2:]} after seed 1")
if (len(zero), len(one)) != (2, 1) or drawn[2] != drawn[3]:
    sys.exit("changed: the seeds do something else")
EOF
