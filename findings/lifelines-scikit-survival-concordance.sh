#!/usr/bin/env bash
# lifelines and scikit-survival: the same predictions have a concordance of 0 in one and of 1 in the other.
#
# One would expect: the concordance index of the same times, events and scores is one number.
# What happens: lifelines takes scores for times, a larger one for a longer stay; scikit-survival takes them for risks.
# One is 1 minus the other, both lie in the same range, and both list the arguments as if interchangeable
# (times, scores, events and events, times, scores).
# Why it matters: a good model of patience reads 0.3 in one and 0.7 in the other; comparing two such models across
# libraries turns their order round.
# Versions: lifelines 0.30.3, scikit-survival 0.28.0. Seen on 2026-11-28.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check \
  lifelines==0.30.3 scikit-survival==0.28.0 pandas==2.3.3 numpy==2.4.6
venv/bin/python - <<'EOF'
import sys

import numpy as np
from lifelines.utils import concordance_index
from sksurv.metrics import concordance_index_censored

times, left = np.array([1.0, 2.0, 3.0, 4.0, 5.0]), np.array([True, True, False, True, True])
scores = np.array([5.0, 4.0, 3.0, 2.0, 1.0])
one = float(concordance_index(times, scores, left))
other = float(concordance_index_censored(left, times, scores)[0])
print(f"lifelines {one}, scikit-survival {other}")
if (one, other) != (0.0, 1.0):
    sys.exit("changed: the concordances are others")
EOF
