"""The theorems of the paper, each as it is stated there and for the games that it covers (Mahmood 2026).

Nothing here searches or compares candidates: a function evaluates the conditions of one theorem and returns what
the theorem then says. Where its conditions do not hold it is silent, and the value says so: route 0, or nan.
`routegame.agents.exact.equilibrium.solve` decides every game; the tests hold one against the other.

The paper takes t_1 < t_2, c_1 < c_2 and p_1 < p_2. Only p_1 < p_2 is ever needed, and only where a statement
compares the churn penalty with (c_2 − c_1)/(p_2 − p_1), the price of one more task solved by the first pass.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from routegame.envs.arrays import BoolArray, FloatArray, Number
from routegame.envs.checks import as_number, as_route
from routegame.envs.game import INDIFFERENCE, Game


@dataclass(frozen=True)
class Claim:
    """The commitment and the answer that a theorem states; arrays where the game is a batch.

    Attributes:
        route: model that serves the first pass, 1 or 2; 0 where the theorem is silent.
        cascade_prob: the least cascade probability that the theorem calls optimal; nan where it is silent.
        abandon_prob: probability that the user gives up after a failure; nan where the theorem is silent.
    """

    route: int | NDArray[np.int64]
    cascade_prob: Number
    abandon_prob: Number


@dataclass(frozen=True)
class ChurnThresholds:
    """Churn penalties from which on the provider of a latency-value game keeps its users, in units of cost.

    Attributes:
        to_reasoning: P1, from here on route 2 costs less than a user who leaves model 1; nan elsewhere.
        to_cascade: P2, from here on the cascade at s_0 costs less than a user who leaves model 1; nan elsewhere.
    """

    to_reasoning: Number
    to_cascade: Number


def theorem_1_best_response(game: Game) -> Number:
    """Abandonment on route 2: stay for good if a pass is worth its wait, leave after one failure if not (Theorem 1).

    q = 0 if ξ_2 >= 0, else 1. Covers every game. Shape: the game's.

    >>> theorem_1_best_response(Game(9, 20, (0.1, 0.3), (1, 2), (1, 3)))
    0.0
    >>> theorem_1_best_response(Game(6, 20, (0.1, 0.3), (1, 2), (1, 3)))
    1.0
    """
    _, xi2 = _net_value(game)
    return _number(np.where(xi2 < 0, 1.0, 0.0))


def theorem_2_best_response(game: Game, cascade_prob: ArrayLike) -> Number:
    """Abandonment on route 1, where the user does not see which model answers (Theorem 2).

    * ξ_1, ξ_2 >= 0: q = 0.
    * ξ_1, ξ_2 <= 0, not both 0: q = 1.
    * ξ_1 < 0 < ξ_2: q = 0 iff s >= s_0 = −ξ_1 / (ξ_2/p_2 − ξ_1), else 1.
    * ξ_1 > 0 > ξ_2: q = 0 up to s_L, q = 1 from s_H on; in between q is the root in [0, 1] of
      F(s, q) = ξ_1 (1−s) (p_2 + (1−p_2) q)² + ξ_2 s (1 − (1−p_1)(1−p_2)(1−s)(1−q)²).

    Covers every game. The second case is one best response of two at (ξ_1 = 0, s = 0) and at (ξ_2 = 0, s = 1),
    where a user is indifferent. Shapes of game and cascade probability broadcast.

    Args:
        game: one game or a batch.
        cascade_prob: s in [0, 1].

    Raises:
        ParameterError: a cascade probability out of range.

    >>> game = Game(6.5, 12, (0.1, 0.3), (0.5, 2.5), (1, 3))
    >>> [round(theorem_2_best_response(game, s), 4) for s in (0.05, 0.1, 0.2, 0.25)]
    [0.0, 0.3765, 0.9378, 1.0]
    """
    s = np.asarray(as_number("cascade_prob", cascade_prob, 0, 1))
    xi1, xi2 = _net_value(game)
    climbs, falls = (xi1 < 0) & (xi2 > 0), (xi1 > 0) & (xi2 < 0)
    leaves_early = s < _s_0(game) * (1 - INDIFFERENCE)
    never_gains = (xi1 <= 0) & (xi2 <= 0) & (xi1 + xi2 < 0)
    return _number(np.select([falls, climbs], [1 - _staying_root(game, s), leaves_early], never_gains))


def theorem_3_commitment(game: Game) -> Claim:
    """Provider's optimum where both net values have the same sign (Theorem 3).

    * ξ_1, ξ_2 > 0: users stay whatever happens; the model with the lower cost of pass c_i/p_i, no cascade. The churn
      penalty does not matter.
    * ξ_1, ξ_2 < 0: users leave after one failure; route 1 if P <= (c_2 − c_1)/(p_2 − p_1), else route 2. On route 1
      every cascade probability does the same.

    Silent where the signs differ or a net value is 0, and in the second case where p_1 >= p_2. Shape: the game's.

    >>> theorem_3_commitment(Game(20, 12, (0.1, 0.3), (1, 2), (1, 3.6)))
    Claim(route=1, cascade_prob=0.0, abandon_prob=0.0)
    >>> theorem_3_commitment(Game(5, 14, (0.1, 0.3), (1, 2), (1, 3.6)))
    Claim(route=2, cascade_prob=0.0, abandon_prob=1.0)
    """
    xi1, xi2 = _net_value(game)
    (p1, p2), penalty = game.success_prob, game.churn_penalty
    stay, leave = (xi1 > 0) & (xi2 > 0), (xi1 < 0) & (xi2 < 0) & np.less(p1, p2)
    model_1_cheaper = _compare(*game.cost_of_pass) <= 0
    churn_cheap = _compare(penalty, _price_of_success(game)) <= 0
    return _claim(
        game,
        (stay & model_1_cheaper, 1, 0.0, 0.0),
        (stay & ~model_1_cheaper, 2, 0.0, 0.0),
        (leave & churn_cheap, 1, 0.0, 1.0),
        (leave & ~churn_cheap, 2, 0.0, 1.0),
    )


def theorem_4_penalties(game: Game) -> ChurnThresholds:
    """Churn penalties P1 and P2 that decide a game with ξ_1 < 0 < ξ_2 (Theorem 4), in units of cost.

    P1 = (c_2/p_2 − c_1) / (1 − p_1) and P2 = (c_1 (1 − s_0) + c_2 s_0 / p_2) / (p_1 + (1 − p_1) s_0): at them a user
    who leaves model 1 after a failure costs as much as one who stays, with model 2 from the start or from the
    cascade at s_0 on. nan where the signs are other ones. Shape: the game's.

    >>> at = theorem_4_penalties(Game(9, 20, (0.1, 0.3), (1, 2), (1, 3.6)))
    >>> round(at.to_reasoning, 4), round(at.to_cascade, 4)
    (12.2222, 10.6)
    """
    (p1, _), (c1, _), (_, per_success) = game.success_prob, game.cost, game.cost_of_pass
    xi1, xi2 = _net_value(game)
    s_0 = _s_0(game)
    to_reasoning = np.subtract(per_success, c1) / np.subtract(1, p1)
    to_cascade = (c1 * (1 - s_0) + per_success * s_0) / (p1 + np.subtract(1, p1) * s_0)
    return ChurnThresholds(_number(np.where((xi1 < 0) & (xi2 > 0), to_reasoning, np.nan)), _number(to_cascade))


def theorem_4_commitment(game: Game) -> Claim:
    """Provider's optimum where only model 2 is worth its wait, ξ_1 < 0 < ξ_2 (Theorem 4).

    * c_1/p_1 > c_2/p_2: (1, 0), which users leave, if P < P1; else (2, 0), where they stay.
    * c_1/p_1 < c_2/p_2: (1, 0), which users leave, if P < P2; else (1, s_0), the least cascade that keeps them.

    P1 and P2 are those of `theorem_4_penalties`. Where the costs of pass are equal so are P1 and P2, and so are the
    costs of (2, 0) and (1, s_0); (2, 0) is returned. Silent where the signs are other ones. Shape: the game's.

    >>> claim = theorem_4_commitment(Game(9, 20, (0.1, 0.3), (1, 2), (1, 3.6)))
    >>> claim.route, round(claim.cascade_prob, 6), claim.abandon_prob
    (1, 0.041096, 0.0)
    """
    xi1, xi2 = _net_value(game)
    covered, at, penalty = (xi1 < 0) & (xi2 > 0), theorem_4_penalties(game), game.churn_penalty
    model_2_cheaper = _compare(*game.cost_of_pass) >= 0
    churn_cheap = _compare(penalty, np.where(model_2_cheaper, at.to_reasoning, at.to_cascade)) < 0
    return _claim(
        game,
        (covered & churn_cheap, 1, 0.0, 1.0),
        (covered & model_2_cheaper, 2, 0.0, 0.0),
        (covered, 1, _s_0(game), 0.0),
    )


def theorem_5_commitment(game: Game) -> Claim:
    """Provider's optimum where only model 1 is worth its wait, ξ_1 > 0 > ξ_2, as far as it is stated (Theorem 5).

    * (1, 0), where users stay, if c_1/p_1 < min(P, c_2/p_2).
    * (1, s) with any s >= s_H = ξ_1/(ξ_1 − ξ_2), which users leave, if P < min(c_1/p_1, (c_2 − c_1)/(p_2 − p_1)).
    * (2, 0), which users leave, if (c_2 − c_1)/(p_2 − p_1) < P < c_2/p_2 < c_1/p_1.

    The conditions are sufficient. They leave out the games with c_2/p_2 < min(P, c_1/p_1), in which the provider
    would like users to stay with the model that they leave, and every tie. The last two need p_1 < p_2. Silent
    there, and where the signs are other ones. Shape: the game's.

    >>> theorem_5_commitment(Game(6.5, 12, (0.1, 0.3), (0.5, 2.5), (1, 3.6)))
    Claim(route=1, cascade_prob=0.0, abandon_prob=0.0)
    >>> theorem_5_commitment(Game(6.5, 12, (0.1, 0.3), (0.5, 2.5), (1, 2.4)))
    Claim(route=0, cascade_prob=nan, abandon_prob=nan)
    """
    xi1, xi2 = _net_value(game)
    (p1, p2), (k1, k2), penalty = game.success_prob, game.cost_of_pass, game.churn_penalty
    covered, ordered = (xi1 > 0) & (xi2 < 0), np.less(p1, p2)
    price, s_H = _price_of_success(game), np.where(covered, xi1, np.nan) / np.where(covered, xi1 - xi2, 1)
    stays = _compare(k1, np.minimum(penalty, k2)) < 0
    leaves_1 = ordered & (_compare(penalty, np.minimum(k1, price)) < 0)
    leaves_2 = ordered & (_compare(price, penalty) < 0) & (_compare(penalty, k2) < 0) & (_compare(k2, k1) < 0)
    return _claim(
        game,
        (covered & stays, 1, 0.0, 0.0),
        (covered & leaves_1, 1, s_H, 1.0),
        (covered & leaves_2, 2, 0.0, 1.0),
    )


def proposition_1_aligned(game: Game, route: ArrayLike, cascade_prob: ArrayLike) -> Number:
    """Whether the provider's optimum is also the user's: 1 if the misalignment gap is 0, 0 if not (Proposition 1).

    * ξ_1, ξ_2 > 0: aligned iff sign(c_1/p_1 − c_2/p_2) = sign(ξ_2/p_2 − ξ_1/p_1).
    * ξ_1, ξ_2 < 0: aligned iff sign(ξ_2 − ξ_1) = sign(P − (c_2 − c_1)/(p_2 − p_1)).
    * signs differ: aligned iff the model that is routed to has ξ > 0 and never hands over, s = 0.

    nan where the proposition is silent: where a net value is 0, where either side is indifferent (a sign is 0), and
    in the second case where p_1 >= p_2. Shapes broadcast.

    Args:
        game: one game or a batch.
        route: i of the provider's optimum, from Theorems 3 to 5 or from `solve`; used where the signs differ.
        cascade_prob: s of the provider's optimum; without effect on route 2.

    Raises:
        ParameterError: a route or a probability out of range.

    >>> game = Game(9, 20, (0.1, 0.3), (1, 2), (1, 3.6))
    >>> proposition_1_aligned(game, route=1, cascade_prob=0.041096), proposition_1_aligned(game, 2, 0)
    (0.0, 1.0)
    """
    starts_standard = as_route(route) == 1
    s = np.asarray(as_number("cascade_prob", cascade_prob, 0, 1))
    xi1, xi2 = _net_value(game)
    (p1, p2), penalty = game.success_prob, game.churn_penalty
    both_gain, neither = (xi1 > 0) & (xi2 > 0), (xi1 < 0) & (xi2 < 0) & np.less(p1, p2)
    staying = _same_sign(_compare(*game.cost_of_pass), _compare(xi2 / p2, xi1 / p1))
    leaving = _same_sign(_compare(xi2, xi1), _compare(penalty, _price_of_success(game)))
    differ = ((xi1 > 0) & (xi2 < 0)) | ((xi1 < 0) & (xi2 > 0))
    served_well = np.where(starts_standard, (xi1 > 0) & (s == 0), xi2 > 0)
    return _number(np.select([both_gain, neither, differ], [staying, leaving, served_well], np.nan))


def proposition_2_throttled_latency(game: Game) -> tuple[Number, Number]:
    """Latencies V p_i past which slowing both models down drives users off at no cost to the provider (Proposition 2).

    If ξ_1, ξ_2 > 0 and P <= min(c_1/p_1, c_2/p_2), every pair of latencies t̂_i > V p_i makes users leave after one
    failure, and the provider's least cost is not raised: min_i c_i + P (1 − p_i) <= min_i c_i/p_i. It falls where the
    inequality on P is strict.

    Returns:
        V p_1 and V p_2, in units of latency; nan where the proposition is silent. Shape: the game's.

    >>> [round(t, 6) for t in proposition_2_throttled_latency(Game(8, 4, (0.1, 0.3), (0.5, 1.5), (1, 3)))]
    [0.8, 2.4]
    >>> proposition_2_throttled_latency(Game(8, 14, (0.1, 0.3), (0.5, 1.5), (1, 3)))
    (nan, nan)
    """
    xi1, xi2 = _net_value(game)
    covered = (
        (xi1 > 0)
        & (xi2 > 0)
        & (_compare(game.churn_penalty, np.minimum.reduce(np.broadcast_arrays(*game.cost_of_pass))) <= 0)
    )
    first, second = (np.where(covered, np.multiply(game.task_value, p), np.nan) for p in game.success_prob)
    return _number(first), _number(second)


def _s_0(game: Game) -> FloatArray:
    """s_0 = −ξ_1 / (ξ_2/p_2 − ξ_1), where staying for good is worth what leaving is; nan unless ξ_1 < 0 < ξ_2."""
    xi1, xi2 = _net_value(game)
    climbs = (xi1 < 0) & (xi2 > 0)
    return np.where(climbs, -xi1, np.nan) / np.where(climbs, xi2 / game.success_prob[1] - xi1, 1)


def _staying_root(game: Game, s: FloatArray) -> FloatArray:
    """Root r = 1 − q of F(s, ·) in [0, 1], the nearer end where there is none; nan unless ξ_1 > 0 > ξ_2.

    With a = 1 − p_1 and b = 1 − p_2, F = A r² − 2 B r + C: convex in r, and falling up to its smaller root.
    """
    xi1, xi2 = _net_value(game)
    falls = (xi1 > 0) & (xi2 < 0)
    gain, loss = np.where(falls, xi1, np.nan), np.where(falls, -xi2, np.nan)
    a, b = np.subtract(1, game.success_prob[0]), np.subtract(1, game.success_prob[1])
    square = (1 - s) * b * (gain * b + loss * a * s)
    half_linear = gain * (1 - s) * b
    constant = gain * (1 - s) - loss * s
    discriminant = np.maximum(half_linear**2 - square * constant, 0)
    with np.errstate(divide="ignore"):  # at s = 1 the constant, negative, is all that is left
        return np.clip(constant / (half_linear + np.sqrt(discriminant)), 0, 1)


def _price_of_success(game: Game) -> FloatArray:
    """(c_2 − c_1)/(p_2 − p_1): what one more task solved by the first pass costs with model 2; nan if p_1 >= p_2."""
    (p1, p2), (c1, c2) = game.success_prob, game.cost
    ordered = np.less(p1, p2)
    return np.where(ordered, np.subtract(c2, c1), np.nan) / np.where(ordered, np.subtract(p2, p1), 1)


def _compare(x: ArrayLike, y: ArrayLike) -> FloatArray:
    """Sign of x − y, 0 where the two are equal up to rounding; nan where one is nan."""
    difference = np.subtract(x, y, dtype=np.float64)
    tie = np.abs(difference) <= INDIFFERENCE * np.maximum(np.abs(x), np.abs(y))
    return np.sign(np.where(tie, 0.0, difference))


def _same_sign(x: FloatArray, y: FloatArray) -> FloatArray:
    """1 where two signs agree, 0 where they are opposite, nan where one of them is 0 or nan."""
    return np.where(x * y == 0, np.nan, (1 + x * y) / 2)


def _net_value(game: Game) -> tuple[FloatArray, FloatArray]:
    """ξ_1 and ξ_2 as arrays of the game's shape."""
    first, second = (np.broadcast_to(xi, game.shape) for xi in game.net_value)
    return first, second


def _claim(game: Game, *cases: tuple[BoolArray, int, ArrayLike, float]) -> Claim:
    """Return the first case that holds, by game; silent where none does.

    Args:
        game: a single game or a batch.
        cases: a condition each, then the route, the cascade and the abandonment probability that it claims.
    """
    conditions = [case[0] for case in cases]
    route, cascade, abandon = (
        np.select(conditions, [np.broadcast_to(case[k], game.shape) for case in cases], silent)
        for k, silent in ((1, 0), (2, np.nan), (3, np.nan))
    )
    return Claim(route.astype(np.int64) if route.ndim else int(route), _number(cascade), _number(abandon))


def _number(value: FloatArray) -> Number:
    """A plain float where the game is a single one."""
    return value if value.ndim else float(value)
