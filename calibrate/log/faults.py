"""Faults of a log: rows that make no sense, tasks that contradict themselves, mixed units and models.

Everything is found before anything is decided: the log is refused with all of it in one paragraph, or read without
the tasks concerned. Whole tasks are left out, because half a task says that its user left, or stayed, when it did not.

Leaving out is no remedy where a fault selects: tasks with a time-out have failed, those with a cache hit were easy, and
a log without them is of another game. So it is suggested only where what would go is like what stays.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from math import floor, inf, log10
from pathlib import Path

import duckdb
import numpy as np

from routegame.calibrate.log.ending import Ending
from routegame.calibrate.log.layout import OPTIONAL, REQUIRED, Layout, LogError
from routegame.calibrate.log.lines import SHOWN, Rejects
from routegame.envs.arrays import FloatArray, IntArray
from routegame.numerals import percent

LARGEST = 1e18
"""Upper bound of latencies and costs, in nanoseconds or in any other unit."""

ROWS = {
    "without a {task}": "no_task",
    "whose {pass} is no whole number from 1": "pass IS NULL OR pass < 1",
    "whose {model} is neither {models}": "model IS NULL",
    "whose {latency} is no number": "latency IS NULL OR NOT isfinite(latency)",
    "with a negative {latency}": "latency < 0",
    "with a {latency} beyond all measure": f"latency > {LARGEST}",
    "whose {cost} is no number": "cost IS NULL OR NOT isfinite(cost)",
    "with a negative {cost}": "cost < 0",
    "with a {cost} beyond all measure": f"cost > {LARGEST}",
    "whose {success} is neither 0 nor 1": "success IS NULL",
    "whose {next} is not retry, leave or empty": "next IS NULL",
    "in which a user decides on {next} after a success": "success AND next <> 0",
    "whose {cascade_prob} is no number in [0, 1]": "stated NOT BETWEEN 0 AND 1",
    "without a {context}": "context IS NULL",
}
"""Faults of rows of the table `passes`, in words and as a condition; a row has the first that holds."""

ONE_EACH = "pass_sum = n::BIGINT * (n + 1) / 2 AND bit_count(passes_seen) = least(n, 63)"
"""Condition that passes are 1, 2, …, n. Exact up to 63; beyond, two faults could cancel out, and never by accident."""

TASKS = {
    "continued after a success": "solved_at < last",
    "continued after the user left": "left_at < last",
    "with the same {pass} more than once": f"n > last - first + 1 OR (first = 1 AND n = last AND NOT ({ONE_EACH}))",
    "with a gap in {pass}, or without a first one": "first > 1 OR n < last",
    "retried though {next} is empty": "silent_at < last",
    "in more than one {segment}": "segments_differ",
    "in more than one {context}": "contexts_differ",
    "with more than one {cascade_prob}": "commitments_differ",
    "under more than one {commitment}": "tags_differ",
}
"""Faults of tasks whose rows are fine, in words and as a condition; a task has the first that holds."""

DECADE = 20
"""Bins that a factor of 10 is cut into, where groups of values are looked for."""

UNITS = {"latency": (60, 1000, 3600, 1e6), "cost": (100, 1000, 1e6)}
"""Factors between units that are mixed up: minutes, milliseconds, hours; cents, thousands of tokens, millions."""

UNIT_TOLERANCE, UNIT_GAP = 0.15, 0.4
"""Greatest distance of two groups from such a factor, and least width of the empty space between them, in decades."""

GROUP = 10
"""Least size of a group: fewer values are the tail of the others."""

MODEL_FACTOR, MODEL_GAP = 2.0, 0.2
"""Least factor in cost between two models under one name, and least number of empty decades between them; …"""

MODEL_SHARE, MODEL_DEVIATION = 0.01, 6.0
"""… least share of passes of either, and least difference between their success rates, in standard errors."""

EXPECTED = 5.0
"""Successes that a group of values would have at the rate of the others, from which on having none means something."""

AT_ONCE = 2.0
"""Decades by which a few passes were faster than the others, from which on no model can have answered."""

EPOCH = (1e9, 1e19)
"""Numbers that times of day are, from seconds to nanoseconds since 1970; what …"""

EPOCH_RANGE = 1.1
"""… varies by less than this factor and is so large is no duration."""

WAITED = "what is missing, for a latency how long its user waited (inf where --timeout-at says that)"
"""What to write in rows of failures."""

FEW, UNLIKE = 0.01, 0.01
"""Share of tasks up to which leaving them out matters little; p-value below which they end otherwise than the rest."""

FEW_FAILURES = 20
"""Failures from which on it is odd that no user ever left."""

SMOOTH, DEEP = np.array([1.0, 2.0, 3.0, 2.0, 1.0]), 5.0
"""Weights of neighbouring bins where valleys are looked for; standard errors by which one is below its peaks."""

FINE = 0.2
"""Share of values that are different from which on they are of no coarse unit."""

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
        remedy: what to do about values that may be right, in words; then leaving them out would bias the log, and
            `--insist` says that they are right. Empty for rows and tasks that cannot be true.
    """

    what: str
    of_tasks: bool
    count: int
    first: tuple[int, ...]
    tasks: str
    remedy: str = ""


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


