#!/usr/bin/env bash
# nashpy: support enumeration misses equilibria of an ordinary game, without a warning.
#
# One would expect: on a game of 3 x 3 with payoffs of one decimal, support enumeration returns all equilibria.
# What happens: it returns one of three, also with tol=1e-9. The other two are equilibria in exact fractions, but
# their floating-point versions are tested with >= 0 and for equal payoffs to the last bit, which tol does not
# change. The number returned is odd, so that the warning about degenerate games does not come either.
# Why it matters: prices and seconds are decimals; a missed equilibrium looks like a unique one.
# Versions: nashpy 0.0.43, numpy 2.4.6. Seen on 2026-11-28.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check \
  nashpy==0.0.43 numpy==2.4.6 scipy==1.17.1
venv/bin/python - <<'EOF'
import sys
import warnings
from fractions import Fraction as F

import nashpy
import numpy as np

row = np.array([[17, 14, 47], [1, 60, 43], [23, 76, 32]])
column = np.array([[61, 20, 32], [62, 71, 64], [48, 25, 99]])
known = [
    (np.array([F(51, 80), F(0), F(29, 80)]), np.array([F(5, 7), F(0), F(2, 7)])),
    (np.array([F(0), F(74, 81), F(7, 81)]), np.array([F(0), F(11, 27), F(16, 27)])),
]
regrets = [max(max(row @ y) - x @ row @ y, max(x @ column) - x @ column @ y) for x, y in known]
with warnings.catch_warnings(record=True) as caught:
    warnings.simplefilter("always")
    game = nashpy.Game(row / 10, column / 10)
    found = [len(list(game.support_enumeration())), len(list(game.support_enumeration(tol=1e-9)))]
    given = list(game.support_enumeration())
missed = [all(abs(float(x[0]) - one[0]) > 1e-6 for one, _ in given) for x, _ in known]
print(f"equilibria found: {found[0]}, with tol=1e-9 {found[1]}; warnings: {len(caught)}")
print(f"two more, of exact regret {[str(regret) for regret in regrets]}, are missed: {missed}")
if (found, len(caught), regrets, missed) != ([1, 1], 0, [0, 0], [True, True]):
    sys.exit("changed: other equilibria are found")
EOF
