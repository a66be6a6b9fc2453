"""Free order: the known answers, a linear program, users who try all answers, and relations between games."""

import numpy as np
import pytest
from menus_by_hand import bound_by_linear_program, least_cost, payoffs, random_game

from routegame.agents.exact.equilibrium import solve as solve_paper
from routegame.agents.menus.free_order import solve_free_order
from routegame.envs.game import PER_MODEL, Game
from routegame.envs.policy import Policy

THREE = (10, 1, (0.3, 0.5, 0.7), (1, 2, 3), (1, 1.5, 2.8))
KNOWN = {
    1: (9, 15, (0.1, 0.3), (1, 2), (1, 3.6), 10.54, [1, 2]),
    2: (6.5, 12, (0.1, 0.3), (0.5, 2.5), (1, 2.4), 8.77, [1, 2]),
    3: (120, 1, (0.2, 0.4089), (11.39, 63.92), (0.024335, 0.038413), 0.099934092, [1, 2]),
    4: (*THREE, 3.0, [2]),
    5: (1, 4, (0.2, 0.5, 0.7), (1, 2, 3), (1, 1.5, 2.8), 3.5, [2]),
    6: (5, 1, (0.3, 0.4, 0.6), (1, 1.5, 4), (1, 1.2, 3), 1.7, [1]),
    7: (10, 9, (0.25, 0.2, 0.5), (6, 2.2, 2.5), (0.2, 0.5, 3), 2.5125, [1, 2, 3]),
    9: (
        60,
        0.1,
        (0.2267, 0.2222, 0.3867),
        (19.62, 8.61, 64.46),
        (0.000844, 0.027584, 0.002412),
        0.045711969,
        [1, 2, 3],
    ),
    10: (60, 1, (0.1644, 0.1111, 0.3956), (5.61, 10.32, 181.5), (0.047799, 0.004687, 0.003614), 0.113191746, [1, 2, 3]),
    11: (
        120,
        1,
        (0.1911, 0.1644, 0.3956),
        (26.09, 5.61, 181.5),
        (0.021769, 0.047799, 0.003614),
        0.089711631,
        [1, 2, 3],
    ),
    14: (150, 1, (0.0311, 0.1111, 0.2), (6.09, 10.32, 11.39), (0.000966, 0.004687, 0.024335), 0.035859894, [1, 2]),
    16: (4, 1, (0.25, 0.5, 0.75), (0.5, 2, 4), (0.5, 0.4, 0.3), 0.5, [2, 3]),
    18: (1, 0.5, (0.6, 0.72, 0.54), (0.83, 0.26, 0.58), (0.05, 0.42, 0.002), 0.031405483, [2, 3]),
}
"""Known games: V, P, p, t, c, the least cost to nine digits, and the models that are visited."""
SHARES = {
    1: (0, 1, 0.041095890),
    2: (1, 0, 0.268292683),
    3: (1, 0, 0.190649791),
    7: (1, 2, 0.05),
    9: (0, 1, 0.366203293),
    10: (1, 0, 1 - 0.841138022),  # the probability of the same model again is the known one
    11: (0, 1, 0.045461727),
    14: (0, 1, 0.024344114),
}
"""Probability with which a task moves from one model to another there."""
PRICES = {1: 10.6, 2: 9.1, 3: 0.104078991, 7: 3.083333333, 10: 0.181300043}
USERS = ("memoryless", "model", "history")


@pytest.mark.parametrize("number", KNOWN)
def test_known_games_cost_what_is_known(number):
    *game, cost, visited = KNOWN[number]
    solution = solve_free_order(Game(*game))
    assert solution.equilibrium.provider_cost == pytest.approx(cost, abs=6e-10)
    assert solution.visited == visited
    assert solution.certificate.status == "exact"
    if number in SHARES:
        here, there, share = SHARES[number]
        assert solution.policy.matrix[here, there] == pytest.approx(share, abs=6e-10)
    if number in PRICES:
        assert solution.price_of_going_on == pytest.approx(PRICES[number], abs=6e-10)


