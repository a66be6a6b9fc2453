#!/usr/bin/env bash
# PyGini: the index of small or negative numbers is another one, and the numbers themselves are changed.
#
# One would expect: the Gini index does not depend on the unit, and computing it leaves the data as they were.
# What happens: 1e-8 is added to every number. In dollars a token, 1e-9 and up, an index of 0.44 becomes 0.12. If a
# number is negative, the least one is taken from all first: 3, -1, 2 and 0 have 0.44 where inequality and inequalipy
# say 0.88. With an axis all of this is done in the caller's own array: a mean of 1 is 2 afterwards.
# Why it matters: costs of tokens are small, and net values of users may be below 0. Whatever is computed from these
# after somebody has asked how unequal they are is wrong as well.
# Versions: pygini 1.0.1, inequality 1.1.2, inequalipy 1.0.5, numpy 2.4.6. Seen on 2026-11-29.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check \
  pygini==1.0.1 inequality==1.1.2 inequalipy==1.0.5 numpy==2.4.6
venv/bin/python - <<'EOF'
import sys

import inequalipy
import numpy as np
import pygini
from inequality.gini import Gini


def index(values):
    values = np.array(values)
    return [round(float(found), 2) for found in (pygini.gini(values), inequalipy.gini(values), Gini(values).g)]


dollars, small, below = index([1.0, 2, 3, 10]), index([1e-9, 2e-9, 3e-9, 1e-8]), index([3.0, -1, 2, 0])
print(f"PyGini, inequalipy, inequality: dollars {dollars}, billionths of them {small}, one below zero {below}")

values = np.array([[3.0, -1.0, 2.0, 0.0], [1.0, 2.0, 3.0, 4.0]])
before = values.mean(axis=1).tolist()
pygini.gini(values, axis=1)
after = values.mean(axis=1).round(3).tolist()
print(f"means of two groups before {before} and after {after} their indices were asked for")
if dollars != [0.44] * 3 or small != [0.12, 0.44, 0.44] or below != [0.44, 0.88, 0.88]:
    sys.exit("changed: the indices are others")
if before != [1.0, 2.5] or after != [2.0, 3.5]:
    sys.exit("changed: the data are left as they were")
EOF
