"""Users who truly mix: games with ξ_1 > 0 > ξ_2 on route 1, between s_L and s_H (Mahmood 2026, Theorem 2, last case).

Such a user would retry if it knew that model 1 answers and leave if it knew that model 2 does, and cannot tell. Its
best response q solves F(s, q) = 0 with

    F(s, q) = ξ_1 (1 − s) (p_2 + b q)² + ξ_2 s (1 − a b (1 − s) (1 − q)²),    a = 1 − p_1, b = 1 − p_2,

a quadratic in q for a given s, and in s for a given q. Both roots are written so that nothing cancels.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from routegame.envs.arrays import FloatArray, Number

SCANNED = np.concatenate([[0, 1e-3, 1e-2], np.linspace(0.05, 1, 20)])
"""Points of u = q^(1/4) between which the cheapest mix is sought."""

FINER = np.linspace(0, 1, 9)[:, None]
"""Where the next scan looks between the neighbours of the best point."""

NUM_ZOOMS = 18


def mixed_response(xi1: Number, xi2: Number, p1: Number, p2: Number, s: Number) -> FloatArray:
    """The root q of F(s, ·) = 0 cut off to [0, 1]: the best response for any s. Shapes broadcast.

    >>> round(float(mixed_response(0.15, -0.55, 0.1, 0.3, 0.1)), 6)
    0.376534
    """
    a, b, loss = np.subtract(1, p1), np.subtract(1, p2), np.negative(xi2)
    with np.errstate(divide="ignore", invalid="ignore"):
        quadratic = (1 - s) * b * (xi1 * b + loss * s * a)
        half_linear = (1 - s) * b * (xi1 * p2 - loss * s * a)
        constant = xi1 * (1 - s) * np.square(p2) - loss * s * (p1 + a * p2 + a * b * s)
        root = np.sqrt(np.maximum(np.square(half_linear) - quadratic * constant, 0))
        q = np.where(half_linear > 0, -constant / (half_linear + root), (root - half_linear) / quadratic)
    leaves = (1 - s) * xi1 <= loss * s
    q = np.where(leaves, 1.0, np.clip(q, 0, 1))
    answer: FloatArray = np.where(constant >= 0, 0.0, q)
    return answer


def cascade_that_mixes(xi1: Number, xi2: Number, p1: Number, p2: Number, q: Number) -> FloatArray:
    """The root s of F(·, q) = 0 in [0, 1]: the cascade probability that makes q a best response. Shapes broadcast.

    It is s_L at q = 0 and s_H at q = 1.

    >>> round(float(cascade_that_mixes(0.15, -0.55, 0.1, 0.3, 0.0)), 4)
    0.057
    >>> round(float(cascade_that_mixes(0.15, -0.55, 0.1, 0.3, 1.0)), 4)
    0.2143
    """
    a, b, loss = np.subtract(1, p1), np.subtract(1, p2), np.negative(xi2)
    stay = np.subtract(1, q)
    gain = xi1 * np.square(p2 + b * q)
    handed_on = loss * a * b * np.square(stay)
    # 1 − a b r² as a sum of non-negative terms
    leaving = p1 + a * p2 + a * b * q * (1 + stay)
    linear = loss * leaving + gain
    s: FloatArray = 2 * gain / (linear + np.sqrt(np.square(linear) + 4 * handed_on * gain))
    return s


def cheapest_mix(
    xi1: FloatArray,
    xi2: FloatArray,
    p1: FloatArray,
    p2: FloatArray,
    c1: FloatArray,
    c2: FloatArray,
    penalty: FloatArray,
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """The cheapest commitment among those under which users truly mix: cascade, abandonment and cost to the provider.

    Beyond the paper, and not among its candidates: a provider may buy more of a cheap model 2 with a few users who
    leave. Write κ_k = c_k − P p_k and follow the curve of best responses from (s_L, q = 0) to (s_H, q = 1). More
    cascade gains the provider something only where the reasoning model is worth its compute, κ_2 < 0, and where it
    would rather have users stay, κ_1 |ξ_2| + κ_2 ξ_1 < 0 (elsewhere leaving at once or (1, 0) is at least as cheap);
    and only where p_1 > p_2 and c_2/p_2 < c_1/p_1. There n_2 is a concave function of n_1 along the curve and the cost
    a convex one (both facts are proved in docs/theory.md, "Users who mix"). So the cost has at most one turning point
    and must fall from s_L on, by at least the chord to its least value: games in which it does not are left out too.

    The rest, one game in a thousand, are searched over q = u⁴ by ever finer scans. Costs are exact to
    rounding, probabilities to about 1e-8.

    Shapes: the same for all, in and out; the cost is inf where no mix can be the cheapest of all.
    """
    kappa1, kappa2 = c1 - penalty * p1, c2 - penalty * p2
    possible = (xi1 > 0) & (xi2 < 0) & (p1 > p2) & (kappa2 < 0) & (kappa2 * xi1 < kappa1 * xi2) & (c2 * p1 < c1 * p2)
    games = np.asarray(possible)
    curve = _Curve(*(x[games] for x in (xi1, xi2, p1, p2, c1, c2, penalty)))
    start, *soon = (curve.cost(np.full(curve.p1.shape, u)) for u in SCANNED[:4])
    games[games] = np.minimum.reduce(soon) < start  # several, for rounding may hide how little it falls at first
    cascade, abandon, cost = np.zeros(p1.shape), np.zeros(p1.shape), np.full(p1.shape, np.inf)
    if games.any():
        curve = _Curve(*(x[games] for x in (xi1, xi2, p1, p2, c1, c2, penalty)))
        u = curve.cheapest()
        cost[games], abandon[games] = curve.cost(u), np.square(np.square(u))
        cascade[games] = curve.cascade(abandon[games])
    return cascade, abandon, cost


@dataclass(frozen=True)
class _Curve:
    """The curve of best responses of each game, by u = q^(1/4): q near 0 decides, and arithmetic alone gets there."""

    xi1: FloatArray
    xi2: FloatArray
    p1: FloatArray
    p2: FloatArray
    c1: FloatArray
    c2: FloatArray
    penalty: FloatArray

    def cascade(self, q: FloatArray) -> FloatArray:
        return cascade_that_mixes(self.xi1, self.xi2, self.p1, self.p2, q)

    def cost(self, u: FloatArray) -> FloatArray:
        q = np.square(np.square(u))
        s, a, b = self.cascade(q), 1 - self.p1, 1 - self.p2
        n1 = 1 / (self.p1 + a * (q + (1 - q) * s))
        n2 = n1 * a * (1 - q) * s / (self.p2 + b * q)
        total: FloatArray = self.c1 * n1 + self.c2 * n2 + self.penalty * q * (a * n1 + b * n2)
        return total

    def cheapest(self) -> FloatArray:
        """The u of least cost: the best of a scan, then of ever finer ones between its neighbours."""
        points = np.broadcast_to(SCANNED[:, None], (len(SCANNED), self.p1.size))
        for _ in range(NUM_ZOOMS):
            best = np.clip(self.cost(points).argmin(axis=0), 1, len(points) - 2)[None]
            low, high = (np.take_along_axis(points, best + side, axis=0)[0] for side in (-1, 1))
            points = low + (high - low) * FINER
        middle: FloatArray = points[len(FINER) // 2]
        return middle
