"""One commitment for many contexts: against a fine grid of commitments, and against one context's own game."""

import numpy as np
import pytest
from mixes_by_hand import random_numbers

from routegame import Game, best_response, solve
from routegame.agents.mixes.one_for_all import one_for_all
from routegame.envs import outcome


def by_trying(games, weights, order, cascades):
    found = []
    for menu in [games] if order == "fixed" else [games, games.of_models([1, 0])]:
        for route, s in [(1, s) for s in cascades] + [(2, 0.0)]:
            q = best_response(menu, route, s)
            found.append(weights @ outcome(menu, route, s, q).provider_cost)
    return min(found)


@pytest.mark.quick_cases(1)
@pytest.mark.parametrize("order", ["fixed", "free"])
@pytest.mark.parametrize("contexts", [1, 2, 6])
def test_no_commitment_of_a_grid_is_cheaper(order, contexts):
    for seed in range(8):
        rng = np.random.default_rng(seed)
        games, weights = Game(*random_numbers(rng, contexts, 2)), rng.dirichlet(np.ones(contexts))
        found = one_for_all(games, weights, order)
        assert found.provider_cost <= by_trying(games, weights, order, np.linspace(0, 1, 301)) * (1 + 1e-12)
        assert found.provider_cost == pytest.approx(weights @ found.context_costs, rel=1e-12)
        assert found.provider_cost * (1 - 1e-9) <= found.lower_bound <= found.provider_cost
        menu = games if found.route == 1 or order == "fixed" else games.of_models([1, 0])
        route = found.route if order == "fixed" else 1
        played = outcome(menu, route, found.cascade_prob, found.abandon_prob).provider_cost
        if order == "fixed" or found.cascade_prob:
            np.testing.assert_allclose(played, found.context_costs, rtol=1e-9)


@pytest.mark.parametrize("order", ["fixed", "free"])
def test_one_context_has_its_own_equilibrium(order):
    rng = np.random.default_rng(0)
    games = Game(*random_numbers(rng, 40, 2))
    for x in range(40):
        game = games.single(x)
        alone = Game(
            *(np.atleast_1d(v) for v in (game.task_value, game.churn_penalty)),
            *(tuple(np.atleast_1d(v) for v in values) for values in (game.success_prob, game.latency, game.cost)),
        )
        cost = solve(game, order=order).equilibrium.provider_cost
        assert one_for_all(alone, np.ones(1), order).provider_cost == pytest.approx(cost, rel=1e-9)
