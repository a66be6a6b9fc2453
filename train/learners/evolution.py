"""`evolution`: CMA-ES on the commitment, whose users answer it as a rule says, by default with their best response.

CMA-ES only needs to know which commitments of a generation were cheaper, and nothing about slopes: one a hair short of
s_0 is simply among the dearest, and the search moves over to the other side and narrows there. Costs are sampled, with
more tasks the longer a search has had to narrow. What is left to deceive it is where it starts. So several searches run
side by side, and each keeps to its route, or any other switch, which has no neighbours to search.

The CMA-ES is the library `cmaes`.
"""

from __future__ import annotations

from copy import copy
from dataclasses import dataclass

import numpy as np
from cmaes import CMA

from routegame.agents.users.kinds import follower, response
from routegame.envs.arrays import BoolArray, FloatArray
from routegame.envs.stackelberg import Response, Single, StackelbergGame
from routegame.train.cma_state import cleared, cma_state, restore_cma
from routegame.train.learner import Learned, Learner, Snapshot
from routegame.train.meter import Meter
from routegame.train.options import LARGEST_BATCH, Options, geometric, option, text
from routegame.train.race import race
from routegame.train.state import Part, State

START_ODDS = np.exp(np.linspace(-6, 6, 9))
"""Odds of a cascade where searches on route 1 start: thresholds near 0 and 1 matter as much as others."""

START_SLOW_DOWNS = (0.0, 0.6)
"""With throttling every search is made twice: once nothing is slowed down at first, once by more than half of what is
allowed."""

SLOW_DOWN_SPREAD = 0.15

MOST_STARTS, NUM_RACED = 24, 16
"""Starts up to which each has a search of its own; of more so many come out of a race, see `routegame.train.race`."""

NUM_FINALISTS = 16
FINAL_TASKS = 2**18


@dataclass(frozen=True)
class EvolutionOptions(Options):
    """Options of `evolution`."""

    follower: str = text("exact", "kind of users: exact, quantal:TEMPERATURE or robust:DELTA", follower)
    generations: int = option(60, "generations of every search", low=1)
    population: int = option(12, "commitments in a generation of a search", low=4, high=LARGEST_BATCH)
    first_tasks: int = option(1024, "tasks under each of them at first", low=1)
    last_tasks: int = option(16384, "the same at last", low=1)

    def tasks(self, generation: int) -> int:
        """Tasks under each commitment of a generation."""
        return round(geometric(self.first_tasks, self.last_tasks, generation, self.generations))


class Search:
    """A CMA-ES over cascades, and slow-downs where there is throttling, on one route; in other games likewise.

    It knows no bounds. Where it leaves the box it is paid for the nearest point of it: an end of a range is hit
    exactly, and by a search that need not narrow to stay there.

    Args:
        start: (game.size,) point of the box that it starts around.
        spread: standard deviations of its first generation, (num_free,): of the coordinates that it does not keep to.
        population: points in a generation.
        seed: of its chance.
        held: which coordinates it keeps to, (game.size,); by default the first, as many as have no spread.
    """

    def __init__(
        self, start: FloatArray, spread: FloatArray, population: int, seed: int, held: BoolArray | None = None
    ) -> None:
        self._start = start
        self._free = np.arange(len(start)) >= len(start) - len(spread) if held is None else ~held
        cov = np.diag(spread**2)
        self._cma = cleared(CMA(start[self._free], 1.0, cov=cov, population_size=population, seed=seed))

    @property
    def mean(self) -> FloatArray:
        """The middle of the search, (1, game.size)."""
        return self._in_box(self._cma.mean[None])

    @property
    def spread(self) -> float:
        """Standard deviation of the last generation, the root of its mean square over the coordinates."""
        return float(np.sqrt(self._points.var(axis=0).mean()))

    def ask(self) -> FloatArray:
        """Draw a generation and return the commitments it stands for, (population, game.size)."""
        self._points = np.array([self._cma.ask() for _ in range(self._cma.population_size)])
        return self._in_box(self._points)

    def tell(self, costs: FloatArray) -> None:
        """Learn from what the generation that was asked for has cost, (population,); rest once through."""
        if not self._cma.should_stop():
            self._cma.tell(list(zip(self._points, costs.tolist(), strict=True)))

    def state(self) -> State:
        """Return what the next generations depend on, between a `tell` and an `ask`."""
        return cma_state(self._cma)

    def restore(self, state: State) -> None:
        """Go on from a state."""
        restore_cma(self._cma, state)

    def _in_box(self, points: FloatArray) -> FloatArray:
        offers = np.tile(self._start, (len(points), 1))
        offers[:, self._free] = np.clip(points, 0, 1)
        return offers


