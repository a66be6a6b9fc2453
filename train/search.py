"""Learners that search: they try commitments, whose users answer by a rule, and play the cheapest again at last.

What such learners differ in is which commitments they try, see `Source`. Everything else is the same for all of them,
and counted: so many tasks under every commitment that is tried, and many more under the few that were cheapest, whose
costs owe most to luck.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping
from copy import copy
from dataclasses import dataclass
from typing import ClassVar, Protocol

import numpy as np

from routegame.agents.users.kinds import follower, response
from routegame.envs.arrays import FloatArray
from routegame.envs.stackelberg import Response, Single, StackelbergGame
from routegame.train.learner import Learned, Learner, Snapshot
from routegame.train.meter import Meter
from routegame.train.options import Options, option, text
from routegame.train.state import Part, State

MOST_TASKS = 10**10
"""Tasks under a commitment at the most: searches are held against learners that play as many."""


@dataclass(frozen=True)
class SearchOptions(Options):
    """Options of learners that search."""

    follower: str = text("exact", "kind of users: exact, quantal:TEMPERATURE or robust:DELTA", follower)
    evaluations: int = option(1000, "commitments that are tried", low=1)
    tasks: int = option(1024, "tasks under each of them", low=1, high=MOST_TASKS)
    finalists: int = option(16, "cheapest of them, which are played again at last", low=1)
    final_tasks: int = option(2**18, "tasks under each of these then", low=1, high=MOST_TASKS)


class Source(Part, Protocol):
    """Where commitments to try come from; between two calls its state is all that the next ones depend on."""

    def ask(self, most: int) -> FloatArray:
        """Return points of the leader's box to be tried now, (num_points, size): one to `most` of them."""

    def tell(self, costs: FloatArray) -> None:
        """Learn what tasks have cost under the points that were asked for last, (num_points,)."""


class Trials:
    """The cheapest commitments of all that were tried, and the chance that they are tried with.

    Args:
        game: the game.
        options: how many are kept, and how often those are played at last.
        respond: what users answer.
        seeds: of all chance.
        meter: counts what is tried.
    """

    BLOCK = 1024
    """Commitments that are played at once: a mix of tasks has as many rows as contexts for each."""

    def __init__(
        self,
        game: StackelbergGame,
        options: SearchOptions,
        respond: Response,
        seeds: np.random.SeedSequence,
        meter: Meter,
    ) -> None:
        self._game, self._options, self._respond, self._meter = game, options, respond, meter
        play_seeds, self._final_seeds = seeds.spawn(2)
        self._rng = np.random.default_rng(play_seeds)
        self._actions, self._costs = np.zeros((0, game.size)), np.zeros(0)

    @property
    def least_cost(self) -> float:
        """What a task cost under the cheapest commitment when that was tried; infinite if none was."""
        return float(self._costs.min(initial=np.inf))

    def play(self, actions: FloatArray, num_tasks: int) -> FloatArray:
        """Try commitments and return what a task cost under each, (num_commitments,); the cheapest are kept."""
        blocks = range(0, len(actions), self.BLOCK)
        costs = np.concatenate([self._cost(actions[first : first + self.BLOCK], num_tasks) for first in blocks])
        self._keep(np.concatenate([self._actions, actions]), np.concatenate([self._costs, costs]))
        return costs

    def replay(self, actions: FloatArray, num_tasks: int) -> FloatArray:
        """Do what `play` does, and forget everything that was tried before."""
        self._keep(np.zeros((0, self._game.size)), np.zeros(0))
        return self.play(actions, num_tasks)

    def commitment(self) -> Single:
        """The cheapest commitment so far; before there is one, the middle of the box."""
        return self._game.commitments(self._finalists()[:1])[0]

    def final_commitment(self, meter: Meter) -> Single:
        """The cheapest on freshly sampled tasks, which are counted; the same whenever it is asked."""
        commitments = self._game.commitments(self._finalists())
        meter.queries += len(commitments)
        rng, num_tasks = np.random.default_rng(self._final_seeds), self._options.final_tasks
        played = meter.play(self._game.play_compared(commitments, self._respond(commitments), num_tasks, rng))
        return commitments[int(np.argmin(played.leader_cost))]

    def state(self) -> State:
        """Return the cheapest, and chance."""
        return {"actions": self._actions, "costs": self._costs, "rng": self._rng.bit_generator.state}

    def restore(self, state: State) -> None:
        """Go on from a state."""
        self._actions, self._costs = state["actions"], state["costs"]
        self._rng.bit_generator.state = state["rng"]

    def _cost(self, actions: FloatArray, num_tasks: int) -> FloatArray:
        commitments = self._game.commitments(actions)
        self._meter.queries += len(commitments)
        answers = self._respond(commitments)
        return self._meter.play(self._game.play_totals(commitments, answers, num_tasks, self._rng)).leader_cost

    def _keep(self, actions: FloatArray, costs: FloatArray) -> None:
        cheapest = np.argsort(costs, kind="stable")[: self._options.finalists]
        self._actions, self._costs = actions[cheapest], costs[cheapest]

    def _finalists(self) -> FloatArray:
        return self._actions if len(self._actions) else np.full((1, self._game.size), 0.5)


class SearchLearner(Learner):
    """Base of learners that search, see the module."""

    OPTIONS = SearchOptions

    BATCH: ClassVar[int] = 64
    """Commitments that are tried in an update."""

    def __init__(self, game: StackelbergGame, options: SearchOptions, seed: int) -> None:
        super().__init__(game, options, seed)
        self._options = options
        self._respond = response(game, options.follower)
        trial_seeds, source_seeds = np.random.SeedSequence(seed).spawn(2)
        self._trials = Trials(game, options, self._respond, trial_seeds, self.meter)
        self._source = self.source(source_seeds)

    @abstractmethod
    def source(self, seeds: np.random.SeedSequence) -> Source:
        """Return where commitments to try come from.

        Args:
            seeds: of its chance.
        """

    @classmethod
    def objection(cls, game: StackelbergGame) -> str | None:
        """It plays every game: it compares what commitments cost, however many numbers users answer with."""
        return None

    @property
    def num_updates(self) -> int:
        """Number of updates: one for each `BATCH` of evaluations."""
        return -(-self._options.evaluations // self.BATCH)

    def learn(self) -> Snapshot:
        """Try a batch of commitments."""
        tried = self.updates * self.BATCH
        left = min(self.BATCH, self._options.evaluations - tried)
        while left:
            actions = self._source.ask(left)
            self._source.tell(self._trials.play(actions, self._options.tasks))
            left -= len(actions)
        return self.snapshot({"tasks": float(self._options.tasks)})

    def snapshot(self, statistics: Mapping[str, float]) -> Snapshot:
        """Return what there is to see now, with figures of one's own."""
        figures = {**statistics, "least_cost": self._trials.least_cost}
        return Snapshot("leader", self.meter.passes, self._respond, self._trials.commitment(), figures)

    def learned(self) -> Learned:
        """Return the cheapest commitment that was found."""
        meter = copy(self.meter)
        return Learned(self._trials.final_commitment(meter), None, meter)

    def parts(self) -> dict[str, Part]:
        """What was tried, and where the next commitments come from."""
        return {"trials": self._trials, "source": self._source}