def contradiction() -> str:
    """SQL for the place in `TASKS` of the first one that holds of a task; NULL if none does."""
    codes = " ".join(f"WHEN {condition} THEN {k}" for k, condition in enumerate(TASKS.values()))
    return f"CASE {codes} END"


def judge_rows(database: duckdb.DuckDBPyConnection, examples: Mapping[str, str], *, free: bool) -> Iterator[Fault]:
    """Find rows that make no sense.

    Args:
        database: with the passes.
        examples: entries that cannot be read, in words, by column.
        free: whether the order of the models is, see `Layout`.
    """
    codes = " ".join(f"WHEN {condition} THEN {k}" for k, condition in enumerate(ROWS.values()))
    database.execute(
        f"""CREATE TEMP VIEW row_fault AS SELECT rowid AS place, task, model, success, apart,
        CASE WHEN apart THEN NULL {codes} END AS code FROM passes"""
    )
    query = (
        f"SELECT code, count(*), min(place, {SHOWN}) FROM row_fault WHERE code IS NOT NULL GROUP BY code ORDER BY code"
    )
    for code, count, first in database.execute(query).fetchall():
        what = list(ROWS)[code]
        if "{model}" in what:
            query = """SELECT other_model, count(*) FROM passes WHERE model IS NULL AND NOT apart GROUP BY ALL
                ORDER BY 2 DESC, 1 LIMIT 4"""
            found = database.execute(query).fetchall()
            names = _literal(", ".join(f"{shown(name) if name else 'empty'} {times(number)}" for name, number in found))
            says = "A B … says what the models" if free else "A B says what the standard and the reasoning model"
            what = f"{what} (but {names}; --models {says} are called, and 'A|OTHER' that one has several names)"
        for column, example in examples.items():
            if f"{{{column}}} is n" in what and example:
                what = f"{what} ({_literal(example)})"
        tasks = f"SELECT task FROM row_fault WHERE code = {code}"
        yield Fault(what, False, count, tuple(first), tasks)


def judge_tasks(database: duckdb.DuckDBPyConnection) -> Iterator[Fault]:
    """Find tasks that contradict themselves though each of their rows makes sense."""
    database.execute(
        """CREATE TEMP VIEW task_fault AS SELECT task, contradiction AS code FROM tasks
        WHERE contradiction IS NOT NULL
        AND task NOT IN (SELECT task FROM row_fault WHERE code IS NOT NULL AND task IS NOT NULL)"""
    )
    # A query of its own first: on a log without faults nothing is joined.
    if database.execute("SELECT 1 FROM tasks WHERE contradiction IS NOT NULL LIMIT 1").fetchone() is None:
        return
    counts = database.execute("SELECT code, count(*) FROM task_fault GROUP BY code ORDER BY code").fetchall()
    for code, count in counts:
        tasks = f"SELECT task FROM task_fault WHERE code = {code}"
        rows = database.execute(
            f"SELECT min(rowid) FROM passes WHERE task IN ({tasks}) GROUP BY task ORDER BY 1 LIMIT {SHOWN}"
        ).fetchall()
        yield Fault(list(TASKS)[code], True, count, tuple(row for (row,) in rows), tasks)


@dataclass(frozen=True, eq=False)
class Histogram:
    """Values of a column over passes of one model whose outcome is known, on a scale of logarithms; arrays (num_bins,).

    Attributes:
        bins: lower ends of those that are not empty, in decades.
        count: values in each.
        solved: of their passes, those that solved the task.
        zeros: values of 0, which are in no bin.
        zeros_solved: of their passes, those that solved the task.
    """

    bins: FloatArray
    count: FloatArray
    solved: FloatArray
    zeros: int
    zeros_solved: int


