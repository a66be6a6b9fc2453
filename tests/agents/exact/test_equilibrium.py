"""The equilibrium of every game: the paper's numbers, its theorems, brute force on random games, and ties."""

import itertools
import json
from dataclasses import replace
from fractions import Fraction

import brute_force
import numpy as np
import pytest
from brute_force import Numbers
from solution_leaves import leaves

from routegame import Game, best_response, solve
from routegame.agents.exact.best_response import thresholds
from routegame.envs.chain import outcome

REAL_GAME = Game(120, 0.1, (0.0311, 0.4311), (6.09, 39.77), (0.000966, 0.02938))


# ---- the paper's figures: c_1 = 1, p = (0.1, 0.3), x = c_1/p_1 − c_2/p_2

SETTING = {"4 left": (9.0, (1.0, 2.0)), "4 right": (6.5, (0.5, 2.5)), "5 right": (8.0, (0.5, 1.5))}
# No point of this grid lies on a boundary between regions.
X, PENALTY = (grid.ravel() for grid in np.meshgrid(np.linspace(-1.98, 1.98, 36), np.linspace(0.013, 19.97, 61)))


def figure(name, x, penalty):
    value, latency = SETTING[name]
    return Game(value, penalty, (0.1, 0.3), latency, (1, 0.3 * (10 - np.asarray(x))))


def cascade_cost(s, k2, p1=0.1, c1=1.0):
    """Cost of (1, s) with a user who stays: passes of model 1 until solved or moved, then model 2's."""
    model_1 = 1 / (1 - (1 - p1) * (1 - s))
    return model_1 * c1 + model_1 * (1 - p1) * s * k2


def assert_commitments(solution, regions):
    """Every point lies in exactly one region {name: (where, route, s, q)}; none of them is empty."""
    e, covered = solution.equilibrium, np.zeros(X.shape, dtype=int)
    for name, (where, route, s, q) in regions.items():
        assert where.sum() > 20, name
        assert np.all(e.route[where] == route), name
        np.testing.assert_allclose(e.cascade_prob[where], s, rtol=1e-12, err_msg=name)
        assert np.all(e.abandon_prob[where] == q), name
        covered += where
    assert np.all(covered == 1)


def penalties_left(x):
    """P1 (to route 2) and P2 (to a cascade at s_0), from docs/theory.md."""
    s_0, c2 = 0.1 / (0.7 / 0.3 + 0.1), 0.3 * (10 - x)
    return (c2 / 0.3 - 1) / 0.9, ((1 - s_0) + c2 * s_0 / 0.3) / (0.1 + 0.9 * s_0)


def test_figure_4_left_regions():
    solution, (to_route_2, to_cascade) = solve(figure("4 left", X, PENALTY)), penalties_left(X)
    s_0 = 0.1 / (0.7 / 0.3 + 0.1)
    threshold = np.where(X > 0, to_route_2, to_cascade)
    regions = {
        "(1, 0)": (threshold > PENALTY, 1, 0, 1),
        "(2, 0)": ((threshold < PENALTY) & (X > 0), 2, 0, 0),
        "(1, s_0)": ((threshold < PENALTY) & (X < 0), 1, s_0, 0),
    }
    assert_commitments(solution, regions)
    assert np.all(solution.regime == "latency-value")
    assert 0.2 < np.mean(regions["(1, s_0)"][0]) < 0.3, "about a quarter of the panel"


@pytest.mark.parametrize("x,printed", [(-2, 10.60), (-1, None), (0, 10), (1, 8.89), (2, 7.78)])
def test_figure_4_left_boundaries(x, printed):
    to_route_2, to_cascade = penalties_left(x)
    boundary = to_route_2 if x > 0 else to_cascade
    below, above = (solve(figure("4 left", x, boundary * k)).equilibrium for k in (1 - 1e-9, 1 + 1e-9))
    assert (below.route, below.cascade_prob, below.abandon_prob) == (1, 0, 1)
    assert (above.route, above.abandon_prob) == ((2, 0) if x >= 0 else (1, 0))
    assert below.provider_cost == pytest.approx(above.provider_cost, rel=1e-8)
    if printed:
        assert round(boundary, 2) == printed
    if x == 0:
        assert to_route_2 == pytest.approx(to_cascade, rel=1e-12)


