#!/usr/bin/env bash
# EGTtools: the function that is recommended for a chain's stationary distribution returns one that is not stationary.
#
# One would expect: calculate_stationary_distribution_non_hermitian, which the plain sister's documentation says to use
# for matrices that are not Hermitian, returns pi with pi P = pi, as the sister does.
# What happens: for half of all chains of two states, and a sixth of those of three, it does not. It takes a Schur
# vector for the eigenvector of the eigenvalue 1, which it is only where that eigenvalue comes first. Both functions
# want columns that add up to 1; given rows that do, as PairwiseComparison returns them, the sister says 1/n for every
# state of every chain. Nothing is raised either way.
# Why it matters: the distribution looks right (it adds up to 1, with nothing below 0) and may be the uniform one, where
# in truth 60 % of all users are in one of three states. Shares of strategies that evolve are made of it.
# Versions: egttools 0.1.14.2, numpy 2.4.6. Seen on 2026-11-29.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check \
  egttools==0.1.14.2 numpy==2.4.6 scipy==1.17.1
venv/bin/python - <<'EOF'
import sys

import numpy as np
from egttools.analytical import PairwiseComparison
from egttools.games import Matrix2PlayerGameHolder
from egttools.utils import calculate_stationary_distribution as plain
from egttools.utils import calculate_stationary_distribution_non_hermitian as recommended

random = np.random.default_rng(0)


def off(states):
    """Share of 500 random chains of which the recommended function's and the plain one's answer is not stationary."""
    wrong = np.zeros(2)
    for _ in range(500):
        chain = random.dirichlet(np.ones(states), size=states)
        for index, solve in enumerate((recommended, plain)):
            shares = solve(chain.T)
            wrong[index] += np.abs(shares @ chain - shares).max() > 1e-3
    return (wrong / 500).tolist()


chain = np.array([[0.9, 0.1, 0.0], [0.3, 0.4, 0.3], [0.0, 0.05, 0.95]])
seen = {solve.__name__[33:] or "plain": solve(chain.T).round(3).tolist() for solve in (recommended, plain)}
shares = {states: off(states) for states in (2, 3)}
payoffs = np.array([[3.0, 0.0, 1.0], [5.0, 1.0, 0.0], [2.0, 2.0, 2.0]])
game = Matrix2PlayerGameHolder(3, payoffs)
rows, _ = PairwiseComparison(20, game).calculate_transition_and_fixation_matrix_sml(0.2)
right, given = plain(rows.T).round(2).tolist(), plain(rows).round(2).tolist()
print(f"a chain: {seen}; not stationary, recommended and plain: {shares}")
print(f"rows of PairwiseComparison add up to {rows.sum(axis=1).round(6)}: {given}, and transposed {right}")
if seen != {"_non_hermitian": [0.333, 0.333, 0.333], "plain": [0.3, 0.1, 0.6]} or given != [0.33, 0.33, 0.33]:
    sys.exit("changed: the distributions are others")
if not (shares[2][0] > 0.4 and shares[3][0] > 0.1 and shares[2][1] == shares[3][1] == 0) or right != [0.06, 0.09, 0.86]:
    sys.exit("changed: the distributions are right, or wrong elsewhere")
EOF
