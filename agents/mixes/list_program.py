"""Lower bounds of what memoryless users cost where two models are in a fixed order: a dual over all lists.

In a fixed order every policy of two models is a list: model 1, which hands over to model 2 with probability s; or model
2. With multipliers λ_j of U(r) >= U(r'_j) every context plays the list of least J − Σ λ_j (U(r) − U(r'_j)). That is a
sum of visits n_1 and n_2 at r and at the r'_j, each times a number. As functions of s the n_1 are convex and the n_2
concave: on an interval of s a chord or a tangent bounds each from below, and the sum of those lines is least at an end.
In r visits rise, so a slice of r is bounded by its ends. What holds for every list holds for unseen lotteries, too.
"""

from __future__ import annotations

import numpy as np
from scipy.sparse import coo_array

from routegame.agents.mixes.column_tables import Columns
from routegame.agents.mixes.contexts import Contexts
from routegame.agents.mixes.elastic import best_multipliers, units
from routegame.envs.arrays import FloatArray

CASCADES = np.square(np.linspace(0, 1, 65))
"""Ends of the intervals of cascade probabilities."""


WORK = 60_000
"""Cells times variables that are looked at."""

LARGEST = 3750
"""Variables of a program that is still solved."""


class ListProgram:
    """Bounds for two models in a fixed order.

    Args:
        contexts: the numbers.
        others: stay probabilities that users might prefer.
    """

    def __init__(self, contexts: Contexts, others: FloatArray) -> None:
        self._contexts, self._others = contexts, others
        self._columns = Columns.of(2, "fixed")
        self._worths = [self._columns.memoryless(contexts, float(other))[1].ravel() for other in others]
        rows = np.repeat(np.arange(len(contexts)), len(self._columns.moves))
        one = coo_array((np.ones(rows.size), (rows, np.arange(rows.size))))
        self._one = one

    @property
    def most_cells(self) -> int:
        """Number of cells that are looked at, or halved; 0 where that would take too long."""
        if self.size > LARGEST:
            return 0
        return max(8, min(60, WORK // self.size))

    @property
    def size(self) -> int:
        """Number of variables of the linear program."""
        return int(self._one.shape[1])

    def multipliers(self, stays: FloatArray, dear: float) -> FloatArray:
        """Multipliers whose least bound at some stay probabilities is greatest; none of their sums is above `dear`."""
        tables = [[x.ravel() for x in self._columns.memoryless(self._contexts, float(stay))] for stay in stays]
        return best_multipliers(
            [cost for cost, _ in tables],
            [worth - np.array(self._worths) for _, worth in tables],
            units(self._others, stays),
            None,
            self._one,
            np.ones(len(self._contexts)),
            dear,
        )

    def dual(self, low: FloatArray, high: FloatArray, multipliers: FloatArray) -> FloatArray:
        """What multipliers prove of every slice of stay probabilities, (n,)."""
        ctx, total = self._contexts, multipliers.sum()
        used = multipliers > 0
        found = np.zeros(len(low))
        for x, weight in enumerate(ctx.weight):
            a, b, xi = ctx.fails[x, 0], ctx.fails[x, 1], ctx.net_value[x]
            own = ctx.cost[x] - ctx.penalty[x] * ctx.success_prob[x] - total * xi  # κ − Λ ξ
            left, right = np.zeros((2, 1, len(CASCADES) - 1))  # the sum of lines at both ends of each interval
            for other, price in zip(self._others[used], multipliers[used], strict=True):
                at = _lines(a, b, np.array([other]), price * xi[0], price * xi[1])
                left, right = left + at[0], right + at[1]
            here = _lines(a, b, np.where(own[0] < 0, high, low), own[0], 0.0)
            there = _lines(a, b, np.where(own[1] < 0, high, low), 0.0, own[1])
            first = np.minimum(left + here[0] + there[0], right + here[1] + there[1]).min(axis=1)
            alone = own[1] / (1 - b * np.where(own[1] < 0, high, low))
            alone = alone + float(multipliers @ (xi[1] / (1 - b * self._others)))
            found += weight * (ctx.penalty[x] + np.minimum(first, alone))
        return found


def _lines(a: float, b: float, stay: FloatArray, first: float, then: float) -> tuple[FloatArray, FloatArray]:
    """Lines below `first` n_1 + `then` n_2 on every interval of s, at both ends, (n, intervals) each."""
    s, r = CASCADES, stay[:, None]
    middle, half = (s[1:] + s[:-1]) / 2, (s[1:] - s[:-1]) / 2
    n_1 = 1 / (1 - a * r * (1 - s))
    at_1 = 1 / (1 - a * r * (1 - middle))
    hands = a * r / (1 - b * r)
    n_2, at_2 = hands * s * n_1, hands * middle * at_1
    falls = -a * r * np.square(at_1)  # slopes in the middle
    rises = hands * (1 - a * r) * np.square(at_1)
    if first > 0:
        left, right = first * (at_1 - falls * half), first * (at_1 + falls * half)
    else:
        left, right = first * n_1[:, :-1], first * n_1[:, 1:]
    if then > 0:
        return left + then * n_2[:, :-1], right + then * n_2[:, 1:]
    return left + then * (at_2 - rises * half), right + then * (at_2 + rises * half)
