"""`random_search`: commitments drawn uniformly from the leader's box, of which the cheapest are played again.

The least that any learner has to beat at equal passes: it knows nothing of the game but the box, and learns nothing
from what it has tried.
"""

from __future__ import annotations

import numpy as np

from routegame.envs.arrays import FloatArray
from routegame.train.search import SearchLearner
from routegame.train.state import State


class UniformPoints:
    """Points of a unit box, drawn one as likely as another.

    Args:
        size: dimensions of the box.
        seeds: of chance.
    """

    def __init__(self, size: int, seeds: np.random.SeedSequence) -> None:
        self._size, self._rng = size, np.random.default_rng(seeds)

    def ask(self, most: int) -> FloatArray:
        """Draw so many points, (most, size)."""
        return self._rng.random((most, self._size))

    def tell(self, costs: FloatArray) -> None:
        """Take no notice."""

    def state(self) -> State:
        """Return chance."""
        return {"rng": self._rng.bit_generator.state}

    def restore(self, state: State) -> None:
        """Go on from a state."""
        self._rng.bit_generator.state = state["rng"]


class RandomSearch(SearchLearner):
    """See the module."""

    def source(self, seeds: np.random.SeedSequence) -> UniformPoints:
        """Return uniform draws."""
        return UniformPoints(self.box.size, seeds)
