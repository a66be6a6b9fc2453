"""Lower bounds of what memoryless users cost, pass by pass: a dual that holds for policies that depend on the past.

Users who stay with probability r could stay with any other: U(r) >= U(r') for every r'. With multipliers λ_j for some
r'_j and Λ their sum, and F_m the share of tasks that m passes have not solved, a policy costs at least

    J − Σ λ_j (U(r) − U(r'_j)) = Σ w (P + Σ_m F_m (r^m (κ_k − Λ ξ_k) + Σ_j λ_j r'_j^m ξ_k)),    κ_k = c_k − P p_k,

and every pass can be chosen by itself, from the last one backwards, whatever went before. Over a slice of r each term
r^m (…) is at least its value at one of the ends.
"""

from __future__ import annotations

import numpy as np

from routegame.agents.mixes.contexts import Contexts
from routegame.agents.mixes.elastic import best_multipliers, units
from routegame.agents.mixes.flows import flows, mass
from routegame.agents.mixes.mix_solution import MixOrder
from routegame.agents.mixes.one_multiplier import from_here_on
from routegame.envs.arrays import FloatArray

PASSES = 60
"""Passes that are looked at one by one."""


WORK = 1_500_000
"""Cells times squares of variables that are looked at."""


class PassProgram:
    """Bounds for any number of models, and for policies that depend on all that has happened.

    Args:
        contexts: the numbers.
        order: of the models.
        others: stay probabilities that users might prefer, the last of them 1.
    """

    def __init__(self, contexts: Contexts, order: MixOrder, others: FloatArray) -> None:
        self._contexts, self._order, self._others = contexts, order, others
        self._flows = flows(contexts, order, PASSES, tails=1)

    @property
    def most_cells(self) -> int:
        """Number of cells that are looked at, or halved; 0 where that would take too long."""
        return min(25, WORK // self.size**2)

    @property
    def size(self) -> int:
        """Number of variables of the linear program."""
        return int(self._contexts.cost.size * (PASSES + 1))

    def multipliers(self, stays: FloatArray, dear: float) -> FloatArray:
        """Multipliers whose least bound at some stay probabilities is greatest; none of their sums is above `dear`."""
        ctx, xi, a, w = self._contexts, self._contexts.net_value, self._contexts.fails, self._contexts.weight
        each, own = np.arange(PASSES), ctx.cost - ctx.penalty[:, None] * ctx.success_prob

        def brought(values: FloatArray, at: float) -> FloatArray:
            """What passes bring at a stay probability, and what follows the last one."""
            passes = w[:, None, None] * values[:, None] * np.power(at, each)[:, None]
            return np.concatenate([passes.ravel(), (w[:, None] * values * at**PASSES / (1 - at * a)).ravel()])

        worths = np.array([brought(xi, float(other)) for other in self._others])
        below, equal = self._flows
        return best_multipliers(
            [brought(own, float(stay)) for stay in stays],
            [brought(xi, float(stay)) - worths for stay in stays],
            units(self._others, stays),
            below,
            equal,
            mass(ctx, equal.shape[0]),
            dear,
        )

    def dual(self, low: FloatArray, high: FloatArray, multipliers: FloatArray) -> FloatArray:
        """What multipliers prove of every slice of stay probabilities, (n,)."""
        ctx, order = self._contexts, self._order
        xi, a, p = ctx.net_value, ctx.fails, ctx.success_prob
        own = ctx.cost - ctx.penalty[:, None] * p - multipliers.sum() * xi  # κ − Λ ξ
        weights = multipliers @ np.power.outer(self._others, np.arange(PASSES + 1))  # Σ λ r'^m
        low, high = low[:, None, None], high[:, None, None]
        falls = own < 0
        others = np.minimum(weights[PASSES] * xi, multipliers[-1] * xi)
        value = from_here_on(np.broadcast_to((own + others) / p, (len(low), *xi.shape)), order, np.minimum)
        if low.min() < 1:  # all slices but the point r = 1 fade out
            fades = np.where(falls, high**PASSES * own / (1 - high * a), 0.0)
            value = from_here_on(fades, order, np.minimum) + from_here_on(others / p, order, np.minimum)
        for m in reversed(range(1, PASSES)):
            here = np.where(falls, high**m, low**m) * own + weights[m] * xi
            value = from_here_on(here + a * value, order, np.minimum)
        first: FloatArray = (own + weights[0] * xi + a * value).min(axis=-1) + ctx.penalty
        return first @ ctx.weight
