"""Users who truly mix: games with ξ_1 > 0 > ξ_2 on route 1, between s_L and s_H (Mahmood 2026, Theorem 2, last case).

Such a user would retry if it knew that model 1 answers and leave if it knew that model 2 does, and cannot tell. Its
best response q solves F(s, q) = 0 with

    F(s, q) = ξ_1 (1 − s) (p_2 + b q)² + ξ_2 s (1 − a b (1 − s) (1 − q)²),    a = 1 − p_1, b = 1 − p_2,

a quadratic in q for a given s, and in s for a given q. Both roots are written so that nothing cancels.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from routegame.envs.game import FloatArray

NUM_SCANNED = 64
NUM_NARROWED = 48
GOLDEN = (5**0.5 - 1) / 2


def mixed_response(xi1: Any, xi2: Any, p1: Any, p2: Any, s: Any) -> FloatArray:
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


def cascade_that_mixes(xi1: Any, xi2: Any, p1: Any, p2: Any, q: Any) -> FloatArray:
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

    Beyond the paper, and not among its candidates: with p_1 > p_2, p_2 P > c_2 and c_2/p_2 < c_1/p_1 a provider may
    buy more of the cheap model 2 with a few users who leave. Searched along the curve of best responses, by
    scanning q = u⁴ over u in [0, 1] and narrowing the best bracket by golden section; costs are exact to rounding,
    probabilities to about 1e-8. One game in thousands needs it, so it is asked for those alone.

    Shapes: (num_games,) for all, in and out.
    """
    a, b = 1 - p1, 1 - p2

    def cost(u: FloatArray) -> FloatArray:
        q = np.square(np.square(u))
        s = cascade_that_mixes(xi1, xi2, p1, p2, q)
        alone = 1 / (p2 + b * q)
        n1 = 1 / (p1 + a * (q + (1 - q) * s))
        n2 = n1 * a * (1 - q) * s * alone
        total: FloatArray = c1 * n1 + c2 * n2 + penalty * q * (a * n1 + b * n2)
        return total

    grid = np.arange(NUM_SCANNED + 1) / NUM_SCANNED
    scanned = np.stack([cost(np.full(p1.shape, u)) for u in grid])
    middle = np.clip(scanned.argmin(axis=0), 1, NUM_SCANNED - 1)
    low, high = grid[middle - 1], grid[middle + 1]
    for _ in range(NUM_NARROWED):
        left, right = high - GOLDEN * (high - low), low + GOLDEN * (high - low)
        falls = cost(left) > cost(right)
        low, high = np.where(falls, left, low), np.where(falls, high, right)
    u = (low + high) / 2
    q = np.square(np.square(u))
    return cascade_that_mixes(xi1, xi2, p1, p2, q), q, cost(u)
