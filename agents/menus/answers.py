"""What users answer to any commitment to K models, exactly: memoryless, seeing the model that failed, or counting.

Ties go to staying. A user is indifferent where two answers are worth the same within `INDIFFERENCE` of what the task
and the waiting come to.
"""

from __future__ import annotations

from math import inf

import numpy as np
from numpy.polynomial import chebyshev

from routegame.envs.arrays import BoolArray, FloatArray
from routegame.envs.checks import ParameterError
from routegame.envs.game import INDIFFERENCE, Game
from routegame.envs.policy import Policy

MOST_PASSES = 10**6
"""Failures after which a user who counts them is taken for one who never leaves."""


def model_answer(game: Game, policy: Policy) -> FloatArray:
    """Abandonment probabilities of a user who sees which model failed, 0 or 1 for each, (K,).

    Worth W_j of a pass on j and all that follows it solves W_j = ξ_j + a_j max(0, Σ A_jk W_k). Policy iteration: who
    would stay where going on is worth something under the present plan changes to that, until nothing changes.

    Args:
        game: a single game.
        policy: a single one.
    """
    p, xi, scale = _numbers(game, policy)
    stays: BoolArray = np.ones(len(p), dtype=bool)
    for _ in range(len(p) + 2):
        system = np.eye(len(p)) - ((1 - p) * stays)[:, None] * policy.matrix
        worth = np.linalg.solve(system, xi)
        magnitude = np.linalg.solve(system, scale)
        going_on = policy.matrix @ worth
        now = going_on >= -INDIFFERENCE * (policy.matrix @ magnitude)
        if (now == stays).all():
            break
        stays = now
    return np.where(stays, 0.0, 1.0)


def memoryless_answer(game: Game, policy: Policy) -> float:
    """Abandonment probability q of a user who sees nothing but the commitment, at its best.

    With r = 1 − q its utility is a quotient of polynomials, U(r) = N(r) / B(r), B(r) = det(1 − r D) > 0. It is best at
    an end of [0, 1] or at a root of N'B − NB'. Both are interpolated at Chebyshev points, which is exact up to rounding
    for polynomials of their degree.

    Args:
        game: a single game.
        policy: a single one.
    """
    p, xi, scale = _numbers(game, policy)
    models = len(p)
    step = (1 - p)[:, None] * policy.matrix
    at = (1 + np.cos(np.pi * (np.arange(models + 1) + 0.5) / (models + 1))) / 2
    signs, logs = np.linalg.slogdet(np.eye(models) - at[:, None, None] * step)
    bottom = signs * np.exp(logs - logs.max())
    top = bottom * _utility(policy.start, step, xi, at)
    n, b = (chebyshev.chebfit(2 * at - 1, y, models) for y in (top, bottom))
    slope = chebyshev.chebsub(chebyshev.chebmul(chebyshev.chebder(n), b), chebyshev.chebmul(n, chebyshev.chebder(b)))
    slope = chebyshev.chebtrim(slope, 1e-14 * np.abs(slope).max())
    roots = chebyshev.chebroots(slope) if len(slope) > 1 else np.zeros(0)
    inside = (roots.real[np.abs(roots.imag) < 1e-6] + 1) / 2
    r = np.concatenate([[1.0, 0.0], inside[(inside > 0) & (inside < 1)]])
    utility, magnitude = _utility(policy.start, step, xi, r), _utility(policy.start, step, scale, r)
    best = utility.max()
    fine = utility >= best - INDIFFERENCE * magnitude
    return float(1 - r[fine].max())


def history_answer(game: Game, policy: Policy) -> float:
    """Number of failures after which a user who counts them leaves, at its best: 1, 2, …, or inf for never.

    Pass m is worth g_m = startᵀ (D A)^(m−1) ξ; the user leaves after the N that makes g_1 + … + g_N largest.

    Args:
        game: a single game.
        policy: a single one.
    """
    p, xi, scale = _numbers(game, policy)
    step = (1 - p)[:, None] * policy.matrix
    forever = np.linalg.solve(np.eye(len(p)) - step, xi)
    passing, best, gained, after = policy.start.copy(), -inf, 0.0, inf
    still = np.linalg.solve(np.eye(len(p)) - step, scale)
    total = float(policy.start @ forever)
    margin = INDIFFERENCE * float(policy.start @ still)
    for count in range(1, MOST_PASSES + 1):
        gained += float(passing @ xi)
        if gained > best + margin or abs(gained - best) <= margin:
            best, after = max(best, gained), float(count)
        passing = passing @ step
        if float(passing @ still) <= margin:  # nothing that is left can change the order
            break
    return inf if total >= best - margin else after


def answer(game: Game, policy: Policy, information: str = "memoryless") -> float | FloatArray:
    """Best answer of a user to a policy, see the three functions above.

    Raises:
        ParameterError: a batch of games or policies, or another number of models.
    """
    if game.shape != () or policy.shape != ():
        raise ParameterError("policy", "a single one, for a single game", f"shapes {game.shape} and {policy.shape}")
    if game.num_models != policy.num_models:
        raise ParameterError("policy", f"of {game.num_models} models", policy.num_models)
    if information == "model":
        return model_answer(game, policy)
    return history_answer(game, policy) if information == "history" else memoryless_answer(game, policy)


def refuses(game: Game, policy: Policy, found: float | FloatArray, information: str = "memoryless") -> bool:
    """Return whether a user who may decline a task does: whether even its best answer is worth less than nothing.

    Ties go to staying.

    Args:
        game: a single game.
        policy: a single one.
        found: its best answer, see `answer`.
        information: what it sees.
    """
    p, xi, scale = _numbers(game, policy)
    if information == "history" and found < inf:
        step, passing, passes = (1 - p)[:, None] * policy.matrix, policy.start, np.zeros(len(p))
        for _ in range(int(found)):
            passes, passing = passes + passing, passing @ step
    else:
        leaves = 0.0 if information == "history" else np.asarray(found, dtype=np.float64)
        passes = policy.passes(p, np.broadcast_to(1 - leaves, p.shape))
    return bool(passes @ xi < -INDIFFERENCE * (passes @ scale))


def _numbers(game: Game, policy: Policy) -> tuple[FloatArray, FloatArray, FloatArray]:
    """p_k and ξ_k, and V p_k + t_k, which says how large ξ_k is as a difference; (K,) each."""
    p, t, xi = (np.array(x, dtype=np.float64) for x in (game.success_prob, game.latency, game.net_value))
    return p, xi, game.task_value * p + t


def _utility(start: FloatArray, step: FloatArray, xi: FloatArray, stay: FloatArray) -> FloatArray:
    """startᵀ (1 − r D)⁻¹ ξ for every r, (num_r,)."""
    systems = np.eye(len(xi)) - stay[:, None, None] * step
    worth: FloatArray = np.linalg.solve(systems, np.broadcast_to(xi[:, None], (len(stay), len(xi), 1)))[..., 0] @ start
    return worth
