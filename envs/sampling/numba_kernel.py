"""The loops over many rows of tasks, compiled: `step`, `draw_tasks`, and of mixes of tasks `meet` and `begin`.

They compute the bits of `routegame.envs.sampling.numpy_kernel`.

They are written to become vector instructions, sixteen rows at a time where the processor has them wide enough:

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

from routegame.envs.compiled import kept


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


# The numbers of `envs.sampling.streams`, written again: what Numba keeps on disk is renewed with this file alone.
COUNTER_STEP = np.uint32(0x9E3779B9)
PURPOSE_STEP = np.uint32(0x85EBCA6B)
WHOLE_TASK = 16
CONTEXT, SIGNAL = 2**16 + 2**14, 2**16 + 2**14 + 1
NUM_WORDS = 2.0**32
NEGLIGIBLE = 2.0**-40

BLOCK = 512
"""Whole tasks drawn together: what is kept of them in between fits into the nearest cache."""


@njit(inline="always")
def mixed(x):
    """Return one round of the mixing function of `routegame.envs.sampling.streams`, uint32."""
    x = np.uint32(x ^ (x >> np.uint32(16)))
    x = np.uint32(x * np.uint32(0x7FEB352D))
    x = np.uint32(x ^ (x >> np.uint32(15)))
    x = np.uint32(x * np.uint32(0x846CA68B))
    return np.uint32(x ^ (x >> np.uint32(16)))


@kept
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
    """Step the rows from `start` up to `stop`; all else is as for `numpy_kernel.step`, but that lines may be longer."""
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


@kept
def meet(start, stop, clock, low, high, over, limits, guide, labels, class_limits, contexts, classes, fresh, scratch):
    """Find the fresh rows from `start` up to `stop`, and the contexts and classes of the tasks that they begin next.

    Args:
        start: first row.
        stop: the one after the last.
        clock: number of the coming step.
        low: (num_rows,) uint32, one half of the keys of the rows' streams; its own array, so that all is side by side.
        high: (num_rows,) uint32, the other half.
        over: (num_rows,) bool, which rows are fresh.
        limits: (C,) int64, see `routegame.envs.sampling.drawn_contexts.Lookup`, as of the next three.
        guide: (num_buckets,) int64.
        labels: (C,) int64, the class of each context; empty where that is not certain, or `classes` is `contexts`.
        class_limits: (C, Z) int64, or (0, 0).
        contexts: (num_rows,) int64, written to in fresh rows.
        classes: likewise.
        fresh: (num_rows,) uint32, whose places from `start` on are filled with fresh rows.
        scratch: (num_rows,) uint32, overwritten.

    Returns:
        The place after the last of these.
    """
    shift = 0
    while (guide.size << shift) < NUM_WORDS:
        shift += 1
    count = start + _found(over[start:stop], start, fresh[start:stop])
    chosen = fresh[start:count]
    _words(CONTEXT, clock, low[start:stop], high[start:stop], scratch[start:stop])
    _contexts(chosen, scratch, np.uint32(shift), limits, guide, contexts)
    if labels.size:
        _copied(chosen, contexts, labels, classes)
    if class_limits.size:
        _words(SIGNAL, clock, low[start:stop], high[start:stop], scratch[start:stop])
        for i in chosen:
            seen = 0
            for limit in class_limits[contexts[i]]:
                seen += limit <= scratch[i]
            classes[i] = seen
    return count


@njit(nogil=True, pipeline_class=Apart)
def _found(over, start, fresh):
    """Fill in which rows are fresh, without a branch, which could not be foreseen; return how many."""
    count = np.uint32(0)
    for i in range(np.uint32(over.size)):
        fresh[count] = np.uint32(i + np.uint32(start))
        count = np.uint32(count + pick(over[i], np.uint32(1), np.uint32(0)))
    return np.int64(count)


@njit(nogil=True, pipeline_class=Apart)
def _contexts(fresh, words, shift, limits, guide, contexts):
    """Fill in the contexts that words stand for: the one where the bucket begins, or almost always the next."""
    for i in fresh:
        word = words[i]
        context = guide[word >> shift]
        context = pick(word >= limits[context], np.int64(context + 1), context)
        while word >= limits[context]:
            context += 1
        contexts[i] = context


@njit(nogil=True, pipeline_class=Apart)
def _words(purpose, clock, low, high, words):
    """Words of all streams for a purpose: as vector instructions those of fresh rows alone would take longer."""
    offset = np.uint32(np.uint32(clock) * COUNTER_STEP)
    step = np.uint32(np.uint32(purpose) * PURPOSE_STEP)
    for i in range(words.size):
        words[i] = mixed(np.uint32(mixed(np.uint32(low[i] + offset)) ^ np.uint32(high[i] + step)))


@kept
def begin(
    fresh,
    contexts,
    classes,
    success,
    again,
    worth,
    lines,
    routes,
    cascades,
    first,
    repeat,
    payoffs,
    route,
    cascade_prob,
):
    """Fill rows with the numbers of the contexts of the tasks that they begin, and with what the provider commits to.

    Args:
        fresh: (num_fresh,) uint32, which rows.
        contexts: (num_rows,) of the tasks.
        classes: likewise.
        success: (C, 2) uint32, thresholds of success of each context.
        again: the same of repeats, (C, 2); or (0, 2) where they are the same.
        worth: (6, C) float32, see `payoffs` of `numpy_kernel.step`.
        lines: (num_lines,) int64, those of them that are to be filled.
        routes: (Z,) uint8 of each class; or (0,) where commitments are not over contexts, and stay as they are.
        cascades: (Z,) float64, likewise.
        first: (3, num_rows), see `numpy_kernel.step`, as of the next three.
        repeat: likewise; written to where `again` is not empty.
        payoffs: (6, num_rows).
        route: (num_rows,).
        cascade_prob: (num_rows,) float64.
    """
    if routes.size:
        for i in fresh:
            label = classes[i]
            route[i], cascade_prob[i] = routes[label], cascades[label]
    _thresholds(fresh, contexts, success, cascade_prob, first[0], first[1], first[2])
    if again.size:
        _thresholds(fresh, contexts, again, cascade_prob, repeat[0], repeat[1], repeat[2])
    for line in lines:
        _copied(fresh, contexts, worth[line], payoffs[line])


@njit(nogil=True, pipeline_class=Apart)
def _thresholds(fresh, contexts, success, cascade_prob, below1, below2, above):
    """Fill the thresholds of rows."""
    for i in fresh:
        context = contexts[i]
        threshold = success[context, 0]
        below1[i], below2[i] = threshold, success[context, 1]
        above[i] = _handed_over(threshold, cascade_prob[i])


@njit(nogil=True, pipeline_class=Apart)
def _copied(fresh, contexts, numbers, line):
    """Fill one number of rows."""
    for i in fresh:
        line[i] = numbers[contexts[i]]


@njit(inline="always")
def _handed_over(threshold, cascade_prob):
    """Threshold of words that hand a task over, as `chances.cascade_above` finds it."""
    return np.uint32(NUM_WORDS - 1.0 - np.rint((NUM_WORDS - np.float64(threshold)) * cascade_prob))


@kept
def draw_tasks(first_task, group_size, max_passes, keys, starts_on_2, limits, stays, totals):
    """Draw a group of whole tasks in every row, as `numpy_kernel.draw_tasks` does, a block of tasks at a time."""
    half = np.empty(BLOCK, dtype=np.uint32)
    rank, tail = np.empty(BLOCK), np.empty(BLOCK)
    repeats = np.empty((2, BLOCK), dtype=np.int32)
    num_bits = 0
    while (max_passes >> num_bits) > 0:
        num_bits += 1
    powers = np.empty((2, num_bits))
    for row in range(starts_on_2.size):
        on_1 = not starts_on_2[row]
        may_move = on_1 & ((limits[row, 0, 1] < limits[row, 0, 2]) | (limits[row, 0, 4] < NUM_WORDS))
        _square(stays[row, 0], powers[0])
        _square(stays[row, 1], powers[1])
        for start in range(0, group_size, BLOCK):
            size = min(BLOCK, group_size - start)
            offset = np.uint32(np.uint32(first_task + start) * COUNTER_STEP)
            _first_round(np.uint32(keys[0, row] + offset), half[:size])
            if on_1:
                _repeats(half[:size], _purpose(keys[1, row], 1), powers[0], rank, tail, repeats[0])
            if may_move | (not on_1):
                _repeats(half[:size], _purpose(keys[1, row], 4), powers[1], rank, tail, repeats[1])
            passes1, passes2, solved, cut_off = _endings(
                on_1, max_passes, half[:size], keys[1, row], limits[row, 0], limits[row, 1], repeats[0], repeats[1]
            )
            totals[0, row] += passes1
            totals[1, row] += passes2
            totals[2, row] += solved
            totals[3, row] += cut_off


@njit(inline="always")
def _purpose(key, k):
    """Half of a stream's key for word k of a whole task."""
    return np.uint32(key + np.uint32(np.uint32(WHOLE_TASK + k) * PURPOSE_STEP))


