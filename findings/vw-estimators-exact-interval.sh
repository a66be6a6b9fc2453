#!/usr/bin/env bash
# vw-estimators: the exact interval of a good model's value misses it in a third of all logs, not in 5 of 100.
#
# One would expect: Clopper and Pearson's interval is exact, that is wide enough by construction; an interval of 95 %
# holds the value of the policy in at least 95 of 100 logs.
# What happens: the rewards, weighted with one chance over the other, are divided by the largest weight and counted as
# successes, out of the log's length divided by it. So how many passes the log happens to have of what the policy would
# do counts as known. What a model is worth that the log played in one pass of 10, and that succeeds in 8 of 10, is
# within the interval in 67 of 100 logs of 2,000 passes. If it succeeds in 9 of 10 that is 57 in logs of 500, and in
# 17 of the others the lower end is not a number, for there are more successes than passes. The package's Gaussian
# interval, twice as wide, holds the truth in 95 and 96.
# Why it matters: a new model that is good and was rarely tried is the very case that one evaluates from logs, and the
# interval that promises the most is the one to be misled by.
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
from estimators.bandits import clopper_pearson, gaussian

LOGS = 300


def held(chance, success, passes):
    """Share of 300 logs with intervals of 95 % that hold what always playing the second model is worth.

    chance: that the log plays it. success: of the first and of the second model. passes: of each log. The first number
    is for Clopper-Pearson, the second for Gaussian intervals; the third is the share of the former with no lower end.
    """
    found = np.zeros(3)
    for seed in range(LOGS):
        random = np.random.default_rng(seed)
        second = random.random(passes) < chance
        rewards = random.random(passes) < np.where(second, success[1], success[0])
        for index, method in enumerate((clopper_pearson, gaussian)):
            interval = method.Interval()
            for played, reward in zip(second, rewards, strict=True):
                interval.add_example(chance if played else 1 - chance, float(reward), float(played))
            low, high = interval.get(0.05)
            found[index] += low <= success[1] <= high
            found[2] += np.isnan(low)
    return (found / LOGS).round(2).tolist()


good, better, poor = held(0.1, (0.3, 0.8), 2000), held(0.1, (0.3, 0.9), 500), held(0.1, (0.3, 0.1), 500)
print("share of logs whose interval of 95 % holds the truth, Clopper-Pearson and Gaussian, and with no lower end:")
print(f"a good model {good}, a better one in short logs {better}, a poor one {poor}")
if good[2] or not (good[0] < 0.75 and better[0] < 0.65 and 0.1 < better[2] < 0.3 and poor[0] > 0.95 and good[1] > 0.93):
    sys.exit("changed: other intervals hold the truth")
EOF
