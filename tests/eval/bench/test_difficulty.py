"""Shares of good commitments, where they are known by hand, and below what hard suites promise."""

import numpy as np
import pytest

from routegame.agents.exact.solved import solved
from routegame.envs.classic.duopoly import Duopoly
from routegame.envs.commitment import RoutingGame
from routegame.envs.game import Game
from routegame.envs.menu_game import MenuGame
from routegame.envs.scenarios import scenario
from routegame.eval.bench.difficulty import at_a_glance, crowded_pairs, crowded_pairs_table, difficulty, table
from routegame.eval.bench.hard_games import draw_crowd
from routegame.eval.bench.suites import instances


def test_the_share_of_a_duopoly_by_hand():
    """Within a share w of the optimum are the quantities within √w of the best one, 1/2, relative to that."""
    found = difficulty(Duopoly(intercept=1, slope=1, cost=(0, 0), noise=0.1), within=0.01, draws=200_000)
    for share in (found.box, found.lanes):
        assert share.low < 0.1 < share.high and share.high - share.low < 0.005


def test_lanes_are_where_menus_have_their_optima():
    game = MenuGame(scenario("menu-pair").game)
    found = difficulty(game, draws=50_000)
    assert found.box.value == 0 and found.box.high < 1e-4
    assert found.lanes.low > 1e-4


def test_the_same_seed_draws_the_same_commitments():
    game = RoutingGame(scenario("nano-gpt5").game)
    one, again, other = (difficulty(game, within=0.1, draws=70_000, seed=seed).box.value for seed in (0, 0, 1))
    assert one == again != other


def test_everything_is_good_that_costs_no_more_than_so_much_more():
    game = RoutingGame(scenario("nano-gpt5").game)
    assert solved(game).equilibrium().leader_cost > 0
    assert difficulty(game, within=1e9, draws=1000).box.value == 1


@pytest.mark.slow
@pytest.mark.parametrize("suite", ["needle", "steep"])
def test_good_commitments_are_rare_in_hard_suites(suite):
    for known in instances(suite):
        draws = 1_000_000 if known.box.size > 2 else 3_000_000
        assert difficulty(known.box, draws=draws).box.high < 1e-5, known.name


def test_the_table_has_a_line_for_every_game():
    lines = table("steep", draws=1000).splitlines()
    assert len(lines) == 2 + 6 and lines[2].startswith("| steep-1 | 2 | 0.0e+00 | 0.0e+00 to 3.8e-03 |")


def test_a_glance_is_for_games_that_are_small():
    known = {known.name: known.box for known in (*instances("needle"), *instances("mixes"))}
    assert at_a_glance(known["needle-8-branch"]).value == 0
    assert at_a_glance(known["subjects-sighted"]) is None
    found = at_a_glance(known["easy-hard-blind"])
    assert found.value == 0 and found.high < 0.01


def test_a_crowd_of_one_type_is_the_game_of_that_type():
    """Its share of good commitments is that of the game, counted by chance and against the exact optimum."""
    rng = np.random.default_rng([0, 1])
    for share in crowded_pairs(1, count=4, steps=20_000):
        crowd = draw_crowd(2, 1, rng)
        (scale,) = crowd.latency_scale
        latency = tuple(scale * each for each in crowd.latency)
        game = Game(crowd.task_value[0], crowd.churn_penalty[0], crowd.success_prob, latency, crowd.cost)
        counted = difficulty(RoutingGame(game), draws=100_000).box
        assert counted.low - 1e-3 <= share <= counted.high + 1e-3


def test_the_table_of_crowded_pairs_has_a_line_for_each_number_of_types(monkeypatch):
    monkeypatch.setattr("routegame.eval.bench.difficulty.crowded_pairs", lambda num_types: np.full(3, num_types / 100))
    assert [line.split(" | ")[1:3] for line in crowded_pairs_table().splitlines()[2:]] == [
        [f"{num_types} % or more"] * 2 for num_types in (3, 6, 12)
    ]
