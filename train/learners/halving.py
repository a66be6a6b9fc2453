"""`halving`: of many random commitments keep the cheaper half, again and again, on ever more tasks.

Successive halving (Karnin, Koren and Somekh 2013; Jamieson and Talwalkar 2016). A commitment that is dear shows it on
few tasks, so that most of the passes are left to those which are hard to tell apart. Where to look it knows as little
as `random_search`.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from routegame.envs.arrays import FloatArray
from routegame.train.learner import Snapshot
from routegame.train.options import option
from routegame.train.search import MOST_TASKS, SearchLearner, SearchOptions
from routegame.train.state import State


@dataclass(frozen=True)
class HalvingOptions(SearchOptions):
    """Options of `halving`."""

    evaluations: int = option(4096, "commitments to begin with", low=1)
    tasks: int = option(
        64, "tasks under each of them at first, and twice as many whenever half of them go", low=1, high=MOST_TASKS
    )

    @property
    def rounds(self) -> tuple[int, ...]:
        """Number of commitments in each round: halved until there are as many as finalists.

        >>> HalvingOptions(evaluations=100, finalists=16).rounds
        (100, 50, 25)
        """
        sizes = [self.evaluations]
        while (left := sizes[-1] // 2) > self.finalists:
            sizes.append(left)
        return tuple(sizes)


class Candidates:
    """The commitments that are left, cheapest first once they were tried.

    Args:
        count: how many to begin with.
        size: dimensions of the leader's box.
        seeds: of chance.
    """

    def __init__(self, count: int, size: int, seeds: np.random.SeedSequence) -> None:
        self._actions = np.random.default_rng(seeds).random((count, size))

    def ask(self, most: int) -> FloatArray:
        """Return so many, (most, size), and forget all others."""
        self._actions = self._actions[:most]
        return self._actions

    def tell(self, costs: FloatArray) -> None:
        """Put those that are left in order."""
        self._actions = self._actions[np.argsort(costs, kind="stable")]

    def state(self) -> State:
        """Return what is left."""
        return {"actions": self._actions}

    def restore(self, state: State) -> None:
        """Go on from a state."""
        self._actions = state["actions"]


class Halving(SearchLearner):
    """See the module."""

    OPTIONS = HalvingOptions
    _options: HalvingOptions

    def source(self, seeds: np.random.SeedSequence) -> Candidates:
        """Return all that will ever be tried."""
        return Candidates(self._options.evaluations, self.box.size, seeds)

    @property
    def num_updates(self) -> int:
        """Number of updates: one a round."""
        return len(self._options.rounds)

    def learn(self) -> Snapshot:
        """Try those that are left, on twice as many tasks as the round before."""
        num_tasks = self._options.tasks * 2**self.updates
        actions = self._source.ask(self._options.rounds[self.updates])
        self._source.tell(self._trials.replay(actions, num_tasks))
        return self.snapshot({"candidates": float(len(actions)), "tasks": float(num_tasks)})
