#!/usr/bin/env bash
# pybandits: the doubly robust estimate is wrong where the rewards are known and the propensities are not.
#
# One would expect: doubly robust means that one of the two has to be right. With the right expected rewards the
# estimate of a policy is right whatever the propensities are: what is added is the weighted difference between the
# reward and what was expected of the action that was taken, which is 0 on average.
# What happens: what is taken off the reward is not what was expected of the action taken, but what was expected of the
# policy. That is right on average with the right propensities only. A policy is worth 0.655 in a log whose own means
# are the expected rewards, and so says the direct method. With propensities of 1/2 in place of those of the log (0.8
# and 0.3) DoublyRobust says 0.614 and SelfNormalizedDoublyRobust 0.595. By the definition both are 0.655.
# Why it matters: propensities of a gateway are rarely known, which is why one takes this estimator. All variants in the
# module (switch, shrinkage, sub-Gaussian) build on it.
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
from pybandits.offline_policy_estimator import DirectMethod, DoublyRobust, SelfNormalizedDoublyRobust

SUCCESSES = np.array([[160, 160], [180, 350]])  # of two kinds of users with two models
PASSES = np.array([[800, 200], [300, 700]])
POLICY = np.array([[0.1, 0.9], [0.7, 0.3]])
kind, model, reward = [], [], []
for one in range(2):
    for other in range(2):
        kind += [one] * PASSES[one, other]
        model += [other] * PASSES[one, other]
        reward += [1] * SUCCESSES[one, other] + [0] * (PASSES[one, other] - SUCCESSES[one, other])
kind, model, reward = np.array(kind), np.array(model), np.array(reward)
expected, policy = (SUCCESSES / PASSES)[kind], POLICY[kind]
taken = np.arange(len(kind)), model


def by_definition(propensity):
    weight = policy[taken] / propensity
    direct = (policy * expected).sum(axis=1)
    return round(float(np.mean(direct + weight * (reward - expected[taken]))), 3)


found = {}
right = (PASSES / PASSES.sum(axis=1, keepdims=True))[kind][taken]
for name, propensity in (("the log's propensities", right), ("propensities of 1/2", np.full(len(kind), 0.5))):
    found[name] = [by_definition(propensity)]
    for estimator in (DirectMethod, DoublyRobust, SelfNormalizedDoublyRobust):
        rewards = estimator().estimate_sample_rewards(
            action=model, reward=reward, propensity_score=propensity, estimated_policy=policy, expected_reward=expected
        )
        found[name].append(round(float(rewards.mean()), 3))
    print(f"{name}: by definition, direct, doubly robust and self-normalised {found[name]}")
if list(found.values()) != [[0.655] * 4, [0.655, 0.655, 0.614, 0.595]]:
    sys.exit("changed: the estimates are others")
EOF
