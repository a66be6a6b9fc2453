#!/usr/bin/env bash
# pybandits: the estimators that should tame large weights keep just these, or change nothing.
#
# One would expect: Switch-DR, with a reference to Wang et al., uses weights up to a threshold and trusts the reward
# model where they are larger; with no threshold it is the doubly robust estimate. The sub-Gaussian estimator of Metelli
# et al. pulls all weights towards 1 the more, the larger its shrinkage_factor is; at 1 they are all 1.
# What happens: SwitchDoublyRobust uses the weights from the threshold on and drops the smaller ones. A log has weights
# of 1/2 and 3, all its rewards are 1, and the reward model knows nothing and says 0. At a threshold of 2 the estimate
# is 0.6 and not 0.4. Without one, which is the default, no reward of the log counts and the estimate is 0 and not 1:
# the direct method. SubGaussianInverseProbabilityWeighting has a function that shrinks weights, which nothing calls: it
# is plain weighting at 0, 0.5 and 1. The sub-Gaussian doubly robust estimator has no shrinkage_factor at all, and is
# plain, too.
# Why it matters: they are taken where few passes of the log are worth as much as all others. A comparison of estimators
# finds Switch-DR to be the worst for variance, or the same as the direct method, and nothing says why.
# Versions: pybandits 8.4.1, numpy 2.4.6, scipy 1.17.1. Seen on 2026-11-30. pybandits is installed with what this module
# imports, not with all that it names.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check \
  numpy==2.4.6 scipy==1.17.1 pydantic==2.14.4 loguru==0.6.0
venv/bin/pip install --quiet --disable-pip-version-check --no-deps pybandits==8.4.1
venv/bin/python - <<'EOF'
import sys

import numpy as np
from pybandits.offline_policy_estimator import (
    DoublyRobust,
    InverseProbabilityWeighting,
    SubGaussianDoublyRobust,
    SubGaussianInverseProbabilityWeighting,
    SwitchDoublyRobust,
)

log = {
    "action": np.array([0] * 8 + [1] * 2),
    "reward": np.ones(10, dtype=int),
    "propensity_score": np.array([0.8] * 8 + [0.2] * 2),
    "estimated_policy": np.array([[0.4, 0.6]] * 10),
    "expected_reward": np.zeros((10, 2)),
}
weights = np.array([0.5] * 8 + [3.0] * 2)


def estimate(estimator, rewards=log["reward"]):
    return round(float(estimator.estimate_sample_rewards(**{**log, "reward": rewards}).mean()), 3)


switch = {}
for threshold in (0.25, 2.0, float("inf")):
    defined = round(float(np.mean(weights * (weights <= threshold))), 3)
    switch[threshold] = estimate(SwitchDoublyRobust(switch_threshold=threshold)), defined
    print(f"Switch-DR, threshold {threshold}: {switch[threshold][0]}, by definition {defined}")
print(f"doubly robust: {estimate(DoublyRobust())}; Switch-DR by default: {estimate(SwitchDoublyRobust())}")
rare = np.array([0] * 8 + [1] * 2)  # here only the passes with the large weight succeed
shrunk = {}
for factor in (0.0, 0.5, 1.0):
    defined = round(float(np.mean(rare * weights / (1 - factor + factor * weights))), 3)
    shrunk[factor] = estimate(SubGaussianInverseProbabilityWeighting(shrinkage_factor=factor), rare), defined
    print(f"sub-Gaussian, shrinkage {factor}: {shrunk[factor][0]}, by definition {defined}")
plain = estimate(InverseProbabilityWeighting(), rare)
print(f"plain weights: {plain}; sub-Gaussian doubly robust: {estimate(SubGaussianDoublyRobust(), rare)}")
if switch != {0.25: (1.0, 0.0), 2.0: (0.6, 0.4), float("inf"): (0.0, 1.0)}:
    sys.exit("changed: Switch-DR uses other weights")
if shrunk != {0.0: (0.6, 0.6), 0.5: (0.6, 0.3), 1.0: (0.6, 0.2)} or plain != 0.6:
    sys.exit("changed: the sub-Gaussian estimator shrinks weights")
EOF
