"""Judgements in any game: scores, random commitments and numbers out of files."""

from dataclasses import replace
from math import inf, nan

import numpy as np
import pytest

from routegame.agents.exact.best_response import best_response
from routegame.envs.chain import outcome
from routegame.envs.classic.matrix_game import MatrixGame
from routegame.envs.classic.point_game import Point
from routegame.envs.commitment import Commitment, RoutingGame
from routegame.envs.game import Game
from routegame.envs.scenarios import scenario
from routegame.eval.judge.judgement import RANDOM, finite, lattice, ratio
from routegame.eval.judge.judges import judge_of
from routegame.eval.judge.routing_judge import RoutingJudge


def always(q):
    return lambda commitments: np.full(len(commitments), float(q))


@pytest.mark.parametrize("throttling", [False, True])
def test_score_is_zero_at_the_cost_of_a_random_commitment(throttling):
    """The lattice stands for uniform commitments: it must agree with plain Monte Carlo."""
    game = Game(9, 15, (0.1, 0.3), (1, 2), (1, 3.3))
    box = RoutingGame(game, throttling=throttling)
    rng = np.random.default_rng(0)
    drawn = box.commitments(rng.random((400_000, box.size)))
    cost = outcome(
        drawn.in_force(game),
        drawn.route,
        drawn.cascade_prob,
        best_response(game, drawn.route, drawn.cascade_prob, drawn.throttled_latency),
    ).provider_cost
    error = 5 * cost.std() / np.sqrt(len(cost))
    assert RoutingJudge(box).random_cost == pytest.approx(cost.mean(), abs=error + 0.005 * cost.std())


def test_lattice_fills_the_box():
    for dimensions in (2, 4):
        points = lattice(4096, dimensions)
        assert points.shape == (4096, dimensions)
        assert points.mean(axis=0) == pytest.approx(np.full(dimensions, 0.5), abs=0.01)
        assert np.abs(np.corrcoef(points.T) - np.eye(dimensions)).max() < 0.05


def test_what_takes_long_is_left_out_on_request():
    judge = RoutingJudge(RoutingGame(scenario("gpt41-o3").game))
    commitment = Commitment(1, 0.3, judge.routing.game.latency)
    whole, part = (judge.judge(commitment, always(0.5), everywhere=everywhere) for everywhere in (True, False))
    assert part.follower_gap_random is None and whole.follower_gap_random > 0
    assert replace(part, follower_gap_random=whole.follower_gap_random) == whole


def test_the_textbook_game_by_hand():
    """The follower plays its second action up to a probability x = ½ of action 1, and its first one beyond.

    Payoffs of the leader are (2, 4) and (1, 3): it earns 3 + x against the second action and 1 + x against the first.
    A random x costs −(3.25 + 1.75) / 2 = −2.5 on average, the best one, ½, −3.5.
    """
    judge = judge_of(MatrixGame(((2, 4), (1, 3)), ((1, 0), (0, 1))))
    assert judge.random_cost == pytest.approx(-2.5, abs=1e-3) and judge.equilibrium.leader_cost == pytest.approx(-3.5)
    assert judge.random_utility == pytest.approx(0.75, abs=1e-3)
    assert judge.baselines() == {RANDOM: pytest.approx(1 / 3.5, rel=1e-3)}
    found = judge.judge(Point((0.75,)), always(1))
    assert (found.leader_regret, found.best_abandon_prob) == (pytest.approx(3.5 - 1.75), 0)
    assert found.follower_gap == pytest.approx(0.75 - 0.25) and not found.certified
    assert found.normalised_score == pytest.approx(1 - 1.75 / (3.5 - 2.5), abs=3e-3), "worse than a random one"
    assert judge.regret(Point((0.75,))) == pytest.approx(1.75 / 3.5)
    scale = judge.solved.scale(Point((0.5,)).alone(), np.ones(1))[0]
    assert found.follower_gap_random == pytest.approx(0.25 / scale, abs=5e-3)


@pytest.mark.parametrize("part,whole,share", [(0, 0, 0), (0, 5, 0), (3, 4, 0.75), (1, 0, inf)])
def test_nothing_of_nothing_is_nothing(part, whole, share):
    assert ratio(part, whole) == share


def test_numbers_out_of_files_are_finite():
    assert (finite(3), finite("0.25")) == (3.0, 0.25)
    for value in (inf, -inf, nan, "nan", "x"):
        with pytest.raises(ValueError):
            finite(value)
    with pytest.raises(TypeError):
        finite(None)
