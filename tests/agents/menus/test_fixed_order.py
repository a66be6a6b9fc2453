"""Fixed order: known answers, bounds that hold, candidates that are played, and the paper's game where it is one."""

import numpy as np
import pytest
from menus_by_hand import least_cost, payoffs, random_game

from routegame.agents.exact.equilibrium import solve as solve_paper
from routegame.agents.menus.answers import answer
from routegame.agents.menus.fixed_order import bound_and_candidates, solve_fixed_order
from routegame.agents.menus.free_order import solve_free_order
from routegame.envs.game import Game

EIGHTEEN = Game(1, 0.5, (0.6, 0.72, 0.54), (0.83, 0.26, 0.58), (0.05, 0.42, 0.002))
USERS = ("memoryless", "model", "history")


def test_the_eighteenth_game_has_a_gap():
    solution = solve_fixed_order(EIGHTEEN)
    assert solution.equilibrium.provider_cost == pytest.approx(0.082524407, abs=6e-10)
    assert solution.certificate.lower_bound == pytest.approx(0.075569986, abs=6e-10)
    assert solution.certificate.status == "gap"
    assert solution.policy.matrix[0] == pytest.approx([0, 0.1338912134, 0.8661087866], abs=1e-9)
    seen = solve_fixed_order(EIGHTEEN, "model")
    assert seen.equilibrium.provider_cost == pytest.approx(0.151080196, abs=6e-10)
    assert seen.certificate.status == "exact"


def test_two_models_in_order_are_the_papers_game():
    second = (6.5, 12, (0.1, 0.3), (0.5, 2.5), (1, 2.4))
    third = (120, 1, (0.2, 0.4089), (11.39, 63.92), (0.024335, 0.038413))
    for game, cost in ((second, 9.321717023), (third, 0.109794586)):
        assert solve_fixed_order(Game(*game)).equilibrium.provider_cost == pytest.approx(cost, abs=6e-10)


@pytest.mark.quick_cases(1)
@pytest.mark.parametrize("users", USERS)
def test_what_is_committed_to_is_in_order_answered_as_said_and_costs_what_is_said(users):
    rng = np.random.default_rng(21)
    for number in range(25):
        models = 3 + number % 3
        game = Game(*random_game(rng, models))
        solution = solve_fixed_order(game, users)
        best, policy = solution.equilibrium, solution.policy
        assert not np.tril(policy.matrix, -1).any()
        assert best.provider_cost >= solution.certificate.lower_bound * (1 - 1e-12)
        assert solution.certificate.lower_bound >= solve_free_order(game).certificate.lower_bound * (1 - 1e-12)
        cost = least_cost(game, policy.start, policy.matrix, users)
        assert cost == pytest.approx(best.provider_cost, rel=2e-4)  # users who mix are tried on a grid
        found = answer(game, policy, users)
        if users == "model":
            seen = policy.passes(game.success_prob, 1 - np.array(best.abandon_prob)) > 0
            assert (found[seen] == np.array(best.abandon_prob)[seen]).all()
        else:
            assert found == pytest.approx(best.leave_after if users == "history" else best.abandon_prob, abs=1e-6)


@pytest.mark.quick_cases(1)
@pytest.mark.parametrize("users", USERS)
def test_no_commitment_in_order_that_was_tried_costs_less_than_the_bound(users):
    rng = np.random.default_rng(22)
    for _ in range(12):
        game = Game(*random_game(rng, 3))
        lower, candidates = bound_and_candidates(game, users)
        assert min(candidate.cost for candidate in candidates) >= lower * (1 - 1e-12)
        for _ in range(6):
            matrix = np.zeros((3, 3))
            for row in range(3):
                matrix[row, row:] = rng.dirichlet(np.full(3 - row, 0.5))
            start = np.eye(3)[rng.integers(3)]
            assert least_cost(game, start, matrix, users) >= lower * (1 - 1e-9)


def test_most_random_games_are_exact():
    rng = np.random.default_rng(23)
    games = [Game(*random_game(rng, 3)) for _ in range(60)]
    assert sum(solve_fixed_order(game).certificate.status == "exact" for game in games) >= 50
    assert sum(solve_fixed_order(game, "model").certificate.status == "exact" for game in games) >= 59


def test_a_pair_of_two_models_is_solved_exactly():
    rng = np.random.default_rng(24)
    for _ in range(30):
        game = Game(*random_game(rng, 2))
        _, candidates = bound_and_candidates(game, "memoryless")
        paper = solve_paper(game).equilibrium.provider_cost
        assert min(candidate.cost for candidate in candidates) == pytest.approx(paper, rel=1e-12)


def test_declining_users_are_served_at_no_less_than_the_price_of_going_on():
    rng = np.random.default_rng(25)
    for _ in range(30):
        game = Game(*random_game(rng, 4))
        solution = solve_fixed_order(game, decline=True)
        assert solution.certificate.lower_bound <= solution.equilibrium.provider_cost * (1 + 1e-12)
        assert solution.certificate.lower_bound == pytest.approx(solution.price_of_going_on, rel=1e-9)
        if solution.visited:
            utility, cost = payoffs(game, solution.policy.start, solution.policy.matrix, np.zeros(4))
            assert utility >= -1e-9 and cost == pytest.approx(solution.equilibrium.provider_cost, rel=1e-9)


def test_slowing_down_is_one_pass_of_a_model_that_is_left():
    game = Game(10, 1, (0.3, 0.5, 0.7), (1, 2, 3), (1, 1.5, 2.8))
    solution = solve_fixed_order(game, throttling=True)
    assert solution.equilibrium.provider_cost == pytest.approx(1.7)
    assert solution.equilibrium.abandon_prob == 1
    assert solution.visited == [1]
