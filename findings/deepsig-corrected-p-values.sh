#!/usr/bin/env bash
# deepsig: corrected p-values are handed to other comparisons than those they belong to.
#
# One would expect: bonferroni_correction(p) gives p-values in the order of p, which its comments say it restores, so
# that the smallest of them is where the smallest p was.
# What happens: they are corrected in ascending order, and put back by the list that had sorted them, not by its
# inverse. For two p-values, and wherever the order comes about by places exchanged in pairs, that is the same. Of 0.03,
# 0.001, 0.02 it makes 0.04, 0.03, 0.003: the smallest p-value goes to the third comparison. Given in ascending order,
# the same three become 0.003, 0.04, 0.03. (Bonferroni's own would be three times each.) Of random lists a third goes
# wrong with three p-values, 58 % with four and 95 % with seven.
# Why it matters: a learner that is no better than another is called better, and the one that is better is not. The
# values themselves are all there, so that nothing looks wrong.
# Versions: deepsig 1.2.8, numpy 2.4.6, scipy 1.17.1, pandas 2.3.3. Seen on 2026-11-30.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check \
  deepsig==1.2.8 numpy==2.4.6 scipy==1.17.1 pandas==2.3.3
venv/bin/python - <<'EOF'
import sys

import numpy as np
from deepsig import bonferroni_correction

random = np.random.default_rng(0)


def wrong(count):
    """Share of 2,000 random lists of p-values that are corrected to others than the same list in ascending order."""
    found = 0
    for _ in range(2000):
        values = random.random(count) / count**2  # so small that nothing is cut at 1
        order = np.argsort(values)
        found += not np.allclose(bonferroni_correction(values)[order], bonferroni_correction(values[order]))
    return found / 2000


values = np.array([0.03, 0.001, 0.02])
mixed, ascending = bonferroni_correction(values).round(3).tolist(), bonferroni_correction(np.sort(values)).round(3)
shares = {count: wrong(count) for count in (2, 3, 4, 7)}
print(f"{values.tolist()} are corrected to {mixed}, in ascending order {np.sort(values)} to {ascending}")
print(f"lists that are corrected otherwise than in ascending order, by their length: {shares}")
if mixed != [0.04, 0.03, 0.003] or ascending.tolist() != [0.003, 0.04, 0.03]:
    sys.exit("changed: the p-values are others")
if shares[2] or not (0.28 < shares[3] < 0.38 and 0.54 < shares[4] < 0.63 and shares[7] > 0.93):
    sys.exit("changed: other lists go wrong")
EOF
