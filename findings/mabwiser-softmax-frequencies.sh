#!/usr/bin/env bash
# MABWiser: Softmax does not play its arms with softmax's frequencies, nor does it give them out.
#
# One would expect: an arm is played with probability exp(mean / tau) over the sum of all, and predict_expectations
# gives means or these probabilities.
# What happens: these probabilities are made the parameters of a Dirichlet distribution, and the arm with the largest
# draw is played. Of three arms the best one is played in 0.69 of 20,000 rounds where softmax says 0.65.
# predict_expectations returns one such draw, another one at each call. Popularity does the same.
# Why it matters: whoever logs the one or the other as the probability of the arm that was played, and weighs the log
# by it later, gets a wrong estimate.
# Versions: mabwiser 2.7.4, numpy 2.4.6. Seen on 2026-11-28.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check \
  mabwiser==2.7.4 numpy==2.4.6
venv/bin/python - <<'EOF'
import sys

import numpy as np
from mabwiser.mab import MAB, LearningPolicy

TAU, ROUNDS = 0.5, 20_000

means = {"a": 0.5, "b": 1.0, "c": 0.1}
bandit = MAB(list(means), LearningPolicy.Softmax(tau=TAU), seed=1)
bandit.fit(list(means), list(means.values()))
powers = np.exp(np.array(list(means.values())) / TAU)
softmax = (powers / powers.sum()).round(3)
played = [bandit.predict() for _ in range(ROUNDS)]
shares = np.array([played.count(arm) / ROUNDS for arm in means])
draws = [{arm: round(float(x), 3) for arm, x in bandit.predict_expectations().items()} for _ in range(2)]
print(f"softmax {softmax.tolist()}, played {shares.round(3).tolist()} (standard error at most 0.004)")
print(f"predict_expectations, called twice: {draws}")
if shares[1] - softmax[1] < 0.02 or shares[2] > softmax[2] or draws[0] == draws[1]:
    sys.exit("changed: the frequencies or the expectations are others")
EOF
