#!/usr/bin/env bash
# convoys: in logs that count whole days, Kaplan-Meier takes too many users for gone, the more the younger they are.
#
# One would expect: whoever is last seen on day 3 without having left was there on day 3, and counts among those of whom
# some left on that day. So it is in Kaplan and Meier's estimate and in lifelines.
# What happens: rows are sorted by time, and of the same time those who have not left come first, and are taken out
# before the others' share is counted. Of ten users, of whom on day 1 two leave and six are seen for the last time, a
# half is gone after it, and not a fifth. Of users who leave at one in six a day, 66.5 % are gone after six days. Where
# 5,000 of them began at any time in the week before, convoys says 76 %; where all were watched for a month it says
# 66 %, as lifelines does in both. With times that are not rounded the two agree.
# The ends of its intervals are exchanged, too: predict_ci returns the upper one second and the lower one third.
# Why it matters: a route that was opened last week looks as if it drove users away beside one that was opened long ago.
# Versions: convoys 0.2.1, lifelines 0.30.3, scipy 1.17.1, pandas 2.3.3, numpy 2.4.6. Seen on 2026-11-30. convoys is
# installed without what its other models need.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check \
  lifelines==0.30.3 scipy==1.17.1 pandas==2.3.3 numpy==2.4.6 deprecated==1.3.1
venv/bin/pip install --quiet --disable-pip-version-check --no-deps convoys==0.2.1
venv/bin/python - <<'EOF'
import sys

import numpy as np
from convoys.single import KaplanMeier
from lifelines import KaplanMeierFitter


def gone(left, days, day):
    """Share of users who have left by this day, by convoys and by lifelines."""
    model = KaplanMeier()
    model.fit(left, days)
    other = KaplanMeierFitter().fit(days, left).predict(day)
    return round(float(model.predict([day])[0]), 3), round(1 - float(other), 3)


ten = np.array([True, True] + [False] * 6 + [True, True]), np.array([1] * 8 + [2, 3])
small = gone(*ten, 1.5)
print(f"ten users, of whom on day 1 two leave and six are last seen: gone are {small[0]}, lifelines {small[1]}")

random = np.random.default_rng(0)
count = 5000
leaving = random.geometric(1 / 6, count)
found = {}
for name, watched in {"a week": random.integers(1, 8, count), "a month": np.full(count, 30)}.items():
    found[name] = gone(leaving <= watched, np.minimum(leaving, watched), 6.5)
    print(f"watched for up to {name}: gone after six days {found[name][0]}, lifelines {found[name][1]}", end="; ")
    print(f"true {1 - (5 / 6) ** 6:.3f}")
exact = random.exponential(5, count)
watched = random.uniform(0, 8, count)
found["exact"] = gone(exact <= watched, np.minimum(exact, watched), 6.5)
print(f"times that are not rounded: {found['exact'][0]}, lifelines {found['exact'][1]}")
model = KaplanMeier()
model.fit(*ten)
share, second, third = model.predict_ci([1.5])[0].round(2).tolist()
print(f"an interval: {share}, {second}, {third}")
if small != (0.5, 0.2):
    sys.exit("changed: another share of ten users is gone")
if not (found["a week"][0] > 0.74 and abs(found["a week"][1] - 0.665) < 0.03):
    sys.exit("changed: young users are counted in another way")
if found["a month"][0] != found["a month"][1] or found["exact"][0] != found["exact"][1]:
    sys.exit("changed: they differ elsewhere, too")
if not third < share < second:
    sys.exit("changed: the interval has its ends in order")
EOF
