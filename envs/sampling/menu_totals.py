"""Totals of many tasks under commitments to any number of models, drawn at a price that does not depend on the passes.

A task goes from model to model until it is solved or its user leaves. Tasks of a group are alike, so it is enough to
know how many went from where to where, and these counts are drawn exactly, without playing a pass:

* Where every row of a commitment is the same, the passes after the first are draws of one and the same gamble. How
  many go on is negative binomial, how they end binomial, and which models they ran on multinomial.
* Else models are taken out one after another: what went through a model k appears as a direct step, with probability
  R_xy + R_xk R_ky / (1 − R_kk). With one pass less to tell apart every time, tasks go straight to their end at last.
  Then models are put back: of the steps from x to y a binomial share went through k, each with a geometric number of
  repeats there, which add up to a negative binomial.

Chance is numpy's generator, or `routegame.envs.luck.luck.Luck`, which turns the same luck into nearly the same totals
for nearly the same commitments.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from routegame.envs.arrays import FloatArray, IntArray
from routegame.envs.luck.luck import Chance
from routegame.envs.sampling.simulator import Tasks


def draw_menu_totals(
    success_prob: ArrayLike, start: FloatArray, rows: FloatArray, abandon_prob: ArrayLike, group_size: int, rng: Chance
) -> Tasks:
    """Draw the totals of a group of tasks under each of many commitments; latencies are left to the reader.

    Args:
        success_prob: p_k, (K,).
        start: probabilities of the first pass, (num_groups, K); not checked.
        rows: of the next one after a failure, (num_groups, K, K), or (num_groups, 1, K) for one row for all models.
        abandon_prob: probability of leaving after each failure, (num_groups,); not checked.
        group_size: tasks in each group.
        rng: the source of chance; the same state gives the same tasks.

    >>> start, rows = np.array([[1.0, 0, 0]]), np.array([[[0, 0.5, 0.5]]])
    >>> tasks = draw_menu_totals((0.5, 0.25, 0.75), start, rows, [0.0], 10**6, np.random.default_rng(0))
    >>> (tasks.passes / 1e6).round(2).T.tolist(), tasks.solved.tolist()
    ([[1.0, 0.5, 0.5]], [1000000])
    """
    p = np.asarray(success_prob, dtype=np.float64)
    q = np.broadcast_to(np.asarray(abandon_prob, dtype=np.float64), (len(start),))
    passes, solved = draw_counts(p, start, rows, q, np.full(len(start), group_size), rng)
    return Tasks(passes.T, solved, group_size)


def draw_counts(
    p: FloatArray, start: FloatArray, rows: FloatArray, q: FloatArray, group_size: IntArray, rng: Chance
) -> tuple[IntArray, IntArray]:
    """Draw passes of each model, (num_groups, K), and tasks solved, (num_groups,), of groups that differ.

    Args:
        p: success probabilities, (K,), or (num_groups, K) where groups have their own.
        start: see `draw_menu_totals`.
        rows: likewise.
        q: abandonment probabilities, (num_groups,).
        group_size: tasks in each group, (num_groups,), 0 included.
        rng: likewise.
    """
    draw = _draw_afresh if rows.shape[1] == 1 else _draw_through
    return draw(p, start, rows, q, group_size, rng)


def _draw_afresh(
    p: FloatArray, start: FloatArray, rows: FloatArray, q: FloatArray, group_size: IntArray, rng: Chance
) -> tuple[IntArray, IntArray]:
    """Passes of each model, (num_groups, K), and tasks solved, where every pass but the first is drawn from one row."""
    row = rows[:, 0]
    passes = split(group_size, start, rng)
    at_once = rng.binomial(passes, np.broadcast_to(p, passes.shape)).sum(axis=1)
    staying = rng.binomial(group_size - at_once, 1 - q)
    solves = row * p
    chance = solves.sum(axis=1)
    ends = np.minimum(chance + (1 - chance) * q, 1.0)
    later = rng.binomial(staying, np.minimum(chance / ends, 1.0))
    failed = np.where(staying > 0, rng.negative_binomial(np.maximum(staying, 1), ends), 0) + staying - later
    passes = passes + split(failed, row * (1 - p), rng) + split(later, solves, rng)
    return passes, at_once + later


def _draw_through(
    p: FloatArray, start: FloatArray, rows: FloatArray, q: FloatArray, group_size: IntArray, rng: Chance
) -> tuple[IntArray, IntArray]:
    """Passes of each model, (num_groups, K), and tasks solved, under any matrix: models taken out, and put back.

    Steps go from K models and, last, from the beginning; to K models, and to being solved and abandoned.
    """
    groups, models = start.shape
    first = p.T if p.ndim == 2 else p[:, None]
    steps = np.zeros((models + 1, models + 2, groups))  # groups come last, so that each step's numbers lie in a row
    steps[:models, :models] = (1 - first)[:, None] * (1 - q) * np.moveaxis(rows, 0, 2)
    steps[:models, models] = first
    steps[:models, models + 1] = (1 - first) * q
    steps[models, :models] = start.T
    origins, targets = [*range(models), models], [*range(models), models, models + 1]
    taken_out = []
    for k in reversed(range(models)):
        origins, targets = [x for x in origins if x != k], [y for y in targets if y != k]
        leaves = steps[k, targets].sum(axis=0)  # 1 − R_kk, without a difference of close numbers
        onward = steps[k, targets] / leaves
        between = np.ix_(origins, targets)
        through = steps[origins, k][:, None] * onward
        total = through + steps[between]
        share = np.divide(through, total, out=np.zeros_like(total), where=total > 0)
        taken_out.append((k, origins, targets, np.minimum(share, 1.0), np.minimum(leaves, 1.0)))
        steps[between] = total
    counts = np.zeros(steps.shape, dtype=np.int64)
    solved = rng.binomial(group_size, np.minimum(steps[models, models], 1.0))
    counts[models, models], counts[models, models + 1] = solved, group_size - solved
    for k, origins, targets, share, leaves in reversed(taken_out):
        between = np.ix_(origins, targets)
        drawn = rng.binomial(np.moveaxis(counts[between], 2, 0), np.moveaxis(share, 2, 0))
        through_k = np.ascontiguousarray(np.moveaxis(drawn, 0, 2))
        counts[between] -= through_k
        counts[origins, k] = through_k.sum(axis=1)
        counts[k, targets] = through_k.sum(axis=0)
        visits = through_k.sum(axis=(0, 1))
        counts[k, k] = np.where(visits > 0, rng.negative_binomial(np.maximum(visits, 1), leaves), 0)
    return np.ascontiguousarray(counts[:, :models].sum(axis=0).T), counts[:, models].sum(axis=0)


def split(counts: IntArray, weights: FloatArray, rng: Chance) -> IntArray:
    """Divide counts, (num_groups,), among models in proportion to weights, (num_groups, K), at random."""
    left, found = counts, np.zeros(weights.shape, dtype=np.int64)
    rest = np.cumsum(weights[:, ::-1], axis=1)[:, ::-1]
    share = np.minimum(np.divide(weights, rest, out=np.zeros_like(weights), where=rest > 0), 1.0)
    for k in range(weights.shape[1] - 1):
        found[:, k] = rng.binomial(left, share[:, k])
        left = left - found[:, k]
    found[:, -1] = left
    return found
