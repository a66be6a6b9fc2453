#!/usr/bin/env bash
# SciPy's Sobol' sequence: going forward by 0 points from its beginning raises OverflowError; later it does nothing.
#
# One would expect: fast_forward(0) leaves a sequence where it is, wherever it is.
# What happens: at the beginning, fresh or after reset(), it raises "can't convert negative value"; after one point it
# does nothing. The other sequences of scipy.stats.qmc (Halton) do nothing in both places.
# Why it matters: a search that goes on from a checkpoint resets the sequence and skips what it has used. That works for
# every checkpoint but the one that was written before the first point.
# Versions: scipy 1.17.1, numpy 2.4.6. Seen on 2026-11-29.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check \
  scipy==1.17.1 numpy==2.4.6
venv/bin/python - <<'EOF'
import sys

from scipy.stats import qmc


def forward(kind, used):
    """What comes of going forward by no points, after so many were used."""
    sequence = kind(2, rng=1)
    if used:
        sequence.random(used)
    try:
        sequence.fast_forward(0)
    except OverflowError as error:
        return f"OverflowError: {error}"
    return "nothing"


found = {(kind.__name__, used): forward(kind, used) for kind in (qmc.Sobol, qmc.Halton) for used in (0, 1)}
for (name, used), came in found.items():
    print(f"{name}, {used} points used: {came}")
if [came.partition(":")[0] for came in found.values()] != ["OverflowError", "nothing", "nothing", "nothing"]:
    sys.exit("changed: it does something else")
EOF
