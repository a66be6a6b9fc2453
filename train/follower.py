"""The follower: users' PPO policy from an observed commitment to a stationary abandonment probability.

The user's move in the game is one number, q, chosen on seeing the commitment and kept for the task. It is learned as
that: one action a commitment, paid by a sample of tasks played with it. A learner that chose anew after every failure
would see the same observation each time and climb the utility from where it stands; around s_0 both q = 0 and q = 1
are local maxima, and such a learner keeps whichever side it started on. Here exploration is first wider than the
whole range of q, which compares staying for good with leaving at once, and then shrinks, which finds the mixed
answers of games with ξ_1 > 0 > ξ_2.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch

from routegame.agents.learned import LearnedFollower, commitment_features
from routegame.envs.commitment import CommitmentBox, Commitments
from routegame.envs.game import FloatArray
from routegame.train.meter import Meter
from routegame.train.one_step import Float32Array, OneStepPPO, OneStepVecEnv
from routegame.train.options import Options, option
from routegame.train.state import State

Sampler = Callable[[int, np.random.Generator], Commitments]
"""Draws a batch of commitments for the follower to answer."""


@dataclass(frozen=True)
class FollowerOptions(Options):
    """How the follower is trained, whoever draws the commitments."""

    follower_updates: int = option(40, "updates on random commitments, before there is a leader", low=1)
    follower_batch: int = option(4096, "commitments an update", low=64, multiple_of=8)
    follower_tasks: int = option(1024, "tasks under each of them", low=1)
    follower_rate: float = option(3e-3, "learning rate at first", low=1e-6)
    widest_exploration: float = option(3.0, "standard deviation of answers at first, range -1 to 1", low=1e-3)
    narrowest_exploration: float = option(0.1, "the same at last", low=1e-3)


class FollowerSide(OneStepVecEnv):
    """The routing game as its users play it: see a commitment, answer with q, be paid U / V on a sample of tasks.

    Attributes:
        sample: draws the commitments that users are to answer.
        pretraining: whether there is no leader yet.
    """

    def __init__(
        self, box: CommitmentBox, batch: int, num_tasks: int, sample: Sampler, rng: np.random.Generator, meter: Meter
    ) -> None:
        self._box, self._num_tasks, self._rng, self._meter = box, num_tasks, rng, meter
        self.sample, self.pretraining = sample, True
        size = commitment_features(box, sample(1, np.random.default_rng(0))).shape[1]
        super().__init__(batch, size, 1)

    def observe(self) -> Float32Array:
        """Draw new commitments and return their features."""
        self._commitments = self.sample(self.num_envs, self._rng)
        return commitment_features(self._box, self._commitments)

    def pay(self, actions: Float32Array) -> Float32Array:
        """Play a sample of tasks with these abandonment probabilities and return average utilities."""
        game = self._box.game
        abandon_prob = np.clip((1 + actions[:, 0].astype(np.float64)) / 2, 0, 1)
        tasks = self._commitments.play(game, abandon_prob, self._num_tasks, self._rng)
        self._meter.play(tasks, pretraining=self.pretraining)
        utility = tasks.user_utility(self._commitments.in_force(game)) / game.task_value
        return utility.astype(np.float32)


class FollowerLearner:
    """Trains the follower on commitments drawn by whoever asks."""

    def __init__(
        self, box: CommitmentBox, options: FollowerOptions, sample: Sampler, seeds: np.random.SeedSequence, meter: Meter
    ) -> None:
        self._box = box
        self._rng = np.random.default_rng(seeds)
        self._side = FollowerSide(box, options.follower_batch, options.follower_tasks, sample, self._rng, meter)
        self._ppo = OneStepPPO(
            self._side,
            int(seeds.generate_state(1)[0]),
            minibatches=8,
            n_epochs=4,
            reach=1.0,
            policy={"net_arch": [64, 64], "activation_fn": torch.nn.ReLU},
        )

    def update(
        self, sample: Sampler, exploration: float, learning_rate: float, *, pretraining: bool = True
    ) -> dict[str, float]:
        """Play one batch of drawn commitments, learn from it, and return figures to log."""
        self._side.sample, self._side.pretraining = sample, pretraining
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
        modules = [*policy.mlp_extractor.policy_net, policy.action_net]
        linear = [module for module in modules if isinstance(module, torch.nn.Linear)]
        layers = tuple((m.weight.detach().numpy().copy(), m.bias.detach().numpy().copy()) for m in linear)
        return LearnedFollower(self._box, layers, policy.bound)


def random_commitments(box: CommitmentBox) -> Sampler:
    """Draw from everywhere: both routes; cascades uniform or log-uniform towards 0 or 1; half of slow-downs none."""

    def sample(count: int, rng: np.random.Generator) -> Commitments:
        actions = np.zeros((count, box.size))
        actions[:, 0] = rng.integers(0, 2, count)
        actions[:, 1:] = _shares(rng, (count, box.size - 1))
        actions[:, 2:] *= rng.random((count, box.size - 2)) < 0.5
        return box.commitments(actions)

    return sample


def commitments_near(box: CommitmentBox, centres: Commitments) -> Sampler:
    """Draw half from everywhere and half around given commitments, 0.001 to 0.1 away of a range of 1."""
    elsewhere = random_commitments(box)
    actions = box.actions(centres)

    def sample(count: int, rng: np.random.Generator) -> Commitments:
        near = actions[rng.integers(0, len(actions), count)]
        width = 10 ** (-1 - 2 * rng.random((count, 1)))
        near[:, 1:] = np.clip(near[:, 1:] + width * rng.standard_normal((count, box.size - 1)), 0, 1)
        far = box.actions(elsewhere(count, rng))
        return box.commitments(np.where(rng.random((count, 1)) < 0.5, near, far))

    return sample


def _shares(rng: np.random.Generator, size: tuple[int, int]) -> FloatArray:
    near_end = 10 ** (-3 * rng.random(size))
    kind = rng.random(size)
    return np.select([kind < 0.5, kind < 0.75], [rng.random(size), near_end], 1 - near_end)
