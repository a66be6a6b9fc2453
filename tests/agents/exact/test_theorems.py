"""The paper's theorems as stated, against the solver wherever they speak; and what holds beyond them."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from routegame import Game, ParameterError, best_response, solve
from routegame.agents.exact.best_response import thresholds
from routegame.agents.exact.theorems import (
    proposition_1_aligned,
    proposition_2_throttled_latency,
    theorem_1_best_response,
    theorem_2_best_response,
    theorem_3_commitment,
    theorem_4_commitment,
    theorem_4_penalties,
    theorem_5_commitment,
)
from routegame.envs.chain import outcome, visits

REGIMES = ["value-value", "value-latency", "latency-value", "latency-latency"]
COUNT = 4000
CLAIMS = {
    "value-value": theorem_3_commitment,
    "latency-latency": theorem_3_commitment,
    "latency-value": theorem_4_commitment,
    "value-latency": theorem_5_commitment,
}


@pytest.fixture(scope="module", params=["ordered", "any order"])
def numbers(request, draw):
    """4,000 games of each sign regime, in the paper's order or in any order."""
    in_order = request.param == "ordered"
    return {name: draw(name, COUNT, seed=81 + in_order, ordered=in_order) for name in REGIMES}


@pytest.fixture(scope="module")
def games(numbers, as_game):
    return {name: as_game(batch) for name, batch in numbers.items()}


def assert_optimal(game, claim):
    """Where a theorem speaks, its commitment has the least cost, under the answer that it says the user gives."""
    speaks, e = claim.route > 0, solve(game).equilibrium
    route, s = np.where(speaks, claim.route, 1), np.where(speaks, claim.cascade_prob, 0)
    q = np.where(speaks, claim.abandon_prob, 0)
    np.testing.assert_array_equal(best_response(game, route, s)[speaks], q[speaks])
    np.testing.assert_array_equal(claim.route[speaks], e.route[speaks])
    np.testing.assert_array_equal(q[speaks], e.abandon_prob[speaks])
    cost = outcome(game, route, s, q).provider_cost
    np.testing.assert_allclose(cost[speaks], e.provider_cost[speaks], rtol=1e-12)
    assert np.isnan(claim.cascade_prob[~speaks]).all() and np.isnan(claim.abandon_prob[~speaks]).all()


def assert_cases(claim, cases):
    """Every case (condition, route, cascade_prob, abandon_prob) occurs, and the theorem says this of it."""
    for condition, route, s, q in cases:
        assert condition.sum() > COUNT / 100
        assert np.all(claim.route[condition] == route) and np.all(claim.abandon_prob[condition] == q)
        np.testing.assert_allclose(claim.cascade_prob[condition], np.broadcast_to(s, COUNT)[condition], rtol=1e-12)


# ---- Theorems 1 and 2


@pytest.mark.parametrize("regime", REGIMES)
def test_theorem_1_is_the_best_response_on_route_2(games, regime):
    q = theorem_1_best_response(games[regime])
    np.testing.assert_array_equal(q, best_response(games[regime], 2, 0.0))
    assert set(q) == {0.0 if regime.endswith("value") else 1.0}


@pytest.mark.parametrize("regime", REGIMES)
def test_theorem_2_is_the_best_response_on_route_1(games, regime):
    game, rng = games[regime], np.random.default_rng(82)
    for s in (0.0, 1.0, rng.uniform(size=COUNT), rng.uniform(size=COUNT) ** 4):
        q = theorem_2_best_response(game, s)
        np.testing.assert_allclose(q, best_response(game, 1, s), atol=1e-9, rtol=0)
    stays, leaves, mixes = np.mean(q == 0), np.mean(q == 1), np.mean((q > 0) & (q < 1))
    assert (stays > 0.05) == (regime != "latency-latency")
    assert (leaves > 0.05) == (regime != "value-value")
    assert (mixes > 0.05) == (regime == "value-latency") and (mixes > 0) == (regime == "value-latency")


def test_theorem_2_at_its_thresholds(games):
    for regime, names in (("latency-value", ["s_0"]), ("value-latency", ["s_L", "s_H"])):
        at = thresholds(games[regime])
        for name in names:
            s = getattr(at, name)
            for k in (1 - 1e-6, 1, 1 + 1e-6):
                q = theorem_2_best_response(games[regime], np.minimum(s * k, 1))
                np.testing.assert_allclose(q, best_response(games[regime], 1, np.minimum(s * k, 1)), atol=1e-9)


def test_a_user_who_mixes_solves_the_quadratic_of_theorem_2(games):
    game, at = games["value-latency"], thresholds(games["value-latency"])
    (xi1, xi2), (p1, p2) = game.net_value, game.success_prob
    s = at.s_L + np.random.default_rng(83).uniform(size=COUNT) * (at.s_H - at.s_L)
    q = theorem_2_best_response(game, s)
    first = xi1 * (1 - s) * (p2 + (1 - p2) * q) ** 2
    second = xi2 * s * (1 - (1 - p1) * (1 - p2) * (1 - s) * (1 - q) ** 2)
    np.testing.assert_allclose(first, -second, rtol=1e-9)
    assert np.all((q > 0) & (q < 1))


