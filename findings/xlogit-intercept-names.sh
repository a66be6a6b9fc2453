#!/usr/bin/env bash
# xlogit: intercepts bear the wrong names unless alternatives come in alphabetical order.
#
# One would expect: _intercept.small is the intercept of the alternative named small.
# What happens: the alternative in the first row is the base, and the others' intercepts are listed in the order of
# rows; the names are those of the alphabet, from the second on. With rows in the order small, medium, large, the
# intercepts are those of medium and large, and are named medium and small. With base_alt="small" the base is large,
# and small's intercept is named large. Other coefficients and the likelihood are right, and nothing warns.
# Why it matters: a model's estimated appeal is that of another model. Sort rows by the alternatives' names.
# Versions: xlogit 0.2.7, numpy 2.4.6. Seen on 2026-11-28.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check \
  xlogit==0.2.7 numpy==2.4.6 scipy==1.17.1 pandas==2.3.3
venv/bin/python - <<'EOF'
import sys

import numpy as np
from xlogit import MultinomialLogit

SHARES = {"small": 0.2, "medium": 0.5, "large": 0.3}
USERS = 1000


def intercepts(order, **options):
    """Intercepts of 1,000 users whose choices have just the shares above, rows in the order given."""
    chosen = np.repeat(order, [round(USERS * SHARES[name]) for name in order])
    names = np.tile(order, USERS)
    price = np.random.default_rng(0).normal(size=3 * USERS)
    model = MultinomialLogit()
    model.fit(
        X=price[:, None], y=(names == np.repeat(chosen, 3)).astype(int), varnames=["price"], alts=names,
        ids=np.repeat(np.arange(USERS), 3), fit_intercept=True, verbose=0, **options,
    )
    found = zip(model.coeff_names, model.coeff_, strict=True)
    return {str(name): round(float(value), 1) for name, value in found if str(name).startswith("_")}


def log_shares(base):
    return {name: round(float(np.log(share / SHARES[base])), 1) for name, share in SHARES.items() if name != base}


by_name, by_size = intercepts(["large", "medium", "small"]), intercepts(["small", "medium", "large"])
based = intercepts(["small", "medium", "large"], base_alt="small")
print(f"rows by name: {by_name}, should be {log_shares('large')}")
print(f"rows by size: {by_size}; with base_alt='small': {based}; should be {log_shares('small')}")
wrong = {"_intercept.medium": 0.9, "_intercept.small": 0.4}
wrong_base = {"_intercept.medium": 0.5, "_intercept.large": -0.4}
if by_name != {"_intercept.medium": 0.5, "_intercept.small": -0.4} or by_size != wrong or based != wrong_base:
    sys.exit("changed: the intercepts are others")
EOF
