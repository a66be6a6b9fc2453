"""One commitment for many contexts whose users know theirs: what a router that cannot tell them apart does best.

Two models, one goes before the other, and every context answers the same cascade probability s in its own way:

    who stays for good costs    x(s) = (c_1 + a s c_2/p_2) / (p_1 + a s)    monotone in s
    who leaves at once costs    c_1 + P a                                   whatever s is
    who mixes costs             J(s)                                        smooth between its own s_L and s_H

The thresholds of all contexts cut [0, 1] into pieces. At a threshold whoever is indifferent acts as the provider likes.
Inside a piece the slope of every term is bounded over any interval by its values at the ends
(`routegame.agents.users.pooling` has those of users who mix), so two straight lines bound the sum from below; intervals
are halved until none can undercut the best known by more than a relative `CLOSE`.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from routegame.agents.exact.best_response import thresholds
from routegame.agents.users.pooling import Mixers
from routegame.envs.arrays import BoolArray, FloatArray
from routegame.envs.game import INDIFFERENCE, Game

CLOSE = 1e-10
"""Relative distance to the best commitment at which the search ends."""

BLOCK = 2**20
"""Cascade probabilities times contexts that are looked at at once; bounds memory, changes no result."""


class OneForAll(NamedTuple):
    """The cheapest commitment for all contexts of a cell.

    Attributes:
        route: model that answers first, 1 or 2.
        cascade_prob: with which it hands a failed, continued task over to the other one.
        abandon_prob: answer of each context, (C,).
        context_costs: J_x, (C,).
        provider_cost: their mean.
        lower_bound: no commitment of the order costs less.
    """

    route: int
    cascade_prob: float
    abandon_prob: FloatArray
    context_costs: FloatArray
    provider_cost: float
    lower_bound: float


def one_for_all(games: Game, weights: FloatArray, order: str) -> OneForAll:
    """Return the cheapest commitment to two models.

    Args:
        games: of the contexts, a batch of shape (C,).
        weights: of the contexts, (C,); they need not add up to 1.
        order: "fixed", the first model before the second; or "free", either way round.

    >>> games = Game(9, 15, (0.1, 0.3), (1, 2), (1, np.array([3.6, 3.6])))
    >>> found = one_for_all(games, np.array([0.5, 0.5]), "fixed")
    >>> found.route, round(found.cascade_prob, 6), round(found.provider_cost, 6)
    (1, 0.041096, 10.54)
    """
    found = [_cheapest(_Contexts(games, weights))]
    if order == "free":
        turned = _cheapest(_Contexts(games.of_models([1, 0]), weights))
        found.append(turned._replace(route=3 - turned.route))
    best = min(found, key=lambda each: each.provider_cost)
    return best._replace(lower_bound=min(each.lower_bound for each in found))


class _Contexts:
    """Contexts as one cascade from model 1 to model 2 meets them."""

    def __init__(self, games: Game, weights: FloatArray) -> None:
        self.weights = weights
        self.p1, self.p2, self.c1, self.c2, self.penalty, self.xi1, self.xi2 = (
            np.ascontiguousarray(np.broadcast_to(x, games.shape), dtype=np.float64)
            for x in (*games.success_prob, *games.cost, games.churn_penalty, *games.net_value)
        )
        at = thresholds(games)
        limit = np.where(self.xi1 == 0, 0.0, 1.0)  # of a threshold, as one of the net values tends to 0
        s_0, s_L, s_H = (np.where(np.isnan(s), limit, s) for s in (at.s_0, at.s_L, at.s_H))
        xi1, xi2, none = self.xi1, self.xi2, np.full(len(weights), np.inf)
        rising, falling = (xi1 <= 0) & (xi2 >= 0) & (xi1 < xi2), (xi1 >= 0) & (xi2 <= 0) & (xi1 > xi2)
        gains, loses = (xi1 >= 0) & (xi2 >= 0), (xi1 <= 0) & (xi2 <= 0)
        kinds, zero, one = [rising, falling, gains], np.zeros(len(weights)), np.ones(len(weights))
        self.stays = np.select(kinds, [s_0, zero, zero], none), np.select(kinds, [one, s_L, one], -none)
        kinds = [rising, falling, loses]
        self.leaves = np.select(kinds, [zero, s_H, zero], none), np.select(kinds, [s_0, one, one], -none)
        mixes = np.isfinite(self.stays[1]) & np.isfinite(self.leaves[0]) & (self.stays[1] < self.leaves[0])
        self.mixing = np.flatnonzero(mixes)
        some = self.mixing
        self.mixers = Mixers(
            (self.p1[some], self.p2[some]),
            (self.c1[some], self.c2[some]),
            (xi1[some], xi2[some]),
            self.penalty[some],
        )
        self.leaving = self.c1 + self.penalty * (1 - self.p1)

    def ends(self) -> FloatArray:
        """All thresholds, 0 and 1, in order."""
        at = np.concatenate([*self.stays, *self.leaves, [0.0, 1.0]])
        return np.unique(at[np.isfinite(at)])

    def staying(self, s: FloatArray) -> FloatArray:
        """Cost of users who stay for good, (k, 1) -> (k, C)."""
        moves = (1 - self.p1) * s
        cost: FloatArray = (self.c1 + moves * (self.c2 / self.p2)) / (self.p1 + moves)
        return cost

    def reached(self, s: FloatArray) -> tuple[FloatArray, FloatArray]:
        """J_x and the abandonment probability, (k,) -> (k, C), the indifferent as the provider likes."""
        s = s[:, None]
        (stay_low, stay_high), (leave_low, leave_high) = self.stays, self.leaves
        stays = (stay_low * (1 - INDIFFERENCE) <= s) & (s <= stay_high * (1 + INDIFFERENCE))
        leaves = (leave_low * (1 - INDIFFERENCE) <= s) & (s <= leave_high * (1 + INDIFFERENCE))
        stay, leave = np.where(stays, self.staying(s), np.inf), np.where(leaves, self.leaving, np.inf)
        cost, q = np.minimum(stay, leave), np.where(stay <= leave, 0.0, 1.0)
        if self.mixing.size:
            own = np.isinf(cost[:, self.mixing])
            cost[:, self.mixing] = np.where(own, self.mixers.provider_cost(s[:, 0]), cost[:, self.mixing])
            q[:, self.mixing] = np.where(own, self.mixers.answer(s[:, 0]), q[:, self.mixing])
        return cost, q

    def inside(self, low: FloatArray, high: FloatArray) -> FloatArray:
        """A lower bound of J over each interval, without what happens at its very ends, (k,)."""
        middle = ((low + high) / 2)[:, None]
        stays = (self.stays[0] < middle) & (middle < self.stays[1])
        leaves = (self.leaves[0] < middle) & (middle < self.leaves[1]) & ~stays
        w = np.where(stays, self.weights, 0.0)
        rate = (1 - self.p1) * (self.p1 * (self.c2 / self.p2) - self.c1)
        values, slopes = [], []
        for s in (low, high):
            values.append((w * self.staying(s[:, None])).sum(axis=1) + np.where(leaves, self.leaving, 0) @ self.weights)
            slopes.append(rate / np.square(self.p1 + (1 - self.p1) * s[:, None]))
        least, most = (w * np.minimum(*slopes)).sum(axis=1), (w * np.maximum(*slopes)).sum(axis=1)
        if self.mixing.size:
            mixes = np.where((stays | leaves)[:, self.mixing], 0.0, self.weights[self.mixing])
            values = [
                value + (mixes * self.mixers.provider_cost(s)).sum(axis=1)
                for value, s in zip(values, (low, high), strict=True)
            ]
            bounds = self.mixers.slope(low, high)
            down, up = ((mixes * np.where(mixes > 0, bound, 0.0)).sum(axis=1) for bound in bounds)
            least, most = least + down, most + up
        return _lines(values[0], values[1], least, most, high - low)


def _lines(
    at_low: FloatArray, at_high: FloatArray, least: FloatArray, most: FloatArray, width: FloatArray
) -> FloatArray:
    """The least of what lies above both lines that slopes between `least` and `most` allow."""
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        crossing = (most * at_low - least * at_high + least * most * width) / (most - least)
    turns = (least < 0) & (most > 0) & np.isfinite(crossing)
    found: FloatArray = np.where(turns, crossing, np.minimum(at_low, at_high))
    unknown: BoolArray = ~np.isfinite(least) | ~np.isfinite(most)
    return np.where(unknown, -np.inf, found)


def _cheapest(contexts: _Contexts) -> OneForAll:
    rows = max(1, BLOCK // len(contexts.weights))
    ends = contexts.ends()

    def mean(s: FloatArray) -> FloatArray:
        parts = [contexts.reached(s[k : k + rows])[0] @ contexts.weights for k in range(0, len(s), rows)]
        return np.concatenate(parts)

    costs = mean(ends)
    best, least = float(ends[costs.argmin()]), float(costs.min())
    low, high, certain = ends[:-1], ends[1:], np.inf
    while low.size:
        left, right, low, high = low[-rows:], high[-rows:], low[:-rows], high[:-rows]
        middle = (left + right) / 2
        costs = mean(middle)
        if costs.min() < least:
            best, least = float(middle[costs.argmin()]), float(costs.min())
        bound = contexts.inside(left, right)
        worth = (bound < least * (1 - CLOSE)) & (left < middle) & (middle < right)
        certain = min(certain, float(bound[~worth].min(initial=np.inf)))
        low = np.concatenate([low, left[worth], middle[worth]])
        high = np.concatenate([high, middle[worth], right[worth]])
    static = np.where(contexts.xi2 >= 0, contexts.c2 / contexts.p2, np.inf)
    leave = np.where(contexts.xi2 <= 0, contexts.c2 + contexts.penalty * (1 - contexts.p2), np.inf)
    second = np.minimum(static, leave)
    other = float(second @ contexts.weights)
    if other < least * (1 - INDIFFERENCE):
        return OneForAll(2, 0.0, np.where(static <= leave, 0.0, 1.0), second, other, min(other, certain))
    cost, q = contexts.reached(np.array([best]))
    return OneForAll(1, best, q[0], cost[0], least, min(least, other, certain))
