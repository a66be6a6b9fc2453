"""A commitment for tasks that differ: one policy for every context, as a table."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from routegame.envs.arrays import FloatArray
from routegame.envs.checks import ParameterError
from routegame.envs.copies import ReadOnlyArrays
from routegame.envs.document import Document
from routegame.envs.policy import Policy


class ContextPolicy(NamedTuple):
    """What a provider commits to in one context.

    Attributes:
        start: probabilities of the first pass, (K,).
        matrix: of the next one after a failed, continued pass on each model, (K, K).
    """

    start: FloatArray
    matrix: FloatArray


@dataclass(frozen=True, eq=False)
class PolicyTable(ReadOnlyArrays):
    """A policy for each of C contexts; a sequence of C pairs of start and matrix.

    Args:
        start: (C, K), probabilities of the first pass in each context.
        matrix: (C, K, K), probabilities of the next model after a failure of each model, in each context.

    Raises:
        ParameterError: other shapes, or rows that are no probabilities.

    >>> table = PolicyTable([[1, 0], [0, 1]], [[[0.75, 0.25], [0, 1]], [[1, 0], [0, 1]]])
    >>> len(table), table[1].start.tolist()
    (2, [0.0, 1.0])
    >>> [start.tolist() for start, matrix in table]
    [[1.0, 0.0], [0.0, 1.0]]
    """

    start: FloatArray
    matrix: FloatArray

    def __post_init__(self) -> None:
        checked = Policy(self.start, self.matrix)
        if len(checked.shape) != 1:
            raise ParameterError("start", "of shape (C, K), a row for each context", f"shape {checked.start.shape}")
        object.__setattr__(self, "start", checked.start)
        object.__setattr__(self, "matrix", checked.matrix)

    @classmethod
    def unchecked(cls, start: FloatArray, matrix: FloatArray) -> PolicyTable:
        """Return a table of arrays that are known to be right; they become read-only."""
        table = object.__new__(cls)
        for name, held in (("start", start), ("matrix", matrix)):
            held.setflags(write=False)
            object.__setattr__(table, name, held)
        return table

    @classmethod
    def lists(cls, first: ArrayLike, then: ArrayLike, moves: ArrayLike, num_models: int) -> PolicyTable:
        """Return the table of lists of two models: one answers first and hands over to another, for good.

        Every other model of a context hands over to the second one, too.

        Args:
            first: models from 0, (C,).
            then: models from 0, (C,); the same as `first` where there is no other.
            moves: probability that a failed task is handed over, (C,).
            num_models: K.

        >>> PolicyTable.lists([0, 1], [1, 1], [0.25, 0], 2).matrix.tolist()
        [[[0.75, 0.25], [0.0, 1.0]], [[0.0, 1.0], [0.0, 1.0]]]
        """
        i, k, s = np.asarray(first), np.asarray(then), np.where(np.equal(first, then), 1.0, moves)
        contexts = np.arange(len(i))
        start, matrix = np.zeros((len(i), num_models)), np.zeros((len(i), num_models, num_models))
        start[contexts, i] = 1.0
        matrix[contexts, :, k] = 1.0
        matrix[contexts, i, k] = s
        matrix[contexts, i, i] += np.where(i == k, 0.0, 1 - s)
        return cls.unchecked(start, matrix)

    @property
    def num_models(self) -> int:
        """K, the number of models."""
        return int(self.start.shape[1])

    def __len__(self) -> int:
        return len(self.start)

    def __getitem__(self, context: int) -> ContextPolicy:
        return ContextPolicy(self.start[context], self.matrix[context])

    def __iter__(self) -> Iterator[ContextPolicy]:
        return (self[context] for context in range(len(self)))

    def policy(self, context: int) -> Policy:
        """Return the policy of one context."""
        return Policy.unchecked(*self[context])

    def to_dict(self) -> dict[str, object]:
        """Return the table as plain lists, ready for JSON; see `read`."""
        return {"start": self.start.tolist(), "matrix": self.matrix.tolist()}

    @classmethod
    def read(cls, document: Document) -> PolicyTable:
        """Return the table that a JSON object describes, see `to_dict`.

        Raises:
            ParameterError: a key is missing, or no table is described.
        """
        policy = Policy.read(document)
        return cls(policy.start, policy.matrix)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, PolicyTable):
            return NotImplemented
        return np.array_equal(self.start, other.start) and np.array_equal(self.matrix, other.matrix)

    def __hash__(self) -> int:
        return hash((self.start.tobytes(), self.matrix.tobytes()))