@njit(nogil=True)
def _first_round(key, half):
    """The round of mixing that all words of a task have in common."""
    for i in range(half.size):
        half[i] = mixed(np.uint32(key + np.uint32(np.uint32(i) * COUNTER_STEP)))


@njit(nogil=True)
def _square(power, powers):
    """Probabilities of 1, 2, 4, … repeats or more, 0 once they are negligible."""
    for bit in range(powers.size):
        power = 0.0 if power < NEGLIGIBLE else power
        powers[bit] = power
        power = power * power


@njit(nogil=True)
def _repeats(half, key, powers, rank, tail, repeats):
    """Geometric numbers of repeats, as `numpy_kernel._geometric` finds them."""
    for i in range(half.size):
        rank[i] = (np.float64(mixed(np.uint32(half[i] ^ key))) + 0.5) * (1 / NUM_WORDS)
        tail[i] = 1.0
        repeats[i] = 0
    for bit in range(powers.size - 1, -1, -1):
        power, more = powers[bit], np.int32(1 << bit)
        if power == 0.0:
            continue
        for i in range(half.size):
            longer = tail[i] * power
            goes_on = rank[i] < longer
            tail[i] = pick(goes_on, longer, tail[i])
            repeats[i] = pick(goes_on, np.int32(repeats[i] + more), repeats[i])


