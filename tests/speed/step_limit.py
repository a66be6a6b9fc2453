"""What a step of many rows costs at least: the memory traffic and the word of chance of `kernel.step`, without rules.

The loop reads and writes the same arrays, lets every value that it reads go into one that it writes, and draws the same
word. It is held against the real step by `make speed`.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from routegame.envs.sampling.numba_kernel import COUNTER_STEP, Apart, mixed


@njit(nogil=True)
def step(
    start,
    stop,
    clock,
    max_passes,
    leaves,
    keys,
    first,
    repeat,
    payoffs,
    route,
    model,
    handed_over,
    failures,
    rewards,
    endings,
):
    """Take what `kernel.step` takes; `repeat` is not read, for it is `first` where retries change nothing."""
    _step(
        np.uint32(np.uint32(clock) * COUNTER_STEP),
        leaves[start:stop],
        keys[0][start:stop],
        keys[1][start:stop],
        first[0][start:stop],
        first[1][start:stop],
        first[2][start:stop],
        payoffs[0][start:stop],
        payoffs[1][start:stop],
        payoffs[2][start:stop],
        payoffs[3][start:stop],
        payoffs[4][start:stop],
        payoffs[5][start:stop],
        route[start:stop],
        model[start:stop],
        handed_over[start:stop],
        failures[start:stop],
        rewards[0][start:stop],
        rewards[1][start:stop],
        endings[0][start:stop],
        endings[1][start:stop],
        endings[2][start:stop],
        endings[3][start:stop],
    )


@njit(nogil=True, pipeline_class=Apart)
def _step(
    offset, leaves, k0, k1, f0, f1, f2, p0, p1, p2, p3, p4, p5, route, model, handed, failures, r0, r1, a, b, c, d
):
    for i in range(leaves.size):
        word = mixed(mixed(np.uint32(k0[i] + offset)) ^ k1[i])
        failures[i] = np.int32(failures[i] ^ np.int32(word ^ f0[i] ^ f1[i] ^ f2[i]))
        r0[i] = p0[i] + p1[i] + p2[i]
        r1[i] = p3[i] + p4[i] + p5[i]
        flag = (leaves[i] ^ route[i] ^ model[i]) != 0
        model[i] = np.uint8(route[i])
        a[i], b[i], c[i], d[i] = flag, handed[i], flag & handed[i], flag | handed[i]
        handed[i] = flag ^ handed[i]
