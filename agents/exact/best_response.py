"""The exact best response of a rational user to a commitment (Mahmood 2026, Theorems 1 and 2)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from routegame.agents.exact.one_game import cascade_that_mixes
from routegame.envs.arrays import FloatArray, Number, plain
from routegame.envs.checks import as_number, as_route
from routegame.envs.game import INDIFFERENCE
from routegame.envs.scenarios import GameLike, as_two_model_game


@dataclass(frozen=True)
class Thresholds:
    """Cascade probabilities on route 1 at which the user's best response changes; nan where there is none.

    Attributes:
        s_0: (latency-value games) from here on the user stays; below it leaves after the first failure.
        s_L: (value-latency games) up to here the user stays for good.
        s_H: (value-latency games) from here on the user leaves after the first failure; in between it mixes.
    """

    s_0: Number
    s_L: Number
    s_H: Number


def thresholds(game: GameLike) -> Thresholds:
    """Thresholds of the user's best response on route 1 (Mahmood 2026, Theorem 2). Shape: the game's.

    s_L is the root of F(·, 0) = 0 in [0, 1], see `mixed_response`.

    >>> from routegame import Game
    >>> game = Game(6.5, 12, (0.1, 0.3), (0.5, 2.5), (1, 3))
    >>> t = thresholds(game)
    >>> round(t.s_L, 4), round(t.s_H, 4)
    (0.057, 0.2143)
    """
    game = as_two_model_game(game)
    xi1, xi2, p1, p2 = np.broadcast_arrays(*game.net_value, *game.success_prob)
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        s_0 = np.where((xi1 < 0) & (xi2 > 0), -xi1 / (xi2 / p2 - xi1), np.nan)
        mixes = (xi1 > 0) & (xi2 < 0)
        s_L = np.where(mixes, cascade_that_mixes(xi1, xi2, p1, p2, 0.0), np.nan)
        s_H = np.where(mixes, xi1 / (xi1 - xi2), np.nan)
    return Thresholds(plain(s_0), plain(s_L), plain(s_H))


def best_response(
    game: GameLike,
    route: ArrayLike,
    cascade_prob: ArrayLike,
    throttled_latency: tuple[ArrayLike, ArrayLike] | None = None,
) -> Number:
    """Probability with which a memoryless user abandons after a failure, at its best (Mahmood 2026, Theorems 1, 2).

    Shapes broadcast with the game's. Ties go to staying; a cascade probability within a relative `INDIFFERENCE` of
    a threshold counts as on it.

    Args:
        game: the game, a batch of games, or the name of a scenario.
        route: 1 or 2.
        cascade_prob: in [0, 1]; without effect on route 2.
        throttled_latency: latencies in force where the provider slows its models down.

    Raises:
        ParameterError: a route or a probability out of range.

    >>> from routegame import Game
    >>> best_response(Game(9, 20, (0.1, 0.3), (1, 2), (1, 3)), route=1, cascade_prob=0.05)
    0.0
    >>> best_response(Game(9, 20, (0.1, 0.3), (1, 2), (1, 3)), route=1, cascade_prob=0.04)
    1.0
    """
    game = as_two_model_game(game)
    if throttled_latency is not None:
        game = game.with_latency(throttled_latency)
    starts_standard = as_route(route) == 1
    at = thresholds(game)
    s = np.asarray(as_number("cascade_prob", cascade_prob, 0, 1))
    (xi1, xi2), (p1, p2) = map(np.asarray, game.net_value), game.success_prob
    never_gains = np.where(s == 0, xi1 < 0, np.where(s == 1, xi2 < 0, (xi1 <= 0) & (xi2 <= 0) & (xi1 + xi2 < 0)))
    leaves_early = s < at.s_0 * (1 - INDIFFERENCE)
    # s_L and s_H themselves, as `thresholds` gives them, are on the side of their tie
    mixed = mixed_response(xi1, xi2, p1, p2, s)
    mixed = np.where(s <= at.s_L * (1 + INDIFFERENCE), 0.0, mixed)
    mixed = np.where(s >= at.s_H * (1 - INDIFFERENCE), 1.0, mixed)
    q1 = np.where((xi1 > 0) & (xi2 < 0), mixed, np.where((xi1 < 0) & (xi2 > 0), leaves_early, never_gains))
    q = np.where(starts_standard, q1, xi2 < 0)
    answer: Number = plain(q.astype(np.float64))
    return answer


def mixed_response(xi1: Number, xi2: Number, p1: Number, p2: Number, s: Number) -> FloatArray:
    """Best response on route 1 where ξ_1 > 0 > ξ_2 (Mahmood 2026, Theorem 2, last case). Shapes broadcast.

    Such a user would retry if it knew that model 1 answers and leave if it knew that model 2 does, and cannot tell.
    Between s_L and s_H it truly mixes: its best response q solves F(s, q) = 0 with

        F(s, q) = ξ_1 (1 − s) (p_2 + b q)² + ξ_2 s (1 − a b (1 − s) (1 − q)²),    a = 1 − p_1, b = 1 − p_2,

    a quadratic in q for a given s, and in s for a given q, see `routegame.agents.exact.one_game.cascade_that_mixes`.
    Both roots are written so that nothing cancels; here the root is cut off to [0, 1], which is right for any s.

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
