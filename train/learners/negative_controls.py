"""Negative controls: three ways to get the response phase wrong, each of which must be seen to fail.

A benchmark that cannot tell these from `response_reward` proves nothing. They differ from it in one thing each, and
cost as much; none of them is offered on the command line. `make controls` shows how they fail.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from routegame.agents.users.adapting import AdaptedFollower, Crowd
from routegame.envs.arrays import FloatArray
from routegame.envs.commitment import Commitments, RoutingGame
from routegame.envs.stackelberg import Batch, StackelbergGame
from routegame.train.learners.response_reward import ResponsePhase, ResponseReward, ResponseRewardOptions
from routegame.train.meter import Meter
from routegame.train.ppo.leader import LeaderPopulation, first_commitments
from routegame.train.state import State


class LeakingPhase(ResponsePhase):
    """Rewards leak out of the response phase: the leader pays for users' trials as for the tasks after them.

    An episode's tasks are spread evenly over all rounds and what comes after them; so the answer that a commitment is
    paid for is that of a round drawn at random.
    """

    def answers(self, users: AdaptedFollower, commitments: Batch, rng: np.random.Generator, meter: Meter) -> FloatArray:
        """Return answers on the way, (num_commitments,)."""
        stages = np.stack(list(users.adapting(commitments, rng, meter.play)))
        answers: FloatArray = stages[rng.integers(0, len(stages), len(commitments)), np.arange(len(commitments))]
        return answers


class RewardLeak(ResponseReward):
    """The leader learns what is cheap while users still find out, who in the first rounds do a little of everything.

    They do so whatever it commits to. What makes a commitment cheap, users who know at once that it is not for them or
    who never doubt that it is, comes too late to count in full. It ends where half-ignorant users are cheap: with a
    model that they may stay with where they had better be let go, or far from an edge that they do not see yet.
    """

    PHASE = LeakingPhase


class CarryingPhase(ResponsePhase):
    """Users keep what they have come to do from one commitment to the next."""

    def __init__(self, game: StackelbergGame, options: ResponseRewardOptions, seed: int, meter: Meter) -> None:
        super().__init__(game, options, seed, meter)
        self._crowd = Crowd(game, options.leader_batch)

    def respond(self, update: int, commitments: Batch) -> FloatArray:
        """Go on from where the last commitment of each leader has left its users, (num_commitments,)."""
        for rate, num_tasks in self.users(update).rounds():
            self._crowd.learn(commitments, rate, num_tasks, self._rng, self._meter.play)
        return self._crowd.answers

    def final(self, commitments: Batch, meter: Meter) -> FloatArray:
        """Return what users do by now, on average, whatever they are offered."""
        return np.full(len(commitments), self._crowd.answers.mean())

    def state(self) -> State:
        """Return chance, and what users do."""
        return {**super().state(), "crowd": self._crowd.state()}

    def restore(self, state: State) -> None:
        """Go on from a state."""
        super().restore(state)
        self._crowd.restore(state["crowd"])


class CarriedState(ResponseReward):
    """Users answer all commitments that they have ever seen at once, and the one at hand hardly counts.

    What they once gave up they do not try again. So the leader's moves change nothing about them, and it takes what
    it finds: users who stayed under a good commitment stay under a bad one, and cost little. They would not.
    """

    PHASE = CarryingPhase


@dataclass(frozen=True)
class TwoFaced(Commitments):
    """Commitments of the reward phase, and what was shown to users in the response phase.

    Attributes:
        shown: the commitments that users adapt to.
    """

    shown: Commitments


class TwoFacedGame(RoutingGame):
    """Actions of a leader that can tell the phases apart: a commitment for the reward phase, and one for show."""

    @property
    def size(self) -> int:
        """Number of dimensions: twice those of the box."""
        return 2 * super().size

    def commitments(self, actions: FloatArray) -> TwoFaced:
        """Return what the rows of `actions` commit to, (num_commitments, size) in [0, 1]."""
        honest, shown = (super(TwoFacedGame, self).commitments(half) for half in np.split(actions, 2, axis=1))
        return TwoFaced(**vars(honest), shown=shown)

    def actions(self, commitments: Batch) -> FloatArray:
        """Return the actions that stand for both, (num_commitments, size)."""
        both, honest = TwoFaced.of(commitments), RoutingGame(self.game, throttling=self.throttling)
        return np.hstack([honest.actions(both), honest.actions(both.shown)])


class DeceivedPhase(ResponsePhase):
    """Users adapt to what is shown to them."""

    def answers(self, users: AdaptedFollower, commitments: Batch, rng: np.random.Generator, meter: Meter) -> FloatArray:
        """Return what users do about what is shown, (num_commitments,)."""
        return super().answers(users, TwoFaced.of(commitments).shown, rng, meter)


class LeaderWithMemory(ResponseReward):
    """The leader sees whether users have answered yet, and commits anew once they have.

    A policy with that in its memory is two commitments: one for the response phase, which is not paid for, and one for
    the reward phase, in which users no longer move. So it attracts users with the one and serves them with the other,
    at less than the optimum: too good to be true. It has solved another game, without commitment and with users who
    can be fooled for ever; as a commitment its reward phase drives them away.
    """

    PHASE = DeceivedPhase

    def __init__(self, game: RoutingGame, options: ResponseRewardOptions, seed: int) -> None:
        self._two_faced = TwoFacedGame(game.game, throttling=game.throttling)
        super().__init__(game, options, seed)

    def _population(self, seeds: np.random.SeedSequence) -> LeaderPopulation:
        starts = np.tile(first_commitments(self.box), 2)
        return LeaderPopulation(self._two_faced, self._options, seeds, self.meter, starts)


CONTROLS: dict[str, type[ResponseReward]] = {
    "reward_leak": RewardLeak,
    "carried_state": CarriedState,
    "leader_with_memory": LeaderWithMemory,
}
"""Controls by name."""
