"""The solver's front door: a game's equilibrium in any order of its models, and answers to any commitment."""

from __future__ import annotations

from typing import get_args, overload

import numpy as np
from numpy.typing import ArrayLike

from routegame.agents.exact import best_response as two_models
from routegame.agents.exact.solution import Order, Solution
from routegame.agents.menus.answers import answer
from routegame.agents.menus.orders import in_order
from routegame.agents.users.information import solve_information
from routegame.agents.users.population import Population, PopulationSolution, solve_population
from routegame.envs.arrays import FloatArray, Number
from routegame.envs.checks import ParameterError, as_choice
from routegame.envs.game import Information
from routegame.envs.policy import Policy
from routegame.envs.scenarios import GameLike, as_game


@overload
def solve(game: Population) -> PopulationSolution: ...


@overload
def solve(
    game: GameLike,
    *,
    throttling: bool = False,
    information: Information = "memoryless",
    order: Order | None = None,
    decline: bool = False,
    redraw: bool = False,
) -> Solution: ...


def solve(
    game: GameLike | Population,
    *,
    throttling: bool = False,
    information: Information = "memoryless",
    order: Order | None = None,
    decline: bool = False,
    redraw: bool = False,
) -> Solution | PopulationSolution:
    """Solve a game, every game of a batch, or that of a population, exactly or with a certificate of how close.

    The equilibrium is the strong one: a user who is indifferent acts as the provider likes.

    Args:
        game: one game, a batch of any shape, or the name of a scenario; or many types of users whom one commitment has
            to serve, a `routegame.agents.Population`, which takes no other argument.
        throttling: report the equilibrium of the game in which the provider may also raise latencies, without bound.
        information: what users see besides the commitment: "memoryless", "model" or "history".
        order: "paper", two models, the first, then the second, for good; "free", the provider chooses the order; or
            "fixed", a task never goes back to an earlier model. Default: paper for two models, free for more.
        decline: whether users may refuse the first pass too; not in the paper's order.
        redraw: in free order, report the policy that draws every pass but the first afresh.

    Returns:
        A `Solution`, whose numbers are floats for one game and arrays of `game.shape` for a batch; of a population a
        `PopulationSolution`.

    Raises:
        ParameterError: an order, information or combination of arguments that there is not.

    >>> from routegame.envs.game import Game
    >>> e = solve(Game(9, 15, (0.1, 0.3), (1, 2), (1, 3.6))).equilibrium
    >>> e.route, round(e.cascade_prob, 6), e.abandon_prob
    (1, 0.041096, 0.0)
    >>> solution = solve(Game(10, 9, (0.25, 0.2, 0.5), (6, 2.2, 2.5), (0.2, 0.5, 3)))
    >>> round(solution.equilibrium.provider_cost, 6), solution.visited, solution.certificate.status
    (2.5125, [1, 2, 3], 'exact')
    """
    if isinstance(game, Population):
        given = {"throttling": throttling, "order": order, "decline": decline, "redraw": redraw}
        for name, value in {**given, "information": information}.items():
            if value not in (None, False, "memoryless"):
                raise ParameterError(name, "left out for a population, whose users are memoryless", value)
        return solve_population(game)
    game = as_game(game)
    order = ("paper" if game.num_models == 2 else "free") if order is None else order
    as_choice("order", order, get_args(Order))
    as_choice("information", information, get_args(Information))
    if order == "paper" and game.num_models != 2:
        raise ParameterError("order", f"free or fixed for {game.num_models} models", order)
    if order != "free" and redraw:
        raise ParameterError("redraw", "left out unless the order is free", redraw)
    if order == "paper":
        if decline:
            raise ParameterError("decline", "left out in the paper's order; say free or fixed", decline)
        return solve_information(game, information, throttling=throttling)
    return in_order(order, game, information, throttling=throttling, decline=decline, redraw=redraw)


def best_response(
    game: GameLike,
    route: ArrayLike | None = None,
    cascade_prob: ArrayLike | None = None,
    throttled_latency: tuple[ArrayLike, ...] | None = None,
    *,
    start: ArrayLike | None = None,
    matrix: ArrayLike | None = None,
    information: Information = "memoryless",
) -> Number | FloatArray:
    """Best answer of a user to a commitment, of two models by route and cascade probability, or of any number in full.

    Ties go to staying.

    Args:
        game: the game, or the name of a scenario; a batch where route and cascade probability are given.
        route: 1 or 2.
        cascade_prob: in [0, 1]; without effect on route 2.
        throttled_latency: latencies in force where the provider slows its models down.
        start: probabilities of the first pass, (K,); see `routegame.envs.policy.Policy`.
        matrix: of the next one after a failure of each model, (K, K).
        information: what the user sees, where a commitment is given in full.

    Returns:
        The probability of leaving after a failure; of users who see which model failed one for each, (K,); of users who
        count failures how many they leave after, inf for never.

    Raises:
        ParameterError: neither or both ways to say a commitment, or a value out of range.

    >>> from routegame.envs.game import Game
    >>> game = Game(9, 20, (0.1, 0.3), (1, 2), (1, 3))
    >>> best_response(game, route=1, cascade_prob=0.05), best_response(game, route=1, cascade_prob=0.04)
    (0.0, 1.0)
    >>> best_response(game, start=(1, 0), matrix=((0.95, 0.05), (0, 1)))
    0.0
    """
    game = as_game(game)
    if start is None and matrix is None:
        if route is None:
            raise ParameterError("route", "given with cascade_prob, or else start and matrix", route)
        return two_models.best_response(game, route, cascade_prob, throttled_latency)  # type: ignore[arg-type]
    if start is None or matrix is None or route is not None or cascade_prob is not None:
        raise ParameterError("start", "given with matrix, and neither route nor cascade_prob", start)
    as_choice("information", information, get_args(Information))
    in_force = game if throttled_latency is None else game.with_latency(throttled_latency)
    return answer(in_force, Policy(np.asarray(start), np.asarray(matrix)), information)
