"""The tally of a log: how many tasks took which way, and sums of what passes cost. All estimates are from it.

A task's *shape* is its commitment, its passes of each model and how it ended. Passes of model 1 come first, so that
the shape says what every pass of the task was and what became of it, and the histogram of shapes stands for the log.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import stdtrit

from routegame.calibrate.estimate.turns import Turns, turns
from routegame.calibrate.log.ending import Ending
from routegame.calibrate.log.fixed_point import FixedPoint
from routegame.calibrate.log.log import Log
from routegame.envs.arrays import BoolArray, FloatArray, IntArray
from routegame.eval.statistics import HALF_WIDTH, LEVEL

MANY = 30
"""Number of clusters from which on how much they vary is taken for known, and may also be less than by chance."""

BLOCKS = 20
"""Parts of equal length that a log is cut into, in which drift is looked for."""

DECISIONS = f"n - (ending IN ({Ending.SOLVED:d}, {Ending.UNDECIDED:d}))::INTEGER"
"""SQL for failures of a task after which it is known what the user did."""


@dataclass(frozen=True, eq=False)
class Shapes:
    """The histogram of tasks by shape; arrays of shape (num_shapes,).

    Attributes:
        segment: index of the segment; 0 where the log has none.
        route: model of the first pass.
        stated: cascade probability that the log states; nan where it does not.
        n1: passes of model 1.
        n2: passes of model 2.
        ending: an `Ending`.
        count: tasks.
    """

    segment: IntArray
    route: IntArray
    stated: FloatArray
    n1: IntArray
    n2: IntArray
    ending: IntArray
    count: IntArray

    def __getitem__(self, chosen: BoolArray) -> Shapes:
        return Shapes(*(column[chosen] for column in vars(self).values()))

    @property
    def decisions(self) -> IntArray:
        """Failures of a task of the shape after which it is known what the user did."""
        known: IntArray = self.n1 + self.n2 - np.isin(self.ending, (Ending.SOLVED, Ending.UNDECIDED))
        return known

    @property
    def chances(self) -> IntArray:
        """Retries of a task on model 1 of which it is known where they went."""
        retries: IntArray = np.where(self.route == 1, self.n1 - (self.n2 == 0), 0)
        return retries

    @property
    def moved(self) -> BoolArray:
        """True for tasks that were handed over."""
        handed: BoolArray = (self.route == 1) & (self.n2 > 0)
        return handed


@dataclass(frozen=True, eq=False)
class Moments:
    """Sums over passes of each model in each group, and their spread over clusters; arrays (num_groups, K).

    The first group is the whole log, the others are its segments. A ratio of sums x/n has the standard error
    sqrt(spread) / n times sqrt(G/(G − 1)), where spread = Σ (x_g − (x/n) n_g)² over G clusters.

    Attributes:
        passes: n.
        success, latency, cost: sums of each.
        success_spread, latency_spread, cost_spread: see above.
        clusters: users who, or tasks which, had a pass of the model.
    """

    passes: FloatArray
    success: FloatArray
    latency: FloatArray
    cost: FloatArray
    success_spread: FloatArray
    latency_spread: FloatArray
    cost_spread: FloatArray
    clusters: FloatArray


@dataclass(frozen=True, eq=False)
class Blocks:
    """Passes in each part of the file; arrays (BLOCKS, K) by model, nan where a part has none.

    Attributes:
        passes: how many.
        latency, cost: means.
        latency_variance, cost_variance: of single passes.
    """

    passes: FloatArray
    latency: FloatArray
    cost: FloatArray
    latency_variance: FloatArray
    cost_variance: FloatArray


@dataclass(frozen=True, eq=False)
class Tally:
    """Everything that is counted in a log.

    Attributes:
        segments: names of the segments.
        shapes: tasks by shape.
        moments: sums over passes.
        blocks: means along the file.
        decision_spread: how much more decisions vary over clusters than if they were independent, 1 if not at all; of
            few clusters, how much more they may well vary, see `widening`.
        handed_back: tasks in which model 1 answered after model 2.
        turns: passes by what came before and after; None in the paper's order, in which shapes say all of that. Where
            they are given, shapes say of models that come back no more than how tasks ended.
    """

    segments: tuple[str, ...]
    shapes: Shapes
    moments: Moments
    blocks: Blocks
    decision_spread: float
    handed_back: int
    turns: Turns | None = None


def widening(clusters: ArrayLike) -> FloatArray:
    """Factor by which errors are to be widened that are known from clusters of the same shape; 1 from `MANY` on.

    A few clusters that are alike by chance seem to vary little. Student's t at `LEVEL` allows for that, and errors so
    widened are as wide as its intervals where they are taken for normal. One cluster tells nothing of others; it is
    taken for two.

    >>> widening([2, 5, 29, 30]).round(2).tolist()
    [6.48, 1.42, 1.05, 1.0]
    """
    freedom = np.maximum(np.asarray(clusters, dtype=np.float64) - 1, 1)
    factor: FloatArray = np.where(freedom < MANY - 1, stdtrit(freedom, (1 + LEVEL) / 2) / HALF_WIDTH, 1.0)
    return factor


def doubtful(spread: ArrayLike, clusters: ArrayLike) -> FloatArray:
    """How much more things may well vary over clusters than if they were independent, given how much they did.

    From `MANY` clusters on they vary as they did. Fewer never vary less than independent ones, and may well vary more.

    >>> doubtful([0.5, 4.0], 5).round(2).tolist(), doubtful([0.5, 4.0], 30).tolist()
    ([2.01, 10.03], [0.5, 4.0])
    """
    few = np.maximum(clusters, 2)
    most = np.maximum(np.asarray(spread) * few / (few - 1), 1.0) * widening(few) ** 2
    made: FloatArray = np.where(few < MANY, most, spread)
    return made


def tally(log: Log) -> Tally:
    """Count a log; a few queries over tasks, and one over passes.

    Sums of floating-point numbers are taken in a `FixedPoint`: a log has the same tally every time, to the last bit.
    """
    _count_shapes(log)
    moments = _moments(log)
    spread, back = _decision_spread(log), _handed_back(log)
    return Tally(log.segments, _shapes(log), moments, _blocks(log, moments), spread, back, turns(log))


def _count_shapes(log: Log) -> None:
    """Make a table `shapes` of tasks that are alike, with their number and the most that one of them took and cost."""
    models = range(1, log.num_models + 1)
    waited, paid = (" + ".join(f"{name}{k}" for k in models) for name in ("t", "c"))
    log.rows(
        f"""CREATE OR REPLACE TEMP TABLE shapes AS SELECT segment, tag, stated, starts_on_2, n, n1, ending,
        count(*) AS number, max({waited}) AS longest, max({paid}) AS dearest, count_if(handed_back) AS handed_back
        FROM tasks WHERE fault = 0 GROUP BY ALL"""
    )


def _shapes(log: Log) -> Shapes:
    log.rows("CREATE OR REPLACE TEMP TABLE named AS SELECT unnest(?) AS segment, unnest(?) AS place", *_places(log))
    found = log.rows(
        """SELECT place, if(n1 > 0 AND NOT starts_on_2, 1, 2) AS route, stated, n1, n - n1 AS n2, ending,
        sum(number)::BIGINT FROM shapes JOIN named USING (segment) GROUP BY ALL ORDER BY ALL"""
    )
    columns = list(zip(*found, strict=True))
    stated = np.array([np.nan if x is None else x for x in columns[2]])
    segment, route, n1, n2, ending, count = (np.array(columns[k], dtype=np.int64) for k in (0, 1, 3, 4, 5, 6))
    return Shapes(segment, route, stated, n1, n2, ending, count)


def _places(log: Log) -> tuple[list[str], list[int]]:
    names = list(log.segments) or [""]
    return names, list(range(len(names)))


def _moments(log: Log) -> Moments:
    """Two passes over the clusters: sums, then squares around what the sums say, so that nothing cancels.

    The whole comes last, so that it is its users who stay in the table `clustered`.
    """
    segments = [_sums(log, "segment = ?", name) for name in log.segments]
    return Moments(*np.stack([_sums(log, "true"), *segments], axis=1))


def _sums(log: Log, chosen: str, *parameters: str) -> FloatArray:
    """The entries of `Moments` over the tasks that are chosen, (8, K)."""
    tasks = f"SELECT * FROM tasks WHERE fault = 0 AND {chosen}"
    models = range(1, log.num_models + 1)
    most = f"SELECT max(longest), max(dearest), sum(number)::BIGINT FROM shapes WHERE {chosen}"
    latency, cost, number = log.rows(most, *parameters)[0]
    units = {"n": FixedPoint(0), "k": FixedPoint(0)}
    units |= {name: FixedPoint.for_sum((most or 0) * number) for name, most in (("t", latency), ("c", cost))}
    columns = [f"{name}{model}" for name in units for model in models]
    terms = [x if x[0] in "nk" else f"{units[x[0]].rounded(x)} AS {x}" for x in columns]  # numbers of passes are whole
    clusters = f"SELECT cluster, {', '.join(terms)}, {DECISIONS} AS decisions FROM ({tasks})"
    sums = ", ".join(f"sum({x}) AS {x}" for x in columns)
    if log.has_users:
        log.rows(
            f"""CREATE OR REPLACE TEMP TABLE clustered AS SELECT cluster, {sums}, max(decisions) AS decisions
            FROM ({clusters}) GROUP BY cluster""",
            *parameters,
        )
        clusters, parameters = "SELECT * FROM clustered", ()
    found = log.rows(f"SELECT {sums} FROM ({clusters})", *parameters)[0]
    total = _values([units[x[0]] for x in columns], found).reshape(4, len(models))
    ratio = np.divide(total[1:], total[0], out=np.zeros((3, len(models))), where=total[0] > 0)
    # Terms are nowhere below 0, so that deviations from their ratio add up to twice their sum at most.
    square_units = [FixedPoint.for_sum((2 * bound) ** 2) for bound in total[1:].ravel()]
    squares = [
        f"sum({unit.rounded(_squared(f'{units[x[0]].double(x)} - {float(share)!r}::DOUBLE * n{x[1:]}'))})"
        for unit, x, share in zip(square_units, columns[len(models) :], ratio.ravel(), strict=True)
    ]
    query = f"SELECT {', '.join(squares)}, {', '.join(f'count_if(n{k} > 0)' for k in models)} FROM ({clusters})"
    spread = _values([*square_units, *[FixedPoint(0)] * len(models)], log.rows(query, *parameters)[0])
    return np.concatenate([total, spread.reshape(4, len(models))])


def _squared(number: str) -> str:
    """SQL for the square of a number: as a product, since DuckDB takes ten times as long for a power."""
    return f"(({number}) * ({number}))"


def _values(units: Sequence[FixedPoint], multiples: Sequence[int | None]) -> FloatArray:
    """Sums as doubles; nan where there was nothing to add up."""
    return np.array([np.nan if x is None else unit.value(x) for unit, x in zip(units, multiples, strict=True)])


def _blocks(log: Log, moments: Moments) -> Blocks:
    """One pass over the file: squares are taken around the mean of the whole file, which is near that of a part.

    So little cancels, unless means differ by many times what single passes do, and then it does not matter.
    """
    kept = "" if not log.dropped.tasks else "AND task IN (SELECT task FROM tasks WHERE fault = 0)"
    columns = {"latency": moments.latency[0], "cost": moments.cost[0]}
    number = np.maximum(moments.passes[0], 1)
    middles = {name: sums / number for name, sums in columns.items()}
    units, terms = [], []
    for name, sums in columns.items():
        total = float(sums.sum())
        middle = " ".join(f"WHEN {k} THEN {float(x)!r}::DOUBLE" for k, x in enumerate(middles[name], start=1))
        away = f"{name} - CASE model {middle} END"
        units += [FixedPoint.for_sum(total), FixedPoint.for_sum((2 * total) ** 2)]
        terms += [f"sum({unit.rounded(x)})" for unit, x in zip(units[-2:], (name, _squared(away)), strict=True)]
    found = log.rows(
        f"""SELECT rowid * {BLOCKS} // (SELECT count(*) FROM passes) AS block, model, count(*), {", ".join(terms)}
        FROM passes WHERE model IS NOT NULL AND NOT apart {kept} GROUP BY ALL"""
    )
    passes = np.zeros((BLOCKS, log.num_models))
    sums = np.full((4, BLOCKS, log.num_models), np.nan)
    for block, model, count, *values in found:
        passes[block, model - 1], sums[:, block, model - 1] = count, _values(units, values)
    known = np.maximum(passes, 1)
    means, squares = sums[0::2] / known, sums[1::2]
    away_from = np.stack([means[k] - middle for k, middle in enumerate(middles.values())])
    within = np.where(passes > 1, np.maximum(squares - known * away_from**2, 0), 0 * squares)
    variances = within / np.maximum(passes - 1, 1)
    return Blocks(passes, *means, *variances)


def _decision_spread(log: Log) -> float:
    """Variance of the sum of decisions over clusters, relative to independent ones, given each group's own rate."""
    groups = "segment, tag, stated, starts_on_2 AS on_2"
    log.rows(
        f"""CREATE OR REPLACE TEMP VIEW decided AS SELECT cluster, {groups},
        (ending = {Ending.LEFT:d})::INTEGER AS leaves,
        {DECISIONS} AS decisions FROM tasks WHERE fault = 0"""
    )
    bound = 2.0 * log.num_passes  # of decisions and leaves together
    unit, square_unit = FixedPoint.for_sum(bound), FixedPoint.for_sum(bound**2)
    error, by = "leaves - rate * decisions", ""
    if log.has_users:
        error, by = unit.double(f"sum({unit.rounded(error)})"), "GROUP BY cluster"
    spread, independent, clusters = log.rows(
        f"""WITH kinds AS (SELECT segment, tag, stated, starts_on_2 AS on_2,
        number * (ending = {Ending.LEFT:d})::INTEGER AS leaves, number * ({DECISIONS}) AS decisions FROM shapes),
        rates AS (SELECT segment, tag, stated, on_2, sum(leaves) / greatest(sum(decisions), 1) AS rate,
        sum(decisions) AS number FROM kinds GROUP BY ALL),
        errors AS (SELECT {_squared(error)} AS squared FROM decided JOIN rates ON decided.segment = rates.segment
        AND decided.tag = rates.tag AND decided.stated IS NOT DISTINCT FROM rates.stated
        AND decided.on_2 = rates.on_2 {by})
        SELECT (SELECT sum({square_unit.rounded("squared")}) FROM errors),
        (SELECT sum({unit.rounded("number * rate * (1 - rate)")}) FROM rates),
        (SELECT count(*) FROM (SELECT DISTINCT cluster FROM decided WHERE decisions > 0 LIMIT {MANY}))"""
    )[0]
    return float(doubtful(square_unit.value(spread) / unit.value(independent), clusters)) if independent else 1.0


def _handed_back(log: Log) -> int:
    return int(log.rows("SELECT coalesce(sum(handed_back), 0) FROM shapes")[0][0])
