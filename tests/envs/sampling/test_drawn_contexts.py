"""Contexts and classes by counted chance: as common as they should be, and from words of their own."""

import numpy as np
import pytest
from mix_worlds import MENUS, NOISY, PAIRS

from routegame import Game, ParameterError, TaskMix
from routegame.envs.sampling import numba_kernel
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


@pytest.mark.parametrize("weights", [[1.0], [0, 1, 0, 0, 2, 0], np.geomspace(1e-9, 1, 300), np.arange(1.0, 2000)])
def test_compiled_code_finds_the_same_contexts(weights):
    """At every limit and beside it, where contexts without weight lie, and where many share a bucket."""
    drawn = DrawnContexts(TaskMix(weights, Game(np.full(len(weights), 9.0), 15, (0.1, 0.3), (1, 2), (1, 3))))
    lookup = drawn.lookup()
    edges = np.clip(lookup.limits[:, None] + np.arange(-2, 3), 0, 2**32 - 1).reshape(-1)
    found = np.concatenate([edges, np.linspace(0, 2**32 - 1, 997).astype(np.int64)]).astype(np.uint32)
    contexts, shift = np.zeros(len(found), dtype=np.int64), 32 - (lookup.guide.size - 1).bit_length()
    numba_kernel._contexts(
        np.arange(len(found), dtype=np.uint32), found, np.uint32(shift), lookup.limits, lookup.guide, contexts
    )
    assert contexts.tolist() == drawn.contexts(found).tolist()
