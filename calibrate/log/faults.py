"""Faults of a log: rows that make no sense, tasks that contradict themselves, mixed units and models.

Everything is found before anything is decided: the log is refused with all of it in one paragraph, or read without
the tasks concerned. Whole tasks are left out, because half a task says that its user left, or stayed, when it did not.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from math import log10
from pathlib import Path

import duckdb
import numpy as np

from routegame.calibrate.log.layout import Layout, LogError
from routegame.calibrate.log.lines import SHOWN, Rejects
from routegame.envs.arrays import FloatArray
from routegame.numerals import percent

LARGEST = 1e18
"""Upper bound of latencies and costs, in nanoseconds or in any other unit."""

ROWS = {
    "without a {task}": "no_task",
    "whose {pass} is no whole number from 1": "pass IS NULL OR pass < 1",
    "whose {model} is neither {first} nor {second}": "model IS NULL",
    "whose {latency} is no number": "latency IS NULL OR NOT isfinite(latency)",
    "with a negative {latency}": "latency < 0",
    "with a {latency} beyond all measure": f"latency > {LARGEST}",
    "whose {cost} is no number": "cost IS NULL OR NOT isfinite(cost)",
    "with a negative {cost}": "cost < 0",
    "with a {cost} beyond all measure": f"cost > {LARGEST}",
    "whose {success} is neither 0 nor 1": "success IS NULL",
    "whose {next} is not retry, leave or empty": "next IS NULL",
    "in which a user decides on {next} after a success": "success AND next <> 0",
    "whose {cascade_prob} is no number in [0, 1]": "states AND (stated IS NULL OR stated NOT BETWEEN 0 AND 10000)",
}
"""Faults of rows of the table `passes`, in words and as a condition; a row has the first that holds."""

TASKS = {
    "continued after a success": "solved_at < last",
    "continued after the user left": "left_at < last",
    "with the same {pass} more than once": "n > last - first + 1 OR (first = 1 AND n = last AND NOT one_each)",
    "with a gap in {pass}, or without a first one": "first > 1 OR n < last",
    "retried though {next} is empty": "silent_at < last",
    "in more than one {segment}": "segments_differ",
    "with more than one {cascade_prob}": "commitments_differ",
}
"""Faults of tasks whose rows are fine, in words and as a condition; a task has the first that holds."""

ONE_EACH = "pass_sum = n::BIGINT * (n + 1) / 2 AND bit_count(passes_seen) = least(n, 63)"
"""Condition that passes are 1, 2, …, n. Exact up to 63; beyond, two faults could cancel out, and never by accident."""

DECADE = 20
"""Bins that a factor of 10 is cut into, where groups of values are looked for."""

UNITS = {"latency": (60, 1000, 3600, 1e6), "cost": (100, 1000, 1e6)}
"""Factors between units that are mixed up: minutes, milliseconds, hours; cents, thousands of tokens, millions."""

UNIT_TOLERANCE, UNIT_GAP = 0.15, 0.6
"""Greatest distance of two groups from such a factor, and least width of the empty space between them, in decades."""

GROUP = 10
"""Least size of a group: fewer values are the tail of the others."""

MODEL_FACTOR, MODEL_GAP = 2.0, 0.2
"""Least factor in cost between two models under one name, and least number of empty decades between them; …"""

MODEL_SHARE, MODEL_DEVIATION = 0.01, 6.0
"""… least share of passes of either, and least difference between their success rates, in standard errors."""

STRAY = 0.002
"""Values between two groups, relative to the smaller one, in spite of which the space counts as empty."""


@dataclass(frozen=True)
class Fault:
    """A fault: something that cannot be true of rows or of tasks.

    Attributes:
        what: in words, after "rows" or "tasks".
        of_tasks: whether it is tasks that it counts, not rows.
        count: how many.
        first: the first rows concerned, numbered from 0 in the order of the file.
        tasks: SQL for the tasks concerned.
    """

    what: str
    of_tasks: bool
    count: int
    first: tuple[int, ...]
    tasks: str


@dataclass(frozen=True)
class Dropped:
    """Lines, tasks and passes that were left out of a log.

    Attributes:
        lines: lines that were no rows.
        tasks: whole tasks.
        passes: their rows.
        faults: what was wrong -> how many rows or tasks.
        message: the same in one paragraph; empty if there was nothing.
    """

    lines: int = 0
    tasks: int = 0
    passes: int = 0
    faults: Mapping[str, int] = field(default_factory=dict)
    message: str = ""


def judge_rows(database: duckdb.DuckDBPyConnection) -> Iterator[Fault]:
    """Find rows that make no sense."""
    codes = " ".join(f"WHEN {condition} THEN {k}" for k, condition in enumerate(ROWS.values()))
    database.execute(f"CREATE TEMP VIEW row_fault AS SELECT rowid AS place, task, CASE {codes} END AS code FROM passes")
    query = (
        f"SELECT code, count(*), min(place, {SHOWN}) FROM row_fault WHERE code IS NOT NULL GROUP BY code ORDER BY code"
    )
    for code, count, first in database.execute(query).fetchall():
        what = list(ROWS)[code]
        if "{model}" in what:
            query = (
                "SELECT other_model, count(*) FROM passes WHERE model IS NULL GROUP BY ALL ORDER BY 2 DESC, 1 LIMIT 4"
            )
            found = database.execute(query).fetchall()
            names = ", ".join(f"{name or 'empty'} {number:,} times" for name, number in found)
            what = f"{what} (but {names}; --models A B says what the standard and the reasoning model are called)"
        tasks = f"SELECT task FROM row_fault WHERE code = {code}"
        yield Fault(what, False, count, tuple(first), tasks)


def judge_tasks(database: duckdb.DuckDBPyConnection) -> Iterator[Fault]:
    """Find tasks that contradict themselves though each of their rows makes sense."""
    codes = " ".join(f"WHEN {condition} THEN {k}" for k, condition in enumerate(TASKS.values()))
    database.execute(
        f"""CREATE TEMP VIEW task_fault AS SELECT task, code FROM
        (SELECT task, CASE {codes} END AS code FROM (SELECT *, {ONE_EACH} AS one_each FROM tasks))
        WHERE code IS NOT NULL AND task NOT IN (SELECT task FROM row_fault WHERE code IS NOT NULL)"""
    )
    # A query of its own first: on a log without faults nothing is joined.
    one = f"SELECT 1 FROM (SELECT *, {ONE_EACH} AS one_each FROM tasks) WHERE CASE {codes} END IS NOT NULL LIMIT 1"
    if database.execute(one).fetchone() is None:
        return
    counts = database.execute("SELECT code, count(*) FROM task_fault GROUP BY code ORDER BY code").fetchall()
    for code, count in counts:
        tasks = f"SELECT task FROM task_fault WHERE code = {code}"
        rows = database.execute(
            f"SELECT min(rowid) FROM passes WHERE task IN ({tasks}) GROUP BY task ORDER BY 1 LIMIT {SHOWN}"
        ).fetchall()
        yield Fault(list(TASKS)[code], True, count, tuple(row for (row,) in rows), tasks)


def judge_values(database: duckdb.DuckDBPyConnection) -> Iterator[Fault]:
    """Find latencies and costs in two units, and two models under one name."""
    for column, factors in UNITS.items():
        for model in (1, 2):
            bins, count, solved = _histogram(database, column, model)
            cut = _gap(bins, count, UNIT_GAP)
            if cut is not None:
                low, high = bins < cut, bins >= cut
                apart = _centre(bins[high], count[high]) - _centre(bins[low], count[low])
                factor = min(factors, key=lambda f: abs(apart - log10(f)))
                if abs(apart - log10(factor)) <= UNIT_TOLERANCE:
                    yield _group(
                        database, column, model, cut, bins, count, f"in another unit, a factor of {factor:,.0f} apart"
                    )
                    continue
            cut = _gap(bins, count, MODEL_GAP) if column == "cost" else None
            if cut is None:
                continue
            low, high = bins < cut, bins >= cut
            apart = _centre(bins[high], count[high]) - _centre(bins[low], count[low])
            n, k = (np.array([x[low].sum(), x[high].sum()]) for x in (count, solved))
            error = np.sqrt(k.sum() / n.sum() * (1 - k.sum() / n.sum()) * (1 / n).sum())
            if (
                apart >= log10(MODEL_FACTOR)
                and n.min() >= MODEL_SHARE * n.sum()
                and abs(np.diff(k / n)[0]) > MODEL_DEVIATION * error
            ):
                first, second = (percent(rate, 3) for rate in k / n)
                said = f"of what looks like two models: the groups' success rates are {first} and {second}"
                yield _group(database, column, model, cut, bins, count, said)


def settle(
    database: duckdb.DuckDBPyConnection,
    path: Path,
    layout: Layout,
    faults: Sequence[Fault],
    rejects: Rejects,
    places: tuple[str, Mapping[int, int]],
    drop_bad_rows: bool,
) -> Dropped:
    """Refuse the log, or leave out the tasks concerned.

    `places` are what the places of rows are called, and where the first rows of faults are.

    Raises:
        LogError: something is wrong and nothing is to be left out, or nothing would be left.
    """
    if not faults and not rejects.count:
        return Dropped()
    said, counts = [], {}
    if rejects.count:
        lines = ", ".join(f"{line:,}" for line in rejects.first)
        said.append(f"{_number(rejects.count, 'broken line')}, with {', '.join(rejects.kinds)} (first: line {lines})")
        counts["broken lines"] = rejects.count
    unit, place = places
    names = {column: layout.name(column) for column in ("task", "pass", "model", "latency", "cost", "success", "next")}
    names |= {column: layout.name(column) for column in ("segment", "cascade_prob")}
    for fault in faults:
        what = fault.what.format_map(names | dict(zip(("first", "second"), layout.models, strict=True)))
        noun = "task" if fault.of_tasks else "row"
        where = ", ".join(f"{place[row]:,}" for row in fault.first)
        begins = "begin at" if fault.of_tasks else "first:"
        said.append(f"{_number(fault.count, noun)} {what} ({begins} {unit} {where})")
        counts[f"{noun}s {what}"] = fault.count
    bad = " UNION ".join(fault.tasks for fault in faults) or "SELECT task FROM tasks WHERE false"
    database.execute(f"UPDATE tasks SET fault = 1 WHERE task IN ({bad})")
    tasks, passes, total = database.execute(
        """SELECT count(*) FILTER (WHERE fault = 1), coalesce(sum(n) FILTER (WHERE fault = 1), 0)::BIGINT, count(*)
        FROM tasks"""
    ).fetchone()  # type: ignore[misc]
    share = f"{_number(tasks, 'task')} concerned of {total:,}, {_number(passes, 'row')} in all"
    message = f"{'; '.join(said)}"
    if not drop_bad_rows:
        raise LogError(f"{path} has {message}. --drop-bad-rows leaves them out: {share}")
    if tasks == total:
        raise LogError(f"{path} has {message}. No task is left without them")
    return Dropped(rejects.count, tasks, passes, counts, f"Left out: {message}; {share}.")


def _histogram(
    database: duckdb.DuckDBPyConnection, column: str, model: int
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Logarithms of the positive values of a column: bins, in decades, passes and successes of each."""
    rows = database.execute(
        f"""SELECT floor({DECADE} * log10({column}))::INTEGER, count(*), sum(success::INTEGER)::BIGINT FROM passes
        WHERE model = {model} AND {column} > 0 AND isfinite({column}) AND success IS NOT NULL GROUP BY 1 ORDER BY 1"""
    ).fetchall()
    bins, count, solved = (
        np.array(column, dtype=np.float64) for column in (zip(*rows, strict=True) if rows else ((), (), ()))
    )
    return bins / DECADE, count, solved


