#!/usr/bin/env bash
# ChoiceModels: the same table sorted by alternative has another coefficient.
#
# One would expect: a long table has a row for each choice and alternative, the columns named in the call say which is
# which, and the order of rows does not matter; or, as in xlogit, other orders are refused.
# What happens: of observation_id_col only the number of values is used, and each run of so many rows is taken for one
# choice. Sorted by choice the coefficient of price is -0.95, and -0.62 sorted by alternative, for the same 300 users,
# each with a standard error. A warning is logged that it "did not converge correctly", not why.
# Why it matters: a log joined or pivoted from one table a model comes sorted by model; how much users mind a price is
# then taken for a third less. Sort by the column of choices first.
# Versions: choicemodels 0.3, xlogit 0.2.7, pandas 2.3.3, numpy 2.4.6. Seen on 2026-11-29.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check \
  choicemodels==0.3 xlogit==0.2.7 pandas==2.3.3 numpy==2.4.6 scipy==1.17.1
venv/bin/python - <<'EOF'
import logging
import sys
import warnings

import numpy as np
import pandas as pd
import xlogit
from choicemodels import MultinomialLogit

warnings.simplefilter("ignore")
said = []
logging.getLogger("choicemodels.mnl").addFilter(lambda record: said.append(record.getMessage()))

random = np.random.default_rng(0)
prices = random.normal(size=(300, 3))
chosen = (random.gumbel(size=(300, 3)) - prices).argmax(axis=1)
users, models = (part.ravel() for part in np.indices((300, 3)))
table = pd.DataFrame({"user": users, "model": models, "price": prices.ravel()})
table["chosen"] = (table.model == chosen[users]).astype(int)


def one(rows):
    names = {"observation_id_col": "user", "choice_col": "chosen", "model_expression": "price - 1"}
    found = MultinomialLogit(data=rows, **names).fit().get_raw_results()["fit_parameters"]
    return [round(float(found[name].iloc[0]), 2) for name in ("Coefficient", "Std. Error")]


def other(rows):
    model = xlogit.MultinomialLogit()
    try:
        model.fit(rows[["price"]], rows.chosen, ["price"], alts=rows.model, ids=rows.user, verbose=0)
    except ValueError as error:
        return str(error)
    return round(float(model.coeff_[0]), 2)


seen = {}
for name in ("user", "model"):
    rows = table.sort_values([name, "user"], ignore_index=True)
    seen[name] = (one(rows), len(said), other(rows))
    print(f"sorted by {name}: coefficient and error {seen[name][0]}, xlogit: {seen[name][2]}")
print(f"logged: {said[0][:34]}")
if seen["user"] != ([-0.95, 0.09], 0, -0.95) or seen["model"][0] != [-0.62, 0.08]:
    sys.exit("changed: the coefficients are others")
if seen["model"][1] != 1 or not str(seen["model"][2]).startswith("inconsistent"):
    sys.exit("changed: something else is said about the order")
EOF
