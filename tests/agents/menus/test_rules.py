"""Rules in games of many models: the equilibrium is among them, and none is cheaper."""

import numpy as np
import pytest
from menu_games import KNOWN, random_menu

from routegame import Game, ParameterError
from routegame.agents.menus.rules import always_cascade, rules
from routegame.agents.menus.solved_menu import SolvedMenu
from routegame.envs.menu_game import MenuGame


@pytest.mark.parametrize(("number", "pair"), [(7, 2.966666667), (9, 0.055440227), (10, 0.165844608), (11, 0.136997943)])
def test_the_best_pair_is_known(number, pair):
    menu = MenuGame(KNOWN[number][0])
    found, offered = SolvedMenu(menu), rules(menu)
    assert found.answered(offered["best_pair"]).provider_cost == pytest.approx(pair, abs=1e-9)
    assert found.answered(offered["analytic"]).provider_cost == pytest.approx(KNOWN[number][1], abs=1e-9)


def test_no_rule_is_cheaper_than_the_equilibrium():
    rng = np.random.default_rng(0)
    for throttling in (False, True):
        menu = MenuGame(random_menu(rng, 5), throttling=throttling)
        found = SolvedMenu(menu)
        costs = {name: found.answered(offered).provider_cost for name, offered in rules(menu).items()}
        assert costs["analytic"] == pytest.approx(found.equilibrium().provider_cost, rel=1e-4)
        assert min(costs.values()) >= found.equilibrium().provider_cost - 1e-9
        assert len(costs) == 5 + 4


def test_the_habit_of_cascades_goes_by_price():
    menu = MenuGame(Game(10, 1, (0.3, 0.5, 0.7), (1, 2, 3), (2, 3, 1)))
    offered = always_cascade(menu)
    assert offered.start == (0, 0, 1) and offered.matrix == ((0, 1, 0), (0, 1, 0), (1, 0, 0))


def test_slow_models_are_needed_where_slowing_down_pays():
    game = Game(10, 0.1, (0.3, 0.5, 0.7), (1, 2, 3), (1, 1.5, 2.8))
    with pytest.raises(ParameterError, match="max_latency"):
        rules(MenuGame(game, throttling=True, max_latency=(2.9, 2, 3)))
