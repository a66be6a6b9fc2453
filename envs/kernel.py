"""One step of many rows of tasks, compiled: the bits of `routegame.envs.reference`, in one loop over the rows."""

# Numba infers types, and compiles for arrays alone.
# mypy: disable-error-code="no-untyped-def, no-untyped-call, untyped-decorator"

from __future__ import annotations

import numba
import numpy as np
from numba.core import compiler

from routegame.envs.streams import COUNTER_STEP


class Apart(compiler.Compiler):
    """Compiles a function that is promised arrays which do not overlap."""

    def __init__(self, typingctx, targetctx, library, args, return_type, flags, locals):  # noqa: A002
        flags.noalias = True
        super().__init__(typingctx, targetctx, library, args, return_type, flags, locals)


U15, U16 = np.uint32(15), np.uint32(16)
M1, M2 = np.uint32(0x7FEB352D), np.uint32(0x846CA68B)


@numba.njit(inline="always")
def mixed(x):
    """One round of the mixing function of `routegame.envs.streams`."""
    x = np.uint32(x ^ (x >> U16))
    x = np.uint32(x * M1)
    x = np.uint32(x ^ (x >> U15))
    x = np.uint32(x * M2)
    return np.uint32(x ^ (x >> U16))


@numba.njit(nogil=True, cache=True, pipeline_class=Apart)
def _rows(
    steps,
    max_passes,
    leaves,
    low,
    high,
    first_below1,
    first_below2,
    first_above,
    repeat_below1,
    repeat_below2,
    repeat_above,
    value,
    latency1,
    latency2,
    cost1,
    cost2,
    penalty,
    route,
    model,
    handed_over,
    failures,
    user_reward,
    provider_reward,
    solved,
    abandoned,
    cut_off,
    over,
):
    zero = np.float32(0)
    one, two = np.uint8(1), np.uint8(2)
    for i in range(leaves.size):
        word = mixed(mixed(np.uint32(low[i] + steps)) ^ high[i])
        before = failures[i]
        last = model[i]
        handed = handed_over[i]
        fresh = before == 0
        gone = (leaves[i] != 0) & (not fresh)
        first_two = route[i] == 2
        last_two = last == 2
        two_now = first_two if fresh else (last_two | handed)
        repeats = (two_now == last_two) & (not fresh)
        fb = first_below2[i] if two_now else first_below1[i]
        rb = repeat_below2[i] if two_now else repeat_below1[i]
        below = rb if repeats else fb
        fa, ra = first_above[i], repeat_above[i]
        above = ra if repeats else fa
        lucky = word < below
        solves = lucky & (not gone)
        fails = (not lucky) & (not gone)
        got = value[i] if solves else zero
        t1, t2 = latency1[i], latency2[i]
        got = got - (t2 if two_now else t1)
        user_reward[i] = zero if gone else got
        c1, c2, pen = cost1[i], cost2[i], penalty[i]
        paid = c2 if two_now else c1
        provider_reward[i] = pen if gone else paid
        handed_over[i] = fails & (not two_now) & (word > above)
        now = two if two_now else one
        model[i] = np.uint8(0) if gone else now
        after = np.int32(before + np.int32(1)) if fails else before
        cut = after == max_passes
        ends = solves | gone | cut
        failures[i] = np.int32(0) if ends else after
        solved[i] = solves
        abandoned[i] = gone
        cut_off[i] = cut
        over[i] = ends


@numba.njit(nogil=True, cache=True)
def _step(
    start,
    stop,
    steps,
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
    _rows(
        steps,
        max_passes,
        leaves[start:stop],
        keys[0][start:stop],
        keys[1][start:stop],
        first[0][start:stop],
        first[1][start:stop],
        first[2][start:stop],
        repeat[0][start:stop],
        repeat[1][start:stop],
        repeat[2][start:stop],
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


def step(start, stop, clock, max_passes, *arrays):
    """Step the rows from `start` up to `stop`; the other arguments are those of `reference.step`."""
    _step(start, stop, np.uint32((clock * int(COUNTER_STEP)) & 0xFFFFFFFF), np.int32(max_passes), *arrays)
