"""Cost of one commitment for many users, J(i, s) = Σ w_θ J_θ(i, s, q_θ(s)), and where it is least.

Costs and success probabilities are shared, so on route 1, with a = 1 − p_1 and b = 1 − p_2,

    users who stay for good cost    x(s) = (c_1 + a s c_2/p_2) / (p_1 + a s)    all alike, monotone in s
    users who leave at once cost    c_1 + P_θ a                                 whatever s is
    users who mix cost              J_θ(s)                                      smooth between their s_L and s_H

and the thresholds of all users cut [0, 1] into pieces. In a piece where nobody mixes J is W x(s) + constant, W the
share of users who stay, hence monotone and least at an end of the piece: trying the ends is exact. In a piece where
somebody mixes minima can be anywhere. With r = 1 − q, ρ = ξ_1 / −ξ_2, κ_k = c_k − P p_k, n_1 = 1 / (1 − a r (1 − s))
and e = 1 − a b r² (1−s)², implicit differentiation of F(s, q) = 0 (see
`routegame.agents.exact.best_response.mixed_response`) leads to

    dr/ds = −n_1 e (1 − b r) / (2 b s (1 − s))  < 0
    dJ/ds = a r n_1² (κ_2 (1 − a r)/(1 − b r) − κ_1) − (κ_1 + ρ κ_2) a n_1³ e (1 − b r) / (2 b s)

in which no root is left and every factor is monotone along the best response. So the two ends of an interval bound
the slope over all of it, and two straight lines bound J from below. An interval that cannot undercut the least cost
known by more than a relative `INDIFFERENCE` is dropped, any other is halved: no minimum is missed.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from routegame.agents.exact.best_response import mixed_response, thresholds
from routegame.envs.arrays import FloatArray, IntArray, Number
from routegame.envs.chain import visits
from routegame.envs.game import INDIFFERENCE, Game

Bounds = tuple[FloatArray, FloatArray]
"""Least and greatest value, entry by entry."""

BLOCK = 2**20
"""How many pairs of a cascade probability and a type are worked on at once; bounds memory, changes no result."""


@dataclass(frozen=True)
class Mixers:
    """Users with ξ_1 > 0 > ξ_2 on route 1, at cascade probabilities between their s_L and s_H.

    Attributes:
        success_prob: p_1 and p_2, shared or (num_types,) each.
        cost: c_1 and c_2, shared or (num_types,) each.
        net_value: ξ_1 and ξ_2, (num_types,) each.
        churn_penalty: P, (num_types,).
    """

    success_prob: tuple[Number, Number]
    cost: tuple[Number, Number]
    net_value: tuple[FloatArray, FloatArray]
    churn_penalty: FloatArray

    def answer(self, cascade_prob: FloatArray) -> FloatArray:
        """Abandonment probability of each type, (k,) -> (k, num_types)."""
        return mixed_response(*self.net_value, *self.success_prob, cascade_prob[:, None])

    def provider_cost(self, cascade_prob: FloatArray) -> FloatArray:
        """J_θ of each type at its best response, (k,) -> (k, num_types)."""
        (p1, p2), (c1, c2), q = self.success_prob, self.cost, self.answer(cascade_prob)
        n = visits(self.success_prob, 1, cascade_prob[:, None], q)
        abandoned = q * ((1 - p1) * n.standard + (1 - p2) * n.reasoning)
        total: FloatArray = c1 * n.standard + c2 * n.reasoning + self.churn_penalty * abandoned
        return total

    def slope(self, low: FloatArray, high: FloatArray) -> Bounds:
        """Bounds of dJ_θ/ds between cascade probabilities `low` <= `high`, (k,), (k,) -> (k, num_types) each.

        They hold up to rounding, and at low = high both are the slope itself. Types that do not mix there get
        numbers without meaning.

        >>> mixers = Mixers((0.1, 0.3), (1, 3), (np.array([0.15]), np.array([-0.55])), np.array([12]))
        >>> [round(float(bound[0, 0]), 6) for bound in mixers.slope(np.array([0.125]), np.array([0.125]))]
        [4.028637, 4.028637]
        >>> [round(float(bound[0, 0]), 6) for bound in mixers.slope(np.array([0.12]), np.array([0.13]))]
        [3.143755, 5.134433]
        """
        (p1, p2), (c1, c2), (xi1, xi2) = self.success_prob, self.cost, self.net_value
        a, b = 1 - p1, 1 - p2
        kappa1, kappa2 = c1 - self.churn_penalty * p1, c2 - self.churn_penalty * p2
        change = kappa1 + xi1 * kappa2 / -xi2
        known = []
        for s in (low, high):
            q = self.answer(s)
            n1, r, s = np.asarray(visits(self.success_prob, 1, s[:, None], q).standard), 1 - q, s[:, None]
            bracket = kappa2 * (p1 + a * q) / (p2 + b * q) - kappa1
            with np.errstate(divide="ignore", over="ignore"):
                falls = a * n1 * np.square(n1) / (2 * b * s)
            grows = (1 - a * b * np.square(r * (1 - s))) * (p2 + b * q)
            known.append((bracket, a * r * np.square(n1), falls, grows))
        (bracket_low, most, falls_low, grows_low), (bracket_high, least, falls_high, grows_high) = known
        with np.errstate(invalid="ignore", over="ignore"):
            at_this_answer = _times(_ordered(bracket_low, bracket_high), (least, most))
            through_answer = _ordered(-change * (falls_high * grows_low), -change * (falls_low * grows_high))
            return at_this_answer[0] + through_answer[0], at_this_answer[1] + through_answer[1]


@dataclass(frozen=True)
class Pool:
    """The users of one provider together: what each type does on each commitment, and their cost.

    Attributes:
        success_prob: p_1 and p_2, shared.
        cost: c_1 and c_2, shared.
        net_value: ξ_1 and ξ_2 of each type, (num_types,) each; never both 0.
        churn_penalty: P of each type, (num_types,).
        weight: share of each type among all users, (num_types,).
        stays: first and last cascade probability on route 1 at which staying for good is a best response,
            (num_types,) each; inf and −inf where there is none.
        leaves: the same for leaving after the first failure. Where both hold the type is indifferent; where neither
            does it mixes.
    """

    success_prob: tuple[float, float]
    cost: tuple[float, float]
    net_value: tuple[FloatArray, FloatArray]
    churn_penalty: FloatArray
    weight: FloatArray
    stays: Bounds
    leaves: Bounds

    @classmethod
    def of(cls, game: Game, weight: FloatArray) -> Pool:
        """The users of a batch of games, (num_types,), whose success probabilities and costs are single numbers.

        A user to whom no pass is worth anything, ξ_1 = ξ_2 = 0, is indifferent on every commitment and acts in the
        provider's place: like a user who values the task at P and whom a pass of model k costs c_k, for that user's
        utility is P − J. Its exact best responses are then what the provider likes best.
        """
        game = _with_the_indifferent_as_provider(game)
        (xi1, xi2), at = (np.asarray(xi) for xi in game.net_value), thresholds(game)
        zero, one = np.zeros(game.shape), np.ones(game.shape)
        limit = np.where(xi1 == 0, zero, one)  # of every threshold, as one of the net values tends to 0
        s_0, s_L, s_H = (np.where(np.isnan(s), limit, s) for s in (at.s_0, at.s_L, at.s_H))
        rising, falling = (xi1 <= 0) & (xi2 >= 0) & (xi1 < xi2), (xi1 >= 0) & (xi2 <= 0) & (xi1 > xi2)
        gains, loses = (xi1 >= 0) & (xi2 >= 0), (xi1 <= 0) & (xi2 <= 0)
        return cls(
            success_prob=(float(game.success_prob[0]), float(game.success_prob[1])),
            cost=(float(game.cost[0]), float(game.cost[1])),
            net_value=(xi1, xi2),
            churn_penalty=np.broadcast_to(game.churn_penalty, game.shape),
            weight=weight,
            stays=(
                np.select([rising, falling, gains], [s_0, zero, zero], np.inf),
                np.select([rising, falling, gains], [one, s_L, one], -np.inf),
            ),
            leaves=(
                np.select([rising, falling, loses], [zero, s_H, zero], np.inf),
                np.select([rising, falling, loses], [s_0, one, one], -np.inf),
            ),
        )

    @cached_property
    def mixing(self) -> NDArray[np.intp]:
        """Indices of the types that mix somewhere on route 1."""
        last, first = self.stays[1], self.leaves[0]
        return np.flatnonzero(np.isfinite(last) & np.isfinite(first) & (last < first))

    @cached_property
    def mixers(self) -> Mixers:
        """The types that mix somewhere on route 1, in the order of `mixing`."""
        types, (xi1, xi2) = self.mixing, self.net_value
        return Mixers(self.success_prob, self.cost, (xi1[types], xi2[types]), self.churn_penalty[types])

    @property
    def leaving(self) -> FloatArray:
        """Cost of a user of each type who leaves after one failure on route 1, (num_types,)."""
        return self.cost[0] + self.churn_penalty * (1 - self.success_prob[0])

    def staying(self, cascade_prob: FloatArray) -> FloatArray:
        """x(s), the cost of a user of any type who stays for good on route 1; shape kept."""
        (p1, p2), (c1, c2) = self.success_prob, self.cost
        a = 1 - p1
        cost: FloatArray = (c1 + a * cascade_prob * (c2 / p2)) / (p1 + a * cascade_prob)
        return cost

    def options(self, route: int, cascade_prob: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Cost of staying for good and of leaving at once, inf where not a best response, (k,) -> (k, num_types).

        A cascade probability within a relative `INDIFFERENCE` of a threshold counts as on it. Both are inf where a
        type mixes.
        """
        s = cascade_prob[:, None]
        if route == 2:
            (_, p2), (_, c2), penalty = self.success_prob, self.cost, self.churn_penalty
            xi2 = np.broadcast_to(self.net_value[1], (len(s), len(self.weight)))
            return np.where(xi2 >= 0, c2 / p2, np.inf), np.where(xi2 <= 0, c2 + penalty * (1 - p2), np.inf)
        stay, leave = (
            (first * (1 - INDIFFERENCE) <= s) & (s <= last * (1 + INDIFFERENCE))
            for first, last in (self.stays, self.leaves)
        )
        return np.where(stay, self.staying(s), np.inf), np.where(leave, self.leaving, np.inf)

    def answer(self, route: int, cascade_prob: float) -> FloatArray:
        """Best response of each type to one commitment, (num_types,); the indifferent act as the provider likes."""
        s = np.array([cascade_prob])
        stay, leave = (cost[0] for cost in self.options(route, s))
        q = np.where(stay <= leave + INDIFFERENCE * leave, 0.0, 1.0)
        if route == 1:
            mixes = np.isinf(np.minimum(stay, leave)[self.mixing])
            q[self.mixing] = np.where(mixes, self.mixers.answer(s)[0], q[self.mixing])
        return q

    def provider_cost(self, route: int, cascade_prob: FloatArray) -> FloatArray:
        """J of commitments to one route, (k,) -> (k,); the indifferent act as the provider likes."""
        rows = max(1, BLOCK // len(self.weight))
        total = []
        for k in range(0, len(cascade_prob), rows):
            s = cascade_prob[k : k + rows]
            each = np.minimum(*self.options(route, s))
            if route == 1 and len(self.mixing):
                own = each[:, self.mixing]
                each[:, self.mixing] = np.where(np.isinf(own), self.mixers.provider_cost(s), own)
            total.append((self.weight * each).sum(axis=1))
        return np.concatenate(total)


@dataclass(frozen=True)
class Pieces:
    """J of a pool on intervals of the cascade probability that hold no threshold inside, one row an interval.

    Attributes:
        pool: all users.
        staying: share of the users who stay for good, (num_intervals,).
        leaving: what the users who leave at once add to J, (num_intervals,).
        mixing: weights of the types in `pool.mixing`, 0 where they do not mix, (num_intervals, num_mixing).
    """

    pool: Pool
    staying: FloatArray
    leaving: FloatArray
    mixing: FloatArray

    @classmethod
    def around(cls, pool: Pool, cascade_prob: FloatArray) -> Pieces:
        """The intervals that hold these cascade probabilities, (num_intervals,), none of them a threshold."""
        s, weight = cascade_prob[:, None], pool.weight
        stay, leave = ((first < s) & (s < last) for first, last in (pool.stays, pool.leaves))
        leave &= ~stay
        return cls(
            pool=pool,
            staying=np.where(stay, weight, 0.0).sum(axis=1),
            leaving=np.where(leave, weight * pool.leaving, 0.0).sum(axis=1),
            mixing=np.where((stay | leave)[:, pool.mixing], 0.0, weight[pool.mixing]),
        )

    def provider_cost(self, cascade_prob: FloatArray) -> FloatArray:
        """J at one point of each interval, (num_intervals,); at an end of it the limit from inside."""
        mixing: FloatArray = (self.mixing * self.pool.mixers.provider_cost(cascade_prob)).sum(axis=1)
        return self.staying * self.pool.staying(cascade_prob) + self.leaving + mixing

    def slope(self, low: FloatArray, high: FloatArray) -> Bounds:
        """Bounds of dJ/ds from `low` to `high` in each interval, (num_intervals,); the slope itself at low = high."""
        (p1, p2), (c1, c2) = self.pool.success_prob, self.pool.cost
        rate = self.staying * (1 - p1) * (p1 * (c2 / p2) - c1)
        least, most = _ordered(*(rate / np.square(p1 + (1 - p1) * s) for s in (low, high)))
        mixing = self.pool.mixers.slope(low, high)
        least_mixing, most_mixing = ((self.mixing * np.where(self.mixing > 0, x, 0.0)).sum(axis=1) for x in mixing)
        return least + least_mixing, most + most_mixing

    def least_possible(self, low: FloatArray, high: FloatArray) -> FloatArray:
        """A lower bound of J from `low` to `high` in each interval, (num_intervals,): two lines, and J >= 0."""
        at_low, at_high = self.provider_cost(low), self.provider_cost(high)
        least, most = self.slope(low, high)
        with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
            crossing = (most * at_low - least * at_high + least * most * (high - low)) / (most - least)
        return np.fmax(np.where(least >= 0, at_low, np.where(most <= 0, at_high, crossing)), 0.0)


def cheapest_for_pool(pool: Pool, preferred: tuple[IntArray, FloatArray]) -> tuple[int, float]:
    """The commitment (route, cascade_prob) that costs the provider least, the users answering at their best.

    Exact where nobody mixes. Where somebody does, no commitment is cheaper by more than a relative `INDIFFERENCE`, up
    to rounding. Among equals, to the same tolerance, one of the `preferred` routes and cascade probabilities is
    taken; then (1, 0), then (2, 0), then the least cascade probability that is a threshold.
    """
    wanted_routes, wanted_cascades = preferred
    ends = np.concatenate([*pool.stays, *pool.leaves, wanted_cascades[wanted_routes == 1], [0.0, 1.0]])
    ends = np.unique(ends[np.isfinite(ends)])
    route, cascade = np.insert(np.ones_like(ends, dtype=np.int64), 1, 2), np.insert(ends, 1, 0.0)
    cost = np.insert(pool.provider_cost(1, ends), 1, pool.provider_cost(2, np.zeros(1)))
    least = float(cost.min())
    if len(pool.mixing) and len(pool.weight) > 1:
        inside = _cheapest_inside(pool, ends, least)
        if inside is not None:
            return 1, inside
    near = np.flatnonzero(cost <= least + INDIFFERENCE * least)
    wanted = [k for k in near if np.any((wanted_routes == route[k]) & (wanted_cascades == cascade[k]))]
    best = wanted[0] if wanted else near[0]
    return int(route[best]), float(cascade[best])


def _cheapest_inside(pool: Pool, ends: FloatArray, known: float) -> float | None:
    """The cheapest cascade probability on route 1 by branch and bound; None where none undercuts the `known` cost.

    `ends` hold every threshold, 0 and 1, in order.
    """
    low, high = ends[:-1], ends[1:]
    rows = max(1, BLOCK // len(pool.weight))
    best, least, width = np.nan, known, 0.0
    while low.size:
        left, right, low, high = low[-rows:], high[-rows:], low[:-rows], high[:-rows]
        middle = (left + right) / 2
        pieces = Pieces.around(pool, middle)
        cost = pieces.provider_cost(middle)
        k = int(cost.argmin())
        if cost[k] < least:
            best, least, width = float(middle[k]), float(cost[k]), float(right[k] - left[k])
        worth = pieces.least_possible(left, right) < least * (1 - INDIFFERENCE)
        worth &= (left < middle) & (middle < right)
        low = np.concatenate([low, left[worth], middle[worth]])
        high = np.concatenate([high, middle[worth], right[worth]])
    return _settled(pool, ends, best, width) if least < known * (1 - INDIFFERENCE) else None


def _settled(pool: Pool, ends: FloatArray, best: float, width: float) -> float:
    """Return where the slope is 0, by bisection around `best`: costs tell the place of a minimum to half the digits."""
    k = np.searchsorted(ends, best)
    low, high = max(ends[k - 1], best - width), min(ends[k], best + width)
    pieces = Pieces.around(pool, np.array([best]))
    while low < (middle := (low + high) / 2) < high:
        at = np.array([middle])
        low, high = (low, middle) if pieces.slope(at, at)[0] > 0 else (middle, high)
    here, there = pieces.provider_cost(np.array([best])), pieces.provider_cost(np.array([low]))
    return float(low) if there <= here * (1 + INDIFFERENCE) else best


def _with_the_indifferent_as_provider(game: Game) -> Game:
    """Give users with ξ_1 = ξ_2 = 0 the provider's wishes: task value P, latencies c_1 and c_2."""
    xi1, xi2 = game.net_value
    indifferent = np.equal(xi1, 0) & np.equal(xi2, 0)
    if not indifferent.any():
        return game
    (t1, t2), (c1, c2) = game.latency, game.cost
    value = np.maximum(game.churn_penalty, np.finfo(np.float64).tiny)
    return Game(
        task_value=np.where(indifferent, value, game.task_value),
        churn_penalty=game.churn_penalty,
        success_prob=game.success_prob,
        latency=(np.where(indifferent, c1, t1), np.where(indifferent, c2, t2)),
        cost=game.cost,
    )


def _times(bounds: Bounds, positive: Bounds) -> Bounds:
    """Bounds of the product with a factor that is not negative."""
    (low, high), (least, most) = bounds, positive
    return np.minimum(low * least, low * most), np.maximum(high * least, high * most)


def _ordered(one: FloatArray, other: FloatArray) -> Bounds:
    return np.minimum(one, other), np.maximum(one, other)
