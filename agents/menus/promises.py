"""Fixed order, users who see the model that failed: what each model can promise, from the last model backwards.

To be on model j, with all that may follow, is a point (w, x): worth w to the user, and cost x to the provider. What may
follow a failure of j is the lower convex envelope of the points of later models and of (v_j, k_j), staying with j for
good; a user goes on where that is worth w >= 0. So the points of j are (ξ_j + a_j w, c_j + a_j x) for the envelope's
corners and for its crossing of w = 0, staying for good, and leaving, (ξ_j, c_j + P a_j), where the user has reason to.

The least x of all points bounds the cost of every commitment from below. The commitment that is rebuilt from it says of
each model once what follows: where two promises would need the same model to go on in two ways, it costs more.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from routegame.envs.arrays import FloatArray
from routegame.envs.game import INDIFFERENCE, Game
from routegame.envs.policy import Policy


@dataclass(frozen=True, eq=False)
class Promise:
    """A point of a model: what being on it is worth and costs, and what follows a failure.

    Attributes:
        worth: w, in units of latency.
        cost: x, in units of cost.
        model: from 0.
        leaves: whether the user leaves after a failure.
        follows: points that may follow with their probabilities; None is the model itself for good.
    """

    worth: float
    cost: float
    model: int
    leaves: bool
    follows: tuple[tuple[float, Promise | None], ...]


def cheapest_promise(game: Game) -> Promise:
    """Return the point of least cost of all models of a single game."""
    later: list[Promise] = []
    best: Promise | None = None
    for j in reversed(range(game.num_models)):
        points = _points(game, j, later)
        for point in points:
            if best is None or point.cost < best.cost * (1 - INDIFFERENCE):
                best = point
        later += points
    assert best is not None  # the last model has a point: its users stay or leave
    return best


def rebuilt(game: Game, promise: Promise) -> tuple[Policy, FloatArray]:
    """Return the commitment that keeps a promise, and the abandonment probabilities that it counts on, (K,)."""
    p, models = game.success_prob, game.num_models
    matrix, leaves = np.eye(models), np.zeros(models)
    todo, known = [promise], set[int]()
    while todo:
        point = todo.pop()
        if point.model in known:
            continue
        known.add(point.model)
        j, row = point.model, np.zeros(models)
        own = sum(share for share, after in point.follows if after is None)
        for share, after in point.follows:
            if after is not None:
                row[after.model] += share
                todo.append(after)
        if own and own < 1:  # in the long run a share `own` of what follows is the model itself
            moves = float(p[j]) * (1 - own) / (own * (1 - float(p[j])) + float(p[j]))
            row *= moves / (1 - own)
            row[j] = 1 - moves
        elif own:
            row[j] = 1.0
        matrix[j], leaves[j] = row, float(point.leaves)
    return Policy(np.eye(models)[promise.model], matrix), leaves


def _points(game: Game, j: int, later: list[Promise]) -> list[Promise]:
    p, c, xi = float(game.success_prob[j]), float(game.cost[j]), float(game.net_value[j])
    a = 1 - p
    forever = Promise(xi / p, c / p, j, False, ((1.0, None),))
    points = [forever] if xi >= 0 else []
    points += [
        Promise(xi + a * w, c + a * x, j, False, follows)
        for w, x, follows in _what_may_follow(
            [(forever.worth, forever.cost, None), *((z.worth, z.cost, z) for z in later)]
        )
    ]
    threat = forever if xi <= 0 else next((z for z in later if z.worth <= 0), None)
    if threat is not None:
        after = None if threat is forever else threat
        points.append(Promise(xi, c + float(game.churn_penalty) * a, j, True, ((1.0, after),)))
    return points


Corner = tuple[float, float, Promise | None]


def _what_may_follow(points: list[Corner]) -> list[tuple[float, float, tuple[tuple[float, Promise | None], ...]]]:
    """Corners of the lower convex envelope with w >= 0, and its crossing of w = 0: worth, cost, and what follows."""
    hull: list[Corner] = []
    for point in sorted(points, key=lambda z: (z[0], z[1])):
        if hull and hull[-1][0] == point[0]:
            continue  # of equal worth the cheaper came first
        while len(hull) > 1 and _above(hull[-2], hull[-1], point):
            hull.pop()
        hull.append(point)
    found: list[tuple[float, float, tuple[tuple[float, Promise | None], ...]]] = []
    for left, right in pairwise(hull):
        if left[0] < 0 < right[0]:
            share = right[0] / (right[0] - left[0])
            cost = share * left[1] + (1 - share) * right[1]
            found.append((0.0, cost, ((share, left[2]), (1 - share, right[2]))))
    return found + [(w, x, ((1.0, z),)) for w, x, z in hull if w >= 0]


def _above(left: Corner, middle: Corner, right: Corner) -> bool:
    """Whether the middle one of three corners, in order of worth, lies on or above the line between the others."""
    return (middle[1] - left[1]) * (right[0] - left[0]) >= (right[1] - left[1]) * (middle[0] - left[0])
