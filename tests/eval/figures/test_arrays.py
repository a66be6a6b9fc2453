"""Arrays of the figures, against the paper's numbers and closed forms."""

import numpy as np
import pytest

from routegame.agents.exact.best_response import best_response, thresholds
from routegame.envs.chain import outcome
from routegame.eval.figures import arrays as grids
from routegame.eval.figures.arrays import COMMITMENTS, INFORMATION, LEFT, MIDDLE, REGIMES, paper_game

NUM_POINTS = 41


def away_from(value, boundary):
    """Points of a map off a boundary, where rounding does not decide the side."""
    return np.abs(value - boundary) > 1e-9


def plane(arrays):
    """Gap and penalty of every point of a map."""
    return np.meshgrid(arrays["gap"], arrays["churn_penalty"])


def test_figure_1_regimes_are_the_signs_of_the_net_values():
    arrays = grids.regimes(NUM_POINTS)
    ratio, value = np.meshgrid(arrays["latency_ratio"], arrays["task_value"])
    off = away_from(value, 10) & away_from(value, ratio / 0.3)
    first, second = (np.where(sign, "value", "latency") for sign in (value > 10, value * 0.3 > ratio))
    wanted = np.char.add(np.char.add(first, "-"), second)
    assert np.all((np.array(REGIMES)[arrays["regime"]] == wanted)[off])
    assert set(arrays["regime"][off]) == {0, 1, 2, 3}


def test_figure_3_signs_and_mixing_region():
    arrays = grids.figure_3(NUM_POINTS)
    xi1, xi2 = np.meshgrid(arrays["net_value_1"], arrays["net_value_2"])
    q = arrays["abandon_prob"]
    assert np.all(q[(xi1 > 0) & (xi2 > 0)] == 0)
    assert np.all(q[(xi1 < 0) & (xi2 < 0)] == 1)
    assert set(q[(xi1 < 0) & (xi2 > 0)]) == {0, 1}
    leaves_to, stays_from = arrays["leaves_to"][None], arrays["stays_from"][None]
    off = away_from(xi2, leaves_to) & away_from(xi2, stays_from)
    np.testing.assert_array_equal((q == 1)[off], (xi2 < leaves_to)[off])
    np.testing.assert_array_equal((q == 0)[off], (xi2 > stays_from)[off])
    mixes = (q > 0) & (q < 1)
    assert np.all((xi1 > 0)[mixes]) and np.all((xi2 < 0)[mixes]) and mixes.sum() > 50
    # F(s, q) = 0 with s = 0.25, a = 0.9, b = 0.7
    residual = xi1 * 0.75 * (0.3 + 0.7 * q) ** 2 + xi2 * 0.25 * (1 - 0.63 * 0.75 * (1 - q) ** 2)
    np.testing.assert_allclose(residual[mixes], 0, atol=1e-12)


def commitments(name):
    arrays = grids.optimal_commitment(name, NUM_POINTS)
    return arrays, np.array(COMMITMENTS)[arrays["commitment"]]


def test_figure_4_left():
    arrays, kind = commitments(LEFT)
    (x, penalty), s_0 = plane(arrays), 0.1 / (0.7 / 0.3 + 0.1)
    border = np.where(x > 0, ((10 - x) - 1) / 0.9, ((1 - s_0) + s_0 * (10 - x)) / (0.1 + 0.9 * s_0))
    off = away_from(penalty, border) & away_from(x, 0)
    wanted = np.where(penalty < border, "(1, 0)", np.where(x > 0, "(2, 0)", "(1, s_0)"))
    np.testing.assert_array_equal(kind[off], wanted[off])
    assert set(kind[off]) == {"(1, 0)", "(2, 0)", "(1, s_0)"}
    np.testing.assert_allclose(arrays["cascade_prob"][kind == "(1, s_0)"], 0.041096, atol=5e-7)
    np.testing.assert_array_equal(arrays["abandon_prob"][off], (wanted == "(1, 0)")[off])


