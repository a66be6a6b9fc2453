#!/usr/bin/env bash
# AdaStop: two learners that are the same are found to differ in one comparison of ten, at a level of 5 %.
#
# One would expect: with alpha=0.05 and two sides, as documented, the family-wise error rate is at most 5 %.
# What happens: the threshold is the quantile of the signed differences of means over all permutations, and what is held
# against it is the absolute difference. So each side has the whole level, and the two together twice as much. Ten
# distinct numbers can be dealt to two learners of five runs each in 252 ways, all equally likely if the learners are
# the same; up to 12 of them may be called different with one stage, and 24 are. With five stages, the default, more
# than 7 % of 300 pairs of equal learners differ. With half the alpha, 12 deals of the 252 are called different.
# Why it matters: the package is there to say how many runs of deep reinforcement learning are enough. What it saves is
# in part the level that it does not keep.
# Versions: adastop 0.1.3, numpy 2.4.6. Seen on 2026-11-30.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check \
  adastop==0.1.3 numpy==2.4.6 pandas==2.3.3 matplotlib==3.10.8
venv/bin/python - <<'EOF'
import sys
from itertools import combinations

import numpy as np
from adastop import MultipleAgentsComparator

RUNS, PAIRS = 5, 300


def differ(draw, stages, alpha, seed=0):
    """Whether two learners are said to differ; `draw` gives what the next five runs of each return."""
    comparator = MultipleAgentsComparator(n=RUNS, K=stages, alpha=alpha, seed=seed)
    returns = {"one": np.array([]), "other": np.array([])}
    while not comparator.is_finished:
        for learner, more in zip(returns, draw(), strict=True):
            returns[learner] = np.append(returns[learner], more)
        comparator.partial_compare(returns, verbose=False)
    return set(comparator.decisions.values()) != {"equal"}


returns = np.random.default_rng(0).normal(size=2 * RUNS)
deals = list(combinations(range(2 * RUNS), RUNS))


def rejected(alpha):
    return sum(differ(lambda: (returns[list(deal)], np.delete(returns, deal)), 1, alpha) for deal in deals)


found = {alpha: rejected(alpha) for alpha in (0.05, 0.025)}
for alpha, number in found.items():
    print(f"alpha={alpha}, one stage: {number} of {len(deals)} deals differ, {number / len(deals):.1%}")
luck = np.random.default_rng(1)
share = np.mean([differ(lambda: luck.normal(size=(2, RUNS)), 5, 0.05, pair) for pair in range(PAIRS)])
print(f"alpha=0.05, five stages: {share:.1%} of {PAIRS} pairs of equal learners differ")
if found != {0.05: 24, 0.025: 12} or share < 0.07:
    sys.exit("changed: equal learners differ less often")
EOF
