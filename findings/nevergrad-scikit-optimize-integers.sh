#!/usr/bin/env bash
# Nevergrad and scikit-optimize: the smallest and the largest whole number are drawn half as often as the others.
#
# One would expect: random search, and the first points of a search, draw 0, 1 and 2 equally often.
# What happens: a real number between 0 and 2 is drawn and rounded, so that 1 gets half of all draws and 0 and 2 a
# quarter each. In scikit-optimize this comes with the optimiser; the space alone draws all three equally often, as
# does Optuna.
# Why it matters: numbers of retries or of models have few values, and the ends (never, always) are often the answer;
# with 0 and 1 only there is nothing to see.
# Versions: nevergrad 1.0.12, scikit-optimize 0.10.2, optuna 5.0.0. Seen on 2026-11-28.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check \
  nevergrad==1.0.12 scikit-optimize==0.10.2 optuna==5.0.0
venv/bin/python - <<'EOF'
import collections
import sys

import nevergrad
import optuna
from skopt import Optimizer
from skopt.space import Integer, Space

DRAWS = 3000
optuna.logging.disable_default_handler()


def shares(values):
    counts = collections.Counter(int(value) for value in values)
    return [round(counts[value] / DRAWS, 2) for value in range(3)]


number = nevergrad.p.Scalar(lower=0, upper=2).set_integer_casting()
number.random_state.seed(0)
search = nevergrad.optimizers.RandomSearch(parametrization=number, budget=DRAWS)
optimizer = Optimizer([Integer(0, 2)], n_initial_points=DRAWS, random_state=0)
study = optuna.create_study(sampler=optuna.samplers.RandomSampler(seed=0))
study.optimize(lambda trial: trial.suggest_int("x", 0, 2), n_trials=DRAWS)
seen = {
    "nevergrad": shares(search.ask().value for _ in range(DRAWS)),
    "scikit-optimize": shares(row[0] for row in optimizer.space.rvs(DRAWS, random_state=0)),
    "its space alone": shares(row[0] for row in Space([Integer(0, 2)]).rvs(DRAWS, random_state=0)),
    "optuna": shares(trial.params["x"] for trial in study.trials),
}
print(f"shares of 0, 1 and 2: {seen}")
halved = [max(share[0], share[2]) < 0.29 < 0.46 < share[1] for share in seen.values()]
if halved != [True, True, False, False]:
    sys.exit("changed: the shares are others")
EOF
