"""Lower bounds of what blind users cost, answer by answer, by one multiplier: a fractional knapsack of patience.

Whatever the policy, users could leave after the first failure. So if they do something else, all that follows the first
pass is worth at least 0 to them, on average over contexts; that one constraint is relaxed with a multiplier λ >= 0, and
contexts fall apart. With X_x what an unsolved task costs from the second pass on, at the least, less λ times its worth,

    J >= Σ w_x min_i (c_i + a_i X_i),    X = (1 − r) P + r min_k (c_k − λ ξ_k + a_k X)    memoryless, stay probability r
                                         X_1 = P, X_(n+1) = min_k (c_k − λ ξ_k + a_k X_n)  history, X_N for N failures

and in a fixed order k >= i. X is monotone in r, and in N: the lesser of both ends bounds a whole cell of answers.

Where users leave there must be a reason to: what follows, at its worst, is worth at most 0. That is a constraint of the
same kind on the start models, with D_i the least slope of the utility behind start i. Each cell takes the better bound.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from routegame.agents.mixes.contexts import Contexts
from routegame.agents.mixes.mix_solution import MixOrder
from routegame.agents.mixes.multiplier import greatest, greatest_together
from routegame.envs.arrays import BoolArray, FloatArray

Which = NDArray[np.intp]

EDGES = np.concatenate([np.linspace(0, 0.9, 37), 1 - np.geomspace(0.09, 1e-4, 22), [1.0]])
"""Ends of the cells of stay probabilities."""

LAST = 60
"""Numbers of failures that have a bound of their own; all greater ones share one."""

ROUNDING = 1e-12
"""Share of its magnitude up to which a worth below 0 may be rounding."""


@dataclass(frozen=True)
class Bounds:
    """Lower bounds of J for answers of blind users.

    Attributes:
        low: stay probabilities, or numbers of failures, from which on a bound holds, (n,).
        high: up to which it holds, (n,); inf for a user who never leaves.
        value: no policy with an answer in between costs less, (n,); inf where there is none.
        multiplier: λ that proves it, (n,).
    """

    low: FloatArray
    high: FloatArray
    value: FloatArray
    multiplier: FloatArray

    @property
    def least(self) -> float:
        """The bound whatever the answer."""
        return float(self.value.min())


def memoryless_bounds(contexts: Contexts, order: MixOrder, *, least_only: bool = False) -> Bounds:
    """Return bounds for r = 0, for cells between, and for r = 1."""
    low, high = np.concatenate([[0], EDGES[:-1], [1]]), np.concatenate([[0], EDGES[1:], [1]])
    cells = _Cells.of(contexts, order, low, high)
    floor = np.full(low.size, -np.inf)
    leaving = np.flatnonzero(low < 1)
    floor[leaving], _ = greatest(
        lambda which, at: cells.leaving(leaving[which], at), 1 / cells.scale[leaving], cells.cannot_leave()[leaving]
    )
    some = np.flatnonzero((high > 0) & (floor < np.inf))
    value, multiplier = floor.copy(), np.zeros(low.size)
    value[some], multiplier[some] = greatest(
        lambda which, at: cells.staying(some[which], at),
        cells.scale[some],
        cells.cannot_stay()[some],
        least_only=least_only,
        floor=floor[some],
    )
    return Bounds(low, high, value, multiplier)


@dataclass(frozen=True)
class _Cells:
    """Lines of the bounds of cells of stay probabilities; ends of cells first, then contexts, then models.

    Attributes:
        contexts: the numbers.
        order: of the models.
        going_on: cost of going on with model k for good, less its worth times λ: (cells, 2, C, K) each.
        worth: the same for the worth.
        slope: D_i, the least slope of the utility behind start i, (cells, C, K).
        scale: a first guess of λ, (cells,).
    """

    contexts: Contexts
    order: MixOrder
    going_on: FloatArray
    worth: FloatArray
    slope: FloatArray
    scale: FloatArray

    @classmethod
    def of(cls, contexts: Contexts, order: MixOrder, low: FloatArray, high: FloatArray) -> _Cells:
        a, xi = contexts.fails, contexts.net_value
        r = np.stack([low, high], axis=1)[:, :, None, None]
        left = 1 - r * a
        going_on = ((1 - r) * contexts.penalty[:, None] + r * contexts.cost) / left
        worst, slowest = from_here_on(xi, order, np.minimum), from_here_on(a, order, np.maximum)
        slope = np.where(worst > 0, worst, worst / np.square(1 - high[:, None, None] * slowest))
        spread = np.abs(contexts.cost / contexts.success_prob).max() + contexts.penalty.max()
        scale = np.full(low.size, spread / np.abs(xi / contexts.success_prob).max(initial=1e-300))
        return cls(contexts, order, going_on, r * xi / left, slope, np.maximum(scale, 1e-100))

    def staying(self, which: Which, multiplier: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Bound at λ and its slope: those who do not leave at once."""
        lines = self.going_on[which] - multiplier[:, None, None, None] * self.worth[which]
        return _knapsack(self.contexts, self.order, lines, self.worth[which])

    def leaving(self, which: Which, multiplier: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Bound at a multiplier of the threat, and its slope: those who have a reason to leave."""
        c, a, w = self.contexts.cost, self.contexts.fails, self.contexts.weight
        going_on = from_here_on(self.going_on[which], self.order, np.minimum).min(axis=1)
        lines = c + a * (going_on + multiplier[:, None, None] * self.slope[which])
        best = lines.argmin(axis=-1)[..., None]
        slopes = np.take_along_axis(a * self.slope[which], best, axis=-1)[..., 0]
        return np.take_along_axis(lines, best, axis=-1)[..., 0] @ w, slopes @ w

    def cannot_stay(self) -> BoolArray:
        """Cells in which nothing that may follow is worth enough."""
        most = from_here_on(self.worth, self.order, np.maximum).max(axis=1)
        return _below_zero(self.contexts, (self.contexts.fails * most).max(axis=-1))

    def cannot_leave(self) -> BoolArray:
        """Cells in which all that may follow is worth too much."""
        return _below_zero(self.contexts, (-self.contexts.fails * self.slope).max(axis=-1))


def _knapsack(
    contexts: Contexts, order: MixOrder, lines: FloatArray, worth: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Σ w min_i (c_i + a_i X_i) and its slope, X the least of lines of models that may follow, at either end."""
    c, a, w = contexts.cost, contexts.fails, contexts.weight
    models = c.shape[-1]
    best, slope = lines[..., models - 1], worth[..., models - 1]
    reach, through = c[:, -1] + a[:, -1] * best, a[:, -1] * slope
    if order == "free":
        for k in range(models - 1):
            less = lines[..., k] < best
            best, slope = np.where(less, lines[..., k], best), np.where(less, worth[..., k], slope)
        reach, through = c[:, -1] + a[:, -1] * best, a[:, -1] * slope
    for i in reversed(range(models - 1)):
        if order == "fixed":
            less = lines[..., i] < best
            best, slope = np.where(less, lines[..., i], best), np.where(less, worth[..., i], slope)
        starts, behind = c[:, i] + a[:, i] * best, a[:, i] * slope
        less = starts < reach
        reach, through = np.where(less, starts, reach), np.where(less, behind, through)
    first = reach[:, 0] <= reach[:, 1]
    value = np.where(first, reach[:, 0], reach[:, 1])
    return value @ w, -np.where(first, through[:, 0], through[:, 1]) @ w


def from_here_on(values: FloatArray, order: MixOrder, pick: np.ufunc) -> FloatArray:
    """The least or greatest of the models that may follow each, (..., K) -> (..., K)."""
    if order == "free":
        picked: FloatArray = np.broadcast_to(pick.reduce(values, axis=-1, keepdims=True), values.shape)
        return picked
    following: FloatArray = pick.accumulate(values[..., ::-1], axis=-1)[..., ::-1]
    return following


def _below_zero(contexts: Contexts, worth: FloatArray) -> BoolArray:
    """Whether the mean over contexts is below 0 by more than rounding, (n, C) -> (n,)."""
    w = contexts.weight
    below: BoolArray = worth @ w < -ROUNDING * (np.abs(worth) @ w)
    return below


def history_bounds(contexts: Contexts, order: MixOrder, *, least_only: bool = False) -> Bounds:
    """Return bounds for N = 1, …, `LAST` failures, for all greater numbers, and for users who never leave."""
    low = np.concatenate([np.arange(1.0, LAST + 2), [np.inf]])
    high = np.concatenate([np.arange(1.0, LAST + 1), [np.inf, np.inf]])
    cells = _Cells.of(contexts, order, np.zeros(1), np.zeros(1))
    patience = _Patience(contexts, order)
    threat, _ = greatest(cells.leaving, 1 / cells.scale, cells.cannot_leave())
    value, multiplier = np.full(low.size, threat[0]), np.zeros(low.size)
    value[1:], multiplier[1:] = greatest_together(
        patience.staying, float(cells.scale[0]), patience.cannot_stay(), least_only=least_only
    )
    return Bounds(low, high, value, multiplier)


class _Patience:
    """Lines of the bounds of N = 2, …, `LAST` failures, then of all greater numbers, then of users who never leave."""

    def __init__(self, contexts: Contexts, order: MixOrder) -> None:
        self._contexts, self._order = contexts, order
        self._starts = contexts.cost.T.copy(), contexts.fails.T.copy()
        self._worth = contexts.net_value.T.copy()
        self._solves = contexts.success_prob.T.copy()

    def staying(self, multiplier: float) -> tuple[FloatArray, FloatArray]:
        """Bounds at λ and their slopes."""
        (c, a), xi, p, w = self._starts, self._worth, self._solves, self._contexts.weight
        lines = c - multiplier * xi
        forever = self._following(lines / p, xi / p)
        value = [np.broadcast_to(self._contexts.penalty, x.shape) for x in forever[0]]
        slope = [np.zeros(len(w)) for _ in value]
        found = []
        for _ in range(LAST - 1):
            value, slope = self._following(
                [line + f * x for line, f, x in zip(lines, a, _spread(value, len(c)), strict=True)],
                [worth + f * x for worth, f, x in zip(xi, a, _spread(slope, len(c)), strict=True)],
            )
            found.append(self._reached(value, slope))
        less = [x < y for x, y in zip(value, forever[0], strict=True)]
        late = [np.where(m, x, y) for m, x, y in zip(less, value, forever[0], strict=True)]
        behind = [np.where(m, x, y) for m, x, y in zip(less, slope, forever[1], strict=True)]
        found += [self._reached(late, behind), self._reached(*forever)]
        values, slopes = np.array(found).T
        return values, slopes

    def cannot_stay(self) -> BoolArray:
        """Numbers of failures that nobody can be made to wait for."""
        xi, a = self._contexts.net_value, self._contexts.fails
        forever = from_here_on(xi / self._contexts.success_prob, self._order, np.maximum)
        worth, found = np.zeros(xi.shape), []
        for _ in range(LAST - 1):
            worth = from_here_on(xi + a * worth, self._order, np.maximum)
            found.append((a * worth).max(axis=-1))
        found += [(a * np.maximum(worth, forever)).max(axis=-1), (a * forever).max(axis=-1)]
        return _below_zero(self._contexts, np.stack(found))

    def _following(self, lines: Rows, worth: Rows) -> tuple[list[FloatArray], list[FloatArray]]:
        """The least line of the models that may follow each model, and its worth; one for all in free order."""
        best, slope = [lines[-1]], [worth[-1]]
        for line, gain in zip(lines[-2::-1], worth[-2::-1], strict=True):
            less = line < best[-1]
            best.append(np.where(less, line, best[-1]))
            slope.append(np.where(less, gain, slope[-1]))
        return (best[-1:], slope[-1:]) if self._order == "free" else (best[::-1], slope[::-1])

    def _reached(self, value: Rows, slope: Rows) -> tuple[float, float]:
        """Σ w min_i (c_i + a_i X_i) and its slope, given what follows each model and its worth."""
        (c, a), w = self._starts, self._contexts.weight
        reach, through = np.full(len(w), np.inf), np.zeros(len(w))
        for cost, fails, x, y in zip(c, a, _spread(value, len(c)), _spread(slope, len(c)), strict=True):
            starts = cost + fails * x
            less = starts < reach
            reach, through = np.where(less, starts, reach), np.where(less, fails * y, through)
        return float(reach @ w), -float(through @ w)


Rows = Sequence[FloatArray] | FloatArray
"""Arrays (C,), one for each model or one for all."""


def _spread(rows: Rows, models: int) -> list[FloatArray]:
    return list(rows) * models if len(rows) == 1 else list(rows)
