#!/usr/bin/env bash
# QuantEcon and nashpy: a game in small units has other equilibria, or none.
#
# One would expect: payoffs in dollars a token (1e-9) have the equilibria of the same payoffs in dollars.
# What happens: QuantEcon's pure_nash_brute compares payoffs with an absolute tolerance of 1e-8, so all four
# profiles of a prisoner's dilemma come out as equilibria; nashpy's vertex_enumeration returns no equilibrium.
# No warning from either; nashpy's support_enumeration and QuantEcon's are right.
# Why it matters: prices of models are of this size. Rescale payoffs before solving.
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

dilemma = np.array([[3.0, 0.0], [5.0, 1.0]])
seen = {}
for unit in (1.0, 1e-9):
    own = unit * dilemma
    pure = gt.pure_nash_brute(gt.NormalFormGame((gt.Player(own), gt.Player(own))))
    vertices = list(nashpy.Game(own, own.T).vertex_enumeration())
    seen[unit] = (len(pure), len(vertices))
    print(f"unit {unit:g}: QuantEcon finds {len(pure)} pure equilibria, nashpy's vertices give {len(vertices)}")
if seen != {1.0: (1, 1), 1e-9: (4, 0)}:
    sys.exit(f"changed: {seen}")
EOF
