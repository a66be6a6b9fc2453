#!/usr/bin/env bash
# evalica: a comparison of weight 0 costs both models points, and one of weight 2 makes points from nothing.
#
# One would expect: a weight scales what a comparison counts for, so that one of weight 0 changes no rating, one of
# weight 1/2 moves half as many points, and what one model wins the other loses. In the package's Bradley-Terry, 0 is as
# good as no comparison and 2 as good as two.
# What happens: elo multiplies the points that were scored with the weight, and takes away what was expected as if the
# weight were 1. Of two equals with k = 4, at a weight of 0 both lose 2; at 1/2 the winner gets nothing and the loser
# loses 2; at 2 the winner gets 6 and the loser loses 2. With weights below 1 everybody sinks with every comparison.
# Of five equal models that win half of their comparisons, each of weight 1/2, the one that was compared most often is
# last; with weights of 2 it is first, and the mean of all goes from 1,000 to 2,600.
# Why it matters: weights say how sure a judge was, or how much a slice of traffic counts. Ratings then tell how often a
# model was shown. The bootstrap of the package uses the same weights.
# Versions: evalica 0.4.2, pandas 3.1.1, numpy 2.4.6, scipy 1.17.1. Seen on 2026-11-30.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check \
  evalica==0.4.2 pandas==3.1.1 numpy==2.4.6 scipy==1.17.1
venv/bin/python - <<'EOF'
import sys

import evalica
import numpy as np


def change(weight, solver):
    """Points that the winner and the loser of one comparison of equals get by Elo."""
    found = evalica.elo(["winner"], ["loser"], [evalica.Winner.X], weights=[weight], solver=solver).scores
    return [round(float(found[name]) - 1000, 6) for name in ("winner", "loser")]


changes = {solver: {weight: change(weight, solver) for weight in (0.0, 0.5, 1.0, 2.0)} for solver in ("pyo3", "naive")}
print(f"points of winner and loser by weight: {changes['pyo3']}; the same in both solvers:", end=" ")
print(changes["pyo3"] == changes["naive"])

random = np.random.default_rng(0)
models = ["shown most", "b", "c", "d", "shown least"]
chances = np.array([0.4, 0.25, 0.15, 0.12, 0.08])
pairs = [random.choice(5, 2, replace=False, p=chances) for _ in range(2000)]
left, right = ([models[pair[side]] for pair in pairs] for side in (0, 1))
winners = [evalica.Winner.X if won else evalica.Winner.Y for won in random.random(2000) < 0.5]
counts = {model: left.count(model) + right.count(model) for model in models}
print(f"comparisons of equals: {counts}")
ratings = {
    weight: evalica.elo(left, right, winners, weights=[weight] * 2000).scores.reindex(models)
    for weight in (0.5, 1.0, 2.0)
}
for weight, found in ratings.items():
    print(f"Elo with weights of {weight}: {found.round().astype(int).to_dict()}, on average {found.mean():.0f}")
plain, doubled = (
    evalica.bradley_terry(left, right, winners, weights=[weight] * 2000).scores.reindex(models) for weight in (1.0, 2.0)
)
print(f"Bradley-Terry is the same with weights of 1 and 2: {np.allclose(plain, doubled, atol=1e-4)}")
wanted = {0.0: [-2.0, -2.0], 0.5: [0.0, -2.0], 1.0: [2.0, -2.0], 2.0: [6.0, -2.0]}
if changes != {"pyo3": wanted, "naive": wanted}:
    sys.exit("changed: the points are others")
if not (ratings[0.5].idxmin() == ratings[2.0].idxmax() == "shown most" and np.ptp(ratings[1.0]) < 50):
    sys.exit("changed: ratings do not tell how often a model was shown")
if not (ratings[0.5].mean() < 300 and abs(ratings[1.0].mean() - 1000) < 1e-6 and ratings[2.0].mean() > 2500):
    sys.exit("changed: the mean is another one")
if not np.allclose(plain, doubled, atol=1e-4):
    sys.exit("changed: Bradley-Terry depends on the weight of all")
EOF
