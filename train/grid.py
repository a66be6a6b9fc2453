"""A grid over the unit box, for learners whose provider chooses among points."""

from __future__ import annotations

from itertools import product

import numpy as np

from routegame.envs.arrays import FloatArray
from routegame.envs.stackelberg import StackelbergGame

MOST_LEVELS, FEW_POINTS = 51, 3000
"""Levels of a coordinate at the most; and points of a grid, unless those of two levels are more."""

MOST_POINTS = 2**14
"""Points of a grid, each of which a network has a number for: of more, most would not be tried once by default."""


def num_levels(game: StackelbergGame) -> int:
    """Return the number of levels of each coordinate of a grid that is no switch, `MOST_LEVELS` to 2."""
    rest = game.size - game.num_switches
    within = (n for n in range(MOST_LEVELS, 2, -1) if 2**game.num_switches * n**rest <= FEW_POINTS)
    return next(within, 2)


def grid_points(game: StackelbergGame) -> FloatArray:
    """Return the grid, (num_points, size): switches at 0 and 1, all else at as many levels as there can be."""
    rest = game.size - game.num_switches
    axes = [np.linspace(0, 1, 2)] * game.num_switches + [np.linspace(0, 1, num_levels(game))] * rest
    return np.array(list(product(*axes)))


def too_many_points(game: StackelbergGame) -> str | None:
    """Return why a grid over a box is too large, in one line; None where it is not."""
    if 2**game.size > MOST_POINTS:
        return f"a grid over {game.size} dimensions has 2^{game.size} points at the least, too many to try"
    return None