@dataclass(frozen=True, eq=False)
class Measured:
    """What passes took and cost, looked over before there are tasks: these may drive passes out of memory.

    Attributes:
        histograms: of latencies and of costs, of each model.
        ranges: passes of each model, and the least and greatest of their latencies, and of their costs.
        durations: finite latencies of passes of any model or none, and the least and the greatest of them.
        largest: the greatest latency and cost that can be true; 0 where there is none.
    """

    histograms: Mapping[str, Sequence[Histogram]]
    ranges: Sequence[tuple[int, Mapping[str, tuple[float, float]]]]
    durations: tuple[int, float, float]
    largest: Mapping[str, float]


def measure(database: duckdb.DuckDBPyConnection, timeout_at: Sequence[float]) -> Measured:
    """Look over latencies and costs of passes, for `judge_values`, `remarks_on_values` and the sums of tasks.

    Args:
        database: with the passes.
        timeout_at: latency from which on a pass of each model was cut off.
    """
    ends = ", ".join(
        f"min({column}), max({column}), max({column}) FILTER (WHERE {column} BETWEEN 0 AND {LARGEST})"
        for column in UNITS
    )
    finite = "(WHERE isfinite(latency))"
    rows = database.execute(
        f"""SELECT model, count(*), {ends}, count(*) FILTER {finite}, min(latency) FILTER {finite},
        max(latency) FILTER {finite} FROM passes WHERE NOT apart GROUP BY model"""
    ).fetchall()
    by_model = {row[0]: row for row in rows}
    ranges, nothing = [], (None, 0, *[None] * 9)
    for model in range(1, len(timeout_at) + 1):
        _, count, *values = by_model.get(model, nothing)
        ranges.append((count, {column: tuple(values[3 * k : 3 * k + 2]) for k, column in enumerate(UNITS)}))
    timed = [row[-3:] for row in rows if row[-3]]
    number, least, most = zip(*timed, strict=True) if timed else ((0,), (inf,), (inf,))
    largest = {column: max((row[4 + 3 * k] or 0.0 for row in rows), default=0.0) for k, column in enumerate(UNITS)}
    return Measured(_histograms(database, timeout_at), ranges, (sum(number), min(least), max(most)), largest)


def _histograms(database: duckdb.DuckDBPyConnection, timeout_at: Sequence[float]) -> dict[str, tuple[Histogram, ...]]:
    """Histograms of latencies and of costs, of each model; latencies at which passes were cut off are left out."""
    found = {}
    for column in UNITS:
        of_models = [f"({_valid(column, model, limit)})" for model, limit in enumerate(timeout_at, start=1)]
        rows = database.execute(
            f"""SELECT model, CASE WHEN {column} > 0 THEN floor({DECADE} * log10({column}))::INTEGER END,
            count(*), sum(success::INTEGER)::BIGINT FROM passes
            WHERE ({" OR ".join(of_models)}) AND {column} >= 0 GROUP BY ALL ORDER BY ALL"""
        ).fetchall()
        made = []
        for model in range(1, len(timeout_at) + 1):
            own = np.array([row[1:] for row in rows if row[0] == model and row[1] is not None], dtype=np.float64)
            bins, count, solved = own.reshape(-1, 3).T
            zeros = next((row[2:] for row in rows if row[0] == model and row[1] is None), (0, 0))
            made.append(Histogram(bins / DECADE, count, solved, *zeros))
        found[column] = tuple(made)
    return found


def _valid(column: str, model: int, limit: float) -> str:
    """SQL for passes of a model whose outcome is known, and a value that was measured: no limit at which it was cut."""
    valid = f"model = {model} AND NOT apart AND success IS NOT NULL AND isfinite({column})"
    return f"{valid} AND latency < {limit!r}::DOUBLE" if column == "latency" and limit < inf else valid


