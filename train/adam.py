"""Adam (Kingma & Ba 2015): gradients that vary are followed in steps of a size that does not depend on theirs."""

from __future__ import annotations

import numpy as np

from routegame.envs.arrays import FloatArray, IntArray
from routegame.train.state import State

MEMORY, LONG_MEMORY = 0.9, 0.99
"""What is left, after a step, of the mean of gradients and of that of their squares."""

LEAST = 1e-12
"""Gradients below it count as none."""


class Adam:
    """Running means of gradients and of their squares.

    Args:
        shape: of a gradient.
    """

    def __init__(self, shape: tuple[int, ...]) -> None:
        self._mean, self._square = np.zeros(shape), np.zeros(shape)

    def direction(self, gradient: FloatArray, step: int) -> FloatArray:
        """Take in a gradient, and return where to go, about 1 in every coordinate whose gradients agree.

        Args:
            gradient: of the shape that was given.
            step: how many gradients were taken in before.
        """
        self._mean = MEMORY * self._mean + 0.1 * gradient
        self._square = LONG_MEMORY * self._square + 0.01 * gradient**2
        mean, square = self._mean / (1 - MEMORY ** (step + 1)), self._square / (1 - LONG_MEMORY ** (step + 1))
        towards: FloatArray = mean / (np.sqrt(square) + LEAST)
        return towards

    def keep(self, rows: IntArray) -> None:
        """Forget all rows of gradients but these."""
        self._mean, self._square = self._mean[rows], self._square[rows]

    def state(self) -> State:
        """Return both means."""
        return {"mean": self._mean, "square": self._square}

    def restore(self, state: State) -> None:
        """Go on from a state."""
        self._mean, self._square = state["mean"], state["square"]
