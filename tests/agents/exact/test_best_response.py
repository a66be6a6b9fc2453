"""The user's exact best response: against brute force, at every indifference point, and as properties."""

import itertools
from fractions import Fraction

import brute_force
import numpy as np
import pytest
from brute_force import Numbers
from hypothesis import given, settings
from hypothesis import strategies as st

from routegame import Game, ParameterError, best_response
from routegame.agents.exact.best_response import thresholds

CASCADES = np.concatenate([[0, 1e-6, 1 - 1e-6, 1], np.linspace(0.01, 0.99, 33)])
FIG_4_LEFT = Game(9, 12, (0.1, 0.3), (1, 2), (1, 3))
FIG_4_RIGHT = Game(6.5, 12, (0.1, 0.3), (0.5, 2.5), (1, 3))

# Exactly representable: V p_1 = 2, V p_2 = 4, so that a latency equal to it makes the net value exactly 0.
VALUE, PROBS = 8.0, (0.25, 0.5)
LATENCY_OF = ({"+": 1.0, "0": 2.0, "-": 3.0}, {"+": 2.5, "0": 4.0, "-": 5.5})


def exact_game(signs):
    return Game(VALUE, 1, PROBS, (LATENCY_OF[0][signs[0]], LATENCY_OF[1][signs[1]]), (1, 3))


# ---- Theorems 1 and 2 against brute force


def test_route_2_is_brute_force(stratum):
    q = best_response(stratum.game, 2, 0.0)
    np.testing.assert_array_equal(q, brute_force.best_reply(stratum.numbers, 2, 0.0))
    assert set(q) == ({0.0} if stratum.regime.endswith("value") else {1.0})


def test_route_2_ignores_the_cascade(stratum):
    np.testing.assert_array_equal(best_response(stratum.game, 2, 0.7), best_response(stratum.game, 2, 0.0))


def test_route_1_is_brute_force(stratum, as_game):
    columns = stratum.numbers.columns()
    q = best_response(as_game(columns), 1, CASCADES)
    np.testing.assert_allclose(q, brute_force.best_reply(columns, 1, CASCADES), atol=1e-9, rtol=0)
    inside = np.mean((q > 0) & (q < 1))
    assert (inside > 0.1) if stratum.regime == "value-latency" else (inside == 0)


def test_route_1_by_signs(stratum, as_game):
    q = best_response(as_game(stratum.numbers.columns()), 1, CASCADES)
    if stratum.regime == "value-value":
        assert np.all(q == 0)
    elif stratum.regime == "latency-latency":
        assert np.all(q == 1)
    else:
        first, last = (0, 1) if stratum.regime == "value-latency" else (1, 0)
        assert np.all(q[:, 0] == first) and np.all(q[:, 3] == last)


def test_figure_3():
    """Route 1, s = 0.25, p = (0.1, 0.3), over the net values of both models."""
    axis = np.linspace(-1, 1, 41) + 0.003  # no point of the grid is a tie
    xi1, xi2 = (xi.ravel() for xi in np.meshgrid(axis, axis))
    value = np.full(xi1.shape, 20.0)
    t1, t2 = value * 0.1 - xi1, value * 0.3 - xi2
    q = best_response(Game(value, 0, (0.1, 0.3), (t1, t2), (1, 3)), 1, 0.25)
    numbers = Numbers(value, 0.0, 0.1, 0.3, t1, t2, 1.0, 3.0)
    np.testing.assert_allclose(q, brute_force.best_reply(numbers, 1, 0.25), atol=1e-9)
    climbs, falls = (xi1 < 0) & (xi2 > 0), (xi1 > 0) & (xi2 < 0)
    np.testing.assert_array_equal(q[climbs] == 0, 0.25 * (xi2 / 0.3 - xi1)[climbs] >= -xi1[climbs])
    np.testing.assert_array_equal(q[falls] == 1, 0.25 * (xi1 - xi2)[falls] >= xi1[falls])
    assert {0, 1} == set(q[climbs]) and ((q > 0) & (q < 1)).sum() > 100
    assert np.all(q[(xi1 > 0) & (xi2 > 0)] == 0) and np.all(q[(xi1 < 0) & (xi2 < 0)] == 1)


# ---- thresholds


def test_figure_4_thresholds():
    left, right = thresholds(FIG_4_LEFT), thresholds(FIG_4_RIGHT)
    assert left.s_0 == pytest.approx(0.1 / (0.7 / 0.3 + 0.1), rel=1e-12)
    assert round(left.s_0, 6) == 0.041096
    assert (round(right.s_L, 4), round(right.s_H, 4)) == (0.0570, 0.2143)
    assert right.s_H == pytest.approx(0.15 / 0.7, rel=1e-12)
    assert np.isnan([left.s_L, left.s_H, right.s_0]).all()


