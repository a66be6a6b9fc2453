#!/usr/bin/env bash
# Crowd-Kit: Bradley-Terry stops after its second round, however many it may do, and ranks models by that.
#
# One would expect: BradleyTerry(n_iter=10_000, tol=1e-12) goes on until the scores no longer change, which is its rule
# for stopping, and returns those of the largest likelihood.
# What happens: the scores of the last round are kept under another name for the same array, so that the new ones are
# compared with themselves. After two rounds the change is 0, and it stops. loss_history_, "a list of loss values during
# training", is empty. Where each model was compared with one or two others, two rounds are far from the end: of models
# that win 6 of 10 against the next one, the first of six is 1.8 times as good as the last, and not 1.5^5 = 7.6 times.
# And a new model that wins 40 of 100 against the best comes below one that wins 75 of 100 against the worst; choix, by
# the same likelihood, has it four times as good.
# Why it matters: it is meant for comparisons of answers, few per pair, where who met whom decides. Rankings come out
# that are little more than shares of games won.
# Versions: crowd-kit 1.4.2, choix 0.4.1, pandas 2.3.3, numpy 2.4.6. Seen on 2026-11-30.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check \
  crowd-kit==1.4.2 choix==0.4.1 pandas==2.3.3 numpy==2.4.6 scipy==1.17.1
venv/bin/python - <<'EOF'
import sys

import choix
import numpy as np
import pandas as pd
from crowdkit.aggregation import BradleyTerry


def scores(results, rounds=10_000):
    """Those of Crowd-Kit and of choix, each adding up to 1, of pairs with the number of games that each of them won."""
    games = [
        (left, right, winner)
        for (left, right), won in results.items()
        for winner, count in zip((left, right), won)
        for _ in range(count)
    ]
    model = BradleyTerry(n_iter=rounds, tol=1e-12).fit(pd.DataFrame(games, columns=["left", "right", "label"]))
    names = model.scores_.index.tolist()
    pairs = [(names.index(winner), names.index(right if winner == left else left)) for left, right, winner in games]
    other = np.exp(choix.ilsr_pairwise(len(names), pairs))
    return model.scores_, pd.Series(other / other.sum(), index=names), model.loss_history_


chain = {pair: (6, 4) for pair in zip("abcde", "bcdef")}
ours, theirs, losses = scores(chain)
ratios = [round(float(found["a"] / found["f"]), 2) for found in (ours, theirs)]
two, one = (scores(chain, rounds)[0] for rounds in (2, 1))
same = np.allclose(ours, two, atol=0) and not np.allclose(ours, one)
print(f"each of six wins 6 of 10 against the next: the first is {ratios[0]} times the last, choix says {ratios[1]}")
print(f"10,000 rounds are two rounds: {same}; losses: {losses}")
ours, theirs, _ = scores({("best", "worst"): (95, 5), ("best", "new"): (60, 40), ("old", "worst"): (75, 25)})
print(f"Crowd-Kit {ours.round(3).to_dict()}; choix {theirs.round(3).to_dict()}")
if ratios != [1.83, 7.59] or not same or losses:
    sys.exit("changed: the first and the last are apart, or it goes on after two rounds")
if not (ours["new"] < ours["old"] and theirs["new"] > 4 * theirs["old"]):
    sys.exit("changed: the ranking is another one")
EOF
