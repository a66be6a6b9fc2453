#!/usr/bin/env bash
# SMPyBandits: the bandits that are made to forget do not, and never find out that a model has become better.
#
# One would expect: discounted UCB and discounted Thompson sampling multiply what they know of every arm by gamma at
# each step, so that an arm that was not played for long is as good as unknown, and is tried again.
# What happens: DiscountedUCB keeps its discounted numbers of passes as whole numbers, and cuts 0.99 * 1 + 1 to 1. They
# stay at 1 for ever, while the rewards add up, here to 100: its index is no mean, and its bonus is small beside it.
# DiscountedThompson discounts the arm that was played once more for each of the others, and not the others. So one that
# is left alone is remembered as it was: after 500 passes of another one its successes are as many as before, where by
# definition less than one is left. Of five models four succeed in half of their passes, and the fifth in one of 10,
# but after 1,000 passes in 9 of 10. In the next 1,000 passes discounted UCB never plays it, and discounted Thompson
# sampling, which forgets what it plays the faster instead, in 58 %. By their definitions they do in 72 % and 85 %.
# Why it matters: models change without notice, which is what these two are taken for, and neither complains.
# Versions: SMPyBandits 0.9.7, numpy 1.26.4, scipy 1.13.1 (it cannot be imported with current ones), matplotlib 3.9.4,
# seaborn 0.13.2, pandas 2.2.3, joblib 1.5.2. Seen on 2026-11-30. It is installed with what its policies import, not
# with all that it names.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check \
  numpy==1.26.4 scipy==1.13.1 matplotlib==3.9.4 seaborn==0.13.2 pandas==2.2.3 joblib==1.5.2
venv/bin/pip install --quiet --disable-pip-version-check --no-deps SMPyBandits==0.9.7
MPLBACKEND=agg venv/bin/python -W ignore - <<'EOF'
import contextlib
import io
import sys

import numpy as np

with contextlib.redirect_stdout(io.StringIO()):  # it tells at length what else could be installed
    from SMPyBandits.Policies import DiscountedThompson, DiscountedUCB

random = np.random.default_rng(0)
np.random.seed(0)


class Defined:
    """Five arms whose passes and successes are all discounted at each step."""

    def __init__(self, gamma):
        self.gamma = gamma

    def startGame(self):
        self.passes, self.won = np.zeros(5), np.zeros(5)

    def getReward(self, arm, reward):
        self.passes, self.won = self.gamma * self.passes, self.gamma * self.won
        self.passes[arm] += 1
        self.won[arm] += reward


class DefinedUCB(Defined):
    def choice(self):
        if not self.passes.all():
            return int(self.passes.argmin())
        bonus = np.sqrt(np.log(self.passes.sum()) / (2 * self.passes))
        return int(np.argmax(self.won / self.passes + bonus))


class DefinedThompson(Defined):
    def choice(self):
        return int(np.argmax(random.beta(1 + self.won, 1 + self.passes - self.won)))


def found(policy):
    """Share of passes of the fifth model in the 1,000 after it has become the best one, over 10 runs."""
    shares = []
    for _ in range(10):
        policy = policy if isinstance(policy, Defined) else type(policy)(5, gamma=policy.gamma)
        policy.startGame()
        played = []
        for step in range(2000):
            arm = int(policy.choice())
            chance = 0.5 if arm < 4 else 0.1 if step < 1000 else 0.9
            policy.getReward(arm, float(random.random() < chance))
            played.append(arm)
        shares.append(np.mean(np.array(played[1000:]) == 4))
    return round(float(np.mean(shares)), 2)


ucb = DiscountedUCB(2, gamma=0.99)
ucb.startGame()
for _ in range(1000):
    ucb.getReward(0, 1.0)
print(f"after 1,000 successes in a row: discounted passes {ucb.discounted_pulls[0]}, rewards", end=" ")
print(f"{ucb.discounted_rewards[0]:.1f}; by definition both are {(1 - 0.99**1000) / 0.01:.1f}")
thompson = DiscountedThompson(3, gamma=0.99)
thompson.startGame()
for _ in range(200):
    thompson.getReward(0, 1.0)
before = float(thompson.posterior[0].N[1])
for _ in range(500):
    thompson.getReward(1, 1.0)
after = float(thompson.posterior[0].N[1])
print(f"successes of an arm that is left alone for 500 passes: {before:.2f} and then {after:.2f}", end="; ")
print(f"by definition {(1 - 0.99**200) / 0.01:.1f} and then {(1 - 0.99**200) / 0.01 * 0.99**500:.1f}")
shares = {
    "UCB": (found(DiscountedUCB(5, gamma=0.99)), found(DefinedUCB(0.99))),
    "Thompson": (found(DiscountedThompson(5, gamma=0.99)), found(DefinedThompson(0.99))),
}
print(f"passes of the model that has become the best one, in the library and by definition: {shares}")
if ucb.discounted_pulls[0] != 1 or round(ucb.discounted_rewards[0]) != 100:
    sys.exit("changed: discounted UCB counts in another way")
if not before == after > 30:
    sys.exit("changed: an arm that is left alone is forgotten")
if not (shares["UCB"][0] < 0.05 and shares["UCB"][1] > 0.6 and shares["Thompson"][0] + 0.1 < shares["Thompson"][1]):
    sys.exit("changed: the best model is found more or less often")
EOF
