#!/usr/bin/env bash
# river: rewards between 0 and 1 are all successes to the bandit BayesUCB, which stays with whichever arm came first.
#
# One would expect: a Beta distribution takes a reward of 0.2 as a fifth of a success, or refuses it.
# What happens: proba.Beta.update counts what is not 0 as one success. Two arms that pay 0.2 and 0.8 each time are the
# same to it, and the first that is pulled, by lot, is pulled 500 times of 500; where the same arms pay 1 in so many
# pulls, the better one is found.
# Why it matters: scores of answers, as users or judges give them, are graded; half of the seeds serve the worse model.
# Versions: river 0.26.1. Seen on 2026-11-29.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check river==0.26.1
venv/bin/python - <<'EOF'
import random
import sys

from river import bandit, proba

PAY = {"worse": 0.2, "better": 0.8}


def pulls_of_the_worse(seed, graded):
    policy, luck, count = bandit.BayesUCB(seed=seed), random.Random(seed), 0
    for _ in range(500):
        arm = policy.pull(list(PAY))
        count += arm == "worse"
        policy.update(arm, PAY[arm] if graded else luck.random() < PAY[arm])
    return count


believed = proba.Beta(1, 1)
believed.update(0.2)
graded = [pulls_of_the_worse(seed, graded=True) for seed in range(20)]
drawn = [pulls_of_the_worse(seed, graded=False) for seed in range(20)]
print(f"after one reward of 0.2: alpha {believed.alpha}, beta {believed.beta}")
print(f"pulls of the worse arm among 500, graded rewards: {graded}")
print(f"the same, rewards of 0 and 1 with these means: {drawn}")
if (believed.alpha, believed.beta) != (2, 1) or set(graded) != {0, 500} or max(drawn) > 50:
    sys.exit("changed: graded rewards are told apart, or a reward of 0 or 1 is not")
EOF
