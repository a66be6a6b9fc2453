#!/usr/bin/env bash
# evalica: the ranking by eigenvector is upside down, so that the model that loses most comes first.
#
# One would expect: the higher the score the better, as in the other rankings of the package, which are sorted from the
# highest to the lowest score. In the measure that the documentation refers to (Bonacich's), whoever beats those who
# beat others has a high one.
# What happens: eigen takes the eigenvector of the transposed matrix of wins, where a win counts for the loser. Of six
# models where each wins seven of ten games against any that is weaker, the strongest is last and the weakest first, in
# both of its solvers; the eigenvector of the matrix itself, by numpy, has them the other way round, as have counting,
# average_win_rate, bradley_terry, newman, elo and pagerank.
# Why it matters: the rankings are offered side by side and called alike. A leaderboard that takes this one puts the
# models to avoid on top; where models are close it looks like any other ranking.
# Versions: evalica 0.4.2, pandas 3.1.1, numpy 2.4.6, scipy 1.17.1. Seen on 2026-11-30.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check \
  evalica==0.4.2 pandas==3.1.1 numpy==2.4.6 scipy==1.17.1
venv/bin/python - <<'EOF'
import itertools
import sys

import evalica
import numpy as np

MODELS = [f"model {place}" for place in range(1, 7)]
games = [
    (better, worse, evalica.Winner.X if game < 7 else evalica.Winner.Y)
    for game in range(10)
    for better, worse in itertools.combinations(MODELS, 2)
]
ways = ["counting", "average_win_rate", "bradley_terry", "newman", "elo", "pagerank", "eigen"]
scores = {way: getattr(evalica, way)(*zip(*games)).scores for way in ways}
scores["eigen, other solver"] = evalica.eigen(*zip(*games), solver="naive").scores

wins = np.zeros((len(MODELS), len(MODELS)))
for better, worse, winner in games:
    pair = MODELS.index(better), MODELS.index(worse)
    wins[pair if winner == evalica.Winner.X else pair[::-1]] += 1
values, vectors = np.linalg.eig(wins)
numpys = np.abs(np.real(vectors[:, np.argmax(np.real(values))]))
values, vectors = np.linalg.eig(wins.T)
turned = np.abs(np.real(vectors[:, np.argmax(np.real(values))]))
orders = {way: [name.split()[1] for name in found.index] for way, found in scores.items()}
orders["eigenvector by numpy"] = [str(place + 1) for place in np.argsort(-numpys)]
for way, order in orders.items():
    print(f"{way}: {' '.join(order)}")
right = list("123456")
reversed_ways = {way for way, order in orders.items() if order == right[::-1]}
if reversed_ways != {"eigen", "eigen, other solver"} or sum(order == right for order in orders.values()) != 7:
    sys.exit("changed: the models come in another order")
if not np.allclose(scores["eigen"].reindex(MODELS), turned, atol=1e-4):
    sys.exit("changed: these are not the scores of the transposed matrix")
EOF
