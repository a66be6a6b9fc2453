"""Games whose commitments are nothing but points of the leader's box."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from routegame.envs.arrays import FloatArray
from routegame.envs.checks import ParameterError
from routegame.envs.document import Document
from routegame.envs.stackelberg import Batch, Single, StackelbergGame

GOLDEN = (5**0.5 - 1) / 2


@dataclass(frozen=True)
class Point(Single):
    """A commitment.

    Attributes:
        coordinates: each in [0, 1].
    """

    coordinates: tuple[float, ...]

    def alone(self) -> Points:
        """Return the point as a batch of one."""
        return Points(np.array([self.coordinates]))


@dataclass(frozen=True)
class Points(Batch):
    """Many commitments at once.

    Attributes:
        coordinates: (num_commitments, size).
    """

    coordinates: FloatArray

    def __len__(self) -> int:
        return len(self.coordinates)

    def __getitem__(self, index: int) -> Point:
        return Point(tuple(self.coordinates[index].tolist()))

    def take(self, indices: NDArray[np.int64]) -> Points:
        """Return these commitments, in this order, as often as they are named."""
        return Points(self.coordinates[indices])


class PointGame(StackelbergGame):
    """A game whose commitments are points of the leader's box."""

    def commitments(self, actions: FloatArray) -> Points:
        """Return the rows of `actions`, see `StackelbergGame`."""
        return Points(actions)

    def actions(self, commitments: Batch) -> FloatArray:
        """Return the coordinates of commitments."""
        return Points.of(commitments).coordinates.copy()

    def action(self, commitment: Single) -> NDArray[np.float32]:
        """Return the coordinates of a commitment, (size,) float32.

        Raises:
            ParameterError: there are too few or too many, or one is outside [0, 1].
        """
        coordinates = Point.of(commitment).coordinates
        action = np.asarray(coordinates, dtype=np.float64)
        if action.shape != (self.size,) or not ((action >= 0) & (action <= 1)).all():
            raise ParameterError("coordinates", f"{self.size} numbers in [0, 1]", coordinates)
        rounded: NDArray[np.float32] = action.astype(np.float32)
        return rounded

    def read(self, plain: Document) -> Point:
        """Return the commitment whose `dataclasses.asdict` this is."""
        return Point(tuple(map(float, plain["coordinates"])))

    def starts(self, shares: FloatArray, extra: float = 0.0) -> FloatArray:
        """Return points that have each share once in every coordinate, in orders that keep them apart."""
        turns = np.outer(np.arange(1, len(shares) + 1), GOLDEN ** np.arange(1, self.size)) % 1
        orders = np.argsort(np.argsort(turns, axis=0), axis=0)
        return np.column_stack([shares, shares[orders]])

    def figures(self, commitments: Batch) -> dict[str, float]:
        """Return the mean of every coordinate."""
        means = Points.of(commitments).coordinates.mean(axis=0).tolist()
        return {f"coordinate_{k}": mean for k, mean in enumerate(means)}
