"""Users who see which model failed, or count their failures: against an oracle that knows the chain and no theorem.

The oracle walks the augmented chains of docs/theory.md pass by pass: a task on model 1 or 2, known or believed. It
imports nothing of `routegame.agents`.
"""

import json
from dataclasses import fields
from itertools import product

import numpy as np
import pytest
from quick_regimes import either_model_first
from signed_games import SIGNS, random_game
from solution_leaves import leaves

from routegame import Game, ParameterError, solve
from routegame.agents.exact.best_response import best_response, thresholds
from routegame.agents.users.information import (
    HistoryProfile,
    history_response,
    history_thresholds,
    model_response,
    model_thresholds,
    solve_information,
)
from routegame.envs.chain import outcome, outcome_after

CASCADES = np.concatenate([[0, 1e-6, 1 - 1e-6, 1], np.linspace(0.01, 0.99, 33)])
PAIRS = list(product([0.0, 1.0], repeat=2))
NUM_PASSES = 300  # 0.9 ** 300 < 1e-13: a user who leaves this late never leaves
ROUNDING = 2e-14  # of utilities up to 20
FIG_4_RIGHT = Game(6.5, 12, (0.1, 0.3), (0.5, 2.5), (1, 3))


# ---- random games


def entry(game, index):
    """Some games of a batch."""
    numbers = (game.task_value, game.churn_penalty, *game.success_prob, *game.latency, *game.cost)
    value, penalty, p1, p2, t1, t2, c1, c2 = (np.broadcast_to(x, game.shape)[index] for x in numbers)
    return Game(value, penalty, (p1, p2), (t1, t2), (c1, c2))


@pytest.fixture(scope="module", params=either_model_first(SIGNS))
def regime(request):
    return request.param


# ---- oracle: the chain of a user who sees which model failed


def walk(game, route, s, q1, q2):
    """U and J of a stationary pair of answers: absorbing chain, linear solve."""
    p1, p2, route, s, q1, q2 = np.broadcast_arrays(*game.success_prob, route, s, q1, q2)
    transient = np.zeros((*p1.shape, 2, 2))
    transient[..., 0, 0] = (1 - p1) * (1 - q1) * (1 - s)
    transient[..., 0, 1] = (1 - p1) * (1 - q1) * s
    transient[..., 1, 1] = (1 - p2) * (1 - q2)
    start = np.stack([route == 1, route == 2], axis=-1).astype(float)
    n = np.linalg.solve(np.swapaxes(np.eye(2) - transient, -1, -2), start[..., None])[..., 0]
    solved = p1 * n[..., 0] + p2 * n[..., 1]
    left = (1 - p1) * q1 * n[..., 0] + (1 - p2) * q2 * n[..., 1]
    waited = game.latency[0] * n[..., 0] + game.latency[1] * n[..., 1]
    paid = game.cost[0] * n[..., 0] + game.cost[1] * n[..., 1]
    return game.task_value * solved - waited, paid + game.churn_penalty * left


def pairs_at(game, route, s):
    """U and J of the four deterministic answers, stacked."""
    return (np.stack(x) for x in zip(*(walk(game, route, s, *pair) for pair in PAIRS), strict=True))


def kindest(game, route, s):
    """J of the best answer that the provider likes best."""
    utility, cost = pairs_at(game, route, s)
    return np.where(utility >= utility.max(axis=0) - ROUNDING, cost, np.inf).min(axis=0)


# ---- oracle: the passes of a user who counts its failures


def passes_one_by_one(game, s):
    """Gain of pass 1, 2, …, NUM_PASSES of route 1, and cost of leaving if it fails: two arrays (N, ...)."""
    (p1, p2), (t1, t2), (c1, c2), value = game.success_prob, game.latency, game.cost, game.task_value
    on_1, on_2 = np.ones(np.broadcast_shapes(game.shape, np.shape(s))), np.zeros(())
    cost, gains, costs = 0.0, [], []
    for _ in range(NUM_PASSES):
        failed_1, failed_2 = (1 - p1) * on_1, (1 - p2) * on_2
        gains.append((value * p1 - t1) * on_1 + (value * p2 - t2) * on_2)
        cost = cost + c1 * on_1 + c2 * on_2
        costs.append(cost + game.churn_penalty * (failed_1 + failed_2))
        on_1, on_2 = failed_1 * (1 - s), failed_2 + failed_1 * s
    return np.stack(gains), np.stack(costs)