# ---- Theorems 3, 4 and 5


@pytest.mark.parametrize("regime", REGIMES)
def test_what_theorems_3_to_5_claim_is_the_optimum(games, regime):
    """In games of any order: what a statement needs of the order it checks itself."""
    assert_optimal(games[regime], CLAIMS[regime](games[regime]))


@pytest.mark.parametrize("regime", REGIMES)
def test_one_theorem_for_each_pair_of_signs(games, regime):
    for theorem in {theorem_3_commitment, theorem_4_commitment, theorem_5_commitment} - {CLAIMS[regime]}:
        assert not theorem(games[regime]).route.any()


def test_theorem_3_where_both_models_are_worth_their_wait(numbers, games):
    g, claim = numbers["value-value"], theorem_3_commitment(games["value-value"])
    cheaper = g.c1 / g.p1 <= g.c2 / g.p2
    assert_cases(claim, [(cheaper, 1, 0, 0), (~cheaper, 2, 0, 0)])
    for penalty in (0, 100):
        other = theorem_3_commitment(replace(games["value-value"], churn_penalty=penalty))
        np.testing.assert_array_equal(other.route, claim.route)


def test_theorem_3_where_neither_model_is_worth_its_wait(numbers, games):
    g, game = numbers["latency-latency"], games["latency-latency"]
    claim, ordered = theorem_3_commitment(game), g.p1 < g.p2
    low = g.penalty <= (g.c2 - g.c1) / (g.p2 - g.p1)
    assert_cases(claim, [(ordered & low, 1, 0, 1), (ordered & ~low, 2, 0, 1)])
    np.testing.assert_array_equal(claim.route > 0, ordered)
    for s in (0.3, 1):
        cost = outcome(game, 1, s, best_response(game, 1, s)).provider_cost
        free = claim.route == 1
        np.testing.assert_allclose(cost[free], solve(game).equilibrium.provider_cost[free], rtol=1e-12)


def test_theorem_4_has_three_cases(numbers, games):
    g, game = numbers["latency-value"], games["latency-value"]
    claim, at = theorem_4_commitment(game), theorem_4_penalties(game)
    cheap_2 = g.c1 / g.p1 > g.c2 / g.p2
    low_1, low_2 = g.penalty < at.to_reasoning, g.penalty < at.to_cascade
    cases = [
        (cheap_2 & low_1, 1, 0, 1),
        (cheap_2 & ~low_1, 2, 0, 0),
        (~cheap_2 & low_2, 1, 0, 1),
        (~cheap_2 & ~low_2, 1, thresholds(game).s_0, 0),
    ]
    assert_cases(claim, cases)
    assert np.all(claim.route > 0)
    e = solve(game).equilibrium
    np.testing.assert_allclose(claim.cascade_prob, e.cascade_prob, rtol=1e-12)


def test_at_the_penalties_of_theorem_4_both_commitments_cost_the_same(games):
    """P1: leaving model 1 against model 2 from the start; P2: against the cascade at s_0."""
    game = games["latency-value"]
    at, s_0 = theorem_4_penalties(game), thresholds(game).s_0
    for penalty, route, s in ((at.to_reasoning, 2, 0), (at.to_cascade, 1, s_0)):
        now = replace(game, churn_penalty=np.maximum(penalty, 0))
        left, kept = outcome(now, 1, 0, 1.0).provider_cost, outcome(now, route, s, 0.0).provider_cost
        possible = penalty >= 0
        np.testing.assert_allclose(left[possible], kept[possible], rtol=1e-9)
        assert possible.mean() > 0.5


def test_theorem_4_where_the_costs_of_pass_are_equal():
    """Exactly representable: c_1/p_1 = c_2/p_2 = 4; P1 = P2 = 4, and (2, 0) and (1, s_0) cost the same."""
    game = Game(8, np.array([3.0, 4, 5]), (0.25, 0.5), (3, 2.5), (1, 2))
    at, claim = theorem_4_penalties(game), theorem_4_commitment(game)
    assert np.all(np.asarray(at.to_reasoning) == 4) and np.all(np.asarray(at.to_cascade) == 4)
    assert list(claim.route) == [1, 2, 2]
    np.testing.assert_allclose(outcome(game, 1, 0.25, 0).provider_cost, 4)
    np.testing.assert_allclose(solve(game).equilibrium.provider_cost, [3.25, 4, 4])


def test_theorem_5_has_three_cases(numbers, games):
    g, game = numbers["value-latency"], games["value-latency"]
    k1, k2, ordered = g.c1 / g.p1, g.c2 / g.p2, g.p1 < g.p2
    price = (g.c2 - g.c1) / (g.p2 - g.p1)
    cases = [
        (k1 < np.minimum(g.penalty, k2), 1, 0, 0),
        (ordered & (g.penalty < np.minimum(k1, price)), 1, thresholds(game).s_H, 1),
        (ordered & (price < g.penalty) & (g.penalty < k2) & (k2 < k1), 2, 0, 1),
    ]
    assert_cases(theorem_5_commitment(game), cases)


