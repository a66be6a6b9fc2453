"""Kinds of optima, by the games whose policies are known."""

import pytest

from routegame.agents.menus.free_order import solve_free_order
from routegame.agents.menus.optimum import optimum
from routegame.envs.game import Game

GAMES = {
    "stay": Game(10, 1, (0.3, 0.5, 0.7), (1, 2, 3), (1, 1.5, 2.8)),
    "leave": Game(5, 1, (0.3, 0.4, 0.6), (1, 1.5, 4), (1, 1.2, 3)),
    "pair": Game(9, 15, (0.1, 0.3), (1, 2), (1, 3.6)),
    "chain": Game(10, 9, (0.25, 0.2, 0.5), (6, 2.2, 2.5), (0.2, 0.5, 3)),
    "branch": Game(10, 9, (0.4, 0.2, 0.5), (20, 5, 4), (0.1, 0.2, 3)),
}


@pytest.mark.parametrize("kind", GAMES)
def test_every_kind_is_told(kind):
    assert optimum(solve_free_order(GAMES[kind])) == kind


def test_one_pass_of_another_model_first_is_no_mix():
    solution = solve_free_order(Game(4, 1, (0.25, 0.5, 0.75), (0.5, 2, 4), (0.5, 0.4, 0.3)))
    assert solution.visited == [2, 3] and optimum(solution) == "stay"


def test_in_a_branch_both_models_may_follow_the_first_failure():
    policy = solve_free_order(GAMES["branch"]).policy
    assert policy.start.tolist() == [1, 0, 0] and (policy.matrix[0] > 0).tolist() == [False, True, True]
