"""Answers of users, and how likely it is what they did, compiled: of thousands of tasks at thousands of points.

An answer is the quantal response (`routegame.agents.users.quantal`), by sums over such places. Where nearly all of a
user's answers are at one end, which is where users are nearly at their best, the mean is taken from U' and U'' there.
Answers are within 2e-4, as the rough ones of that module, and found six to thirty times as fast.
"""

# What is compiled has the types of its arguments, which mypy cannot see.
# mypy: disable-error-code="no-untyped-def, no-untyped-call"

from __future__ import annotations

import math
from collections.abc import Callable
from functools import cache

import numpy as np
from numpy.typing import ArrayLike

from routegame.agents.users.quantal import ROUGH_STEP, places_in_unit
from routegame.calibrate.features.regression import FARTHEST
from routegame.envs.arrays import FloatArray, IntArray
from routegame.envs.game import Game

REACH = 14.0
"""The sums are over u = log(x / (1 − x)) from −`REACH` to `REACH`: what is steeper is taken from the end itself."""

NOWHERE = 40.0
"""Differences of U / τ from the greatest one from which on an answer is left out: 1e-17 of it."""

BENT = 0.01
"""Most that U'' / τ may be, relative to (U' / τ)², where the mean is taken from both at the end."""

PLACES, WEIGHTS = (column[:, 0].copy() for column in places_in_unit(ROUGH_STEP, REACH))


def leave_probs(game: Game, route: ArrayLike, cascade_prob: ArrayLike, noise: ArrayLike) -> FloatArray:
    """`quantal_response`, roughly; shapes broadcast, and nothing is checked.

    >>> game = Game(9, 15, (0.1, 0.3), (1, 2), (1, 3.6))
    >>> leave_probs(game, 1, np.array([0.03, 0.05, 0.3]), 0.01).round(3)
    array([0.892, 0.004, 0.001])
    """
    arrays = np.broadcast_arrays(*game.success_prob, *game.net_value, route, cascade_prob, noise)
    answer = np.empty(arrays[0].size)
    columns = [np.ascontiguousarray(each, dtype=np.float64).ravel() for each in arrays]
    _compiled()[1](*columns, PLACES, WEIGHTS, answer)
    return answer.reshape(arrays[0].shape)


def log_likelihood(
    answers: tuple[FloatArray, IntArray, FloatArray, FloatArray, FloatArray],
    points: tuple[FloatArray, FloatArray, FloatArray],
    value_bounds: tuple[float, float],
    least_answer: float,
) -> FloatArray:
    """Log-likelihood of answers at each of W points, (W,).

    Args:
        answers: design (R, d + 1), route, cascade probability, decisions, and how many of these were to leave (R,).
        points: coefficients of log V, (W, k) of the first k columns of the design; the noise, (W,); and coefficients
            of the log-odds of p and of log t of both models, (W, 4, d + 1).
        value_bounds: least and greatest log V.
        least_answer: probability to which answers are held away from 0 and 1.
    """
    design, route, cascade_prob, decisions, leaves = answers
    likely = np.empty(len(points[0]))
    _compiled()[0](
        np.ascontiguousarray(design),
        route,
        cascade_prob,
        decisions,
        leaves,
        *(np.ascontiguousarray(each) for each in points),
        *value_bounds,
        least_answer,
        PLACES,
        WEIGHTS,
        likely,
    )
    return likely


@cache
def _compiled() -> tuple[Callable[..., None], Callable[..., None]]:
    """Return `_sum_rows` and `_answer_rows`, compiled; Numba is imported only where it is wanted: it takes its time."""
    from numba.extending import register_jitable

    from routegame.envs.compiled import kept

    for part in (_held, _inner_best, _at_end, leave_prob):
        register_jitable(error_model="numpy")(part)
    return kept(_sum_rows, error_model="numpy"), kept(_answer_rows, error_model="numpy")


def _sum_rows(design, route, s, decisions, leaves, value, noise, models, low, high, least, places, weights, likely):
    """Do what `log_likelihood` does."""
    worth = np.empty(2 * places.size)
    columns, size = value.shape[1], design.shape[1]
    for w in range(likely.size):
        likely[w] = 0.0
        for r in range(route.size):
            if decisions[r] == 0:
                continue
            log_value = eta1 = eta2 = wait1 = wait2 = 0.0
            for d in range(columns):
                log_value += value[w, d] * design[r, d]
            for d in range(size):
                x = design[r, d]
                eta1 += models[w, 0, d] * x
                eta2 += models[w, 1, d] * x
                wait1 += models[w, 2, d] * x
                wait2 += models[w, 3, d] * x
            task_value = math.exp(min(max(log_value, low), high))
            p1, p2 = 1 / (1 + math.exp(-_held(eta1))), 1 / (1 + math.exp(-_held(eta2)))
            t1, t2 = math.exp(_held(wait1)), math.exp(_held(wait2))
            xi1, xi2 = task_value * p1 - t1, task_value * p2 - t2
            q = leave_prob(p1, p2, xi1, xi2, route[r], s[r], noise[w], places, weights, worth)
            q = min(max(q, least), 1 - least)
            if leaves[r] > 0:
                likely[w] += leaves[r] * math.log(q)
            if decisions[r] > leaves[r]:
                likely[w] += (decisions[r] - leaves[r]) * math.log1p(-q)


