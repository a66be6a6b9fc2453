#!/usr/bin/env bash
# deepsig: the more comparisons one corrects for, the less is corrected; with many of them nothing is.
#
# One would expect: Bonferroni's correction divides the level by the number of comparisons. At a level of 5 % and 45
# comparisons (of ten models with each other) each is tested at 0.1 %, that is with a confidence of 0.9989.
# What happens: aso(num_comparisons=n) adds 0.05 / n to the confidence of 0.95. For two comparisons that is the right
# 0.975. For three it is 0.967 and not 0.983, for 45 it is 0.951, and for a thousand 0.95, as if there were one. The
# bound of the violation ratio, below which a model is called better, is 0.29 for two comparisons and 0.24 for 45 as for
# one; with the confidence that belongs to 45 it is 0.45. multi_aso, which corrects by default, does the same.
# Why it matters: a table of many learners gets as many false winners as without a correction, and says that it has one.
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
import warnings

import numpy as np
from deepsig import aso, multi_aso

warnings.simplefilter("ignore")
random = np.random.default_rng(0)
better, worse = random.normal(0.35, 1, 12), random.normal(0, 1, 12)
OPTIONS = {"num_bootstrap_iterations": 200, "dt": 0.02, "seed": 1, "show_progress": False}

counts = (1, 2, 3, 45, 1000)
corrected = {count: aso(better, worse, num_comparisons=count, **OPTIONS) for count in counts}
right = {count: aso(better, worse, confidence_level=1 - 0.05 / count, **OPTIONS) for count in counts}
added = {count: aso(better, worse, confidence_level=0.95 + 0.05 / count, **OPTIONS) for count in counts[1:]}
for count in counts:
    print(f"{count} comparisons: {corrected[count]:.3f}, at a confidence of 1 - 0.05 / {count} {right[count]:.3f}")
table = multi_aso(np.array([better, worse, *random.normal(0, 1, (8, 12))]), **OPTIONS)[0, 1]
print(f"in a table of ten models, which are 45 comparisons: {table:.3f}")
if not (corrected[2] > corrected[3] > corrected[45] > corrected[1000] and corrected[1000] - corrected[1] < 0.001):
    sys.exit("changed: more comparisons are corrected more")
if not right[1] < right[2] < right[3] < right[45] < right[1000] or abs(corrected[2] - right[2]) > 1e-9:
    sys.exit("changed: the right confidence says something else")
if max(abs(corrected[count] - added[count]) for count in added) > 1e-9 or abs(table - corrected[45]) > 0.02:
    sys.exit("changed: the confidence is corrected in another way")
EOF
