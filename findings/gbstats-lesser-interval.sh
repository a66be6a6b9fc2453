#!/usr/bin/env bash
# gbstats: the one-sided interval of a test for "less" ends below its own estimate, and misses the truth in 94 of 100.
#
# One would expect: the interval that goes with "the new one is less" reaches from minus infinity to the estimate plus a
# margin, holds the truth in 95 of 100 samples, and leaves 0 out just where the p-value is below 5 %.
# What happens: the margin is taken off. Where both models take 10 seconds, of 1,000 samples the interval holds the
# difference, which is 0, in 6 %, and its own estimate in none. In nine of ten samples the p-value is above 5 % and the
# interval is below 0. The test for "greater" has the margin on the right side, and 94 %.
# Why it matters: waits, costs and the share who leave are what one hopes to be less. Whoever reads intervals rather
# than p-values finds an improvement in nearly every comparison.
# Versions: gbstats 0.8.0 (GrowthBook's engine), numpy 1.26.4, scipy 1.16.3. Seen on 2026-11-30.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check \
  gbstats==0.8.0 numpy==1.26.4 scipy==1.16.3 pandas==1.5.3 pydantic==2.14.4
venv/bin/python - <<'EOF'
import sys

import numpy as np
from gbstats.frequentist.tests import (
    FrequentistConfig,
    OneSidedTreatmentGreaterTTest,
    OneSidedTreatmentLesserTTest,
)
from gbstats.models.statistics import SampleMeanStatistic

USERS, SAMPLES = 400, 1000
luck = np.random.default_rng(0)
config = FrequentistConfig(difference_type="absolute", alpha=0.05)


def summed(waits):
    return SampleMeanStatistic(n=len(waits), sum=waits.sum(), sum_squares=(waits**2).sum())


held, above, agree = {"less": 0, "greater": 0}, 0, 0
for _ in range(SAMPLES):
    old, new = (summed(waits) for waits in luck.exponential(10, size=(2, USERS)))
    less = OneSidedTreatmentLesserTTest(old, new, config).compute_result()
    greater = OneSidedTreatmentGreaterTTest(old, new, config).compute_result()
    held["less"] += less.ci[0] <= 0 <= less.ci[1]
    held["greater"] += greater.ci[0] <= 0 <= greater.ci[1]
    above += less.expected > less.ci[1]
    agree += (less.p_value < 0.05) == (less.ci[1] < 0)
print(f"intervals of 95 % that hold the true difference, of {SAMPLES}: {held}")
print(f"estimates beyond the end of their interval: {above}; p-value and interval agree in {agree}")
if above != SAMPLES or held["less"] > 0.1 * SAMPLES or held["greater"] < 0.9 * SAMPLES or agree > 0.2 * SAMPLES:
    sys.exit("changed: the interval of the test for less is another one")
EOF
