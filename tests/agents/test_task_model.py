"""The learned model of tasks: what it cannot get wrong, and whom it makes users of."""

import numpy as np
import pytest

from routegame.agents.exact.best_response import best_response
from routegame.agents.network import Network
from routegame.agents.task_model import HABITS, NUM_ENDS, NUM_INPUTS, TaskModel
from routegame.envs.game import Game


def by_hand():
    """Logits log p_1 for model 1 and log p_2 − log(chance that a pass of model 2 is the last) for model 2."""
    shortcut = np.zeros((NUM_ENDS, NUM_INPUTS), np.float32)
    shortcut[0, 0], shortcut[1, 2], shortcut[1, 8] = 1, 1, -1
    nothing = np.zeros((NUM_ENDS, NUM_INPUTS), np.float32), np.zeros(NUM_ENDS, np.float32)
    return TaskModel(Network((nothing,), shortcut))


@pytest.fixture
def model():
    rng = np.random.default_rng(0)
    layer = rng.normal(size=(NUM_ENDS, NUM_INPUTS)).astype(np.float32), np.zeros(NUM_ENDS, np.float32)
    return TaskModel(Network((layer,), np.zeros((NUM_ENDS, NUM_INPUTS), np.float32)))


def test_what_cannot_come_about_has_probability_0(model):
    p = np.full(4, 0.3), np.full(4, 0.6)
    ends = model.ends(*p, np.array([0.0, 1.0, 0.5, 0.5]), np.array([0.5, 0.5, 0.0, 1.0]))
    assert np.allclose(ends.sum(axis=1), 1)
    assert ends[0, 1] < 1e-20 and ends[1, 0] < 1e-20 and ends[2, 2] < 1e-20
    assert np.allclose(ends[3], [0, 0, 1])


def test_users_of_a_model_that_is_right_are_right():
    """With users who never leave it is exact, and users who know that answer as they should."""
    game = Game(120, 0.1, (0.0311, 0.4311), (6.09, 39.77), (0.000966, 0.02938))
    waits = np.array([[t / (120 * p)] for t, p in zip(game.latency, game.success_prob, strict=True)])
    for route, s in ((1, 0.05), (1, 0.07), (1, 0.08), (1, 0.5), (1, 1.0), (1, 0.0), (2, 0.0)):
        found = by_hand().abandon_prob(
            np.array([[x] for x in game.success_prob]), waits, np.array([route]), np.array([s])
        )
        assert found[0] == best_response(game, route, s)
    assert HABITS[0] == 0 and HABITS[-1] == 1


def test_arrays_make_it_again(model):
    again = TaskModel.from_arrays(model.arrays())
    given = np.array([0.2]), np.array([0.7]), np.array([0.4]), np.array([0.1])
    assert np.array_equal(again.ends(*given), model.ends(*given))
