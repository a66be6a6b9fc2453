"""Success, latency, cost, hand-overs and abandonment, estimated from what a log comes down to, with 95 % intervals.

Passes of one user, or of one task where users are not known, need not be independent: errors are those of ratios of
sums over clusters. Shares have Wilson's interval at the number of independent passes that would be as telling, means
Student's with as many degrees of freedom as there are clusters. Of few clusters nobody knows how much they vary:
`doubtful` and `widening` make intervals of shares, of V, and the games that are drawn as wide as Student's t.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from scipy.special import stdtrit

from routegame.calibrate.estimate.commitments import PolicyCell, policy_cells
from routegame.calibrate.estimate.counts import NONE, by_commitment, decided, handed_over, rate
from routegame.calibrate.estimate.tally import Shapes, Tally, doubtful, widening
from routegame.calibrate.estimate.task_value import Cell, Cells, Models
from routegame.envs.policy import Policy
from routegame.eval.statistics import HALF_WIDTH, LEVEL, Estimate

MAX_CELLS = 24
"""Most commitments that are told apart where V is estimated; neighbours are pooled where there are more."""

Each = tuple[Estimate, ...]
"""An estimate for each model."""


@dataclass(frozen=True)
class Estimates:
    """Estimates from the passes of a group of tasks; those of models are one for each, nan where there is no pass.

    Attributes:
        name: of the segment; empty for the whole log.
        tasks: how many.
        passes: of each model.
        success_prob: p of each model.
        latency: t of each model.
        cost: c of each model.
        cascade_prob: share of retries on model 1 that were handed over; nan without any, and in free order.
        abandon_prob: share of failures after which users left; nan without any.
        cells: users by commitment, in the paper's order.
        models: p and t as `estimate_task_value` takes them.
        policies: users by commitment, in free order.
    """

    name: str
    tasks: int
    passes: tuple[int, ...]
    success_prob: Each
    latency: Each
    cost: Each
    cascade_prob: Estimate
    abandon_prob: Estimate
    cells: tuple[Cell, ...]
    models: Models
    policies: tuple[PolicyCell, ...] = ()

    @property
    def users(self) -> Cells:
        """Users by commitment, in whichever order."""
        return self.cells or self.policies


def estimates(tally: Tally, stated: Mapping[str, Policy] | None = None) -> tuple[Estimates, ...]:
    """Estimate from the whole log, and from each of its segments.

    Args:
        tally: of the log.
        stated: commitments that are known by name, in free order; others are as they are seen.
    """
    if tally.turns is not None:
        every = [("", tally.turns)]
        every += [(name, tally.turns[tally.turns.segment == k]) for k, name in enumerate(tally.segments)]
        return tuple(
            _made(tally, k, name, part.tasks, NONE, part.decided, (), policy_cells(part, stated or {}))
            for k, (name, part) in enumerate(every)
        )
    shapes = tally.shapes
    groups = [("", shapes)] + [(name, shapes[shapes.segment == k]) for k, name in enumerate(tally.segments)]
    return tuple(_of_group(tally, k, name, chosen) for k, (name, chosen) in enumerate(groups))


def values_of(each: Each) -> tuple[float, ...]:
    """The estimates of all models, without their intervals."""
    return tuple(float(estimate.value) for estimate in each)


def _of_group(tally: Tally, k: int, name: str, shapes: Shapes) -> Estimates:
    chances, moves = handed_over(shapes)
    tasks = int(shapes.count.sum())
    return _made(tally, k, name, tasks, rate(moves, chances), decided(shapes), _cells(shapes))


def _made(
    tally: Tally,
    k: int,
    name: str,
    tasks: int,
    cascade_prob: Estimate,
    decided: tuple[int, int],
    cells: tuple[Cell, ...],
    policies: tuple[PolicyCell, ...] = (),
) -> Estimates:
    """Estimates of group k, whose tasks have been counted, from what its passes come to."""
    m, models = tally.moments, range(tally.moments.passes.shape[1])
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
    decisions, leaves = decided
    return Estimates(
        name=name,
        tasks=tasks,
        passes=tuple(int(x) for x in n),
        success_prob=tuple(rate(m.success[k, i], n[i], spread[i]) for i in models),
        latency=tuple(_mean(t[i], t_error[i], clusters[i]) for i in models),
        cost=tuple(_mean(c[i], c_error[i], clusters[i]) for i in models),
        cascade_prob=cascade_prob,
        abandon_prob=rate(leaves, decisions, max(tally.decision_spread, 1.0)),
        cells=cells,
        models=Models(*(tuple(float(y) for y in x) for x in (p, p_error, t, t_drawn))),
        policies=policies,
    )


def _mean(value: float, error: float, clusters: float) -> Estimate:
    if np.isnan(value):
        return NONE
    half = float(stdtrit(clusters - 1, (1 + LEVEL) / 2) * error) if clusters > 1 else np.inf
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