def utilities_and_costs(game, s):
    """U and J of leaving after 1, 2, …, NUM_PASSES failures on route 1: two arrays (N, ...)."""
    gains, costs = passes_one_by_one(game, s)
    return gains.cumsum(axis=0), costs


def most_patient_best(utilities):
    """Index of the last number of failures that is best, up to rounding."""
    best = utilities >= utilities.max(axis=0) - ROUNDING
    return len(best) - 1 - np.argmax(best[::-1], axis=0)


def cost_of_counting_users(game, s):
    """J on route 1 where users leave after the best number of failures, ties to staying."""
    utilities, costs = utilities_and_costs(game, s)
    return np.take_along_axis(costs, most_patient_best(utilities)[None], axis=0)[0]


def largest_cascades_with(game, counts):
    """Largest s at which leaving after at least so many failures is best on route 1, by bisection: (counts, games)."""
    low, high = np.zeros((len(counts), *game.shape)), np.ones((len(counts), *game.shape))
    for _ in range(48):
        middle = (low + high) / 2
        stays = most_patient_best(utilities_and_costs(game, middle)[0]) + 1 >= counts[:, None]
        low, high = np.where(stays, middle, low), np.where(stays, high, middle)
    return low


def value_by_belief(game, s, num_failures=400):
    """W at the first pass of route 1, by backward induction over the beliefs of docs/theory.md."""
    (p1, p2), (xi1, xi2) = game.success_prob, game.net_value
    beliefs = [0.0]
    for _ in range(num_failures):
        failed_2 = beliefs[-1] * (1 - p2)
        posterior = failed_2 / (failed_2 + (1 - beliefs[-1]) * (1 - p1))
        beliefs.append(posterior + (1 - posterior) * s)
    later = 0.0
    for belief in reversed(beliefs):
        fails = belief * (1 - p2) + (1 - belief) * (1 - p1)
        later = belief * xi2 + (1 - belief) * xi1 + fails * max(0.0, later)
    return later


# ---- oracle: the provider


def least_over_cascades(game, cost, zooms=7):
    """Least cost(game, s) over s in [0, 1], by a grid and zooms around its best point; also where."""
    low, high = np.zeros(game.shape), np.ones(game.shape)
    for zoom in range(zooms):
        share = np.linspace(0, 1, 241 if zoom == 0 else 25)[:, None]
        s = low + (high - low) * (share**2 if zoom == 0 else share)
        costs = cost(game, s)
        best = costs.argmin(axis=0)[None]
        low, high = (np.take_along_axis(s, np.clip(best + k, 0, len(s) - 1), axis=0)[0] for k in (-1, 1))
    return np.take_along_axis(costs, best, axis=0)[0]


# ---- the user who sees which model failed


def test_model_response_is_best_of_all_pairs(regime):
    game, s = random_game(regime, 300, seed=1), CASCADES[:, None]
    rng = np.random.default_rng(2)
    for route in (1, 2):
        q = model_response(game, route, s)
        assert q[0].shape == q[1].shape == (len(CASCADES), 300) and set(np.unique(q)) <= {0.0, 1.0}
        mine, _ = walk(game, route, s, *q)
        best = next(iter(pairs_at(game, route, s))).max(axis=0)
        np.testing.assert_allclose(mine, best, rtol=1e-12, atol=1e-9)
        for _ in range(20):
            mixed, _ = walk(game, route, s, *rng.uniform(size=(2, *best.shape)))
            assert np.all(mixed <= best + 1e-9)


