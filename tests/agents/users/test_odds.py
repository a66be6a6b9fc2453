"""Beliefs of a user who counts its failures: the odds pass by pass, and how much of a cascade is bearable."""

import numpy as np
import pytest
from signed_games import random_game

from routegame import Game
from routegame.agents.exact.best_response import thresholds
from routegame.agents.users.information import history_response
from routegame.agents.users.odds import Odds


def test_thresholds_of_patience_fall_towards_s_L():
    game = random_game("value-latency", 200, seed=12)
    odds = Odds.in_game(game)
    s = np.stack([odds.cascade_prob(np.full(game.shape, count)) for count in range(2, 40)])
    np.testing.assert_allclose(s[0], thresholds(game).s_H, rtol=1e-12)
    assert np.all(np.diff(s, axis=0) <= 0) and np.all(s >= odds.s_L)
    for k, count in enumerate(range(2, 40)):
        apart = s[k] > odds.s_L + 1e-6 * s[k]
        assert np.all(history_response(game, 1, s[k])[apart] == count)
        assert np.all(history_response(game, 1, np.minimum(s[k] * (1 + 1e-9), 1))[apart] == count - 1)
        assert np.all(history_response(game, 1, s[k]) >= count)


def odds_by_bayes(game, s, count):
    """Odds for model 2 before pass `count` on route 1: failures weigh beliefs, then a share s is handed over."""
    (p1, p2), first, second = game.success_prob, 1.0, 0.0
    for _ in range(count - 1):
        first, second = (1 - p1) * (1 - s) * first, (1 - p2) * second + (1 - p1) * s * first
    return second / first


@pytest.mark.parametrize("p", [(0.1, 0.3), (0.3, 0.1), (0.25, 0.25)])
@pytest.mark.parametrize("count", [2, 3, 7, 30])
def test_at_the_largest_cascade_with_so_many_passes_the_last_is_just_bearable(p, count):
    game = Game(6.5, 12, p, (0.9 * 6.5 * p[0], 1.4 * 6.5 * p[1]), (1, 3))
    odds = Odds.in_game(game)
    s = float(odds.cascade_prob(np.array(float(count))))
    bearable = game.net_value[0] / -game.net_value[1]
    assert odds_by_bayes(game, s, count) == pytest.approx(bearable, rel=1e-9)
    assert odds_by_bayes(game, s, count + 1) > bearable > odds_by_bayes(game, s, count - 1)
    assert float(odds.passes(np.array(s - odds.s_L))) == pytest.approx(count, rel=1e-6)


def test_up_to_s_L_no_number_of_failures_is_unbearable():
    game = Game(6.5, 12, (0.1, 0.3), (0.5, 2.5), (1, 3))
    odds, bearable = Odds.in_game(game), 0.15 / 0.55
    assert float(odds.s_L) == pytest.approx(thresholds(game).s_H * 0.2 / 0.9)
    assert odds_by_bayes(game, float(odds.s_L) * (1 - 1e-6), 4000) < bearable
    assert odds_by_bayes(game, float(odds.s_L) * (1 + 1e-3), 4000) > bearable
    assert np.isinf(odds.passes(np.array([0.0, -0.1]))).all()


def test_there_are_none_where_both_models_are_worth_the_same_answer():
    """Only where model 1 is worth its wait and model 2 is not does the number of failures matter."""
    signs = Game(8, 1, (0.25, 0.5), (np.array([1.0, 1.0, 3.0, 3.0, 2.0]), np.array([5.5, 2.5, 5.5, 2.5, 5.5])), (1, 3))
    assert np.isfinite(Odds.in_game(signs).bearable).tolist() == [True, False, False, False, False]


def test_a_part_of_a_batch_has_its_odds():
    batch = random_game("value-latency", 12, seed=1)
    odds = Odds.in_game(batch)
    part = odds[np.array([3, 3, 0])]
    assert part.s_H.tolist() == odds.s_H[[3, 3, 0]].tolist() and odds.ravel().s_L.shape == (12,)
