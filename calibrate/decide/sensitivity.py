"""Sensitivity: each number of the game moved to the ends of its 95 % interval by itself, and what that changes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from routegame.agents.users.quantal import quantal_equilibrium, quantal_response
from routegame.calibrate.decide.candidates import AS_GOOD, Offer
from routegame.calibrate.decide.posterior import PosteriorDraws, noise_of
from routegame.calibrate.estimate.estimates import Estimates
from routegame.calibrate.estimate.task_value import TaskValueEstimate
from routegame.envs.arrays import FloatArray
from routegame.envs.chain import outcome
from routegame.envs.game import Game

PENALTY_RANGE = 0.2
"""Relative change of P, which is nobody's estimate, to either side."""


@dataclass(frozen=True)
class Extreme:
    """The game with one number at an end of its interval.

    Attributes:
        at: the number.
        least_cost: J of the best commitment there.
        best: that commitment.
        regret: of the recommendation there, relative.
    """

    at: float
    least_cost: float
    best: Offer
    regret: float


@dataclass(frozen=True)
class Sensitivity:
    """Sensitivity of the least cost to one number, from one end of its interval to the other.

    Attributes:
        name: such as `success_prob_1`.
        low: end.
        high: end.
    """

    name: str
    low: Extreme
    high: Extreme

    @property
    def width(self) -> float:
        """The difference in least cost between the extremes."""
        return abs(self.high.least_cost - self.low.least_cost)


def sensitivity_analysis(
    found: Estimates, task_value: TaskValueEstimate, drawn: PosteriorDraws, churn_penalty: float, commitment: Offer
) -> tuple[Sensitivity, ...]:
    """Move V, the noise, P, and p, t and c of both models, one at a time; the greatest effect first.

    Args:
        found: estimates from the log.
        task_value: V, identified.
        drawn: games that the log may well be of, for the noise.
        churn_penalty: P.
        commitment: the recommended one.
    """
    noise = noise_of(drawn)
    values = {
        "task_value": (task_value.estimate.value, task_value.estimate.low, task_value.estimate.high),
        "temperature": (noise.value, noise.low, noise.high),
        "churn_penalty": (churn_penalty, churn_penalty * (1 - PENALTY_RANGE), churn_penalty * (1 + PENALTY_RANGE)),
    }
    for name, pair in (("success_prob", found.success_prob), ("latency", found.latency), ("cost", found.cost)):
        for k, estimate in enumerate(pair, start=1):
            values[f"{name}_{k}"] = (estimate.value, estimate.low, estimate.high)
    table = np.repeat([[float(x[0]) for x in values.values()]], 2 * len(values), axis=0)
    for k, (_, low, high) in enumerate(values.values()):
        table[2 * k, k], table[2 * k + 1, k] = float(low), float(high)
    extremes = _extremes(table, commitment)
    sensitivities = [Sensitivity(name, extremes[2 * k], extremes[2 * k + 1]) for k, name in enumerate(values)]
    return tuple(sorted(sensitivities, key=lambda sensitivity: -sensitivity.width))


def _extremes(table: FloatArray, commitment: Offer) -> list[Extreme]:
    """Solve the games whose numbers are the rows, in the order of `sensitivity_analysis`."""
    value, temperature, penalty, p1, p2, t1, t2, c1, c2 = table.T
    p1, p2 = (np.clip(p, 1e-12, 1 - 1e-12) for p in (p1, p2))
    game = Game(value, penalty, (p1, p2), (t1, t2), (c1, c2))
    best = quantal_equilibrium(game, temperature)
    answer = quantal_response(game, commitment.route, commitment.cascade_prob, temperature)
    cost = np.asarray(outcome(game, commitment.route, commitment.cascade_prob, answer).provider_cost)
    least, route, s = (np.asarray(x) for x in (best.provider_cost, best.route, best.cascade_prob))
    found = []
    for k in range(len(table)):
        chosen = _cascade(game.single(k), temperature[k], float(s[k]), least[k]) if route[k] == 1 else Offer(2, 0.0)
        regret = max(cost[k] / least[k] - 1, 0.0) if least[k] else 0.0
        found.append(Extreme(float(table[k, k // 2]), float(least[k]), chosen, float(regret)))
    return found


def _cascade(game: Game, temperature: float, s: float, least: float) -> Offer:
    """The best commitment of a single game, on route 1."""

    def cost(cascade_prob: float) -> float:
        answer = quantal_response(game, 1, cascade_prob, temperature)
        return float(outcome(game, 1, cascade_prob, answer).provider_cost)

    return Offer.cascade(s, cost, least * (1 + AS_GOOD))
