"""The arrays behind the figures of menus, games of many models in any order; nothing is drawn here.

Every function takes the number of points along an axis and returns named arrays, the axes first; models are numbered
from 0 as their game lists them, and have their names in the array `models`.
"""

from __future__ import annotations

from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from routegame.agents.menus.free_order import solve_free_order
from routegame.envs.arrays import FloatArray
from routegame.envs.game import PER_MODEL, Game
from routegame.envs.scenarios import scenario
from routegame.eval.figures.arrays import Arrays

FIVE, EIGHT, ALL = "openai-five", "gateway-eight", "polyglot-51"
"""Scenarios whose models the figures are of."""

NOBODY = -1
"""Code of the last model where users leave after one pass."""

MOST_VISITED = 3
"""Models that an optimal commitment visits at most: a longer list is no better than its best part of so many."""

LONGEST = 6
"""Lengths of lists up to which costs are drawn."""

TASK_VALUES = {EIGHT: (60.0, 90.0, 150.0), ALL: (40.0, 60.0, 75.0)}
"""Task values that lists are compared at, in seconds."""


def first_and_last(name: str, num_points: int) -> Arrays:
    """Return which model of a scenario goes first and which goes last, over what tasks and users are worth.

    Arrays: task_value V in seconds and churn_penalty P in dollars, both in equal ratios; first and last, the numbers of
    models, `NOBODY` where users leave after the first; models.
    """
    known = scenario(name)
    value, penalty = np.geomspace(30, 300, num_points), np.geomspace(0.01, 1, num_points)
    codes = np.array([_ends(known.game, value, each) for each in penalty], dtype=np.int8)
    ends = {"first": codes[:, 0], "last": codes[:, 1]}
    return {"task_value": value, "churn_penalty": penalty, **ends, "models": np.array(known.models)}


def _ends(game: Game, task_value: FloatArray, churn_penalty: float) -> NDArray[np.int64]:
    """Numbers of the first and of the last model at some task values, (2, num_values)."""
    solution = solve_free_order(Game(task_value, churn_penalty, *(getattr(game, name) for name in PER_MODEL)))
    assert solution.policy is not None
    stays_for_good = np.diagonal(solution.policy.matrix, axis1=-2, axis2=-1) == 1
    last = np.where(solution.equilibrium.abandon_prob == 1, NOBODY, stays_for_good.argmax(axis=-1))
    return np.stack([np.asarray(solution.equilibrium.route) - 1, last])


def cost_by_length(num_points: int) -> Arrays:
    """Return the least cost of a task with the best list of so many models, from `EIGHT` and from `ALL`.

    The list of one is the best single model, with its own users. Beyond `MOST_VISITED` no list is better than the best
    of so many, so that those need not be tried.

    Arrays: length, at most `LONGEST` and num_points; for each scenario task_value_* in seconds and cost_* in dollars,
    shape (num_values, num_lengths).
    """
    length = np.arange(1, min(num_points, LONGEST) + 1)
    arrays: Arrays = {"length": length}
    for name, values in TASK_VALUES.items():
        game = scenario(name).game
        tried = {size: [best_list(game, value, size) for value in values] for size in range(1, MOST_VISITED + 1)}
        costs = [tried[min(size, MOST_VISITED)] for size in length.tolist()]
        arrays |= {f"task_value_{name}": np.array(values), f"cost_{name}": np.array(costs).T}
    return arrays


def best_list(game: Game, task_value: float, length: int) -> float:
    """Return the least cost of a task with the best list of so many of a game's models.

    >>> game = Game(10, 9, (0.25, 0.2, 0.5), (6, 2.2, 2.5), (0.2, 0.5, 3))
    >>> [round(best_list(game, 10, length), 4) for length in (1, 2, 3)]
    [6.0, 2.9667, 2.5125]
    """
    p, t, c = (np.array(getattr(game, name)) for name in PER_MODEL)
    if length == 1:
        return float(alone(p, t, c, task_value, float(game.churn_penalty))[1].min())
    lists = np.array(list(combinations(range(game.num_models), length)))
    lists_of = Game(task_value, game.churn_penalty, *(tuple(x[lists].T) for x in (p, t, c)))
    return float(np.min(solve_free_order(lists_of).equilibrium.provider_cost))


