"""The cheapest cascade for users who count: all numbers of failures tried in turn, and games at the edges."""

import numpy as np
import pytest
from signed_games import SIGNS, random_game

from routegame import Game
from routegame.agents.users.hidden_cascade import hidden_cascade
from routegame.agents.users.information import history_response, solve_information
from routegame.agents.users.odds import Odds
from routegame.envs.chain import outcome, outcome_after


def test_the_best_number_of_failures_is_the_best_of_all_tried_in_turn():
    game = random_game("value-latency", 300, seed=11, dearer_first=True)
    found, odds = hidden_cascade(game), Odds.in_game(game)
    counts = np.arange(2.0, 200)
    best = np.full(game.shape, np.inf)
    for count in counts:
        s = odds.cascade_prob(np.full(game.shape, count))
        best = np.minimum(best, outcome_after(game, 1, s, count).provider_cost)
    other = solve_information(game, "model").equilibrium.provider_cost
    forever = outcome(game, 1, odds.s_L, 0.0).provider_cost
    np.testing.assert_allclose(
        np.fmin(found.provider_cost, other), np.minimum.reduce([best, other, forever]), rtol=1e-11
    )
    assert np.mean(np.isfinite(found.provider_cost)) > 0.5


@pytest.mark.parametrize("p", [(1e-6, 2e-6), (2e-6, 1e-6), (1e-6, 0.9), (0.9, 1e-6), (1 - 1e-9, 0.5), (1e-9, 1 - 1e-9)])
def test_extreme_success_probabilities(p):
    value = 1 / min(p)
    game = Game(value, 40 / p[1], p, (0.1 * value * p[0], 2.5 * value * p[1]), (1, 0.05 * p[1] / p[0]))
    e = solve_information(game, "history").equilibrium
    assert np.isfinite(e.provider_cost)
    at_most = min(game.cost_of_pass[0], *(c + game.churn_penalty * (1 - q) for c, q in zip(game.cost, p, strict=True)))
    assert 0 < e.provider_cost <= at_most * (1 + 1e-12)
    if e.route == 1 and 1 < e.leave_after:
        assert history_response(game, 1, e.cascade_prob) == e.leave_after


@pytest.mark.parametrize("regime", [name for name in SIGNS if name != "value-latency"])
def test_there_is_none_where_counting_changes_nothing(regime):
    found = hidden_cascade(random_game(regime, 20, seed=2, dearer_first=True))
    assert all(np.isnan(x).all() for x in (found.cascade_prob, found.leave_after, found.provider_cost))


def test_what_is_found_costs_what_it_says_and_users_answer_so():
    game = random_game("value-latency", 200, seed=3, dearer_first=True)
    found = hidden_cascade(game)
    led = np.isfinite(found.provider_cost)
    assert led.sum() > 50 and (found.leave_after[led] > 1).all()
    cascade, patience = np.where(led, found.cascade_prob, 0), np.where(led, found.leave_after, 1)
    cost = outcome_after(game, 1, cascade, patience).provider_cost
    assert found.provider_cost[led] == pytest.approx(cost[led], rel=1e-12)
    assert (history_response(game, 1, cascade) == patience)[led].all()


def test_shapes_are_kept():
    game = random_game("value-latency", 12, seed=4, dearer_first=True)
    wide = Game(
        game.task_value.reshape(3, 4),
        game.churn_penalty.reshape(3, 4),
        *(tuple(x.reshape(3, 4) for x in pair) for pair in (game.success_prob, game.latency, game.cost)),
    )
    one, other = hidden_cascade(game), hidden_cascade(wide)
    for name in ("cascade_prob", "leave_after", "provider_cost"):
        assert np.array_equal(getattr(other, name).ravel(), getattr(one, name), equal_nan=True)