def _answer_rows(p1, p2, xi1, xi2, route, s, tau, places, weights, answer):
    """Do what `leave_probs` does."""
    worth = np.empty(2 * places.size)
    for r in range(answer.size):
        answer[r] = leave_prob(p1[r], p2[r], xi1[r], xi2[r], route[r], s[r], tau[r], places, weights, worth)


def _held(predictor):
    """A linear predictor within its bounds."""
    return min(max(predictor, -FARTHEST), FARTHEST)


def leave_prob(p1, p2, xi1, xi2, route, s, tau, places, weights, worth):
    """The quantal response of one user, as `routegame.agents.users.quantal.quantal_response` has it, roughly.

    `worth` is room for twice as many numbers as there are places.
    """
    best = _inner_best(p1, p2, xi1, xi2, s) if route == 1 else -1.0
    if best < 0:
        q = _at_end(p1, p2, xi1, xi2, route, s, tau)
        if q >= 0:
            return q
    a, b = 1 - p1, 1 - p2
    n, parts = places.size, 2 if best >= 0 else 1
    top = -math.inf
    for j in range(parts):
        low, high = (best, 1.0) if j == 1 else (0.0, best if parts == 2 else 1.0)
        for i in range(n):
            q = low + (high - low) * places[i]
            alone = 1 / (p2 + b * q)
            if route == 1:
                n1 = 1 / (p1 + a * (q + (1 - q) * s))
                worth[j * n + i] = n1 * (xi1 + xi2 * a * (1 - q) * s * alone)
            else:
                worth[j * n + i] = xi2 * alone
            top = max(top, worth[j * n + i])
    total = mean = 0.0
    for j in range(parts):
        low, high = (best, 1.0) if j == 1 else (0.0, best if parts == 2 else 1.0)
        for i in range(n):
            off = (top - worth[j * n + i]) / tau
            if off < NOWHERE:
                likely = math.exp(-off) * weights[i] * (high - low)
                total += likely
                mean += likely * (low + (high - low) * places[i])
    return min(mean / total, 1.0)


def _inner_best(p1, p2, xi1, xi2, s):
    """The best response on route 1 where it is inside (0, 1), see `mixed_response` of `best_response`; else -1."""
    if not (xi1 > 0 and xi2 < 0 and 0 < s < 1):
        return -1.0
    a, b, loss = 1 - p1, 1 - p2, -xi2
    constant = xi1 * (1 - s) * p2 * p2 - loss * s * (p1 + a * p2 + a * b * s)
    if constant >= 0 or (1 - s) * xi1 <= loss * s:
        return -1.0
    quadratic = (1 - s) * b * (xi1 * b + loss * s * a)
    half_linear = (1 - s) * b * (xi1 * p2 - loss * s * a)
    root = math.sqrt(max(half_linear * half_linear - quadratic * constant, 0.0))
    q = -constant / (half_linear + root) if half_linear > 0 else (root - half_linear) / quadratic
    return q if 0 < q < 1 else -1.0


def _at_end(p1, p2, xi1, xi2, route, s, tau):
    """The mean where all answers are next to the better end, by U' and U'' there; -1 where they are not.

    Of a density exp(−g x + h x² / 2) it is (1 + 2 h / g²) / g, within some (h / g²)².
    """
    a, b = 1 - p1, 1 - p2
    at_1 = xi1 if route == 1 else xi2
    at_0 = (xi1 + xi2 * a * s / p2) / (p1 + a * s) if route == 1 else xi2 / p2
    if abs(at_1 - at_0) < NOWHERE * tau:
        return -1.0
    q = 1.0 if at_1 > at_0 else 0.0
    alone = 1 / (p2 + b * q)
    if route == 1:  # U = n_1 F
        n1, slope, handed = 1 / (p1 + a * (q + (1 - q) * s)), a * (1 - s), xi2 * a * s
        f, f1, f2 = xi1 + handed * (1 - q) * alone, -handed * alone * alone, 2 * b * handed * alone**3
        by, twice = -slope * n1 * n1, 2 * slope * slope * n1**3
        first, second = by * f + n1 * f1, twice * f + 2 * by * f1 + n1 * f2
    else:
        first, second = -xi2 * b * alone * alone, 2 * xi2 * b * b * alone**3
    g, h = (first if q else -first) / tau, second / tau
    if g <= 0 or abs(h) > BENT * g * g:
        return -1.0
    off = (1 + 2 * h / (g * g)) / g
    return 1 - off if q else off
