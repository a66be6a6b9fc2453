"""At which limit a run has come, in a table; a target goes before a budget."""

from math import inf, nan

import pytest

from routegame.envs.checks import ParameterError
from routegame.train.runs.limits import Limits


@pytest.mark.parametrize(
    "passes,seconds,regret,reached",
    [
        (99, 9.9, 0.011, None),
        (99, 9.9, None, None),
        (100, 9.9, None, "max_passes"),
        (99, 10.0, None, "max_seconds"),
        (99, 9.9, 0.01, "target_regret"),
        (99, 9.9, 0.0, "target_regret"),
        (100, 10.0, 0.011, "max_passes"),
        (100, 10.0, 0.01, "target_regret"),
        (0, 0.0, nan, None),
        (10**9, 0.0, inf, "max_passes"),
    ],
)
def test_a_limit_is_reached_at_it(passes, seconds, regret, reached):
    assert Limits(100, 10, 0.01).reached(passes, seconds, regret) == reached


def test_without_limits_nothing_stops_a_run():
    assert Limits().reached(10**18, 1e18, 0.0) is None
    assert Limits(target_regret=0).reached(0, 0, 0.0) == "target_regret"


@pytest.mark.parametrize("name", ["max_passes", "max_seconds", "target_regret"])
@pytest.mark.parametrize("value", [-1, nan, inf, "x"])
def test_limits_that_are_none_are_named(name, value):
    with pytest.raises(ParameterError, match=name):
        Limits(**{name: value})


@pytest.mark.parametrize("name", ["max_passes", "max_seconds"])
def test_a_budget_of_nothing_is_none(name):
    with pytest.raises(ParameterError, match=name):
        Limits(**{name: 0})