def test_model_equilibrium_is_the_cheapest_commitment(regime):
    game = random_game(regime, 300, seed=3)
    e = solve_information(game, "model").equilibrium
    searched = least_over_cascades(game, lambda g, s: kindest(g, 1, s))
    searched = np.minimum(searched, kindest(game, 2, 0.0))
    for s in (thresholds(game).s_0 * (1 + 1e-12), thresholds(game).s_H * (1 - 1e-12)):
        searched = np.minimum(searched, kindest(game, 1, np.where(np.isnan(s), 0.0, s)))
    np.testing.assert_allclose(e.provider_cost, searched, rtol=1e-9)


def test_model_profile_is_what_it_says(regime):
    game = random_game(regime, 300, seed=4)
    solution = solve_information(game, "model")
    for profile in (solution.equilibrium, solution.user_preferred):
        utility, cost = walk(game, profile.route, profile.cascade_prob, *profile.abandon_prob)
        np.testing.assert_allclose(profile.provider_cost, cost, rtol=1e-9)
        np.testing.assert_allclose(profile.user_utility, utility, rtol=1e-9, atol=1e-9)
        best = next(iter(pairs_at(game, profile.route, profile.cascade_prob))).max(axis=0)
        np.testing.assert_allclose(utility, best, rtol=1e-9, atol=1e-9)
    assert np.all(solution.weak_provider_cost == solution.equilibrium.provider_cost)


def test_a_visible_cascade_never_pays_where_model_2_is_left():
    e = solve_information(random_game("value-latency", 300, seed=5), "model").equilibrium
    assert set(np.unique(e.cascade_prob[e.abandon_prob[0] == 0])) == {0.0}


# ---- the user who counts its failures


def test_history_response_is_best_of_all_numbers_of_failures(regime):
    game, s = random_game(regime, 100, seed=6), CASCADES[:, None]
    patience = history_response(game, 1, s)
    assert np.all((patience >= 1) & (patience == np.floor(patience)))
    utilities, _ = utilities_and_costs(game, s)
    k = np.minimum(patience, NUM_PASSES).astype(int) - 1
    mine = np.take_along_axis(utilities, k[None], axis=0)[0]
    np.testing.assert_allclose(mine, utilities.max(axis=0), rtol=1e-12, atol=1e-10)
    more = np.take_along_axis(utilities, np.minimum(k + 1, NUM_PASSES - 1)[None], axis=0)[0]
    clearly = np.abs(more - mine) > 1e-9
    assert np.all((more < mine)[clearly]), "it leaves only where staying costs something, and stays on ties"
    finite = np.isfinite(patience) & (patience > 1)
    assert finite.mean() > 0.1 if regime == "value-latency" else not finite.any()


def test_history_response_on_route_2(regime):
    game = random_game(regime, 100, seed=7)
    assert set(history_response(game, 2, 0.5)) == {np.inf if SIGNS[regime][1] == "+" else 1.0}


def test_leaving_after_a_number_of_failures_is_worth_the_value_of_the_belief_process(regime):
    """Nothing that depends on beliefs in any way does better: the recursion allows it."""
    batch = random_game(regime, 12, seed=8)
    for k, s in product(range(12), (0.0, 0.03, 0.1, 0.3, 0.7, 1.0)):
        game = entry(batch, k)
        played = outcome_after(game, 1, s, history_response(game, 1, s))
        assert played.user_utility == pytest.approx(value_by_belief(game, s), rel=1e-10, abs=1e-10)


@pytest.mark.slow
@pytest.mark.parametrize("dearer_first", [False, True])
def test_history_equilibrium_is_the_cheapest_commitment(regime, dearer_first):
    game = random_game(regime, 100, seed=9, dearer_first=dearer_first)
    e = solve_information(game, "history").equilibrium
    s_0 = thresholds(game).s_0 * (1 + 1e-12)
    on_route_2 = np.where(np.less(game.net_value[1], 0), walk(game, 2, 0, 1, 1)[1], walk(game, 2, 0, 0, 0)[1])
    searched = np.minimum.reduce(
        [
            least_over_cascades(game, cost_of_counting_users),
            cost_of_counting_users(game, np.where(np.isnan(s_0), 0.0, s_0)),
            on_route_2,
        ]
    )
    if regime == "value-latency":
        on_jumps = largest_cascades_with(game, np.arange(2, 50))
        searched = np.minimum(searched, cost_of_counting_users(game, on_jumps).min(axis=0))
    assert np.all(e.provider_cost <= searched * (1 + 1e-8))
    assert np.all(e.provider_cost >= searched * (1 - 1e-5)), "that it is attained is tested below"
    led_on = np.isfinite(e.leave_after) & (e.leave_after > 1)
    assert led_on.mean() > 0.2 if regime == "value-latency" and dearer_first else led_on.mean() < 0.2