def test_theorem_5_lets_every_cascade_from_s_H_on_be_optimal(games):
    game = games["value-latency"]
    claim = theorem_5_commitment(game)
    drives_off = (claim.route == 1) & (claim.abandon_prob == 1)
    for k in (0, 0.3, 1):
        s = np.where(drives_off, claim.cascade_prob + k * (1 - claim.cascade_prob), 1)
        cost = outcome(game, 1, s, best_response(game, 1, s)).provider_cost
        np.testing.assert_allclose(cost[drives_off], solve(game).equilibrium.provider_cost[drives_off], rtol=1e-12)
    assert drives_off.sum() > 50


def test_theorem_5_is_silent_exactly_where_model_2_costs_less_than_churn_and_model_1(numbers, games):
    """For p_1 < p_2: c_2/p_2 < min(P, c_1/p_1). Otherwise it speaks only for (1, 0) with users who stay."""
    g, claim = numbers["value-latency"], theorem_5_commitment(games["value-latency"])
    k1, k2, ordered = g.c1 / g.p1, g.c2 / g.p2, g.p1 < g.p2
    silent = claim.route == 0
    np.testing.assert_array_equal(silent[ordered], (k2 < np.minimum(g.penalty, k1))[ordered])
    np.testing.assert_array_equal(silent[~ordered], (k1 >= np.minimum(g.penalty, k2))[~ordered])
    assert 0.05 < silent[ordered].mean() < 0.95


def test_the_solver_decides_where_theorem_5_is_silent(numbers, games):
    """For p_1 < p_2 by (2, 0), which users leave, or (1, s_L), where they stay; nothing on a grid is cheaper."""
    g, game = numbers["value-latency"], games["value-latency"]
    e, at = solve(game).equilibrium, thresholds(game)
    silent = (theorem_5_commitment(game).route == 0) & (g.p1 < g.p2)
    gives_up, keeps = silent & (e.route == 2), silent & (e.route == 1)
    assert gives_up.sum() > 50 and keeps.sum() > 50
    assert np.all(e.abandon_prob[gives_up] == 1) and np.all(e.abandon_prob[keeps] == 0)
    np.testing.assert_allclose(e.cascade_prob[keeps], at.s_L[keeps], rtol=1e-12)
    for s in np.linspace(0, 1, 201):
        for cascade in (s, at.s_L + s * (at.s_H - at.s_L)):
            cost = outcome(game, 1, cascade, best_response(game, 1, cascade)).provider_cost
            assert np.all(cost[silent] >= e.provider_cost[silent] * (1 - 1e-12))
    cost = outcome(game, 2, 0, best_response(game, 2, 0)).provider_cost
    assert np.all(cost[silent] >= e.provider_cost[silent] * (1 - 1e-12))


# ---- Propositions 1 and 2


@pytest.mark.parametrize("regime", REGIMES)
def test_proposition_1_says_where_the_misalignment_gap_vanishes(numbers, games, regime):
    g, solution = numbers[regime], solve(games[regime])
    e = solution.equilibrium
    aligned = proposition_1_aligned(games[regime], e.route, e.cascade_prob)
    speaks = ~np.isnan(aligned)
    np.testing.assert_array_equal(speaks, (g.p1 < g.p2) if regime == "latency-latency" else np.ones(COUNT, bool))
    no_gap = solution.misalignment_gap <= 1e-12 * g.value
    np.testing.assert_array_equal(no_gap[speaks], aligned[speaks] == 1)
    assert COUNT / 50 < no_gap[speaks].sum() < speaks.sum() - COUNT / 50


def test_proposition_1_with_the_commitments_of_theorems_3_to_5(games):
    """No solver is needed where they speak."""
    for regime, theorem in CLAIMS.items():
        claim, gap = theorem(games[regime]), solve(games[regime]).misalignment_gap
        speaks = claim.route > 0
        route, s = np.where(speaks, claim.route, 1), np.where(speaks, claim.cascade_prob, 0)
        aligned = proposition_1_aligned(games[regime], route, s)
        np.testing.assert_array_equal(aligned[speaks] == 1, gap[speaks] <= 1e-12 * games[regime].task_value[speaks])


def test_proposition_2_drives_users_off_at_no_cost(numbers, games):
    g, game = numbers["value-value"], games["value-value"]
    t1, t2 = proposition_2_throttled_latency(game)
    speaks = ~np.isnan(t1)
    np.testing.assert_array_equal(speaks, g.penalty <= np.minimum(g.c1 / g.p1, g.c2 / g.p2))
    assert 100 < speaks.sum() < COUNT - 100
    before = solve(game).equilibrium.provider_cost
    for k in (1 + 1e-6, 3):
        slowed = game.with_latency((np.where(speaks, t1 * k, g.t1), np.where(speaks, t2 * k, g.t2)))
        for route, s in ((1, 0), (1, 0.5), (1, 1), (2, 0)):
            assert np.all(best_response(slowed, route, s)[speaks] == 1)
        after = solve(slowed).equilibrium.provider_cost
        assert np.all(after[speaks] < before[speaks]) and np.all(after[~speaks] == before[~speaks])


