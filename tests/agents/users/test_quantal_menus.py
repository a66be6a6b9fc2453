"""Users with noise under commitments in full: as under a route and a cascade probability, and at the limits."""

from __future__ import annotations

import numpy as np
import pytest

from routegame.agents.menus.answers import memoryless_answer
from routegame.agents.users.quantal import quantal_response
from routegame.agents.users.quantal_menus import PLACES, WEIGHTS, mean_answer, quantal_answer
from routegame.envs.game import Game
from routegame.envs.policy import Policy, chain

GAME = Game(9, 15, (0.1, 0.3), (1, 2), (1, 3.6))
THREE = Game(10, 9, (0.25, 0.2, 0.5), (6, 2.2, 2.5), (0.2, 0.5, 3))


@pytest.mark.parametrize("temperature", [0.01, 0.1, 1.0, 100.0])
@pytest.mark.parametrize(("route", "s"), [(1, 0.0), (1, 0.03), (1, 0.3), (1, 1.0), (2, 0.0)])
def test_two_models_are_answered_as_by_the_response_to_a_cascade(route, s, temperature):
    exact = quantal_response(GAME, route, s, temperature)
    assert float(quantal_answer(GAME, Policy.cascade(s, route), temperature)) == pytest.approx(exact, abs=1e-6)


def test_the_rule_integrates_a_line_exactly():
    assert WEIGHTS.sum() == pytest.approx(1, abs=1e-9)
    assert (WEIGHTS * PLACES).sum() == pytest.approx(0.5, abs=1e-9)


def test_users_without_preference_toss_a_coin():
    assert float(mean_answer(np.zeros(len(PLACES)), 1.0)) == pytest.approx(0.5)


@pytest.mark.parametrize("s", [0.01, 0.2])
def test_cold_users_answer_at_their_best(s):
    policy = chain([0, 1, 2], [1.0, s], 3)  # its threshold is 0.05
    assert float(quantal_answer(THREE, policy, 1e-4)) == pytest.approx(memoryless_answer(THREE, policy), abs=1e-3)


def test_a_batch_is_answered_game_by_game():
    values = np.array([5.0, 10.0, 40.0])
    games = Game(values, 9.0, THREE.success_prob, THREE.latency, THREE.cost)
    policy = Policy.redraw([0.2, 0.3, 0.5], [0.5, 0.25, 0.25])
    one_by_one = [
        float(quantal_answer(Game(v, 9, THREE.success_prob, THREE.latency, THREE.cost), policy, 2.0)) for v in values
    ]
    assert quantal_answer(games, policy, 2.0).tolist() == pytest.approx(one_by_one)
