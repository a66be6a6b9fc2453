"""Which context a task of a mix has, and the class that the provider sees it in, both by counted chance.

A word of chance of its own says which context it is, and where the provider sees it through noise another one says
which class, so that tasks under the same seed are of the same contexts whatever anybody commits to or answers.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from routegame.envs.arrays import FloatArray, IntArray
from routegame.envs.checks import ParameterError, as_count, as_number
from routegame.envs.copies import ReadOnlyArrays
from routegame.envs.sampling.chances import NUM_WORDS
from routegame.envs.sampling.streams import Purpose, Words, stream_keys, words
from routegame.envs.task_mix import TaskMix

CLOSE = 1e-9
"""How far from 1 chances of classes may add up to."""


MOST_BUCKETS = 2**12
"""Parts of all words at the most, of which a compiled search is told where each begins: they stay in the cache."""


@dataclass(frozen=True)
class Lookup:
    """What compiled code finds contexts and classes with, see `routegame.envs.sampling.numba_kernel.meet`.

    Attributes:
        limits: words below the k-th of these, and not below the one before it, stand for context k, (C,) int64.
        guide: the context of the first word of each bucket of words, (num_buckets,) int64, a power of 2.
        labels: the class of each context where that is certain, (C,) int64; (0,) where it is the context itself.
        class_limits: else like `limits`, of the classes in each context, (C, Z) int64; (0, 0) where it is certain.
    """

    limits: IntArray
    guide: IntArray
    labels: IntArray
    class_limits: IntArray


class DrawnContexts(ReadOnlyArrays):
    """Contexts of a mix as tasks are drawn from it, and the classes that the provider tells apart.

    Args:
        mix: the contexts.
        signal: what the provider sees of them, as in `routegame.agents.router_loss`: a label for each context, whole
            numbers from 0, (C,); or P(z | x), the chance of each class in each context, (C, Z). Default: the context.

    Attributes:
        mix: as given.
        num_classes: Z, how many classes the provider tells apart; C where it sees the context.
        noisy: whether a context may be seen in several classes.
        shares: how common each class is, (Z,).
        looks: what is seen of a task by its class, (Z, 1 + d): the number of the class, from 1, and the mean features
            of its contexts, where the mix has features.

    Raises:
        ParameterError: a signal of another shape, or that is neither labels nor chances.

    >>> from routegame.envs.game import Game
    >>> drawn = DrawnContexts(TaskMix([3, 1], Game([10, 5], 5, ([0.6, 0.2], [0.8, 0.5]), (1, 2), (1, 2))))
    >>> drawn.contexts(np.array([0, 2**31, 3 * 2**30, 2**32 - 1], dtype=np.uint32)).tolist()
    [0, 0, 1, 1]
    """

    def __init__(self, mix: TaskMix, signal: ArrayLike | None = None) -> None:
        self.mix = mix
        self._limits = _limits(mix.weights)
        self._chances = None if signal is None else _chances(len(mix), signal)
        self.num_classes = len(mix) if self._chances is None else self._chances.shape[1]
        self._labels: IntArray | None = np.arange(len(mix))
        self._class_limits = np.zeros((0, 0))
        if self._chances is not None:
            certain = (self._chances.max(axis=1) == 1).all()
            self._labels = self._chances.argmax(axis=1) if certain else None
            self._class_limits = np.stack([_limits(row) for row in self._chances])
        self.noisy = self._labels is None
        joint = mix.weights if self._chances is None else mix.weights @ self._chances
        self.shares: FloatArray = np.asarray(joint, dtype=np.float64)
        numbers = np.arange(1.0, self.num_classes + 1)[:, None]
        self.looks: FloatArray = np.hstack([numbers, self.by_class(self.features)])

    @property
    def features(self) -> FloatArray:
        """What is known of each context, (C, d); d is 0 where the mix has no features."""
        return np.zeros((len(self.mix), 0)) if self.mix.features is None else self.mix.features

    @property
    def as_they_are(self) -> bool:
        """Whether the class of a task is its context."""
        return self._chances is None

    def contexts(self, words: Words) -> IntArray:
        """Return the contexts, from 0, of tasks with these words of chance."""
        found: IntArray = np.searchsorted(self._limits, words.astype(np.float64), side="right")
        return found

    def classes(self, contexts: IntArray, words: Words | None) -> IntArray:
        """Return the classes, from 0, in which tasks of these contexts are seen.

        Args:
            contexts: (num_tasks,).
            words: of chance, (num_tasks,); only used where the signal is noisy, see `noisy`.
        """
        if self._labels is not None:
            return self._labels[contexts]
        assert words is not None
        found: IntArray = (words[:, None] >= self._class_limits[contexts]).sum(axis=1)
        return found

    def lookup(self) -> Lookup:
        """Return the same as `contexts` and `classes` for compiled code, in arrays of its own."""
        limits = self._limits.astype(np.int64)
        buckets = min(4 << (len(limits) - 1).bit_length(), MOST_BUCKETS)
        guide = np.searchsorted(limits, np.arange(buckets) * (2**32 // buckets), side="right")
        labels = np.zeros(0) if self._labels is None or self.as_they_are else self._labels
        noise = np.zeros((0, 0)) if self._labels is not None else self._class_limits
        return Lookup(limits, guide.astype(np.int64), labels.astype(np.int64), noise.astype(np.int64))

    def by_class(self, values: FloatArray) -> FloatArray:
        """Return the mean of a number of each context over the contexts of each class, (C, ...) to (Z, ...)."""
        if self._chances is None:
            return values
        joint = self.mix.weights[:, None] * self._chances
        joint = np.where(self.shares > 0, joint, self.mix.weights[:, None])  # a class that is never seen
        mean: FloatArray = np.tensordot(joint / joint.sum(axis=0), values, axes=(0, 0))
        return mean


def draw_contexts(mix: TaskMix, num_tasks: int, seed: int = 0, position: int = 0) -> IntArray:
    """Draw the contexts, from 0, of tasks in as many streams of chance, (num_tasks,).

    They are those of the tasks that users and rows of this seed begin with a word of this number: in a fresh
    `TaskBatch`, and at the start of episodes of `routing_v0`, the first one.

    Args:
        mix: the contexts.
        num_tasks: how many tasks, each in a stream of its own.
        seed: of the streams.
        position: number of the word.

    Raises:
        ParameterError: a negative seed, or no number of tasks.

    >>> from routegame.envs.game import Game
    >>> mix = TaskMix([3, 1], Game([10, 5], 5, ([0.6, 0.2], [0.8, 0.5]), (1, 2), (1, 2)))
    >>> draw_contexts(mix, 8, seed=1).tolist()
    [0, 1, 0, 0, 0, 0, 1, 0]
    """
    streams = np.arange(as_count("num_tasks", num_tasks, 2**31 - 1))
    return DrawnContexts(mix).contexts(words(stream_keys(seed, streams), Purpose.CONTEXT, position))


def _limits(shares: FloatArray) -> FloatArray:
    """Words below the k-th of these and not below the one before it stand for the k-th of some shares."""
    so_far = np.cumsum(shares)
    limits: FloatArray = np.rint(so_far / so_far[-1] * NUM_WORDS)
    limits[np.flatnonzero(shares)[-1] :] = NUM_WORDS
    return limits


def _chances(contexts: int, signal: ArrayLike) -> FloatArray:
    """P(z | x), (C, Z), of labels or as given."""
    given = np.asarray(as_number("signal", signal, 0, math.inf, closed="low"))
    if given.shape == (contexts,):
        if (given != np.floor(given)).any():
            raise ParameterError("signal", "whole numbers from 0, one for each context", given.tolist())
        return np.eye(int(given.max()) + 1)[given.astype(np.intp)]
    if given.ndim != 2 or len(given) != contexts or not given.size:
        raise ParameterError("signal", f"of shape ({contexts},) or ({contexts}, Z)", f"shape {given.shape}")
    if (np.abs(given.sum(axis=1) - 1) > CLOSE).any():
        raise ParameterError("signal", "chances of classes that add up to 1 in every context", given.tolist())
    return given
