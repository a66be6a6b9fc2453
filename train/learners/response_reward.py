"""`response_reward`: an episode of the leader has a response phase, in which users adapt, and a reward phase.

After Brero et al. (2022, "Stackelberg POMDP: A Reinforcement Learning Approach for Economic Design"). The leader
commits. Then comes the response phase: users who know nothing find out what to do about it, from scratch and by a rule
of learning of their own, `routegame.agents.users.adapting`. The leader is paid for none of their trials. Only then, in
the reward phase, it pays for tasks with users as they have become. To the leader all that is one move and one reward,
and it is the same population of Gaussian PPO policies as everywhere.

Of users no more has to be known than that they learn, and nothing of theirs is differentiated or remembered. The price
is counted in passes: each of the leader's trials costs a whole adaptation. And what the leader is paid for is the
answer of users who have tried finitely often. Close to an edge some of them are wrong, and it keeps away as far as
their doubts reach; so the further the leader is, the more often they try.

What breaks it, and how that looks, is in `routegame.train.learners.negative_controls`.
"""

from __future__ import annotations

from copy import copy
from dataclasses import dataclass
from functools import partial
from typing import ClassVar

import numpy as np

from routegame.agents.users.adapting import AdaptedFollower
from routegame.envs.arrays import FloatArray
from routegame.envs.stackelberg import Batch, StackelbergGame
from routegame.train.learner import Learned, Learner, Snapshot, Users
from routegame.train.meter import Meter
from routegame.train.options import LARGEST_BATCH, geometric, option
from routegame.train.ppo.leader import LeaderOptions, LeaderPopulation
from routegame.train.state import Part, State


@dataclass(frozen=True)
class ResponseRewardOptions(LeaderOptions):
    """Options of `response_reward`.

    Rates are per V p of the better model, what a pass is worth to users; or per what else is much in a game.
    """

    leader_batch: int = option(256, "commitments an update", low=64, high=LARGEST_BATCH, multiple_of=16)
    rounds: int = option(5, "rounds of an adaptation", low=1)
    first_rate: float = option(3.0, "rate at which users go over to what paid, in the first round", low=1e-6)
    last_rate: float = option(1000.0, "the same in the last round", low=1e-6)
    first_trials: int = option(2**11, "tasks that a habit is tried on in the last round, at first", low=1)
    last_trials: int = option(2**16, "the same once refinement begins", low=1)
    final_trials: int = option(2**20, "the same when the leader makes its last choice", low=1)

    def trials(self, update: int) -> int:
        """Number of times that users try a habit in the last round, at an update of the leader."""
        return round(geometric(self.first_trials, self.last_trials, update, self.leader_updates))

    def users(self, game: StackelbergGame, trials: int, seed: int) -> AdaptedFollower:
        """Users who try every habit so often in the last round."""
        rates = np.geomspace(self.first_rate, self.last_rate, self.rounds) / game.utility_scale
        return AdaptedFollower(game, rates, trials, seed)


class ResponsePhase:
    """The response phase: users adapt between a commitment and its reward.

    Args:
        game: the game, with the commitments that users can be shown.
        options: of the learner.
        seed: of the users' trials.
        meter: that counts them.
    """

    def __init__(self, game: StackelbergGame, options: ResponseRewardOptions, seed: int, meter: Meter) -> None:
        self._box, self._options, self._seed, self._meter = game, options, seed, meter
        self._rng = np.random.default_rng(seed)

    def users(self, update: int) -> AdaptedFollower:
        """Users as they are at an update of the leader."""
        return self._options.users(self._box, self._options.trials(update), self._seed)

    def final_users(self) -> AdaptedFollower:
        """Users as they are when the leader makes its last choice."""
        return self._options.users(self._box, self._options.final_trials, self._seed)

    def respond(self, update: int, commitments: Batch) -> FloatArray:
        """Return what users do about commitments once they have adapted, (num_commitments,)."""
        return self.answers(self.users(update), commitments, self._rng, self._meter)

    def final(self, commitments: Batch, meter: Meter) -> FloatArray:
        """Return the same for commitments that the leader has its last choice of; the same whenever it is asked."""
        return self.answers(self.final_users(), commitments, np.random.default_rng(self._seed), meter)

    def answers(self, users: AdaptedFollower, commitments: Batch, rng: np.random.Generator, meter: Meter) -> FloatArray:
        """Let users adapt from scratch, and return what they do at last, (num_commitments,)."""
        *_, answers = users.adapting(commitments, rng, meter.play)
        return answers

    def state(self) -> State:
        """Return chance: users keep nothing from one commitment to the next."""
        return {"rng": self._rng.bit_generator.state}

    def restore(self, state: State) -> None:
        """Go on from a state."""
        self._rng.bit_generator.state = state["rng"]


class ResponseReward(Learner):
    """See the module."""

    OPTIONS = ResponseRewardOptions
    USERS: ClassVar[type[Users]] = AdaptedFollower
    PHASE: ClassVar[type[ResponsePhase]] = ResponsePhase

    def __init__(self, game: StackelbergGame, options: ResponseRewardOptions, seed: int) -> None:
        super().__init__(game, options, seed)
        leader_seeds, trial_seeds = np.random.SeedSequence(seed).spawn(2)
        self._options = options
        self._phase = self.PHASE(game, options, int(trial_seeds.generate_state(1)[0]), self.meter)
        self._leader = self._population(leader_seeds)

    def _population(self, seeds: np.random.SeedSequence) -> LeaderPopulation:
        return LeaderPopulation(self.box, self._options, seeds, self.meter)

    @property
    def num_updates(self) -> int:
        """Number of updates, all of them the leader's."""
        return self._options.leader_updates + self._options.refinement_updates

    def learn(self) -> Snapshot:
        """Let the leader commit, users adapt, and the leader pay and learn."""
        users = self._phase.users(self.updates)
        statistics = self._leader.update(partial(self._phase.respond, self.updates))
        statistics |= {"cost": self._leader.least_cost, "trials": users.num_tasks}
        return Snapshot("leader", self.meter.passes, users.abandon_prob, self._leader.commitment(), statistics)

    def learned(self) -> Learned:
        """Return the commitment that is cheapest once users have adapted to it, and such users."""
        meter = copy(self.meter)
        respond = partial(self._phase.final, meter=meter)
        return Learned(self._leader.final_commitment(respond, meter), self._phase.final_users(), meter)

    def parts(self) -> dict[str, Part]:
        """The leader, and the chance of its users' trials."""
        return {"leader": self._leader, "phase": self._phase}