def right_regions():
    s_L, c2 = thresholds(figure("4 right", 0, 12)).s_L, 0.3 * (10 - X)
    to_route_2 = (c2 - 1) / 0.2
    to_cascade = (cascade_cost(s_L, 10 - X) - c2) / 0.7
    return {
        "(1, 0)": ((X < 0) & (PENALTY > 10), 1, 0, 0),
        "(1, s >= s_H)": (np.where(X < 0, 10, to_route_2) > PENALTY, 1, 1, 1),
        "(2, 0)": ((X > 0) & (to_route_2 < PENALTY) & (to_cascade > PENALTY), 2, 0, 1),
        "(1, s_L)": ((X > 0) & (to_cascade < PENALTY), 1, s_L, 0),
    }


def test_figure_4_right_regions():
    solution, regions = solve(figure("4 right", X, PENALTY)), right_regions()
    assert_commitments(solution, regions)
    assert np.all(solution.regime == "value-latency")
    assert 0.2 < np.mean(regions["(1, s_L)"][0]) < 0.3, "about a quarter of the panel"


@pytest.mark.parametrize("x,printed", [(1, 9.94), (2, 9.89)])
def test_figure_4_right_wedge(x, printed):
    c2, s_L = 0.3 * (10 - x), thresholds(figure("4 right", x, 12)).s_L
    lower, upper = (c2 - 1) / 0.2, (cascade_cost(s_L, 10 - x) - c2) / 0.7
    assert round(upper, 2) == printed
    penalties = [lower * (1 - 1e-9), lower * (1 + 1e-9), upper * (1 - 1e-9), upper * (1 + 1e-9)]
    e = solve(figure("4 right", x, np.array(penalties))).equilibrium
    assert list(e.route) == [1, 2, 2, 1] and list(e.abandon_prob) == [1, 1, 1, 0]
    np.testing.assert_allclose(e.cascade_prob, [1, 0, 0, s_L])


def test_figure_5_left_misalignment():
    """ξ = (−0.1, 0.7): the user likes (2, 0); elsewhere it gets ξ_1, for at s_0 staying is worth leaving."""
    solution = solve(figure("4 left", X, PENALTY))
    on_route_2 = solution.equilibrium.route == 2
    assert 0 < on_route_2.sum() < X.size
    wanted = np.where(on_route_2, 0, 0.7 / 0.3 + 0.1)
    np.testing.assert_allclose(solution.misalignment_gap, wanted, rtol=1e-9, atol=1e-12)
    assert round(0.7 / 0.3 + 0.1, 3) == 2.433


def test_figure_5_middle_misalignment():
    """ξ = (0.15, −0.55): the user likes (1, 0) and never leaves there, at 1.5."""
    gap, regions = solve(figure("4 right", X, PENALTY)).misalignment_gap, right_regions()
    s_L = regions["(1, s_L)"][2]
    at_s_L = (0.15 - 0.9 * s_L * 0.55 / 0.3) / (0.1 + 0.9 * s_L)
    wanted = {"(1, 0)": 0, "(1, s >= s_H)": 1.35, "(2, 0)": 2.05, "(1, s_L)": 1.5 - at_s_L}
    for name, (where, *_) in regions.items():
        np.testing.assert_allclose(gap[where], wanted[name], rtol=1e-9, atol=1e-12, err_msg=name)
    assert f"{wanted['(1, s_L)']:.3f}" == "1.130"


def test_figure_5_right_throttling():
    throttling = solve(figure("5 right", X, PENALTY)).throttling
    left = X < 0
    np.testing.assert_allclose(throttling.gain[left], np.maximum(9 - 0.9 * PENALTY[left], 0), rtol=1e-9, atol=1e-12)
    least_cost_of_pass = np.minimum(10, 10 - X)
    np.testing.assert_array_equal(throttling.pays, least_cost_of_pass > PENALTY)
    assert np.all((throttling.gain > 0) == throttling.pays)
    assert solve(figure("5 right", 2, 0)).throttling.gain == pytest.approx(7, rel=1e-12)
    assert solve(figure("5 right", 0, 4)).throttling.gain == pytest.approx(5.4, rel=1e-12)


