"""Users who answer well rather than best, under a commitment to any number of models.

The same response as `routegame.agents.users.quantal`: the mean of q under the density exp(U(q) / τ). With r = 1 − q the
utility is V S(r) − L(r), and success probability and latency do not depend on V: they are worked out once, at the
places of a rule of integration, for whatever V and τ are asked about.

The places crowd at both ends of [0, 1], so that users who all but stay or leave are resolved whatever their noise. A
best response inside, narrower than the 0.12 between two places there, is taken for the place nearest to it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from routegame.envs.arrays import FloatArray
from routegame.envs.game import Game
from routegame.envs.policy import Policy

STEP, REACH = 0.5, 30.0
"""The integrals are sums over u = log(q / (1 − q)) in steps of `STEP` from −`REACH` to `REACH`."""

ROUGH_REACH = 14.0
"""The same for answers that need not be known below a millionth: half of the places."""

BLOCK = 2**21
"""Numbers of an intermediate result that are held at once."""


@dataclass(frozen=True, eq=False)
class AnswerRule:
    """A rule of integration over answers.

    Attributes:
        places: abandonment probabilities, increasing from 0 to 1, (num_places,).
        weights: theirs, which sum to 1.
    """

    places: FloatArray
    weights: FloatArray

    @classmethod
    def reaching(cls, reach: float) -> AnswerRule:
        """The rule whose places are even in log-odds, from −`reach` to `reach`, and 0 and 1."""
        u = np.arange(-reach, reach + STEP / 2, STEP)
        q = 1 / (1 + np.exp(-u))
        beyond = np.exp(-reach) * STEP / np.expm1(STEP)  # what all further steps together would weigh
        return cls(np.array([0.0, *q, 1.0]), np.array([beyond, *STEP * q * (1 - q), beyond]))

    def likely(self, utility: FloatArray, temperature: ArrayLike) -> FloatArray:
        """Probability of each place, (..., num_places), of users whose answers are exp(U / τ) likely.

        Args:
            utility: U where users leave with each probability of the rule, (..., num_places).
            temperature: τ > 0, (...,).
        """
        tau = np.asarray(temperature, dtype=np.float64)[..., None]
        with np.errstate(over="ignore", under="ignore"):
            found: FloatArray = self.weights * np.exp((utility - utility.max(axis=-1, keepdims=True)) / tau)
            found /= found.sum(axis=-1, keepdims=True)
        return found


CLOSELY, ROUGHLY = AnswerRule.reaching(REACH), AnswerRule.reaching(ROUGH_REACH)
PLACES, WEIGHTS = CLOSELY.places, CLOSELY.weights


def visits_by_answer(success_prob: ArrayLike, policy: Policy, rule: AnswerRule = CLOSELY) -> FloatArray:
    """Expected passes of each model where users leave with each probability of a rule, (..., num_places, K).

    Args:
        success_prob: p_k, (..., K).
        policy: a single one.
        rule: which.
    """
    p = np.asarray(success_prob, dtype=np.float64)[..., None, :]
    stays = np.broadcast_to((1 - rule.places)[:, None], (len(rule.places), policy.num_models))
    return policy.passes(p, stays)


def mean_answer(utility: FloatArray, temperature: ArrayLike, rule: AnswerRule = CLOSELY) -> FloatArray:
    """Mean abandonment probability, (...,), of users whose answers are exp(U / τ) likely.

    Args:
        utility: U where users leave with each probability of the rule, (..., num_places).
        temperature: τ > 0, (...,).
        rule: which.
    """
    tau = np.asarray(temperature, dtype=np.float64)[..., None]
    with np.errstate(over="ignore", under="ignore"):
        likely = rule.weights * np.exp((utility - utility.max(axis=-1, keepdims=True)) / tau)
    mean: FloatArray = (likely * rule.places).sum(axis=-1) / likely.sum(axis=-1)
    return mean


def quantal_answer(game: Game, policy: Policy, temperature: ArrayLike) -> FloatArray:
    """Mean abandonment probability of a memoryless user under a commitment, see above; of the shape of the game.

    Args:
        game: one game or a batch.
        policy: a single one.
        temperature: τ > 0, in units of latency; its shape broadcasts with the game's.

    >>> game = Game(9, 15, (0.1, 0.3), (1, 2), (1, 3.6))
    >>> [round(float(quantal_answer(game, Policy.cascade(0.3), tau)), 3) for tau in (0.01, 0.1, 1, 100)]
    [0.001, 0.015, 0.389, 0.499]
    """
    shape = np.broadcast_shapes(game.shape, np.shape(temperature))
    value = np.broadcast_to(game.task_value, shape).ravel()
    tau = np.broadcast_to(np.asarray(temperature, dtype=np.float64), shape).ravel()
    p, t = (
        np.stack([np.broadcast_to(x, shape).ravel() for x in each], axis=-1)
        for each in (game.success_prob, game.latency)
    )
    answer = np.empty(len(value))
    step = max(BLOCK // (len(PLACES) * policy.num_models**2), 1)
    for start in range(0, len(value), step):
        part = slice(start, start + step)
        n = visits_by_answer(p[part], policy)
        net = value[part, None] * p[part] - t[part]
        answer[part] = mean_answer((n * net[:, None]).sum(axis=-1), tau[part])
    return answer.reshape(shape)
