"""The follower: users' PPO policy from an observed commitment to a stationary abandonment probability.

The user's move in the game is one number, q, chosen on seeing the commitment and kept for the task. It is learned as
that: one action a commitment, paid by a sample of tasks played with it. A learner that chose anew after every failure
would see the same observation each time and climb the utility from where it stands; around s_0 both q = 0 and q = 1
are local maxima, and such a learner keeps whichever side it started on. Here exploration is first wider than the
whole range of q, which compares staying for good with leaving at once, and then shrinks, which finds the mixed
answers of games with ξ_1 > 0 > ξ_2.

Where users change their mind their utility hardly depends on q, and what little does would drown in the luck of the
tasks. So a commitment is answered several times over with the same luck, and an answer is paid by its standing among
these: close answers come to nearly the same with it, and it cancels. What is left of luck shrinks less than what
there is to learn as exploration shrinks, so the number of tasks grows by the same factor.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch

from routegame.agents.users.learned import LearnedFollower, as_abandon_prob, commitment_features
from routegame.envs.arrays import BoolArray, Float32Array, FloatArray
from routegame.envs.stackelberg import Batch, StackelbergGame
from routegame.train.meter import Meter
from routegame.train.options import LARGEST_BATCH, Options, option
from routegame.train.ppo.one_step import OneStepPPO, OneStepVecEnv, standings
from routegame.train.state import State
from routegame.train.torch_state import layers_of

Sampler = Callable[[int, np.random.Generator], Batch]
"""Draws a batch of commitments for the follower to answer."""

NUM_ANSWERS = 8
"""How often a commitment is answered with the same luck."""


@dataclass(frozen=True)
class FollowerOptions(Options):
    """Options of the follower's training, whoever draws the commitments."""

    follower_updates: int = option(30, "updates on random commitments, before there is a leader", low=1)
    follower_batch: int = option(
        4096, "answers an update, eight to a commitment", low=64, high=LARGEST_BATCH, multiple_of=64
    )
    follower_tasks: int = option(1024, "tasks that each is played with, at an exploration of 1 or more", low=1)
    follower_rate: float = option(3e-3, "learning rate at first", low=1e-6)
    widest_exploration: float = option(3.0, "standard deviation of answers at first, range -1 to 1", low=1e-3)
    narrowest_exploration: float = option(0.1, "the same at last", low=1e-3)


