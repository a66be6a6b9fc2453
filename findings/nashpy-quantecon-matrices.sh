#!/usr/bin/env bash
# nashpy and QuantEcon: the same matrices are another game.
#
# One would expect: a game made of one square matrix, or of two, is the same game in both libraries.
# What happens: one matrix is a zero-sum game in nashpy and a symmetric game in QuantEcon. Of two matrices, nashpy
# lets the row player's action lead in both; QuantEcon lets each player's own action lead, so the second one has to
# be handed over transposed. Square games raise no error either way.
# Why it matters: results of the two are often held against each other, and nothing says that the games differ.
# Versions: quantecon 0.11.4, nashpy 0.0.43. Seen on 2026-11-28.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check \
  quantecon==0.11.4 nashpy==0.0.43 numpy==2.4.6 scipy==1.17.1
venv/bin/python - <<'EOF'
import sys

import nashpy
import numpy as np
import quantecon.game_theory as gt

chicken = np.array([[0.0, 7.0], [2.0, 6.0]])
one = (nashpy.Game(chicken)[[1, 0], [0, 1]].tolist(), gt.NormalFormGame(chicken)[0, 1].tolist())
first, second = np.array([[1.0, 2.0], [3.0, 4.0]]), np.array([[5.0, 6.0], [7.0, 8.0]])
two = (
    nashpy.Game(first, second)[[1, 0], [0, 1]].tolist(),
    gt.NormalFormGame((gt.Player(first), gt.Player(second)))[0, 1].tolist(),
)
print(f"row plays the first action, column the second: one matrix pays {one[0]} in nashpy, {one[1]} in QuantEcon,")
print(f"two matrices pay {two[0]} in nashpy and {two[1]} in QuantEcon")
if (one, two) != (([7, -7], [7, 2]), ([2, 6], [2, 7])):
    sys.exit("changed: the payoffs are others")
EOF
