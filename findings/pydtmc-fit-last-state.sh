#!/usr/bin/env bash
# PyDTMC: a state that the data never leave is left for any state, with equal chances.
#
# One would expect: a chain that is fitted to a path which ends in "left" has no way out of "left" (or says that it
# cannot know), as nothing was seen to come after it.
# What happens: its row is 1/3 for each of three states, with maximum likelihood and with a prior, with smoothing and
# without. The chain has no absorbing state, and no warning comes. QuantEcon's estimate_mc raises an error.
# Why it matters: the last state of a session is the one that counts, that the user was served or has left. In the
# fitted chain two thirds of those who left are back a step later.
# Versions: PyDTMC 8.7.0, quantecon 0.11.4, numpy 1.26.4. Seen on 2026-11-28.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check \
  pydtmc==8.7.0 quantecon==0.11.4 numpy==1.26.4
venv/bin/python - <<'EOF'
import sys
import warnings

import numpy as np
from pydtmc import MarkovChain
from quantecon.markov import estimate_mc

warnings.simplefilter("ignore")  # QuantEcon divides by zero before its error
states = ["fresh", "retrying", "left"]
path = ["fresh", "retrying", "fresh", "retrying", "left"]
ways = {"likelihood": ("mle", False), "smoothed": ("mle", True), "prior": ("map", None)}
rows = {}
for way, (fitting, option) in ways.items():
    chain = MarkovChain.fit_sequence(fitting, states, path, option)
    rows[way] = np.round(chain.p[2], 3).tolist()
    absorbing = chain.is_absorbing
    print(f"{way}: from left to {states} with {rows[way]}; an absorbing chain: {absorbing}")
try:
    other = str(estimate_mc([states.index(state) for state in path]).P)
except ValueError as error:
    other = f"ValueError: {error}"
print(f"QuantEcon: {other}")
if any(row != [0.333] * 3 for row in rows.values()) or absorbing or not other.startswith("ValueError"):
    sys.exit("changed: the last state is left in another way")
EOF