@njit(nogil=True)
def _endings(on_1, max_passes, half, key, limits1, limits2, repeats1, repeats2):
    """Return totals of tasks with given numbers of repeats: passes of each model, solved, cut off."""
    solve1, leave1, hand1, resolve1, releave1 = limits1[0], limits1[1], limits1[2], limits1[3], limits1[4]
    solve2, hand2, resolve2 = limits2[0], limits2[2], limits2[3]
    key0, key2, key3, key5 = _purpose(key, 0), _purpose(key, 2), _purpose(key, 3), _purpose(key, 5)
    sum1 = sum2 = sum_solved = sum_cut = np.int64(0)
    most, none, one, two = np.int32(max_passes), np.int32(0), np.int32(1), np.int32(2)
    for i in range(half.size):
        first1, last1 = np.float64(mixed(half[i] ^ key0)), np.float64(mixed(half[i] ^ key2))
        first2, last2 = np.float64(mixed(half[i] ^ key3)), np.float64(mixed(half[i] ^ key5))

        again = first1 >= hand1
        passes1 = pick(again, np.int32(two + repeats1[i]), one)
        solved1 = on_1 & pick(again, last1 < resolve1, first1 < solve1)
        handed_over = on_1 & pick(again, last1 >= releave1, first1 >= leave1)
        cut1 = on_1 & (np.int32(passes1 - pick(solved1, one, none)) >= most)
        passes1 = pick(on_1, min(passes1, most), none)

        again = first2 >= hand2
        passes2 = pick(again, np.int32(two + repeats2[i]), one)
        solved2 = pick(again, last2 < resolve2, first2 < solve2)
        on_2 = (not on_1) | (handed_over & (not cut1))
        left = np.int32(most - passes1)
        cut2 = on_2 & (np.int32(passes2 - pick(solved2, one, none)) >= left)
        passes2 = pick(on_2, min(passes2, left), none)

        sum1 += passes1
        sum2 += passes2
        sum_solved += (solved1 & (not cut1)) | (on_2 & solved2 & (not cut2))
        sum_cut += cut1 | cut2
    return sum1, sum2, sum_solved, sum_cut
