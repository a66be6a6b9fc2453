#!/usr/bin/env bash
# vw-estimators: the exact interval of a policy's value holds the truth half of the time, not 95 times in 100.
#
# One would expect: Clopper and Pearson's interval is exact, that is wide enough by construction; an interval of 95 %
# holds the value of the policy in at least 95 of 100 logs.
# What happens: the rewards, weighted with one chance over the other, are divided by the largest weight and counted as
# successes, out of the log's length divided by it. So how many passes the log happens to have of what the policy would
# do counts as known. A model that the log played in one pass of 10, and that succeeds in 9 of 10, is judged right in 57
# of 100 logs; in one pass of 20, in 51. The package's Gaussian interval holds the truth in 95 and 96.
# Why it matters: a new model that is good and was rarely tried is the very case that one evaluates from logs, and the
# interval that promises the most is the narrowest.
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
    """Share of 300 logs whose intervals of 95 % hold what always playing the second model is worth, by method.

    chance: that the log plays it. success: of the first and of the second model. passes: of each log.
    """
    found = np.zeros(2)
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
    return (found / LOGS).round(2).tolist()


tenth, twentieth, poor = held(0.1, (0.3, 0.9), 500), held(0.05, (0.3, 0.9), 1000), held(0.1, (0.3, 0.1), 500)
print("share of logs whose interval of 95 % holds the truth, by Clopper-Pearson and Gaussian:")
print(f"a good model in a tenth of all passes {tenth}, in a twentieth {twentieth}; a poor one in a tenth {poor}")
if not (tenth[0] < 0.65 and twentieth[0] < 0.6 and poor[0] > 0.9 and min(tenth[1], twentieth[1]) > 0.93):
    sys.exit("changed: other intervals hold the truth")
EOF
