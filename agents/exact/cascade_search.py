"""The cheapest commitment where no formula gives it: grids over the cascade probability, one inside the other."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import ArrayLike, NDArray

from routegame.envs.arrays import FloatArray
from routegame.envs.game import INDIFFERENCE

NUM_POINTS = 65
"""Points of a grid over the cascade probability."""
NUM_ZOOMS = 11
"""Grids, one inside the other; each narrows the search at least 20 times."""


@dataclass(frozen=True)
class Cheapest:
    """The cheapest commitments found; arrays of one shape.

    Attributes:
        route: model that serves the first pass, 1 or 2.
        cascade_prob: probability that a failed, retried task moves to model 2.
        provider_cost: in units of cost.
    """

    route: NDArray[np.int64]
    cascade_prob: FloatArray
    provider_cost: FloatArray


def cheapest_cascade(
    cost_on_1: Callable[[FloatArray], FloatArray], cost_on_2: FloatArray, edges: Sequence[ArrayLike]
) -> Cheapest:
    """Search route 1 piece by piece, and compare with (1, 0) and route 2.

    Each piece between neighbouring edges is searched on a grid that is dense towards its ends, and around its best
    point on finer and finer ones, down to the last bits of s. What is cheapest in a basin narrower than the first
    grid, 2.5 % of a piece, can be missed. Among commitments of equal cost the simplest is returned: s = 0 on route 1,
    then route 2.

    Args:
        cost_on_1: the provider's cost of route 1 as a function of s; shapes (…, *shape) -> (…, *shape).
        cost_on_2: its cost of route 2; broadcasts to the shape.
        edges: cascade probabilities at which the cost on route 1 may jump or have a kink, of the shape or
            broadcasting to it, in any order; what is nan or outside [0, 1] does not count.
    """
    shape = np.broadcast_shapes(np.shape(cost_on_2), *map(np.shape, edges))
    zero, inside = np.zeros(shape), [np.clip(np.nan_to_num(s, nan=0.0), 0, 1) for s in edges]
    in_order = np.sort(np.stack([np.broadcast_to(s, shape) for s in (0.0, *inside, 1.0)]), axis=0)
    rows = [(cost_on_1(zero), 1, zero), (cost_on_2, 2, zero)]
    for low, high in pairwise(in_order):
        least, s = _zoom(cost_on_1, low, high)
        rows.append((least, 1, s))
    costs, routes, cascades = (np.stack([np.broadcast_to(row[k], shape) for row in rows]) for k in range(3))
    best = np.argmax(costs <= costs.min(axis=0) * (1 + INDIFFERENCE), axis=0)[None]
    least, route, cascade = (np.take_along_axis(x, best, axis=0)[0] for x in (costs, routes, cascades))
    return Cheapest(route, cascade, least)


def _zoom(cost: Callable[[FloatArray], FloatArray], low: FloatArray, high: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Least cost on [low, high] and where, entry by entry, from grids that narrow down around their best point."""
    share = (1 - np.cos(np.linspace(0, np.pi, NUM_POINTS))) / 2
    share = share.reshape(-1, *(1,) * low.ndim)
    for _ in range(NUM_ZOOMS):
        s = np.clip(low + (high - low) * share, low, high)
        costs = cost(s)
        best = costs.argmin(axis=0)[None]
        least, where = (np.take_along_axis(x, best, axis=0)[0] for x in (costs, s))
        low, high = (np.take_along_axis(s, np.clip(best + step, 0, NUM_POINTS - 1), axis=0)[0] for step in (-1, 1))
    return least, where
