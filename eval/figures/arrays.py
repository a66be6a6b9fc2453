"""The arrays behind the paper's figures (Mahmood 2026, Figures 1 and 3 to 5) and three more; nothing is drawn here.

Every function takes the number of points along an axis and returns named arrays: the axes first, shape (num_points,),
then the values over them, shape (num_points, num_points), a row for each point of the vertical axis. The games are
the paper's own, p = (0.1, 0.3) and c_1 = 1, so that costs are in units of one pass of the standard model.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from routegame.agents.exact.best_response import best_response, thresholds
from routegame.agents.exact.equilibrium import solve
from routegame.agents.exact.solution import RoutingProfile
from routegame.agents.users.information import history_response, model_response
from routegame.envs.arrays import FloatArray, Number
from routegame.envs.chain import outcome, outcome_after
from routegame.envs.game import Game
from routegame.envs.scenarios import scenario

Arrays = dict[str, NDArray[Any]]

REGIMES = ("latency-latency", "latency-value", "value-latency", "value-value")
"""Sign regimes in the order of their codes: the standard model's sign first, as in `Solution.regime`."""

COMMITMENTS = ("(1, 0)", "(2, 0)", "(1, s_0)", "(1, s_L)", "(1, s >= s_H)")
"""Kinds of optimal commitment, route and cascade probability, in the order of their codes."""

LEFT, MIDDLE, RIGHT = "figure-4-left-cascade", "figure-4-right-cascade", "figure-5-throttle"
"""Scenarios with the task value and the latencies of Figure 4 left, of Figure 4 right, and of Figure 5 right."""

INFORMATION = ("memoryless", "model", "history")


def regimes(num_points: int) -> Arrays:
    """Return the sign regime that a user is in, by the latency ratio of the models and the worth of a task (Figure 1).

    Arrays: latency_ratio t_2/t_1 and task_value V/t_1, both in equal ratios, and regime (codes of `REGIMES`).
    """
    ratio, value = np.geomspace(1, 9, num_points), np.geomspace(10 / 3, 30, num_points)
    t2, v = np.meshgrid(ratio, value)
    solution = solve(Game(v, 0, (0.1, 0.3), (1, t2), (1, 3)))
    code = np.searchsorted(REGIMES, solution.regime).astype(np.int8)
    return {"latency_ratio": ratio, "task_value": value, "regime": code}


def figure_3(num_points: int) -> Arrays:
    """A user's best response on route 1 at s = 0.25, over the net values of one pass of each model.

    The net values are varied through the latencies, t_i = V p_i − ξ_i; the response depends on nothing else.

    Arrays: net_value_1, net_value_2, abandon_prob, and for every net_value_1 leaves_to and stays_from: up to and from
    which net_value_2 the response is 1 and 0.
    """
    axis, value, p1, p2, s = np.linspace(-1, 1, num_points), 20.0, 0.1, 0.3, 0.25
    xi1, xi2 = np.meshgrid(axis, axis)
    game = Game(value, 0, (p1, p2), (value * p1 - xi1, value * p2 - xi2), (1, 3))
    handed_on = (1 - s) / s
    at_s_0 = -handed_on * p2 * axis
    at_s_H, at_s_L = -handed_on * axis, -handed_on * axis * p2**2 / (1 - (1 - p1) * (1 - p2) * (1 - s))
    return {
        "net_value_1": axis,
        "net_value_2": axis,
        "abandon_prob": np.asarray(best_response(game, 1, s)),
        "leaves_to": np.where(axis < 0, at_s_0, at_s_H),
        "stays_from": np.where(axis < 0, at_s_0, at_s_L),
    }


