"""Mean ranks against published critical values, a published example and another library's test."""

from math import inf, sqrt

import numpy as np
import pytest
from scipy.stats import friedmanchisquare

from routegame import ParameterError
from routegame.eval.mean_ranks import MeanRanks, critical_difference
from routegame.eval.statistics import Runs

NEMENYI = {2: 1.960, 3: 2.343, 4: 2.569, 5: 2.728, 6: 2.850, 7: 2.949, 8: 3.031, 9: 3.102, 10: 3.164}
"""Critical values at 5 % by number of learners (Demšar 2006, table 5)."""


def ranked(losses):
    """Of losses by learner and game."""
    return MeanRanks.of(Runs.of((name, f"g{k}", 0, loss) for name, row in losses.items() for k, loss in enumerate(row)))


@pytest.mark.parametrize("learners,value", NEMENYI.items())
def test_critical_values_are_the_published_ones(learners, value):
    found = critical_difference(learners, 20) / sqrt(learners * (learners + 1) / (6 * 20))
    assert found == pytest.approx(value, abs=1.5e-3)


def test_a_failure_has_the_last_rank_and_equals_share_theirs():
    found = ranked({"a": [0.1, 0.2, inf], "b": [0.1, 0.3, 0.1], "c": [inf, inf, inf]})
    assert found.learners == ("b", "a", "c") and found.games == 3
    assert found.ranks == pytest.approx((1.5, 5 / 3, 17 / 6))


def test_of_several_seeds_the_median_counts():
    losses = {"a": (1, 1, 9), "b": (2, 2, 2), "c": (3, 0, 3)}
    rows = [(name, game, seed, loss) for game in "xyz" for name, of in losses.items() for seed, loss in enumerate(of)]
    assert MeanRanks.of(Runs.of(rows)).learners == ("a", "b", "c")


def test_the_probability_is_that_of_friedmans_test():
    loss = np.random.default_rng(0).random((4, 9)) + 0.3 * np.arange(4)[:, None]
    found = ranked(dict(zip("abcd", loss, strict=True)))
    assert found.p_value == pytest.approx(friedmanchisquare(*loss).pvalue)
    assert ranked({"a": [1, 1, 1], "b": [1, 1, 1], "c": [1, 1, 1]}).p_value == 1


def test_groups_are_the_largest_that_cannot_be_told_apart():
    games = 40
    loss = {"best": [1.0] * games, "next": [2.0] * games, "same": [2.0] * games, "last": [4.0] * games}
    found = ranked(loss)
    assert found.ranks == (1, 2.5, 2.5, 4) and found.difference < 1
    assert found.groups() == [(1, 2)]
    few = ranked({name: row[:3] for name, row in loss.items()})
    assert few.difference > 2 and few.groups() == [(0, 2), (1, 3)]


@pytest.mark.parametrize("losses", [{"a": [1, 2, 3], "b": [1, 2, 3]}, {"a": [1, 2], "b": [1, 2], "c": [1, 2]}])
def test_fewer_tell_nothing(losses):
    with pytest.raises(ParameterError, match="runs must be of at least 3 learners on 3 games"):
        ranked(losses)
