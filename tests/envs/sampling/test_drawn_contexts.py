"""Contexts and classes by counted chance: as common as they should be, and from words of their own."""

import numpy as np
import pytest
from mix_worlds import MENUS, NOISY, PAIRS

from routegame import ParameterError, TaskMix
from routegame.envs.sampling.drawn_contexts import DrawnContexts
from routegame.envs.sampling.streams import Purpose, stream_keys, words

KEYS = stream_keys(3, np.arange(200_000))


def test_contexts_are_as_common_as_their_weights_say_and_classes_as_the_signal_says():
    """Within 4 standard errors."""
    drawn = DrawnContexts(PAIRS, NOISY)
    contexts = drawn.contexts(words(KEYS, Purpose.CONTEXT, 0))
    classes = drawn.classes(contexts, words(KEYS, Purpose.SIGNAL, 0))
    for x, weight in enumerate(PAIRS.weights):
        share, count = np.mean(contexts == x), np.sum(contexts == x)
        assert abs(share - weight) < 4 * np.sqrt(weight * (1 - weight) / KEYS.shape[1])
        for z, chance in enumerate(NOISY[x]):
            assert abs(np.mean(classes[contexts == x] == z) - chance) <= 4 * np.sqrt(chance * (1 - chance) / count)
    assert drawn.noisy and drawn.shares == pytest.approx(PAIRS.weights @ np.array(NOISY))


def test_a_context_without_weight_is_never_drawn():
    drawn = DrawnContexts(TaskMix([0, 1, 0, 1, 0], PAIRS.games.single(0)))
    ends = np.array([0, 2**31 - 1, 2**31, 2**32 - 1], dtype=np.uint32)
    assert drawn.contexts(ends).tolist() == [1, 1, 3, 3]


def test_a_class_looks_like_the_mean_of_its_contexts():
    assert DrawnContexts(MENUS).looks.tolist() == [[1, 1.0, -2.0], [2, 0.5, 3.0]]
    assert DrawnContexts(MENUS, [0, 0]).looks == pytest.approx(np.array([[1, 2 / 3, 4 / 3]]))
    assert DrawnContexts(PAIRS, [1, 0, 1]).classes(np.array([0, 1, 2]), None).tolist() == [1, 0, 1]


@pytest.mark.parametrize("signal", [[0, 1], [0.5, 1, 1], [[1.0], [0.5], [1.0]], [[-1, 2]] * 3, np.zeros((3, 0))])
def test_what_is_no_signal_is_refused(signal):
    with pytest.raises(ParameterError, match="signal"):
        DrawnContexts(PAIRS, signal)
