"""How `independent` goes round: what both sides do at every update, and the point that they go round.

A point is (x, q). x is how many first retries the reasoning model answers: all of them on route 2, a share s on route
1. q is how many users leave after a failure. Both count exploration, for that is what the other side meets.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from routegame.agents.exact.equilibrium import solve
from routegame.envs.arrays import FloatArray
from routegame.envs.commitment import RoutingGame
from routegame.envs.game import Game
from routegame.envs.scenarios import scenario
from routegame.eval.figures.arrays import Arrays
from routegame.train.learners.independent import Independent, IndependentOptions
from routegame.train.one_thread import one_thread

CHASING, SETTLING = "figure-4-left-cascade", "figure-4-left-standard"
"""The same models and users, without and with an equilibrium in pure strategies: only the churn penalty differs."""

NUM_UPDATES = 300


@dataclass(frozen=True)
class Mix:
    """The mixed equilibrium without commitment of a game in which everyone chases; the provider plays static routes.

    Attributes:
        reasoning_first: share of tasks on route 2.
        abandon_prob: probability with which users leave after a failure.
    """

    reasoning_first: float
    abandon_prob: float


def mixed_equilibrium(game: Game) -> Mix:
    """Return the mix at which nobody gains by moving, in a latency-value game without pure equilibria (docs/theory.md).

    Users leave so often that both routes cost the provider the same, x: a q (P − x) = p_1 x − c_1 with a = 1 − p_1.

    >>> mix = mixed_equilibrium(scenario("figure-4-left-cascade").game)
    >>> round(mix.reasoning_first, 4), round(mix.abandon_prob, 4)
    (0.5141, 0.0411)
    """
    no_commitment = solve(game).no_commitment
    assert no_commitment is not None
    cost, p1 = no_commitment.provider_cost, game.success_prob[0]
    q = (p1 * cost - game.cost[0]) / ((1 - p1) * (game.churn_penalty - cost))
    return Mix(float(reasoning_that_mixes(game, np.asarray(q))), float(q))


def reasoning_that_mixes(game: Game, abandon_prob: FloatArray) -> FloatArray:
    """Share of tasks on route 2, against route 1 with s = 0, at which users would leave neither more nor less often.

    With r = 1 − q, users get ξ_1 / (1 − a r) on route 1 and ξ_2 / (1 − b r) on route 2; the derivatives cancel. Shape:
    that of `abandon_prob`. For games with ξ_1 < 0 < ξ_2.
    """
    p, xi = game.success_prob, game.net_value
    slopes = [xi[k] * (1 - p[k]) / np.square(1 - (1 - p[k]) * (1 - abandon_prob)) for k in (0, 1)]
    share: FloatArray = -slopes[0] / (slopes[1] - slopes[0])
    return share


def trajectory(game: Game, num_updates: int, seed: int = 0) -> FloatArray:
    """Return the points (x, q) of both sides before each update of a run of `independent`, (num_updates, 2)."""
    learner = Independent(RoutingGame(game), IndependentOptions(joint_updates=num_updates), seed)
    steps = [learner.update().statistics for _ in range(num_updates)]
    return np.array([[step["reasoning_retries"], step["abandon_prob"]] for step in steps])


def turns(points: FloatArray, centre: tuple[float, float]) -> float:
    """Return how often a trajectory goes round a point, counted against the clock.

    >>> square = np.array([[1, 0], [0, 1], [-1, 0], [0, -1], [1, 0]])
    >>> turns(square, (0, 0)), turns(square[::-1], (0, 0)), turns(square, (2, 2))
    (1.0, -1.0, 0.0)
    """
    x, y = np.subtract(points, centre).T
    angle = np.unwrap(np.arctan2(y, x))
    return float((angle[-1] - angle[0]) / (2 * np.pi))


@one_thread()
def chase(num_points: int) -> Arrays:
    """Return the arrays of the figure, the trajectories cut off after `num_points` updates."""
    count = min(num_points, NUM_UPDATES)
    game = scenario(CHASING).game
    mix, answers = mixed_equilibrium(game), np.linspace(0, 1, 201) ** 2
    return {
        "chasing": trajectory(game, count),
        "settling": trajectory(scenario(SETTLING).game, count),
        "mix": np.array([mix.reasoning_first, mix.abandon_prob]),
        "answers": answers,
        "reasoning_that_mixes": reasoning_that_mixes(game, answers),
    }
