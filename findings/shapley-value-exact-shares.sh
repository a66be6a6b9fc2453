#!/usr/bin/env bash
# shapley-value: the exact Shapley values of three players add up to less than half of what they earn together.
#
# One would expect: ShapleyValueCalculator, "exact" by the package's own table, hands out the value of all players, and
# each player just its own where nothing is earned by being together.
# What happens: contributions are weighted with s / (n * n * (n - 1)) for a coalition of s, where the weight should be
# (s - 1)! (n - s)! / n!. Three players who are worth 10, 20 and 30 whoever else is there get 4.4, 8.9 and 13.3. Two get
# three quarters of what is theirs, four get 42 %, eight get 129 %. Where one player and either of two others earn 60,
# the shares are 23.3, 6.7 and 6.7 and not 40, 10 and 10, so that they are not in proportion either. ShapleyCombinations
# and the Monte Carlo class of the same package are right.
# Why it matters: this class is the one that takes a function, as one has it when costs or savings are shared among
# users or models. What is not handed out is not missed unless one adds up.
# Versions: shapley-value 0.0.9, pandas 2.3.3. Seen on 2026-11-30.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check shapley-value==0.0.9 pandas==2.3.3 numpy==2.4.6
venv/bin/python - <<'EOF'
import sys
from itertools import combinations

from shapley_value import MonteCarloShapleyValue, ShapleyCombinations, ShapleyValueCalculator


def additive(coalition):
    return float(sum(coalition))


def needed(coalition):
    """The player called 10 earns 60 with any of the others; nobody earns a thing without it or alone."""
    return 60.0 if 10 in coalition and len(coalition) > 1 else 0.0


def shares(values, players):
    return [round(values[player], 2) for player in players]


players = [10, 20, 30]
seen = {}
for game in (additive, needed):
    table = {group: game(group) for size in range(4) for group in combinations(players, size)}
    exact = shares(ShapleyValueCalculator(game, players).calculate_shapley_values(), players)
    other = shares(ShapleyCombinations(players).calculate_shapley_values(table), players)
    drawn = MonteCarloShapleyValue(game, players, num_samples=3000, random_seed=0, n_jobs=1)
    drawn = shares(drawn.calculate_shapley_values(), players)
    seen[game.__name__] = exact, other
    print(f"{game.__name__}: ShapleyValueCalculator {exact}, ShapleyCombinations {other}, Monte Carlo {drawn}")
handed = {}
for number in (2, 3, 4, 8):
    given = ShapleyValueCalculator(additive, list(range(1, number + 1))).calculate_shapley_values()
    handed[number] = round(sum(given.values()) / sum(given), 2)
print(f"share of the whole that is handed out, by number of players: {handed}")
wrong = {"additive": ([4.44, 8.89, 13.33], [10, 20, 30]), "needed": ([23.33, 6.67, 6.67], [40, 10, 10])}
if seen != wrong or handed != {2: 0.75, 3: 0.44, 4: 0.42, 8: 1.29}:
    sys.exit("changed: the shares are others")
EOF
