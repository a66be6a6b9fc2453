"""`contextual`: learn what to do with tasks that differ, on both sides, for users who know their context or do not.

With users who know it this is `meta_follower`, but of functions: users learn one network that answers any commitment in
any context, on commitments and contexts drawn at random; leaders learn another one, that commits by what is known of a
task, against those users; then both are refined in turns, users around what leaders now commit to. A single run learns
all contexts, and what it has learned says what to do in contexts that it has never met.

What is known of a task are its features, where the mix has some; else orders of magnitude of its context's numbers.

Then comes a last choice in every context, `routegame.train.ppo.choice_in_contexts`. The provider sees the context of
every task, which is fair information: so commitments can be tried in all contexts at once.

Users who do not know their context see the whole commitment, and their failures: one network answers policies over all
contexts, first drawn at random and then close to what leaders commit to. Leaders learn what single commitments cost and
are worth in each context, and put policies together at one price of patience, `routegame.train.ppo.blind_leader`.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from copy import copy
from dataclasses import dataclass

import numpy as np

from routegame.agents.users.learned_in_context import ContextualFollower
from routegame.envs.arrays import FloatArray
from routegame.envs.context_game import ContextGame, Offers
from routegame.envs.mix_game import MixCommitment, MixGame, lists_of
from routegame.envs.stackelberg import Batch, Response, StackelbergGame
from routegame.train.learner import Learned, Learner, Snapshot
from routegame.train.learners.meta_follower import REFINING_RATE, first_schedule
from routegame.train.meter import Meter
from routegame.train.options import LARGEST_BATCH, geometric, option
from routegame.train.ppo.blind_leader import BlindLeader
from routegame.train.ppo.choice_in_contexts import cheapest_in_contexts
from routegame.train.ppo.contextual_leader import ContextualLeader
from routegame.train.ppo.follower import (
    FollowerLearner,
    FollowerOptions,
    commitments_near,
    random_commitments,
    shares,
)
from routegame.train.state import Part

REFINING_EXPLORATION = (1.0, 0.05)
"""Spread of the follower in refinement, at first and at last: wide enough to compare staying with leaving once more,
where leaders are, and then narrow enough to tell staying from leaving once in a hundred failures."""

MOST_BLIND = 128
"""Contexts at the most of which blind users learn what to answer: their network sees many numbers of each."""


@dataclass(frozen=True)
class ContextualOptions(FollowerOptions):
    """Options of `contextual`."""

    leader_updates: int = option(60, "updates of all leaders", low=1)
    refinement_updates: int = option(45, "further updates of the cheapest leaders", low=1)
    rounds: int = option(3, "rounds of refinement of both", low=1)
    round_updates: int = option(12, "updates of the follower in each round", low=1)
    leader_batch: int = option(2048, "commitments an update", low=64, high=LARGEST_BATCH, multiple_of=64)
    leader_tasks: int = option(1024, "tasks under each of them", low=1)
    leader_rate: float = option(0.01, "learning rate, in units of the current exploration", low=1e-6)
    first_exploration: float = option(0.4, "standard deviation of commitments at first, range -1 to 1", low=1e-6)
    middle_exploration: float = option(0.1, "the same when refinement begins", low=1e-6)
    last_exploration: float = option(0.01, "the same at last", low=1e-6)
    blind_tasks: int = option(2**18, "tasks a context under each commitment and answer, of blind users", low=64)
    final_tasks: int = option(2**22, "tasks a context under each of the last few to choose from", low=512)

    def exploration(self, update: int) -> float:
        """Standard deviation at an update of the leader, counted through both stages."""
        if update < self.leader_updates:
            return geometric(self.first_exploration, self.middle_exploration, update, self.leader_updates)
        done = update - self.leader_updates
        return geometric(self.middle_exploration, self.last_exploration, done, self.refinement_updates)


class Sides(ABC):
    """Both sides of a mix, whose turns are planned.

    Attributes:
        plan: whose turn it is at each update, and its number within the phase.
    """

    plan: list[tuple[str, int]]

    @abstractmethod
    def learn(self, phase: str, step: int) -> Snapshot:
        """Train whoever's turn it is."""

    @abstractmethod
    def learned(self) -> Learned:
        """Return the commitment that is cheapest under the learned users, should they reconsider, and them."""

    @abstractmethod
    def parts(self) -> dict[str, Part]:
        """Both sides."""