def test_proposition_2_at_its_bound():
    """P = min c_i/p_i = 4: slowing down is free and gains nothing; a hair above it is silent."""
    game = Game(8, 4, (0.25, 0.5), (1, 2), (1, 3))
    assert proposition_2_throttled_latency(game) == (2, 4)
    slowed = game.with_latency((2.5, 4.5))
    assert solve(slowed).equilibrium.provider_cost == solve(game).equilibrium.provider_cost == 4
    assert not solve(game).throttling.pays
    above = replace(game, churn_penalty=4 * (1 + 1e-9))
    assert np.isnan(proposition_2_throttled_latency(above)).all()


@pytest.mark.parametrize("regime", REGIMES)
def test_where_proposition_2_is_silent(games, regime):
    silent = np.isnan(proposition_2_throttled_latency(games[regime])[0])
    assert silent.all() == (regime != "value-value")


# ---- ties and zeros, in exactly representable numbers: V p = (2, 4)


def exact_game(latency, cost, penalty):
    return Game(8, penalty, (0.25, 0.5), latency, cost)


@pytest.mark.parametrize("t1,t2", [(2, 4), (1, 4), (2, 1), (3, 4), (2, 5)])
def test_theorems_1_and_2_where_a_net_value_is_zero(t1, t2):
    """Ties go to staying, but for the two corners in which the statement lets an indifferent user leave."""
    game = exact_game((t1, t2), (1, 3), 1)
    assert 0 in game.net_value
    assert theorem_1_best_response(game) == best_response(game, 2, 0) == (t2 > 4)
    for s in (0, 0.5, 1):
        at_a_corner = (t1, t2, s) in [(2, 5, 0), (3, 4, 1)]
        assert theorem_2_best_response(game, s) == (1 if at_a_corner else best_response(game, 1, s))
        leaves, stays = (outcome(game, 1, s, q).user_utility for q in (1, 0))
        assert not at_a_corner or leaves == stays
    for theorem in (theorem_3_commitment, theorem_4_commitment, theorem_5_commitment):
        assert theorem(game).route == 0
    assert np.isnan(proposition_1_aligned(game, 1, 0)) and np.isnan(proposition_2_throttled_latency(game)[0])


def test_theorem_3_at_its_ties():
    """c_1/p_1 = c_2/p_2 = 4; P = (c_2 − c_1)/(p_2 − p_1) = 8: route 1 is taken, and route 2 costs the same."""
    for game, q in ((exact_game((1, 1), (1, 2), 3), 0), (exact_game((3, 5), (1, 3), 8), 1)):
        assert (theorem_3_commitment(game).route, theorem_3_commitment(game).abandon_prob) == (1, q)
        assert outcome(game, 1, 0, q).provider_cost == outcome(game, 2, 0, q).provider_cost


@pytest.mark.parametrize("cost,penalty", [((1, 3), 4), ((1, 2), 5), ((2, 4), 8), ((3, 4), 4), ((2, 3), 6), ((1, 2), 4)])
def test_theorem_5_is_silent_at_its_ties(cost, penalty):
    """P = c_1/p_1, c_1/p_1 = c_2/p_2, P = (c_2 − c_1)/(p_2 − p_1), P = c_2/p_2, one after another and together."""
    game = exact_game((1, 5), cost, penalty)
    assert game.net_value[0] > 0 > game.net_value[1]
    assert theorem_5_commitment(game).route == 0


def test_proposition_1_is_silent_where_somebody_is_indifferent():
    same_cost, same_worth = exact_game((1, 1), (1, 2), 3), exact_game((1, 2), (1, 3), 3)
    assert np.isnan(proposition_1_aligned(same_cost, 1, 0)) and np.isnan(proposition_1_aligned(same_worth, 1, 0))
    same_churn, same_wait = exact_game((3, 5.5), (1, 3), 8), exact_game((3, 5), (1, 3), 7)
    assert np.isnan(proposition_1_aligned(same_churn, 1, 0)) and np.isnan(proposition_1_aligned(same_wait, 1, 0))


# ---- as properties

probability = st.floats(0.01, 0.99)
shares = st.one_of(st.floats(0, 3), st.sampled_from([0.0, 0.5, 1.0, 2.0]))
amounts = st.one_of(st.floats(0.001, 10), st.sampled_from([0.0, 0.25, 1.0]))
cascades = st.one_of(st.floats(0, 1), st.sampled_from([0.0, 0.5, 1.0]))
many = settings(max_examples=250, deadline=None, derandomize=True)


@st.composite
def any_game(draw):
    value, p, c = draw(st.floats(0.1, 1000)), (draw(probability), draw(probability)), (draw(amounts), draw(amounts))
    penalty = draw(st.one_of(shares, st.sampled_from([c[0] / p[0], c[1] / p[1]]))) * draw(st.sampled_from([1, 10]))
    return Game(value, penalty, p, (value * p[0] * draw(shares), value * p[1] * draw(shares)), c)


