"""Policies that were learned, as plain arrays: they answer without torch and load without executing anything."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from routegame.envs.arrays import Float32Array, FloatArray
from routegame.envs.document import read_arrays
from routegame.envs.stackelberg import Batch, StackelbergGame

FREQUENCIES = np.pi * 2.0 ** np.arange(6)

BLOCK = 64
"""Commitments answered at once: matrix products of this size are not spread over threads, which on busy cores wait
for each other for longer than they work."""


Layers = tuple[tuple[Float32Array, Float32Array], ...]
"""(weights, biases) of each layer of a network."""


def as_abandon_prob(action: NDArray[np.floating]) -> FloatArray:
    """Turn a user's action into its abandonment probability q = sin²(π (1 + action) / 4); actions shape in, and out.

    Actions are cut off to [-1, 1]. Near the ends q changes with the square of the distance to them, so that a user who
    explores at a standard deviation σ around one strays from it by the order of σ² only. Had q been linear in the
    action, a user who does best to leave once in a hundred failures would do better to aim beyond q = 0 than there
    until σ is far below a hundredth.

    >>> as_abandon_prob(np.array([-1.2, -1.0, -0.9, 0.0, 1.0])).round(4).tolist()
    [0.0, 0.0, 0.0062, 0.5, 1.0]
    """
    probability: FloatArray = np.sin(np.pi / 4 * (1 + np.clip(action.astype(np.float64), -1, 1))) ** 2
    return probability


def commitment_features(game: StackelbergGame, commitments: Batch) -> Float32Array:
    """Describe commitments to a network that must tell s = 0.078 from s = 0.079 (docs/theory.md: J jumps at s_0).

    Switches of the box, such as the route, are ±1. All other coordinates, such as the cascade probability and, with
    throttling, each model's slow-down (0 to 1, as a share of what is allowed), come as themselves, as logarithms
    towards 0 and towards 1, and as waves of doubling frequency. What followers see besides comes last, as it is.

    Shapes: (num_commitments,) -> (num_commitments, features), float32.
    """
    coordinates = game.actions(commitments).T
    columns = [2 * switch - 1 for switch in coordinates[: game.num_switches]]
    for share in coordinates[game.num_switches :]:
        columns += [2 * share - 1, np.log10(share + 1e-3) + 1.5, np.log10(1.001 - share) + 1.5]
        angles = np.multiply.outer(FREQUENCIES, share)
        columns += [*np.sin(angles), *np.cos(angles)]
    return np.hstack([np.stack(columns, axis=1), game.seen(commitments)]).astype(np.float32)


def layers_in(named: Mapping[str, Float32Array]) -> Layers:
    """Return the layers among arrays by name, see `LearnedFollower.arrays`."""
    count = sum(name.startswith("weights_") for name in named)
    return tuple((named[f"weights_{k}"], named[f"biases_{k}"]) for k in range(count))


def named_layers(layers: Layers) -> dict[str, NDArray[np.floating]]:
    """Return layers by name, as `layers_in` finds them."""
    named: dict[str, NDArray[np.floating]] = {}
    for k, (weights, biases) in enumerate(layers):
        named[f"weights_{k}"], named[f"biases_{k}"] = weights, biases
    return named


@dataclass(frozen=True)
class LearnedFollower:
    """A user's learned answer to a commitment: its stationary abandonment probability.

    Attributes:
        game: the game whose commitments it was trained to answer.
        layers: (weights, biases) of a ReLU network over `commitment_features`; its output times `bound` is an action,
            see `as_abandon_prob`.
        bound: the largest action that the network reaches, 1 or a little beyond.
    """

    game: StackelbergGame
    layers: Layers
    bound: float

    def abandon_prob(self, commitments: Batch) -> FloatArray:
        """Probability of leaving after a failure, or what else an answer is in a game, (num_commitments,).

        Where followers are of several types, every type's, (num_commitments, num_types).
        """
        features = commitment_features(self.game.as_met, self.game.asked(commitments))
        outputs = [self._output(features[start : start + BLOCK]) for start in range(0, len(features), BLOCK)]
        found = as_abandon_prob(self.bound * np.concatenate(outputs).astype(np.float64))
        return found if len(found) == len(commitments) else found.reshape(len(commitments), -1)

    def _output(self, hidden: Float32Array) -> Float32Array:
        for weights, biases in self.layers[:-1]:
            hidden = np.maximum(hidden @ weights.T + biases, 0)
        weights, biases = self.layers[-1]
        output: Float32Array = (hidden @ weights.T + biases)[:, 0]
        return output

    def arrays(self) -> dict[str, NDArray[np.floating]]:
        """Everything that was learned, by name."""
        return {"bound": np.array(self.bound), **named_layers(self.layers)}

    @classmethod
    def load(cls, path: Path, game: StackelbergGame) -> LearnedFollower:
        """Read a policy that was saved as an .npz file of `arrays`.

        Raises:
            FileError: not such a file, or made for other commitments than those of `game`.
        """
        with read_arrays(path, "an .npz file with the arrays of a learned follower") as named:
            follower = cls(game, layers_in(named), float(named["bound"]))
            follower.abandon_prob(game.commitments(np.full((1, game.size), 0.5)))
        return follower


def always(game: StackelbergGame, answer: float) -> LearnedFollower:
    """Return users who answer every commitment of a game alike.

    >>> from routegame.envs.commitment import Commitments, RoutingGame
    >>> from routegame.envs.game import Game
    >>> game = RoutingGame(Game(9, 15, (0.1, 0.3), (1, 2), (1, 3.6)))
    >>> always(game, 0.3).abandon_prob(Commitments.unthrottled(game.game, 1, [0.0, 0.5])).round(6).tolist()
    [0.3, 0.3]
    """
    num_features = commitment_features(game, game.commitments(np.full((1, game.size), 0.5))).shape[1]
    action = 4 / np.pi * np.arcsin(np.sqrt(answer)) - 1
    bias = np.array([action], dtype=np.float32)
    return LearnedFollower(game, ((np.zeros((1, num_features), dtype=np.float32), bias),), bound=1.0)
