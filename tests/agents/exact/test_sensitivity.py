"""Over which V an answer holds: against V drawn inside the interval, and just outside it."""

from dataclasses import replace
from math import inf

import numpy as np
import pytest
from two_models import TWO_MODELS

from routegame import Game, best_response, solve
from routegame.agents.exact.sensitivity import commitment_range, same_answer, value_range
from routegame.envs.chain import outcome
from routegame.envs.scenarios import scenario
from routegame.eval.bench.suites import random_games

GAMES = [known.game for known in TWO_MODELS.values()] + [instance.game for instance in random_games(3, 3)]
JUST = 1e-6


def answers(games, throttling=False):
    """What a provider would do in each game of a batch, told apart by hand."""
    best = solve(games, throttling=throttling).equilibrium
    cascade = (best.route == 1) & (best.cascade_prob > 0)
    users = np.sign(best.abandon_prob) + (best.abandon_prob == 1)
    slowed = [np.greater(*latencies) for latencies in zip(best.throttled_latency, games.latency, strict=True)]
    return list(zip(best.route, cascade, users, *slowed, strict=True))


def regrets(games, best):
    """Of a commitment in each game of a batch, relative, under the exact best response."""
    q = best_response(games, best.route, best.cascade_prob)
    cost = outcome(games, best.route, best.cascade_prob, q).provider_cost
    return cost / solve(games).equilibrium.provider_cost - 1


def at(game, values):
    return replace(game, task_value=np.asarray(values))


def inside(ends, rng, count=50):
    low, high = ends
    return np.exp(rng.uniform(np.log(max(low, 1e-3) * (1 + JUST)), np.log(min(high, 1e6) * (1 - JUST)), count))


def outside(ends):
    low, high = ends
    return [low * (1 - JUST)] * (low > 0) + [high * (1 + JUST)] * (high < inf)


@pytest.mark.quick_cases(1)
@pytest.mark.parametrize("throttling", [False, True])
def test_the_answer_is_the_same_inside_and_another_outside(throttling):
    rng, ended = np.random.default_rng(0), 0
    for game in GAMES:
        ends = value_range(game, throttling=throttling)
        beyond = outside(ends)
        mine, *found = answers(at(game, [game.task_value, *inside(ends, rng), *beyond]), throttling)
        assert ends[0] < game.task_value < ends[1]
        assert [other == mine for other in found] == [True] * 50 + [False] * len(beyond)
        ended += len(beyond)
    assert ended > len(GAMES)


def test_a_commitment_is_nearly_the_best_inside_and_not_outside():
    rng, ended = np.random.default_rng(1), 0
    for game in GAMES:
        best = solve(game).equilibrium
        ends = commitment_range(game, best, 0.01)
        beyond = outside(ends)
        assert ends[0] <= game.task_value <= ends[1]
        assert (regrets(at(game, inside(ends, rng)), best) < 0.01 + 1e-9).all()
        assert not beyond or (regrets(at(game, beyond), best) > 0.01 - 1e-9).all()
        ended += len(beyond)
    assert ended > len(GAMES) / 2


def test_regimes_bound_the_answer():
    game = scenario("nano-gpt5").game
    assert value_range(game) == pytest.approx([39.77 / 0.4311, 6.09 / 0.0311])
    assert commitment_range(game, solve(game).equilibrium, 0.01)[0] == pytest.approx(120)


def test_a_slowed_model_that_just_drives_users_away_does_not_if_they_value_tasks_more():
    game = scenario("deepseek-v32").game
    best = solve(game, throttling=True).equilibrium
    assert best.abandon_prob == 1
    assert commitment_range(game, best, 0.01, throttling=True) == (0.0, pytest.approx(600))


def test_a_game_that_nothing_bounds():
    game = Game(9, 15, (0.1, 0.3), (0, 0), (1, 3.3))
    assert value_range(game) == commitment_range(game, solve(game).equilibrium, 0.01) == (0.0, inf)


def test_games_of_a_batch_are_told_apart():
    game = scenario("gpt41-o3").game
    penalties = np.array([0.1, 0.2, 5.0])
    others = replace(game, churn_penalty=penalties)
    mine, *found = answers(replace(game, churn_penalty=np.array([0.2, *penalties])))
    assert same_answer(game, others).tolist() == [other == mine for other in found]
    assert 0 < same_answer(game, others).sum() < 3


@pytest.mark.parametrize("value", [5e-324, 1e300])
def test_values_at_the_ends_of_all_numbers_have_a_range(value):
    """The grid of V had a 0 below and an infinity above them."""
    low, high = value_range(Game(value, 1, (0.1, 0.3), (1, 2), (1, 3)))
    assert (low, high) == ((0, pytest.approx(10)) if value < 1 else (pytest.approx(10), inf))
