"""Picking one of many models in every game of a batch: arrays with the models first, (K, num_games)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from routegame.envs.arrays import FloatArray

Models = NDArray[np.intp]
"""Models, numbered from 0, one for each game."""


def least(values: FloatArray) -> tuple[Models, FloatArray]:
    """Return which model has the least value in every game, of equals the first, and that value.

    Row by row: for a handful of models this is several times as fast as `argmin` along the first axis.

    >>> which, value = least(np.array([[3.0, 1.0], [2.0, 1.0]]))
    >>> which.tolist(), value.tolist()
    ([1, 0], [2.0, 1.0])
    """
    if len(values) == 1:
        return np.zeros(values.shape[1], dtype=np.intp), values[0].copy()
    which, value = (values[1] < values[0]).astype(np.intp), np.minimum(values[0], values[1])
    for k in range(2, len(values)):
        less = values[k] < value
        np.copyto(which, k, where=less)
        np.minimum(value, values[k], out=value)
    return which, value


class Pick:
    """Each game's value of one of its models.

    Args:
        which: model of each game, (num_games,).
        games: their numbers, from 0.
        num_games: of the arrays that are picked from, where that is not all.

    >>> Pick(np.array([1, 0]), np.arange(2))(np.array([[3.0, 1.0], [2.0, 4.0]])).tolist()
    [2.0, 1.0]
    """

    def __init__(self, which: Models, games: Models, num_games: int | None = None) -> None:
        self._places = which * (games.size if num_games is None else num_games) + games

    def __call__(self, values: FloatArray) -> FloatArray:
        """Return the picked values, (num_games,), of (K, num_games)."""
        return values.reshape(-1).take(self._places, mode="clip")
