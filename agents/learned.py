"""Policies that were learned, as plain arrays: they answer without torch and load without executing anything."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray

from routegame.envs.commitment import CommitmentBox, Commitments
from routegame.envs.game import FloatArray, ParameterError

Float32Array = NDArray[np.float32]

FREQUENCIES = np.pi * 2.0 ** np.arange(6)


def commitment_features(box: CommitmentBox, commitments: Commitments) -> Float32Array:
    """Describe commitments to a network that must tell s = 0.078 from s = 0.079 (docs/theory.md: J jumps at s_0).

    The route is ±1. The cascade probability and, with throttling, each model's slow-down (0 to 1, as a share of
    what is allowed) come as themselves, as logarithms towards 0 and towards 1, and as waves of doubling frequency.

    Shapes: (num_commitments,) -> (num_commitments, features), float32.
    """
    route, *shares = box.actions(commitments).T
    columns = [2 * route - 1]
    for share in shares:
        columns += [2 * share - 1, np.log10(share + 1e-3) + 1.5, np.log10(1.001 - share) + 1.5]
        angles = np.multiply.outer(FREQUENCIES, share)
        columns += [*np.sin(angles), *np.cos(angles)]
    return np.stack(columns, axis=1).astype(np.float32)


@dataclass(frozen=True)
class LearnedFollower:
    """A user's learned answer to a commitment: its stationary abandonment probability.

    Attributes:
        box: the commitments that it was trained to answer.
        layers: (weights, biases) of a ReLU network over `commitment_features`; its output z gives
            q = (1 + bound z) / 2, cut off to [0, 1].
        bound: how far beyond 0 and 1 the network can reach.
    """

    box: CommitmentBox
    layers: tuple[tuple[Float32Array, Float32Array], ...]
    bound: float

    def abandon_prob(self, commitments: Commitments) -> FloatArray:
        """Probability of leaving after a failure, (num_commitments,)."""
        hidden = commitment_features(self.box, commitments)
        for weights, biases in self.layers[:-1]:
            hidden = np.maximum(hidden @ weights.T + biases, 0)
        weights, biases = self.layers[-1]
        output = (hidden @ weights.T + biases)[:, 0].astype(np.float64)
        return np.clip((1 + self.bound * output) / 2, 0, 1)

    def arrays(self) -> dict[str, NDArray[np.floating]]:
        """Everything that was learned, by name; `from_arrays` makes the policy again."""
        named: dict[str, NDArray[np.floating]] = {"bound": np.array(self.bound)}
        for k, (weights, biases) in enumerate(self.layers):
            named[f"weights_{k}"], named[f"biases_{k}"] = weights, biases
        return named

    @classmethod
    def load(cls, path: Path, box: CommitmentBox) -> LearnedFollower:
        """Read a policy that was saved as an .npz file of `arrays`.

        Raises:
            ParameterError: not such a file, or made for other commitments than those of `box`.
        """
        allowed = "an .npz file with the arrays of a learned follower"
        try:
            with path.open("rb") as file, np.load(file, allow_pickle=False) as named:
                count = sum(name.startswith("weights_") for name in named)
                layers = tuple((named[f"weights_{k}"], named[f"biases_{k}"]) for k in range(count))
                follower = cls(box, layers, float(named["bound"]))
                follower.abandon_prob(Commitments.unthrottled(box.game, np.array([1]), np.array([0.5])))
        except (OSError, EOFError, BadZipFile, ValueError, KeyError, IndexError):
            raise ParameterError("follower", allowed, str(path)) from None
        return follower