def test_users_of_the_tenth_game_lose_by_the_pass_that_they_cannot_refuse():
    game = Game(*KNOWN[10][:5])
    assert solve_free_order(game).equilibrium.user_utility == pytest.approx(-157.764, abs=1e-9)
    declining = solve_free_order(game, decline=True).equilibrium
    assert declining.provider_cost == pytest.approx(PRICES[10], abs=6e-10)
    assert declining.user_utility == 0


@pytest.mark.quick_cases(5)
@pytest.mark.parametrize("kind", ["uniform", "ties", "extreme"])
@pytest.mark.parametrize("models", [2, 3, 5, 8])
def test_the_cost_is_the_linear_programs_and_the_policy_is_played_at_it(kind, models):
    rng = np.random.default_rng([models, len(kind)])
    for _ in range(25):
        game = Game(*random_game(rng, models, kind))
        bound, m = bound_by_linear_program(game)
        for redraw in (False, True):
            solution = solve_free_order(game, redraw=redraw)
            best, policy = solution.equilibrium, solution.policy
            assert best.provider_cost == pytest.approx(bound, rel=1e-8)
            assert solution.price_of_going_on == pytest.approx(m, rel=1e-8)
            utility, cost = payoffs(game, policy.start, policy.matrix, np.full(models, best.abandon_prob))
            assert cost == pytest.approx(best.provider_cost, rel=1e-8)
            waited = game.task_value + best.expected_latency
            assert utility == pytest.approx(best.user_utility, abs=1e-9 * waited)


@pytest.mark.quick_cases(1)
@pytest.mark.parametrize("users", USERS)
def test_no_user_has_a_better_answer(users):
    rng = np.random.default_rng(5)
    for number in range(40):
        game = Game(*random_game(rng, 2 + number % 3))
        for redraw in (False, True):
            solution = solve_free_order(game, redraw=redraw)
            cost = least_cost(game, solution.policy.start, solution.policy.matrix, users)
            assert cost <= solution.equilibrium.provider_cost * (1 + 1e-6)


@pytest.mark.quick_cases(1)
@pytest.mark.parametrize("users", USERS)
def test_no_commitment_that_was_tried_costs_less(users):
    rng = np.random.default_rng(6)
    for number in range(15):
        models = 2 + number % 3
        game = Game(*random_game(rng, models))
        least = solve_free_order(game).equilibrium.provider_cost
        for _ in range(6):
            start, *matrix = rng.dirichlet(np.full(models, 0.5), models + 1)
            assert least_cost(game, start, np.array(matrix), users) >= least * (1 - 1e-9)


def test_two_models_cost_what_the_better_of_their_orders_does():
    rng = np.random.default_rng(7)
    value, penalty = rng.uniform(0.01, 2, (2, 20_000))
    game = Game(value, penalty, *(tuple(rng.uniform(0.01, 0.99, (2, 20_000))) for _ in PER_MODEL))
    orders = [solve_paper(g).equilibrium.provider_cost for g in (game, game.of_models([1, 0]))]
    assert solve_free_order(game).equilibrium.provider_cost == pytest.approx(np.minimum(*orders), rel=1e-12)


def test_a_batch_is_its_games():
    rng = np.random.default_rng(8)
    games = [Game(*random_game(rng, 4, kind)) for kind in ("uniform", "ties") for _ in range(40)]
    batch = Game(*(np.array([getattr(g, name) for g in games]) for name in ("task_value", "churn_penalty", *PER_MODEL)))
    for options in ({}, {"decline": True}, {"throttling": True}, {"redraw": True}):
        whole = solve_free_order(batch, **options)
        for k, game in enumerate(games):
            one = solve_free_order(game, **options)
            for name in ("provider_cost", "user_utility", "solve_prob", "expected_latency", "route", "abandon_prob"):
                assert getattr(whole.equilibrium, name)[k] == getattr(one.equilibrium, name)
            assert Policy(whole.policy.start[k], whole.policy.matrix[k]) == one.policy
            assert (np.flatnonzero(whole.visited[k]) + 1).tolist() == one.visited
            assert whole.weak_provider_cost[k] == one.weak_provider_cost


