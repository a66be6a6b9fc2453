#!/usr/bin/env bash
# coba: a learner who acts by lot is right in every single task, if it has the seed of the tasks.
#
# One would expect: the luck of an environment and that of a learner have nothing to do with each other. A learner that
# picks one of two models by lot serves half of all users well.
# What happens: all random numbers are those of CobaRandom, and the same seed makes the same numbers. RandomLearner's
# seed is 1 if it is not given. Where an environment of seed 1 draws whether a task is easy or hard, once a pass, the
# learner's lot is that very number: of 1,000 tasks it does the right thing in all, and its log says that each action
# had the probability 1/2. With the environment's seeds 2 and 3 it is right in half of them. A learner that does nothing
# but explore (BanditEpsilonLearner with epsilon=1) is right as often.
# Why it matters: 1 is the seed that one tries first. Random play, the yardstick, cannot be beaten there, and the log of
# it, weighted with its probabilities, says that always taking the small model is right in every task, not in half.
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
from statistics import mean

from coba.environments import Environments
from coba.evaluators import SequentialCB
from coba.learners import BanditEpsilonLearner, RandomLearner

RIGHT = {"easy": "small model", "hard": "large model"}


def tasks(seed):
    return Environments.from_lambda(
        1000,
        lambda index, random: random.choice(list(RIGHT)),
        lambda index, task, random: list(RIGHT.values()),
        lambda index, task, model, random: float(RIGHT[task] == model),
        seed,
    )


rewards = {}
for seed in (1, 2, 3):
    played = [
        [line["reward"] for line in SequentialCB(seed=seed).evaluate(tasks(seed)[0], learner)]
        for learner in (RandomLearner(), BanditEpsilonLearner(epsilon=1.0))
    ]
    log = list(tasks(seed).logged(RandomLearner())[0].read())
    small = [line["reward"] / line["probability"] * (line["action"] == "small model") for line in log]
    rewards[seed] = [round(mean(found), 2) for found in (*played, small)]
    print(f"tasks of seed {seed}: right by lot {rewards[seed][:2]}; the small model, by the log {rewards[seed][2]}")
    if {line["probability"] for line in log} != {0.5}:
        sys.exit("changed: other chances are logged")
if rewards[1] != [1, 1, 1] or any(abs(share - 0.5) > 0.08 for seed in (2, 3) for share in rewards[seed]):
    sys.exit("changed: the lot falls in another way")
EOF
