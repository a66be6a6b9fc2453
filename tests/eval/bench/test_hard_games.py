"""Hard games: of every kind that is promised, rare good commitments, and optima that are known."""

import numpy as np
import pytest

from routegame import solve
from routegame.agents.menus.free_order import solve_free_order
from routegame.agents.menus.optimum import optimum
from routegame.agents.menus.solved_crowd import SolvedCrowd
from routegame.envs.classic.point_game import Points
from routegame.envs.menu_game import MenuGame
from routegame.eval.bench.hard_games import (
    CROWD_SIZES,
    NEAR_BY,
    NEEDLE_KINDS,
    NEEDLE_SIZES,
    STEEP,
    WORTH_CHOOSING,
    WORTH_MIXING,
    crowds,
    draw_crowd,
    draw_menu,
    needles,
    steep_pair,
    steep_pairs,
)
from routegame.eval.judge.judges import judge_of

NEEDLES = needles()


def test_there_is_a_needle_of_every_size_and_kind():
    assert list(NEEDLES) == [f"needle-{size}-{kind}" for size in NEEDLE_SIZES for kind in NEEDLE_KINDS]
    for name, game in NEEDLES.items():
        _, size, kind = name.split("-")
        assert (str(game.num_models), optimum(solve_free_order(game))) == (size, kind)


def test_single_models_cost_clearly_more_than_the_optimum():
    for game in NEEDLES.values():
        judge, alone = judge_of(MenuGame(game)), np.eye(game.num_models)
        singles = MenuGame(game).commitments(np.hstack([alone, alone]))
        assert min(judge.regret(singles[k]) for k in range(game.num_models)) >= WORTH_MIXING


def test_drawn_menus_have_models_that_are_worth_their_wait_and_others():
    rng = np.random.default_rng(0)
    games = [draw_menu(5, rng) for _ in range(100)]
    worth = np.mean([np.array(game.net_value) > 0 for game in games])
    assert 0.4 < worth < 0.6
    assert len({game.task_value for game in games}) > 90


@pytest.mark.parametrize("numbers", STEEP)
def test_steep_pairs_are_best_where_users_begin_to_stay(numbers):
    first, second, threshold, ratio = numbers
    game = steep_pair(*numbers)
    found = solve(game)
    best = found.equilibrium
    assert (best.route, best.abandon_prob) == (1, 0)
    assert best.cascade_prob == pytest.approx(threshold, rel=1e-9) and found.thresholds.s_0 == best.cascade_prob
    assert game.success_prob == (first, second)
    assert game.cost[1] / second == pytest.approx(ratio * game.cost[0])


def test_within_one_percent_is_a_hundred_thousandth_of_a_steep_box():
    """The cost of staying is a + b s: one percent above the least is so far from s_0, on route 1, half of the box."""
    for game in steep_pairs().values():
        best = solve(game).equilibrium
        s_0, first = best.cascade_prob, game.cost[0] / game.success_prob[0]
        slope = (best.provider_cost - first) / s_0
        assert 0.01 * best.provider_cost / slope / 2 < 1e-5


@pytest.fixture(scope="module")
def named_crowds():
    return crowds()


def test_there_is_a_crowd_of_every_size(named_crowds):
    assert [(len(game.cost), game.num_answers) for game in named_crowds.values()] == list(CROWD_SIZES)
    assert list(named_crowds) == [f"crowd-{models}-models-{types}-types" for models, types in CROWD_SIZES]


def test_crowds_are_served_at_the_right_one_of_many_cliffs(named_crowds):
    """The best mix leaves one type indifferent; the best that any other cliff has costs more, and not much more."""
    for game in named_crowds.values():
        best, waits = SolvedCrowd(game).equilibrium(), []
        row = np.array(best.coordinates[len(game.cost) :])
        wait = (row @ np.array(game.latency)) / (row @ np.array(game.success_prob))
        indifferent = np.isclose(game.patience, wait, rtol=1e-9)
        assert (row > 0).sum() == 2 and indifferent.sum() == 1 and 0 < best.answer < 1
        assert [answer == 0 for answer in best.answers] == [p >= wait * (1 - 1e-9) for p in game.patience]
        points = SolvedCrowd(game).candidates()
        costs, _ = SolvedCrowd(game).outcome(Points(points), SolvedCrowd(game).best_answer(Points(points)))
        rows = points[:, len(game.cost) :]
        waits = (rows @ np.array(game.latency)) / (rows @ np.array(game.success_prob))
        regret = costs / best.provider_cost - 1
        single, mine = (rows > 0).sum(axis=1) == 1, np.isclose(waits, wait, rtol=1e-9)
        assert regret[single].min() >= WORTH_MIXING
        assert WORTH_CHOOSING <= regret[~single & ~mine].min() <= NEAR_BY


def test_random_commitments_to_a_crowd_are_bad(named_crowds):
    for game in named_crowds.values():
        points = Points(np.random.default_rng(0).random((4000, game.size)))
        costs, _ = SolvedCrowd(game).outcome(points, SolvedCrowd(game).best_answer(points))
        assert costs.min() > 1.05 * SolvedCrowd(game).equilibrium().provider_cost


def test_drawn_crowds_have_types_between_their_models_waits():
    game = draw_crowd(5, 40, np.random.default_rng(0))
    waits = np.array(game.latency) / np.array(game.success_prob)
    assert waits.min() * 0.999 < min(game.patience) and max(game.patience) < waits.max() * 1.001
    assert sum(game.prior) == pytest.approx(1) and 0.5 <= min(game.latency_scale) < max(game.latency_scale) <= 2
