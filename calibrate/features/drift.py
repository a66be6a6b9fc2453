"""Drift along the file of what passes take and cost, beside what the features of their tasks let expect.

A part of the file has other tasks than the next one, and of a hard task it has many passes, whose user may be slow. So
passes count relative to what their features let expect, and as many as there are of one task vary together.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from scipy.stats import f as fisher

from routegame.calibrate.estimate.assumptions import DRIFT, SIGNIFICANT, Check
from routegame.calibrate.estimate.tally import BLOCKS
from routegame.calibrate.features.task_table import TaskTable
from routegame.envs.arrays import FloatArray, IntArray
from routegame.numerals import plain_percent


@dataclass(frozen=True)
class _Drift:
    """How far means along the file vary: coefficient of variation beyond chance, its p-value, and their ends."""

    variation: float
    p_value: float
    least: float
    most: float
    title: str


def check_drift(table: TaskTable, expected: dict[str, FloatArray], titles: tuple[str, ...]) -> Iterator[Check]:
    """Means are the same all along the file, given features; statistic: that of the worst model.

    Args:
        table: of the tasks.
        expected: the means of latency and of cost of the model and the task of each pass, (M,) each.
        titles: of the models.
    """
    for name, mean in expected.items():
        found = []
        for k, title in enumerate(titles):
            rows = np.flatnonzero((table.model == k) & (mean > 0))
            rows = rows[np.argsort(table.line[rows], kind="stable")]
            if len(rows) >= 2 * BLOCKS:
                found.append(_drift(getattr(table, name)[rows] / mean[rows], table.task[rows], title))
        worst = max(found, key=lambda each: each.variation, default=_Drift(0.0, 1.0, 1.0, 1.0, titles[0]))
        p_value = min(max(len(found), 1) * worst.p_value, 1.0)
        holds = p_value >= SIGNIFICANT or worst.variation <= DRIFT
        said = (
            f"The mean {name} of {worst.title} along the file goes from {worst.least:.2f} to {worst.most:.2f} times"
            f" what the features let expect, a variation of {plain_percent(worst.variation)} beyond chance"
            f"{'.' if holds else ': the log mixes different times.'}"
        )
        yield Check(f"stationary_{name}", holds, worst.variation, None, p_value, said)


def _drift(ratio: FloatArray, task: IntArray, title: str) -> _Drift:
    """The drift of ratios in the order of the file; an analysis of variance between its parts."""
    block = np.arange(len(ratio)) * BLOCKS // len(ratio)
    number = np.bincount(block, minlength=BLOCKS)
    mean = np.bincount(block, ratio, BLOCKS) / number
    _, place = np.unique(block * (int(task.max()) + 1) + task, return_inverse=True)
    variance = _variance(ratio - ratio.mean(), place, block) / number**2
    if not variance.all():
        return _Drift(0.0, 1.0, 1.0, 1.0, title)
    weight = 1 / variance
    overall = float(weight @ mean / weight.sum())
    value, freedom = float(weight @ (mean - overall) ** 2), BLOCKS - 1
    within = max(int(place.max()) + 1 - BLOCKS, 1)
    excess = max(value - freedom, 0.0) / (weight.sum() - (weight**2).sum() / weight.sum())
    ends = mean / overall
    p_value = float(fisher.sf(value / freedom, freedom, within))
    return _Drift(float(np.sqrt(excess)) / overall, p_value, float(ends.min()), float(ends.max()), title)


def _variance(off: FloatArray, place: IntArray, block: IntArray) -> FloatArray:
    """Variance of the sum of each part of the file, (`BLOCKS`,).

    Of n passes of a task it is n σ² + n² τ², with what passes have of their own and what those of a task share; both
    are found from the squares of all passes and of the sums over tasks.

    Args:
        off: by how much each pass is off the mean, (n,): of a part, which may be that of a few tasks, it would be less.
        place: task of each pass within its part, from 0, (n,).
        block: part of each pass, (n,).
    """
    size: FloatArray = np.bincount(place).astype(np.float64)
    sums = np.bincount(place, off)
    both, together = float((off**2).sum()), float((sums**2).sum())
    pairs = float((size**2).sum()) - len(off)
    shared = max((together - both) / pairs, 0.0) if pairs else 0.0
    alone = max(both / len(off) - shared, 0.0)
    parts = np.zeros(len(size), dtype=np.int64)
    parts[place] = block
    variance: FloatArray = np.bincount(parts, size * alone + size**2 * shared, BLOCKS).astype(np.float64)
    return variance
