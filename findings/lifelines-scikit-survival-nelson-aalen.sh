#!/usr/bin/env bash
# lifelines and scikit-survival: cumulative hazards of the same data differ when times are tied.
#
# One would expect: both call it the Nelson-Aalen estimator, so both give the same steps.
# What happens: of five users, two leave at time 1: scikit-survival adds 2/5, lifelines adds 1/5 + 1/4 by default
# (nelson_aalen_smoothing=False gives 2/5 as well).
# Why it matters: counts of retries are whole numbers, so nearly all times are tied, and the two curves drift apart.
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
from lifelines import NelsonAalenFitter
from sksurv.nonparametric import nelson_aalen_estimator

times, left = np.array([1.0, 1.0, 1.0, 2.0, 3.0]), np.array([True, True, False, True, False])


def hazard(fitter):
    return [round(float(h), 6) for h in fitter.fit(times, left).cumulative_hazard_["NA_estimate"].iloc[1:]]


smooth, plain = hazard(NelsonAalenFitter()), hazard(NelsonAalenFitter(nelson_aalen_smoothing=False))
other = [round(float(h), 6) for h in nelson_aalen_estimator(left, times)[1]]
print(f"lifelines {smooth}, without smoothing {plain}, scikit-survival {other}")
if (smooth, plain, other) != ([0.45, 0.95, 0.95], [0.4, 0.9, 0.9], [0.4, 0.9, 0.9]):
    sys.exit("changed: the hazards are others")
EOF
