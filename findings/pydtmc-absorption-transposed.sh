#!/usr/bin/env bash
# PyDTMC: the matrix of absorption probabilities is transposed, and square ones look right.
#
# One would expect: rows are the transient states and columns the absorbing ones, as in N R with the fundamental
# matrix N, which the package gives in that order.
# What happens: rows are the absorbing states. With two of each both readings are matrices of 2 x 2; only that columns
# add up to 1, and rows do not, tells them apart.
# Why it matters: the chance that a user who starts with a retry is served in the end is read off as the chance of
# another start, or of leaving.
# Versions: PyDTMC 8.7.0, numpy 1.26.4. Seen on 2026-11-28.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check \
  pydtmc==8.7.0 numpy==1.26.4
venv/bin/python - <<'EOF'
import sys

import numpy as np
from pydtmc import MarkovChain

states = ["fresh", "retrying", "served", "left"]
moves = np.array([[0.0, 0.5, 0.3, 0.2], [0.2, 0.3, 0.1, 0.4], [0, 0, 1, 0], [0, 0, 0, 1]])
chain = MarkovChain(moves.tolist(), states)
absorbed = np.array(chain.absorption_probabilities())
usual = np.array(chain.fundamental_matrix) @ moves[:2, 2:]
sums = usual.sum(1).round(3).tolist()
print(f"from {states[:2]} to {states[2:]} by N R: {usual.round(3).tolist()}, rows add up to {sums}")
print(f"PyDTMC: {absorbed.round(3).tolist()}, rows add up to {absorbed.sum(1).round(3).tolist()}")
if not np.allclose(absorbed, usual.T) or np.allclose(absorbed, usual):
    sys.exit("changed: the matrix is another")
EOF