class FollowerSide(OneStepVecEnv):
    """The game as its users play it: see a commitment, answer with q, be paid U on a sample of tasks.

    Each commitment is shown to `NUM_ANSWERS` users in a row, who have the same luck. They are paid relative to each
    other, in standard deviations: a baseline and a scale that leave the direction of the gradient alone, and let
    commitments count alike under which little is at stake.

    Attributes:
        sample: draws the commitments that users are to answer.
        num_tasks: that each answer is played with.
        pretraining: whether there is no leader yet.
    """

    def __init__(
        self,
        game: StackelbergGame,
        batch: int,
        num_tasks: int,
        sample: Sampler,
        rng: np.random.Generator,
        meter: Meter,
    ) -> None:
        self._box, self._rng, self._meter = game, rng, meter
        self.sample, self.num_tasks, self.pretraining = sample, num_tasks, True
        self._met = game.as_met
        chance = np.random.default_rng(0)
        size = commitment_features(self._met, game.met(sample(1, chance), chance)).shape[1]
        super().__init__(batch, size, 1)

    def observe(self) -> Float32Array:
        """Draw new commitments and return their features, once for each answer."""
        self._commitments = self._box.met(self.sample(self.num_envs // NUM_ANSWERS, self._rng), self._rng)
        return np.repeat(commitment_features(self._met, self._commitments), NUM_ANSWERS, axis=0)

    def pay(self, actions: Float32Array) -> Float32Array:
        """Play samples of tasks with these answers and return the standing of each among those to its commitment."""
        luck, count = int(self._rng.integers(2**63)), len(self._commitments)
        answers = as_abandon_prob(actions).reshape(-1, NUM_ANSWERS).T.reshape(-1)
        offered = self._commitments.take(np.tile(np.arange(count), NUM_ANSWERS))
        played = self._met.play_equally_lucky(offered, answers, self.num_tasks, luck, count)
        utilities = self._meter.play(played, pretraining=self.pretraining).follower_utility
        return standings(utilities.reshape(NUM_ANSWERS, count).T)


class FollowerLearner:
    """Trains the follower on commitments drawn by whoever asks."""

    def __init__(
        self,
        game: StackelbergGame,
        options: FollowerOptions,
        sample: Sampler,
        seeds: np.random.SeedSequence,
        meter: Meter,
    ) -> None:
        self._box, self._options = game, options
        self._rng = np.random.default_rng(seeds)
        self._side = FollowerSide(game, options.follower_batch, options.follower_tasks, sample, self._rng, meter)
        self._ppo = OneStepPPO(
            self._side,
            int(seeds.generate_state(1)[0]),
            minibatches=8,
            n_epochs=4,
            target_kl=0.1,
            reach=1.0,
            policy={"net_arch": {"pi": [64, 64], "vf": []}, "activation_fn": torch.nn.ReLU},
        )

    def update(
        self, sample: Sampler, exploration: float, learning_rate: float, *, pretraining: bool = True
    ) -> dict[str, float]:
        """Play one batch of drawn commitments, learn from it, and return figures to log."""
        self._side.sample, self._side.pretraining = sample, pretraining
        self._side.num_tasks = round(self._options.follower_tasks / min(exploration, 1.0))
        return self._ppo.update(exploration, learning_rate)

    def state(self) -> State:
        """Return what was learned, and chance."""
        return {"ppo": self._ppo.state(), "rng": self._rng.bit_generator.state}

    def restore(self, state: State) -> None:
        """Go on from a state."""
        self._ppo.restore(state["ppo"])
        self._rng.bit_generator.state = state["rng"]

    def follower(self) -> LearnedFollower:
        """The policy as it is now, exploration left out."""
        policy = self._ppo.policy
        layers = layers_of([*policy.mlp_extractor.policy_net, policy.action_net])
        return LearnedFollower(self._box, layers, policy.bound)


def random_commitments(game: StackelbergGame) -> Sampler:
    """Draw from everywhere: both routes; cascades uniform or log-uniform towards 0 or 1; half of slow-downs none.

    In other games likewise: both sides of switches, shares of all the rest, half of extras none.
    """
    size, switches, extras = game.size, game.num_switches, game.num_extras

    def sample(count: int, rng: np.random.Generator) -> Batch:
        actions = np.zeros((count, size))
        actions[:, :switches] = rng.integers(0, 2, (count, switches))
        actions[:, switches:] = shares(rng, (count, size - switches))
        actions[:, size - extras :] *= rng.random((count, extras)) < 0.5
        return game.commitments(game.thinned(actions, rng))

    return sample


def commitments_near(game: StackelbergGame, centres: Batch, held: BoolArray | None = None) -> Sampler:
    """Draw a quarter from everywhere and the rest around given commitments, 0.001 to 0.03 away of a range of 1.

    Coordinates that are held, (num_centres, size), stay as they are, as do switches.
    """
    elsewhere = random_commitments(game)
    actions, switches = game.actions(centres), game.num_switches

    def sample(count: int, rng: np.random.Generator) -> Batch:
        which = rng.integers(0, len(actions), count)
        near = actions[which]
        width = 10 ** (-1.5 - 1.5 * rng.random((count, 1)))
        moved = near[:, switches:] + width * rng.standard_normal((count, game.size - switches))
        moved = np.clip(moved, 0, 1)
        near[:, switches:] = moved if held is None else np.where(held[which, switches:], near[:, switches:], moved)
        far = game.actions(elsewhere(count, rng))
        return game.commitments(np.where(rng.random((count, 1)) < 0.75, near, far))

    return sample


def shares(rng: np.random.Generator, size: tuple[int, int]) -> FloatArray:
    """Draw numbers in [0, 1]: half of them uniform, a quarter log-uniform towards 0, and one towards 1."""
    near_end = 10 ** (-3 * rng.random(size))
    kind = rng.random(size)
    return np.select([kind < 0.5, kind < 0.75], [rng.random(size), near_end], 1 - near_end)