class Contextual(Learner):
    """See the module."""

    OPTIONS = ContextualOptions
    USERS = ContextualFollower

    def __init__(self, game: StackelbergGame, options: ContextualOptions, seed: int) -> None:
        super().__init__(game, options, seed)
        assert isinstance(game, MixGame)  # others it objects to
        kind = SightedSides if game.users == "sighted" else BlindSides
        self._sides: Sides = kind(game, options, seed, self.meter)

    @classmethod
    def objection(cls, game: StackelbergGame) -> str | None:
        """It plays mixes of tasks of two models, with blind users of up to `MOST_BLIND` contexts."""
        if not isinstance(game, MixGame):
            return "there are no contexts to tell apart"
        if game.num_models > 2:
            return "it learns to commit to two models"
        if game.users != "sighted" and game.num_contexts > MOST_BLIND:
            return f"blind users see commitments whole, and here are more than {MOST_BLIND} contexts"
        return None

    @property
    def num_updates(self) -> int:
        """Number of updates of both sides over all phases."""
        return len(self._sides.plan)

    def learn(self) -> Snapshot:
        """Train whoever's turn it is."""
        return self._sides.learn(*self._sides.plan[self.updates])

    def learned(self) -> Learned:
        """Return the commitment that is cheapest under the learned users, should they reconsider, and them."""
        return self._sides.learned()

    def parts(self) -> dict[str, Part]:
        """Both sides."""
        return self._sides.parts()


class SightedSides(Sides):
    """Networks of what is known of a task, and a last choice in every context."""

    def __init__(self, game: MixGame, options: ContextualOptions, seed: int, meter: Meter) -> None:
        follower_seeds, leader_seeds, self._final_seeds = np.random.SeedSequence(seed).spawn(3)
        self._options, self._mix, self._game, self._meter = options, game, ContextGame(game.mix), meter
        self._follower = FollowerLearner(self._game, options, self._anywhere, follower_seeds, meter)
        self._leader = ContextualLeader(
            self._game, options.leader_batch, options.leader_tasks, options.leader_rate, leader_seeds, meter
        )
        self.plan = _plan(options)

    def learn(self, phase: str, step: int) -> Snapshot:
        """Train whoever's turn it is."""
        options = self._options
        if phase == "leader":
            if step == options.leader_updates:
                self._leader.keep_the_cheapest()
            respond = self._follower.follower().abandon_prob
            statistics = self._leader.update(respond, options.exploration(step))
        elif phase == "follower":
            statistics = self._follower.update(self._anywhere, *first_schedule(options, step))
        else:
            statistics = self._follower.update(self._near, *refining_schedule(options, step), pretraining=False)
        users = self._users().abandon_prob
        commitment = None if phase == "follower" else self._committed(self._best_actions())
        return Snapshot(phase, self._meter.passes, users, commitment, statistics)

    def learned(self) -> Learned:
        """Return what is cheapest in every context under the learned users, should they reconsider, and them."""
        meter, rng = copy(self._meter), np.random.default_rng(self._final_seeds)
        respond: Response = self._follower.follower().abandon_prob
        tried, tasks = self._leader.actions(), self._options.final_tasks
        actions = cheapest_in_contexts(self._game, tried, respond, tasks, rng, meter)
        return Learned(self._committed(actions), self._users(), meter)

    def parts(self) -> dict[str, Part]:
        """Both sides."""
        return {"follower": self._follower, "leader": self._leader}

    def _users(self) -> ContextualFollower:
        return ContextualFollower.of(self._mix, self._follower.follower())

    def _best_actions(self) -> FloatArray:
        function = self._leader.function(self._leader.best)
        return function.actions(self._game.known * self._game.spread + self._game.centre)

    def _committed(self, actions: FloatArray) -> MixCommitment:
        """Return the commitment to an action in each context, (C, 2), and to the best leader's where there is none."""
        one = lists_of(actions[None, :, 0] > 0.5, actions[None, :, 1])[0]
        features = self._mix.mix.features
        told = features is not None and features.shape[1] == self._game.known.shape[1]
        elsewhere = self._leader.function(self._leader.best) if told else None
        return MixCommitment(one.start, one.matrix, elsewhere)

    def _anywhere(self, count: int, rng: np.random.Generator) -> Batch:
        """Draw contexts as they come, and commitments from everywhere."""
        actions = np.column_stack([rng.integers(0, 2, count), shares(rng, (count, 1))])
        return Offers.at(self._game.contexts(count, rng), actions)

    def _near(self, count: int, rng: np.random.Generator) -> Batch:
        """Draw a quarter from everywhere and the rest around what leaders commit to."""
        far, near = Offers.of(self._anywhere(count, rng)), self._leader.near(count, rng)
        there = rng.random(count) < 0.75
        return Offers(*(np.where(there, getattr(near, name), getattr(far, name)) for name in vars(far)))