def test_a_real_pair_of_models():
    solution = solve(REAL_GAME)
    xi1, xi2 = 120 * 0.0311 - 6.09, 120 * 0.4311 - 39.77
    s_0 = -xi1 / (xi2 / 0.4311 - xi1)
    e = solution.equilibrium
    assert (e.route, e.abandon_prob, solution.regime) == (1, 0, "latency-value")
    assert e.cascade_prob == solution.thresholds.s_0 == pytest.approx(s_0, rel=1e-12)
    assert round(s_0, 7) == 0.0783242
    cost = cascade_cost(s_0, 0.02938 / 0.4311, p1=0.0311, c1=0.000966)
    assert e.provider_cost == pytest.approx(cost, rel=1e-12) and round(cost, 5) == 0.05737
    assert solution.no_commitment.pure is False and solution.no_commitment.value_of_commitment > 0


def test_how_often_a_cascade_is_optimal():
    """About 3 % of games drawn at random."""
    p, t, c = np.random.default_rng(0).uniform(size=(3, 2, 100_000))
    value, penalty = np.random.default_rng(1).uniform(size=(2, 100_000))
    s = solve(Game(value, penalty, tuple(p), tuple(t), tuple(c))).equilibrium.cascade_prob
    assert 0.01 < np.mean((s > 0) & (s < 1)) < 0.05


# ---- the theorems' thresholds, on random games


def of_sign(x):
    return np.where(x > 0, 1, -1)


def chosen(solution):
    e = solution.equilibrium
    return e.route, e.cascade_prob, e.abandon_prob


def test_value_value_takes_the_cheaper_model_whatever_the_penalty(draw, as_game):
    g = draw("value-value", 500, seed=21)
    for penalty in (g.penalty, 0 * g.penalty, 100 * g.penalty):
        route, s, q = chosen(solve(as_game(replace(g, penalty=penalty))))
        np.testing.assert_array_equal(route, np.where(g.c1 / g.p1 <= g.c2 / g.p2, 1, 2))
        assert not s.any() and not q.any() and set(route) == {1, 2}


def test_latency_latency_compares_one_pass_and_its_churn(draw, as_game):
    g = draw("latency-latency", 500, seed=22)
    route, _, q = chosen(solve(as_game(g)))
    np.testing.assert_array_equal(route, np.where(g.c1 + g.penalty * (1 - g.p1) <= g.c2 + g.penalty * (1 - g.p2), 1, 2))
    assert np.all(q == 1) and set(route) == {1, 2}
    ahead = g.p1 < g.p2
    low = (g.penalty <= (g.c2 - g.c1) / (g.p2 - g.p1))[ahead]
    np.testing.assert_array_equal(route[ahead], np.where(low, 1, 2))
    assert low.any() and not low.all()


def test_latency_value_has_the_penalties_P1_and_P2(draw, as_game):
    g = draw("latency-value", 1000, seed=23)
    solution = solve(as_game(g))
    route, s, q = chosen(solution)
    s_0, k1, k2 = brute_force.indifferent_cascade(g), g.c1 / g.p1, g.c2 / g.p2
    to_route_2 = (k2 - g.c1) / (1 - g.p1)
    to_cascade = (g.c1 * (1 - s_0) + k2 * s_0) / (g.p1 + (1 - g.p1) * s_0)
    served = np.where(k1 > k2, to_route_2, to_cascade) < g.penalty
    cases = {(1, 0): ~served, (2, 0): served & (k1 > k2), (1, 1): served & (k1 < k2)}
    for (wanted, cascades), where in cases.items():
        assert where.sum() > 100
        assert np.all(route[where] == wanted) and np.all((s[where] > 0) == cascades)
    np.testing.assert_allclose(s[cases[1, 1]], s_0[cases[1, 1]], rtol=1e-9)
    np.testing.assert_array_equal(q, np.where(served, 0, 1))


def test_value_latency_has_sufficient_conditions(draw, as_game):
    g = draw("value-latency", 4000, seed=24, ordered=True)
    route, s, q = chosen(solve(as_game(g)))
    k1, k2, turn = g.c1 / g.p1, g.c2 / g.p2, (g.c2 - g.c1) / (g.p2 - g.p1)
    s_H = thresholds(as_game(g)).s_H
    cases = {
        "(1, 0)": (k1 < np.minimum(g.penalty, k2), (route == 1) & (s == 0) & (q == 0)),
        "(1, s >= s_H)": (g.penalty < np.minimum(k1, turn), (route == 1) & (s >= s_H) & (q == 1)),
        "(2, 0)": ((turn < g.penalty) & (g.penalty < k2) & (k2 < k1), (route == 2) & (s == 0) & (q == 1)),
    }
    for name, (condition, holds) in cases.items():
        assert condition.sum() > 20, name
        assert np.all(holds[condition]), name