def test_figure_4_left_boundaries():
    drawn = grids.boundaries(LEFT, np.array([-2.0, 0, 1, 2]))
    np.testing.assert_allclose(drawn["P_2"].round(2), [10.60, 10, np.nan, np.nan])
    np.testing.assert_allclose(drawn["P_1"].round(2), [np.nan, 10, 8.89, 7.78])


def test_figure_4_right():
    arrays, kind = commitments(MIDDLE)
    (x, penalty), wedge = plane(arrays), arrays["to_route_2"][None]
    staying = arrays["to_staying"][None]
    off = away_from(penalty, np.where(x < 0, staying, wedge)) & away_from(penalty, staying) & away_from(x, 0)
    above = np.where(x < 0, "(1, 0)", "(1, s_L)")
    below = np.where((x > 0) & (penalty > 10 - 1.5 * x), "(2, 0)", "(1, s >= s_H)")
    np.testing.assert_array_equal(kind[off], np.where(penalty > staying, above, below)[off])
    assert set(kind[off]) == {"(1, 0)", "(2, 0)", "(1, s_L)", "(1, s >= s_H)"}
    np.testing.assert_allclose(arrays["cascade_prob"][kind == "(1, s_L)"], 0.0570, atol=5e-5)
    np.testing.assert_array_equal(arrays["abandon_prob"][off], (penalty < staying)[off])


def test_figure_4_right_boundaries_and_thresholds():
    drawn = grids.boundaries(MIDDLE, np.array([-1.0, 0, 1, 2]))
    np.testing.assert_allclose(drawn["to_staying"].round(2), [10, 10, 9.94, 9.89])
    np.testing.assert_allclose(drawn["to_route_2"], [np.nan, 10, 8.5, 7])
    at = thresholds(paper_game(MIDDLE, 1, 12))
    assert (round(at.s_L, 4), round(at.s_H, 4)) == (0.0570, 0.2143)


@pytest.mark.parametrize(
    "name,losses",
    [
        (LEFT, {"(1, 0)": 2.433, "(1, s_0)": 2.433, "(2, 0)": 0}),
        (MIDDLE, {"(1, 0)": 0, "(2, 0)": 2.05, "(1, s_L)": 1.130, "(1, s >= s_H)": 1.35}),
    ],
)
def test_figure_5_left_and_middle(name, losses):
    """Both with the published figure's two errors put right: 2.433 and not 2.30, 2.05 and not 3.33."""
    _, kind = commitments(name)
    gap = grids.misalignment(name, NUM_POINTS)["misalignment_gap"]
    for where, loss in losses.items():
        np.testing.assert_allclose(gap[kind == where], loss, atol=5e-4, err_msg=where)
    assert set(kind.ravel()) == set(losses)


def test_figure_5_right():
    arrays = grids.throttling_gain(NUM_POINTS)
    (x, penalty), gain = plane(arrays), arrays["throttling_gain"]
    np.testing.assert_allclose(gain[x <= 0], np.maximum(9 - 0.9 * penalty[x <= 0], 0), atol=1e-9)
    assert gain[0, -1] == pytest.approx(7)
    np.testing.assert_array_equal(gain > 0, penalty < np.minimum(10, 10 - x) - 1e-9)


@pytest.mark.parametrize("name,pure_below", [(LEFT, True), (MIDDLE, False)])
def test_value_of_commitment(name, pure_below):
    """No pure equilibrium on one side of P = (c_2 − c_1)/(p_2 − p_1) = 10 − 1.5 x, for one sign of x."""
    arrays = grids.value_of_commitment(name, NUM_POINTS)
    x, penalty = plane(arrays)
    off = away_from(penalty, 10 - 1.5 * x) & away_from(x, 0)
    below = penalty < 10 - 1.5 * x
    none = (x < 0) & ~below if pure_below else (x > 0) & below
    np.testing.assert_array_equal(arrays["pure"][off], ~none[off])
    value = arrays["value_of_commitment"]
    assert value.min() >= 0 and value[none & off].min() > 0


