"""Promises: kept when they are rebuilt, and never dearer than a commitment of a grid, users seeing the model."""

import numpy as np
import pytest
from menus_by_hand import least_cost, payoffs, random_game

from routegame.agents.menus.promises import cheapest_promise, rebuilt
from routegame.envs.game import Game


def test_promises_are_kept():
    rng = np.random.default_rng(31)
    kept = 0
    for number in range(60):
        game = Game(*random_game(rng, 2 + number % 3))
        promise = cheapest_promise(game)
        policy, leaves = rebuilt(game, promise)
        utility, cost = payoffs(game, policy.start, policy.matrix, leaves)
        assert cost >= promise.cost * (1 - 1e-9)
        kept += cost == pytest.approx(promise.cost, rel=1e-9) and utility == pytest.approx(promise.worth, abs=1e-9)
        assert least_cost(game, policy.start, policy.matrix, "model") <= cost * (1 + 1e-9)
    assert kept >= 59


def test_no_commitment_of_a_grid_costs_less():
    rng = np.random.default_rng(32)
    for _ in range(12):
        game = Game(*random_game(rng, 2))
        least = cheapest_promise(game).cost
        for s in np.linspace(0, 1, 41):
            for start in np.eye(2):
                assert least_cost(game, start, np.array([[1 - s, s], [0, 1]]), "model") >= least * (1 - 1e-9)
