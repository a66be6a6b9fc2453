"""Lines of the tables of levels, by hand on a few runs; what they look like is in test_leaderboard.py."""

from math import inf
from types import SimpleNamespace

import pytest

from routegame.eval.bench.levels import LEVELS, headings, levels, plain_levels
from routegame.eval.statistics import Runs


def ended(follower="exact", anytime=None, plays=None, cumulative=None):
    return SimpleNamespace(follower=follower, anytime_regret=anytime, plays=plays, cumulative_regret=cumulative)


def made(runs, order=("a",), losses=(0.0,)):
    rows = [(name, "g", seed, loss) for name in order for seed, loss in enumerate(losses)]
    return levels(Runs.of(rows), runs, order)


def test_shares_are_of_runs_within_each_level():
    (line,) = made({"a": [ended()]}, losses=(0.01, 0.001, 0.0001, 0.02, inf))[False]
    assert [e.value for e in line.within] == [0.6, 0.4, 0.2]
    assert all(e.low < e.value < e.high for e in line.within)
    assert len(headings()) == len(LEVELS) + 3


def test_who_learns_the_users_is_apart_and_the_order_is_kept():
    runs = {
        "b": [ended("learned")],
        "a": [ended("robust:0.1")],
        "d": [ended(None), ended("learned")],
        "c": [ended(None)],
    }
    found = made(runs, order=("b", "a", "d", "c"))
    assert [line.learner for line in found[True]] == ["b", "d", "c"], "of c nobody knows"
    assert [line.learner for line in found[False]] == ["a"]
    assert list(made({"a": [ended()]})) == [False], "there is no table without a line"


def test_prices_are_medians_over_those_that_are_known():
    runs = {"a": [ended(anytime=0.1, plays=10, cumulative=5.0), ended(anytime=0.3, plays=10, cumulative=20.0), ended()]}
    (line,) = made(runs)[False]
    assert (line.anytime_regret, line.price, line.cumulative_regret) == (pytest.approx(0.2), 1.25, 12.5)
    (line,) = made({"a": [ended()]})[False]
    assert line.anytime_regret is line.price is line.cumulative_regret is None


def test_plain_values_are_by_learner_and_level():
    found = plain_levels(made({"a": [ended("learned", anytime=0.1)]}))["a"]
    assert list(found["within"]) == ["0.01", "0.001", "0.0001"] and found["users_learned"]
    assert found["within"]["0.01"]["share"] == 1 and found["anytime_regret"] == 0.1
