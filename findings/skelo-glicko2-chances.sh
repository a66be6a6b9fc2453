#!/usr/bin/env bash
# skelo: Glicko-2's chances are far too sure, and depend on which of the two models is named first.
#
# One would expect: the chance that a model beats another one is that of Glickman's paper, to which the method refers.
# It counts how uncertain both ratings are, and is the same in whichever order the two models are named.
# What happens: compute_prob weakens a difference by the uncertainty of the first rating alone, in the wrong unit, and
# multiplies it with that of both. For ratings of 1700 and 1500, each uncertain by 50, it says 0.95, Glickman 0.75. If
# the weaker one is uncertain by 200 the stronger one wins with 0.9998 if it is named first and with 0.90 if it is named
# second; Glickman says 0.72. predict_proba gives the second model what is left to 1, so that each row looks right. Of
# 2,000 comparisons of five models, each predicted from those before it, the log loss is 0.81, above a coin's 0.69.
# Glickman's formula with skelo's own ratings makes 0.60, the plain Elo of the same package 0.59.
# Why it matters: who compares rating systems by their loss, as the package is made for, finds Glicko-2 to be worse than
# nothing; and what a router expects of a new model, of which little is known, depends on the column that it is in.
# Versions: skelo 0.1.5, glicko2 2.1.0, pandas 2.3.3, scikit-learn 1.9.1, numpy 2.4.6. Seen on 2026-11-30.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check \
  skelo==0.1.5 glicko2==2.1.0 pandas==2.3.3 scikit-learn==1.9.1 numpy==2.4.6
venv/bin/python - <<'EOF'
import sys

import numpy as np
import pandas as pd
from skelo.model.elo import EloEstimator
from skelo.model.glicko2 import Glicko2Estimator, Glicko2Model

SCALE = np.log(10) / 400


def glickman(first, second):
    """The chance that the first wins, of ratings that are (rating, deviation, volatility), as in Glicko's paper."""
    weight = 1 / np.sqrt(1 + 3 * SCALE**2 * (first[1] ** 2 + second[1] ** 2) / np.pi**2)
    return 1 / (1 + 10 ** (-weight * (first[0] - second[0]) / 400))


def both(first, second, chance):
    return [round(float(found), 4) for found in (chance(first, second), 1 - chance(second, first))]


cases = {deviation: ((1700, 50, 0.06), (1500, deviation, 0.06)) for deviation in (50, 200)}
seen = {deviation: both(*case, Glicko2Model.compute_prob) for deviation, case in cases.items()}
right = {deviation: both(*case, glickman) for deviation, case in cases.items()}
for deviation in cases:
    print(f"1700 by 50, 1500 by {deviation}: skelo {seen[deviation]}, Glickman {right[deviation]}, in the two orders")

random = np.random.default_rng(0)
strengths = np.linspace(-1, 1, 5)
pairs = np.array([random.choice(5, 2, replace=False) for _ in range(2000)])
won = random.random(len(pairs)) < 1 / (1 + np.exp(strengths[pairs[:, 1]] - strengths[pairs[:, 0]]))
games = pd.DataFrame({"first": pairs[:, 0], "second": pairs[:, 1], "time": np.arange(1, len(pairs) + 1)})


def loss(chances):
    return round(float(-np.log(np.where(won, chances, 1 - chances)).mean()), 2)


glicko, elo = (kind("first", "second", "time").fit(games, won) for kind in (Glicko2Estimator, EloEstimator))
get = glicko.rating_model.get
ratings = [[get(model, time)["rating"] for model in pair] for time, pair in enumerate(pairs.tolist(), start=1)]
losses = {
    "skelo": loss(glicko.predict_proba(games)["pr1"]),
    "Glickman": loss(np.array([glickman(*pair) for pair in ratings])),
    "Elo": loss(elo.predict_proba(games)["pr1"]),
}
print(f"log loss of {len(games)} predictions: {losses}")
if seen != {50: [0.9503, 0.9503], 200: [0.9998, 0.8959]} or right != {50: [0.7546, 0.7546], 200: [0.7238, 0.7238]}:
    sys.exit("changed: the chances are others")
if not losses["skelo"] > 0.7 > 0.65 > max(losses["Glickman"], losses["Elo"]):
    sys.exit("changed: the predictions are better")
EOF
