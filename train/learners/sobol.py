"""`sobol`: commitments spread evenly over the leader's box, of which the cheapest are played again.

A scrambled Sobol' sequence leaves no gaps as wide as random draws do; in a box of few dimensions it comes closer to
any point with as many trials. The sequence is that of `scipy.stats.qmc`.
"""

from __future__ import annotations

import numpy as np
from scipy.stats import qmc

from routegame.envs.arrays import FloatArray
from routegame.train.search import SearchLearner
from routegame.train.state import State


class SobolPoints:
    """Points of a unit box, in the order of a scrambled Sobol' sequence.

    Args:
        size: dimensions of the box.
        seeds: of the scrambling.
    """

    AHEAD = 64
    """Points that are drawn at once: sequences are evenly spread over powers of 2."""

    def __init__(self, size: int, seeds: np.random.SeedSequence) -> None:
        self._sequence = qmc.Sobol(size, rng=np.random.default_rng(seeds))
        self._handed_out, self._ahead = 0, np.zeros((0, size))

    def ask(self, most: int) -> FloatArray:
        """Return the next points, (num_points, size)."""
        if not len(self._ahead):
            self._ahead = self._sequence.random(self.AHEAD)
        points, self._ahead = self._ahead[:most], self._ahead[most:]
        self._handed_out += len(points)
        return points

    def tell(self, costs: FloatArray) -> None:
        """Take no notice."""

    def state(self) -> State:
        """Return how far in the sequence it is."""
        return {"handed_out": self._handed_out}

    def restore(self, state: State) -> None:
        """Go on from a state."""
        self._handed_out = int(state["handed_out"])
        begun, within = divmod(self._handed_out, self.AHEAD)
        self._sequence.reset()
        if begun:  # from 0 to 0 scipy 1.17 cannot go
            self._sequence.fast_forward(begun * self.AHEAD)
        self._ahead = self._sequence.random(self.AHEAD)[within:] if within else self._ahead[:0]


class Sobol(SearchLearner):
    """See the module."""

    def source(self, seeds: np.random.SeedSequence) -> SobolPoints:
        """Return a sequence of its own for every seed."""
        return SobolPoints(self.box.size, seeds)
