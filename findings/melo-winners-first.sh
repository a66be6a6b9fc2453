#!/usr/bin/env bash
# melo: where the winner is named first, everybody beats everybody with certainty and all ratings are the same.
#
# One would expect: (large, small, +1) and (small, large, -1) are the same result, so that it does not matter who is
# named first; and biases=0, the default, is no bias, as fit's documentation says.
# What happens: what is usual of all rows is taken for an advantage of being named first, like that of a team at home.
# The usage page says so, and no option turns it off. In a list of winners and losers, as votes are often kept, it
# explains everything: all ratings stay at 0, the large model beats the small one with a chance of 1.000, and the small
# one the large one with 1.000, too. With the same 300 comparisons in random order that is 0.82 and 0.16, with ratings
# of 0.4, 0.1 and -0.5. Where the winner is first in three of four rows it is 0.94 and 0.41.
# Why it matters: nothing is raised, and the loss that fit returns is 0, the best there is.
# Versions: melo 1.1.2, numpy 2.4.6, scipy 1.17.1. Seen on 2026-11-30.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check melo==1.1.2 numpy==2.4.6 scipy==1.17.1
venv/bin/python - <<'EOF'
import sys

import numpy as np
from melo import Melo

random = np.random.default_rng(0)
strengths = {"large": 1.0, "medium": 0.0, "small": -1.0}
games = []
for _ in range(300):
    first, second = random.choice(list(strengths), 2, replace=False)
    won = random.random() < 1 / (1 + np.exp(strengths[second] - strengths[first]))
    games.append((first, second, 1 if won else -1))


def turned(games, share):
    """The same results, with the winner first in about this share of the rows, and else as drawn."""
    lots = np.random.default_rng(1).random(len(games))
    return [(b, a, -v) if v < 0 and lot < share else (a, b, v) for (a, b, v), lot in zip(games, lots)]


def fit(games):
    model = Melo(k=0.1)
    times, later = np.arange(len(games)).astype("datetime64[s]"), np.datetime64(10**6, "s")
    loss = float(model.fit(times, *zip(*games)).mean())
    chances = [round(float(model.probability(later, *pair)), 3) for pair in (("large", "small"), ("small", "large"))]
    return [round(float(model.query_rating(later, name)[0]), 1) + 0.0 for name in strengths], chances, round(loss, 3)


drawn, half, sorted_ = (fit(turned(games, share)) for share in (0, 0.5, 1))
for winners, (ratings, chances, loss) in {"2 of 4": drawn, "3 of 4": half, "all": sorted_}.items():
    print(f"winners first in {winners} rows: ratings {ratings}, large and small beat the other {chances}, loss {loss}")
if drawn[0] != [0.4, 0.1, -0.5] or drawn[1] != [0.822, 0.157]:
    sys.exit("changed: the ratings of comparisons in random order are others")
if sorted_[0] != [0.0, 0.0, 0.0] or sorted_[1] != [1.0, 1.0] or sorted_[2] > 0.01 or not 1.2 < sum(half[1]) < 1.8:
    sys.exit("changed: the winners come out as better, or with other chances")
EOF
