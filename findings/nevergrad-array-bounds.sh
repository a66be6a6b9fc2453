#!/usr/bin/env bash
# Nevergrad: random search in Array(lower=0, upper=1) hardly looks near the bounds; with the same set later it does.
#
# One would expect: Array(shape=(1,), lower=0, upper=1) and Array(shape=(1,)).set_bounds(0, 1) are the same, and random
# search draws from both, as from Scalar(lower=0, upper=1), uniformly.
# What happens: the first one is drawn from a bell around the middle: one draw in 15 falls into the outer two fifths,
# where the others have two in five.
# Why it matters: a random search over probabilities, the yardstick for other searches, misses 0 and 1, and which of
# two ways a bound is written in decides it.
# Versions: nevergrad 1.0.12, numpy 2.4.6. Seen on 2026-11-28.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check \
  nevergrad==1.0.12 numpy==2.4.6
venv/bin/python - <<'EOF'
import sys
import warnings

import nevergrad as ng
import numpy as np

DRAWS = 3000
warnings.simplefilter("ignore")  # advice on how wide bounds should be


def outer(parameter):
    """The share of draws in the outer two fifths."""
    parameter.random_state.seed(0)
    search = ng.optimizers.RandomSearch(parametrization=parameter, budget=DRAWS)
    draws = np.array([np.squeeze(search.ask().value) for _ in range(DRAWS)])
    return round(float(np.mean((draws < 0.2) | (draws > 0.8))), 2)


together = outer(ng.p.Array(shape=(1,), lower=0, upper=1))
later = outer(ng.p.Array(shape=(1,)).set_bounds(0, 1))
scalar = outer(ng.p.Scalar(lower=0, upper=1))
print(f"draws in the outer two fifths: Array with bounds {together}, set later {later}, Scalar {scalar}")
if together > 0.1 or min(later, scalar) < 0.35:
    sys.exit("changed: the shares are others")
EOF