def test_history_profile_is_what_it_says(regime):
    game = random_game(regime, 100, seed=10, dearer_first=True)
    solution = solve_information(game, "history")
    for profile in (solution.equilibrium, solution.user_preferred):
        assert isinstance(profile, HistoryProfile)
        on_1 = profile.route == 1
        utilities, costs = utilities_and_costs(game, profile.cascade_prob)
        k = np.minimum(profile.leave_after, NUM_PASSES).astype(int)[None] - 1
        utility, cost = (np.take_along_axis(x, k, axis=0)[0] for x in (utilities, costs))
        np.testing.assert_allclose(profile.provider_cost[on_1], cost[on_1], rtol=1e-9)
        np.testing.assert_allclose(profile.user_utility[on_1], utility[on_1], rtol=1e-9, atol=1e-9)
        np.testing.assert_allclose(utility[on_1], utilities.max(axis=0)[on_1], rtol=1e-9, atol=1e-9)
        at_once, never = profile.leave_after == 1, np.isinf(profile.leave_after)
        np.testing.assert_array_equal(profile.abandon_prob[at_once], 1)
        np.testing.assert_array_equal(profile.abandon_prob[never], 0)
        assert np.isnan(profile.abandon_prob[~at_once & ~never]).all()
    assert np.all(solution.weak_provider_cost == solution.equilibrium.provider_cost)


# ---- closed forms of a user who counts


def test_outcome_of_a_number_of_failures(regime):
    game = random_game(regime, 40, seed=13)
    s = np.random.default_rng(14).uniform(size=(9, 1))
    s[0], s[1] = 0, 1
    utilities, costs = utilities_and_costs(game, s)
    for count in (1, 2, 3, 7, 64, 255, NUM_PASSES):
        got = outcome_after(game, 1, s, count)
        np.testing.assert_allclose(got.user_utility, utilities[count - 1], rtol=1e-11, atol=1e-11)
        np.testing.assert_allclose(got.provider_cost, costs[count - 1], rtol=1e-11)
        np.testing.assert_allclose(
            got.provider_cost, got.expected_cost + game.churn_penalty * (1 - got.solve_prob), rtol=1e-9
        )


@pytest.mark.parametrize("route", [1, 2])
@pytest.mark.parametrize("count,abandon", [(1, 1.0), (np.inf, 0.0)])
def test_leaving_at_once_and_never_are_stationary(regime, route, count, abandon):
    game, s = random_game(regime, 50, seed=15), CASCADES[:, None]
    counted, stationary = outcome_after(game, route, s, count), outcome(game, route, s, abandon)
    for field in fields(stationary):
        got, wanted = (np.broadcast_to(getattr(o, field.name), (len(CASCADES), 50)) for o in (counted, stationary))
        np.testing.assert_allclose(got, wanted, rtol=1e-13, atol=1e-13)


def test_counts_broadcast_on_route_2():
    game = Game(9, 20, (0.1, 0.3), (1, 2), (1, 3))
    solved = outcome_after(game, 2, 0.0, [1, 2, 3, np.inf]).solve_prob
    np.testing.assert_allclose(solved, [0.3, 0.51, 0.657, 1])


@pytest.mark.parametrize("count", [0, -1, 1.5, np.nan])
def test_not_a_number_of_failures(count):
    with pytest.raises(ParameterError, match="failures must be a whole number >= 1, or inf"):
        outcome_after(FIG_4_RIGHT, 1, 0.1, count)


