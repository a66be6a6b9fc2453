"""`independent`: provider and users learn at the same time, each as if the other were part of the weather.

The first thing that one would try, and the one that must fail. Both sides are PPO, both move at once, and users do not
see the commitment: all that either side has of the other is what it is paid. Such a pair can rest only where neither
gains by moving alone, which is an equilibrium of the game *without* commitment (docs/theory.md). Where a pure one
exists they settle there, and it may cost the provider much more than the Stackelberg equilibrium. Where none does they
chase each other: users who stay draw the provider to the cheap model, the cheap model drives users away, users who
leave draw the provider to the good model, and the good model brings users back.

Each side is a Gaussian without inputs, and both learn from one update to the next against samples of what the other
does now. Exploration and learning rates stay as they are for the whole run. Were they to shrink, any pair would come
to rest in the end, the chase too, and the place would say nothing; and a side that hardly ever tries the other route
cannot notice that it has become the better one. What the run ends with is the last pair of means.
"""

from __future__ import annotations

from collections.abc import Callable
from copy import copy
from dataclasses import dataclass

import numpy as np
import torch

from routegame.agents.users.learned import always
from routegame.envs.arrays import Float32Array, FloatArray
from routegame.envs.stackelberg import Batch, Plays, StackelbergGame
from routegame.train.learner import Learned, Learner, Snapshot
from routegame.train.options import LARGEST_BATCH, Options, option
from routegame.train.ppo.one_step import OneStepPPO, OneStepVecEnv
from routegame.train.state import Part, State

Payoff = Callable[[FloatArray], FloatArray]
"""Rewards of moves in [0, 1], (num_moves, size) -> (num_moves,)."""


@dataclass(frozen=True)
class IndependentOptions(Options):
    """Options of `independent`; both sides learn alike."""

    joint_updates: int = option(300, "updates of both sides", low=1)
    batch: int = option(512, "moves of each side an update", low=64, high=LARGEST_BATCH)
    tasks: int = option(64, "tasks for each of them", low=1)
    rate: float = option(0.2, "learning rate, in units of a side's exploration", low=1e-6)
    provider_exploration: float = option(0.5, "standard deviation of commitments, range -1 to 1", low=1e-3)
    user_exploration: float = option(0.3, "standard deviation of abandonment, range -1 to 1", low=1e-3)


class BlindSide(OneStepVecEnv):
    """The game as one side meets it: nothing to see, a move to make, a reward that depends on who knows what else.

    Attributes:
        payoff: of the moves of the coming batch.
    """

    def __init__(self, batch: int, size: int) -> None:
        super().__init__(batch, 1, size)
        self.payoff: Payoff = lambda moves: np.zeros(len(moves))

    def observe(self) -> Float32Array:
        """Return the same for everybody, always."""
        return np.ones((self.num_envs, 1), dtype=np.float32)

    def pay(self, actions: Float32Array) -> Float32Array:
        """Return what the moves earn."""
        return self.payoff(_moves(actions)).astype(np.float32)


class Player:
    """A Gaussian over moves in [0, 1]^size, first around the middle of each, learned by PPO from rewards alone.

    Attributes:
        rng: chance of what it draws, and of the tasks that it is paid for.
    """

    def __init__(
        self, size: int, options: IndependentOptions, exploration: float, seeds: np.random.SeedSequence
    ) -> None:
        self._batch, self._exploration, self._rate = options.batch, exploration, options.rate * exploration
        self.rng = np.random.default_rng(seeds)
        self._side = BlindSide(options.batch, size)
        self._ppo = OneStepPPO(
            self._side,
            int(seeds.generate_state(1)[0]),
            minibatches=1,
            n_epochs=5,
            clip_range=0.3,
            reach=2.0,
            policy={"net_arch": []},
        )
        policy = self._ppo.policy
        policy.explore(exploration)
        assert isinstance(policy.action_net, torch.nn.Linear)
        policy.action_net.bias.requires_grad_(False)
        with torch.no_grad():
            policy.action_net.bias.zero_()
            policy.action_net.weight.zero_()

    @property
    def mean(self) -> FloatArray:
        """The move that is made if nothing is explored, (size,)."""
        return _moves(self._centre())

    def draw(self) -> FloatArray:
        """Return a batch of moves as they are made now, exploration included, (batch, size)."""
        centre = self._centre()
        return _moves(centre + self._exploration * self.rng.standard_normal((self._batch, len(centre))))

    def update(self, payoff: Payoff) -> dict[str, float]:
        """Make a batch of moves, learn from what they earn, and return figures to log."""
        self._side.payoff = payoff
        return self._ppo.update(self._exploration, self._rate)

    def state(self) -> State:
        """Return what was learned, and chance."""
        return {"ppo": self._ppo.state(), "rng": self.rng.bit_generator.state}

    def restore(self, state: State) -> None:
        """Go on from a state."""
        self._ppo.restore(state["ppo"])
        self.rng.bit_generator.state = state["rng"]

    def _centre(self) -> FloatArray:
        centre: FloatArray = self._ppo.policy.means(torch.ones(1, 1))[0].numpy().astype(np.float64)
        return centre


class Independent(Learner):
    """See the module."""

    OPTIONS = IndependentOptions

    def __init__(self, game: StackelbergGame, options: IndependentOptions, seed: int) -> None:
        super().__init__(game, options, seed)
        provider_seeds, user_seeds = np.random.SeedSequence(seed).spawn(2)
        self._options = options
        self._provider = Player(game.size, options, options.provider_exploration, provider_seeds)
        self._users = Player(1, options, options.user_exploration, user_seeds)

    @property
    def num_updates(self) -> int:
        """Both sides make one at once."""
        return self._options.joint_updates

    def learn(self) -> Snapshot:
        """Let both sides learn against samples of what the other does now."""
        offers, answers = self.box.commitments(self._provider.draw()), self._users.draw()[:, 0]

        def provider_payoff(moves: FloatArray) -> FloatArray:
            self.meter.queries += len(moves)
            return -self._play(self.box.commitments(moves), answers, self._provider.rng).leader_cost

        def user_payoff(moves: FloatArray) -> FloatArray:
            return self._play(offers, moves[:, 0], self._users.rng).follower_utility

        figures = {"provider": self._provider.update(provider_payoff), "users": self._users.update(user_payoff)}
        statistics = {
            **self.box.figures(offers),
            "abandon_prob": float(answers.mean()),
            **{f"{side}_{name}": value for side, own in figures.items() for name, value in own.items()},
        }
        learned = self.learned()
        assert learned.follower is not None
        return Snapshot("both", self.meter.passes, learned.follower.abandon_prob, learned.commitment, statistics)

    def _play(self, offers: Batch, answers: FloatArray, rng: np.random.Generator) -> Plays:
        return self.meter.play(self.box.play_totals(offers, answers, self._options.tasks, rng))

    def learned(self) -> Learned:
        """Return the means of both sides."""
        commitments = self.box.commitments(self._provider.mean[None])
        return Learned(commitments[0], always(self.box, float(self._users.mean[0])), copy(self.meter))

    def parts(self) -> dict[str, Part]:
        """Both sides."""
        return {"provider": self._provider, "users": self._users}


def _moves(actions: FloatArray | Float32Array) -> FloatArray:
    """Moves in [0, 1] that actions stand for, range -1 to 1, cut off at its ends."""
    return np.clip((1 + np.asarray(actions, dtype=np.float64)) / 2, 0, 1)
