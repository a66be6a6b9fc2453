#!/usr/bin/env bash
# rliable: the interquartile mean of three runs is their plain mean, outlier and all.
#
# One would expect: the mean of the middle half of the scores, whatever their number; of 0, 0 and 3 it is 0.5, where
# the scores at the quartiles count with the share of them that lies between.
# What happens: aggregate_iqm cuts off whole scores, a quarter of their number at each end, rounded down. Of three
# scores none is cut, of seven one at each end: the middle 71 percent are averaged and not 50.
# Why it matters: it is chosen for being robust where runs are few, and with three runs of one task it is not. Tasks
# are pooled, so that the rounding fades with many of them.
# Versions: rliable 1.2.0, arch 7.2.0, scipy 1.17.1, pandas 2.3.3. (Not with pandas 3.1.1, which pip takes by default
# and which this arch cannot be imported with.) Seen on 2026-11-28.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check \
  rliable==1.2.0 arch==7.2.0 scipy==1.17.1 pandas==2.3.3 numpy==2.4.6
venv/bin/python - <<'EOF'
import sys

import numpy as np
from rliable import metrics


def middle_half(scores):
    """The mean of the scores between the quartiles, those at the edges with their share."""
    number = len(scores)
    edges = np.arange(number + 1) / number
    share = np.clip(np.minimum(edges[1:], 0.75) - np.maximum(edges[:-1], 0.25), 0, None)
    return round(float(np.sort(scores) @ share / 0.5), 3)


few, seven = np.array([0.0, 0.0, 3.0]), np.array([0.0, 0.0, 0.0, 0.0, 0.0, 7.0, 7.0])
seen = [round(float(metrics.aggregate_iqm(scores[:, None])), 3) for scores in (few, seven)]
print(f"{few.tolist()}: {seen[0]} (plain mean {few.mean()}, middle half {middle_half(few)})")
print(f"{seven.tolist()}: {seen[1]} (plain mean {seven.mean()}, middle half {middle_half(seven)})")
if seen != [1.0, 1.4] or [middle_half(few), middle_half(seven)] != [0.5, 0.5]:
    sys.exit("changed: the means are others")
EOF
