"""Costs where passes are not alike, against tasks followed pass by pass; and where they are alike, against the game."""

import numpy as np
import pytest
from pass_by_pass import provider_cost

from routegame import Game
from routegame.agents.users.quantal import quantal_response
from routegame.calibrate.decide.uneven_passes import UnevenPasses
from routegame.envs.chain import outcome

GAME = Game(9, 15, (0.1, 0.3), (1, 2), (1, 3.6))
S = np.array([0.0, 1e-6, 0.2, 0.7, 1.0])


def like_users(factor):
    return lambda route, s: np.clip(factor * np.asarray(quantal_response(GAME, route, s, 0.5)), 0, 1)


@pytest.mark.parametrize("route", [1, 2])
@pytest.mark.parametrize("seed", range(20))
def test_a_task_that_is_followed_costs_as_much(route, seed):
    """Every rate is another, and users answer another commitment otherwise."""
    rng = np.random.default_rng(seed)
    fresh, repeat, cost = (tuple(rng.uniform(0.05, 0.9, 2)) for _ in range(3))
    handed, level = rng.uniform(0.05, 0.9), rng.uniform(0.02, 0.9, (2, 2))
    first, later = (tuple(lambda route, s, q=q: q * (0.5 + 0.5 * s) / route for q in level[k]) for k in (0, 1))
    passes = UnevenPasses(fresh, handed, repeat, first, later, cost, 3.0)
    followed = provider_cost(
        route,
        S,
        fresh=fresh,
        handed=handed,
        repeat=repeat,
        first=[answer(route, S) for answer in first],
        later=[answer(route, S) for answer in later],
        cost=cost,
        churn_penalty=3.0,
    )
    np.testing.assert_allclose(passes.provider_cost(route, S), followed, rtol=1e-7)


def test_a_course_whose_passes_are_alike_is_the_game():
    alike = UnevenPasses((0.1, 0.3), 0.3, (0.1, 0.3), (like_users(1),) * 2, (like_users(1),) * 2, GAME.cost, 15)
    s = np.linspace(0, 1, 7)
    for route in (1, 2):
        expected = outcome(GAME, route, s, quantal_response(GAME, route, s, 0.5)).provider_cost
        np.testing.assert_allclose(alike.provider_cost(route, s), expected, rtol=1e-12)
