#!/usr/bin/env bash
# StaTDS: corrected for many comparisons, five learners that are the same differ in nine tables of ten.
#
# One would expect: Holland's and Finner's corrections, like Holm's, find a difference among equals in 5 of 100 tables
# at most, and "Reject H0" stands where the adjusted p-value is at most alpha.
# What happens: the level for each comparison has its power upside down, 1 - (1 - alpha)^k where it should be
# 1 - (1 - alpha)^(1/k). For ten comparisons the smallest p-value is tested at 0.40 and not at 0.005, for 45 at 0.90.
# Results are told by that level, so that "Reject H0" stands beside an adjusted p-value of 0.76. Of tables of five equal
# columns over 15 environments holland and finner reject something in nine of ten. shaffer rejects by p-values that are
# not corrected, and so in more than one of ten; holm in hardly any.
# Adjusted p-values are no help: where one is carried on from the comparison before, holm, holland and finner put it
# down for that one once more. In most tables of learners that differ Holm's stand beside other comparisons than they
# should, and decrease where p-values increase. Those of bonferroni and hommel are right.
# Why it matters: learners are compared by such tables, and corrected ones look safe.
# Versions: statds 1.1.7, pandas 3.1.1, numpy 2.4.6, matplotlib 3.11.2. Seen on 2026-11-30.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check \
  statds==1.1.7 pandas==3.1.1 numpy==2.4.6 matplotlib==3.11.2
MPLBACKEND=agg venv/bin/python - <<'EOF'
import sys

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from statds.no_parametrics import bonferroni, finner, friedman, holland, holm, shaffer

random = np.random.default_rng(1)


def judged(procedure, scores):
    """The comparisons that a procedure makes of scores, one column for each learner."""
    table = pd.DataFrame(scores, columns=[f"learner {number}" for number in range(scores.shape[1])])
    table.insert(0, "environment", range(len(table)))
    found = procedure(friedman(table)[0], len(table))[0]
    plt.close("all")
    return found


def wrong(procedure, adjust, scores):
    """Whether adjusted p-values are others than those that `adjust` makes of ascending p-values."""
    found = judged(procedure, scores).sort_values("p-value", kind="stable")
    right = np.minimum(np.maximum.accumulate(adjust(found["p-value"].to_numpy())), 1)
    return not np.allclose(found["Adjusted p-value"], right)


one = judged(holland, random.normal(size=(15, 5)))
first = one.loc[one["p-value"].idxmin()]
print(f"holland, ten comparisons: p {first['p-value']:.3f}, adjusted p {first['Adjusted p-value']:.2f},", end=" ")
print(f"level {first['Adjusted alpha']:.3f} where {1 - 0.95**0.1:.3f} is due: {first['Results']}")
many = judged(holland, random.normal(size=(15, 10)))["Adjusted alpha"].max()
print(f"the level of the smallest of 45 p-values: {many:.2f}")

tables = [random.normal(size=(15, 5)) for _ in range(40)]
rejected = {}
for procedure in (holm, holland, finner, shaffer):
    found = [(judged(procedure, scores)["Results"] == "Reject H0").any() for scores in tables]
    rejected[procedure.__name__] = float(np.mean(found))
print(f"share of {len(tables)} tables of equals in which something is rejected: {rejected}")
tables = [random.normal(size=(15, 5)) + 0.3 * np.arange(5) for _ in range(20)]
shares = {
    "holm": np.mean([wrong(holm, lambda values: values * np.arange(10, 0, -1), scores) for scores in tables]),
    "bonferroni": np.mean([wrong(bonferroni, lambda values: values * 10, scores) for scores in tables]),
}
print(f"share of {len(tables)} tables of others in which adjusted p-values are wrong:", end=" ")
print(", ".join(f"{name} {share:.2f}" for name, share in shares.items()))
if not (np.isclose(first["Adjusted alpha"], 1 - 0.95**10) and np.isclose(many, 1 - 0.95**45)):
    sys.exit("changed: the level is another one")
if first["Results"] != "Reject H0" or round(first["Adjusted p-value"], 2) != 0.76:
    sys.exit("changed: results are told in another way")
if min(rejected["holland"], rejected["finner"]) < 0.8 or not rejected["holm"] < 0.1 < rejected["shaffer"] < 0.5:
    sys.exit("changed: equals are rejected more or less often")
if shares["holm"] < 0.6 or shares["bonferroni"]:
    sys.exit("changed: adjusted p-values are others")
EOF
