"""Luck: the same for different games is the same number in [0, 1) for every count, and the count its quantile.

Quantiles of two distributions that are close are close, so what luck there is cancels where two games are compared
that are nearly alike, whatever the number of tasks; and a quantile costs hardly more for a million tasks than for one.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

import numpy as np

from routegame.envs.arrays import FloatArray, IntArray

Quantiles = Callable[[FloatArray, IntArray, FloatArray], IntArray]
"""Finds the counts that numbers in [0, 1) stand for, of so many trials each, with probabilities."""


class Chance(Protocol):
    """Where counts come from: `numpy.random.Generator`, or `Luck`."""

    def binomial(self, n: IntArray, p: FloatArray, /) -> IntArray:
        """How many of n trials succeed, each with probability p."""

    def negative_binomial(self, n: IntArray, p: FloatArray, /) -> IntArray:
        """How many trials fail before n > 0 succeed."""


class Luck:
    """Chance as quantiles: every count is that of its distribution which a number in [0, 1) stands for.

    Row k of what is drawn has the same numbers whatever the number of rows, and the same quantiles of two
    distributions that are close are close.

    Args:
        seed: of the numbers.
        shared: whether all rows have the same ones.
        period: rows that are so many apart have the same ones; 0 where none have.

    >>> [int(Luck(3).binomial(np.array([10**6]), np.array([p]))[0]) for p in (0.5, 0.501)]
    [499668, 500668]
    """

    def __init__(self, seed: int, *, shared: bool = False, period: int = 0) -> None:
        self._seed, self._period, self._drawn = seed, 1 if shared else period, 0

    def binomial(self, n: IntArray, p: FloatArray, /) -> IntArray:
        """Return quantiles of binomial distributions, rows first."""
        from routegame.envs.luck.quantiles import binomial_quantiles

        return self._quantiles(binomial_quantiles, n, p)

    def negative_binomial(self, n: IntArray, p: FloatArray, /) -> IntArray:
        """Return quantiles of negative binomial distributions, rows first."""
        from routegame.envs.luck.quantiles import negative_binomial_quantiles

        return self._quantiles(negative_binomial_quantiles, n, p)

    def _quantiles(self, find: Quantiles, n: IntArray, p: FloatArray) -> IntArray:
        trials, chance = np.broadcast_arrays(n, p)
        return find(self._numbers(trials.shape), trials, chance)

    def _numbers(self, shape: tuple[int, ...]) -> FloatArray:
        self._drawn += 1
        rng = np.random.default_rng((self._seed, self._drawn))
        if self._period == 1:
            return np.broadcast_to(rng.random((1, *shape[1:])), shape)
        if self._period:
            return rng.random((self._period, *shape[1:]))[np.arange(shape[0]) % self._period]
        return rng.random(shape)
