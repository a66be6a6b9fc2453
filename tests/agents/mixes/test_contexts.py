"""Numbers of a mix as arrays."""

import numpy as np

from routegame import Game, TaskMix
from routegame.agents.mixes.contexts import Contexts


def test_numbers_are_those_of_the_games():
    mix = TaskMix([3, 1], Game([10, 5], 5, ([0.6, 0.2], [0.8, 0.5]), (1, 2), (1, 2)))
    contexts = Contexts.of(mix)
    assert len(contexts) == 2 and contexts.penalty.tolist() == [5, 5]
    assert contexts.success_prob.tolist() == [[0.6, 0.8], [0.2, 0.5]]
    np.testing.assert_allclose(contexts.net_value, [[5, 6], [0, 0.5]], atol=1e-15)
    np.testing.assert_allclose(contexts.magnitude, [[7, 10], [2, 4.5]])
    np.testing.assert_allclose(contexts.fails, [[0.4, 0.2], [0.8, 0.5]])
    assert contexts.some(np.array([1])).weight.tolist() == [0.25]
