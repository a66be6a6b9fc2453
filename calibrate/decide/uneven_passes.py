"""Tasks whose passes are not alike: a first pass may succeed more often than a repeat, a user tire, or see.

The game of `routegame.envs.game` has one success probability a model and one of leaving. A log in which an assumption
fails has more of them, and they are all in it: what a commitment costs can be worked out pass by pass.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from routegame.envs.arrays import FloatArray

Answer = Callable[[int, FloatArray], FloatArray]
"""Probability of leaving after a failure: (route, cascade probabilities) -> the shape of the latter."""


@dataclass(frozen=True)
class UnevenPasses:
    """Chances and costs of a task whose passes are not alike.

    Attributes:
        fresh: success probability of the first pass of each model, on tasks that begin with it.
        handed: success probability of model 2's first pass on a task that was handed over.
        repeat: success probability of further passes of each model on a task.
        first: how users answer the first failure of a task, after a failure of either model.
        later: how they answer later ones.
        cost: c of each model.
        churn_penalty: P.
    """

    fresh: tuple[float, ...]
    handed: float
    repeat: tuple[float, ...]
    first: tuple[Answer, Answer]
    later: tuple[Answer, Answer]
    cost: tuple[float, float]
    churn_penalty: float

    def provider_cost(self, route: int, cascade_prob: ArrayLike) -> FloatArray:
        """J of commitments, (num_commitments,) -> (num_commitments,).

        >>> def stays(route, s):
        ...     return 0 * s
        >>> alike = UnevenPasses((0.1, 0.3), 0.3, (0.1, 0.3), (stays, stays), (stays, stays), (1, 3.6), 15)
        >>> alike.provider_cost(1, [0.0, 1.0]).round(9).tolist()  # c_1 / p_1, and c_1 + (1 - p_1) c_2 / p_2
        [10.0, 11.8]
        """
        s = np.asarray(cascade_prob, dtype=np.float64)
        leaves_first, leaves_1, leaves_2 = (
            answer(route, s) for answer in (self.first[route - 1], self.later[0], self.later[1])
        )
        lost = (1 - self.fresh[route - 1]) * leaves_first
        goes_on = (1 - self.fresh[route - 1]) * (1 - leaves_first)
        fail_1, fail_2 = (1 - p for p in self.repeat)
        if route == 1:
            again = goes_on * (1 - s) / (1 - fail_1 * (1 - leaves_1) * (1 - s))
            moved = (goes_on + again * fail_1 * (1 - leaves_1)) * s
            after = moved * (1 - self.handed)
            passes_1, lost = 1 + again, lost + again * fail_1 * leaves_1 + after * leaves_2
            goes_on = after * (1 - leaves_2)
        else:
            moved, passes_1 = np.ones_like(s), np.zeros_like(s)
        repeats = goes_on / (1 - fail_2 * (1 - leaves_2))
        lost = lost + repeats * fail_2 * leaves_2
        cost: FloatArray = self.cost[0] * passes_1 + self.cost[1] * (moved + repeats) + self.churn_penalty * lost
        return cost
