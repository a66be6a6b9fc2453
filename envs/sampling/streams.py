"""Counter-based random numbers: word number c of a stream is a pure function of seed, stream and c.

Nothing is carried from draw to draw, so that a stream holds the same words whatever else is drawn, in whatever order,
by however many threads, one at a time or a million at once. `routegame.envs.routing_v0` gives each user a stream,
`routegame.envs.sampling.task_batch` each row, by the same numbers: user and row of one seed and index are equally
lucky.

A word is 32 bits: two rounds of a 32-bit mixing function (Wellons 2018, "lowbias32"), the first over the counter and
one half of the stream's 64-bit key, the second over that and the other half. Keys are consecutive outputs of SplitMix64
(Steele, Lea and Flood 2014), started from the seed by numpy's `SeedSequence`. This is for simulation, not for secrets.
"""

from __future__ import annotations

from enum import IntEnum

import numpy as np
from numpy.typing import ArrayLike, NDArray

from routegame.envs.checks import ParameterError

Words = NDArray[np.uint32]

COUNTER_STEP = np.uint32(0x9E3779B9)
PURPOSE_STEP = np.uint32(0x85EBCA6B)
"""Odd numbers: each multiple modulo 2^32 is met once."""


class Purpose(IntEnum):
    """Purpose of a word of chance. Words of one stream and counter for different purposes are independent."""

    PASS = 0
    """Whether a pass solves its task, and where the task goes if it does not."""

    ANSWER = 1
    """Whether a user with a mixed strategy leaves."""

    DIFFICULTY = 2
    """How hard a task is."""

    COMMITMENT = 3
    """A commitment that is drawn at random: route, cascade probability, slow-downs."""

    SIGHT = 8
    """Noise in a user's sight of a commitment: route, cascade probability, slow-downs."""

    WHOLE_TASK = 16
    """A task drawn at once, several words each."""

    START = 2**16
    """Which model has a task's first pass, where a commitment in full leaves that to chance."""

    MENU_COMMITMENT = 2**16 + 2**12
    """A commitment in full that is drawn at random: its weights and slow-downs, a word each."""

    MENU_SIGHT = 2**16 + 2**13
    """Noise in a user's sight of a commitment in full, likewise."""

    CONTEXT = 2**16 + 2**14
    """Which context a task of a mix has."""

    SIGNAL = 2**16 + 2**14 + 1
    """In which class the provider sees a task's context, where it does so through noise."""

    MENU_TASK = 2**17
    """A task drawn at once under a commitment in full: its start, whether it is declined, and two words a pass."""

    MIX_COMMITMENT = 2**26
    """A commitment over contexts that is drawn at random: as many words as its action has numbers."""


def stream_keys(seed: int, streams: ArrayLike) -> Words:
    """Keys of streams, (2, num_streams) uint32.

    Args:
        seed: any whole number >= 0.
        streams: (num_streams,) indices >= 0.

    Raises:
        ParameterError: a negative seed, or none.
    """
    if not isinstance(seed, (int, np.integer)) or isinstance(seed, bool) or seed < 0:
        raise ParameterError("seed", "a whole number >= 0", seed)
    start = np.random.SeedSequence(int(seed)).generate_state(1, np.uint64)
    z: NDArray[np.uint64] = start + np.asarray(streams, dtype=np.uint64) * np.uint64(0x9E3779B97F4A7C15)
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    z ^= z >> np.uint64(31)
    return np.stack([z & np.uint64(0xFFFFFFFF), z >> np.uint64(32)]).astype(np.uint32)


def words(keys: Words, purpose: int, counter: ArrayLike) -> Words:
    """Words of streams, uint32.

    Args:
        keys: (2, num_streams), see `stream_keys`; or (2, 1) to broadcast.
        purpose: a `Purpose`, or one plus a small number where a purpose takes several words.
        counter: which word, modulo 2^32; a number, or an array that broadcasts against (num_streams,).

    >>> words(stream_keys(0, [0, 1, 2]), Purpose.PASS, 7).tolist()
    [1402153760, 2027652323, 2631062646]
    """
    low, high = keys
    steps = np.atleast_1d(counter).astype(np.uint32) * COUNTER_STEP
    purposes = np.uint32((int(purpose) * int(PURPOSE_STEP)) & 0xFFFFFFFF)
    return _mixed(_mixed(low + steps) ^ (high + purposes))


def words_of(keys: Words, purposes: NDArray[np.int64], counter: int) -> Words:
    """Words of streams for many purposes at once, as `words` has them; purposes broadcast against (num_streams,)."""
    low, high = keys
    step = np.uint32((counter * int(COUNTER_STEP)) & 0xFFFFFFFF)
    return _mixed(_mixed(low + step) ^ (high + purposes.astype(np.uint32) * PURPOSE_STEP))


def _mixed(x: Words) -> Words:
    x = x ^ (x >> np.uint32(16))
    x = x * np.uint32(0x7FEB352D)
    x = x ^ (x >> np.uint32(15))
    x = x * np.uint32(0x846CA68B)
    return x ^ (x >> np.uint32(16))