def test_another_model_never_costs_and_the_order_of_the_numbers_does_not_matter():
    rng = np.random.default_rng(9)
    for _ in range(40):
        game = Game(*random_game(rng, 5))
        cost = solve_free_order(game).equilibrium.provider_cost
        assert cost <= solve_free_order(game.of_models(range(4))).equilibrium.provider_cost * (1 + 1e-12)
        turned = game.of_models(rng.permutation(5).tolist())
        assert solve_free_order(turned).equilibrium.provider_cost == pytest.approx(cost, rel=1e-12)


def test_at_most_three_of_64_models_are_visited():
    game = Game(*random_game(np.random.default_rng(10), 64, "extreme"))
    solution = solve_free_order(game)
    assert 1 <= len(solution.visited) <= 3
    assert solution.equilibrium.provider_cost == pytest.approx(bound_by_linear_program(game)[0], rel=1e-8)


def test_users_would_like_the_model_that_is_worth_most_for_good():
    liked = solve_free_order(Game(*THREE)).user_preferred
    assert (liked.route, liked.user_utility, liked.abandon_prob) == (1, pytest.approx(2 / 0.3), 0)
    poor = Game(*KNOWN[5][:5])
    liked = solve_free_order(poor).user_preferred
    assert (liked.route, liked.user_utility, liked.abandon_prob) == (1, pytest.approx(-0.8), 1)
    assert solve_free_order(poor, decline=True).user_preferred.user_utility == 0


def test_slowing_down_pays_where_all_models_are_worth_it_and_churn_is_cheap():
    game = Game(*THREE)
    throttling = solve_free_order(game).throttling
    assert throttling.pays and throttling.safe_churn_penalty == 3
    assert throttling.provider_cost == pytest.approx(min(1 + 0.7, 1.5 + 0.5, 2.8 + 0.3))
    assert throttling.gain == solve_free_order(game, throttling=True).throttling.gain == pytest.approx(3 - 1.7)
    slowed = solve_free_order(game, throttling=True).equilibrium
    assert slowed.provider_cost == throttling.provider_cost
    assert slowed.throttled_latency == pytest.approx((3, 2, 3))
    assert game.with_latency(slowed.throttled_latency).net_value[0] < 0
    assert not solve_free_order(Game(10, 3, *THREE[2:])).throttling.pays


def test_the_weak_value_differs_only_where_a_model_is_worth_exactly_nothing():
    tie = Game(1, 0.1, (0.5, 0.5), (0.5, 0.25), (1, 1))  # net values 0 and 1/4
    solution = solve_free_order(tie)
    assert (solution.equilibrium.provider_cost, solution.weak_provider_cost) == (1.05, 2.0)
    rng = np.random.default_rng(11)
    for _ in range(30):
        solution = solve_free_order(Game(*random_game(rng, 3)))
        assert solution.weak_provider_cost == solution.certificate.lower_bound


def test_a_margin_costs_what_it_is_said_to():
    solution = solve_free_order(Game(*KNOWN[1][:5]), redraw=True)
    xi, p, c, worth = np.array(solution.net_value), np.array((0.1, 0.3)), np.array((1, 3.6)), 0.01
    shares = np.linspace(solution.policy.matrix[0, 1], 1, 200_001)
    rows = np.stack([1 - shares, shares], axis=1)
    row = rows[np.argmax((rows @ xi) / (rows @ p) >= worth)]
    cost = c[0] + 0.9 * (row @ c) / (row @ p)
    assert (cost - solution.equilibrium.provider_cost) / worth == pytest.approx(solution.margin_price, rel=1e-2)


@pytest.mark.parametrize("models", [2, 3, 5])
def test_who_may_decline_is_served_at_the_price_of_going_on(models):
    rng = np.random.default_rng(12)
    for _ in range(40):
        game = Game(*random_game(rng, models))
        solution = solve_free_order(game, decline=True)
        assert solution.equilibrium.provider_cost == pytest.approx(bound_by_linear_program(game)[1], rel=1e-8)
        if solution.visited:
            utility, cost = payoffs(game, solution.policy.start, solution.policy.matrix, np.zeros(models))
            assert utility >= -1e-9 and cost == pytest.approx(solution.equilibrium.provider_cost, rel=1e-9)
        else:
            assert solution.equilibrium.provider_cost == game.churn_penalty
