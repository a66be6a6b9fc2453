#!/usr/bin/env bash
# rliable: random_state does not make an interval reproducible.
#
# One would expect: the same scores with the same random_state give the same bootstrap interval, as the documentation
# of get_interval_estimates says.
# What happens: the interval differs from call to call. The state is handed on to arch's bootstrap, of which rliable
# replaces the method that draws, by one that draws from numpy's global generator. np.random.seed does repeat it.
# Why it matters: published intervals cannot be repeated, and whether two of them overlap can change with the run.
# Versions: rliable 1.2.0, arch 7.2.0, pandas 2.3.3. Seen on 2026-11-28.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check \
  rliable==1.2.0 arch==7.2.0 scipy==1.17.1 pandas==2.3.3 numpy==2.4.6
venv/bin/python - <<'EOF'
import sys
import warnings

import numpy as np
from arch.bootstrap import IIDBootstrap
from rliable import library, metrics

warnings.simplefilter("ignore")  # arch calls this argument seed now
scores = np.random.default_rng(0).normal(size=(5, 3))


def mean(sample):
    return np.array([metrics.aggregate_mean(sample)])


def interval():
    state = np.random.RandomState(7)
    _, found = library.get_interval_estimates({"ours": scores}, mean, reps=500, random_state=state)
    return found["ours"].ravel().round(4).tolist()


def direct():
    return IIDBootstrap(scores, seed=7).conf_int(mean, reps=500).ravel().round(4).tolist()


def after_global_seed():
    np.random.seed(7)
    return interval()


seen, seeded = [interval() for _ in range(3)], [direct() for _ in range(3)]
repeated = [after_global_seed() for _ in range(3)]
print(f"three times the same call with the same random_state: {seen}")
print(f"after np.random.seed(7): {repeated}; arch itself, with a seed: {seeded}")
different = [len({tuple(each) for each in intervals}) for intervals in (seen, repeated, seeded)]
if different != [3, 1, 1]:
    sys.exit("changed: other intervals repeat")
EOF
