"""Crowds in closed form: against every commitment of a fine grid, one type's own equilibrium, and ties."""

import numpy as np
import pytest

from routegame.agents.menus.free_order import solve_free_order
from routegame.agents.menus.solved_crowd import SolvedCrowd
from routegame.envs.classic.crowd_game import CrowdGame
from routegame.envs.classic.point_game import Point, Points
from routegame.eval.bench.hard_games import draw_crowd

GRID = np.array([(a, b, 120 - a - b) for a in range(121) for b in range(121 - a)]) / 120
"""Rows of three models."""


def paid(game, starts, rows):
    """What a task costs under every start and row, one type after the other, by the sums that follow from the rules."""
    p, t, c = (np.array(each) for each in (game.success_prob, game.latency, game.cost))
    wait, price = (rows @ t) / (rows @ p), (rows @ c) / (rows @ p)
    types = zip(game.prior, game.patience, game.churn_penalty, strict=True)
    on = sum(share * np.where(patience >= wait, price, penalty) for share, patience, penalty in types)
    return (starts @ c)[:, None] + (starts @ (1 - p))[:, None] * on


@pytest.mark.parametrize("num_types", [1, 2, 5])
@pytest.mark.parametrize("seed", range(6))
@pytest.mark.quick_cases(9)
def test_a_fine_grid_is_never_better_and_comes_close(num_types, seed):
    game = draw_crowd(3, num_types, np.random.default_rng([seed, num_types]))
    best = SolvedCrowd(game).equilibrium()
    least = paid(game, np.eye(3), GRID).min()
    assert best.provider_cost <= least * (1 + 1e-9)
    assert least <= best.provider_cost * 1.05


@pytest.mark.parametrize("seed", range(8))
def test_one_type_is_a_menu(seed):
    game = draw_crowd(4, 1, np.random.default_rng([seed, 99]))
    alone = solve_free_order(game.types[0].game).equilibrium
    best = SolvedCrowd(game).equilibrium()
    assert best.provider_cost == pytest.approx(float(alone.provider_cost), rel=1e-9)


def test_costs_by_hand():
    game = draw_crowd(3, 4, np.random.default_rng(3))
    rng, found = np.random.default_rng(0), SolvedCrowd(game)
    starts, rows = rng.dirichlet(np.ones(3), (2, 20))
    points = Points(np.hstack([starts, rows]))
    costs, _ = found.outcome(points, found.best_answer(points))
    assert costs == pytest.approx(np.diag(paid(game, starts, rows)))


def test_a_type_that_costs_nothing_to_lose_is_let_go():
    """It is as patient as the provider's best mix takes to be exact: so the next longer one is committed to."""
    game = CrowdGame((10, 10.5), (0, 30), (1, 1), (1, 1), (0.5, 0.25), (1, 5), (1, 0.1))
    best = SolvedCrowd(game).equilibrium()
    assert best.answers == (1, 0)
    kept = SolvedCrowd(game).profile(Point(best.coordinates), np.array([0.0, 0.0]))
    assert kept.provider_cost > best.provider_cost


def test_the_indifferent_type_stays():
    """And a commitment that takes a hair longer loses it."""
    crowd = SolvedCrowd(CrowdGame((9, 6), (30, 20), (1, 1), (3, 1), (0.1, 0.3), (1, 2), (1, 3.6)))
    best = crowd.equilibrium()
    assert best.answers == (0, 1) and best.coordinates[2] == 1 and 0 < best.coordinates[3] < 1
    *others, share = best.coordinates
    assert crowd.answered(Point((*others, share * (1 - 1e-9)))).answers == (1, 1)
