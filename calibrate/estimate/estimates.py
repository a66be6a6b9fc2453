"""Success, latency, cost, hand-overs and abandonment, estimated from what a log comes down to, with 95 % intervals.

Passes of one user, or of one task where users are not known, need not be independent: errors are those of ratios of
sums over clusters. Shares have Wilson's interval at the number of independent passes that would be as telling, means
Student's with as many degrees of freedom as there are clusters. Of few clusters nobody knows how much they vary:
`doubtful` and `widening` make intervals of shares, of V, and the games that are drawn as wide as Student's t.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.stats import t as student

from routegame.calibrate.estimate.counts import NONE, by_commitment, decided, handed_over, rate
from routegame.calibrate.estimate.tally import Shapes, Tally, doubtful, widening
from routegame.calibrate.estimate.task_value import Cell, Models
from routegame.eval.statistics import HALF_WIDTH, LEVEL, Estimate

MAX_CELLS = 24
"""Most commitments that are told apart where V is estimated; neighbours are pooled where there are more."""

Pair = tuple[Estimate, Estimate]


@dataclass(frozen=True)
class Estimates:
    """Estimates from the passes of a group of tasks; a pair is of model 1 and of model 2, nan where there is no pass.

    Attributes:
        name: of the segment; empty for the whole log.
        tasks: how many.
        passes: of each model.
        success_prob: p of each model.
        latency: t of each model.
        cost: c of each model.
        cascade_prob: share of retries on model 1 that were handed over; nan without any.
        abandon_prob: share of failures after which users left; nan without any.
        cells: users by commitment.
        models: p and t as `estimate_task_value` takes them.
    """

    name: str
    tasks: int
    passes: tuple[int, int]
    success_prob: Pair
    latency: Pair
    cost: Pair
    cascade_prob: Estimate
    abandon_prob: Estimate
    cells: tuple[Cell, ...]
    models: Models


def estimates(tally: Tally) -> tuple[Estimates, ...]:
    """Estimate from the whole log, and from each of its segments."""
    shapes = tally.shapes
    groups = [("", shapes)] + [(name, shapes[shapes.segment == k]) for k, name in enumerate(tally.segments)]
    return tuple(_of_group(tally, k, name, chosen) for k, (name, chosen) in enumerate(groups))


def values_of(pair: Pair) -> tuple[float, float]:
    """The estimates of both models, without their intervals."""
    return float(pair[0].value), float(pair[1].value)


def _of_group(tally: Tally, k: int, name: str, shapes: Shapes) -> Estimates:
    m = tally.moments
    n, clusters = m.passes[k], m.clusters[k]
    with np.errstate(divide="ignore", invalid="ignore"):
        p, t, c = m.success[k] / n, m.latency[k] / n, m.cost[k] / n
        small = np.where(clusters > 1, np.sqrt(clusters / (clusters - 1)) / n, np.nan)  # one user varies with nobody
        t_error, c_error = small * np.sqrt(m.latency_spread[k]), small * np.sqrt(m.cost_spread[k])
        t_drawn = np.nan_to_num(t_error * widening(clusters))
        spread = m.success_spread[k] / (n * p * (1 - p))
        spread = np.where(np.isfinite(spread) & (spread > 0), spread, 1.0)
        spread = doubtful(spread, clusters)
        p_error = np.sqrt(np.clip(p, 1 / (n + 2), 1 - 1 / (n + 2)) * (1 - p + 1 / (n + 2)) / n * spread)
    success = tuple(rate(m.success[k, i], n[i], spread[i]) for i in (0, 1))
    latency, cost = (tuple(_mean(x[i], e[i], clusters[i]) for i in (0, 1)) for x, e in ((t, t_error), (c, c_error)))
    decisions, leaves = decided(shapes)
    chances, moves = handed_over(shapes)
    return Estimates(
        name=name,
        tasks=int(shapes.count.sum()),
        passes=(int(n[0]), int(n[1])),
        success_prob=success,  # type: ignore[arg-type]
        latency=latency,  # type: ignore[arg-type]
        cost=cost,  # type: ignore[arg-type]
        cascade_prob=rate(moves, chances),
        abandon_prob=rate(leaves, decisions, max(tally.decision_spread, 1.0)),
        cells=_cells(shapes),
        models=Models(*((float(x[0]), float(x[1])) for x in (p, p_error, t, t_drawn))),
    )


def _mean(value: float, error: float, clusters: float) -> Estimate:
    if np.isnan(value):
        return NONE
    half = float(student.ppf((1 + LEVEL) / 2, clusters - 1) * error) if clusters > 1 else np.inf
    return Estimate(float(value), max(float(value) - half, 0.0), float(value) + half)


def _cells(shapes: Shapes) -> tuple[Cell, ...]:
    """Users by commitment, at most `MAX_CELLS` of them on route 1: neighbours by cascade probability are pooled."""
    found = []
    for route, s, chosen in by_commitment(shapes):
        part = shapes[chosen]
        decisions, leaves = decided(part)
        error = 0.0
        if route == 1 and np.isnan(s):
            chances, moves = handed_over(part)
            share = rate(moves, chances)
            s, error = float(share.value), float(share.high - share.low) / (2 * HALF_WIDTH)
        found.append(Cell(route, float(s), float(error), decisions, leaves))
    if len(found) <= MAX_CELLS:
        return tuple(found)
    first = sorted((cell for cell in found if cell.route == 1), key=lambda cell: cell.cascade_prob)
    weight = np.cumsum([cell.decisions for cell in first])
    place = np.minimum(weight * (MAX_CELLS - 1) // max(weight[-1], 1), MAX_CELLS - 2)
    pooled = [cell for cell in found if cell.route == 2]
    for k in np.unique(place):
        group = [cell for cell, at in zip(first, place, strict=True) if at == k and cell.decisions]
        number = sum(cell.decisions for cell in group)
        if number:
            s = sum(cell.cascade_prob * cell.decisions for cell in group) / number
            pooled.append(Cell(1, s, 0.0, number, sum(cell.leaves for cell in group)))
    return tuple(pooled)