@many
@given(any_game(), cascades)
def test_no_answer_is_better_than_that_of_theorems_1_and_2(game, s):
    for route, q in ((1, theorem_2_best_response(game, s)), (2, theorem_1_best_response(game))):
        best = outcome(game, route, s, best_response(game, route, s)).user_utility
        assert outcome(game, route, s, q).user_utility == pytest.approx(best, rel=1e-9, abs=1e-9 * game.task_value)


@many
@given(any_game())
def test_a_claim_is_answered_as_it_says_and_no_commitment_is_cheaper(game):
    least = solve(game).equilibrium.provider_cost
    for theorem in (theorem_3_commitment, theorem_4_commitment, theorem_5_commitment):
        claim = theorem(game)
        if claim.route:
            assert best_response(game, claim.route, claim.cascade_prob) == pytest.approx(claim.abandon_prob, abs=1e-9)
            cost = outcome(game, claim.route, claim.cascade_prob, claim.abandon_prob).provider_cost
            assert cost == pytest.approx(least, rel=1e-9, abs=1e-12)
        else:
            assert np.isnan([claim.cascade_prob, claim.abandon_prob]).all()


@many
@given(any_game())
def test_theorems_3_to_5_speak_one_at_a_time_and_are_silent_only_where_they_say(game):
    (xi1, xi2), (p1, p2) = game.net_value, game.success_prob
    speaking = [f(game).route > 0 for f in (theorem_3_commitment, theorem_4_commitment, theorem_5_commitment)]
    assert sum(speaking) <= 1
    if not any(speaking):
        assert xi1 * xi2 == 0 or xi1 > 0 > xi2 or (p1 >= p2 and xi1 < 0 and xi2 < 0)


@many
@given(any_game())
def test_a_gap_is_there_exactly_where_proposition_1_sees_one(game):
    """Where neither side is indifferent up to rounding; a tie the solver may break either way."""
    (p1, p2), (c1, c2), (xi1, xi2) = game.success_prob, game.cost, game.net_value
    leave = [c + game.churn_penalty * (1 - p) for c, p in ((c1, p1), (c2, p2))]
    for first, second in (leave, (c1 / p1, c2 / p2), (xi1, xi2), (xi1 / p1, xi2 / p2)):
        assume(abs(first - second) > 1e-9 * max(abs(first), abs(second)))
    solution = solve(game)
    aligned = proposition_1_aligned(game, solution.equilibrium.route, solution.equilibrium.cascade_prob)
    gap = solution.misalignment_gap / game.task_value
    assert np.isnan(aligned) or (gap <= 1e-9 if aligned == 1 else gap > 0)


@many
@given(any_game(), st.floats(1e-6, 5), st.floats(1e-6, 5), cascades)
def test_past_the_latencies_of_proposition_2_users_leave_for_no_more_cost(game, first, second, s):
    t1, t2 = proposition_2_throttled_latency(game)
    if not np.isnan(t1):
        slowed = game.with_latency((t1 * (1 + first), t2 * (1 + second)))
        assert best_response(slowed, 1, s) == best_response(slowed, 2, s) == 1
        before, after = solve(game).equilibrium.provider_cost, solve(slowed).equilibrium.provider_cost
        assert after <= before * (1 + 1e-9)


# ---- form


def test_a_single_game_has_plain_numbers_and_a_batch_has_its_shape():
    single, batch = Game(9, 20, (0.1, 0.3), (1, 2), (1, 3.6)), Game(np.ones((3, 1)), 20, (0.1, 0.3), (1, 2), (1, 3.6))
    at = theorem_4_penalties(single)
    numbers = [theorem_1_best_response(single), theorem_2_best_response(single, 0.5), at.to_reasoning, at.to_cascade]
    numbers += [proposition_1_aligned(single, 1, 0.5), *proposition_2_throttled_latency(single)]
    for theorem in (theorem_3_commitment, theorem_4_commitment, theorem_5_commitment):
        claim = theorem(single)
        assert type(claim.route) is int
        numbers += [claim.cascade_prob, claim.abandon_prob]
        assert {np.shape(x) for x in vars(theorem(batch)).values()} == {(3, 1)}
    assert {type(x) for x in numbers} == {float}
    assert theorem_1_best_response(batch).shape == (3, 1) == proposition_2_throttled_latency(batch)[1].shape
    assert theorem_2_best_response(batch, np.linspace(0, 1, 4)).shape == (3, 4)
    assert proposition_1_aligned(batch, np.array([1, 2]), 0).shape == (3, 2)


@pytest.mark.parametrize("s", [-0.1, 1.1, np.nan, None], ids=repr)
def test_a_cascade_out_of_range_is_refused(s):
    game = Game(9, 20, (0.1, 0.3), (1, 2), (1, 3.6))
    for call in (lambda: theorem_2_best_response(game, s), lambda: proposition_1_aligned(game, 1, s)):
        with pytest.raises(ParameterError) as caught:
            call()
        assert caught.value.parameter == "cascade_prob"


# ---- beyond the paper


