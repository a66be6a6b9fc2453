#!/usr/bin/env bash
# SCOPE-RL: Hoeffding's interval of a policy's value gets wider the more episodes there are.
#
# One would expect: the interval shrinks with the root of the number n of episodes, as in the formula that its
# documentation shows, where n stands below the line.
# What happens: n is multiplied where it should divide. Rewards of 0 and 1 have a value of 0.5 give or take 4.3 with ten
# episodes, 14 with a hundred and 136 with ten thousand, where the formula says 0.43, 0.14 and 0.014. The interval by
# the empirical Bernstein inequality shrinks as it should. That by Student's distribution is off, too, if not as far:
# asked for 95 %, it leaves 5 % out at either end, and holds the mean of normal rewards in 90 of 100 logs, SciPy's in
# 95.
# Why it matters: policies are deployed by their lower bounds. By Hoeffding's none is ever good enough, least of all
# with a long log; by Student's one in twenty is worse than its bound, and not one in forty.
# Versions: scope-rl 0.2.1, installed without torch and d3rlpy, which these functions do not need; gym 0.26.2, scipy
# 1.17.1, numpy 2.4.6. Seen on 2026-11-30.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check gym==0.26.2 scipy==1.17.1 numpy==2.4.6 scikit-learn==1.9.1
venv/bin/pip install --quiet --disable-pip-version-check --no-deps scope-rl==0.2.1
venv/bin/python - <<'EOF'
import contextlib
import io
import sys

import numpy as np
from scipy import stats

with contextlib.redirect_stderr(io.StringIO()):  # gym says that it is old
    from scope_rl.utils import estimate_confidence_interval_by_empirical_bernstein as bernstein
    from scope_rl.utils import estimate_confidence_interval_by_hoeffding as hoeffding
    from scope_rl.utils import estimate_confidence_interval_by_t_test as t_test

random = np.random.default_rng(0)
widths = {}
for episodes in (10, 100, 10_000):
    rewards = np.arange(episodes) % 2.0
    found = []
    for kind in (hoeffding, bernstein):
        mean, lower, _ = kind(rewards, alpha=0.05).values()
        found.append(mean - lower)
    found.append(np.sqrt(np.log(2 / 0.05) / (2 * episodes)))
    widths[episodes] = [float(f"{width:.2g}") for width in found]
    print("{} episodes: 0.5 give or take {} (Bernstein: {}), by the formula {}".format(episodes, *widths[episodes]))
held = np.zeros(2)
for _ in range(4000):
    rewards = random.normal(size=20)
    _, lower, upper = t_test(rewards, alpha=0.05).values()
    low, high = stats.ttest_1samp(rewards, 0).confidence_interval(0.95)
    held += [lower <= 0 <= upper, low <= 0 <= high]
shares = (held / 4000).round(3).tolist()
print(f"intervals of 95 % by Student's distribution that hold the mean: {shares[0]}, SciPy's {shares[1]}")
if list(widths.values()) != [[4.3, 1.4, 0.43], [14, 0.22, 0.14], [140, 0.014, 0.014]]:
    sys.exit("changed: Hoeffding's interval is of another width")
if not (0.88 < shares[0] < 0.92 and 0.93 < shares[1] < 0.97):
    sys.exit("changed: Student's interval holds the mean in another share of logs")
EOF