# ---- brute force


@pytest.mark.quick_cases(1)
def test_provider_cost_is_brute_force(stratum, cheapest):
    found = solve(stratum.game).equilibrium.provider_cost
    np.testing.assert_allclose(found, cheapest.objective, rtol=1e-8)


@pytest.mark.quick_cases(1)
def test_user_preferred_utility_is_brute_force(stratum, preferred):
    found = solve(stratum.game).user_preferred.user_utility
    assert np.all(np.abs(found + preferred.objective) <= 1e-9 * stratum.numbers.value)


@pytest.mark.quick_cases(1)
def test_misalignment_gap_is_brute_force(stratum, preferred, cheapest):
    g, solution = stratum.numbers, solve(stratum.game)
    assert np.all(solution.misalignment_gap >= 0)
    e = solution.equilibrium
    got = np.where(e.route == 1, *(brute_force.utility(g, i, e.cascade_prob, e.abandon_prob) for i in (1, 2)))
    assert np.all(np.abs(solution.misalignment_gap - (-preferred.objective - got)) <= 1e-9 * g.value)


def test_profiles_are_what_they_say(stratum):
    """The answer is a best response to the commitment, and the numbers are those of the chain."""
    g, solution = stratum.numbers, solve(stratum.game)
    for profile in (solution.equilibrium, solution.user_preferred):
        route, s, q = profile.route, profile.cascade_prob, profile.abandon_prob
        n = brute_force.passes_by_linear_solve(g.p1, g.p2, route, s, q, q)
        wanted = brute_force.payoffs(g, *n, q, q)
        for name, values in wanted.items():
            error = np.abs(getattr(profile, name) - values)
            assert np.all(error <= 1e-9 * np.maximum(np.abs(values), g.value * (name == "user_utility"))), name
        for other in np.linspace(0, 1, 201):
            got = outcome(stratum.game, route, s, other).user_utility
            assert np.all(got <= profile.user_utility + 1e-9 * g.value)


def test_every_kind_of_commitment_occurs(stratum):
    e = solve(stratum.game).equilibrium
    inside = (e.cascade_prob > 0) & (e.cascade_prob < 1)
    assert {1, 2} == set(e.route)
    assert inside.any() == (stratum.regime in ("value-latency", "latency-value"))


MIXING = Game(10, 1, (0.3, 0.005), (1.5, 0.055), (0.285, 0))


def test_a_user_who_mixes_can_be_the_cheapest():
    """With p_1 > p_2 a cascade inside (s_L, s_H) can beat s = 0, s_L, s_H and route 2, by 2 % here."""
    numbers = Numbers(*(np.array([x]) for x in (10.0, 1.0, 0.3, 0.005, 1.5, 0.055, 0.285, 0.0)))
    found, solution = brute_force.equilibrium(numbers), solve(MIXING)
    at = solution.thresholds
    assert at.s_L < found.s[0] < at.s_H and 0 < found.q[0] < 1
    q = best_response(MIXING, 1, found.s[0])
    assert outcome(MIXING, 1, found.s[0], q).provider_cost == pytest.approx(found.objective[0], rel=1e-9)
    assert solution.equilibrium.provider_cost == pytest.approx(0.881737, abs=1e-6)
    assert solution.equilibrium.provider_cost == pytest.approx(found.objective[0], rel=1e-8)


