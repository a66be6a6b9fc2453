#!/usr/bin/env bash
# Crowd-Kit: the skill of the last judge is a random number that no answer changes.
#
# One would expect: NoisyBradleyTerry estimates each judge's skill from the answers. One who tosses a coin gets a low
# one, one who always answers as the items' scores say gets a high one.
# What happens: the gradients of the judges' biases and skills are written one place too far to the left, and each
# answer's overwrites the one before instead of being added to it. The last judge's (by name) is never moved from where
# random_state put it: it is 0.688 with random_state=0 and 0.65 with 2, whether that judge is the only careful one or
# the only one who tosses a coin. Of the gradient by differences the items' part is right, and the judges' is not.
# Why it matters: the model is chosen over plain Bradley-Terry to tell careless judges, people or language models, from
# careful ones. A skill that nobody showed looks like the others, and the others are not to be trusted either.
# Versions: crowd-kit 1.4.2, pandas 2.3.3, numpy 2.4.6, scipy 1.17.1. Seen on 2026-11-30.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check \
  crowd-kit==1.4.2 pandas==2.3.3 numpy==2.4.6 scipy==1.17.1
venv/bin/python - <<'EOF'
import sys
import warnings

import numpy as np
import pandas as pd
from crowdkit.aggregation import NoisyBradleyTerry
from scipy.optimize import approx_fprime

warnings.simplefilter("ignore")
SCORES, JUDGES = [2, 1, 0, -1], 3


def skills(careful, start):
    """What is estimated of 2,000 answers, where these of the judges 0, 1 and 2 see which is better and others guess."""
    random = np.random.default_rng(0)
    answers = []
    for _ in range(2000):
        left, right = random.choice(len(SCORES), 2, replace=False)
        judge = random.integers(JUDGES)
        chance = 1 / (1 + np.exp(SCORES[right] - SCORES[left])) if judge in careful else 0.5
        answers.append((str(judge), left, right, left if random.random() < chance else right))
    data = pd.DataFrame(answers, columns=["worker", "left", "right", "label"])
    return NoisyBradleyTerry(random_state=start).fit(data).skills_.round(3).to_dict()


found = {(name, start): skills(careful, start) for start in (0, 2) for name, careful in (("0, 1", (0, 1)), ("2", (2,)))}
for (name, start), estimates in found.items():
    print(f"random_state {start}, careful: {name}; skills {estimates}")

random = np.random.default_rng(1)
point, judges = random.random(1 + len(SCORES) + 2 * JUDGES), random.integers(JUDGES, size=60)
pairs = np.array([random.choice(len(SCORES), 2, replace=False) + 1 for _ in range(60)])
arguments = (np.column_stack([pairs, pairs[:, 0]]), judges, len(SCORES), JUDGES, 0.0)
given = NoisyBradleyTerry._compute_gradient(point, *arguments)
true = approx_fprime(point, lambda x: NoisyBradleyTerry._compute_log_likelihood(x, *arguments), 1e-6)
print(f"gradient of items: {given[1:4].round(2)}, by differences {true[1:4].round(2)}")
print(f"gradient of judges: {given[5:].round(2)}, by differences {true[5:].round(2)}")
if any(estimates["2"] != {0: 0.688, 2: 0.65}[start] for (_, start), estimates in found.items()):
    sys.exit("changed: the last judge's skill is estimated")
if not np.allclose(given[1:4], true[1:4], atol=1e-3) or given[-1] != 0 or abs(true[-1]) < 0.1:
    sys.exit("changed: the gradient is another one")
EOF
