"""`plug_in`: count how often models fail, and solve the game as if the counts were the truth.

Certainty equivalence, as a statistician or whoever has a log would do it, and as `routegame calibrate` does. It is told
the rules: what a pass of each model costs and how long it takes, what a solved task is worth, what a lost one costs.
All that it does not know is how often models fail. So it hands tasks to each model alone until that has solved them,
and puts the shares of passes that solved one, "plugged in", in the place of probabilities. Users do the same with the
same counts, see `routegame.agents.users.estimating`; nobody asks them what they would answer.

In an equilibrium users are often indifferent, and a commitment that is right for wrong counts falls off the edge in
half of the cases. So the provider reckons with users who see it otherwise, because all models fail more often, or less
often, by a few standard errors; of the commitments that are best for either, and for the counts themselves, it takes
the one that costs least in the worst case.

What it gains over learners that know nothing of the game is what the rules are worth.
"""

from __future__ import annotations

from copy import copy
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from routegame.agents.exact.solution import RoutingProfile
from routegame.agents.menus.solved_menu import MenuProfile
from routegame.agents.users.estimating import EstimatingFollower
from routegame.envs.arrays import FloatArray
from routegame.envs.commitment import Commitment, Commitments, RoutingGame
from routegame.envs.menu_game import MenuCommitment, MenuCommitments, MenuGame
from routegame.envs.stackelberg import Batch, Single, StackelbergGame
from routegame.train.learner import Learned, Learner, Snapshot, Users
from routegame.train.meter import Meter
from routegame.train.options import Options, option
from routegame.train.state import Part, State


@dataclass(frozen=True)
class PlugInOptions(Options):
    """Options of `plug_in`."""

    rounds: int = option(24, "rounds, each with twice as many tasks as the one before", low=1, high=30)
    first_tasks: int = option(64, "tasks that each model is handed in the first of them", low=1, high=10**6)
    margin: float = option(3.0, "standard errors by which users may see it otherwise", low=0.0)


class Counts:
    """How many passes of each model it took to solve how many tasks.

    Args:
        game: the game, of two models or of more.
        seeds: of chance.
        meter: counts what is played.
    """

    def __init__(self, game: RoutingGame | MenuGame, seeds: np.random.SeedSequence, meter: Meter) -> None:
        self._game, self._meter, self._rng = game, meter, np.random.default_rng(seeds)
        self._alone = _alone(game)
        self._tasks, self._passes = 0, np.zeros(len(self._alone), dtype=np.int64)

    def play(self, num_tasks: int) -> None:
        """Hand so many tasks to each model alone, whose users stay until they are solved."""
        for k in range(len(self._alone)):
            offered = self._alone.take(np.array([k]))
            played = self._meter.play(self._game.play_totals(offered, np.zeros(1), num_tasks, self._rng))
            self._passes[k] += played.passes.sum()
        self._tasks += num_tasks

    def success_prob(self, errors: float = 0.0) -> FloatArray:
        """Estimate how often each model succeeds, (K,), so many standard errors of the log-odds above the estimate.

        Half a failure is added, so that no model is taken to be perfect; before anything is counted half a success
        stands beside it.
        """
        successes, failures = max(self._tasks, 0.5), self._passes - self._tasks + 0.5
        log_odds = np.log(successes / failures) + errors * np.sqrt(1 / successes + 1 / failures)
        found: FloatArray = 1 / (1 + np.exp(-log_odds))
        return found

    def state(self) -> State:
        """Return the counts, and chance."""
        return {"tasks": self._tasks, "passes": self._passes, "rng": self._rng.bit_generator.state}

    def restore(self, state: State) -> None:
        """Go on from a state."""
        self._tasks, self._passes = int(state["tasks"]), state["passes"]
        self._rng.bit_generator.state = state["rng"]


class PlugIn(Learner):
    """See the module."""

    OPTIONS = PlugInOptions
    USERS: ClassVar[type[Users]] = EstimatingFollower
    box: RoutingGame | MenuGame

    def __init__(self, game: StackelbergGame, options: PlugInOptions, seed: int) -> None:
        super().__init__(game, options, seed)
        self._options = options
        self._counts = Counts(self.box, np.random.SeedSequence(seed), self.meter)

    @classmethod
    def objection(cls, game: StackelbergGame) -> str | None:
        """It knows the rules of games of two models, and of more, where every user and every task is alike."""
        return None if isinstance(game, RoutingGame | MenuGame) else "it knows the rules of routing among models alone"

    @property
    def num_updates(self) -> int:
        """Number of updates: one a round."""
        return self._options.rounds

    def learn(self) -> Snapshot:
        """Count once more, on twice as many tasks as before."""
        num_tasks = self._options.first_tasks * 2**self.updates
        self._counts.play(num_tasks)
        users, statistics = self._users(), {"tasks": float(num_tasks)}
        return Snapshot("both", self.meter.passes, users.abandon_prob, self._commitment(users), statistics)

    def learned(self) -> Learned:
        """Return what is best by the counts, with a margin, and users who go by the counts."""
        users = self._users()
        return Learned(self._commitment(users), users, copy(self.meter))

    def parts(self) -> dict[str, Part]:
        """The counts are all there is."""
        return {"counts": self._counts}

    def _users(self, errors: float = 0.0) -> EstimatingFollower:
        return EstimatingFollower(self.box, self._counts.success_prob(errors))

    def _commitment(self, believed: EstimatingFollower) -> Single:
        """Return the commitment that costs least in the worst case, of those that are best for some users."""
        doubtful, hopeful = (self._users(errors) for errors in (-self._options.margin, self._options.margin))
        offers = [self._best(users) for users in (believed, doubtful, hopeful)]
        batches = [offer.alone() for offer in offers]
        answers = [[users.abandon_prob(batch) for users in (doubtful, believed, hopeful)] for batch in batches]
        costs = [
            max(float(believed.solved.outcome(batch, answer)[0][0]) for answer in given)
            for batch, given in zip(batches, answers, strict=True)
        ]
        return offers[int(np.argmin(costs))]

    def _best(self, users: EstimatingFollower) -> Single:
        """Return the equilibrium's commitment for these users, no slower than the box allows."""
        best, slowest = users.solved.equilibrium(), self.box.max_latency
        assert isinstance(best, MenuProfile | RoutingProfile)  # there are no other games that it plays
        latency = tuple(min(float(t), most) for t, most in zip(best.throttled_latency, slowest, strict=True))
        if isinstance(best, MenuProfile):
            return MenuCommitment(best.policy.start, best.policy.matrix, latency)
        return Commitment(int(best.route), float(best.cascade_prob), (latency[0], latency[1]))


def _alone(game: RoutingGame | MenuGame) -> Batch:
    """Return the commitments under which one model has every pass."""
    if isinstance(game, RoutingGame):
        return Commitments.unthrottled(game.game, [1, 2], 0.0)
    each = np.eye(game.num_models)
    return MenuCommitments(each, each[:, None], np.tile(np.array(game.game.latency, dtype=np.float64), (len(each), 1)))