def test_games_in_which_users_mix_are_brute_force(as_game):
    """Model 2 is cheap, slow and weak, and the penalty is about the cost of model 1 alone."""
    rng, count = np.random.default_rng(31), 300
    value, p1, p2 = rng.uniform(1, 20, count), rng.uniform(0.1, 0.5, count), rng.uniform(0.005, 0.05, count)
    t1, t2 = value * p1 * rng.uniform(0.05, 0.95, count), value * p2 * rng.uniform(1.02, 2, count)
    penalty = rng.uniform(0.5, 5, count)
    c1, c2 = penalty * p1 * rng.uniform(0.6, 1.2, count), penalty * p2 * rng.uniform(0, 0.2, count)
    numbers = Numbers(value, penalty, p1, p2, t1, t2, c1, c2)
    found = brute_force.equilibrium(numbers)
    assert np.mean((found.q > 1e-6) & (found.q < 1 - 1e-6)) > 0.1
    np.testing.assert_allclose(solve(as_game(numbers)).equilibrium.provider_cost, found.objective, rtol=1e-8)


# ---- misalignment, Proposition 1


def test_alignment_where_both_models_have_value(draw, as_game):
    g = draw("value-value", 1000, seed=41)
    (xi1, xi2), gap = as_game(g).net_value, solve(as_game(g)).misalignment_gap
    aligned = of_sign(g.c1 / g.p1 - g.c2 / g.p2) == of_sign(xi2 / g.p2 - xi1 / g.p1)
    np.testing.assert_array_equal(gap <= 1e-12 * g.value, aligned)
    assert 100 < aligned.sum() < 900


@pytest.mark.parametrize("ordered", [True, False])
def test_alignment_where_neither_model_has_value(draw, as_game, ordered):
    g = draw("latency-latency", 1000, seed=42, ordered=ordered)
    (xi1, xi2), gap = as_game(g).net_value, solve(as_game(g)).misalignment_gap
    prefers_2 = g.c1 + g.penalty * (1 - g.p1) - g.c2 - g.penalty * (1 - g.p2)
    if ordered:
        prefers_2 = g.penalty - (g.c2 - g.c1) / (g.p2 - g.p1)
    aligned = of_sign(xi2 - xi1) == of_sign(prefers_2)
    np.testing.assert_array_equal(gap <= 1e-12 * g.value, aligned)
    assert 100 < aligned.sum() < 900


@pytest.mark.parametrize("regime", ["latency-value", "value-latency"])
def test_alignment_where_one_model_has_value(draw, as_game, regime):
    g = draw(regime, 1000, seed=43)
    solution = solve(as_game(g))
    route, s, _ = chosen(solution)
    xi1, xi2 = as_game(g).net_value
    aligned = (np.where(route == 1, xi1, xi2) > 0) & (s == 0)
    np.testing.assert_array_equal(solution.misalignment_gap <= 1e-12 * g.value, aligned)
    assert 100 < aligned.sum() < 900


# ---- throttling


def leaving_costs(g):
    return np.minimum(g.c1 + g.penalty * (1 - g.p1), g.c2 + g.penalty * (1 - g.p2))


def test_throttled_cost_is_what_leaving_costs_if_that_is_less(stratum, cheapest):
    throttling = solve(stratum.game).throttling
    wanted = np.minimum(cheapest.objective, leaving_costs(stratum.numbers))
    np.testing.assert_allclose(throttling.provider_cost, wanted, rtol=1e-8)
    np.testing.assert_allclose(throttling.gain, cheapest.objective - wanted, atol=1e-8 * cheapest.objective.max())
    np.testing.assert_array_equal(throttling.pays, throttling.gain > 0)
    assert throttling.pays.any() == stratum.regime.endswith("value")


@pytest.mark.slow
def test_throttled_cost_is_brute_force_over_latencies(stratum):
    few = stratum.numbers[np.arange(0, 500, 50)]
    kept = solve(stratum.game).throttling.provider_cost[::50]
    np.testing.assert_allclose(kept, brute_force.throttled_cost(few, [0, 0.3, 1.1]), rtol=1e-7)


def test_the_throttled_equilibrium(stratum):
    g, plain, slowed = stratum.numbers, solve(stratum.game), solve(stratum.game, throttling=True)
    e, pays = slowed.equilibrium, plain.throttling.pays
    np.testing.assert_allclose(e.provider_cost, plain.throttling.provider_cost, rtol=1e-12)
    t1, t2 = e.throttled_latency
    assert np.all((t1 >= g.t1) & (t2 >= g.t2))
    np.testing.assert_array_equal((t1 > g.t1) | (t2 > g.t2), pays)
    now = replace(g, t1=t1, t2=t2)
    for q in np.linspace(0, 1, 101):
        other = np.where(e.route == 1, *(brute_force.utility(now, i, e.cascade_prob, q) for i in (1, 2)))
        assert np.all(other <= e.user_utility + 1e-9 * g.value)
    np.testing.assert_allclose(
        slowed.misalignment_gap,
        plain.user_preferred.user_utility - e.user_utility,
        atol=1e-12 * g.value.max(),
    )


