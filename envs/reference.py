"""One step of many rows of tasks in NumPy: the rules of `routegame.envs.task_batch`, written to be read.

`routegame.envs.kernel` computes the same bits in one compiled loop.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from routegame.envs.streams import Purpose, Words, words

Bytes = NDArray[np.uint8]
Bools = NDArray[np.bool_]


def step(
    clock: int,
    max_passes: int,
    leaves: Bytes,
    keys: Words,
    first: Words,
    repeat: Words,
    payoffs: NDArray[np.float32],
    route: Bytes,
    model: Bytes,
    handed_over: Bools,
    failures: NDArray[np.int32],
    rewards: NDArray[np.float32],
    endings: Bools,
) -> None:
    """Step every row, in place.

    Args:
        clock: which word of their streams the rows' passes take.
        max_passes: failures at which a task is cut off.
        leaves: (num_rows,) answers to the last failures, 0 for a retry and any other number for leaving.
        keys: (2, num_rows), of the rows' streams.
        first: (3, num_rows), thresholds of a model's first pass: words below the first (model 1) or the second
            (model 2) solve the task, failed words on model 1 above the third hand it over.
        repeat: (3, num_rows), the same for a pass on the model of the pass before it.
        payoffs: (6, num_rows), what a solved task is worth, latency of model 1 and 2, and, negative, cost of model 1
            and 2 and churn penalty.
        route: (num_rows,), the model of the first pass, 1 or 2.
        model: (num_rows,), in and out: of the last pass, 1 or 2; 0 if the user left.
        handed_over: (num_rows,), in and out: whether the last pass was on model 1 and its failure handed the task over.
        failures: (num_rows,), in and out: of the task under way, 0 in fresh rows.
        rewards: (2, num_rows), out: the user's and the provider's.
        endings: (4, num_rows), out: solved, abandoned, cut off, any of the three.
    """
    fresh = failures == 0
    abandoned = ~fresh & (leaves != 0)
    played = ~abandoned
    on_reasoning = np.where(fresh, route == 2, (model == 2) | handed_over)
    repeats = ~fresh & (on_reasoning == (model == 2))

    word = words(keys, Purpose.PASS, clock)
    first_below, repeat_below = (np.where(on_reasoning, threshold[1], threshold[0]) for threshold in (first, repeat))
    lucky = word < np.where(repeats, repeat_below, first_below)
    solved = played & lucky
    failed = played & ~lucky

    value, latency1, latency2, cost1, cost2, penalty = payoffs
    zero = np.float32(0)
    got = np.where(solved, value, zero) - np.where(on_reasoning, latency2, latency1)
    rewards[0] = np.where(played, got, zero)
    rewards[1] = np.where(played, np.where(on_reasoning, cost2, cost1), penalty)

    handed_over[:] = failed & ~on_reasoning & (word > np.where(repeats, repeat[2], first[2]))
    model[:] = np.where(played, np.where(on_reasoning, 2, 1), 0)
    failures += failed
    cut_off = failures == max_passes
    endings[:] = solved, abandoned, cut_off, solved | abandoned | cut_off
    failures[endings[3]] = 0
