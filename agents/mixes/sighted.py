"""Users who know their context: the game falls apart into one game for each context.

Neither payoffs nor answers of different contexts interact, so J* = Σ w_x J*_x, and the policy of a context is that of
its own game.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike

from routegame.agents.exact.solution import RoutingProfile
from routegame.agents.menus.fixed_order import solve_fixed_order
from routegame.agents.menus.free_order import solve_free_order
from routegame.agents.mixes.mix_solution import MixOrder, MixSolution
from routegame.agents.users.information import HistoryProfile, solve_information
from routegame.envs.arrays import FloatArray
from routegame.envs.game import Information
from routegame.envs.policy_table import PolicyTable
from routegame.envs.task_mix import TaskMix


def solve_sighted(mix: TaskMix, order: MixOrder, information: Information) -> MixSolution:
    """Solve every context's own game: with the order free, and with two models in any order, exactly.

    More than two models in a fixed order are solved one context after another, each with its own certificate.
    """
    if order == "free":
        free = solve_free_order(mix.games)
        assert free.policy is not None and free.certificate is not None  # a solution in free order has both
        table = PolicyTable.unchecked(np.ascontiguousarray(free.policy.start), np.ascontiguousarray(free.policy.matrix))
        leaves = np.asarray(free.equilibrium.abandon_prob)  # users of every kind stay for good, or leave at once
        answer = _seen(leaves, information, mix.num_models)
        return _solution(mix, order, information, table, answer, free.equilibrium, free.certificate.lower_bound)
    if mix.num_models == 2:
        best = solve_information(mix.games, information).equilibrium
        moves = np.where(np.equal(best.route, 1), best.cascade_prob, 0.0)
        table = PolicyTable.lists(np.asarray(best.route) - 1, np.ones(len(mix), dtype=np.intp), moves, 2)
        return _solution(mix, order, information, table, _answer(best), best, best.provider_cost)
    return _one_by_one(mix, order, information)


def _one_by_one(mix: TaskMix, order: MixOrder, information: Information) -> MixSolution:
    solved = [solve_fixed_order(mix.games.single(x), information) for x in range(len(mix))]
    profiles = [solution.equilibrium for solution in solved]
    policies = [solution.policy for solution in solved if solution.policy is not None]
    bounds = [float(solution.certificate.lower_bound) for solution in solved if solution.certificate is not None]
    table = PolicyTable.unchecked(np.stack([p.start for p in policies]), np.stack([p.matrix for p in policies]))
    costs = np.array([profile.provider_cost for profile in profiles], dtype=np.float64)
    utilities = np.array([profile.user_utility for profile in profiles], dtype=np.float64)
    answer = np.stack([_answer(profile) for profile in profiles])
    return mean_solution(mix, order, information, table, answer, costs, utilities, bounds)


def _solution(
    mix: TaskMix,
    order: MixOrder,
    information: Information,
    table: PolicyTable,
    answer: FloatArray,
    profile: RoutingProfile,
    bounds: ArrayLike,
) -> MixSolution:
    costs, utilities = np.asarray(profile.provider_cost), np.asarray(profile.user_utility)
    return mean_solution(mix, order, information, table, answer, costs, utilities, bounds)


def mean_solution(
    mix: TaskMix,
    order: MixOrder,
    information: Information,
    table: PolicyTable,
    answer: FloatArray,
    costs: FloatArray,
    utilities: FloatArray,
    bounds: ArrayLike,
) -> MixSolution:
    """Return the solution for sighted users whose contexts cost this, are worth this, and cost at least that."""
    cost = mean(mix.weights, costs)
    return MixSolution(
        mix=mix,
        users="sighted",
        order=order,
        information=information,
        policies=table,
        answer=answer,
        context_costs=costs,
        context_utilities=utilities,
        provider_cost=cost,
        user_utility=mean(mix.weights, utilities),
        lower_bound=min(mean(mix.weights, np.asarray(bounds, dtype=np.float64)), cost),
    )


def mean(weights: FloatArray, values: FloatArray) -> float:
    """Weighted mean over contexts, rounded once: their order does not matter."""
    return math.fsum(weights * values)


def _seen(leaves: FloatArray, information: Information, models: int) -> FloatArray:
    """The answer of users who stay or leave whatever they see, in the form of what they see."""
    if information == "model":
        return np.repeat(leaves[:, None], models, axis=1)
    return np.where(leaves == 1, 1.0, np.inf) if information == "history" else leaves


def _answer(profile: RoutingProfile) -> FloatArray:
    if isinstance(profile, HistoryProfile):
        return np.asarray(profile.leave_after, dtype=np.float64)
    if isinstance(profile.abandon_prob, tuple):
        return np.stack([np.asarray(q, dtype=np.float64) for q in profile.abandon_prob], axis=-1)
    return np.asarray(profile.abandon_prob, dtype=np.float64)
