"""The rules of tasks that are played or drawn, in NumPy, to be read.

`routegame.envs.sampling.task_batch` plays by `step`, `routegame.envs.sampling.whole_tasks` draws by `draw_tasks`;
`routegame.envs.sampling.numba_kernel` computes the same bits in compiled loops.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from routegame.envs.arrays import BoolArray, ByteArray, Float32Array, FloatArray, IntArray
from routegame.envs.sampling.chances import NUM_WORDS
from routegame.envs.sampling.streams import Purpose, Words, words

NEGLIGIBLE = 2.0**-40
"""Less than any rank of a word, and far from the least that a float can be."""


def step(
    clock: int,
    max_passes: int,
    leaves: ByteArray,
    keys: Words,
    first: Words,
    repeat: Words,
    payoffs: Float32Array,
    route: ByteArray,
    model: ByteArray,
    handed_over: BoolArray,
    failures: NDArray[np.int32],
    rewards: Float32Array,
    endings: BoolArray,
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


def draw_tasks(
    first_task: int,
    group_size: int,
    max_passes: int,
    keys: Words,
    starts_on_2: BoolArray,
    limits: FloatArray,
    stays: FloatArray,
    totals: IntArray,
) -> None:
    """Draw a group of whole tasks in every row, and add up what they came to.

    Args:
        first_task: which words of their streams the first tasks take.
        group_size: number of tasks in each row.
        max_passes: failures at which a task is cut off.
        keys: (2, num_rows), of the rows' streams.
        starts_on_2: (num_rows,), whether model 2 has the first pass.
        limits: (num_rows, 2, 5), what passes on each model lead to, see `whole_tasks`.
        stays: (num_rows, 2), probability that a repeat on each model is followed by another.
        totals: (4, num_rows), out: passes of model 1 and of model 2, tasks solved, tasks cut off.
    """
    numbers = first_task + np.arange(group_size)
    drawn = [words(keys[:, :, None], Purpose.WHOLE_TASK + k, numbers) for k in range(6)]
    num_bits = max_passes.bit_length()
    passes1, solved1, handed_over = _visit(drawn[:3], limits[:, 0], stays[:, 0], num_bits)
    passes2, solved2, _ = _visit(drawn[3:], limits[:, 1], stays[:, 1], num_bits)
    on_1 = ~starts_on_2[:, None]

    cut1 = on_1 & (passes1 - solved1 >= max_passes)
    passes1 = np.where(on_1, np.minimum(passes1, max_passes), 0)
    on_2 = ~on_1 | (handed_over & ~cut1)
    left = max_passes - passes1
    cut2 = on_2 & (passes2 - solved2 >= left)
    passes2 = np.where(on_2, np.minimum(passes2, left), 0)
    solved = (on_1 & solved1 & ~cut1) | (on_2 & solved2 & ~cut2)
    totals[:] = [each.sum(axis=1) for each in (passes1, passes2, solved, cut1 | cut2)]


def _visit(
    drawn: list[Words], limits: FloatArray, stays: FloatArray, num_bits: int
) -> tuple[IntArray, BoolArray, BoolArray]:
    """Passes of one model in a row, if their number is not limited: how many, and what became of the task."""
    first, count, last = drawn
    solves, leaves, hands_over, solves_again, leaves_again = limits.T[:, :, None]
    repeats = first >= hands_over
    passes = np.where(repeats, 2 + _geometric(count, stays, num_bits), 1)
    solved = np.where(repeats, last < solves_again, first < solves)
    handed_over = np.where(repeats, last >= leaves_again, first >= leaves)
    return passes, solved, handed_over


def _geometric(word: Words, stays: FloatArray, num_bits: int) -> IntArray:
    """The largest k of so many bits such that k repeats or more are likelier than the word's rank.

    It is put together bit by bit, out of the probabilities of 1, 2, 4, … repeats: by multiplications and comparisons
    alone, for a logarithm would not have the same bits on every machine.
    """
    rank = (word + 0.5) / NUM_WORDS
    powers = [stays]
    while len(powers) < num_bits:
        power = np.where(powers[-1] < NEGLIGIBLE, 0.0, powers[-1])
        powers.append(power * power)
    tail, count = np.ones(word.shape), np.zeros(word.shape, dtype=np.int64)
    for bit in reversed(range(num_bits)):
        longer = tail * powers[bit][:, None]
        more = rank < longer
        tail = np.where(more, longer, tail)
        count += more * (1 << bit)
    return count