def judge_values(
    database: duckdb.DuckDBPyConnection, timeout_at: Sequence[float], measured: Measured
) -> Iterator[Fault]:
    """Find values that look odd and may be right: in two units, of two models, points in time, or not measured.

    Args:
        database: with the passes.
        timeout_at: latency from which on a pass of each model was cut off; such passes are known for what they are.
        measured: what they took and cost.
    """
    yield from _times_of_day(database, measured)
    yield from _nobody_left(database)
    for column, factors in UNITS.items():
        for model, (limit, histogram) in enumerate(zip(timeout_at, measured.histograms[column], strict=True), start=1):
            valid = _valid(column, model, limit)
            without = _not_timed if column == "latency" else _not_paid
            yield from without(database, model, valid, histogram)
            bins, count, solved = histogram.bins, histogram.count, histogram.solved
            cut = _gap(bins, count, UNIT_GAP)
            if cut is not None:
                groups = _Groups.at(cut, bins, count, solved)
                factor = min(factors, key=lambda f: abs(groups.apart - log10(f)))
                if abs(groups.apart - log10(factor)) <= UNIT_TOLERANCE:
                    said = f"as if in another unit, a factor of {factor:,.0f} apart"
                    yield _group(database, column, model, valid, groups, said)
                    continue
                if column == "latency" and (groups.low_fails or groups.low_solves or groups.at_once):
                    yield _group(database, column, model, valid, groups, "as if no model had answered")
                    continue
            cut = None
            if column == "cost":
                cut = _gap(bins, count, MODEL_GAP)
                cut = _fine_valley(database, column, valid, bins, count) if cut is None else cut
            if cut is None:
                continue
            groups = _Groups.at(cut, bins, count, solved)
            n, k = groups.count, groups.solved
            if (
                groups.apart >= log10(MODEL_FACTOR)
                and n.min() >= MODEL_SHARE * n.sum()
                and abs(np.diff(k / n)[0]) > MODEL_DEVIATION * groups.error
            ):
                first, second = (percent(rate, 3) for rate in k / n)
                said = f"of what looks like two models: the groups' success rates are {first} and {second}"
                yield _group(database, column, model, valid, groups, said)


def _times_of_day(database: duckdb.DuckDBPyConnection, measured: Measured) -> Iterator[Fault]:
    """Latencies that are points in time, not durations."""
    valid = "NOT apart AND isfinite(latency)"
    count, least, most = measured.durations
    if count and EPOCH[0] <= least <= most < min(EPOCH_RANGE * least, EPOCH[1]):
        yield Fault(
            f"whose {{latency}} is between {least:.10g} and {most:.10g}: a time since 1970, not a duration",
            False,
            count,
            _first(database, valid),
            f"SELECT task FROM passes WHERE {valid}",
            "a latency is how long a pass took: its end less its start",
        )


def _first(database: duckdb.DuckDBPyConnection, condition: str) -> tuple[int, ...]:
    """The first passes of which a condition holds."""
    (first,) = database.execute(f"SELECT min(rowid, {SHOWN}) FROM passes WHERE {condition}").fetchone()  # type: ignore[misc]
    return tuple(first or ())


def _nobody_left(database: duckdb.DuckDBPyConnection) -> Iterator[Fault]:
    """Tasks that all end in a success: somebody has called the last pass of each one its success."""
    failed, unsolved = database.execute(
        f"""SELECT coalesce(sum(n), 0)::BIGINT - count(*) FILTER (WHERE ending = {Ending.SOLVED:d}),
        count(*) FILTER (WHERE ending <> {Ending.SOLVED:d}) FROM tasks"""
    ).fetchone()  # type: ignore[misc]
    if failed < FEW_FAILURES or unsolved:
        return
    (number,) = database.execute("SELECT count(*) FROM tasks").fetchone()  # type: ignore[misc]
    rows = database.execute(f"SELECT min(rowid) FROM passes GROUP BY task ORDER BY 1 LIMIT {SHOWN}").fetchall()
    yield Fault(
        f"that all end in a success, though {failed:,} passes failed: nobody ever left, as if the last pass of a task"
        " had been called its success",
        True,
        number,
        tuple(row for (row,) in rows),
        "SELECT task FROM tasks",
        "leaving leaves no record: the last pass of a task is a failure, and its user left, unless a test, a judge or"
        " the user says that it solved the task. Say --insist if nobody left",
    )


