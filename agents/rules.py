"""Rules that map what is allowed to a commitment, nothing learned: the ceilings and floors of a comparison.

Each takes a game, whose commitments a provider picks from, and returns one of them.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from routegame.agents.exact.best_response import best_response
from routegame.agents.exact.equilibrium import solve
from routegame.envs.arrays import IntArray
from routegame.envs.chain import outcome
from routegame.envs.checks import ParameterError
from routegame.envs.commitment import Commitment, RoutingGame
from routegame.envs.game import INDIFFERENCE, Game

Rule = Callable[[RoutingGame], Commitment]

PAST_INDIFFERENCE = 1e-6
"""Relative distance beyond the latency of indifference to which a model is slowed down to drive users off:
little enough to cost nobody anything, and much enough to survive an environment's float32 actions."""

GRID_INTERVALS = 100
"""Number of parts that `grid` cuts the cascade probability into without throttling."""

COARSE_GRID_INTERVALS = 20
"""Number of parts that it cuts the cascade probability and both slow-downs into with throttling."""


def analytic(game: RoutingGame) -> Commitment:
    """Return the strong Stackelberg equilibrium, as users who stay where they are indifferent let it be reached.

    Such users stay at s_0, as they should, and at the least throttled latency, where they should leave: that one is
    exceeded by `PAST_INDIFFERENCE`. Where a net value is exactly 0 without throttling, only the weak value may be
    within reach.

    Raises:
        ParameterError: models cannot be slowed down far enough.

    >>> from routegame.envs.game import Game
    >>> analytic(RoutingGame(Game(9, 15, (0.1, 0.3), (1, 2), (1, 3.6)))).cascade_prob.__round__(6)
    0.041096
    """
    best = solve(game.game, throttling=game.throttling).equilibrium
    pairs = zip(best.throttled_latency, game.game.latency, strict=True)
    t1, t2 = (float(slowed * (1 + PAST_INDIFFERENCE) if slowed > t else t) for slowed, t in pairs)
    if t1 > game.max_latency[0] or t2 > game.max_latency[1]:
        raise ParameterError("max_latency", f"at least ({t1:g}, {t2:g}), where users leave", game.max_latency)
    return Commitment(int(best.route), float(best.cascade_prob), (t1, t2))


def grid(game: RoutingGame) -> Commitment:
    """Return the cheapest commitment of an even grid on the box, each judged under the exact best response.

    Cascade probabilities are multiples of 1 / `GRID_INTERVALS`; with throttling they and both slow-downs are multiples
    of 1 / `COARSE_GRID_INTERVALS`. Among commitments of equal cost the one of the least coordinates is returned.

    >>> from routegame.envs.game import Game
    >>> grid(RoutingGame(Game(9, 15, (0.1, 0.3), (1, 2), (1, 3.6)))).cascade_prob
    0.05
    """
    axis = np.linspace(0, 1, (COARSE_GRID_INTERVALS if game.throttling else GRID_INTERVALS) + 1)
    points = np.stack(np.meshgrid([0.0, 1.0], *[axis] * (game.size - 1), indexing="ij"), axis=-1)
    tried = game.commitments(points.reshape(-1, game.size))
    answer = best_response(game.game, tried.route, tried.cascade_prob, tried.throttled_latency)
    cost = np.asarray(outcome(tried.in_force(game.game), tried.route, tried.cascade_prob, answer).provider_cost)
    return tried[int(np.argmax(cost <= cost.min() * (1 + INDIFFERENCE)))]


def static_cheap(game: RoutingGame) -> Commitment:
    """Return the model with the lower cost of a pass, for every pass; of equals the standard one."""
    cost1, cost2 = game.game.cost
    return _static(game, 1 if cost1 <= cost2 else 2)


def static_strong(game: RoutingGame) -> Commitment:
    """Return the model that succeeds more often, for every pass; of equals the reasoning one."""
    p1, p2 = game.game.success_prob
    return _static(game, 1 if p1 > p2 else 2)


def cost_of_pass(game: RoutingGame) -> Commitment:
    """Return the model with the lower cost of a success, for every pass: see `cost_of_pass_route`."""
    return _static(game, int(cost_of_pass_route(game.game)))


def cost_of_pass_route(game: Game) -> IntArray:
    """Route to the model with the lower cost of pass c_i / p_i, without cascade; ties go to the standard model.

    The threshold rule (Mahmood 2026, §4). It is the Stackelberg optimum where both net values are positive. Elsewhere
    it ignores what users do about it, which is what makes it the rule to beat. Shape: the game's.

    >>> int(cost_of_pass_route(Game(120, 0.1, (0.0311, 0.4311), (6.09, 39.77), (0.000966, 0.02938))))
    1
    """
    standard, reasoning = game.cost_of_pass
    return np.where(np.less_equal(standard, reasoning), 1, 2)


def always_cascade(game: RoutingGame) -> Commitment:
    """Return (1, 1): the standard model first, and every retry to the reasoning model.

    The habit of cascades in the manner of FrugalGPT (Chen, Zaharia & Zou 2023, arXiv 2305.05176).
    """
    return Commitment.unthrottled(game.game, 1, 1.0)


def _static(game: RoutingGame, route: int) -> Commitment:
    return Commitment.unthrottled(game.game, route, 0.0)


RULES: dict[str, Rule] = {
    rule.__name__: rule for rule in (analytic, grid, static_cheap, static_strong, cost_of_pass, always_cascade)
}
