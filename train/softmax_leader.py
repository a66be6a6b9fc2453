"""A leader whose policy is a softmax at each of its decisions, going down a gradient that others estimate."""

from __future__ import annotations

import numpy as np

from routegame.envs.arrays import FloatArray
from routegame.envs.stackelberg import Single
from routegame.train.adam import Adam
from routegame.train.decisions import DecisionGame, Policy, softmax
from routegame.train.state import State

SLOW_DOWN_PACE = 0.05
"""Learning rate of slow-downs, as a share of the rate of logits: their whole range is 1."""


class SoftmaxLeader:
    """Logits of all options, all 0 at first: whatever can be decided is as likely; slow-downs begin half-way.

    Args:
        game: whose decisions it makes.
        seed: of chance.

    Attributes:
        rng: chance of all that is played with it.
    """

    def __init__(self, game: DecisionGame, seed: int) -> None:
        self._game, self.rng = game, np.random.default_rng(seed)
        self._cuts = np.cumsum(game.options)
        self._place = np.zeros(self._cuts[-1] + game.game.num_extras)
        self._place[self._cuts[-1] :] = 0.5
        self._adam = Adam(self._place.shape)

    @property
    def policy(self) -> Policy:
        """What it does now."""
        *logits, slow_downs = np.split(self._place, self._cuts)
        return Policy(tuple(softmax(own) for own in logits), slow_downs)

    @property
    def commitment(self) -> Single:
        """The commitment that its policy is."""
        return self._game.commitment(self.policy)

    def descend(self, slopes: FloatArray, rate: float, step: int) -> None:
        """Make one step of Adam, down the slopes of the cost in all logits, then slow-downs; these stay in [0, 1]."""
        num_logits = self._cuts[-1]
        pace = np.where(np.arange(len(slopes)) < num_logits, 1.0, SLOW_DOWN_PACE)
        self._place = self._place - rate * pace * self._adam.direction(slopes, step)
        self._place[num_logits:] = self._place[num_logits:].clip(0, 1)

    def state(self) -> State:
        """Return where it is, the moments of its gradients, and chance."""
        return {"place": self._place, **self._adam.state(), "rng": self.rng.bit_generator.state}

    def restore(self, state: State) -> None:
        """Go on from a state."""
        self._place = state["place"]
        self._adam.restore(state)
        self.rng.bit_generator.state = state["rng"]