class BlindSides(Sides):
    """A network of whole commitments, and policies that are put together at one price of patience."""

    def __init__(self, game: MixGame, options: ContextualOptions, seed: int, meter: Meter) -> None:
        follower_seeds, leader_seeds = np.random.SeedSequence(seed).spawn(2)
        self._options, self._game, self._meter = options, game, meter
        self._anywhere = random_commitments(game)
        self._follower = FollowerLearner(game, options, self._anywhere, follower_seeds, meter)
        self._leader = BlindLeader(game, options.blind_tasks, leader_seeds, meter)
        self.plan = [("follower", step) for step in range(options.follower_updates)]
        for k in range(options.rounds):
            steps = range(k * options.round_updates, (k + 1) * options.round_updates)
            self.plan += [("leader", k), *(("refinement", step) for step in steps)]

    def learn(self, phase: str, step: int) -> Snapshot:
        """Train whoever's turn it is."""
        options = self._options
        if phase == "leader":
            statistics = self._leader.update(self._follower.follower().abandon_prob)
        elif phase == "follower":
            statistics = self._follower.update(self._anywhere, *first_schedule(options, step))
        else:
            near = commitments_near(self._game, self._leader.commitments())
            statistics = self._follower.update(near, *refining_schedule(options, step), pretraining=False)
        commitment = None if phase == "follower" else self._leader.commitment()
        respond = self._follower.follower().abandon_prob
        return Snapshot(phase, self._meter.passes, respond, commitment, statistics)

    def learned(self) -> Learned:
        """Return the cheapest policy under the learned users, should they reconsider, and them."""
        meter, follower = copy(self._meter), self._follower.follower()
        return Learned(self._leader.final_commitment(follower.abandon_prob, meter), follower, meter)

    def parts(self) -> dict[str, Part]:
        """Both sides."""
        return {"follower": self._follower, "leader": self._leader}


def _plan(options: ContextualOptions) -> list[tuple[str, int]]:
    """Return whose turn it is at each update, and its number within the phase."""
    plan = [("follower", step) for step in range(options.follower_updates)]
    plan += [("leader", step) for step in range(options.leader_updates)]
    for k, share in enumerate(np.array_split(np.arange(options.refinement_updates), options.rounds)):
        plan += [("refinement", k * options.round_updates + step) for step in range(options.round_updates)]
        plan += [("leader", options.leader_updates + int(step)) for step in share]
    return plan


def refining_schedule(options: ContextualOptions, step: int) -> tuple[float, float]:
    """Exploration and learning rate of the follower in refinement, counted through all rounds."""
    num_steps = options.rounds * options.round_updates
    rate = options.follower_rate * geometric(*REFINING_RATE, step, num_steps)
    return geometric(*REFINING_EXPLORATION, step, num_steps), rate