def _not_paid(database: duckdb.DuckDBPyConnection, model: int, valid: str, histogram: Histogram) -> Iterator[Fault]:
    """Failures that cost nothing beside passes that cost something: attempts that failed before a model answered."""
    free, paid, solved = histogram.zeros, int(histogram.count.sum()), int(histogram.solved.sum())
    if not free or histogram.zeros_solved or not paid or solved / paid * free < EXPECTED:
        return
    yield Fault(
        f"of model {{model_{model}}} whose {{cost}} is 0, all of them failures, while {paid:,} others cost something:"
        " as if attempts that failed in the infrastructure had been taken for passes",
        False,
        free,
        _first(database, f"{valid} AND cost = 0"),
        f"SELECT task FROM passes WHERE {valid} AND cost = 0",
        "a gateway writes 0 for an attempt that failed; all attempts at an answer are one pass, from the start of the"
        " first to the end of the last, as routegame calibrate --from makes them",
    )


def _not_timed(database: duckdb.DuckDBPyConnection, model: int, valid: str, histogram: Histogram) -> Iterator[Fault]:
    """Passes of zero time beside others that took some: nobody measured them, as gateways do with errors."""
    count, others = histogram.zeros, int(histogram.count.sum())
    if not count or not others:
        return
    (least,) = database.execute(f"SELECT min(latency) FROM passes WHERE {valid} AND latency > 0").fetchone()  # type: ignore[misc]
    (near,) = database.execute(f"SELECT count(*) FROM passes WHERE {valid} AND latency = {least!r}::DOUBLE").fetchone()  # type: ignore[misc]
    if near > count:
        return  # small numbers that were rounded: as many are the next one above 0
    failed = count - histogram.zeros_solved
    outcome = "all of them failures" if failed == count else f"{failed:,} of them failures"
    yield Fault(
        f"of model {{model_{model}}} whose {{latency}} is 0, {outcome}, while {others:,} others took at least"
        f" {least:.3g}: not timed",
        False,
        count,
        _first(database, f"{valid} AND latency = 0"),
        f"SELECT task FROM passes WHERE {valid} AND latency = 0",
        "log how long their users waited; --cached COLUMN sets apart what a cache answered",
    )


def remarks_on_values(
    database: duckdb.DuckDBPyConnection,
    layout: Layout,
    timeout_at: Sequence[float],
    measured: Measured,
) -> Iterator[str]:
    """Say of what is nowhere impossible, and yet odd: hardly measured, free, or of two kinds.

    Args:
        database: with the passes.
        layout: names of columns and models.
        timeout_at: latency from which on a pass of each model was cut off.
        measured: what they took and cost.
    """
    for column in UNITS:
        for title, (number, ends) in zip(layout.titles, measured.ranges, strict=True):
            least, most = ends[column]
            if number >= GROUP and least == most:
                yield f"Every {layout.name(column)} of {title} is {least:.6g}: was it measured?"
    query = (
        "SELECT count_if(cost = 0), count_if(cost = 0 AND NOT success), count_if(cost > 0) FROM passes WHERE NOT apart"
    )
    free, failed, paid = database.execute(query).fetchone()  # type: ignore[misc]
    if free and paid:
        yield (
            f"{number_of(free, 'pass', 'passes')} cost 0, {failed:,} of them failures: were they free? Gateways write 0"
            " for attempts that failed, for answers of a cache and for models without a price."
        )
    each = zip(layout.titles, timeout_at, measured.histograms["latency"], strict=True)
    for model, (title, limit, histogram) in enumerate(each, start=1):
        bins, count, solved = histogram.bins, histogram.count, histogram.solved
        cut = _fine_valley(database, "latency", _valid("latency", model, limit), bins, count)
        groups = None if cut is None else _Groups.at(cut, bins, count, solved)
        if groups is not None and groups.apart >= log10(MODEL_FACTOR):
            low, high = (_centre(bins[part], count[part]) for part in (bins < groups.cut, bins >= groups.cut))
            yield (
                f"Each {layout.name('latency')} of {title} is in one of two clusters, around {10**low:.2g} and"
                f" {10**high:.2g} ({percent(groups.count[1] / groups.count.sum(), 2)}): so do calls look that a client"
                " repeated by itself, as openai's does twice within one span, and answers of a cache or a fallback."
            )


def describe(fault: Fault, layout: Layout, places: tuple[str, Mapping[int, int]]) -> str:
    """Say what a fault is, how often it occurs and where first."""
    unit, place = places
    noun = "task" if fault.of_tasks else "row"
    where = ", ".join(f"{place[row]:,}" for row in fault.first)
    begins = "begin at" if fault.of_tasks else "first:"
    return f"{number_of(fault.count, noun)} {_in_words(fault, layout)} ({begins} {unit} {where})"


