"""`cmaes`: CMA-ES by its default settings over the whole box, with restarts: what a black box is usually given to.

It starts at a random point, and whenever it has converged at another, with twice the population (IPOP; Auger and Hansen
2005). All weights, rates and populations are the defaults of Hansen's tutorial (2016), as the library `cmaes` has them.
Where it leaves the box it is paid for the nearest point of it: drawing such points again, which the library would do,
never comes close to a corner. Unlike `evolution` it knows nothing of games: not where searches had better
start, nor which coordinates have no neighbours.
"""

from __future__ import annotations

import numpy as np
from cmaes import CMA

from routegame.envs.arrays import FloatArray
from routegame.train.cma_state import cleared, cma_state, restore_cma
from routegame.train.search import SearchLearner
from routegame.train.state import State

FIRST_SIGMA = 0.3
"""Standard deviation of the first generation of every start, as Hansen's tutorial has it for a unit box."""


class Generations:
    """Generations of a CMA-ES in a unit box, and of those that follow it when it has converged.

    Args:
        size: dimensions of the box.
        seeds: of chance.
    """

    def __init__(self, size: int, seeds: np.random.SeedSequence) -> None:
        self._size, self._rng = size, np.random.default_rng(seeds)
        self._costs = np.zeros(0)
        self._start(None)

    def ask(self, most: int) -> FloatArray:
        """Return the next points of the generation, (num_points, size)."""
        told = len(self._costs)
        points: FloatArray = np.clip(self._points[told : told + most], 0, 1)
        return points

    def tell(self, costs: FloatArray) -> None:
        """Learn from the generation once all of its costs are known; begin anew where it has converged."""
        self._costs = np.concatenate([self._costs, costs])
        if len(self._costs) < len(self._points):
            return
        self._cma.tell(list(zip(self._points, self._costs.tolist(), strict=True)))
        with np.errstate(divide="ignore"):  # of a covariance that has collapsed, which is a reason to stop
            converged = self._cma.should_stop()
        if converged:
            self._start(2 * self._cma.population_size)
        else:
            self._next()

    def state(self) -> State:
        """Return the search, its generation as far as it was told, and chance."""
        return {
            **self._before,
            "population": self._cma.population_size,
            "costs": self._costs,
            "rng": self._rng.bit_generator.state,
        }

    def restore(self, state: State) -> None:
        """Go on from a state."""
        self._rng.bit_generator.state = state["rng"]
        self._cma = self._search(np.zeros(self._size), int(state["population"]), 0)
        restore_cma(self._cma, state)
        self._next()
        self._costs = state["costs"]

    def _start(self, population: int | None) -> None:
        self._cma = self._search(self._rng.random(self._size), population, int(self._rng.integers(2**31)))
        self._next()

    def _search(self, mean: FloatArray, population: int | None, seed: int) -> CMA:
        return cleared(CMA(mean, FIRST_SIGMA, seed=seed, population_size=population))

    def _next(self) -> None:
        """Draw a generation, which its state before tells again."""
        self._before = cma_state(self._cma)
        self._points = np.array([self._cma.ask() for _ in range(self._cma.population_size)])
        self._costs = np.zeros(0)


class CmaEs(SearchLearner):
    """See the module."""

    def source(self, seeds: np.random.SeedSequence) -> Generations:
        """Return generations that begin anywhere."""
        return Generations(self.box.size, seeds)
