"""Memories: the last so many, each as likely, and the same again from a state."""

import numpy as np
import pytest

from routegame.train.transitions import MINIBATCH, Memory, Transitions


def some(first, count):
    rewards = np.arange(first, first + count, dtype=np.float32)
    known = np.tile(rewards[:, None], (1, 3))
    return Transitions(
        np.tile(rewards[:, None, None], (1, 2, 4)),
        known,
        np.ones((count, 2), dtype=np.int64),
        rewards,
        known + 1,
        rewards > 5,
    )


@pytest.mark.parametrize("sizes", [[3], [10], [4, 4, 4], [25], [7, 30, 2]])
def test_the_last_are_remembered(sizes):
    memory, added = Memory(10), 0
    for size in sizes:
        memory.add(some(added, size))
        added += size
    drawn = memory.sample(np.random.default_rng(0))
    assert len(memory) == min(added, 10) and len(drawn.reward) == MINIBATCH
    assert set(drawn.reward) == set(range(max(added - 10, 0), added))
    assert np.array_equal(drawn.known[:, 0], drawn.reward) and np.array_equal(drawn.known_next[:, 1], drawn.reward + 1)
    assert np.array_equal(drawn.seen[:, 1, 3], drawn.reward) and np.array_equal(drawn.done, drawn.reward > 5)


def test_each_is_as_likely():
    memory = Memory(8)
    memory.add(some(0, 8))
    rng = np.random.default_rng(0)
    counts = np.bincount(np.concatenate([memory.sample(rng).reward for _ in range(40)]).astype(int))
    expected = 40 * MINIBATCH / 8
    assert np.abs(counts - expected).max() < 5 * np.sqrt(expected)


@pytest.mark.parametrize("count", [4, 13])
def test_another_memory_goes_on_from_a_state(count):
    memory, other = Memory(10), Memory(10)
    memory.add(some(0, count))
    other.restore(memory.state())
    for one in (memory, other):
        one.add(some(count, 3))
    drawn, again = (one.sample(np.random.default_rng(1)) for one in (memory, other))
    assert np.array_equal(drawn.reward, again.reward) and np.array_equal(drawn.chosen, again.chosen)
    assert len(other) == len(memory)


def test_an_empty_memory_has_a_state():
    other = Memory(10)
    other.restore(Memory(10).state())
    assert len(other) == 0
