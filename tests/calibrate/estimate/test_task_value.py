"""V is found where the log tells it, and said to be unknown, within bounds that are true, where it does not."""

from functools import cache
from math import inf

import numpy as np
import pytest

from routegame import Game, best_response
from routegame.agents.users.quantal import quantal_response
from routegame.calibrate.estimate.task_value import Cell, Models, draw_users, estimate_task_value

GAME = Game(9, 15, (0.1, 0.3), (1, 2), (1, 3.6))
MODELS = Models((0.1, 0.3), (2e-4, 6e-4), (1.0, 2.0), (2e-3, 4e-3))
SEVERAL = ((1, 0.0), (1, 0.1), (1, 0.4), (2, 0.0))


def cells(commitments, temperature, decisions=20_000, game=GAME):
    """Users who leave exactly as often as is expected of them."""
    found = []
    for route, s in commitments:
        q = quantal_response(game, route, s, temperature) if temperature else best_response(game, route, s)
        found.append(Cell(route, s, 0.0, decisions, round(decisions * q)))
    return found


@cache
def fitted(temperature, decisions=20_000):
    """V from several commitments; a fit takes a third of a second, and tests share it."""
    return estimate_task_value(cells(SEVERAL, temperature, decisions), MODELS)


@pytest.mark.parametrize("temperature", [0.1, 1.0])
def test_commitments_that_differ_tell_value_and_noise(temperature):
    found = fitted(temperature)
    value = found.estimate
    assert found.identified and found.reason == "" and found.freedom == 2
    assert value.value == pytest.approx(9, rel=0.01) and found.temperature == pytest.approx(temperature, rel=0.05)
    assert value.low < 9 < value.high < 9.5 and found.deviance < 0.1


def test_fewer_decisions_make_a_wider_interval():
    widths = []
    for decisions in (2000, 20_000):
        value = fitted(1.0, decisions).estimate
        widths.append(value.high - value.low)
    assert widths[0] > 2 * widths[1]
    spread = estimate_task_value(cells(SEVERAL, 1.0, 20_000), MODELS, spread=10.0).estimate
    assert spread.high - spread.low == pytest.approx(widths[0], rel=0.1)


@pytest.mark.slow
def test_millions_of_decisions_are_no_harder():
    """The likelihood is then a ridge so sharp that a search needs a hundred steps along it. V is 120, the noise 6."""
    counts = [
        (1, 0.05, 1938291, 1115698),
        (1, 0.1, 2267574, 1059818),
        (1, 0.3, 2970447, 697266),
        (2, 0, 1143571, 331000),
    ]
    models = Models((0.031147, 0.431791), (6.7e-5, 2.8e-4), (6.0888, 39.7777), (1.2e-3, 1.1e-2))
    found = estimate_task_value([Cell(route, s, 0.0, *of) for route, s, *of in counts], models)
    assert found.identified and found.deviance < 5  # with two degrees of freedom
    assert 119.5 < found.estimate.low < 120 < found.estimate.high < 120.5
    assert found.temperature == pytest.approx(6, rel=0.01)


def test_what_is_not_known_of_the_models_is_not_known_of_users():
    vague = Models((0.1, 0.3), (2e-3, 6e-3), (1.0, 2.0), (2e-2, 4e-2))
    exact, loose = fitted(0.1).estimate, estimate_task_value(cells(SEVERAL, 0.1), vague).estimate
    assert loose.high - loose.low > 2 * (exact.high - exact.low)


@pytest.mark.parametrize("temperature,low,high", [(0.1, 0.0, 10.0), (None, 0.0, 10.0)])
def test_one_commitment_bounds_the_value_on_one_side(temperature, low, high):
    """Users leave route 1 without a cascade more often than not: V p_1 < t_1 = 1, whatever the noise."""
    found = estimate_task_value(cells([(1, 0.0)], temperature), MODELS)
    assert not found.identified and "every user faced the same commitment" in found.reason
    assert found.estimate.low == low and found.estimate.high == pytest.approx(high, rel=0.02)


def test_users_who_always_stay_bound_it_from_below():
    found = estimate_task_value(cells([(1, 0.1), (2, 0.0)], None), MODELS)
    s_0_of = [
        value
        for value in np.linspace(6.7, 9, 200)
        if best_response(Game(value, 1, (0.1, 0.3), (1, 2), (1, 1)), 1, 0.1) == 0
    ]
    assert not found.identified and "nobody ever left" in found.reason and found.estimate.high == inf
    assert found.estimate.low == pytest.approx(s_0_of[0], rel=0.02)


@pytest.mark.slow
def test_users_at_their_best_on_either_side_of_a_threshold_enclose_it():
    """At s = 0 they leave, so V < 10; at s = 0.1 they stay."""
    found = estimate_task_value(cells([(1, 0.0), (1, 0.1)], None), MODELS)
    assert found.identified and found.estimate.low < 9 < found.estimate.high < 10.1
    assert found.estimate.low > 7.5


def test_a_log_without_decisions_says_nothing():
    found = estimate_task_value([Cell(1, 0.0, 0.0, 0, 0)], MODELS)
    assert (found.identified, found.estimate.low, found.estimate.high) == (False, 0, inf)


def test_a_model_that_never_ran_is_not_missed():
    nan = float("nan")
    alone = Models((0.1, nan), (2e-4, nan), (1.0, nan), (2e-3, nan))
    found = estimate_task_value(cells([(1, 0.0)], 0.1), alone)
    assert found.estimate.high == pytest.approx(10, rel=0.02)


def test_answers_that_no_value_explains_are_a_bad_fit():
    odd = [Cell(1, 0.0, 0.0, 20_000, 2000), Cell(1, 0.1, 0.0, 20_000, 15_000), Cell(1, 0.4, 0.0, 20_000, 2000)]
    assert estimate_task_value(odd, MODELS).deviance > 1000


def test_an_estimated_cascade_widens_the_interval():
    known = cells(SEVERAL, 0.1)
    guessed = [Cell(c.route, c.cascade_prob, 0.02 * (c.cascade_prob == 0.1), c.decisions, c.leaves) for c in known]
    exact, loose = fitted(0.1).estimate, estimate_task_value(guessed, MODELS).estimate
    assert loose.high - loose.low >= exact.high - exact.low


def test_two_commitments_whose_users_answer_the_wrong_way_round_are_a_bad_fit():
    """All leave where more is handed over, which is better for them, and none where less is: no V makes them."""
    odd = [Cell(1, 0.05, 0.0, 3865, 0), Cell(1, 0.3, 0.0, 294, 294)]
    found = estimate_task_value(odd, MODELS)
    assert found.freedom == 1 and found.deviance > 20
    assert estimate_task_value(cells([(1, 0.05), (1, 0.3)], 0.5), MODELS).deviance < 0.1
    assert estimate_task_value(odd[:1], MODELS).freedom == 0


@pytest.mark.slow
def test_draws_are_around_the_highest_peak():
    """Separated answers, which models a little off explain best: tossing a coin explains them, too, and far worse."""
    models = Models((0.0294, 0.4169), (0.0027, 0.025), (6.0, 41.7), (0.05, 1.0))
    told = [Cell(1, 0.05, 0.0, 3865, 0), Cell(1, 0.3, 0.0, 294, 294)]
    found = estimate_task_value(told, models)
    users = draw_users(told, models, 40, np.random.default_rng(0))
    assert np.median(users.temperature) < 1 < 100 < found.estimate.low * 1.2
    assert found.estimate.low * 0.8 < np.median(users.task_value) < found.estimate.high * 1.2
