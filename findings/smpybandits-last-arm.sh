#!/usr/bin/env bash
# SMPyBandits: the epsilon-greedy bandit never explores the last arm.
#
# One would expect: with the probability epsilon "fully uniform random exploration", as its documentation says, so that
# each of four arms is explored in a quarter of these passes.
# What happens: the arm is drawn from 0 to the number of arms less one, by a function that leaves the upper end out. The
# last arm is never explored, and of two arms there is nothing to explore but the first. It is played while no arm has
# been paid anything, where ties are broken by lot, and then no more. All variants are the same: epsilon-first,
# epsilon-decreasing and the exponential one. Of four models the first has succeeded once. In the 5,000 passes that
# follow, half of them explorations, the second and the third are played some 800 times each and the last not once.
# (It exploits by the sum of rewards and not by their mean, which is documented.)
# Why it matters: a model that is added goes to the end of the list. It looks as if users had no need of it, and as if
# epsilon-greedy, the plainest of baselines, were worse than it is.
# Versions: SMPyBandits 0.9.7, numpy 1.26.4, scipy 1.13.1 (it cannot be imported with current ones), matplotlib 3.9.4,
# seaborn 0.13.2, pandas 2.2.3, joblib 1.5.2. Seen on 2026-11-30. It is installed with what its policies import, not
# with all that it names.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check \
  numpy==1.26.4 scipy==1.13.1 matplotlib==3.9.4 seaborn==0.13.2 pandas==2.2.3 joblib==1.5.2
venv/bin/pip install --quiet --disable-pip-version-check --no-deps SMPyBandits==0.9.7
MPLBACKEND=agg venv/bin/python -W ignore - <<'EOF'
import contextlib
import io
import random
import sys

import numpy as np

with contextlib.redirect_stdout(io.StringIO()):  # it tells at length what else could be installed
    from SMPyBandits.Policies import EpsilonDecreasing, EpsilonExpDecreasing, EpsilonFirst, EpsilonGreedy

random.seed(0)
np.random.seed(0)


def explored(policy):
    """How often each arm is drawn by a policy that only explores."""
    policy.startGame()
    return np.bincount([policy.choice() for _ in range(4000)], minlength=policy.nbArms).tolist()


draws = {
    "EpsilonGreedy": explored(EpsilonGreedy(4, epsilon=1)),
    "EpsilonFirst": explored(EpsilonFirst(4, horizon=10, epsilon=1)),
    "EpsilonDecreasing": explored(EpsilonDecreasing(4, epsilon=1)),
    "EpsilonExpDecreasing": explored(EpsilonExpDecreasing(4, epsilon=1)),
    "EpsilonGreedy of two": explored(EpsilonGreedy(2, epsilon=1)),
}
for name, found in draws.items():
    print(f"{name}: arms drawn in 4,000 explorations {found}")


policy = EpsilonGreedy(4, epsilon=0.5)
policy.startGame()
policy.getReward(0, 1.0)
counts = np.zeros(4, dtype=int)
for _ in range(5000):
    arm = int(policy.choice())
    policy.getReward(arm, float(np.random.random() < (0.5, 0.1, 0.1, 0.9)[arm]))
    counts[arm] += 1
print(f"passes after the first model's first success: {counts.tolist()}")
if any(found[-1] or min(found[:-1]) < 1000 for found in draws.values()):
    sys.exit("changed: the last arm is explored, or another one is not")
if counts[3] or counts[1:3].min() < 700:
    sys.exit("changed: the last model is played")
EOF
