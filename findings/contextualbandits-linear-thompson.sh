#!/usr/bin/env bash
# contextualbandits: linear Thompson sampling draws more widely the more it has seen, and ends as a lottery.
#
# One would expect: LinTS draws coefficients from a posterior that narrows as passes are added, so that in the end the
# best model is nearly always played.
# What happens: with the defaults (sample_from="coef") the spread of what is drawn for one user grows as the square root
# of the number of passes: 6 after 30 of them and 219 after 30,000, for rewards between 0 and 1, as if the matrix that
# should be inverted were not. The loss to the best model stays near that of playing any; a small v_sq only delays it.
# With sample_from="ci", of the same posterior, the spread goes from 0.82 to 0.02 and the loss to 0.001.
# Why it matters: the package's plainest contextual Thompson sampling is one of the usual baselines of a router, and it
# never learns to act; what it has estimated is right (exploit=True plays the best model), so that nothing looks wrong.
# Versions: contextualbandits 0.3.30, numpy 2.4.6, scikit-learn 1.9.1. Seen on 2026-11-29.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check \
  contextualbandits==0.3.30 numpy==2.4.6 scipy==1.17.1 scikit-learn==1.9.1 pandas==2.3.3
venv/bin/python - <<'EOF'
import sys

import numpy as np
from contextualbandits.online import LinTS


def chances(users):
    """Chance that each of three models serves each user, shape (users, 3)."""
    return np.clip(0.5 + 0.2 * users[:, :1] * np.array([1, 0, -1]) + np.array([-0.1, 0.0, 0.1]), 0, 1)


def learned(passes, **options):
    """Spread of what is drawn for one user; mean loss to the best model of 2,000 users, drawn and exploited."""
    random = np.random.default_rng(0)
    users, models = random.normal(size=(passes, 3)), random.integers(0, 3, passes)
    served = random.random(passes) < chances(users)[np.arange(passes), models]
    policy = LinTS(nchoices=3, random_state=1, **options).fit(users, models, served.astype(float))
    others = np.random.default_rng(9).normal(size=(2000, 3))
    spread = policy.decision_function(others[:1].repeat(300, axis=0))[:, 0].std()
    reached = chances(others)
    losses = [
        (reached.max(axis=1) - reached[np.arange(2000), policy.predict(others, exploit=exploit)]).mean()
        for exploit in (False, True)
    ]
    return round(float(spread), 2), *(round(float(loss), 3) for loss in losses)


seen = {}
for name, options in (("defaults", {}), ("v_sq=0.001", {"v_sq": 0.001}), ("sample_from='ci'", {"sample_from": "ci"})):
    seen[name] = [learned(passes, **options) for passes in (30, 3_000, 30_000)]
    print(f"{name}: spread, loss, loss with exploit=True after 30, 3,000 and 30,000 passes: {seen[name]}")
first, _, last = seen["defaults"]
if not (last[0] > 20 * first[0] and last[1] > 0.15 and last[2] < 0.01 and seen["v_sq=0.001"][2][1] > 0.15):
    sys.exit("changed: draws narrow with the number of passes")
if not (seen["sample_from='ci'"][2][0] < 0.05 and seen["sample_from='ci'"][2][1] < 0.01):
    sys.exit("changed: draws from the interval are others")
EOF
