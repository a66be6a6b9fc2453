#!/usr/bin/env bash
# StaTDS: two learners differ if the better one is in the first column, and are the same if it is in the second.
#
# One would expect: a t-test of two columns has the same p-value in either order, and rejects at the level alpha.
# What happens: p is twice the chance of a t above the one that was found, sign and all. Where the first column has the
# smaller mean it lies near 2, and the answer is "Same distributions", however far the two are apart: for 20 pairs that
# all differ by about 1, t is -16 and p is 2. The other way round p is 2e-12, as in SciPy. And "Different" is said
# wherever t is above the quantile of a test with one side, beside p-values of up to 0.1. So a difference that is there
# in fact is missed in one of the two orders, and of equals one of 20 differs in each. It is the same for pairs
# (t_test_paired) and without (t_test_unpaired).
# Why it matters: which of two learners is named first is chance. Whoever names the baseline first and measures returns
# is told that no improvement is one.
# Versions: statds 1.1.7, scipy 1.17.1, pandas 3.1.1, numpy 2.4.6, matplotlib 3.11.2. Seen on 2026-11-30.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check \
  statds==1.1.7 scipy==1.17.1 pandas==3.1.1 numpy==2.4.6 matplotlib==3.11.2
venv/bin/python - <<'EOF'
import sys

import numpy as np
import pandas as pd
import scipy.stats
from statds.parametrics import t_test_paired, t_test_unpaired

random = np.random.default_rng(0)
baseline = random.normal(0, 1, 20)
better = baseline + random.normal(1, 0.4, 20)
close = baseline + np.tile([0.125, -0.075, 0.165, -0.035], 5)


def asked(test, first, second):
    """t, p and what the test says of two columns in this order."""
    statistic, p, _, answer = test(pd.DataFrame({"first": first, "second": second}))
    return round(float(statistic), 2), float(p), answer.split("(")[1].rstrip(")")


found = {}
for test, other in ((t_test_paired, scipy.stats.ttest_rel), (t_test_unpaired, scipy.stats.ttest_ind)):
    for name, columns in {"baseline first": (baseline, better), "baseline second": (better, baseline)}.items():
        found[test.__name__, name] = asked(test, *columns), float(other(*columns).pvalue)
        (statistic, p, answer), right = found[test.__name__, name]
        print(f"{test.__name__}, {name}: t {statistic}, p {p:.4g}, {answer}; SciPy's p {right:.4g}")
statistic, p, answer = asked(t_test_paired, close, baseline)
print(f"a smaller difference: t {statistic}, p {p:.3f}, {answer}")
for (name, order), ((t, chance, said), right) in found.items():
    if order == "baseline first" and not (t < -3 and chance > 1.99 and said == "Same distributions" and right < 0.001):
        sys.exit(f"changed: {name} finds what lies below")
    if order == "baseline second" and not (np.isclose(chance, right, rtol=0.01) and said == "Different distributions"):
        sys.exit(f"changed: {name} does not find what lies above")
if not 0.05 < p < 0.1 or answer != "Different distributions":
    sys.exit("changed: what is not significant by two sides is not said to be different")
EOF