def test_the_throttled_latency_is_the_least(draw, as_game):
    """A hair faster, and the user would stay."""
    for regime in ("value-value", "latency-value"):
        g = draw(regime, 500, seed=51)
        solution = solve(as_game(g), throttling=True)
        e, pays = solution.equilibrium, solution.throttling.pays
        t1, t2 = e.throttled_latency
        hair = (np.where(t1 > g.t1, t1 * (1 - 1e-6), t1), np.where(t2 > g.t2, t2 * (1 - 1e-6), t2))
        q = best_response(as_game(g), e.route, e.cascade_prob, throttled_latency=hair)
        assert pays.sum() > 20 and np.all(q[pays] == 0) and np.all(e.abandon_prob[pays] == 1)


@pytest.mark.quick_cases(1)
def test_safe_penalty_is_brute_force_on_whether_throttling_pays(stratum):
    g, found = stratum.numbers, solve(stratum.game).throttling.safe_churn_penalty
    np.testing.assert_allclose(found, brute_force.safe_penalty(g), rtol=1e-7, atol=1e-9)
    assert (found > 0).any() == stratum.regime.endswith("value")


def test_throttling_pays_below_the_safe_penalty_and_not_above(stratum, as_game):
    g, safe = stratum.numbers, solve(stratum.game).throttling.safe_churn_penalty
    below, above = (solve(as_game(replace(g, penalty=safe * k))).throttling.pays for k in (1 - 1e-6, 1 + 1e-6))
    assert np.all(below == (safe > 0)) and not above.any()
    for k in (1.1, 2, 10, 1000):
        assert not solve(as_game(replace(g, penalty=safe * k))).throttling.pays.any()


def test_proposition_2(draw, as_game):
    g = draw("value-value", 1000, seed=52)
    low = g.penalty <= np.minimum(g.c1 / g.p1, g.c2 / g.p2)
    throttling = solve(as_game(g)).throttling
    assert low.sum() > 100 and np.all(throttling.pays[low])


# ---- no commitment


def test_without_commitment_pure_equilibria_are_found(stratum):
    answers = solve(stratum.game).no_commitment
    for k in range(0, 500, 4):
        found = brute_force.nash_equilibria(stratum.numbers[k])
        assert (found[0].kind == "pure") == answers.pure[k]
        assert max(pair.largest_gain for pair in found) <= 1e-9
        assert answers.provider_cost[k] == pytest.approx(min(pair.cost for pair in found), rel=1e-9)
    assert answers.pure.all() == (stratum.regime in ("value-value", "latency-latency"))


@pytest.mark.quick_cases(2)
@pytest.mark.parametrize("p_order", [1, -1], ids=["p1<p2", "p1>p2"])
@pytest.mark.parametrize("regime", ["latency-value", "value-latency"])
def test_without_commitment_and_without_pure_equilibria(draw, as_game, regime, p_order):
    g = draw(regime, 4000, seed=61)
    answers = solve(as_game(g)).no_commitment
    games = np.flatnonzero(~answers.pure & (p_order * (g.p2 - g.p1) > 0))[:40]
    assert len(games) == 40
    for k in games:
        (found,) = brute_force.nash_equilibria(g[k])
        assert (
            found.kind
            in {
                ("latency-value", 1): ["routes"],
                ("latency-value", -1): ["coin"],
                ("value-latency", 1): ["cascade"],
                ("value-latency", -1): ["cascade", "routes"],
            }[regime, p_order]
        )
        assert found.largest_gain <= 1e-9
        assert answers.provider_cost[k] == pytest.approx(found.cost, rel=1e-8)


def test_latency_value_has_no_pure_equilibrium_where_everyone_chases(draw, as_game):
    """docs/theory.md: c_1/p_1 < c_2/p_2 and P > (c_2 − c_1)/(p_2 − p_1), for p_1 < p_2; and nowhere else."""
    g = draw("latency-value", 1000, seed=62, ordered=True)
    chase = (g.c1 / g.p1 < g.c2 / g.p2) & (g.penalty > (g.c2 - g.c1) / (g.p2 - g.p1))
    np.testing.assert_array_equal(solve(as_game(g)).no_commitment.pure, ~chase)
    assert 20 < chase.sum() < 980


