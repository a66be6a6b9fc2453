#!/usr/bin/env bash
# pymdptoolbox: value iteration returns values that are a fifth of the true ones; the policy alone is right.
#
# One would expect: V of an algorithm whose epsilon is 0.01 is within about that of the value of its policy.
# What happens: on the package's own example, discount 0.9, ValueIteration ends after 4 rounds with V = 5.05 in the first
# state, where PolicyIteration has 26.24, which is what solving the linear system gives. It stops when the policy is
# near the best, by the span of the last change, and does not move the values by what is still to come.
# PolicyIterationModified says 21.81 and ValueIterationGS 25.58.
# Why it matters: whoever compares what policies are worth, or takes V for the cost of an equilibrium, gets another
# ranking of games.
# Versions: pymdptoolbox 4.0b3, numpy 2.4.6. Seen on 2026-11-29.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check pymdptoolbox==4.0b3 numpy==2.4.6
venv/bin/python - <<'EOF'
import sys

import numpy as np
from mdptoolbox import example, mdp

moves, rewards = example.forest()
found = {}
for kind in ("ValueIteration", "PolicyIterationModified", "ValueIterationGS", "PolicyIteration"):
    solver = getattr(mdp, kind)(moves, rewards, 0.9)
    solver.run()
    found[kind] = solver.policy, round(float(solver.V[0]), 2)
policy = list(found["PolicyIteration"][0])
chain, paid = moves[policy, range(3)], rewards[range(3), policy]
true = round(float(np.linalg.solve(np.eye(3) - 0.9 * chain, paid)[0]), 2)
for kind, (chosen, value) in found.items():
    print(f"{kind}: policy {chosen}, V of the first state {value}")
print(f"the linear system: {true}")
if len({chosen for chosen, _ in found.values()}) != 1 or [v for _, v in found.values()] != [5.05, 21.81, 25.58, 26.24]:
    sys.exit("changed: the values are others")
EOF
