#!/usr/bin/env bash
# TrueSkillThroughTime: of three models that are compared at once, the best one may be rated as the last one.
#
# One would expect: a game of three or more is rated by its result, whichever of the players is named first. In plain
# TrueSkill, on which it builds, the winner rises, the last one falls, and the second stays where it was.
# What happens: what a game says of each place is handed back by the list that sorts players by their places, not by its
# inverse. That is the same for two players, and for orders that come about by exchanging pairs. If the second one that
# is named wins before the third and the first, then the third is rated as the winner, the first as the second, and the
# winner as the last. So it is in two of the six orders of three players, in 14 of 24 of four and in 94 of 120 of five.
# After 200 games of a weak, a strong and a middling model, named so, the middling one is far ahead and the strong one
# is no better than the weak one. Named from strong to weak they come in the right order.
# Why it matters: users who put three answers in order are what games of more than two are for, and nothing warns.
# Versions: trueskillthroughtime 1.1.0, trueskill 0.4.5, numpy 2.4.6. Seen on 2026-11-30.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check \
  trueskillthroughtime==1.1.0 trueskill==0.4.5 numpy==2.4.6
venv/bin/python - <<'EOF'
import itertools
import sys

import numpy as np
import trueskill
import trueskillthroughtime as through_time

CLASSIC = trueskill.TrueSkill(mu=0, sigma=6, beta=1, tau=0, draw_probability=1e-9)


def one_game(result):
    """Means after a game of equals in which the largest number wins, by both libraries."""
    game = through_time.Game([[through_time.Player()] for _ in result], list(result))
    rated = CLASSIC.rate([(CLASSIC.create_rating(),)] * len(result), ranks=[-place for place in result])
    return [team[0].mu for team in game.posteriors()], [team[0].mu for team in rated]


wrong = {}
for count in (2, 3, 4, 5):
    results = list(itertools.permutations(range(count)))
    pairs = [one_game(result) for result in results]
    wrong[count] = [result for result, pair in zip(results, pairs) if not np.allclose(*pair, atol=0.1)]
    print(f"{count} players: {len(wrong[count])} of {len(results)} orders are rated otherwise than by trueskill")
ours, theirs = (np.round(means, 1).tolist() for means in one_game((0, 2, 1)))
print(f"the second beats the third, and the third the first: {ours}, trueskill {theirs}")


def many_games(names):
    """Last means of three models after 200 games in which they are named in this order."""
    strengths = {"weak": -1, "strong": 1, "middling": 0}
    shown = np.random.default_rng(0).normal([strengths[name] for name in names], 1, size=(200, len(names)))
    results = shown.argsort().argsort().tolist()
    history = through_time.History([[[name] for name in names]] * len(results), results, gamma=0.0)
    history.convergence(verbose=False)
    curves = history.learning_curves()
    return {name: round(curves[name][-1][1].mu, 2) for name in names}


mixed, ordered = many_games(("weak", "strong", "middling")), many_games(("strong", "middling", "weak"))
print(f"after 200 games: {mixed}, and named from strong to weak: {ordered}")
if [len(orders) for orders in wrong.values()] != [0, 2, 14, 94] or wrong[3] != [(0, 2, 1), (1, 0, 2)]:
    sys.exit("changed: other orders go wrong")
if ours != [0.0, -5.0, 5.0] or theirs != [-5.0, 5.0, 0.0]:
    sys.exit("changed: the game of three is rated in another way")
if not mixed["middling"] - 1 > mixed["strong"] > mixed["weak"] - 0.5 > mixed["strong"] - 1:
    sys.exit("changed: the models named weak, strong, middling come out in another way")
if not ordered["strong"] - 0.5 > ordered["middling"] > ordered["weak"] + 0.5:
    sys.exit("changed: the models named from strong to weak come in another order")
EOF
