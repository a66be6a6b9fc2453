"""Users who draw from a softmax over staying and leaving whenever they are asked, as plain arrays."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from routegame.agents.users.learned import Layers, layers_in, named_layers
from routegame.envs.arrays import Float32Array, FloatArray
from routegame.envs.document import read_arrays
from routegame.envs.stackelberg import Batch, StackelbergGame


def commitment_seen(game: StackelbergGame, commitments: Batch) -> Float32Array:
    """Return commitments as points of the unit box, (num_commitments, size) float32."""
    return game.actions(commitments).astype(np.float32)


@dataclass(frozen=True)
class CategoricalFollower:
    """A user who sees a commitment, as a point of the unit box, and stays or leaves with the odds of a network.

    Attributes:
        game: the game whose commitments it was trained to answer.
        layers: (weights, biases) of a network of hyperbolic tangents, whose two outputs are logits of staying and of
            leaving, or what either is worth.
        temperature: that outputs are divided by; 0 for users who do what is worth more, and stay if it is the same.
    """

    game: StackelbergGame
    layers: Layers
    temperature: float = 1.0

    def abandon_prob(self, commitments: Batch) -> FloatArray:
        """Probability of leaving after a failure, (num_commitments,)."""
        hidden = commitment_seen(self.game, commitments).astype(np.float64)
        for weights, biases in self.layers[:-1]:
            hidden = np.tanh(hidden @ weights.T + biases)
        weights, biases = self.layers[-1]
        stay, leave = (hidden @ weights.T + biases).T
        if not self.temperature:
            return np.asarray(leave > stay, dtype=np.float64)
        probability: FloatArray = 1 / (1 + np.exp(np.clip((stay - leave) / self.temperature, -700, 700)))
        return probability

    def arrays(self) -> dict[str, NDArray[np.floating]]:
        """Everything that was learned, by name."""
        return {"temperature": np.array(self.temperature), **named_layers(self.layers)}

    @classmethod
    def load(cls, path: Path, game: StackelbergGame) -> CategoricalFollower:
        """Read a policy that was saved as an .npz file of `arrays`.

        Raises:
            FileError: not such a file, or made for other commitments than those of `game`.
        """
        with read_arrays(path, "an .npz file with the arrays of users who draw what they do") as named:
            follower = cls(game, layers_in(named), float(named["temperature"]))
            follower.abandon_prob(game.commitments(np.full((1, game.size), 0.5)))
        return follower
