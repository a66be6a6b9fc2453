#!/usr/bin/env bash
# MABWiser: UCB1 never plays an arm that it has not played.
#
# One would expect: an arm without a play has the widest confidence bound, and is tried first.
# What happens: its expectation is 0 without any bound until it has been played once, so that it is never played as
# long as the others pay something: 1,000 rounds pass without the best of three models. With rewards below zero (costs)
# the same arm is played at once. EpsilonGreedy finds it.
# Why it matters: this is what happens to a model that is added to a router (add_arm) or is missing from the log
# that the router starts with.
# Versions: mabwiser 2.7.4. Seen on 2026-11-28.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check \
  mabwiser==2.7.4
venv/bin/python - <<'EOF'
import collections
import sys

from mabwiser.mab import MAB, LearningPolicy

PAYS = {"old": 0.5, "other": 0.6, "new": 1.0}


def plays(policy, sign):
    bandit = MAB(["old", "other"], policy, seed=1)
    bandit.fit(["old", "other"], [sign * PAYS["old"], sign * PAYS["other"]])
    bandit.add_arm("new")
    counts = collections.Counter()
    for _ in range(1000):
        arm = bandit.predict()
        counts[arm] += 1
        bandit.partial_fit([arm], [sign * PAYS[arm]])
    return dict(counts)


ucb, greedy = plays(LearningPolicy.UCB1(1.0), 1), plays(LearningPolicy.EpsilonGreedy(0.1), 1)
costs = plays(LearningPolicy.UCB1(1.0), -1)
print(f"1,000 rounds in which the new arm pays most: UCB1 {ucb}, epsilon-greedy {greedy}")
print(f"the same numbers below zero, UCB1: {costs}")
if "new" in ucb or greedy.get("new", 0) < 500 or "new" not in costs:
    sys.exit("changed: other arms are played")
EOF