@pytest.mark.parametrize("regime", REGIMES)
def test_both_payoffs_are_linear_in_the_visits(games, regime):
    """U = ξ_1 n_1 + ξ_2 n_2 and J = P + κ_1 n_1 + κ_2 n_2 with κ_k = c_k − P p_k."""
    game, rng = games[regime], np.random.default_rng(84)
    s, q, route = rng.uniform(size=COUNT), rng.uniform(size=COUNT), rng.integers(1, 3, COUNT)
    n, o = visits(game.success_prob, route, s, q), outcome(game, route, s, q)
    (xi1, xi2), (c1, c2), (p1, p2), penalty = game.net_value, game.cost, game.success_prob, game.churn_penalty
    user = xi1 * n.standard + xi2 * n.reasoning
    provider = penalty + (c1 - penalty * p1) * n.standard + (c2 - penalty * p2) * n.reasoning
    np.testing.assert_allclose(o.user_utility, user, rtol=1e-9, atol=1e-9)
    np.testing.assert_allclose(o.provider_cost, provider, rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("regime", REGIMES)
def test_for_a_fixed_answer_the_cost_is_monotone_in_the_cascade(games, regime):
    for q in np.random.default_rng(85).uniform(size=(5, COUNT)):
        cost = np.stack([outcome(games[regime], 1, s, q).provider_cost for s in np.linspace(0, 1, 21)])
        steps = np.diff(cost, axis=0) / cost.max(axis=0)
        assert np.all((steps >= -1e-12).all(axis=0) | (steps <= 1e-12).all(axis=0))


@pytest.mark.parametrize("regime", REGIMES)
def test_a_kept_user_gets_dearer_with_the_cascade_iff_model_2_is(numbers, games, regime):
    """dJ/ds has the sign of c_2/p_2 − c_1/p_1, that of −(c_1 − c_2 p_1/p_2), where users stay."""
    g, s = numbers[regime], np.linspace(0, 1, 11)[:, None]
    steps = np.diff(outcome(games[regime], 1, s, 0.0).provider_cost, axis=0)
    np.testing.assert_array_equal(np.sign(steps), np.broadcast_to(-np.sign(g.c1 - g.c2 * g.p1 / g.p2), steps.shape))


def test_the_cost_jumps_at_s_0(games):
    """A hair below s_0 users leave and the provider pays c_1 + P (1 − p_1); at s_0 they stay, for another cost."""
    game = games["latency-value"]
    s_0, hair = thresholds(game).s_0, 1e-9
    cost = [outcome(game, 1, s_0 * k, best_response(game, 1, s_0 * k)).provider_cost for k in (1 - hair, 1, 1 + hair)]
    np.testing.assert_allclose(cost[0], game.cost[0] + game.churn_penalty * (1 - game.success_prob[0]), rtol=1e-12)
    np.testing.assert_allclose(cost[1], cost[2], rtol=1e-6)
    assert np.mean(np.abs(cost[0] - cost[1]) > 0.01 * cost[1]) > 0.9
    cascades = theorem_4_commitment(game).cascade_prob > 0
    assert np.all(cost[0][cascades] > cost[1][cascades])


def test_the_example_of_the_theory_page():
    game = Game(9, 15, (0.1, 0.3), (1, 2), (1, 3.6))
    solution = solve(game)
    e = solution.equilibrium
    assert (e.route, e.abandon_prob, solution.user_preferred.route) == (1, 0, 2)
    assert (round(e.cascade_prob, 3), round(e.provider_cost, 2)) == (0.041, 10.54)
    left, kept = outcome(game, 1, 0, best_response(game, 1, 0)), outcome(game, 2, 0, best_response(game, 2, 0))
    assert (round(left.provider_cost, 2), round(kept.provider_cost, 2)) == (14.5, 12)
    no_commitment = solution.no_commitment
    assert (round(no_commitment.provider_cost, 2), round(no_commitment.value_of_commitment, 2)) == (12.7, 2.16)
    assert not no_commitment.pure and round(solution.misalignment_gap, 2) == 2.43


def mixing(game, count=201):
    """Cost of route 1 from s_L to s_H, one row a cascade probability, and the visits of both models."""
    at = thresholds(game)
    s = at.s_L + np.linspace(0, 1, count)[:, None] * (at.s_H - at.s_L)
    q = best_response(game, 1, s)
    n = visits(game.success_prob, 1, s, q)
    return outcome(game, 1, s, q).provider_cost, n.standard, n.reasoning


def test_where_users_mix_the_visits_lie_on_a_cubic(games):
    """w² + w ((g − 1) u² + 2u − 1) = (ξ_1/−ξ_2) u (u − 1) (1 + (g − 1) u); u = n_1, w = n_2, g = (1−p_1)/(1−p_2)."""
    game = games["value-latency"]
    (xi1, xi2), (p1, p2) = game.net_value, game.success_prob
    _, u, w = mixing(game, count=11)
    g = (1 - p1) / (1 - p2)
    left, right = w**2 + w * ((g - 1) * u**2 + 2 * u - 1), -xi1 / xi2 * u * (u - 1) * (1 + (g - 1) * u)
    assert np.all(np.abs(left - right) <= 1e-10 * (w**2 + w * (np.abs(g - 1) * u**2 + 2 * u + 1)))


def test_with_p1_at_most_p2_no_cascade_between_s_L_and_s_H_is_cheaper(numbers, games, as_game):
    """The four candidates of the table decide: visits where users mix are averages of theirs, or dearer."""
    g = numbers["value-latency"]
    ordered = as_game(g[g.p1 < g.p2])
    equal = as_game(replace(g, p2=g.p1, t2=g.p1 * g.t2 / g.p2))
    for game in (ordered, equal):
        for penalty in (game.churn_penalty, 100 * game.churn_penalty):
            now = replace(game, churn_penalty=penalty)
            cost, *_ = mixing(now)
            table = [outcome(now, *at).provider_cost for at in ((1, 0, 0.0), (1, 1, 1.0), (2, 0, 1.0))]
            assert np.all(cost >= np.minimum.reduce([*table, cost[0]]) * (1 - 1e-9))


def test_with_p1_above_p2_a_cascade_between_s_L_and_s_H_can_be_cheaper(draw, as_game):
    """And then n_2 is a concave function of n_1 there, so that one point of the segment is the best."""
    g, rng = draw("value-latency", COUNT, seed=86), np.random.default_rng(86)
    g = replace(g, p2=g.p2 / 30, t2=g.t2 / 30, penalty=g.c1 / g.p1 * rng.uniform(0.8, 1.5, COUNT))
    game = as_game(replace(g, c2=0.05 * g.penalty * g.p2)[g.p1 > g.p2])
    cost, u, w = mixing(game)
    slope = np.diff(w, axis=0) / np.diff(u, axis=0)
    assert np.all(np.diff(slope, axis=0) >= -1e-6 * np.abs(slope).max(axis=0))
    table = [outcome(game, *at).provider_cost for at in ((1, 0, 0.0), (1, 1, 1.0), (2, 0, 1.0))]
    cheaper = cost.min(axis=0) < np.minimum.reduce([*table, cost[0]]) * (1 - 1e-3)
    assert cheaper.sum() > 20


@pytest.mark.parametrize("regime", REGIMES)
def test_the_least_cost_is_piecewise_linear_and_concave_in_the_penalty(numbers, games, regime):
    """Its slope is the share of tasks that are abandoned: 0, 1 − p_1 or 1 − p_2, and it falls as P grows."""
    keep = numbers[regime].p1 < numbers[regime].p2
    game, abandoned = games[regime], []
    for k in (0, 0.1, 0.3, 0.7, 1, 1.5, 3, 10):
        solve_prob = solve(replace(game, churn_penalty=k * game.churn_penalty)).equilibrium.solve_prob[keep]
        (p1, p2) = (p[keep] for p in game.success_prob)
        assert np.all(np.min(np.abs(np.stack([solve_prob - 1, solve_prob - p1, solve_prob - p2])), axis=0) < 1e-12)
        abandoned.append(1 - solve_prob)
    assert np.all(np.diff(abandoned, axis=0) <= 1e-12)
    assert np.any(np.diff(abandoned, axis=0) < 0) == (regime != "value-value")


def test_the_safe_penalty_by_signs(numbers, games):
    """Where both models are worth their wait it is Proposition 2's bound; where model 2 is not, nothing is to gain."""
    g, safe = numbers["value-value"], {name: solve(game).throttling.safe_churn_penalty for name, game in games.items()}
    np.testing.assert_allclose(safe["value-value"], np.minimum(g.c1 / g.p1, g.c2 / g.p2), rtol=1e-12)
    assert not safe["value-latency"].any() and not safe["latency-latency"].any()
    assert (safe["latency-value"] > 0).any()


def test_without_commitment_the_mixed_cost_is_free_of_the_penalty(numbers, games):
    """(c_2 (1−p_1) − c_1 (1−p_2)) / (p_2 − p_1): there q makes every route and every cascade cost the same."""
    g, game = numbers["latency-value"], games["latency-value"]
    answer = solve(game).no_commitment
    mixed = ~answer.pure & (g.p1 < g.p2)
    cost = ((g.c2 * (1 - g.p1) - g.c1 * (1 - g.p2)) / (g.p2 - g.p1))[mixed]
    game = Game(*(np.broadcast_to(x, COUNT)[mixed] for x in (g.value, g.penalty)), *pairs(g, mixed))
    q = (cost * game.success_prob[0] - game.cost[0]) / ((1 - game.success_prob[0]) * (game.churn_penalty - cost))
    assert mixed.sum() > 50 and np.all((q > 0) & (q < 1))
    for route, s in ((2, 0), (1, 0), (1, 0.4), (1, 1)):
        np.testing.assert_allclose(outcome(game, route, s, q).provider_cost, cost, rtol=1e-8)
    np.testing.assert_allclose(answer.provider_cost[mixed], cost, rtol=1e-9)
    for k in (1, 1.5, 5):
        other = solve(replace(game, churn_penalty=k * game.churn_penalty)).no_commitment
        np.testing.assert_allclose(other.provider_cost, cost, rtol=1e-9)
        assert not np.any(other.pure)


def pairs(g, keep):
    return tuple((first[keep], second[keep]) for first, second in ((g.p1, g.p2), (g.t1, g.t2), (g.c1, g.c2)))


def test_without_commitment_no_user_mixes_alone_where_model_1_succeeds_more_often(draw, as_game):
    """ξ_1 < 0 < ξ_2 and p_1 > p_2: against any mix of routes U is convex in q wherever it is flat."""
    g = draw("latency-value", COUNT, seed=87)
    game = as_game(g[g.p1 > g.p2])
    q, weight = np.linspace(0, 1, 201)[:, None], np.random.default_rng(88).uniform(size=game.shape)
    worth = weight * outcome(game, 1, 0, q).user_utility + (1 - weight) * outcome(game, 2, 0, q).user_utility
    inside = worth[1:-1].max(axis=0)
    assert np.all(inside <= np.maximum(worth[0], worth[-1]))


def informed_utilities(game, s):
    """Best utility on route 1 of a user who sees nothing, counts its failures, or sees which model failed.

    Counting, its belief is the same at every failure: it only chooses after how many to give up.
    """
    blind = outcome(game, 1, s, best_response(game, 1, s)).user_utility
    seeing = np.max([outcome(game, 1, s, (a, b)).user_utility for a in (0, 1) for b in (0, 1)], axis=0)
    (xi1, xi2), (p1, p2) = game.net_value, game.success_prob
    belief, reached, worth, counting = np.zeros(np.shape(xi1)), 1.0, 0.0, -np.inf
    for _ in range(1500):  # by then hardly any task is left
        worth = worth + reached * (belief * xi2 + (1 - belief) * xi1)
        counting = np.maximum(counting, worth)
        fails = belief * (1 - p2) + (1 - belief) * (1 - p1)
        belief = belief * (1 - p2) / fails
        belief, reached = belief + (1 - belief) * s, reached * fails
    return blind, counting, seeing


@pytest.mark.parametrize("regime", REGIMES)
def test_at_a_fixed_commitment_more_information_never_hurts_the_user(games, regime):
    """And it helps only where the model that comes second is the one not worth its wait."""
    s = np.random.default_rng(89).uniform(size=COUNT) ** 2
    blind, counting, seeing = informed_utilities(games[regime], s)
    rounding = 1e-9 * games[regime].task_value
    assert np.all(blind <= counting + rounding) and np.all(counting <= seeing + rounding)
    gains = [np.mean(more > less + rounding) for less, more in ((blind, counting), (counting, seeing))]
    assert min(gains) > 0.05 if regime == "value-latency" else max(gains) == 0


def test_a_user_who_sees_which_model_failed_never_mixes(games):
    """Thresholds: s_0 where ξ_1 < 0 < ξ_2, s_H where ξ_1 > 0 > ξ_2; there it waits for model 1 alone."""
    stays, leaves = (0.0, 0.0), (1.0, 1.0)
    for regime, name, staying in (("latency-value", "s_0", stays), ("value-latency", "s_H", (0.0, 1.0))):
        game = games[regime]
        for k, stay in ((1 - 1e-6, regime == "value-latency"), (1 + 1e-6, regime == "latency-value")):
            s = np.minimum(getattr(thresholds(game), name) * k, 1)
            wait, go = (outcome(game, 1, s, q).user_utility for q in (staying, leaves))
            assert np.all((wait > go) == stay)
            for other in ((0.5, 0.0), (0.5, 1.0), (0.0, 0.5), (1.0, 0.0), (0.5, 0.5)):
                assert np.all(outcome(game, 1, s, other).user_utility <= np.maximum(wait, go) + 1e-9 * game.task_value)


def test_once_the_provider_commits_anew_information_helps_some_users_and_hurts_others(numbers, games):
    """ξ_1 > 0 > ξ_2 and a user who sees which model failed: for s < s_H it waits for model 1, above it leaves."""
    game, before = games["value-latency"], solve(games["value-latency"]).equilibrium
    s_H, waits, leaves = thresholds(game).s_H, (0.0, 1.0), (1.0, 1.0)
    options = [outcome(game, *at) for at in ((1, 0, waits), (1, s_H, waits), (1, 1, leaves), (2, 0, leaves))]
    cheapest = np.argmin([o.provider_cost for o in options], axis=0)
    informed = np.choose(cheapest, [o.user_utility for o in options])
    known = numbers["value-latency"].p1 < numbers["value-latency"].p2
    change = (informed - before.user_utility)[known] / game.task_value[known]
    assert np.mean(change > 1e-6) > 0.01 and np.mean(change < -1e-6) > 0.01


def test_a_crowd_has_the_jumps_of_all_its_types():
    """Two kinds of users with V = 8 and 9.2 on route 1: cost steps at both s_0 and nowhere else."""
    types = Game(np.array([8.0, 9.2]), 15, (0.1, 0.3), (1, 2), (1, 3.6))
    s = np.linspace(0, 1, 5001)
    cost = outcome(types, 1, s[:, None], best_response(types, 1, s[:, None])).provider_cost @ (0.3, 0.7)
    steps = np.flatnonzero(np.abs(np.diff(cost)) > 0.1)
    s_0 = np.sort(thresholds(types).s_0)
    assert np.all((s[steps] < s_0) & (s_0 <= s[steps + 1])) and len(steps) == 2
