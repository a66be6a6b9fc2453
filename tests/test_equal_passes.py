"""Baselines at as many passes as another learner had: options that are allowed, and passes that are spent."""

import pytest
from equal_passes import options_for, searched

from routegame.envs.commitment import RoutingGame
from routegame.envs.scenarios import scenario

NANO = RoutingGame(scenario("nano-gpt5").game)


@pytest.mark.parametrize("name", ["random_search", "sobol", "halving", "cmaes"])
def test_options_of_any_budget_are_allowed(name):
    for passes in (1e5, 1e8, 1e11):
        assert options_for(name, NANO, passes).evaluations > 1000


def test_as_many_passes_are_played():
    found = searched("random_search", NANO, 2e7, seed=0)
    assert found.meter.passes > 2e7
