"""Users whose values of a task are log-normal, under commitments: what all of them together come to.

What a commitment costs is an integral over V of what it costs with a user of that V. On route 1 users begin to stay
at one V, where t_1/p_1 > t_2/p_2; else they leave for sure up to one, and stay for sure from another one on. There the
answer of users without noise jumps, and that of others is steep. So the integral is cut there, and from there on ever
more coarsely to either side, and around the median, which is as near as users of any noise need it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import ndtr

from routegame.agents.users.quantal import quantal_response
from routegame.envs.arrays import FloatArray
from routegame.envs.chain import visits
from routegame.envs.game import Game

BEYOND = np.geomspace(0.01, 4.0, 9)
"""Distances from where users begin to stay, or leave, at which the integral is cut, in standard deviations."""

BETWEEN = np.array([0.0, 0.25, 0.5, 0.75, 1.0])
"""Places between the two at which it is."""

AROUND = np.array([-3.0, -2.0, -1.25, -0.6, 0.0, 0.6, 1.25, 2.0, 3.0])
"""Distances from the median at which it is, wherever users begin to stay."""

LEAST_SD = 1e-3
"""Less is none."""


@dataclass(frozen=True, eq=False)
class Worth:
    """Consequences of commitments in each game; arrays (num_games, num_commitments).

    Attributes:
        expected_cost: C, without the churn penalty.
        abandoned: probability that a task is given up.
        user_utility: U, in units of latency.
        provider_cost: J = C + P times `abandoned`.
    """

    expected_cost: FloatArray
    abandoned: FloatArray
    user_utility: FloatArray
    provider_cost: FloatArray


class UserMixture:
    """Users who differ in V, in many games under many commitments.

    Args:
        games: a batch, (num_games,), of the middle users.
        temperature: of the quantal response, (num_games,).
        log_sd: standard deviation of log V, (num_games,).
        route: 1 or 2, (num_commitments,) or (num_games, num_commitments).
        cascade_prob: the same shape.
    """

    def __init__(
        self, games: Game, temperature: FloatArray, log_sd: FloatArray, route: ArrayLike, cascade_prob: ArrayLike
    ) -> None:
        number = len(temperature)

        def column(x: ArrayLike) -> FloatArray:
            return np.broadcast_to(np.asarray(x, dtype=np.float64), number)[:, None, None]

        (p1, p2), (t1, t2), (c1, c2) = (tuple(map(column, x)) for x in (games.success_prob, games.latency, games.cost))
        middle, sd = np.log(column(games.task_value)), np.maximum(column(log_sd), LEAST_SD)
        shape = np.broadcast_shapes(np.shape(route), np.shape(cascade_prob), (number, 1))
        route, s = (np.broadcast_to(x, shape)[..., None] for x in (route, cascade_prob))
        leave, stay = _steps((p1, p2), (t1, t2), route, s)
        scale = np.broadcast_to(sd, leave.shape)
        edges = np.concatenate(
            [
                leave - scale * BEYOND[::-1],
                leave + (stay - leave) * BETWEEN,
                stay + scale * BEYOND,
                middle + scale * AROUND,
            ],
            axis=-1,
        )
        edges.sort(axis=-1)
        value = np.concatenate([edges[..., :1], (edges[..., 1:] + edges[..., :-1]) / 2, edges[..., -1:]], axis=-1)
        z = (edges - middle) / sd
        ends = (*shape, 1)
        self.weight = np.diff(np.concatenate([np.zeros(ends), ndtr(z), np.ones(ends)], axis=-1), axis=-1)
        mean = np.exp(middle + sd**2 / 2)
        below = np.concatenate([np.zeros(ends), ndtr(z - sd), np.ones(ends)], axis=-1)
        self.value = mean * np.diff(below, axis=-1)
        users = Game(np.exp(value), 0.0, (p1, p2), (t1, t2), (0.0, 0.0))
        self.answer = np.asarray(quantal_response(users, route, s, column(temperature), rough=True))
        n = visits((p1, p2), route, s, self.answer)
        self.passes = np.asarray(n.standard), np.asarray(n.reasoning)
        self.lost = n.abandoned
        self.success_prob, self.latency, self.cost = (p1, p2), (t1, t2), (c1, c2)
        self.churn_penalty = column(games.churn_penalty)[..., 0]

    def worth(self) -> Worth:
        """Consequences on average over users, (num_games, num_commitments) each."""
        n1, n2 = self.passes
        (p1, p2), (t1, t2), (c1, c2) = self.success_prob, self.latency, self.cost
        paid = (self.weight * (c1 * n1 + c2 * n2)).sum(axis=-1)
        lost = (self.weight * self.lost).sum(axis=-1)
        utility = (self.value * (p1 * n1 + p2 * n2) - self.weight * (t1 * n1 + t2 * n2)).sum(axis=-1)
        return Worth(paid, lost, utility, paid + self.churn_penalty * lost)

    def kept(self) -> FloatArray:
        """Share of users who would rather stay than leave."""
        share: FloatArray = (self.weight * (self.answer < 0.5)).sum(axis=-1)
        return share

    def leavers(self) -> tuple[FloatArray, FloatArray]:
        """Failures of a task, and how many of them users leave after."""
        fails = sum(n * (1 - p) for n, p in zip(self.passes, self.success_prob, strict=True))
        return (self.weight * fails).sum(axis=-1), (self.weight * fails * self.answer).sum(axis=-1)


def _steps(
    success_prob: tuple[FloatArray, ...], latency: tuple[FloatArray, ...], route: FloatArray, s: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Logarithms of the V up to which users without noise leave for sure, and from which on they stay for sure."""
    (p1, p2), (t1, t2) = success_prob, latency
    a, b = 1 - p1, 1 - p2
    jump = (t1 * (1 - s) + s * t2 / p2) / (p1 * (1 - s) + s)
    leave = (t1 * (1 - s) + s * t2) / (p1 * (1 - s) + s * p2)
    first, second = (1 - s) * p2**2, s * (1 - a * b * (1 - s))
    stay = (t1 * first + t2 * second) / (p1 * first + p2 * second)
    mixes = t1 / p1 < t2 / p2
    tiny = np.finfo(np.float64).tiny
    on_2 = np.log(np.maximum(t2 / p2, tiny))
    low, high = (np.log(np.maximum(np.where(mixes, x, jump), tiny)) for x in (leave, stay))
    return np.where(route == 2, on_2, np.minimum(low, high)), np.where(route == 2, on_2, np.maximum(low, high))