def paper_game(name: str, gap: Number, churn_penalty: Number) -> Game:
    """The game of a scenario at other points of the paper's plane.

    Shapes broadcast.

    Args:
        name: of the scenario, `LEFT`, `MIDDLE` or `RIGHT`.
        gap: x = c_1/p_1 − c_2/p_2; it sets c_2.
        churn_penalty: P.

    >>> [round(c, 9) for c in paper_game(LEFT, gap=2, churn_penalty=10).cost]
    [1.0, 2.4]
    """
    game = scenario(name).game
    c1, (p1, p2) = game.cost[0], game.success_prob
    return replace(game, churn_penalty=churn_penalty, cost=(c1, p2 * np.subtract(c1 / p1, gap)))


def _plane(name: str, num_points: int) -> tuple[Arrays, Game]:
    """The axes of Figures 4 and 5, and the games over them."""
    gap, penalty = np.linspace(-2, 2, num_points), np.linspace(0, 20, num_points)
    return {"gap": gap, "churn_penalty": penalty}, paper_game(name, *np.meshgrid(gap, penalty))


def optimal_commitment(name: str, num_points: int) -> Arrays:
    """Kind of the optimal commitment (Figure 4 left for `LEFT`, right for `MIDDLE`).

    Arrays: gap x, churn_penalty P, commitment (codes of `COMMITMENTS`), cascade_prob, abandon_prob, and for every
    gap the penalties between the regions: see `boundaries`.
    """
    axes, game = _plane(name, num_points)
    best = solve(game).equilibrium
    return {
        **axes,
        "commitment": _kind(game, best),
        "cascade_prob": np.asarray(best.cascade_prob),
        "abandon_prob": np.asarray(best.abandon_prob),
        **boundaries(name, axes["gap"]),
    }


def _kind(game: Game, best: RoutingProfile) -> NDArray[np.int8]:
    """Code of the optimal commitment in a game of Figure 4."""
    route, s = np.asarray(best.route), np.asarray(best.cascade_prob)
    threshold = 2 if np.isnan(thresholds(game).s_L).all() else 3
    return np.select([route == 2, s == 0, s == 1], [1, 0, 4], threshold).astype(np.int8)


def boundaries(name: str, gap: FloatArray) -> Arrays:
    """Churn penalties at which the optimal commitment changes, from the closed forms of its costs (docs/theory.md).

    Arrays of the gap's shape, nan where the boundary does not exist. For `LEFT` P_1, between (1, 0) and (2, 0), and
    P_2, between (1, 0) and (1, s_0). For `MIDDLE` to_staying, from which on users are made to stay, and to_route_2,
    from which on, up to to_staying, users leave the reasoning model rather than the standard one.

    >>> [float(p.round(2)[0]) for p in boundaries(MIDDLE, np.array([1.0])).values()]
    [9.94, 8.5]
    """
    game, at = paper_game(name, gap, 0), thresholds(paper_game(name, 0, 0))
    (p1, p2), (c1, c2), (stay1, stay2) = game.success_prob, game.cost, game.cost_of_pass
    s = at.s_0 if name == LEFT else at.s_L
    cascade = np.asarray(outcome(game, 1, s, 0.0).provider_cost)
    if name == LEFT:
        to_2, to_cascade = (np.subtract(cost, c1) / (1 - p1) for cost in (stay2, cascade))
        return {"P_1": np.where(gap >= 0, to_2, np.nan), "P_2": np.where(gap <= 0, to_cascade, np.nan)}
    to_2 = np.subtract(c2, c1) / (p2 - p1)
    to_staying = np.where(gap <= 0, np.subtract(stay1, c1) / (1 - p1), (cascade - c2) / (1 - p2))
    return {"to_staying": to_staying, "to_route_2": np.where(gap >= 0, to_2, np.nan)}


def misalignment(name: str, num_points: int) -> Arrays:
    """Return users' loss by the provider's commitment, ΔU (Figure 5 left for `LEFT`, middle for `MIDDLE`).

    Arrays: gap x, churn_penalty P, misalignment_gap in units of latency, and the `boundaries` of Figure 4.
    """
    axes, game = _plane(name, num_points)
    return {**axes, "misalignment_gap": np.asarray(solve(game).misalignment_gap), **boundaries(name, axes["gap"])}


