#!/usr/bin/env bash
# OpenSpiel: a matrix game that is turned into a heuristic payoff table has other payoffs, and another winner.
#
# One would expect: the expected payoffs of strategies against a population x are M x, of the matrix and of the table
# that from_matrix_game makes of it.
# What happens: the table lists who meets whom without order, and a strategy's payoff is averaged over all meetings that
# it takes part in. There a meeting with another kind counts twice, as either may come first, and one with its own kind
# once, so what a strategy earns among its own kind has half its weight. In a game where two who agree earn 2 on the
# first strategy and 1 on the second, a population with 35 % for the first goes over to the first by the matrix (whose
# mixed equilibrium is at 1/3) and to the second by the table (where it is at 0.37). Members who meet at random earn
# what the matrix says. The documentation describes the average, after a paper, and calls it the expected payoff.
# Why it matters: tables are what one has of games that are known from matches alone (from_match_results); dynamics that
# are made of them have other basins than the game that was played.
# Versions: open-spiel 2.0.2, numpy 2.4.6. Seen on 2026-11-30.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check \
  open-spiel==2.0.2 numpy==2.4.6 scipy==1.17.1 pandas==2.3.3
venv/bin/python - <<'EOF'
import sys

import numpy as np
from open_spiel.python.egt import dynamics, heuristic_payoff_table

PAYOFFS = np.array([[2.0, 0.0], [0.0, 1.0]])
POPULATION = np.array([0.35, 0.65])
table = heuristic_payoff_table.from_matrix_game(PAYOFFS)


def end(payoffs):
    """Share of the first strategy where replicator dynamics end, which start at POPULATION."""
    population = POPULATION
    for _ in range(2_000):
        population = population + 0.01 * dynamics.replicator(population, payoffs(population))
    return round(float(population[0]), 3)


def met(population, members=200_000):
    """Mean payoffs of both strategies among members who meet at random."""
    first, second = np.random.default_rng(0).choice(2, size=(2, members), p=population)
    return [PAYOFFS[first, second][first == strategy].mean() for strategy in range(2)]


expected, own, played = PAYOFFS @ POPULATION, table.expected_payoff(POPULATION), met(POPULATION)
ends = end(PAYOFFS.dot), end(table.expected_payoff)
print(f"payoffs of both strategies: matrix {expected}, table {own.round(3)}, in random meetings {np.round(played, 3)}")
print(f"share of the first strategy in the end: by the matrix {ends[0]}, by the table {ends[1]}")
weights = np.where(np.eye(2), 1, 2) * POPULATION
halved = (weights * PAYOFFS).sum(1) / weights.sum(1)
if not np.allclose(own, halved) or not np.allclose(played, expected, atol=0.01) or ends != (1, 0):
    sys.exit("changed: the table has other payoffs")
EOF
