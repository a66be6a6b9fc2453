"""Many commitments to K models at once: what they come to on average, and what memoryless users answer to each.

Where all rows of a commitment are the same, going on is worth the same whatever failed, and users stay where that is
worth something, Σ w_k ξ_k >= 0. Else their utility is a quotient of polynomials of r = 1 − q, which is at its best at
an end of [0, 1] or where its slope is 0; `routegame.agents.menus.answers` does the same for one commitment.

Ties go to staying. A user is indifferent where two answers are worth the same within `INDIFFERENCE` of what the task
and the waiting come to.
"""

from __future__ import annotations

import numpy as np
from numpy.polynomial import chebyshev

from routegame.envs.arrays import BoolArray, FloatArray, IntArray
from routegame.envs.game import INDIFFERENCE, Game
from routegame.envs.menu_game import MenuCommitments

BLOCK = 2**20
"""Numbers in a batch of matrices that is solved at once."""

TRIMMED = 1e-14
"""Coefficients of a polynomial that are this small beside its largest are rounding."""

REAL = 1e-6
"""Imaginary part up to which a root counts as real: rounding moves double roots off the line by so much."""


def passes(success_prob: FloatArray, commitments: MenuCommitments, answers: FloatArray) -> FloatArray:
    """Return the expected passes of each model, (num_commitments, K).

    Args:
        success_prob: p_k, (K,).
        commitments: of the provider.
        answers: abandonment probabilities, (num_commitments,).
    """
    if commitments.rows.shape[1] > 1:
        stays = np.repeat(1 - answers[:, None], len(success_prob), axis=1)
        return commitments.policy.passes(success_prob, stays)
    row = commitments.rows[:, 0]
    solves = row @ success_prob
    going_on = (commitments.start @ (1 - success_prob)) * (1 - answers)
    again = going_on / (solves + (1 - solves) * answers)
    found: FloatArray = commitments.start + again[:, None] * row
    return found


def outcomes(game: Game, commitments: MenuCommitments, answers: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return the provider's cost of a task and users' utility, (num_commitments,) each.

    Args:
        game: a single game.
        commitments: of the provider, with the latencies in force.
        answers: abandonment probabilities, (num_commitments,).
    """
    p, c = (np.array(x, dtype=np.float64) for x in (game.success_prob, game.cost))
    expected = passes(p, commitments, answers)
    abandoned = (expected @ (1 - p)) * answers
    utility: FloatArray = (expected * (game.task_value * p - commitments.throttled_latency)).sum(axis=1)
    return expected @ c + game.churn_penalty * abandoned, utility


def best_answers(game: Game, commitments: MenuCommitments) -> FloatArray:
    """Return the abandonment probabilities of users at their best, (num_commitments,).

    Args:
        game: a single game.
        commitments: of the provider, with the latencies in force.

    >>> from routegame.envs.menu_game import MenuGame
    >>> game = Game(9, 15, (0.1, 0.3), (1, 2), (1, 3.6))  # ξ = −0.1 and 0.7
    >>> actions = np.array([[1, 0, 1, 1 / 7], [1, 0, 1, 0.14]])
    >>> best_answers(game, MenuGame(game).commitments(actions)).tolist()
    [0.0, 1.0]
    """
    p = np.array(game.success_prob, dtype=np.float64)
    worth, scale = game.task_value * p, game.task_value * p + commitments.throttled_latency
    net_value = worth - commitments.throttled_latency
    if commitments.rows.shape[1] > 1:
        step = max(BLOCK // (2 * len(p) ** 3), 1)
        blocks = [slice(k, k + step) for k in range(0, len(commitments), step)]
        parts = [(commitments.start[b], commitments.rows[b], net_value[b], scale[b]) for b in blocks]
        return np.concatenate([_of_matrices(p, *part) for part in parts])
    row = commitments.rows[:, 0]
    again = (commitments.start @ (1 - p)) / (row @ p)
    gained = again * (row * net_value).sum(axis=1)
    magnitude = ((commitments.start + again[:, None] * row) * scale).sum(axis=1)
    return np.where(gained >= -INDIFFERENCE * magnitude, 0.0, 1.0)


def _of_matrices(p: FloatArray, start: FloatArray, rows: FloatArray, xi: FloatArray, scale: FloatArray) -> FloatArray:
    """Best answers where every model has a row: of the ends and of all r at which the slope of the utility is 0."""
    count, models = start.shape
    step = (1 - p)[:, None] * rows
    points = 2 * models - 1  # the slope times det(1 − r D)², a polynomial, has a degree of 2 K − 2
    at = np.cos(np.pi * (np.arange(points) + 0.5) / points)
    systems = np.eye(models) - ((1 + at) / 2)[:, None, None] * step[:, None]
    worth = np.linalg.solve(systems, np.broadcast_to(xi[:, None, :, None], (count, points, models, 1)))
    onward = np.linalg.solve(systems, step[:, None] @ worth)[..., 0]
    logs = 2 * np.linalg.slogdet(systems)[1]
    slope = (onward @ start[:, :, None])[..., 0] * np.exp(logs - logs.max(axis=1, keepdims=True))
    inside = _roots(chebyshev.chebfit(at, slope.T, points - 1).T)
    r = np.concatenate([np.ones((count, 1)), np.zeros((count, 1)), inside], axis=1)
    systems = np.eye(models) - r[:, :, None, None] * step[:, None]
    both = np.stack([xi, scale], axis=-1)[:, None]
    utility = (start[:, None, None] @ np.linalg.solve(systems, both))[:, :, 0]
    value, magnitude = utility[..., 0], utility[..., 1]
    fine = value >= value.max(axis=1, keepdims=True) - INDIFFERENCE * magnitude
    best: FloatArray = 1 - np.where(fine, r, 0.0).max(axis=1)
    return best


def _roots(coefficients: FloatArray) -> FloatArray:
    """Roots in (0, 1) of Chebyshev series on it, (num_series, degree); 0 where there are fewer."""
    found = np.zeros((len(coefficients), coefficients.shape[1] - 1))
    large: BoolArray = np.abs(coefficients) > TRIMMED * np.abs(coefficients).max(axis=1, keepdims=True)
    degrees: IntArray = np.where(large.any(axis=1), large.shape[1] - 1 - large[:, ::-1].argmax(axis=1), 0)
    for degree in np.unique(degrees[degrees > 0]).tolist():
        these = np.flatnonzero(degrees == degree)
        roots = np.linalg.eigvals(_companions(coefficients[these, : degree + 1]))
        place = (1 + roots.real) / 2
        found[these, :degree] = np.where((np.abs(roots.imag) < REAL) & (place > 0) & (place < 1), place, 0.0)
    return found


def _companions(coefficients: FloatArray) -> FloatArray:
    """Matrices whose eigenvalues are the roots of Chebyshev series of one degree, (num_series, degree, degree)."""
    degree = coefficients.shape[1] - 1
    if degree == 1:
        return (-coefficients[:, :1] / coefficients[:, 1:])[:, :, None]
    matrices = np.zeros((len(coefficients), degree, degree))
    above = np.arange(degree - 1)
    matrices[:, above + 1, above] = matrices[:, above, above + 1] = 0.5
    matrices[:, 0, 1] = matrices[:, 1, 0] = np.sqrt(0.5)
    scaled = np.full(degree, np.sqrt(0.5))
    scaled[0] = 1.0
    weights = (coefficients[:, :-1] / coefficients[:, -1:]) * (scaled / scaled[-1]) * 0.5
    matrices[:, :, -1] -= weights
    return matrices