def _in_words(fault: Fault, layout: Layout) -> str:
    names = {column: layout.name(column) for column in (*REQUIRED, *OPTIONAL)}
    names |= {f"model_{k}": name for k, name in enumerate(layout.models, start=1)}
    return fault.what.format_map(names | {"models": " nor ".join(layout.models)})


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
        said.append(f"{number_of(rejects.count, 'broken line')}, with {', '.join(rejects.kinds)} (first: line {lines})")
        counts["broken lines"] = rejects.count
    for fault in faults:
        said.append(describe(fault, layout, places))
        counts[f"{'task' if fault.of_tasks else 'row'}s {_in_words(fault, layout)}"] = fault.count
    bad = " UNION ".join(fault.tasks for fault in faults) or "SELECT task FROM tasks WHERE false"
    database.execute(f"UPDATE tasks SET fault = 1 WHERE task IN ({bad})")
    ends = np.array(database.execute(ENDS).fetchall() or np.zeros((2, 4)), dtype=np.int64)
    (tasks, passes), total = (int(ends[1].sum() - ends[1, 3]), int(ends[1, 3])), int(ends[:, :3].sum())
    solved, left, open_ = (int(x) for x in ends[1, :3])
    share = (
        f"{number_of(tasks, 'task')} concerned of {total:,}, {number_of(passes, 'row')} in all"
        f" ({solved:,} solved, {left:,} left, {open_:,} open)"
    )
    message = f"{'; '.join(said)}"
    remedies = list(dict.fromkeys(fault.remedy for fault in faults if fault.remedy))
    few = tasks <= FEW * total
    unlike = "" if few else _selected(database) or _unlike(ends[:, :3])
    if not total:
        raise LogError(f"{path} has {message}. No other line is a row of a task")
    if not drop_bad_rows:
        raise LogError(f"{path} has {message}. {_way_out(remedies, unlike, tasks / total)}: {share}")
    if tasks == total:
        raise LogError(f"{path} has {message}. No task is left without them")
    biased = " What is left is no fair sample of the log." if remedies or unlike else ""
    return Dropped(rejects.count, tasks, passes, counts, f"Left out: {message}; {share}.{biased}")


MOST_LEFT_OUT = 0.5
"""Share of the tasks up to which leaving them out is suggested at all."""

ENDS = f"""SELECT * EXCLUDE bad FROM (SELECT bad, count_if(fault = bad AND ending = {Ending.SOLVED:d}),
    count_if(fault = bad AND ending = {Ending.LEFT:d}),
    count_if(fault = bad AND ending NOT IN ({Ending.SOLVED:d}, {Ending.LEFT:d})),
    coalesce(sum(n) FILTER (WHERE fault = bad), 0)::BIGINT
    FROM tasks, (SELECT unnest([0, 1]) AS bad) GROUP BY bad) ORDER BY bad"""
"""The query of how many tasks were solved, left and open, and of their passes: those that count, then the others."""


OUTCOMES = """SELECT model, count_if(code IS NULL AND NOT success), count_if(code IS NULL AND success),
    count_if(code IS NOT NULL AND NOT success), count_if(code IS NOT NULL AND success)
    FROM row_fault WHERE NOT apart AND model IS NOT NULL AND success IS NOT NULL GROUP BY model ORDER BY model"""
"""The query of failures and successes of each model: of its rows that make sense, then of the others."""


def _selected(database: duckdb.DuckDBPyConnection) -> str:
    """Say why rows that make no sense would be missed, by what came of them; empty if they are like the others.

    Where `GROUP` of them or more have failed and none has not, failing is taken for the reason, though so many might
    have failed by chance: gateways log no time for what they have lost.
    """
    outcomes = np.array([row[1:] for row in database.execute(OUTCOMES).fetchall()], dtype=np.int64).reshape(-1, 2, 2)
    failures, successes = (int(x) for x in outcomes[:, 1].sum(axis=0))
    if any(_differ(of_model) for of_model in outcomes) or (failures >= GROUP and not successes):
        most = "failures" if failures > successes else "successes"
        seem = "better" if failures > successes else "worse"
        return f"those rows are {'' if not min(failures, successes) else 'mostly '}{most}, and models would seem {seem}"
    return ""


def _unlike(ends: IntArray) -> str:
    """Say that what would be left out ends otherwise than the rest, beyond chance; (2, 3) counts by ending."""
    return "their tasks end otherwise than the others" if _differ(ends) else ""


