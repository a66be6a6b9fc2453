#!/usr/bin/env bash
# OpenSkill: weights of 1 for everybody are not the same as no weights.
#
# One would expect: weights say how much a member has contributed; when all are equal they change nothing.
# What happens: in a game of one against one, with any weights at all, the winner gains twice as much as without them
# and the loser loses half as much. 1 and 1, 2 and 2, 1 and 2 give the same ratings. What is gained is no longer
# what is lost, so ratings rise with the number of games.
# Why it matters: of models rated by comparisons, those compared more often end higher. Leave weights out unless teams
# have several members.
# Versions: openskill 6.2.0. Seen on 2026-11-28.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check \
  openskill==6.2.0
venv/bin/python - <<'EOF'
import sys

from openskill.models import PlackettLuce


def changes(weights):
    """What the winner and the loser gain in a game of equals."""
    model = PlackettLuce()
    start = model.rating().mu
    teams = model.rate([[model.rating()], [model.rating()]], weights=weights)
    return [round(team[0].mu - start, 3) for team in teams]


without = changes(None)
weighted = [changes([[first], [second]]) for first, second in ((1, 1), (2, 2), (1, 2))]
print(f"winner and loser: {without} without weights; with 1 and 1, 2 and 2, 1 and 2: {weighted}")


def later(weights):
    """The sum of two equal players' ratings after 20 games that they win in turn."""
    model = PlackettLuce()
    first, second = model.rating(), model.rating()
    for _ in range(10):
        [[first], [second]] = model.rate([[first], [second]], weights=weights)
        [[second], [first]] = model.rate([[second], [first]], weights=weights)
    return round(first.mu + second.mu, 1)


sums = later(None), later([[1], [1]])
print(f"both ratings together after 20 games, each winning every other: {sums[0]} without weights, {sums[1]} with")
if without != [2.635, -2.635] or weighted != [[5.271, -1.318]] * 3 or sums[0] != 50 or sums[1] < 60:
    sys.exit("changed: the ratings are others")
EOF