def _gap(bins: FloatArray, count: FloatArray, width: float) -> float | None:
    """The upper end of the widest all but empty space between two groups of values, in decades; None if there is none.

    A space is all but empty if what lies in it is at most `STRAY` of the smaller group.
    """
    if len(bins) < 2:
        return None
    below, above = np.cumsum(count), np.cumsum(count[::-1])[::-1]
    best, cut = 0.0, None
    for i in range(len(bins) - 1):
        j = i + 1
        while j < len(bins) and min(below[i], above[j]) >= GROUP:
            within = below[j - 1] - below[i]
            if within > STRAY * min(below[i], above[j]):
                break
            space = bins[j] - bins[i] - 1 / DECADE
            if space > max(best, width - 1e-9):
                best, cut = space, bins[j]
            j += 1
    return cut


def _centre(bins: FloatArray, count: FloatArray) -> float:
    """Median of a group, in decades."""
    return float(bins[np.searchsorted(np.cumsum(count), count.sum() / 2)])


def _group(
    database: duckdb.DuckDBPyConnection,
    column: str,
    model: int,
    cut: float,
    bins: FloatArray,
    count: FloatArray,
    said: str,
) -> Fault:
    """The smaller one of two groups of values."""
    high = bins >= cut
    fewer_high = count[high].sum() <= count[~high].sum()
    side = f"log10({column}) {'>=' if fewer_high else '<'} {cut - 0.5 / DECADE}"
    where = f"model = {model} AND {column} > 0 AND {side}"
    number, first = database.execute(f"SELECT count(*), min(rowid, {SHOWN}) FROM passes WHERE {where}").fetchone()  # type: ignore[misc]
    small, large = (10 ** _centre(bins[part], count[part]) for part in ((high, ~high) if fewer_high else (~high, high)))
    name = "{first}" if model == 1 else "{second}"
    what = f"of model {name} whose {{{column}}} is around {small:.3g}, not {large:.3g}: {said}"
    return Fault(what, False, number, tuple(first or ()), f"SELECT task FROM passes WHERE {where}")


def _number(count: int, noun: str) -> str:
    return f"{count:,} {noun}{'' if count == 1 else 's'}"