def test_thresholds_exist_where_the_signs_say(stratum):
    at = thresholds(stratum.game)
    assert np.all(np.isnan(at.s_0) == (stratum.regime != "latency-value"))
    assert np.all(np.isnan(at.s_L) == (stratum.regime != "value-latency"))
    assert np.all(np.isnan(at.s_H) == (stratum.regime != "value-latency"))


def test_s_0_is_where_staying_and_leaving_are_worth_the_same(draw, as_game):
    numbers = draw("latency-value", 500, seed=11)
    at = thresholds(as_game(numbers))
    np.testing.assert_allclose(at.s_0, brute_force.indifferent_cascade(numbers), rtol=1e-9)
    assert np.all((at.s_0 > 0) & (at.s_0 < 1))


def test_s_L_and_s_H_are_where_the_slope_vanishes_at_the_ends(draw, as_game):
    numbers = draw("value-latency", 500, seed=12)
    at, unit = thresholds(as_game(numbers)), numbers.value
    np.testing.assert_allclose(brute_force.slope(numbers, 1, at.s_L, 0.0) / unit, 0, atol=1e-9)
    np.testing.assert_allclose(brute_force.slope(numbers, 1, at.s_H, 1.0) / unit, 0, atol=1e-9)
    assert np.all((at.s_L > 0) & (at.s_L < at.s_H) & (at.s_H < 1))


# ---- at the indifference points; ties go to staying


@pytest.mark.parametrize("signs", list(itertools.product("+0-", repeat=2)), ids="".join)
@pytest.mark.parametrize("route,s", [(1, 0.0), (1, 0.5), (1, 1.0), (2, 0.0), (2, 0.5), (2, 1.0)])
def test_zero_net_values(signs, route, s):
    """Of all answers that are exactly best, in rational arithmetic, the one that stays longest is given."""
    game = exact_game(signs)
    assert tuple("+0-"[1 - int(np.sign(xi))] for xi in game.net_value) == signs
    exact = Numbers(VALUE, 1.0, *PROBS, *game.latency, 1.0, 3.0).exactly()
    best = brute_force.exact_answers(exact, route, Fraction(s), [Fraction(k, 200) for k in range(201)])
    assert best_response(game, route, s) == pytest.approx(float(best[0]), abs=0.005)
    if "0" in signs:
        assert best_response(game, route, s) == best[0]


def test_at_s_0_exactly():
    game = Game(8, 1, (0.25, 0.5), (3, 2.5), (1, 3))
    exact = Numbers(8, 1, 0.25, 0.5, 3, 2.5, 1, 3).exactly()
    quarter = Fraction(1, 4)
    assert brute_force.utility(exact, 1, quarter, 0) == brute_force.utility(exact, 1, quarter, 1)
    assert thresholds(game).s_0 == 0.25
    assert best_response(game, 1, 0.25) == 0
    assert best_response(game, 1, 0.25 * (1 + 1e-6)) == 0
    assert best_response(game, 1, 0.25 * (1 - 1e-6)) == 1
    assert best_response(game, 1, np.nextafter(0.25, 0)) == 0, "rounding must not decide a tie"


def test_around_s_0(draw, as_game):
    game = as_game(draw("latency-value", 500, seed=13))
    s_0 = thresholds(game).s_0
    assert np.all(best_response(game, 1, s_0) == 0)
    assert np.all(best_response(game, 1, s_0 * (1 + 1e-6)) == 0)
    assert np.all(best_response(game, 1, s_0 * (1 - 1e-6)) == 1)


def test_around_s_L_and_s_H(draw, as_game):
    game = as_game(draw("value-latency", 500, seed=14))
    at = thresholds(game)
    assert np.all(best_response(game, 1, at.s_L) == 0)
    assert np.all(best_response(game, 1, at.s_L * (1 - 1e-6)) == 0)
    assert np.all(best_response(game, 1, at.s_H) == 1)
    assert np.all(best_response(game, 1, np.minimum(at.s_H * (1 + 1e-6), 1)) == 1)
    just_inside = [best_response(game, 1, at.s_L + x * (at.s_H - at.s_L)) for x in (1e-6, 1 - 1e-6)]
    assert all(np.all((q > 0) & (q < 1)) for q in just_inside)
    assert np.all(just_inside[0] < 0.01) and np.all(just_inside[1] > 0.99)


EXTREME = [1e-9, 0.5, 1 - 1e-9]


