"""A game solved in free or fixed order, for users of any information; two models show both orders."""

from __future__ import annotations

from dataclasses import fields, replace

import numpy as np

from routegame.agents.exact.solution import Certificate, Order, RoutingProfile, Solution
from routegame.agents.menus.fixed_order import solve_fixed_order
from routegame.agents.menus.free_order import solve_free_order
from routegame.agents.users.information import HistoryProfile, solve_information
from routegame.envs.arrays import plain
from routegame.envs.checks import ParameterError
from routegame.envs.game import Game, Information
from routegame.envs.policy import Policy


def in_order(
    order: Order, game: Game, information: Information, *, throttling: bool, decline: bool, redraw: bool
) -> Solution:
    """Solve a game in free or fixed order; see `routegame.agents.solver.solve`.

    Raises:
        ParameterError: a batch of games in fixed order.
    """
    if order == "free":
        solution = solve_free_order(game, throttling=throttling, decline=decline, redraw=redraw)
        solution = seen(solution, information)
    elif game.shape != ():
        raise ParameterError("game", "a single game where the order is fixed", f"a batch of shape {game.shape}")
    elif game.num_models == 2 and not decline:
        solution = as_fixed(solve_information(game, information, throttling=throttling))
    else:
        solution = solve_fixed_order(game, information, throttling=throttling, decline=decline)
    return with_other_order(solution) if game.num_models == 2 and game.shape == () else solution


def seen(solution: Solution, information: Information) -> Solution:
    """Return a solution in free order for users who see more: they stay and leave where memoryless ones do."""
    if information == "memoryless":
        return solution

    def known(profile: RoutingProfile) -> RoutingProfile:
        leaves, models = np.asarray(profile.abandon_prob), solution.game.num_models
        if information == "model":
            return replace(profile, abandon_prob=tuple([plain(leaves)] * models))
        held = {f.name: getattr(profile, f.name) for f in fields(profile)}
        after = np.where(leaves == 1, 1.0, np.inf)
        return HistoryProfile(**held, leave_after=after.item() if after.ndim == 0 else after)

    return replace(
        solution,
        information=information,
        equilibrium=known(solution.equilibrium),
        user_preferred=known(solution.user_preferred),
    )


def as_fixed(solution: Solution) -> Solution:
    """Return a solution of the paper's order as one of a fixed order: for two models they are the same."""
    best = solution.equilibrium
    policy = Policy.cascade(float(best.cascade_prob) if best.route == 1 else 0.0, int(best.route))
    free = solve_free_order(solution.game)
    cost = float(best.provider_cost)
    return replace(
        solution,
        order="fixed",
        price_of_going_on=free.price_of_going_on,
        margin_price=np.nan,
        policy=policy,
        certificate=Certificate(cost, cost),
    )


def other_order(game: Game, information: Information = "memoryless") -> float:
    """Return what a task costs in a single game of two models whose order is 2, then 1."""
    return float(solve_information(game.of_models([1, 0]), information).equilibrium.provider_cost)


def with_other_order(solution: Solution) -> Solution:
    """Return a solution of two models with what the order 2, then 1 costs; thresholds where it is 1, then 2."""
    known = replace(solution, other_order=other_order(solution.game, solution.information))
    if solution.order == "free" and solution.equilibrium.cascade_prob == solution.equilibrium.cascade_prob:
        paper = solve_information(solution.game, solution.information)
        known = replace(known, thresholds=paper.thresholds, no_commitment=paper.no_commitment)
    return known
