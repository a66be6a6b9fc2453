"""Commitments to any number of models: who answers first, and who answers after a failure of whom."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from routegame.envs.arrays import BoolArray, FloatArray
from routegame.envs.checks import MOST_MODELS, ParameterError, as_number
from routegame.envs.copies import ReadOnlyArrays
from routegame.envs.document import Document

SUM = 1e-9
"""How far from 1 probabilities may add up to."""


@dataclass(frozen=True, eq=False)
class Policy(ReadOnlyArrays):
    """A provider's commitment to K models, or one for every game of a batch.

    The first pass runs on model k with probability `start[k]`. After a failed, continued pass on model j the next one
    runs on model k with probability `matrix[j, k]`.

    Args:
        start: (..., K), probabilities that add up to 1.
        matrix: (..., K, K), of which every row adds up to 1.

    Raises:
        ParameterError: other shapes, numbers outside [0, 1], or sums off 1 by more than 1e-9.

    >>> Policy([1, 0], [[0.75, 0.25], [0, 1]]).to_dict()
    {'start': [1.0, 0.0], 'matrix': [[0.75, 0.25], [0.0, 1.0]]}
    """

    start: FloatArray
    matrix: FloatArray

    def __post_init__(self) -> None:
        start, matrix = as_probabilities("start", self.start, 1), as_probabilities("matrix", self.matrix, 2)
        models = start.shape[-1]
        if not 2 <= models <= MOST_MODELS:
            raise ParameterError("start", f"2 to {MOST_MODELS} probabilities, one for each model", models)
        if matrix.shape != (*start.shape, models):
            allowed = f"of shape {(*start.shape, models)}, a row and a column for each model"
            raise ParameterError("matrix", allowed, f"shape {matrix.shape}")
        object.__setattr__(self, "start", start)
        object.__setattr__(self, "matrix", matrix)

    @classmethod
    def unchecked(cls, start: FloatArray, matrix: FloatArray) -> Policy:
        """Return a policy of arrays that are known to be right."""
        policy = object.__new__(cls)
        object.__setattr__(policy, "start", start)
        object.__setattr__(policy, "matrix", matrix)
        return policy

    @classmethod
    def redraw(cls, start: ArrayLike, row: ArrayLike) -> Policy:
        """Return the policy that draws every pass but the first afresh, from one row for all models.

        Args:
            start: (..., K).
            row: (..., K).

        >>> Policy.redraw([1, 0], [0.5, 0.5]).matrix.tolist()
        [[0.5, 0.5], [0.5, 0.5]]
        """
        each = np.asarray(row, dtype=np.float64)
        return cls(np.asarray(start), np.repeat(each[..., None, :], each.shape[-1], axis=-2))

    @classmethod
    def cascade(cls, cascade_prob: float, route: int = 1) -> Policy:
        """Return the policy of two models that starts at `route` and moves from model 1 to 2 for good.

        >>> Policy.cascade(0.25).matrix.tolist()
        [[0.75, 0.25], [0.0, 1.0]]
        """
        return cls(np.eye(2)[route - 1], np.array([[1 - cascade_prob, cascade_prob], [0, 1]]))

    @property
    def num_models(self) -> int:
        """K, the number of models."""
        return int(self.start.shape[-1])

    @property
    def shape(self) -> tuple[int, ...]:
        """Shape of the batch, () for a single policy."""
        return tuple(self.start.shape[:-1])

    def passes(self, success_prob: ArrayLike, stay_prob: ArrayLike) -> FloatArray:
        """Return the expected passes of each model, (..., K): nᵀ = startᵀ (I − D)⁻¹ with D = diag(a r) A.

        Args:
            success_prob: p_k, (..., K).
            stay_prob: r_k, (..., K), probability that the user goes on after a failure of model k.

        >>> Policy.cascade(0.0).passes((0.1, 0.3), (1, 1)).round(12).tolist()
        [10.0, 0.0]
        """
        p, r = np.asarray(success_prob, dtype=np.float64), np.asarray(stay_prob, dtype=np.float64)
        going_on = ((1 - p) * r)[..., None] * self.matrix
        system = np.swapaxes(np.eye(self.num_models) - going_on, -1, -2)
        start = np.broadcast_to(self.start, system.shape[:-1])
        return np.asarray(np.linalg.solve(system, start[..., None])[..., 0], dtype=np.float64)

    def visited(self, stays: ArrayLike) -> BoolArray:
        """Return which models ever run, (..., K).

        Args:
            stays: (...,), whether the user goes on after failures.
        """
        reached = self.start > 0
        leads = (self.matrix > 0) & np.asarray(stays, dtype=bool)[..., None, None]
        for _ in range(self.num_models - 1):
            further: BoolArray = reached | (reached[..., None] & leads).any(axis=-2)
            if (further == reached).all():
                break
            reached = further
        return reached

    def to_dict(self) -> dict[str, object]:
        """Return the policy as plain lists, ready for JSON; `Policy(**d)` makes it again."""
        return {"start": self.start.tolist(), "matrix": self.matrix.tolist()}

    @classmethod
    def read(cls, document: Document) -> Policy:
        """Return the policy that a JSON object describes, see `to_dict`.

        Raises:
            ParameterError: a key is missing, or no policy is described.
        """
        for name in ("start", "matrix"):
            if name not in document:
                raise ParameterError("policy", 'an object with "start" and "matrix"', sorted(document))
        return cls(document["start"], document["matrix"])

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Policy):
            return NotImplemented
        return np.array_equal(self.start, other.start) and np.array_equal(self.matrix, other.matrix)

    def __hash__(self) -> int:
        return hash((self.start.tobytes(), self.matrix.tobytes()))


def chain(order: Sequence[int], cascade_prob: Sequence[float], num_models: int) -> Policy:
    """Return the policy that goes down a list of models: each is repeated, or hands over to the next.

    Models that are not on the list hand over to its last.

    Args:
        order: models numbered from 0, the first to answer first.
        cascade_prob: probability that a failed task moves on, for each model of the list but the last.
        num_models: K.

    >>> chain([2, 0], [0.25], 3).matrix.tolist()
    [[1.0, 0.0, 0.0], [1.0, 0.0, 0.0], [0.25, 0.0, 0.75]]
    """
    matrix = np.zeros((num_models, num_models))
    matrix[:, order[-1]] = 1.0
    for here, following, s in zip(order[:-1], order[1:], cascade_prob, strict=True):
        matrix[here] = 0.0
        matrix[here, here], matrix[here, following] = 1 - s, s
    return Policy(np.eye(num_models)[order[0]], matrix)


def as_probabilities(parameter: str, value: ArrayLike, dimensions: int) -> FloatArray:
    """Return probabilities that add up to 1 along the last axis.

    Raises:
        ParameterError: fewer dimensions, numbers outside [0, 1], or sums off 1 by more than 1e-9.
    """
    array = np.asarray(as_number(parameter, value, 0, 1))
    if array.ndim < dimensions:
        raise ParameterError(parameter, f"an array of {dimensions} dimensions or more", f"shape {array.shape}")
    total = array.sum(axis=-1)
    if (np.abs(total - 1) > SUM).any():
        allowed = "probabilities that add up to 1" if dimensions == 1 else "rows that add up to 1"
        raise ParameterError(parameter, allowed, float(total[np.abs(total - 1) > SUM].flat[0]))
    return array
