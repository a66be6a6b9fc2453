#!/usr/bin/env bash
# EGTtools: with three strategies and mutation, its two exact models of one population have different distributions.
#
# One would expect: StochDynamics and PairwiseComparison, with the same payoffs, population, selection and mutation, are
# the same Markov chain, whose probabilities of leaving a state add up to 1.
# What happens: with two strategies they are. With three, StochDynamics does not take the chance that a strategy comes
# in that nobody plays from the chance that nothing changes: the probabilities of a state where one strategy is missing
# add up to 1 + mu / 2, here to 1.05. It calls 42 % of the population users of the second strategy in the long run (mu =
# 0.1, 8 members), where PairwiseComparison, and a simulation, say 32 and 46 % for the second and the third.
# Why it matters: the more popular strategy changes, with no error; a distribution that is normalised hides the sums.
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

import egttools
import numpy as np
from egttools.analytical import PairwiseComparison, StochDynamics
from egttools.games import Matrix2PlayerGameHolder

MEMBERS, SELECTION, MUTATION = 8, 0.3, 0.1
PAYOFFS = np.array([[3.0, 0.0, 1.0], [5.0, 1.0, 0.0], [2.0, 2.0, 2.0]])


def long_run(chain, members):
    """Shares of strategies under the distribution that stays, of a chain whose rows add up to 1."""
    equations = np.vstack([chain.T - np.eye(len(chain)), np.ones(len(chain))])
    staying = np.linalg.lstsq(equations, np.append(np.zeros(len(chain)), 1.0))[0]
    return (staying @ members).round(2).tolist()


def compare(strategies):
    payoffs = np.ascontiguousarray(PAYOFFS[:strategies, :strategies])
    game = Matrix2PlayerGameHolder(strategies, payoffs)
    states = range(egttools.calculate_nb_states(MEMBERS, strategies))
    members = np.array([egttools.sample_simplex(state, MEMBERS, strategies) for state in states]) / MEMBERS
    rows = PairwiseComparison(MEMBERS, game).calculate_transition_matrix(SELECTION, MUTATION).toarray()
    model = StochDynamics(strategies, payoffs, MEMBERS, mu=MUTATION)
    columns = model.calculate_full_transition_matrix(SELECTION).toarray()
    sums = [(found.min().round(4).item(), found.max().round(4).item()) for found in (rows.sum(1), columns.sum(0))]
    own = (model.calculate_stationary_distribution(SELECTION) @ members).round(2).tolist()
    return sums, long_run(rows, members), own


def simulated(steps=200_000):
    random = np.random.default_rng(0)
    counts, total = np.array([3, 3, 2]), np.zeros(3)
    for leaves, comes, new, mutates, imitates in random.random((steps, 5)):
        old = np.searchsorted(counts.cumsum(), leaves * MEMBERS, side="right")
        if mutates < MUTATION:
            copied = (old + 1 + int(2 * new)) % 3
            changes = True
        else:
            others = counts - (np.arange(3) == old)
            copied = np.searchsorted(others.cumsum(), comes * (MEMBERS - 1), side="right")
            fitness = (PAYOFFS @ counts - PAYOFFS.diagonal()) / (MEMBERS - 1)
            changes = imitates < 1 / (1 + np.exp(SELECTION * (fitness[old] - fitness[copied])))
        if changes:
            counts[old] -= 1
            counts[copied] += 1
        total += counts
    return total / steps / MEMBERS


two, three, drawn = compare(2), compare(3), simulated()
for name, (sums, pairwise, own) in (("two", two), ("three", three)):
    print(f"{name} strategies: sums {sums}; PairwiseComparison {pairwise}, StochDynamics {own}")
print(f"simulated: {drawn.round(3)}")
if two[0] != [(1, 1), (1, 1)] or two[1] != two[2] or three[0] != [(1, 1), (1, 1.05)]:
    sys.exit("changed: the sums are others")
if three[1:] != ([0.22, 0.32, 0.46], [0.2, 0.38, 0.42]) or np.abs(drawn - three[1]).max() > 0.01:
    sys.exit("changed: the shares are others")
EOF
