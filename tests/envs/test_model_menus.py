"""Real menus: sizes, and what the module says of its choices."""

import numpy as np

from routegame.agents.solver import solve
from routegame.envs.game import Game
from routegame.envs.measurements import POLYGLOT_RUNS
from routegame.envs.model_menus import MENUS


def game(menu, task_value):
    p, t, c = zip(*((m.success_prob, m.latency, m.cost) for m in menu.models), strict=True)
    return Game(task_value, menu.churn_penalty, p, t, c)


def test_each_has_models_of_its_own_and_one_has_all():
    assert [len(menu.models) for menu in MENUS] == [3, 3, 3, 3, 5, 8, 51]
    assert all(len(set(menu.models)) == len(menu.models) for menu in MENUS)
    assert len({menu.models for menu in MENUS}) == len(MENUS) and MENUS[-1].models == POLYGLOT_RUNS


def test_task_values_and_churn_penalties_are_where_lists_are_worth_having():
    """A lost user costs more than going on, and the optimum is a mix: users get what their first pass is worth."""
    for menu in MENUS:
        assert 60 <= menu.task_value <= 150 and 0.1 <= menu.churn_penalty <= 1
        solution = solve(game(menu, menu.task_value))
        assert solution.price_of_going_on < menu.churn_penalty and len(solution.visited) > 1
        assert np.isclose(solution.equilibrium.user_utility, solution.net_value[solution.equilibrium.route - 1])


def test_one_model_settles_most_lists_and_is_in_that_of_all_only():
    flash = next(run for run in POLYGLOT_RUNS if run.model == "gemini-2.5-flash (05-20)")
    assert round(flash.latency / flash.success_prob) == 33 and 0.01 < flash.cost / flash.success_prob < 0.015
    assert [menu.name for menu in MENUS if flash in menu.models] == ["polyglot-51"]
