#!/usr/bin/env bash
# vw-estimators: the sum of two intervals forgets the range of its rewards, and lies outside it.
#
# One would expect: intervals of two parts of a log can be added, which is what their + is for, and give the interval of
# the whole log.
# What happens: clopper_pearson.Interval takes the smallest and the largest reward when it is made, and the sum of two
# has the range from 0 to 1 again. Rewards of 0 and -10 are worth -4.8 to -3.5 in one piece; in two pieces that are
# added, 0.52 to 0.65. Nothing is raised. The package's Gaussian and Cressie-Read intervals are the same both ways.
# Why it matters: costs and delays are negative rewards, and logs are counted in parts. With rewards between 0 and 2 the
# wrong interval does not even look wrong.
# Versions: vw-estimators 0.2.2, scipy 1.17.1. Seen on 2026-11-29.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check \
  vw-estimators==0.2.2 scipy==1.17.1 numpy==2.4.6
venv/bin/python - <<'EOF'
import sys

import numpy as np
from estimators.bandits import clopper_pearson, cressieread, gaussian

random = np.random.default_rng(0)
played = random.random(400) < 0.5
costs = -10.0 * (random.random(400) < 0.4)


def interval(method, parts, **options):
    """Interval of 95 % of a policy that plays the second model nine times of ten, from a log cut into parts."""
    pieces = []
    for indices in np.array_split(np.arange(400), parts):
        piece = method.Interval(**options)
        for index in indices:
            piece.add_example(0.5, float(costs[index]), 0.9 if played[index] else 0.1)
        pieces.append(piece)
    whole = pieces[0]
    for piece in pieces[1:]:
        whole = whole + piece
    return [round(float(end), 2) for end in whole.get(0.05)]


ranged = {"rmin": -10, "rmax": 0}
ways = {"clopper_pearson": (clopper_pearson, ranged), "cressieread": (cressieread, ranged), "gaussian": (gaussian, {})}
seen = {name: [interval(method, parts, **options) for parts in (1, 2)] for name, (method, options) in ways.items()}
for name, (whole, added) in seen.items():
    print(f"{name}: of the whole log {whole}, of two halves, added, {added}")
if seen.pop("clopper_pearson") != [[-4.83, -3.5], [0.52, 0.65]] or any(one != two for one, two in seen.values()):
    sys.exit("changed: the intervals are others")
EOF