def alone(
    success_prob: FloatArray, latency: FloatArray, cost: FloatArray, task_value: float, churn_penalty: float
) -> tuple[FloatArray, FloatArray]:
    """Return users' utility and the cost of a task with each model alone, whose users stay if it is worth its wait.

    >>> utility, paid = alone(np.array([0.5, 0.5]), np.array([1.0, 3.0]), np.array([1.0, 1.0]), 4, 10)
    >>> utility.tolist(), paid.tolist()
    ([2.0, -1.0], [2.0, 6.0])
    """
    worth, stays = task_value * success_prob - latency, cost / success_prob
    stay = worth >= 0
    return np.where(stay, worth / success_prob, worth), np.where(stay, stays, cost + (1 - success_prob) * churn_penalty)


def frontier(num_points: int) -> Arrays:
    """Return the least cost of a task over what it is worth to users, in the game of `EIGHT`, and where choices lie.

    Arrays: utility in seconds and cost in dollars of the frontier, of the shape (num_points,). Then pairs of both, each
    of shape (num, 2): models_alone, pairs at their optima, optimum, favourite of the users, and declined, the
    optimum of the game in which users may refuse the first pass; and models.
    """
    known = scenario(EIGHT)
    game = known.game
    solution, declined = solve_free_order(game), solve_free_order(game, decline=True)
    p, t, c = (np.array(getattr(game, name)) for name in PER_MODEL)
    chosen = np.array(list(combinations(range(game.num_models), 2)))
    pairs = solve_free_order(
        Game(game.task_value, game.churn_penalty, *(tuple(x[chosen].T) for x in (p, t, c)))
    ).equilibrium
    best, liked, refused = solution.equilibrium, solution.user_preferred, declined.equilibrium
    utility = np.linspace(float(best.user_utility), float(liked.user_utility), num_points)
    single = alone(p, t, c, float(game.task_value), float(game.churn_penalty))
    return {
        "utility": utility,
        "cost": least_cost_at(game, utility),
        "models_alone": np.stack(single, axis=1),
        "pairs": np.stack([pairs.user_utility, pairs.provider_cost], axis=1),
        **{
            name: np.array([[profile.user_utility, profile.provider_cost]])
            for name, profile in (("optimum", best), ("favourite", liked), ("declined", refused))
        },
        "models": np.array(known.models),
    }


def least_cost_at(game: Game, utility: FloatArray) -> FloatArray:
    """Return the least cost of a task that is worth at least so much to users, if they are to stay, (num_points,).

    After one pass of a start model i users are promised w for going on, of which a success then costs what the cheapest
    mix of two models of that worth does: U = ξ_i + a_i w and J = c_i + a_i m(w). Lower costs between two such points
    need a start that is drawn.
    """
    p, c, xi = (np.array(x) for x in (game.success_prob, game.cost, game.net_value))
    worth, stay = _lower_hull(xi / p, c / p)
    promised = np.append(0.0, worth[worth > 0])
    going_on = np.minimum.accumulate(np.interp(promised, worth, stay)[::-1])[::-1]  # more may be given than promised
    points = np.concatenate(
        [np.stack([x + (1 - q) * promised, y + (1 - q) * going_on]) for x, y, q in zip(xi, c, p, strict=True)], axis=1
    )
    corners, cost = _lower_hull(*points)
    return np.interp(utility, corners, np.minimum.accumulate(cost[::-1])[::-1])


def _lower_hull(x: FloatArray, y: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return the corners of the lower convex hull of points, from left to right."""
    corners: list[tuple[float, float]] = []
    for point in sorted(zip(x.tolist(), y.tolist(), strict=True)):
        while len(corners) > 1 and _turns_down(corners[-2], corners[-1], point):
            corners.pop()
        if corners and corners[-1][0] == point[0]:
            continue  # the lower one came first
        corners.append(point)
    left, low = np.array(corners).T
    return left, low


def _turns_down(first: tuple[float, float], middle: tuple[float, float], last: tuple[float, float]) -> bool:
    """Whether the middle point lies on or above the line between the others."""
    (x0, y0), (x1, y1), (x2, y2) = first, middle, last
    return (x1 - x0) * (y2 - y0) <= (x2 - x0) * (y1 - y0)