def test_commitment_is_never_worth_less_than_nothing(stratum, cheapest):
    answers = solve(stratum.game).no_commitment
    gained = answers.provider_cost - cheapest.objective
    assert np.all(gained >= -1e-9 * cheapest.objective)
    np.testing.assert_allclose(answers.value_of_commitment, gained, atol=1e-8 * cheapest.objective.max())
    assert np.all(answers.value_of_commitment >= 0)
    mixed = ~answers.pure
    assert not mixed.any() or np.mean(answers.value_of_commitment[mixed] > 0) > 0.9


# ---- strong and weak, where a net value is exactly zero


def sixteenths(rng, low, high):
    return float(rng.integers(16 * low, 16 * high) + 1) / 16


def game_with_zeros(signs, rng):
    """A game of exactly representable numbers with the wanted signs of its net values."""
    value, p = float(2 ** rng.integers(2, 5)), rng.integers(1, 16, 2) / 16
    t = []
    for sign, gain in zip(signs, value * p, strict=True):
        share = {"0": 1.0, "+": rng.integers(0, 8) / 8, "-": 1 + rng.integers(1, 8) / 8}[sign]
        t.append(gain * share)
    return Numbers(value, sixteenths(rng, 0, 8), *p, *t, sixteenths(rng, 0, 2), sixteenths(rng, 0, 2))


CASCADES = [
    Fraction(0),
    Fraction(1, 2**40),
    Fraction(1, 8),
    Fraction(1, 2),
    1 - Fraction(1, 2**40),
    Fraction(1),
]
ANSWERS = [Fraction(k, 4) for k in range(5)]
WITH_A_ZERO = ["0+", "0-", "+0", "-0", "00"]


@pytest.mark.parametrize("signs", WITH_A_ZERO)
def test_strong_and_weak_values_at_zero_net_values(signs, as_game):
    rng, differ = np.random.default_rng([71, WITH_A_ZERO.index(signs)]), 0
    for _ in range(40):
        numbers = game_with_zeros(signs, rng)
        solution = solve(as_game(numbers))
        assert "".join("+0-"[1 - int(np.sign(xi))] for xi in solution.net_value) == signs
        strong, weak = brute_force.exact_costs(numbers.exactly(), CASCADES, ANSWERS)
        assert solution.equilibrium.provider_cost == pytest.approx(float(strong), rel=1e-9)
        assert solution.weak_provider_cost == pytest.approx(float(weak), rel=1e-9)
        differ += solution.weak_provider_cost > solution.equilibrium.provider_cost * (1 + 1e-9)
    assert differ > 0


@pytest.mark.quick_cases(2)
@pytest.mark.parametrize("signs", WITH_A_ZERO)
def test_strong_and_weak_values_with_throttling_at_zero_net_values(signs, as_game):
    rng = np.random.default_rng([72, WITH_A_ZERO.index(signs)])
    for _ in range(10):
        numbers = game_with_zeros(signs, rng)
        solution, exact = solve(as_game(numbers), throttling=True), numbers.exactly()
        raises = [(a, b) for a in (0, Fraction(1, 2**40), 64) for b in (0, Fraction(1, 2**40), 64)]
        values = [
            brute_force.exact_costs(replace(exact, t1=exact.t1 + a, t2=exact.t2 + b), CASCADES, ANSWERS)
            for a, b in raises
        ]
        strong, weak = (min(column) for column in zip(*values, strict=True))
        assert solution.equilibrium.provider_cost == pytest.approx(float(strong), rel=1e-9)
        assert solution.weak_provider_cost == pytest.approx(float(weak), rel=1e-9)


@pytest.mark.parametrize("signs", WITH_A_ZERO)
def test_preferred_utility_at_zero_net_values(signs, as_game):
    rng = np.random.default_rng([73, WITH_A_ZERO.index(signs)])
    for _ in range(20):
        numbers = game_with_zeros(signs, rng)
        exact, at = numbers.exactly(), [(1, s) for s in CASCADES] + [(2, Fraction(0))]
        best = max(brute_force.utility(exact, *commitment, q) for commitment in at for q in ANSWERS)
        solution = solve(as_game(numbers))
        assert solution.user_preferred.user_utility == pytest.approx(float(best), rel=1e-9, abs=1e-12)
        assert solution.misalignment_gap >= 0


