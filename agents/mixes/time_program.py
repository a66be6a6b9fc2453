"""Lower bounds of what users who count their failures cost, pass by pass: the time program.

One multiplier lets patience that is earned in any pass be spent in any other. But users could leave after each failure,
so what follows must be worth something whenever they go on: U_N >= U_n for every n < N. Let f_m be the share of tasks
that pass m finds unsolved on each model; costs and utilities are linear in it, and so is f_(m+1) given f_m. The least
cost is a linear program over M passes and, for users who stay longer, a tail that stays with one model for good. With a
multiplier λ_n for each constraint the price of patience is Λ_m = λ_1 + … + λ_m: later passes should be worth more.

The program is solved by HiGHS; what counts as the bound is its dual, worked out backwards from its multipliers, which
holds whatever they are. It holds for commitments that may count failures, too.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from scipy.optimize import linprog

from routegame.agents.mixes.contexts import Contexts
from routegame.agents.mixes.flows import flows, mass, stacked
from routegame.agents.mixes.mix_solution import MixOrder
from routegame.agents.mixes.one_multiplier import LAST, Bounds, from_here_on
from routegame.envs.arrays import FloatArray
from routegame.envs.game import INDIFFERENCE

WORK = 100_000_000
"""Squares of variables, over all programs of a mix."""


def with_time(contexts: Contexts, order: MixOrder, bounds: Bounds, known: float) -> Bounds:
    """Return the bounds of `history_bounds` with time programs for the answers whose bounds are the least.

    Args:
        contexts: the numbers.
        order: of the models.
        bounds: by one multiplier.
        known: cost of a policy; bounds above it are as good as any.
    """
    value, solved, left = bounds.value.copy(), set[int](), WORK
    while True:
        n = int(value.argmin())
        if n in solved or value[n] >= known * (1 - INDIFFERENCE):
            return replace(bounds, value=value)
        failures, leaves_late = bounds.low[n], bounds.low[n] > LAST and np.isfinite(bounds.low[n])
        passes = LAST if failures > LAST else int(failures)
        left -= (contexts.cost.size * passes) ** 2
        if left < 0:
            return replace(bounds, value=value)
        value[n] = max(value[n], time_bound(contexts, order, passes, ends=failures <= LAST, late=bool(leaves_late)))
        solved.add(n)


def time_bound(contexts: Contexts, order: MixOrder, passes: int, *, ends: bool, late: bool = False) -> float:
    """Return the least cost of users who leave after so many failures, or who go on.

    Args:
        contexts: the numbers.
        order: of the models.
        passes: N, or how many passes are looked at one by one.
        ends: whether users leave then.
        late: of users who do not, whether they leave at any time after that, or never.

    >>> from routegame import Game, TaskMix
    >>> mix = TaskMix([0.7, 0.3], Game(9, 15, ([0.5, 0.1], [0.7, 0.3]), (1, 2), (1, 3.6)))
    >>> round(time_bound(Contexts.of(mix), "fixed", 30, ends=False), 7)
    4.4659997
    """
    program = _Program(contexts, order, passes, ends=ends, late=late)
    multipliers = program.multipliers()
    if multipliers is None:
        return np.inf
    return max(program.dual(np.zeros(len(multipliers))), program.dual(multipliers))


class _Program:
    """The linear program of one answer; one multiplier for each n = 1, …, and a last one for the threat."""

    def __init__(self, contexts: Contexts, order: MixOrder, passes: int, *, ends: bool, late: bool) -> None:
        self._contexts, self._order, self._passes, self._ends, self._late = contexts, order, passes, ends, late
        self._worst = from_here_on(contexts.net_value, order, np.minimum)

    def dual(self, multipliers: FloatArray) -> float:
        """The bound that multipliers prove, whatever they are."""
        ctx, a = self._contexts, self._contexts.fails
        price = np.concatenate([[0.0], np.cumsum(multipliers[:-1])])  # of patience in each pass
        penalty = np.broadcast_to(ctx.penalty[:, None], a.shape)
        if self._ends:
            value = penalty + multipliers[-1] * self._worst
        else:
            forever = (ctx.cost - price[self._passes] * ctx.net_value) / ctx.success_prob
            value = from_here_on(forever, self._order, np.minimum)
            value = np.minimum(value, penalty) if self._late else value
        for m in reversed(range(1, self._passes)):
            value = from_here_on(ctx.cost - price[m] * ctx.net_value + a * value, self._order, np.minimum)
        return float((ctx.cost + a * value).min(axis=1) @ ctx.weight)

    def multipliers(self) -> FloatArray | None:
        """Solve the program; None if nothing is feasible."""
        ctx = self._contexts
        cost, worth = ctx.weight[:, None] * ctx.cost, ctx.weight[:, None] * ctx.net_value
        lost = ctx.weight[:, None] * np.broadcast_to(ctx.penalty[:, None], ctx.cost.shape)
        each = np.repeat(cost[:, None], self._passes, axis=1)
        each[:, -1] += lost * ctx.fails * self._ends
        paid = [each.ravel()]
        if not self._ends:
            paid.append((cost / ctx.success_prob).ravel())
        if self._late:
            paid.append(lost.ravel())
        size = sum(map(len, paid))
        constraints = -self._patience(size, worth)
        below, equal = flows(ctx, self._order, self._passes, tails=0 if self._ends else 1 + self._late)
        solved = linprog(
            np.concatenate(paid),
            A_ub=stacked(constraints, below),
            b_ub=np.zeros(len(constraints) + below.shape[0]),
            A_eq=equal,
            b_eq=mass(ctx, equal.shape[0]),
            method="highs",
        )
        if solved.status == 2:
            return None
        if solved.status != 0:
            return np.zeros(len(constraints))
        multipliers: FloatArray = np.maximum(-np.asarray(solved.ineqlin.marginals)[: len(constraints)], 0)
        return multipliers

    def _patience(self, size: int, worth: FloatArray) -> FloatArray:
        """Rows that are to be >= 0: what follows n failures is worth, n = 1, …; and less what the threat is worth."""
        ctx, (contexts, models) = self._contexts, self._contexts.cost.shape
        number = contexts * self._passes * models
        rows = np.zeros((self._passes - 1 + (not self._ends) + 1, size))
        block = np.repeat(worth[:, None], self._passes, axis=1)
        for n in range(1, self._passes):
            kept = block.copy()
            kept[:, :n] = 0
            rows[n - 1, :number] = kept.ravel()
        if not self._ends:
            rows[: self._passes, number : number + contexts * models] = (worth / ctx.success_prob).ravel()
        else:
            threat = np.zeros((contexts, self._passes, models))
            threat[:, -1] = -ctx.weight[:, None] * ctx.fails * self._worst
            rows[-1, :number] = threat.ravel()
        return rows
