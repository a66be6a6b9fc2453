"""Orders side by side: two models in both, users who see more, and fixed order as the paper's."""

import numpy as np
import pytest

from routegame.agents.exact.equilibrium import solve as solve_paper
from routegame.agents.menus.free_order import solve_free_order
from routegame.agents.menus.orders import as_fixed, other_order, seen
from routegame.agents.solver import solve
from routegame.envs.game import Game

GAME = Game(6.5, 12, (0.1, 0.3), (0.5, 2.5), (1, 2.4))


def test_the_other_order_is_the_game_of_the_models_the_other_way_round():
    turned = Game(6.5, 12, (0.3, 0.1), (2.5, 0.5), (2.4, 1))
    assert other_order(GAME) == solve_paper(turned).equilibrium.provider_cost == pytest.approx(8.77)
    for order in ("free", "fixed"):
        assert solve(GAME, order=order).other_order == other_order(GAME)


def test_a_fixed_order_of_two_is_the_papers_with_a_certificate():
    paper, fixed = solve_paper(GAME), solve(GAME, order="fixed")
    assert fixed.equilibrium == paper.equilibrium
    assert fixed.policy.matrix[0, 1] == paper.equilibrium.cascade_prob
    assert fixed.certificate.status == "exact" and as_fixed(paper).certificate.gap == 0


def test_thresholds_are_said_where_the_policy_is_one_then_two():
    cascade = Game(9, 15, (0.1, 0.3), (1, 2), (1, 3.6))
    assert solve(cascade, order="free").thresholds.s_0 == solve_paper(cascade).thresholds.s_0
    assert solve(cascade, order="free").to_dict()["no_commitment"] == solve_paper(cascade).to_dict()["no_commitment"]
    turned = solve(GAME, order="free").to_dict()
    assert turned["thresholds"] is None and turned["no_commitment"] is None
    assert turned["equilibrium"]["cascade_prob"] is None and turned["equilibrium"]["route"] == 2


def test_users_who_see_more_stay_and_leave_where_others_do():
    solution = solve_free_order(GAME)
    assert seen(solution, "model").equilibrium.abandon_prob == (0.0, 0.0)
    assert seen(solution, "history").equilibrium.leave_after == np.inf
    leaving = solve_free_order(Game(1, 4, (0.2, 0.5, 0.7), (1, 2, 3), (1, 1.5, 2.8)))
    assert seen(leaving, "model").equilibrium.abandon_prob == (1.0, 1.0, 1.0)
    assert seen(leaving, "history").equilibrium.leave_after == 1