@pytest.mark.parametrize(
    "game,s", [(FIG_4_RIGHT, 0.1), (FIG_4_RIGHT, 0.055), (Game(6.5, 15, (0.2, 0.1), (0.5, 2.5), (1, 0.1)), None)]
)
def test_sampled_users_who_count(game, s):
    """Tasks played one pass at a time, leaving after the best number of failures."""
    count, rng = 200_000, np.random.default_rng(16)
    e = solve_information(game, "history").equilibrium
    s = e.cascade_prob if s is None else s
    patience = int(history_response(game, 1, s))
    expected = outcome_after(game, 1, s, patience)
    assert 1 < patience < 100
    p, t, c = (np.array(pair) for pair in (game.success_prob, game.latency, game.cost))
    model, utility, cost = np.zeros(count, dtype=int), np.zeros(count), np.zeros(count)
    running = np.arange(count)
    for failures in range(1, patience + 1):
        utility[running] -= t[model[running]]
        cost[running] += c[model[running]]
        solved = rng.random(running.size) < p[model[running]]
        utility[running[solved]] += game.task_value
        running = running[~solved]
        if failures == patience:
            cost[running] += game.churn_penalty
        handed_over = running[rng.random(running.size) < s]
        model[handed_over] = 1
    for sample, mean in ((utility, expected.user_utility), (cost, expected.provider_cost)):
        assert abs(sample.mean() - mean) < 4 * sample.std() / np.sqrt(count)


# ---- what information does


def test_more_information_never_hurts_the_user(regime):
    game, s = random_game(regime, 200, seed=17), CASCADES[:, None]
    for route in (1, 2):
        memoryless = outcome(game, route, s, best_response(game, route, s)).user_utility
        history = outcome_after(game, route, s, history_response(game, route, s)).user_utility
        model = outcome(game, route, s, model_response(game, route, s)).user_utility
        assert np.all(history >= memoryless - 1e-9) and np.all(model >= history - 1e-9)
        if regime == "value-latency" and route == 1:
            assert np.any(history > memoryless + 1e-3) and np.any(model > history + 1e-3)


def test_thresholds_by_information():
    game = random_game("value-latency", 300, seed=18)
    memoryless, model, history = thresholds(game), model_thresholds(game), history_thresholds(game)
    for at in (model, history):
        np.testing.assert_array_equal(at.s_H, memoryless.s_H)
        assert np.isnan(at.s_0).all()
    assert np.all(history.s_L <= memoryless.s_L) and np.all(memoryless.s_L <= model.s_L)
    np.testing.assert_array_equal(model.s_L, model.s_H)
    slower = np.less_equal(game.success_prob[1], game.success_prob[0])
    np.testing.assert_array_equal(history.s_L == 0, slower)


def test_the_provider_pays_for_what_the_user_sees(regime):
    game = random_game(regime, 300, seed=19)
    kinds = ("memoryless", "history", "model")
    memoryless, history, model = (solve_information(game, kind).equilibrium.provider_cost for kind in kinds)
    if regime == "value-latency":
        assert np.all(history <= model * (1 + 1e-12)) and np.any(history < model * (1 - 1e-3))
    else:
        np.testing.assert_allclose(history, memoryless, rtol=1e-12)
        np.testing.assert_allclose(model, memoryless, rtol=1e-12)


def test_memoryless_users_are_those_of_solve(regime):
    game = random_game(regime, 50, seed=20)
    for throttling in (False, True):
        mine, wanted = solve_information(game, "memoryless", throttling=throttling), solve(game, throttling=throttling)
        assert mine.information == wanted.information == "memoryless"
        assert json.dumps(mine.to_dict()) == json.dumps(wanted.to_dict())


