#!/usr/bin/env bash
# arena-rank: a leaderboard that is controlled for style is controlled for a twentieth of it, by default.
#
# One would expect: ContextualBradleyTerry takes out what the length of an answer does, "via maximum likelihood
# estimation", as its example of a style-controlled leaderboard says. What is left of a penalty fades as votes add up.
# What happens: the squared coefficients of style count in full (reg=1.0) beside the mean over all votes, not their sum,
# so that the penalty is as heavy as all votes together, however many there are. Of four equal models, who differ in
# length alone, the longest one is 232 points above the shortest with 2,000 votes and 229 with 20,000; without any
# control it is 241. The coefficient is 0.05 where statsmodels finds 1.06, and the intervals of 95 %, some 20 points
# wide, end a hundred points from the truth. With reg=1e-12 the four are within 11 points of each other.
# Why it matters: that a model is no better than it is wordy is just what one wants to learn. The package's own example
# leaves reg at 1.0, and reads off what length is worth.
# Versions: arena-rank 0.1.1, jax 0.8.1, optax 0.2.8, jaxtyping 0.3.11, pandas 3.1.1, statsmodels 0.15.0, numpy 2.3.3.
# Seen on 2026-11-30. arena-rank is installed without datasets, which its models do not need.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check \
  jax==0.8.1 optax==0.2.8 jaxtyping==0.3.11 pandas==3.1.1 statsmodels==0.15.0 numpy==2.3.3
venv/bin/pip install --quiet --disable-pip-version-check --no-deps arena-rank==0.1.1
JAX_PLATFORMS=cpu venv/bin/python - <<'EOF'
import sys

import numpy as np
import pandas as pd
import statsmodels.api as sm
from arena_rank.models.bradley_terry import BradleyTerry
from arena_rank.models.contextual_bradley_terry import ContextualBradleyTerry
from arena_rank.utils.data_utils import ContextualPairDataset, PairDataset

MODELS = np.array(["longest", "longer", "shorter", "shortest"])
USUAL = np.array([1.5, 0.5, -0.5, -1.5])


def votes(count):
    """Comparisons of models that are equally good, by users who like an answer for its length alone."""
    random = np.random.default_rng(0)
    first = random.integers(0, 4, count)
    second = (first + random.integers(1, 4, count)) % 4
    longer = USUAL[first] - USUAL[second] + random.normal(0, 1, count)
    won = random.random(count) < 1 / (1 + np.exp(-0.5 * longer))
    winner = np.where(won, "model_a", "model_b")
    return pd.DataFrame({"model_a": MODELS[first], "model_b": MODELS[second], "winner": winner, "length": longer})


def controlled(log, **options):
    """Ratings, the coefficient of length and the widest interval, controlled for length."""
    dataset = ContextualPairDataset.from_pandas(log, ["length"])
    found = ContextualBradleyTerry(len(MODELS), 1, **options).compute_ratings_and_cis(dataset)
    ratings = pd.Series(np.array(found["ratings"]), index=found["competitors"]).reindex(MODELS)
    width = float(np.max(np.array(found["rating_upper"]) - np.array(found["rating_lower"])))
    return ratings.round().astype(int).to_dict(), round(float(found["coeffs"][0]), 3), round(width)


def statsmodels(log):
    """The coefficient of length, in standard deviations, of a plain logistic regression on models and length."""
    first, second = (pd.get_dummies(log[side])[MODELS[:-1]].astype(float) for side in ("model_a", "model_b"))
    table = first - second
    table["length"] = (log["length"] - log["length"].mean()) / log["length"].std(ddof=0)
    return round(float(sm.Logit((log["winner"] == "model_a").astype(float), table).fit(disp=0).params["length"]), 3)


seen = {}
for count in (2_000, 20_000):
    log = votes(count)
    seen[count] = controlled(log)
    print(f"{count} votes: {seen[count][0]}, coefficient {seen[count][1]}, interval at most {seen[count][2]} wide")
found = BradleyTerry(len(MODELS)).compute_ratings_and_cis(PairDataset.from_pandas(log))
plain = pd.Series(np.array(found["ratings"]), index=found["competitors"]).reindex(MODELS).round().astype(int).to_dict()
free, right = controlled(log, reg=1e-12), statsmodels(log)
print(f"not controlled: {plain}")
print(f"with reg=1e-12: {free[0]}, coefficient {free[1]}; statsmodels' coefficient {right}")


def spread(ratings):
    return ratings["longest"] - ratings["shortest"]


print(f"longest above shortest: {[spread(found[0]) for found in seen.values()]}, not controlled {spread(plain)}")
if not all(spread(found[0]) > 0.93 * spread(plain) and 0.03 < found[1] < 0.06 for found in seen.values()):
    sys.exit("changed: more is controlled for by default")
if abs(free[1] - right) > 0.02 or max(free[0].values()) - min(free[0].values()) > 15 or not 0.9 < right < 1.1:
    sys.exit("changed: without a penalty it is not the maximum of the likelihood")
if not (seen[20_000][2] < 30 and seen[20_000][0]["longest"] - 1000 > 100):
    sys.exit("changed: the interval is another one")
EOF
