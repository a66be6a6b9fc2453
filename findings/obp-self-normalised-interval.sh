#!/usr/bin/env bash
# Open Bandit Pipeline: the interval of the self-normalised estimate is as wide as that of the one without.
#
# One would expect: a bootstrap interval of an estimate draws passes anew, and makes the estimate of each draw. The
# self-normalised estimate divides by the sum of the weights of just these passes, which is what makes it steady.
# What happens: each pass's reward is divided by the mean weight of the whole log first, and means of the quotients are
# drawn; the sum of the weights stands still. Of a log where all passes have the reward 1 every draw's estimate is
# exactly 1, and the interval of 95 % is 0.92 to 1.09. With rewards of 0 and 1 it is 0.59 to 0.75, as wide as that of
# the plain estimate (0.58 to 0.74); a bootstrap that makes each estimate anew says 0.63 to 0.71.
# Why it matters: the estimator is chosen for its small variance, and nothing of it is left in its interval. Models that
# differ look alike, and ends lie above the largest reward there is.
# Versions: sb-obp 0.5.10 (obp 0.5.7 itself is not for Python 3.11), torch 2.13.0, numpy 1.26.4. Seen on
# 2026-11-30. It is installed with what it imports; the rest of what it names is for other parts of it.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check \
  numpy==1.26.4 torch==2.13.0 pandas==2.3.3 scikit-learn==1.9.1 matplotlib==3.11.2 seaborn==0.13.2 pyyaml==6.0.3 \
  tqdm==4.67.1 mypy-extensions==0.4.4
venv/bin/pip install --quiet --disable-pip-version-check --no-deps sb-obp==0.5.10 pyieoe==0.1.1
venv/bin/python -W ignore - <<'EOF'
import sys

import numpy as np
from obp.ope import InverseProbabilityWeighting, SelfNormalizedInverseProbabilityWeighting

PASSES, DRAWS = 2000, 1000
CHANCES, POLICY, SUCCESS = np.array([0.6, 0.3, 0.1]), np.array([0.1, 0.2, 0.7]), np.array([0.2, 0.5, 0.8])
random = np.random.default_rng(0)
played = random.choice(3, size=PASSES, p=CHANCES)
weights = (POLICY / CHANCES)[played]
drawn = random.integers(PASSES, size=(DRAWS, PASSES))


def intervals(rewards):
    """Of the plain and the self-normalised estimate, and of the latter made anew for each draw."""
    log = {"reward": rewards, "action": played, "pscore": CHANCES[played], "position": np.zeros(PASSES, int)}
    log["action_dist"] = np.tile(POLICY[None, :, None], (PASSES, 1, 1))
    found = []
    for method in (InverseProbabilityWeighting, SelfNormalizedInverseProbabilityWeighting):
        interval = method().estimate_interval(**log, alpha=0.05, n_bootstrap_samples=DRAWS, random_state=1)
        found.append([interval["95.0% CI (lower)"], interval["95.0% CI (upper)"]])
    anew = (weights * rewards)[drawn].sum(1) / weights[drawn].sum(1)
    return np.array([*found, np.quantile(anew, (0.025, 0.975))]).round(2).tolist()


certain = intervals(np.ones(PASSES))
graded = intervals((random.random(PASSES) < SUCCESS[played]).astype(float))
for name, (plain, own, anew) in (("all rewards 1", certain), ("rewards of 0 and 1", graded)):
    print(f"{name}: plain {plain}, self-normalised {own}, made anew for each draw {anew}")
widths = [[round(high - low, 2) for low, high in found] for found in (certain, graded)]
print(f"widths: {widths}")
same = abs(widths[1][0] - widths[1][1]) < 0.02
if certain[2] != [1, 1] or widths[0][1] < 0.15 or not same or widths[1][2] > 0.6 * widths[1][1]:
    sys.exit("changed: the intervals are others")
EOF
