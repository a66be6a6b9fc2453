"""The rules of tasks under commitments in full, to any number of models, in NumPy, to be read.

A commitment in full says with which probability each model has the first pass, and with which it has the next one after
a failure of each, see `routegame.envs.policy`. `routegame.envs.sampling.numba_menu_kernel` computes the same bits in
compiled loops.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from routegame.envs.arrays import BoolArray, ByteArray, Float32Array, FloatArray, IntArray
from routegame.envs.sampling.chances import leaves_at, moved_above
from routegame.envs.sampling.streams import Purpose, Words, words


def step(
    begin: int,
    end: int,
    clock: int,
    max_passes: int,
    leaves: ByteArray,
    declines: bool,
    keys: Words,
    first: Words,
    repeat: Words,
    latency: Float32Array,
    cost: Float32Array,
    stakes: Float32Array,
    start: FloatArray,
    rows: FloatArray,
    model: ByteArray,
    following: ByteArray,
    failures: NDArray[np.int32],
    rewards: Float32Array,
    endings: BoolArray,
) -> None:
    """Step the rows from `begin` up to `end`, in place.

    Args:
        begin: the first row.
        end: the row after the last.
        clock: which word of their streams the rows' passes take.
        max_passes: failures at which a task is cut off.
        leaves: (num_rows,) answers to the last failures, 0 for a retry and any other number for leaving.
        declines: whether an answer counts in a fresh row, too: leaving there declines the task.
        keys: (2, num_rows), of the rows' streams.
        first: (num_rows, K), words below these solve the task in a model's first pass.
        repeat: (num_rows, K), the same for a pass on the model of the pass before it.
        latency: (num_rows, K), in force.
        cost: (num_rows, K), negative.
        stakes: (2, num_rows), what a solved task is worth, and the churn penalty, negative.
        start: (num_rows, K) probabilities of the first pass.
        rows: (num_rows, K, K), of the next one after a failure of each model, or (num_rows, 1, K).
        model: (num_rows,), out: of the last pass, from 1; 0 if the user left.
        following: (num_rows,), in and out: the model of the next pass if the last one failed, from 1.
        failures: (num_rows,), in and out: of the task under way, 0 in fresh rows.
        rewards: (2, num_rows), out: the user's and the provider's.
        endings: (4, num_rows), out: solved, abandoned, cut off, any of the three.
    """
    here = np.arange(begin, end)
    fresh = failures[here] == 0
    abandoned = (leaves[here] != 0) & (~fresh | declines)
    played = ~abandoned
    drawn = chosen(words(keys[:, here], Purpose.START, clock), 0, start[here])
    now = np.where(fresh, drawn, following[here].astype(np.int64) - 1)
    repeats = ~fresh & (now == model[here].astype(np.int64) - 1)

    word = words(keys[:, here], Purpose.PASS, clock)
    below = np.where(repeats, repeat[here, now], first[here, now])
    lucky = word < below
    solved, failed = played & lucky, played & ~lucky

    value, penalty = stakes[:, here]
    zero = np.float32(0)
    rewards[0, here] = np.where(played, np.where(solved, value, zero) - latency[here, now], zero)
    rewards[1, here] = np.where(played, cost[here, now], penalty)

    shares = rows[here, np.minimum(now, rows.shape[1] - 1)]
    following[here] = np.where(failed, chosen(word, below, shares, now) + 1, following[here])
    model[here] = np.where(played, now + 1, 0)
    failures[here] += failed
    cut_off = failures[here] == max_passes
    over = solved | abandoned | cut_off
    endings[:, here] = solved, abandoned, cut_off, over
    failures[here[over]] = 0


def draw_tasks(
    first_task: int,
    group_size: int,
    max_passes: int,
    keys: Words,
    first: Words,
    repeat: Words,
    start: FloatArray,
    rows: FloatArray,
    abandon_prob: FloatArray,
    decline_prob: FloatArray,
    totals: IntArray,
) -> None:
    """Draw a group of whole tasks in every row, pass by pass, and add up what they came to.

    Args:
        first_task: number of the first task in every row, modulo 2^32.
        group_size: number of tasks in each row.
        max_passes: failures at which a task is cut off.
        keys: (2, num_rows), of the rows' streams.
        first: (num_rows, K), see `step`.
        repeat: likewise.
        start: likewise.
        rows: likewise.
        abandon_prob: (num_rows,) of leaving after each failure.
        decline_prob: (num_rows,) of declining the first pass.
        totals: (K + 2, num_rows), out: passes of each model, tasks solved, tasks cut off.
    """
    num_rows, models = start.shape
    row = np.repeat(np.arange(num_rows), group_size)
    task = np.tile(first_task + np.arange(group_size), num_rows)

    def word(number: int) -> Words:
        return words(keys[:, row], Purpose.MENU_TASK + number, task)

    totals[:] = 0
    now = chosen(word(0), 0, start[row])
    taken = ~leaves_at(word(1), decline_prob[row])
    row, task, now = row[taken], task[taken], now[taken]
    last = np.full(row.size, -1)
    for passes in range(1, max_passes + 1):
        if not row.size:
            break
        np.add.at(totals, (now, row), 1)
        luck = word(2 * passes)
        below = np.where(now == last, repeat[row, now], first[row, now])
        solved = luck < below
        np.add.at(totals[models], row[solved], 1)
        if passes == max_passes:
            np.add.at(totals[models + 1], row[~solved], 1)
            break
        goes_on = ~solved & ~leaves_at(word(2 * passes + 1), abandon_prob[row])
        row, task, last = row[goes_on], task[goes_on], now[goes_on]
        shares = rows[row, np.minimum(last, rows.shape[1] - 1)]
        now = chosen(luck[goes_on], below[goes_on], shares, last)


def chosen(word: Words, success: Words | int, shares: FloatArray, own: IntArray | None = None) -> IntArray:
    """Return to which model, from 0, words lead, (num_words,); see `routegame.envs.sampling.chances.moved_above`."""
    found: IntArray = (word[:, None] > moved_above(success, shares, own)).sum(axis=1) - 1
    return found if own is None else np.where(found < 0, own, found)
