"""A task as an absorbing chain, solved as a linear system: repeats may succeed more or less often than first passes.

The kinds of pass are the first pass on model 1, a repeat on model 1, the first pass on model 2, a repeat on model 2.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

FIRST_1, REPEAT_1, FIRST_2, REPEAT_2 = range(4)


@dataclass(frozen=True)
class Expectations:
    """Of each row's tasks: passes by kind, (num_rows, 4), and how they end, (num_rows,)."""

    passes: Array
    solved: Array
    abandoned: Array
    cut_off: Array


def expectations(
    success: Array, route: NDArray[np.int64], cascade: Array, abandon: Array, max_passes: int
) -> Expectations:
    """Sum the passes 1 to `max_passes` of a task, a geometric series of matrices.

    Args:
        success: (num_rows, 4), by kind of pass.
        route: (num_rows,), 1 or 2.
        cascade: (num_rows,).
        abandon: (num_rows,).
        max_passes: failures at which a task is cut off.
    """
    stays = (1 - success) * (1 - abandon)[:, None]
    step = np.zeros((len(route), 4, 4))
    for kind in (FIRST_1, REPEAT_1):
        step[:, kind, REPEAT_1] = stays[:, kind] * (1 - cascade)
        step[:, kind, FIRST_2] = stays[:, kind] * cascade
    for kind in (FIRST_2, REPEAT_2):
        step[:, kind, REPEAT_2] = stays[:, kind]
    start = np.zeros((len(route), 1, 4))
    start[np.arange(len(route)), 0, np.where(route == 1, FIRST_1, FIRST_2)] = 1
    last = start @ np.linalg.matrix_power(step, max_passes - 1)
    begun = start - last @ step
    passes = np.linalg.solve(np.swapaxes(np.eye(4) - step, 1, 2), np.swapaxes(begun, 1, 2))[:, :, 0]
    failed, undecided = passes * (1 - success), last[:, 0] * (1 - success)
    return Expectations(
        passes,
        solved=(passes * success).sum(axis=1),
        abandoned=(failed - undecided).sum(axis=1) * abandon,
        cut_off=undecided.sum(axis=1),
    )