@pytest.mark.parametrize("p1,p2", list(itertools.product(EXTREME, repeat=2)))
@pytest.mark.parametrize("first,second", [(0.5, 1.5), (1 - 1e-6, 1 + 1e-6), (1.5, 0.5), (1 + 1e-6, 1 - 1e-6)])
def test_extremes_in_rational_arithmetic(p1, p2, first, second):
    """No point of a grid beats the answer where success is all but impossible or all but certain."""
    game = Game(1, 1, (p1, p2), (first * p1, second * p2), (1, 3))
    exact = Numbers(1.0, 1.0, p1, p2, *game.latency, 1.0, 3.0).exactly()
    at, grid = thresholds(game), [0.0, *np.logspace(-12, 0, 37)]
    edges = [x for x in (at.s_0, at.s_L, at.s_H) if not np.isnan(x)]
    for s in [
        0.5,
        *edges,
        *(x * 0.999 for x in edges),
        *(min(x * k, 1.0) for x in edges for k in (1.001, 2)),
    ]:
        q = Fraction(float(best_response(game, 1, s)))
        worth = brute_force.utility(exact, 1, Fraction(float(s)), q)
        best = max(brute_force.utility(exact, 1, Fraction(float(s)), Fraction(x)) for x in grid)
        assert float(best - worth) <= 1e-9


# ---- properties

probability = st.floats(1e-3, 1 - 1e-3)
shares = st.one_of(st.floats(0, 3), st.sampled_from([0.0, 1.0, 1 - 1e-6, 1 + 1e-6]))
cascades = st.one_of(st.floats(0, 1), st.sampled_from([0.0, 0.5, 1.0]))
routes = st.sampled_from([1, 2])
DENSE = np.concatenate([np.linspace(0, 1, 401), np.logspace(-8, 0, 200)])


@st.composite
def one_game(draw):
    value, p1, p2 = draw(st.floats(0.1, 1000)), draw(probability), draw(probability)
    return Game(value, 1, (p1, p2), (value * p1 * draw(shares), value * p2 * draw(shares)), (1, 3))


def utility(game, route, s, q):
    (p1, p2), (t1, t2) = game.success_prob, game.latency
    return brute_force.utility(Numbers(game.task_value, 1.0, p1, p2, t1, t2, 1.0, 3.0), route, s, q)


@settings(max_examples=300, deadline=None, derandomize=True)
@given(one_game(), routes, cascades)
def test_no_other_answer_is_better(game, route, s):
    q = best_response(game, route, s)
    assert 0 <= q <= 1
    scale = game.task_value + abs(utility(game, route, s, DENSE)).max()
    assert utility(game, route, s, DENSE).max() <= utility(game, route, s, q) + 1e-9 * scale


@settings(max_examples=300, deadline=None, derandomize=True)
@given(one_game(), routes, cascades, st.floats(0, 2), st.floats(0, 2))
def test_slowing_down_never_makes_users_stay_longer(game, route, s, first, second):
    (p1, p2), (t1, t2), value = game.success_prob, game.latency, game.task_value
    slower = (t1 + first * value * p1, t2 + second * value * p2)
    q, slowed = best_response(game, route, s), best_response(game, route, s, throttled_latency=slower)
    assert slowed >= q - 1e-9
    assert slowed == best_response(game.with_latency(slower), route, s)


@settings(max_examples=100, deadline=None, derandomize=True)
@given(one_game(), st.lists(cascades, min_size=2, max_size=2))
def test_along_s_the_answer_moves_one_way(game, pair):
    at_less, at_more = (best_response(game, 1, s) for s in sorted(pair))
    xi1, xi2 = game.net_value
    if xi1 > 0 > xi2:
        assert at_less <= at_more + 1e-9
    elif xi1 < 0 < xi2:
        assert at_less >= at_more


# ---- form


def test_a_single_answer_is_a_plain_float():
    for game, s in ((FIG_4_LEFT, 0.05), (FIG_4_RIGHT, 0.1)):
        assert type(best_response(game, 1, s)) is float


def test_a_batch_is_its_games_one_at_a_time_to_the_bit(stratum, as_game):
    g, s = stratum.numbers, np.linspace(0, 1, 500)
    for route in (1, 2):
        together = best_response(stratum.game, route, s)
        apart = [best_response(as_game(g[k]), route, s[k]) for k in range(500)]
        np.testing.assert_array_equal(together, apart)


def test_shapes_broadcast(as_game, draw):
    game = as_game(draw("value-latency", 4, seed=15))
    q = best_response(game, np.array([1, 2])[:, None, None], np.linspace(0, 1, 3)[:, None])
    assert q.shape == (2, 3, 4) and q[0, 1, 2] == best_response(game, 1, 0.5)[2]


@pytest.mark.parametrize("s", [-0.1, 1.1, np.nan, None, "half"], ids=repr)
def test_a_cascade_out_of_range_is_refused(s):
    with pytest.raises(ParameterError) as caught:
        best_response(FIG_4_LEFT, 1, s)
    assert caught.value.parameter == "cascade_prob"


@pytest.mark.parametrize("route", [0, 3, 1.5, "one"], ids=repr)
def test_a_route_out_of_range_is_refused(route):
    with pytest.raises(ParameterError) as caught:
        best_response(FIG_4_LEFT, route, 0.5)
    assert caught.value.parameter == "route"