def test_what_users_prefer_does_not_depend_on_what_they_see(regime):
    game = random_game(regime, 100, seed=21)
    wanted = solve(game).user_preferred
    for kind in ("model", "history"):
        preferred = solve_information(game, kind).user_preferred
        np.testing.assert_array_equal(preferred.route, wanted.route)
        np.testing.assert_array_equal(preferred.cascade_prob, wanted.cascade_prob)
        np.testing.assert_allclose(preferred.user_utility, wanted.user_utility, rtol=1e-12, atol=1e-12)
    best = [least_over_cascades(game, lambda g, s: -utilities_and_costs(g, s)[0].max(axis=0), zooms=4)]
    best.append(least_over_cascades(game, lambda g, s: -next(iter(pairs_at(g, 1, s))).max(axis=0), zooms=4))
    on_route_2 = next(iter(pairs_at(game, 2, 0.0))).max(axis=0)
    for least in best:
        np.testing.assert_allclose(wanted.user_utility, np.maximum(-least, on_route_2), rtol=1e-8, atol=1e-8)


@pytest.mark.quick_cases(2)
@pytest.mark.parametrize("kind", ["model", "history"])
def test_no_slow_down_undercuts_the_throttled_equilibrium(regime, kind):
    game = random_game(regime, 100, seed=22)
    solution = solve_information(game, kind, throttling=True)
    plain_solution = solve_information(game, kind)
    before, after = plain_solution.equilibrium.provider_cost, solution.equilibrium.provider_cost
    np.testing.assert_allclose(after, solution.throttling.provider_cost, rtol=1e-12)
    np.testing.assert_allclose(before - after, solution.throttling.gain, atol=1e-12)
    np.testing.assert_array_equal(after < before * (1 - 1e-12), solution.throttling.pays)
    (p1, p2), (t1, t2), value = game.success_prob, game.latency, game.task_value
    for first, second in product([0, 0.05, 0.3, 1, 3], repeat=2):
        slower = game.with_latency((t1 + first * value * p1, t2 + second * value * p2))
        assert np.all(solve_information(slower, kind).equilibrium.provider_cost >= after * (1 - 1e-9))


# ---- indifference

# Exactly representable: V p_1 = 2, V p_2 = 4, so that a latency equal to it makes the net value exactly 0.
LATENCY_OF = ({"+": 1.0, "0": 2.0, "-": 3.0}, {"+": 2.5, "0": 4.0, "-": 5.5})
WITH_A_ZERO = ["0+", "0-", "+0", "-0", "00"]


def exact_game(signs, penalty=1.0, cost=(1.0, 3.0)):
    return Game(8.0, penalty, (0.25, 0.5), (LATENCY_OF[0][signs[0]], LATENCY_OF[1][signs[1]]), cost)


@pytest.mark.parametrize(
    "signs,s,answer,failures",
    [
        ("0+", 0.0, (0, 0), np.inf),
        ("0+", 0.5, (0, 0), np.inf),
        ("0-", 0.0, (0, 1), np.inf),
        ("0-", 1e-9, (1, 1), 1),
        ("+0", 0.5, (0, 0), np.inf),
        ("+0", 1.0, (0, 0), np.inf),
        ("-0", 0.5, (1, 0), 1),
        ("-0", 1.0, (0, 0), np.inf),
        ("00", 0.3, (0, 0), np.inf),
        ("-+", 0.25, (0, 0), np.inf),  # s_0 = 1 / (1.5 / 0.5 + 1)
        ("-+", 0.25 * (1 - 1e-9), (1, 0), 1),
        ("+-", 0.4, (0, 1), 2),  # s_H = 1 / (1 + 1.5)
        ("+-", 0.4 * (1 + 1e-9), (1, 1), 1),
        ("+-", 0.4 / 3, (0, 1), np.inf),  # s_L = s_H (p_2 − p_1) / (1 − p_1)
    ],
)
def test_ties_go_to_staying(signs, s, answer, failures):
    assert model_response(exact_game(signs), 1, s) == answer
    assert history_response(exact_game(signs), 1, s) == failures


def best_of_gains_of_one_sign(gains):
    """Whether leaving after each number of failures is best: no later pass gains, and no earlier one cost anything."""
    assert np.all(gains[1:] >= 0) or np.all(gains[1:] <= 0)
    later = np.cumsum(gains[::-1])[::-1] - gains
    earlier = np.cumsum(np.concatenate([[0], gains[1:]]))
    return (later <= 0) & (earlier >= 0)