def test_without_a_zero_strong_and_weak_values_agree(stratum):
    solution = solve(stratum.game)
    np.testing.assert_array_equal(solution.weak_provider_cost, solution.equilibrium.provider_cost)


def test_a_zero_by_hand():
    """V p = t for both models: on either route a leaving user costs 1.5 and a staying one 2."""
    solution = solve(Game(2, 1, (0.5, 0.5), (1, 1), (1, 1)))
    assert solution.net_value == (0, 0)
    assert (solution.equilibrium.provider_cost, solution.weak_provider_cost) == (1.5, 2)


@pytest.mark.parametrize("signs", WITH_A_ZERO)
def test_without_commitment_at_zero_net_values(signs, as_game):
    rng = np.random.default_rng([74, WITH_A_ZERO.index(signs)])
    for _ in range(20):
        numbers = game_with_zeros(signs, rng)
        found, answer = brute_force.nash_equilibria(numbers), solve(as_game(numbers)).no_commitment
        assert answer.pure and found[0].kind == "pure"
        assert answer.provider_cost == pytest.approx(min(pair.cost for pair in found), rel=1e-9)


# ---- form


@pytest.mark.quick_cases(2)
@pytest.mark.parametrize("throttling", [False, True])
def test_a_batch_is_its_games_one_at_a_time_to_the_bit(stratum, as_game, throttling):
    together = dict(leaves(solve(stratum.game, throttling=throttling)))
    assert len(together) == 40
    for k in range(0, 500, 3):
        for path, value in leaves(solve(as_game(stratum.numbers[k]), throttling=throttling)):
            assert np.shape(together[path]) == (500,), path
            assert np.array_equal(together[path][k], value, equal_nan=True), path


EXTREME = [1e-9, 0.5, 1 - 1e-9]


@pytest.mark.quick_cases(12)
@pytest.mark.parametrize("p1,p2", list(itertools.product(EXTREME, repeat=2)))
@pytest.mark.parametrize("penalty,cost", [(0, (0, 0)), (0, (1, 1)), (1e9, (0, 1)), (1, (1e-9, 1e9))])
def test_extreme_games_have_finite_answers(p1, p2, penalty, cost):
    for t1, t2 in itertools.product([0, p1, 1e-3, 1e9], [0, p2, 1e-3, 1e9]):
        game = Game(1, penalty, (p1, p2), (t1, t2), cost)
        for throttling in (False, True):
            solution = solve(game, throttling=throttling)
            json.dumps(solution.to_dict(), allow_nan=False)
            numbers = [v for path, v in leaves(solution) if not path.startswith(".thresholds")]
            assert np.isfinite(numbers).all()
            assert solution.weak_provider_cost >= solution.equilibrium.provider_cost * (1 - 1e-12)
            assert solution.misalignment_gap >= 0 and solution.no_commitment.value_of_commitment >= 0
            if game.net_value[0] <= 0:
                leaving = cost[0] + penalty * (1 - p1)
                assert solution.equilibrium.provider_cost <= leaving * (1 + 1e-12)


def test_a_cascade_that_drives_users_away_is_an_equilibrium_but_not_a_perfect_one():
    """(1, s >= s_H) against q = 1: mutual best replies, undone by any user who stays now and then."""
    game = Game(10, 0, (0.1, 0.5), (0.5, 6), (1, 2))
    solution = solve(game)
    s_H = solution.thresholds.s_H
    assert best_response(game, 1, s_H) == 1
    everything = outcome(game, 1, np.linspace(0, 1, 101), 1.0).provider_cost
    np.testing.assert_allclose(everything, everything[0], rtol=1e-15)
    assert everything[0] < outcome(game, 2, 0, 1.0).provider_cost
    trembling = outcome(game, 1, np.linspace(0, 1, 101), 1 - 1e-6).provider_cost
    assert (np.diff(trembling) > 0).all()
    assert not solution.no_commitment.pure
    assert solution.no_commitment.provider_cost > everything[0]
