"""Rules that map a game of many models to a commitment, nothing learned: the ceilings and floors of a comparison."""

from __future__ import annotations

from itertools import combinations

import numpy as np

from routegame.agents.menus.free_order import solve_free_order
from routegame.envs.checks import ParameterError
from routegame.envs.game import Game
from routegame.envs.menu_game import MenuCommitment, MenuGame
from routegame.envs.policy import Policy, chain

PAST_INDIFFERENCE = 1e-6
"""Relative distance beyond the latency of indifference to which a model is slowed down to drive users off."""


def analytic(game: MenuGame) -> MenuCommitment:
    """Return the strong Stackelberg equilibrium in any order; what is slowed down is so by a hair more than needed.

    Raises:
        ParameterError: models cannot be slowed down far enough.
    """
    solution = solve_free_order(game.game, throttling=game.throttling, redraw=game.form == "compact")
    pairs = zip(solution.equilibrium.throttled_latency, game.game.latency, strict=True)
    latency = tuple(float(slowed * (1 + PAST_INDIFFERENCE) if slowed > t else t) for slowed, t in pairs)
    if any(slowed > slowest for slowed, slowest in zip(latency, game.max_latency, strict=True)):
        raise ParameterError("max_latency", "so much that users leave a model", game.max_latency)
    assert solution.policy is not None  # every solution in free order has one
    return MenuCommitment.of_policy(solution.policy, latency)


def static(game: MenuGame, model: int) -> MenuCommitment:
    """Return one model, numbered from 0, for every pass."""
    one = np.eye(game.num_models)[model]
    return _unthrottled(game, Policy.redraw(one, one))


def cost_of_pass(game: MenuGame) -> MenuCommitment:
    """Return the model with the lowest cost of a success, c_k / p_k, for every pass; of equals the first."""
    return static(game, int(np.argmin(np.array(game.game.cost_of_pass))))


def always_cascade(game: MenuGame) -> MenuCommitment:
    """Return the list of all models in order of the price of a pass, every failure to the next, the dearest repeated.

    The habit of cascades in the manner of FrugalGPT (Chen, Zaharia & Zou 2023, arXiv 2305.05176).

    >>> game = MenuGame(Game(10, 1, (0.3, 0.5, 0.7), (1, 2, 3), (2, 1, 3)))
    >>> always_cascade(game).matrix
    ((0.0, 0.0, 1.0), (1.0, 0.0, 0.0), (0.0, 0.0, 1.0))
    """
    order = np.argsort(np.array(game.game.cost), kind="stable").tolist()
    return _unthrottled(game, chain(order, [1.0] * (len(order) - 1), game.num_models))


def best_pair(game: MenuGame) -> MenuCommitment:
    """Return the cheapest equilibrium of any two of the models, in either order; of equals the first."""
    pairs = list(combinations(range(game.num_models), 2))
    p, t, c = (
        tuple(np.array(x)[np.array(pairs)].T) for x in (game.game.success_prob, game.game.latency, game.game.cost)
    )
    batch = Game(game.game.task_value, game.game.churn_penalty, p, t, c)
    solution = solve_free_order(batch, redraw=True)
    best = int(np.argmin(solution.equilibrium.provider_cost))
    assert solution.policy is not None  # every solution in free order has one
    start, row = np.zeros((2, game.num_models))
    start[list(pairs[best])], row[list(pairs[best])] = solution.policy.start[best], solution.policy.matrix[best, 0]
    return _unthrottled(game, Policy.redraw(start, row))


def rules(game: MenuGame) -> dict[str, MenuCommitment]:
    """Return what every rule commits to in a game, by name: the equilibrium, each model for good, and habits.

    >>> list(rules(MenuGame(Game(10, 1, (0.3, 0.5), (1, 2), (1, 1.5)))))
    ['analytic', 'static_1', 'static_2', 'cost_of_pass', 'always_cascade', 'best_pair']
    """
    return {
        "analytic": analytic(game),
        **{f"static_{k + 1}": static(game, k) for k in range(game.num_models)},
        **{rule.__name__: rule(game) for rule in (cost_of_pass, always_cascade, best_pair)},
    }


def _unthrottled(game: MenuGame, policy: Policy) -> MenuCommitment:
    return MenuCommitment.of_policy(policy, tuple(map(float, game.game.latency)))
