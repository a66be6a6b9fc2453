#!/usr/bin/env bash
# banditlab: in the replay of a log, every choice but the log's pays nothing, and no bandit ever has any regret.
#
# One would expect: LogDataEnvironment, "for offline policy evaluation", uses the passes in which the bandit chooses
# what the log has, as replay does, and leaves the others out, for which no reward is known.
# What happens: a pass in which the bandit chooses otherwise is handed to it as one with a reward of 0, and counts in
# its mean. A log has one model in 9 of 10 passes, which succeeds in 29 % of them, and another one in 1 of 10, which
# succeeds in 91 %. Always the first one "earns" 0.26 a pass and always the second one 0.09; an epsilon-greedy bandit,
# taught by this, plays the worse one nearly always. The best reward of a pass is said to be the one that was paid, so
# that the cumulative regret of all three is 0 to the end. The propensities of the log are read and not used.
# Why it matters: it is how often the log has a model, not how good it is, that decides. New models lose, every time.
# Versions: banditlab 1.1.0, numpy 2.4.6, pandas 2.3.3. Seen on 2026-11-30.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check \
  banditlab==1.1.0 numpy==2.4.6 pandas==2.3.3 scipy==1.17.1 scikit-learn==1.9.1
venv/bin/python - <<'EOF'
import sys

import numpy as np
import pandas as pd
from mab_framework.algorithms.non_contextual.epsilon_greedy import EpsilonGreedy
from mab_framework.environments.log_data_env import LogDataEnvironment
from mab_framework.experiment.runner import ExperimentRunner
from mab_framework.models.linear_model import OnlineRidgeRegression

PASSES = 10_000
luck = np.random.default_rng(0)
model = (luck.random(PASSES) < 0.1).astype(int)
success = luck.random(PASSES) < np.where(model == 0, 0.3, 0.9)
log = pd.DataFrame({"one": 1.0, "action": model, "reward": success, "pscore": np.where(model == 0, 0.9, 0.1)})
log.astype(float).astype({"action": int}).to_csv("log.csv", index=False)


class Always:
    def __init__(self, arm):
        self.arm = arm

    def select_arm(self, context):
        return self.arm

    def update(self, feedbacks):
        pass


class Counting(EpsilonGreedy):
    """Epsilon-greedy, with a note of what it plays."""

    played = []

    def select_arm(self, context):
        Counting.played.append(super().select_arm(context))
        return Counting.played[-1]


def replay(bandit):
    environment = LogDataEnvironment("log.csv", context_columns=["one"])
    result = ExperimentRunner(environment, bandit, steps=PASSES, seed=0).run()
    return round(float(np.mean(result["rewards_mean"])), 2), result["cumulative_regret_mean"][-1]


seen = {
    "always the first": replay(lambda: Always(0)),
    "always the second": replay(lambda: Always(1)),
    "epsilon-greedy": replay(lambda: Counting(2, OnlineRidgeRegression(1))),
}
print(f"success in the log: {[round(float(success[model == arm].mean()), 2) for arm in (0, 1)]}")
for name, (reward, regret) in seen.items():
    print(f"{name}: mean reward {reward}, cumulative regret {regret}")
second = round(float(np.mean(Counting.played)), 2)
print(f"epsilon-greedy plays the second model, which is the better one, in {second:.0%} of the passes")
rewards, regrets = zip(*seen.values(), strict=True)
if rewards[:2] != (0.26, 0.09) or any(regrets) or second > 0.15:
    sys.exit("changed: the log is replayed in another way")
EOF
