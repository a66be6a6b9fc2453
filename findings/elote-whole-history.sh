#!/usr/bin/env bash
# Elote: Whole-History Rating hardly moves for games that were played on one day.
#
# One would expect: who wins 90 of 100 games is some 370 Elo points ahead (400 log10 9 is 382, less what the prior takes
# off), and the dates of the games say how much strengths may have changed since, not how much a game counts.
# What happens: the prior that ties the first day to the initial rating of 1500 has the variance by which a rating may
# drift in one day, 17 points squared. So 100 games of one day make 93 points and a chance of 0.63 of winning; the same
# games on 100 days make 337. The package whole-history-rating, after the same paper, with a prior of one virtual game
# won and one lost, says 377 and 345. With w2=100,000, by which ratings may drift at will, Elote says 376 for one day.
# More iterations change nothing.
# Why it matters: comparisons of models are collected in batches, and often bear one date. Their models come out as
# nearly equal, with no warning; ratings of models with long histories are spread several times wider.
# Versions: elote 1.5.1, whole-history-rating 3.7.1. Seen on 2026-11-30.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check \
  elote==1.5.1 whole-history-rating==3.7.1 numpy==2.4.6
venv/bin/python - <<'EOF'
import sys
from datetime import datetime, timedelta

from elote.competitors.whr import WholeHistoryRatingCompetitor
from whr import WHR

GAMES = [number % 10 < 9 for number in range(100)]  # 90 are won, one in ten is lost


def elote(days, **options):
    better, worse = WholeHistoryRatingCompetitor(**options), WholeHistoryRatingCompetitor(**options)
    for number, won in enumerate(GAMES):
        day = datetime(2026, 1, 1) + timedelta(days=number % days)
        (better.beat if won else better.lost_to)(worse, match_time=day)
    return round(better.rating - worse.rating), round(better.expected_score(worse), 2)


def other(days):
    history = WHR()
    for number, won in enumerate(GAMES):
        history.create_game("worse", "better", "W" if won else "B", number % days, 0)
    history.auto_iterate()
    latest = {name: history.ratings_for_player(name)[-1][1] for name in ("better", "worse")}
    return latest["better"] - latest["worse"]


found = {days: (elote(days), other(days)) for days in (1, 100)}
for days, ((points, chance), expected) in found.items():
    print(f"90 of 100 games won, on {days} days: Elote {points} ({chance} to win), whole-history-rating {expected}")
longer, wide = elote(1, max_iterations=1000), elote(1, w2=1e5)
print(f"Elote on one day, with more iterations {longer[0]}, with w2=100,000 {wide[0]}")
if found != {1: ((93, 0.63), 377), 100: ((337, 0.87), 345)} or longer[0] != 93 or wide[0] != 376:
    sys.exit("changed: the ratings are others")
EOF