def test_value_of_commitment_where_it_drives_users_away():
    arrays = grids.value_of_commitment(MIDDLE, NUM_POINTS)
    x, penalty = plane(arrays)
    left = x < 0
    np.testing.assert_allclose(
        arrays["value_of_commitment"][left], np.maximum(9 - 0.9 * penalty[left], 0), rtol=1e-9, atol=1e-12
    )


def test_safe_churn_penalty():
    arrays = grids.safe_churn_penalty(NUM_POINTS)
    stay1, stay2 = np.meshgrid(arrays["cost_of_pass_1"], arrays["cost_of_pass_2"])
    off = away_from(stay1, stay2)
    np.testing.assert_allclose(arrays["value_value"], np.minimum(stay1, stay2), atol=1e-9)
    np.testing.assert_allclose(arrays["latency_value"][off], np.where(stay2 < stay1, stay2, 0)[off], atol=1e-9)


def test_information_never_hurts_users_at_a_given_commitment():
    arrays = grids.worth_of_information(301)
    utility = {kind: arrays[f"utility_{kind}"] for kind in INFORMATION}
    assert np.all(utility["history"] >= utility["memoryless"] - 1e-12)
    assert np.all(utility["model"] >= utility["history"] - 1e-12)


def test_what_informed_users_do():
    """At the provider's best s of each kind, against the thresholds that the closed forms give."""
    arrays = grids.worth_of_information(3001)
    s, game = arrays["cascade_prob"], paper_game(MIDDLE, 1, 15)
    at = thresholds(game)
    best = {kind: s[arrays[f"cost_{kind}"].argmin()] for kind in INFORMATION}
    assert best["memoryless"] == pytest.approx(at.s_L, rel=1e-12)
    assert best["history"] == pytest.approx(at.s_H * 0.2 / 0.9, abs=1e-4)  # s_H (p_2 − p_1)/(1 − p_1)
    assert best["model"] == 0
    leaves = s > at.s_H * (1 + 1e-10)
    for kind in INFORMATION:
        np.testing.assert_allclose(arrays[f"utility_{kind}"][leaves], 0.15, rtol=1e-12)
        np.testing.assert_allclose(arrays[f"cost_{kind}"][leaves], 1 + 0.9 * 15, rtol=1e-12)


def test_users_who_count_are_at_least_as_well_off_as_with_any_fixed_patience():
    """Visits after N failures by powers of the transitions, the N best for users, against the running sums."""
    game, s = paper_game(MIDDLE, 1, 15), np.array([0.05, 0.1, 0.2])
    utility, cost = grids.informed_payoffs(game, s, "history")
    xi, c, fails = np.array([0.15, -0.55]), np.array([1, 2.7]), np.array([0.9, 0.7])
    for k, cascade in enumerate(s):
        moves = np.array([[0.9 * (1 - cascade), 0.9 * cascade], [0, 0.7]])
        at = [np.linalg.matrix_power(moves, n)[0] for n in range(80)]
        utilities = np.cumsum([mass @ xi for mass in at])
        costs = np.cumsum([mass @ c for mass in at]) + 15 * np.array([mass @ fails for mass in at])
        assert utility[k] == pytest.approx(utilities.max(), rel=1e-12)
        assert cost[k] == pytest.approx(costs[utilities.argmax()], rel=1e-12)


@pytest.mark.parametrize("kind", INFORMATION)
def test_without_a_cascade_information_is_worth_nothing(kind):
    game, s = paper_game(MIDDLE, 1, 15), np.zeros(1)
    known = outcome(game, 1, 0, best_response(game, 1, 0))
    utility, cost = grids.informed_payoffs(game, s, kind)
    assert (utility[0], cost[0]) == pytest.approx((known.user_utility, known.provider_cost), rel=1e-9)
