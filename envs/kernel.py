"""One step of many rows of tasks, compiled: the bits of `routegame.envs.reference`, in one loop over the rows.

The loop is written to become vector instructions, sixteen rows at a time where the processor has them wide enough:

* Arrays are promised not to overlap, see `Apart`; the compiler would give up on proving it for so many.
* Whatever a row may need is loaded first and chosen then. A load inside a choice becomes a gather, one row at a time.
* Whole numbers are cut back to 32 bits after each operation: Numba computes them in 64.

Nothing here may contract or reorder floating point operations, or the bits would differ from NumPy's.
"""

# What is compiled has the types of its arguments, which mypy cannot see.
# mypy: disable-error-code="no-untyped-def, no-untyped-call, untyped-decorator, call-arg, var-annotated"

from __future__ import annotations

import numpy as np
from numba import njit
from numba.core.compiler import Compiler
from numba.extending import intrinsic


class Apart(Compiler):
    """Compiles functions that are promised arrays of which none overlaps another that is written to."""

    def __init__(self, typingctx, targetctx, library, args, return_type, flags, local_types):
        flags.noalias = True
        super().__init__(typingctx, targetctx, library, args, return_type, flags, local_types)


@intrinsic
def pick(typing, condition, if_true, if_false):
    """Choose between two values of one type that are both at hand, without a branch."""

    def generate(context, builder, signature, values):
        return builder.select(*values)

    return if_true(condition, if_true, if_false), generate


# The numbers of `routegame.envs.streams`, written again: what Numba keeps on disk is renewed with this file alone.
COUNTER_STEP = np.uint32(0x9E3779B9)


@njit(inline="always")
def mixed(x):
    """One round of the mixing function of `routegame.envs.streams`, uint32."""
    x = np.uint32(x ^ (x >> np.uint32(16)))
    x = np.uint32(x * np.uint32(0x7FEB352D))
    x = np.uint32(x ^ (x >> np.uint32(15)))
    x = np.uint32(x * np.uint32(0x846CA68B))
    return np.uint32(x ^ (x >> np.uint32(16)))


@njit(nogil=True, cache=True)
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
    """Step the rows from `start` up to `stop`; all else is as for `reference.step`, but that lines may be longer."""
    _step(
        np.uint32(np.uint32(clock) * COUNTER_STEP),
        np.int32(max_passes),
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


@njit(nogil=True, pipeline_class=Apart)
def _step(
    offset,
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
    nothing, none, one, two = np.float32(0), np.uint8(0), np.uint8(1), np.uint8(2)
    for i in range(leaves.size):
        word = mixed(mixed(np.uint32(low[i] + offset)) ^ high[i])
        failures_before, was_on_2, was_handed_over = failures[i], model[i] == two, handed_over[i]
        starts_on_2, wants_out = route[i] == two, leaves[i] != none
        f1, f2, f, r1, r2, r = (
            first_below1[i],
            first_below2[i],
            first_above[i],
            repeat_below1[i],
            repeat_below2[i],
            repeat_above[i],
        )
        v, t1, t2, c1, c2, churn = value[i], latency1[i], latency2[i], cost1[i], cost2[i], penalty[i]

        fresh = failures_before == 0
        gone = wants_out & (not fresh)
        stays = not gone
        on_2 = pick(fresh, starts_on_2, was_on_2 | was_handed_over)
        repeats = (not fresh) & (not (on_2 ^ was_on_2))
        below = pick(repeats, pick(on_2, r2, r1), pick(on_2, f2, f1))
        lucky = word < below
        solves, fails = lucky & stays, (not lucky) & stays
        got = pick(solves, v, nothing) - pick(on_2, t2, t1)
        failures_now = pick(fails, np.int32(failures_before + np.int32(1)), failures_before)
        cut = failures_now == max_passes
        ends = solves | gone | cut

        user_reward[i] = pick(gone, nothing, got)
        provider_reward[i] = pick(gone, churn, pick(on_2, c2, c1))
        handed_over[i] = fails & (not on_2) & (word > pick(repeats, r, f))
        model[i] = pick(gone, none, pick(on_2, two, one))
        failures[i] = pick(ends, np.int32(0), failures_now)
        solved[i], abandoned[i], cut_off[i], over[i] = solves, gone, cut, ends