def throttling_gain(num_points: int) -> Arrays:
    """Return the gain of a provider that slows its models down (Figure 5 right).

    Arrays: gap x, churn_penalty P, throttling_gain in units of cost.
    """
    axes, game = _plane(RIGHT, num_points)
    return {**axes, "throttling_gain": np.asarray(solve(game).throttling.gain)}


def value_of_commitment(name: str, num_points: int) -> Arrays:
    """Return the value of commitment to the provider, over the planes of Figure 4.

    Arrays: gap x, churn_penalty P, value_of_commitment in units of cost, and pure: whether the game without
    commitment has an equilibrium in pure strategies.
    """
    axes, game = _plane(name, num_points)
    nash = solve(game).no_commitment
    assert nash is not None  # as it is for memoryless users, the ones `solve` is about
    return {**axes, "value_of_commitment": np.asarray(nash.value_of_commitment), "pure": np.asarray(nash.pure)}


def safe_churn_penalty(num_points: int) -> Arrays:
    """The least churn penalty from which on throttling never pays, over both costs of pass.

    Arrays: cost_of_pass_1, cost_of_pass_2, and the penalty in units of cost for users with ξ = (0.3, 0.9), for whom
    both models are worth a retry (value_value), and with ξ = (−0.1, 0.7) (latency_value).
    """
    axis = np.linspace(0, 20, num_points)
    stay1, stay2 = np.meshgrid(axis, axis)
    games = (replace(scenario(name).game, cost=(0.1 * stay1, 0.3 * stay2)) for name in (RIGHT, LEFT))
    both, second = (np.asarray(solve(game).throttling.safe_churn_penalty) for game in games)
    return {"cost_of_pass_1": axis, "cost_of_pass_2": axis, "value_value": both, "latency_value": second}


def worth_of_information(num_points: int) -> Arrays:
    """Return utility and cost of users with more information, for every cascade probability on route 1.

    The game is that of Figure 4 right at x = 1 and P = 15, with ξ = (0.15, −0.55): in the three other sign regimes
    information does not change what users do.

    Arrays: cascade_prob s, with both sides of every jump, and for each kind of information utility_* in units of
    latency and cost_* in units of cost.
    """
    game = paper_game(MIDDLE, 1, 15)
    at = thresholds(game)
    grid = np.linspace(0, 0.3, num_points)
    s = np.unique(np.concatenate([grid, [x * k for x in (at.s_L, at.s_H) for k in (1, 1 + 1e-9)]]))
    arrays: Arrays = {"cascade_prob": s}
    for kind in INFORMATION:
        utility, cost = informed_payoffs(game, s, kind)
        arrays |= {f"utility_{kind}": utility, f"cost_{kind}": cost}
    return arrays


def informed_payoffs(game: Game, cascade_prob: FloatArray, information: str) -> tuple[FloatArray, FloatArray]:
    """Users' utility and provider's cost on route 1 under the best response of users with this information.

    Users see nothing after a failure (`memoryless`), which model failed (`model`), or how often they have failed
    (`history`).

    Args:
        game: one game.
        cascade_prob: shape (num_points,).
        information: one of `INFORMATION`.

    >>> game, s = paper_game(MIDDLE, 1, 15), np.array([0.1])
    >>> [float(informed_payoffs(game, s, kind)[0].round(4)[0]) for kind in INFORMATION]
    [0.1924, 0.5289, 0.2457]
    """
    if information == "history":
        result = outcome_after(game, 1, cascade_prob, history_response(game, 1, cascade_prob))
    else:
        respond = model_response if information == "model" else best_response
        result = outcome(game, 1, cascade_prob, respond(game, 1, cascade_prob))
    return np.asarray(result.user_utility), np.asarray(result.provider_cost)
