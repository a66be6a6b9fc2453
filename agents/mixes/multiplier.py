"""Bounds by one multiplier: concave, piecewise linear functions of λ >= 0, many at once, each at its greatest.

Tangents on both sides of the maximum cross at the next λ to try; where the function attains its value at the crossing,
that is the maximum. Often only the least of the maxima matters: then a function that is known to be above another's
upper bound is tried no further.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from routegame.envs.arrays import BoolArray, FloatArray

CLOSE = 1e-13
"""Relative distance of a maximum's bounds at which it counts as found."""

MOST_STEPS = 400
"""Steps after which bounds are taken as they are; they are valid at any time."""

FARTHEST = 1e100
"""Multiple of the first guess beyond which no λ is tried."""

Which = NDArray[np.intp]
Tangents = tuple[FloatArray, FloatArray]
"""Values and slopes, one for each function."""


class Maxima(NamedTuple):
    """The greatest values found.

    Attributes:
        value: of each function, (n,), or its floor; inf where it grows without bound. A lower bound of the maximum at
            any time.
        multiplier: the λ that the value was found at, (n,).
    """

    value: FloatArray
    multiplier: FloatArray


def greatest(
    oracle: Callable[[Which, FloatArray], Tangents],
    scale: FloatArray,
    unbounded: BoolArray,
    *,
    least_only: bool = False,
    floor: FloatArray | None = None,
) -> Maxima:
    """Maximise functions of λ >= 0, each at λs of its own.

    Args:
        oracle: values and slopes of functions, by their numbers, at one λ for each: (n,), (n,) -> (n,), (n,).
        scale: a first guess of λ for each, (n,), more than 0.
        unbounded: which of them grow without bound, (n,).
        least_only: whether only the least of the maxima is of interest; the others are then lower bounds of theirs.
        floor: values that each maximum is known to have at least, (n,).

    >>> found = greatest(
    ...     lambda which, at: (np.minimum(at, 3 - at), np.where(at < 1.5, 1.0, -1.0)), np.ones(1), np.zeros(1, bool)
    ... )
    >>> found.value.tolist(), found.multiplier.tolist()
    ([1.5], [1.5])
    """
    known = _Brackets(scale, unbounded, floor)
    for _ in range(MOST_STEPS):
        which = known.open(least_only)
        if not which.size:
            break
        at = known.next(which)
        known.learn(which, at, *oracle(which, at), asked=which)
    return Maxima(known.value, known.at)


def greatest_together(
    oracle: Callable[[float], Tangents],
    scale: float,
    unbounded: BoolArray,
    *,
    least_only: bool = False,
    floor: FloatArray | None = None,
) -> Maxima:
    """Maximise functions of λ >= 0 all of which are had at one λ for the price of one; see `greatest`.

    Args:
        oracle: values and slopes of all functions at λ, (n,) each.
        scale: a first guess of λ, more than 0.
        unbounded: which of them grow without bound, (n,).
        least_only: whether only the least of the maxima is of interest.
        floor: values that each maximum is known to have at least, (n,).
    """
    known = _Brackets(np.full(len(unbounded), scale), unbounded, floor)
    every = np.arange(len(unbounded))
    for _ in range(MOST_STEPS):
        which = known.open(least_only)
        if not which.size:
            break
        asked = which[[known.value[which].argmin()]]
        at = known.next(asked)
        some = every[~unbounded]
        value, slope = oracle(float(at[0]))
        known.learn(some, np.broadcast_to(at, some.shape), value[some], slope[some], asked=asked)
    return Maxima(known.value, known.at)


class _Brackets:
    """What is known of the functions: tangents on both sides of each maximum, and bounds of it."""

    def __init__(self, scale: FloatArray, unbounded: BoolArray, floor: FloatArray | None) -> None:
        number = len(scale)
        self.floor = np.full(number, -np.inf) if floor is None else floor
        self.value = np.where(unbounded, np.inf, self.floor)
        self.at, self.upper = np.zeros(number), np.full(number, np.inf)
        self.low, self.high = np.full((3, number), np.nan), np.full((3, number), np.nan)  # λ, value and slope
        self.step, self.farthest = scale.copy(), scale * FARTHEST
        self.todo = ~unbounded

    def open(self, least_only: bool) -> Which:
        """Functions whose maximum is still sought."""
        limit = self.upper.min(initial=np.inf) if least_only else np.inf
        return np.flatnonzero(self.todo & (self.value < limit))

    def next(self, which: Which) -> FloatArray:
        """The λ that tells most of each: 0, then ever greater ones, then where tangents cross."""
        begun, ended = ~np.isnan(self.low[0, which]), ~np.isnan(self.high[0, which])
        crossing, _ = _crossing(self.low[:, which], self.high[:, which])
        return np.where(begun, np.where(ended, crossing, self.step[which]), 0.0)

    def learn(self, which: Which, at: FloatArray, value: FloatArray, slope: FloatArray, *, asked: Which) -> None:
        """Take in values and slopes at λ, which tells most of the functions `asked`."""
        better = value > self.value[which]
        self.value[which[better]], self.at[which[better]] = value[better], at[better]
        low, high = self.low[0, which], self.high[0, which]
        falls = slope <= 0
        lower = ~falls & ~(at <= low)
        upper = falls & ~(at >= high)
        moved = lower | upper
        for side, mask in ((self.low, lower), (self.high, upper)):
            side[:, which[mask]] = at[mask], value[mask], slope[mask]
        far = lower & np.isnan(high) & (at >= self.step[which])
        self.step[which[far]] = at[far] * 8
        level = (slope == 0) | falls & (at == 0)
        self.upper[which[level]] = value[level]
        _, crossing = _crossing(self.low[:, which], self.high[:, which])
        both = ~np.isnan(crossing)
        self.upper[which[both]] = np.minimum(self.upper[which[both]], crossing[both])
        self.upper[which] = np.maximum(self.upper[which], self.floor[which])
        done = self.upper[which] - self.value[which] <= CLOSE * np.abs(self.value[which])
        done |= self.step[which] > self.farthest[which]
        stuck = ~moved & both & np.isin(which, asked)  # the crossing is rounded to a known point
        self.todo[which[done | stuck]] = False


def _crossing(low: FloatArray, high: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Where tangents from both sides cross: λ and value; nan where one is missing."""
    with np.errstate(divide="ignore", invalid="ignore"):
        at = (high[1] - low[1] + low[0] * low[2] - high[0] * high[2]) / (low[2] - high[2])
        at = np.clip(at, low[0], high[0])
        return at, np.maximum(low[1] + low[2] * (at - low[0]), high[1] + high[2] * (at - high[0]))