@pytest.mark.quick_cases(3)
@pytest.mark.parametrize("kind", ["model", "history"])
@pytest.mark.parametrize("signs", WITH_A_ZERO)
@pytest.mark.parametrize("throttling", [False, True])
def test_strong_and_weak_values_at_zero_net_values(kind, signs, throttling):
    """Every answer that is best counts; the weak value is the infimum of the worst of them over a fine grid."""
    rng, edge = np.random.default_rng([23, WITH_A_ZERO.index(signs)]), 10.0 ** -np.arange(3.0, 10)
    grid = np.concatenate([[0.0], edge, np.linspace(0.01, 0.99, 41), 1 - edge, [1.0]])
    for _ in range(6):
        game = exact_game(signs, rng.uniform(0, 12), tuple(rng.uniform(0, 4, 2)))
        strong, weak = [], []
        for route, s in [(1, s) for s in grid] + [(2, 0.0)]:
            if kind == "history" and route == 1:
                gains, cost = passes_one_by_one(game, s)
                best = best_of_gains_of_one_sign(gains)
            else:
                utility, cost = pairs_at(game, route, s)
                best = utility >= utility.max() - ROUNDING
            strong.append(cost[best].min())
            weak.append(cost[best].max())
        solution = solve_information(game, kind, throttling=throttling)
        leave = [c + game.churn_penalty * (1 - p) for c, p in zip(game.cost, game.success_prob, strict=True)]
        floor = min(leave) if throttling else np.inf
        assert solution.equilibrium.provider_cost == pytest.approx(min(*strong, floor), rel=1e-6)
        assert solution.weak_provider_cost == pytest.approx(min(*weak, floor), rel=1e-6)


# ---- form


@pytest.mark.quick_cases(3)
@pytest.mark.parametrize("kind", ["model", "history"])
@pytest.mark.parametrize("throttling", [False, True])
def test_a_batch_is_its_games_one_at_a_time(regime, kind, throttling):
    game = random_game(regime, 30, seed=24, dearer_first=True)
    together = dict(leaves(solve_information(game, kind, throttling=throttling)))
    for k in range(30):
        alone = solve_information(entry(game, k), kind, throttling=throttling)
        assert alone.no_commitment is None and alone.information == kind and alone.regime == regime
        for path, value in leaves(alone):
            assert type(value) in (int, float, bool) and together[path].shape == (30,), path
            assert np.array_equal(together[path][k], value, equal_nan=True), path


@pytest.mark.parametrize("kind", ["model", "history"])
def test_any_shape_of_batch(kind):
    batch = Game(np.linspace(1, 30, 3)[:, None], 12, (np.linspace(0.1, 0.4, 4), 0.3), (1, 2), (1, np.ones((2, 1, 1))))
    for game in (batch, Game([], 12, (0.1, 0.3), (1, 2), (1, 3))):
        shapes = {np.shape(value) for _, value in leaves(solve_information(game, kind))}
        assert shapes == {game.shape}


@pytest.mark.parametrize("kind", ["memoryless", "model", "history"])
def test_the_document_is_json(regime, kind):
    game = random_game(regime, 20, seed=25, dearer_first=True)
    for one in (game, entry(game, 0)):
        document = solve_information(one, kind).to_dict()
        assert json.loads(json.dumps(document, allow_nan=False)) == document
        assert document["information"] == kind
    if kind == "history":
        assert document["equilibrium"].keys() - solve(one).to_dict()["equilibrium"].keys() == {"leave_after"}


def test_not_a_kind_of_information():
    with pytest.raises(ParameterError, match="information must be 'memoryless' or 'model' or 'history', got 'all'"):
        solve_information(FIG_4_RIGHT, "all")


@pytest.mark.parametrize("respond", [model_response, history_response])
def test_not_a_commitment(respond):
    for arguments in ((3, 0.5), (1, -0.1), (1, 1.1)):
        with pytest.raises(ParameterError):
            respond(FIG_4_RIGHT, *arguments)
