"""The loops over many rows of tasks under commitments in full, compiled: `step`, `draw_tasks` and `begin`.

They compute the bits of `routegame.envs.sampling.numpy_menu_kernel`, whose arguments they take. Where a failed task
goes is found in the loop and not looked up: thresholds for every model after every other would be many times the
commitment.
"""

# What is compiled has the types of its arguments, which mypy cannot see.
# mypy: disable-error-code="no-untyped-def, no-untyped-call, untyped-decorator"

from __future__ import annotations

import numpy as np
from numba import njit

from routegame.envs.compiled import kept
from routegame.envs.sampling.numba_kernel import COUNTER_STEP, NUM_WORDS, PURPOSE_STEP, mixed

# The numbers of `envs.sampling.streams`, written again: what Numba keeps on disk is renewed with this file alone.
START, MENU_TASK = 2**16, 2**17


@njit(inline="always")
def _word(half, high, purpose):
    """Word for a purpose, of a stream whose counter has been mixed in already."""
    return mixed(np.uint32(half ^ np.uint32(high + np.uint32(np.uint32(purpose) * PURPOSE_STEP))))


@njit(nogil=True)
def _chosen(word, success, shares, own):
    """Model, from 0, that a word leads to, see `numpy_menu_kernel.chosen`; `own` is −1 where none has failed."""
    room, so_far, lowest = NUM_WORDS - np.float64(success), 0.0, -1
    for k in range(shares.size - 1, -1, -1):
        if k != own and shares[k] > 0.0:
            so_far += shares[k]
            lowest = k
            if np.float64(word) > NUM_WORDS - 1.0 - np.rint(room * min(so_far, 1.0)):
                return k
    return own if own >= 0 and shares[own] > 0.0 else lowest


@kept
def step(
    begin,
    end,
    clock,
    max_passes,
    leaves,
    declines,
    keys,
    first,
    repeat,
    latency,
    cost,
    stakes,
    start,
    rows,
    model,
    following,
    failures,
    rewards,
    endings,
):
    """Step the rows from `begin` up to `end`, in place, as `numpy_menu_kernel.step` does."""
    offset = np.uint32(np.uint32(clock) * COUNTER_STEP)
    last_row = rows.shape[1] - 1
    for i in range(begin, end):
        fresh = failures[i] == 0
        gone = leaves[i] != 0 and (declines or not fresh)
        endings[0, i] = endings[2, i] = False
        endings[1, i] = endings[3, i] = gone
        if gone:
            rewards[0, i], rewards[1, i] = np.float32(0), stakes[1, i]
            model[i], failures[i] = 0, 0
            continue
        half = mixed(np.uint32(keys[0, i] + offset))
        if fresh:
            now, repeats = _chosen(_word(half, keys[1, i], START), 0, start[i], -1), False
        else:
            now = np.int64(following[i]) - 1
            repeats = now == np.int64(model[i]) - 1
        word = mixed(np.uint32(half ^ keys[1, i]))
        below = repeat[i, now] if repeats else first[i, now]
        solves = word < below
        value = stakes[0, i] if solves else np.float32(0)
        rewards[0, i], rewards[1, i] = value - latency[i, now], cost[i, now]
        model[i] = now + 1
        if solves:
            endings[0, i] = endings[3, i] = True
            failures[i] = 0
            continue
        following[i] = _chosen(word, below, rows[i, min(now, last_row)], now) + 1
        failures[i] += 1
        if failures[i] == max_passes:
            endings[2, i] = endings[3, i] = True
            failures[i] = 0


@kept
def begin(
    fresh, contexts, classes, success, again, worth, starts, matrices, first, repeat, latency, cost, stakes, start, rows
):
    """Fill rows as `numba_kernel.begin` does, with commitments in full.

    Args:
        fresh: (num_fresh,) uint32, which rows.
        contexts: (num_rows,) of the tasks.
        classes: likewise.
        success: (C, K) uint32, thresholds of success of each context.
        again: the same of repeats.
        worth: (C, 2 + 2 K) float32: V, latencies, costs and P, the last two negative.
        starts: (Z, K) of each class; or (0, K) where commitments are not over contexts, and stay as they are.
        matrices: (Z, 1 or K, K), likewise.
        first: (num_rows, K), see `numpy_menu_kernel.step`, as of the next six.
        repeat: likewise.
        latency: likewise.
        cost: likewise.
        stakes: (2, num_rows).
        start: (num_rows, K).
        rows: (num_rows, 1 or K, K).
    """
    models = start.shape[1]
    for i in fresh:
        context, label = contexts[i], classes[i]
        stakes[0, i], stakes[1, i] = worth[context, 0], worth[context, 1 + 2 * models]
        for k in range(models):
            first[i, k], repeat[i, k] = success[context, k], again[context, k]
            latency[i, k], cost[i, k] = worth[context, 1 + k], worth[context, 1 + models + k]
        if len(starts):
            for k in range(models):
                start[i, k] = starts[label, k]
                for j in range(rows.shape[1]):
                    rows[i, j, k] = matrices[label, j, k]


@kept
def draw_tasks(
    first_task, group_size, max_passes, keys, first, repeat, start, rows, abandon_prob, decline_prob, totals
):
    """Draw a group of whole tasks in every row, pass by pass, as `numpy_menu_kernel.draw_tasks` does."""
    num_rows, models = start.shape
    last_row = rows.shape[1] - 1
    totals[:] = 0
    for row in range(num_rows):
        high, leave, decline = keys[1, row], abandon_prob[row] * NUM_WORDS, decline_prob[row] * NUM_WORDS
        for k in range(group_size):
            counter = np.uint32(np.uint32(first_task + k) * COUNTER_STEP)
            half = mixed(np.uint32(keys[0, row] + counter))
            if np.float64(_word(half, high, MENU_TASK + 1)) < decline:
                continue
            now, last = _chosen(_word(half, high, MENU_TASK), 0, start[row], -1), -1
            for passes in range(1, max_passes + 1):
                totals[now, row] += 1
                word = _word(half, high, MENU_TASK + 2 * passes)
                below = repeat[row, now] if now == last else first[row, now]
                if word < below:
                    totals[models, row] += 1
                    break
                if passes == max_passes:
                    totals[models + 1, row] += 1
                    break
                if np.float64(_word(half, high, MENU_TASK + 2 * passes + 1)) < leave:
                    break
                last = now
                now = _chosen(word, below, rows[row, min(now, last_row)], now)
