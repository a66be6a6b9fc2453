"""Answers that followers are expected to try besides their own, where a leader looks ahead to what they may find."""

from __future__ import annotations

import numpy as np

from routegame.envs.arrays import FloatArray


def considered(answers: FloatArray, others: FloatArray) -> FloatArray:
    """Return what followers answer now, and what else they consider, (num_commitments, num_considered).

    Where they are of several types there is an axis more, (num_commitments, num_considered, num_types): one type at a
    time considers another answer, and the others keep to theirs.

    Args:
        answers: that they give now, (num_commitments,) or (num_commitments, num_types).
        others: what each considers besides.

    >>> considered(np.array([0.5, 0.25]), np.array([0, 1])).tolist()
    [[0.5, 0.0, 1.0], [0.25, 0.0, 1.0]]
    >>> considered(np.array([[0.5, 0.25]]), np.array([1])).tolist()
    [[[0.5, 0.25], [1.0, 0.25], [0.5, 1.0]]]
    """
    if answers.ndim == 1:
        return np.column_stack([answers, *(np.full(len(answers), other) for other in others)])
    every = [answers]
    for number in range(answers.shape[1]):
        for other in others:
            changed = answers.copy()
            changed[:, number] = other
            every.append(changed)
    return np.stack(every, axis=1)