def _differ(counts: IntArray) -> bool:
    """Whether two rows of counts are of different shares, beyond chance."""
    told = counts[:, counts.sum(axis=0) > 0]
    if not told.sum(axis=1).all() or told.shape[1] < 2:
        return False
    from scipy.stats import chi2_contingency  # takes a second, which logs without faults need not wait

    return bool(chi2_contingency(told).pvalue < UNLIKE)


def _way_out(remedies: Sequence[str], unlike: str, share: float) -> str:
    """Say what to do about a log with a share of its tasks concerned, before the words that say which these are."""
    if share == 1:
        return f"{'; '.join(remedies) or 'Mend them'}: no task is left without them"
    if remedies:
        return f"If they are right, say --insist; if not, {'; '.join(remedies)}. Leaving them out would bias the log"
    if unlike:
        how = f", by writing {WAITED}" if "failures" in unlike else ""
        return f"Mend them{how}: leaving them out would bias the log, for {unlike}"
    if share > MOST_LEFT_OUT:
        return "Mend them: leaving them out would leave a small part of the log, which need not be like the rest"
    return "--drop-bad-rows leaves them out"


@dataclass(frozen=True)
class _Groups:
    """Two groups of values with a space between them; arrays (2,), the smaller values first.

    Attributes:
        cut: the lower end of the second group, in decades.
        apart: the distance of their medians, in decades.
        count: values of each.
        solved: successes of each.
        width: decades that the smaller one takes.
    """

    cut: float
    apart: float
    count: FloatArray
    solved: FloatArray
    width: float

    @classmethod
    def at(cls, cut: float, bins: FloatArray, count: FloatArray, solved: FloatArray) -> _Groups:
        parts = [bins < cut, bins >= cut]
        low, high = (_centre(bins[part], count[part]) for part in parts)
        n, k = (np.array([x[part].sum() for part in parts]) for x in (count, solved))
        few = parts[int(n[1] <= n[0])]
        return cls(cut, high - low, n, k, float(np.ptp(bins[few])))

    @property
    def small(self) -> int:
        """The group of fewer values."""
        return int(self.count[1] <= self.count[0])

    @property
    def fails(self) -> bool:
        """Whether the smaller group has no success."""
        return not self.solved[self.small]

    @property
    def low_fails(self) -> bool:
        """Whether the smaller values have no success though the others let expect a few, or no model is so fast."""
        rate = self.solved[1] / self.count[1]
        return bool(not self.solved[0] and (rate * self.count[0] >= EXPECTED or self.at_once))

    @property
    def at_once(self) -> bool:
        """Whether the smaller values are fewer, and so small that no model can have answered."""
        return self.small == 0 and self.apart >= AT_ONCE and self.width <= 1

    @property
    def sharp(self) -> bool:
        """Whether the smaller group is around a single value."""
        return self.width < SHARP

    @property
    def low_solves(self) -> bool:
        """Whether the smaller values are fewer, and successes far more often than the others."""
        return self.small == 0 and bool(np.diff(self.solved / self.count)[0] < -MODEL_DEVIATION * self.error)

    @property
    def error(self) -> float:
        """Standard error of the difference of their success rates, if these are the same."""
        rate = self.solved.sum() / self.count.sum()
        return float(np.sqrt(rate * (1 - rate) * (1 / self.count).sum()))


SHARP = 0.1
"""Decades within which values lie that are all the same limit."""


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


def _valley(bins: FloatArray, count: FloatArray) -> float | None:
    """The lowest place between two peaks of a histogram, in decades; None if there is none, or it may be chance.

    Counts are averaged over `SMOOTH` bins of weight. A valley is at most half as high as the lower one of its peaks,
    `DEEP` standard errors below it, and either side has a share of `MODEL_SHARE`.
    """
    if len(bins) < 2:
        return None
    place = np.rint((bins - bins[0]) * DECADE).astype(np.int64)
    dense = np.zeros(place[-1] + 1)
    dense[place] = count
    side = len(SMOOTH) // 2  # not mode="same", which is as long as SMOOTH where there are fewer bins
    smooth = np.convolve(dense, SMOOTH / SMOOTH.sum())[side : side + len(dense)]
    lower = np.minimum(np.maximum.accumulate(smooth), np.maximum.accumulate(smooth[::-1])[::-1])
    error = np.sqrt((lower + smooth) * (SMOOTH**2).sum()) / SMOOTH.sum()
    depth = np.divide(lower - smooth, error, out=np.zeros_like(lower), where=error > 0)
    below = np.cumsum(dense)
    few = np.minimum(below, below[-1] - below) < max(GROUP, MODEL_SHARE * below[-1])
    depth[few | (smooth > lower / 2)] = 0
    best = int(np.argmax(depth))
    return float(bins[0] + (best + 1) / DECADE) if depth[best] >= DEEP else None


