"""Totals of tasks whose users count their failures, and leave after so many: drawn pass by pass for whole groups."""

from __future__ import annotations

import numpy as np

from routegame.envs.arrays import FloatArray, IntArray
from routegame.envs.luck.luck import Chance
from routegame.envs.sampling.menu_totals import split


def draw_counted_passes(
    success_prob: FloatArray,
    start: FloatArray,
    rows: FloatArray,
    failures: FloatArray,
    group_size: IntArray,
    rng: Chance,
) -> tuple[IntArray, IntArray]:
    """Draw passes of each model, (num_groups, K), and tasks solved, (num_groups,).

    Args:
        success_prob: p_k, (num_groups, K).
        start: probabilities of the first pass, (num_groups, K); not checked.
        rows: of the next one after a failure, (num_groups, K, K), or (num_groups, 1, K) for one row for all models.
        failures: after which users leave, (num_groups,), at least 1; inf for never.
        group_size: tasks in each group, (num_groups,).
        rng: the source of chance; the same state gives the same tasks.

    >>> one = np.ones((1, 2)) * [1, 0]
    >>> rng, twice, tasks = np.random.default_rng(0), np.array([2.0]), np.array([10**6])
    >>> passes, solved = draw_counted_passes(one / 2, one, np.eye(2)[None], twice, tasks, rng)
    >>> (passes / 1e6).round(2).tolist(), (solved / 1e6).round(2).tolist()
    ([[1.5, 0.0]], [0.75])
    """
    groups, models = start.shape
    passes, solved = np.zeros((groups, models), dtype=np.int64), np.zeros(groups, dtype=np.int64)
    on, number = split(group_size, start, rng), 0
    while on.any():
        number += 1
        passes += on
        done = rng.binomial(on, success_prob)
        solved += done.sum(axis=1)
        failed = np.where(failures[:, None] > number, on - done, 0)
        if rows.shape[1] == 1:
            on = split(failed.sum(axis=1), rows[:, 0], rng)
        else:
            on = np.stack([split(failed[:, k], rows[:, k], rng) for k in range(models)]).sum(axis=0)
    return passes, solved