class Searches:
    """Searches that go on side by side, all paid by tasks sampled for them."""

    def __init__(
        self,
        game: StackelbergGame,
        options: EvolutionOptions,
        respond: Response,
        seeds: np.random.SeedSequence,
        meter: Meter,
    ) -> None:
        self._box, self._options, self._respond, self._meter = game, options, respond, meter
        play_seeds, self._final_seeds, search_seeds = seeds.spawn(3)
        self._rng = np.random.default_rng(play_seeds)
        starts = first_starts(game)
        if len(starts) > MOST_STARTS:
            starts = race(game, starts, respond, NUM_RACED, self._rng, meter)
        held, spreads = game.held(starts), first_spreads(game, starts)
        own_seeds = search_seeds.generate_state(len(starts)).tolist()
        each = zip(starts, spreads, own_seeds, held, strict=True)
        self._searches = [
            Search(start, spread[~own], options.population, seed, own) for start, spread, seed, own in each
        ]
        self._actions, self._costs = np.zeros((0, game.size)), np.zeros(0)

    def update(self, generation: int) -> dict[str, float]:
        """Let every search try a generation of commitments and learn from it; return figures to log."""
        self._actions = np.concatenate([search.ask() for search in self._searches])
        num_tasks = self._options.tasks(generation)
        self._costs = self._play(self._actions, num_tasks, self._rng, self._meter)
        for search, costs in zip(self._searches, self._costs.reshape(len(self._searches), -1), strict=True):
            search.tell(costs)
        spreads = [search.spread for search in self._searches]
        return {"exploration": float(np.median(spreads)), "tasks": num_tasks, "least_cost": float(self._costs.min())}

    def commitment(self) -> Single:
        """The cheapest of the last generation."""
        return self._box.commitments(self._actions)[int(np.argmin(self._costs))]

    def final_commitment(self, meter: Meter) -> Single:
        """The cheapest on freshly sampled tasks, which are counted; the same whenever it is asked.

        It is one of the middles of all searches and of what was cheapest in the last generation.
        """
        cheapest = np.argsort(self._costs, kind="stable")[:NUM_FINALISTS]
        finalists = np.concatenate([*(search.mean for search in self._searches), self._actions[cheapest]])
        costs = self._play(finalists, FINAL_TASKS, np.random.default_rng(self._final_seeds), meter)
        return self._box.commitments(finalists)[int(np.argmin(costs))]

    def state(self) -> State:
        """Return the searches, their last generation, and chance."""
        return {
            "searches": {str(k): search.state() for k, search in enumerate(self._searches)},
            "actions": self._actions,
            "costs": self._costs,
            "rng": self._rng.bit_generator.state,
        }

    def restore(self, state: State) -> None:
        """Go on from a state."""
        for k, search in enumerate(self._searches):
            search.restore(state["searches"][str(k)])
        self._actions, self._costs = state["actions"], state["costs"]
        self._rng.bit_generator.state = state["rng"]

    def _play(self, actions: FloatArray, num_tasks: int, rng: np.random.Generator, meter: Meter) -> FloatArray:
        """Play tasks under each commitment, count them, and return what a task cost, (num_commitments,)."""
        commitments = self._box.commitments(actions)
        meter.queries += len(commitments)
        answers = self._respond(commitments)
        return meter.play(self._box.play_compared(commitments, answers, num_tasks, rng)).leader_cost


class Evolution(Learner):
    """See the module."""

    OPTIONS = EvolutionOptions

    def __init__(self, game: StackelbergGame, options: EvolutionOptions, seed: int) -> None:
        super().__init__(game, options, seed)
        self._options = options
        self._respond = response(game, options.follower)
        self._searches = Searches(game, options, self._respond, np.random.SeedSequence(seed), self.meter)

    @classmethod
    def objection(cls, game: StackelbergGame) -> str | None:
        """It plays every game: it compares what commitments cost, however many numbers users answer with."""
        return None

    @property
    def num_updates(self) -> int:
        """Number of updates: one a generation."""
        return self._options.generations

    def learn(self) -> Snapshot:
        """Let all searches try a generation."""
        statistics = self._searches.update(self.updates)
        return Snapshot("leader", self.meter.passes, self._respond, self._searches.commitment(), statistics)

    def learned(self) -> Learned:
        """Return the cheapest commitment that was found."""
        meter = copy(self.meter)
        return Learned(self._searches.final_commitment(meter), None, meter)

    def parts(self) -> dict[str, Part]:
        """The searches are all there is."""
        return {"searches": self._searches}


def first_starts(game: StackelbergGame) -> FloatArray:
    """Return where searches can start, (num_starts, game.size).

    On route 1 the searches start next to each other over the whole range of cascades. There is one on route 2, where
    only slow-downs matter. With throttling all of them are made twice. In other games likewise.
    """
    shares, extras = START_ODDS / (1 + START_ODDS), START_SLOW_DOWNS if game.num_extras else (0.0,)
    return np.concatenate([game.starts(shares, extra) for extra in extras])


def first_spreads(game: StackelbergGame, starts: FloatArray) -> FloatArray:
    """Return standard deviations of the first generations of searches that start there, (num_starts, game.size)."""
    spreads = starts * (1 - starts)
    spreads[:, game.size - game.num_extras :] = SLOW_DOWN_SPREAD
    return spreads
