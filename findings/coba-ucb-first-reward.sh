#!/usr/bin/env bash
# coba: the UCB bandit forgets the first reward of each arm.
#
# One would expect: an arm's mean is that of all its rewards, in whatever order they came.
# What happens: the second reward takes the place of the first one instead of being averaged with it; from the third on
# averages are right, of all rewards but the first. The variance leaves the first one out as well. An arm that paid 0
# and then 1 is worth 1, one that paid 1 and then 0 is worth 0, and the first is played. The means of the epsilon-greedy
# bandit of the same module are 1/2 each.
# Why it matters: new models are judged by their first passes. Here one of two equal ones is shut out for the order in
# which one success and one failure came, and comparisons of UCB with other bandits start a round late.
# Versions: coba 8.1.0. Seen on 2026-11-30.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check \
  coba==8.1.0
venv/bin/python - <<'EOF'
import sys

from coba.learners import BanditEpsilonLearner, BanditUCBLearner

ARMS = ["rose", "fell"]


def chances(learner, rounds):
    """Chances of both arms, after so many pairs of rewards: 0 and 1 to the first arm, 1 and 0 to the second."""
    for _ in range(rounds):
        for arm, rewards in zip(ARMS, ((0, 1), (1, 0)), strict=True):
            for reward in rewards:
                learner.learn(None, arm, reward, 1.0)
    return [learner.score(None, ARMS, arm) for arm in ARMS]


upper, greedy = BanditUCBLearner(), BanditEpsilonLearner(epsilon=0.0)
found = [chances(learner, 1) for learner in (upper, greedy)]
means = [upper._m[arm] for arm in ARMS]  # it has no public way to its means
later = BanditUCBLearner()
chances(later, 5)
ends = [round(later._m[arm], 3) for arm in ARMS]
print(f"after two rewards each: UCB plays {ARMS} with {found[0]}, for the means {means}; epsilon-greedy {found[1]}")
print(f"after ten rewards each, half of them 1: the means {ends} of UCB are {[round(5 / 9, 3), round(4 / 9, 3)]}")
if found != [[1, 0], [0.5, 0.5]] or means != [1, 0] or ends != [0.556, 0.444]:
    sys.exit("changed: the arms have other means")
EOF
