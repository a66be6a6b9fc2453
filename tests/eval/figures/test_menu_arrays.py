"""Arrays of the figures of menus: against the solver game by game, lists that were tried, and a linear program."""

from itertools import combinations

import numpy as np
import pytest
from scipy.optimize import linprog

from routegame.agents.solver import solve
from routegame.envs.game import PER_MODEL, Game
from routegame.envs.scenarios import scenario
from routegame.eval.figures import menu_arrays as grids
from routegame.eval.figures.menu_arrays import ALL, EIGHT, FIVE, NOBODY


def numbers(game):
    return [np.array(getattr(game, name)) for name in PER_MODEL]


@pytest.mark.parametrize("name", [FIVE, EIGHT])
def test_first_and_last_models_are_those_of_the_optimum(name):
    arrays, game = grids.first_and_last(name, 7), scenario(name).game
    for row, column in np.ndindex(7, 7):
        value, penalty = arrays["task_value"][column], arrays["churn_penalty"][row]
        solution = solve(Game(value, penalty, *numbers(game)))
        first, last = arrays["first"][row, column], arrays["last"][row, column]
        assert solution.policy.start[first] == 1
        if solution.equilibrium.abandon_prob == 1:
            assert last == NOBODY
        else:
            assert last + 1 in solution.visited and solution.policy.matrix[last, last] == 1
            assert solution.net_value[last] >= 0
    assert arrays["models"].tolist() == list(scenario(name).models)


def test_five_models_have_seven_regions_and_one_that_is_nowhere():
    arrays = grids.first_and_last(FIVE, 41)
    ends = set(zip(arrays["first"].ravel().tolist(), arrays["last"].ravel().tolist(), strict=True))
    assert {(0, 0), (0, 1), (0, NOBODY), (1, 2), (1, NOBODY), (4, 2), (4, NOBODY)} == ends


def test_the_cheapest_of_eight_is_not_worth_its_wait_up_to_184_seconds():
    """As the caption says: it answers first and not last below, and it alone from there on."""
    game = scenario(EIGHT).game
    p, t, _ = numbers(game)
    kimi = int(np.argmin(game.cost_of_pass))
    assert game.names[kimi] == "kimi-k2" and round(t[kimi] / p[kimi]) == 184
    assert solve(Game(185, 0.5, *numbers(game))).visited == [kimi + 1]


def test_costs_by_length_are_those_of_the_best_list_that_was_tried():
    arrays, game = grids.cost_by_length(6), scenario(EIGHT).game
    for value, costs in zip(arrays[f"task_value_{EIGHT}"], arrays[f"cost_{EIGHT}"], strict=True):
        for length in (2, 4):
            lists = np.array(list(combinations(range(8), length))).T
            tried = solve(Game(value, game.churn_penalty, *(x[lists].T for x in numbers(game))), order="free")
            assert costs[length - 1] == pytest.approx(tried.equilibrium.provider_cost.min(), rel=1e-12)
        whole = solve(Game(value, game.churn_penalty, *numbers(game)))
        assert costs[-1] == pytest.approx(whole.equilibrium.provider_cost, rel=1e-12)
        assert np.all(np.diff(costs) <= 0)


def test_captions_say_what_the_best_single_models_cost():
    arrays = grids.cost_by_length(1)
    assert arrays[f"cost_{EIGHT}"][:, 0].round(3).tolist() == [0.124, 0.124, 0.021]
    assert arrays[f"cost_{ALL}"][:, 0].round(3).tolist() == [0.013] * 3


def test_models_alone_keep_or_lose_their_users():
    """Two equal models are one."""
    game = scenario(EIGHT).game
    utility, cost = grids.alone(*numbers(game), 120, 0.5)
    for k in range(8):
        twice = solve(Game(120, 0.5, *(x[[k, k]] for x in numbers(game))), order="free").equilibrium
        assert (utility[k], cost[k]) == pytest.approx((twice.user_utility, twice.provider_cost))
    assert [k + 1 for k in range(8) if utility[k] >= 0] == [2, 3, 4, 8]


def least_cost(game, utility):
    """By a linear program: passes of start models, and of models after a failure, of users who stay."""
    (p, _, c), xi = numbers(game), np.array(game.net_value)
    models = game.num_models
    mass, solved = np.append(np.ones(models), np.zeros(models)), np.append(p - 1, p)
    found = linprog(
        np.append(c, c),
        A_ub=-np.array([np.append(xi, xi), np.append(np.zeros(models), xi)]),
        b_ub=[-utility, 0],
        A_eq=np.array([mass, solved]),
        b_eq=[1, 0],
    )
    return found.fun


def test_the_frontier_is_the_linear_programs():
    arrays, game = grids.frontier(9), scenario(EIGHT).game
    wanted = [least_cost(game, utility - 1e-9) for utility in arrays["utility"]]
    np.testing.assert_allclose(arrays["cost"], wanted, rtol=1e-6)


def test_the_frontier_leads_from_the_optimum_to_the_users_favourite():
    arrays = grids.frontier(50)
    ends = np.stack([arrays["utility"], arrays["cost"]], axis=1)[[0, -1]]
    np.testing.assert_allclose(ends, np.concatenate([arrays["optimum"], arrays["favourite"]]), rtol=1e-9)
    assert arrays["declined"][0] == pytest.approx([0, solve(EIGHT).price_of_going_on], abs=1e-9)


def test_nothing_lies_below_the_frontier():
    arrays, game = grids.frontier(2), scenario(EIGHT).game
    points = np.concatenate([arrays[name] for name in ("models_alone", "pairs", "optimum", "favourite", "declined")])
    least = grids.least_cost_at(game, points[:, 0])
    assert np.all(points[:, 1] >= least * (1 - 1e-9)) and len(arrays["pairs"]) == 28