def _fine_valley(
    database: duckdb.DuckDBPyConnection, column: str, valid: str, bins: FloatArray, count: FloatArray
) -> float | None:
    """Return the valley of a histogram of so many different values that it is smooth, unlike one of whole seconds.

    Values are told apart only where there is a valley: that takes a place in memory for each of them.
    """
    cut = _valley(bins, count)
    if cut is None:
        return None
    different, number = database.execute(
        f"SELECT count(DISTINCT {column}), count(*) FROM passes WHERE {valid}"
    ).fetchone()  # type: ignore[misc]
    return cut if different >= FINE * number else None


def _centre(bins: FloatArray, count: FloatArray) -> float:
    """Median of a group, in decades."""
    return float(bins[np.searchsorted(np.cumsum(count), count.sum() / 2)])


def _group(
    database: duckdb.DuckDBPyConnection, column: str, model: int, valid: str, groups: _Groups, said: str
) -> Fault:
    """The smaller one of two groups of values."""
    border = f"log10({column}) >= {groups.cut - 0.5 / DECADE}"
    sides = (f"{valid} AND {column} > 0 AND NOT {border}", f"{valid} AND {column} > 0 AND {border}")
    where, other = sides[groups.small], sides[1 - groups.small]
    query = f"SELECT count(*), min(rowid, {SHOWN}), quantile_disc({column}, 0.5), min({column}) FROM passes WHERE "
    number, first, small, least = database.execute(query + where).fetchone()  # type: ignore[misc]
    _, _, large, _ = database.execute(query + other).fetchone()  # type: ignore[misc]
    (unpaid,) = database.execute(f"SELECT count_if(cost = 0) FROM passes WHERE {where}").fetchone()  # type: ignore[misc]
    cached = column == "latency" and groups.small == 0 and unpaid >= number / 2
    if cached:
        said = f"{unpaid:,} of them cost nothing, as if a cache had answered"
    solved = f"{int(groups.solved[groups.small]):,} of them successes"
    what = f"of model {{model_{model}}} whose {{{column}}} is around {small:.3g}, not {large:.3g}, {solved}: {said}"
    if column == "cost":
        remedy = "write all costs in one unit, and each answer under the model that gave it, a fallback's, too"
    elif cached:
        remedy = "--cached COLUMN sets apart what a cache answered"
    elif groups.small == 1 and groups.fails and groups.sharp:
        remedy = f"they look like time-outs: --timeout-at {_floor(least):g} says so"
    elif groups.low_fails:
        remedy = "what failed before a model answered is no pass: leave the attempt out, and add its time to the next"
    elif groups.small == 0:
        remedy = "write all latencies in one unit, or if a cache answered, --cached COLUMN sets those answers apart"
    elif groups.fails:
        remedy = f"write all latencies in one unit, or if they were cut off, --timeout-at {_floor(least):g} says so"
    else:
        remedy = "write all latencies in one unit"
    return Fault(what, False, number, tuple(first or ()), f"SELECT task FROM passes WHERE {where}", remedy)


def _floor(value: float) -> float:
    """Return the greatest number of three significant digits up to a value."""
    unit = 10.0 ** (floor(log10(value)) - 2)
    return float(f"{floor(value / unit + 1e-9) * unit:.3g}")


def shown(entry: str) -> str:
    """An entry within a sentence: as it is, unless there is more to it than meets the eye."""
    plain = entry.isascii() and entry.isprintable() and entry == entry.strip()
    return entry if plain else ascii(entry)


def times(count: int) -> str:
    """How often something occurs."""
    return f"{count:,} time{'' if count == 1 else 's'}"


def number_of(count: int, noun: str, several: str = "") -> str:
    """How many there are of something."""
    return f"{count:,} {noun if count == 1 else several or noun + 's'}"


def _literal(text: str) -> str:
    """A text within a pattern of `str.format`."""
    return text.replace("{", "{{").replace("}", "}}")
