"""Logs of routed passes: read from CSV, JSON Lines or Parquet of any size, checked, and held by DuckDB.

One row is one pass:

    task          what tells tasks apart: text or a number
    pass          1, 2, … within the task
    model         1 or 2, or two names that the reader of the log is told
    latency       what the pass cost the user, one unit throughout; seconds, say
    cost          what it cost the provider, one unit throughout; dollars, say
    success       1 or 0, true or false
    next          what the user did after a failure: retry or leave; empty after a success, and where nobody knows
    user          (optional) what tells users apart; a task whose user nobody knows counts as a user of its own
                  (empty, and what `routegame.calibrate.log.entries.NOBODY` lists)
    segment       (optional) a kind of users, of tasks or of contracts; at most `MAX_SEGMENTS`
    context       (optional) a kind of tasks that models and commitments may tell apart; at most `MAX_CONTEXTS`
    cascade_prob  (optional) the share of retries on model 1 that the provider meant to hand over when this pass ran
    commitment    (optional, where the order of the models is free) a name of the commitment that was in force

With more than two models, or where the order of two is free, `model` is any of them. Commitments are then told apart
by `commitment`; in a log without it by `cascade_prob` and the model of the first pass; and without either not at all.

Columns may have other names and any order; others are ignored, and no prompt is ever needed. Entries may have units and
other words, where these have one meaning (`routegame.calibrate.log.entries`). Rows may be in any order
but for one thing: drift is looked for along the file.

Nothing is mended silently. A log with rows that cannot be true is refused by a `LogError` that says which and how many
(`routegame.calibrate.log.faults`), or read without the tasks that they belong to, if that is asked for.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from math import inf
from pathlib import Path
from typing import Any

import duckdb

from routegame.calibrate.log.ending import Ending
from routegame.calibrate.log.entries import (
    WORDS,
    Form,
    Reading,
    Style,
    absent,
    forms_query,
    normalised,
    style_of,
    unread_numbers,
    unread_words,
    user_name,
    words_of,
    words_query,
)
from routegame.calibrate.log.faults import (
    LARGEST,
    Dropped,
    Fault,
    describe,
    judge_rows,
    judge_tasks,
    judge_values,
    measure,
    number_of,
    remarks_on_values,
    settle,
    shown,
)
from routegame.calibrate.log.fixed_point import FixedPoint
from routegame.calibrate.log.layout import CACHED, Layout, LogError, title_of
from routegame.calibrate.log.lines import Rejects, count_lines, find_lines, find_rejects
from routegame.calibrate.log.menu import named_by_log
from routegame.calibrate.log.source import Source, find_source, legible, room_to_work, text
from routegame.calibrate.log.tasks import Grouping, make_tasks
from routegame.envs.arrays import IntArray
from routegame.envs.checks import ParameterError, as_single

MAX_SEGMENTS = 100
MAX_CONTEXTS = 100
MAX_COMMITMENTS = 100
MAX_CASCADES = 200
"""Most cascade probabilities that are told apart."""

CASCADE_DIGITS = (6, 4, 2)
"""Decimals in which cascade probabilities may agree to be one: as many as leave no more than `MAX_CASCADES`, or 2."""

MEMORY = "512MB"
"""Memory that DuckDB may use; beyond that it writes to the folder for temporary files."""

AT_HAND, PACKING = 256_000_000, 3
"""Bytes of text up to which passes are kept as they are, in memory first, while those of a longer log are packed; and
bytes of text that are packed into one by gzip, or at most by Parquet."""

ONE_USER = 0.5
"""Share of tasks from which on they are unlikely to be of one user, or …"""

ONE_AMONG_MANY, TIMES_THE_OTHERS = 0.2, 10
"""… from which on they are if it is also so many times that of the others on average."""

THREADS = 2
"""Most threads that DuckDB takes, unless it is told otherwise."""


@dataclass(frozen=True)
class SetApart:
    """What is known not to be an ordinary pass, and how often it occurs.

    Attributes:
        timeout_at: latency from which on a pass of each model was cut off; inf for none.
        cut_off: passes of each model that were.
        without: mean latency of the others of each model; inf where there is none, or nothing was cut off.
        cached: answers that came from a cache, with what followed them in their tasks.
        shortened: tasks that count up to such an answer.
        left_out: tasks that begin with one.
        nobody: rows that name no user, in a log whose other rows do.
        insisted: values that look odd and are right, in words.
    """

    timeout_at: tuple[float, ...] = (inf, inf)
    cut_off: tuple[int, ...] = (0, 0)
    without: tuple[float, ...] = (inf, inf)
    cached: int = 0
    shortened: int = 0
    left_out: int = 0
    nobody: int = 0
    insisted: tuple[str, ...] = ()

    def to_dict(self) -> dict[str, object]:
        """Return all as plain values, ready for JSON; None for what was not asked for, and one for all if it is."""
        asked = [limit if limit < inf else None for limit in self.timeout_at]
        return {**vars(self), "timeout_at": asked[0] if len(set(asked)) == 1 else asked}


@dataclass(frozen=True)
class LogSummary:
    """Plain facts about a log, for whoever needs none of its rows.

    Attributes:
        path: of the file.
        models: what it calls them, the standard and the reasoning model where there are two.
        num_passes: passes that count.
        num_tasks: tasks that count.
        dropped: what was left out.
        apart: what counts otherwise than an ordinary pass.
        remarks: on how the log was read, in sentences.
    """

    path: Path
    models: tuple[str, ...]
    num_passes: int
    num_tasks: int
    dropped: Dropped
    apart: SetApart = SetApart()
    remarks: tuple[str, ...] = ()

    @property
    def titles(self) -> tuple[str, ...]:
        """Names of the models within a sentence."""
        return tuple(title_of(model, len(self.models)) for model in self.models)

    def to_dict(self, ending: IntArray, count: IntArray) -> dict[str, object]:
        """Return all as plain numbers, strings and lists, ready for JSON, with how many tasks ended in which way.

        Args:
            ending: an `Ending` for each kind of task that was told apart, (kinds,).
            count: tasks of each kind, (kinds,).
        """
        return {
            "path": str(self.path),
            "models": list(self.models),
            "tasks": self.num_tasks,
            "passes": self.num_passes,
            "solved": int(count[ending == Ending.SOLVED].sum()),
            "left": int(count[ending == Ending.LEFT].sum()),
            "open": int(count[ending >= Ending.OPEN].sum()),
            "dropped": {**vars(self.dropped), "faults": dict(self.dropped.faults)},
            "apart": self.apart.to_dict(),
            "remarks": list(self.remarks),
        }


@dataclass(frozen=True)
class Log:
    """A log that has been read and checked, open as long as `open_log` holds it.

    Attributes:
        database: with a view `passes`, a row a pass in the order of the file, of the table `kept`, which has what is
            not the same in all of them; and a table `tasks`, a row a task; rows that count have `fault` = 0.
        path: of the file.
        layout: how it names things.
        has_users: whether it says who its users are.
        segments: their names, in alphabetical order; empty where it has none. Contexts stand in their place where the
            log has several.
        has_contexts: whether they do.
        has_cascade_prob: whether it says what the provider meant to hand over.
        num_passes: passes that count.
        num_tasks: tasks that count.
        dropped: what was left out.
        apart: what counts otherwise than an ordinary pass.
        remarks: on how it was read, in sentences.
    """

    database: duckdb.DuckDBPyConnection
    path: Path
    layout: Layout
    has_users: bool
    segments: tuple[str, ...]
    has_contexts: bool
    has_cascade_prob: bool
    num_passes: int
    num_tasks: int
    dropped: Dropped
    apart: SetApart
    remarks: tuple[str, ...]

    @property
    def summary(self) -> LogSummary:
        """The facts that remain when the log is closed."""
        models, passes, tasks = self.layout.models, self.num_passes, self.num_tasks
        return LogSummary(self.path, models, passes, tasks, self.dropped, self.apart, self.remarks)

    @property
    def num_models(self) -> int:
        """K, the number of models."""
        return len(self.layout.models)

    def rows(self, query: str, *parameters: object) -> list[tuple[Any, ...]]:
        """Answer a query."""
        return self.database.execute(query, list(parameters)).fetchall()


@contextmanager
def open_log(
    path: Path,
    layout: Layout | None = None,
    *,
    drop_bad_rows: bool = False,
    insist: bool = False,
    timeout_at: float | Sequence[float] | None = None,
    threads: int | None = None,
    called: Path | None = None,
    remarks: Sequence[str] = (),
) -> Iterator[Log]:
    """Read and check a log of any size; what DuckDB cannot hold in `MEMORY` it writes to a temporary folder.

    A pass that was cut off has failed, and its user has waited until then and no longer: its latency is what was paid,
    `timeout_at`. That is what the game asks for, the mean wait of a pass as users meet it. How long the model would
    have taken is another question, which no user's answer hangs on; a censored model of it is not needed.

    An answer from a cache is no pass: it costs nothing, takes no time, and says nothing of either model. A task counts
    up to the first such answer, as one that is open there; what comes from the cache is chosen by the task, and not by
    what its passes come to, so that the passes before are a fair sample.

    Args:
        path: ends in .csv, .tsv, .jsonl, .ndjson, .json or .parquet; all but the last may be followed by .gz or .zst.
        layout: how the log names things, if not as this module does.
        drop_bad_rows: leave out the tasks of rows that cannot be true, instead of refusing the log.
        insist: take values that look odd for right, instead of refusing the log.
        timeout_at: latency from which on a pass was cut off, in the unit of latency: one, or one for each model; None
            if none was.
        threads: of DuckDB; default: as there are cores, but at most `THREADS`. Nothing that is found depends on it.
        called: by what name the log is spoken of, where it was made from another file.
        remarks: on how it was made, which come first.

    Raises:
        LogError: the log cannot be used; says why, where and how often, in one paragraph.
        WriteError: there is no room in the folder for temporary files.
        ParameterError: `timeout_at` out of range.
    """
    layout = layout or Layout.of()
    given = _given_limits(timeout_at)
    with tempfile.TemporaryDirectory(prefix="routegame-") as folder, room_to_work():
        source = find_source(path, layout, Path(folder))
        config: dict[str, str | bool | int | float | list[str]] = {
            "memory_limit": MEMORY,
            "threads": threads or min(os.cpu_count() or 1, THREADS),
            "temp_directory": folder,
            "checkpoint_threshold": "1TB",  # nobody opens the file again
        }
        # Packing takes time, and pays where a log does not fit in memory: it is packed once, not when it is in the way.
        size = source.file.stat().st_size * (PACKING if source.file.suffix.lower() in (".gz", ".parquet") else 1)
        place = ":memory:" if size <= AT_HAND else Path(folder) / "log.duckdb"
        with duckdb.connect(place, config=config) as database:
            database.execute("PRAGMA disable_checkpoint_on_shutdown")
            with legible(path):
                log = _read(database, called or path, layout, source, drop_bad_rows, insist, given)
            yield replace(log, remarks=(*remarks, *log.remarks)) if remarks else log


def _given_limits(timeout_at: float | Sequence[float] | None) -> list[float]:
    """Latencies from which on passes were cut off, one or one for each model, as they were given."""
    if timeout_at is None:
        return [inf]
    given = list(timeout_at) if isinstance(timeout_at, Sequence) else [timeout_at]
    return [as_single("timeout_at", limit, 0, inf, closed="neither") for limit in given]


def _limits(given: Sequence[float], num_models: int) -> tuple[float, ...]:
    """Latencies from which on passes of each model were cut off."""
    if len(given) not in (1, num_models):
        raise ParameterError("timeout_at", f"one number, or one for each of {num_models} models", list(given))
    return tuple(given) if len(given) > 1 else tuple(given) * num_models


def _read(
    database: duckdb.DuckDBPyConnection,
    path: Path,
    layout: Layout,
    source: Source,
    drop_bad_rows: bool,
    insist: bool,
    timeout_at: Sequence[float],
) -> Log:
    try:
        layout, reading = _read_passes(database, path, source, layout)
        limits = _limits(timeout_at, len(layout.models))
        total = database.execute("SELECT count(*) FROM passes").fetchone()[0]  # type: ignore[index]
        rejects = _rejects(source, total)
        if not total and not rejects.count:
            raise LogError(f"{path} is empty: it has columns, and no rows")
        contexts, on_contexts = _contexts(database, source, layout)
        groups = "context" if len(contexts) > 1 else "segment"
        segments = contexts if groups == "context" else _segments(database, layout) if source.has("segment") else ()
        if layout.free:
            _name_commitments(database, layout, source)
        if source.has("cascade_prob"):
            _unite_cascades(database)
        unread = _on_names_of_commitments(source, layout)
        remarks = [*source.remarks, *reading.remarks, *unread, *on_contexts, *_from_zero(database, layout)]
        cached = _set_cached_apart(database, path, layout) if source.has(CACHED) else (0, 0, 0)
        cut_off, without = _cut_off(database, path, layout, limits)
        measured, in_rows = measure(database, limits), [*judge_rows(database, reading.examples, free=layout.free)]
        latency, cost = (FixedPoint.for_sum(measured.largest[column] * total) for column in ("latency", "cost"))
        make_tasks(database, Grouping(source, layout, groups if segments else "", latency, cost), total)
        odd = list(judge_values(database, limits, measured))
        faults: list[Fault] = [
            *in_rows,
            *judge_tasks(database),
            *([] if insist else odd),
        ]
        places = _places(source, [*faults, *odd], rejects)
        dropped = settle(database, path, layout, faults, rejects, places, drop_bad_rows)
        insisted = tuple(describe(fault, layout, places) for fault in odd) if insist else ()
        remarks += remarks_on_values(database, layout, limits, measured)
        nobody = _nobody(database) if source.has("user") else 0
        remarks += _on_one_user(database, source, layout) if source.has("user") else []
        num_tasks, num_passes = database.execute(
            "SELECT count(*), coalesce(sum(n), 0)::BIGINT FROM tasks WHERE fault = 0"
        ).fetchone()  # type: ignore[misc]
        if not num_tasks:
            raise LogError(f"{path} has no task that does not begin with an answer from a cache")
        named, segments = segments, _with_tasks(database, segments)
        remarks += [
            f"The {groups} {name!r} has no task that counts, and is left out." for name in named if name not in segments
        ]
    except duckdb.OutOfMemoryException as error:
        raise LogError(f"{path} cannot be read within {MEMORY}: {_first_line(error)}") from None
    apart = SetApart(limits, cut_off, without, *cached, nobody, insisted)
    return Log(
        database,
        path,
        layout,
        source.has("user"),
        segments,
        groups == "context",
        source.has("cascade_prob"),
        num_passes,
        num_tasks,
        dropped,
        apart,
        (*remarks, *_remarks(apart, layout)),
    )


def _read_passes(
    database: duckdb.DuckDBPyConnection, path: Path, source: Source, layout: Layout
) -> tuple[Layout, Reading]:
    """Make the table of passes; in a second go, where entries are not plain and can be read all the same.

    Models that nobody has named are taken for 1 and 2, and where there are others the log tells what they are called.
    """
    asked = layout
    layout = layout if layout.models else replace(layout, models=("1", "2"), aliases=((), ()))
    _keep_passes(database, source, normalised(source, layout, Reading()))
    named = ""
    if not asked.models:
        layout, named = named_by_log(database, path, layout)
        if named:
            _keep_passes(database, source, normalised(source, layout, Reading()))
    unread = {
        "latency": "latency IS NULL",
        "cost": "cost IS NULL",
        "cascade_prob": "isnan(stated)",
        "success": "success IS NULL",
        "next": "next IS NULL",
    }
    counts = ", ".join(f"count_if({condition})" for condition in unread.values())
    found = database.execute(f"SELECT {counts} FROM passes").fetchone() or ()
    columns = [column for column, count in zip(unread, found, strict=True) if count and source.has(column)]
    styles: dict[str, Style] = {}
    words, remarks, examples = [], [], {}
    for column in columns:
        name = layout.name(column)
        if column in WORDS:
            counted = database.execute(words_query(source, column)).fetchall()
            remark, examples[column] = words_of(column, name, counted), unread_words(column, counted)
            words += [column] if remark else []
        else:
            forms = [Form(*row) for row in database.execute(forms_query(source, column)).fetchall()]
            try:
                style, remark = style_of(column, name, forms)
            except ValueError as error:
                raise LogError(f"{path} {error}") from None
            examples[column] = unread_numbers(column, forms)
            if style is not None:
                styles[column] = style
        remarks += [remark] if remark else []
    reading = Reading(styles, tuple(words), (*([named] if named else []), *remarks), examples)
    if styles or words:
        _keep_passes(database, source, normalised(source, layout, reading))
    return layout, reading


def _keep_passes(database: duckdb.DuckDBPyConnection, source: Source, query: str) -> None:
    """Make the table of passes as it is kept, anew if it is there, its rows in the order of the file; and the view.

    Several threads read and store in order, unless there is a join in between: then DuckDB 2.0.0 stores parts of a long
    file ahead of others, and one thread has to do it all.
    """
    create = f"CREATE OR REPLACE TABLE kept AS {query}"
    plan = " ".join(text for _, text in database.execute(f"EXPLAIN {query}").fetchall())
    if "join" not in plan.lower():
        database.execute(create)
    else:
        (threads,) = database.execute("SELECT current_setting('threads')").fetchone() or (1,)
        database.execute("SET threads = 1")
        database.execute(create)
        database.execute(f"SET threads = {threads}")
    same = "".join(f", {sql} AS {name}" for name, sql in absent(source).items())
    database.execute(f"CREATE OR REPLACE VIEW passes AS SELECT rowid, *, task IS NULL AS no_task{same} FROM kept")


def _on_names_of_commitments(source: Source, layout: Layout) -> list[str]:
    """Say that names of commitments are not read where only numbers tell them apart."""
    if layout.free or not source.has("commitment"):
        return []
    return [
        "The column commitment is not read: of two models in the order of the paper commitments are told apart by"
        " cascade_prob. --order free would read it."
    ]


def _name_commitments(database: duckdb.DuckDBPyConnection, layout: Layout, source: Source) -> None:
    """Say in `tag` under which commitment each pass ran: by the log's names, or by cascade probability and first model.

    Raises:
        LogError: too many names.
    """
    if source.has("commitment"):
        (count,) = database.execute("SELECT count(DISTINCT tag) FROM passes").fetchone()  # type: ignore[misc]
        if count > MAX_COMMITMENTS:
            raise LogError(
                f"the column {layout.name('commitment')} must have at most {MAX_COMMITMENTS} different values, got"
                f" {count:,}; --column commitment=OTHER reads another one instead"
            )
    elif source.has("cascade_prob"):
        first = "SELECT task AS of, arg_min(model, pass) AS model_1 FROM passes WHERE NOT no_task GROUP BY task"
        names = f"[{', '.join(map(text, layout.models))}]"
        database.execute(
            f"""UPDATE kept SET tag = {names}[model_1] || ' first, cascade_prob ' || CAST(round(stated, 6) AS VARCHAR)
            FROM ({first}) WHERE task = of AND NOT isnan(stated) AND model_1 IS NOT NULL"""
        )


def _from_zero(database: duckdb.DuckDBPyConnection, layout: Layout) -> list[str]:
    """Count passes from 1, where most tasks begin with 0; say so."""
    (zeros,) = database.execute("SELECT count_if(pass = 0) FROM passes").fetchone()  # type: ignore[misc]
    if not zeros:
        return []
    query = "SELECT count_if(first = 0), count_if(first = 1) FROM (SELECT min(pass) AS first FROM passes GROUP BY task)"
    from_0, from_1 = database.execute(query).fetchone()  # type: ignore[misc]
    if from_0 <= from_1:
        return []
    database.execute("UPDATE kept SET pass = pass + 1")
    return [f"The column {layout.name('pass')} counts from 0: its passes 0, 1, … are read as 1, 2, …"]


def _set_cached_apart(database: duckdb.DuckDBPyConnection, path: Path, layout: Layout) -> tuple[int, int, int]:
    """Set answers from a cache apart, with what follows them in their tasks: how many, and tasks cut and left out."""
    (odd,) = database.execute(f"SELECT count(*) FROM passes WHERE {CACHED} IS NULL").fetchone()  # type: ignore[misc]
    if odd:
        raise LogError(
            f"{path} has {number_of(odd, 'row')} whose {layout.name(CACHED)} is neither true nor false:"
            " --cached names the column that says which answers came from a cache"
        )
    hits = f"SELECT task AS of, min(pass) AS since FROM passes WHERE {CACHED} AND NOT no_task GROUP BY task"
    database.execute(f"UPDATE kept SET apart = true FROM ({hits}) WHERE task = of AND pass >= since")
    apart, shortened, left_out = database.execute(
        """SELECT coalesce(sum(apart), 0)::BIGINT, count_if(apart > 0 AND apart < n), count_if(apart = n)
        FROM (SELECT count_if(apart) AS apart, count(*) AS n FROM passes WHERE NOT no_task GROUP BY task)"""
    ).fetchone()  # type: ignore[misc]
    return apart, shortened, left_out


def _cut_off(
    database: duckdb.DuckDBPyConnection, path: Path, layout: Layout, timeout_at: tuple[float, ...]
) -> tuple[tuple[int, ...], tuple[float, ...]]:
    """Count passes that were cut off, and shorten them to what their users waited; and the mean of the others."""
    if min(timeout_at) == inf:
        return (0,) * len(timeout_at), timeout_at
    counts, means = [], []
    for model, limit in enumerate(timeout_at, start=1):
        of_model = f"model = {model} AND NOT apart"
        late = f"latency >= {limit!r}::DOUBLE AND NOT isnan(latency)"  # inf is late: it never came back
        solved, count, mean = database.execute(
            f"""SELECT count_if({late} AND success), count_if({late}),
            avg(latency) FILTER (WHERE NOT ({late}) AND latency BETWEEN 0 AND {LARGEST})
            FROM passes WHERE {of_model}"""
        ).fetchone()  # type: ignore[misc]
        if solved:
            which = f" of {layout.titles[model - 1]}" if len(set(timeout_at)) > 1 else ""
            raise LogError(
                f"{path} has {number_of(solved, 'success', 'successes')}{which} with a {layout.name('latency')} of"
                f" {limit:g} or more: --timeout-at must be where passes are cut off, and those have failed"
            )
        counts.append(count)
        means.append(inf if mean is None else mean)
        these = f"SELECT rowid FROM passes WHERE {of_model} AND {late}"
        database.execute(f"UPDATE kept SET latency = {limit!r}::DOUBLE WHERE rowid IN ({these})")
    return tuple(counts), tuple(means)


def _nobody(database: duckdb.DuckDBPyConnection) -> int:
    (count,) = database.execute("SELECT count(*) FROM passes WHERE user IS NULL AND NOT apart").fetchone()  # type: ignore[misc]
    return int(count)


def _on_one_user(database: duckdb.DuckDBPyConnection, source: Source, layout: Layout) -> list[str]:
    """Remark on a user of most tasks, whose name may stand for nobody in particular.

    Users are put into a thousand buckets first: where none has as many tasks as such a user, there is none.
    """
    buckets = "SELECT count(*) AS number FROM tasks GROUP BY cluster >> 54"
    fullest, total = database.execute(f"SELECT max(number), sum(number) FROM ({buckets})").fetchone()  # type: ignore[misc]
    if fullest is None or fullest < min(ONE_USER, ONE_AMONG_MANY) * total:
        return []
    query = """SELECT count(*), sum(number)::BIGINT, max(number), max_by(cluster, number)
        FROM (SELECT cluster, count(*) AS number FROM tasks GROUP BY cluster)"""
    users, total, most, user = database.execute(query).fetchone()  # type: ignore[misc]
    if users == 1 or most < 2:
        return []
    many = most >= ONE_AMONG_MANY * total and most >= TIMES_THE_OTHERS * (total - most) / (users - 1)
    if not many and most < ONE_USER * total:
        return []
    entry = user_name(source)
    (name,) = database.execute(f"SELECT min({entry}) FROM ({source.query}) WHERE hash({entry}) = ?", [user]).fetchone()  # type: ignore[misc]
    return [
        f"{most:,} of {total:,} tasks are of one {layout.name('user')}, {shown(name)}: if that is nobody in particular,"
        " leave it empty, so that each of these tasks counts as a user of its own."
    ]


def _remarks(apart: SetApart, layout: Layout) -> Iterator[str]:
    """Say what counts otherwise than an ordinary pass."""
    each = zip(layout.titles, apart.timeout_at, apart.cut_off, apart.without, strict=True)
    for title, limit, count, mean in each:
        if count:
            others = f"; the mean latency of its others is {mean:.4g}" if mean < inf else ""
            yield (
                f"{number_of(count, 'pass', 'passes')} of {title} {'was' if count == 1 else 'were'} cut off at"
                f" {limit:g}, as failures whose users waited until then{others}."
            )
    if min(apart.timeout_at) < inf and not any(apart.cut_off):
        yield f"No pass was cut off at {' or '.join(f'{limit:g}' for limit in dict.fromkeys(apart.timeout_at))}."
    if apart.cached:
        yield (
            f"{number_of(apart.cached, 'answer')} came from a cache, or after one in the same task, and"
            f" {'does' if apart.cached == 1 else 'do'} not count: {number_of(apart.shortened, 'task')} end before,"
            f" {number_of(apart.left_out, 'task')} have nothing else."
        )
    elif CACHED in layout.names:
        yield f"No answer came from a cache, by the column {layout.name(CACHED)}."
    if apart.nobody:
        yield (f"{number_of(apart.nobody, 'row')} name no user: a task without one counts as a user of its own.")
    for said in apart.insisted:
        yield f"Taken for right, as you insist: {said}."


def _segments(database: duckdb.DuckDBPyConnection, layout: Layout) -> tuple[str, ...]:
    names = database.execute(f"SELECT DISTINCT segment FROM passes LIMIT {MAX_SEGMENTS + 1}").fetchall()
    if len(names) > MAX_SEGMENTS:
        raise LogError(
            f"the column {layout.name('segment')} must have at most {MAX_SEGMENTS} different values, got more; "
            f"--column segment=OTHER reads another one instead"
        )
    return tuple(sorted(name for (name,) in names))


def _contexts(database: duckdb.DuckDBPyConnection, source: Source, layout: Layout) -> tuple[tuple[str, ...], list[str]]:
    """Names of the contexts, in alphabetical order, and remarks on them.

    Raises:
        LogError: too many of them.
    """
    if not source.has("context"):
        return (), []
    query = f"SELECT DISTINCT context FROM passes WHERE context IS NOT NULL LIMIT {MAX_CONTEXTS + 1}"
    names = [name for (name,) in database.execute(query).fetchall()]
    column = layout.name("context")
    if len(names) > MAX_CONTEXTS:
        (count,) = database.execute("SELECT count(DISTINCT context) FROM passes").fetchone()  # type: ignore[misc]
        raise LogError(
            f"the column {column} must have at most {MAX_CONTEXTS} different values, got {count:,}: group them into"
            f" kinds of tasks; --context OTHER reads another column instead, and --context '' none"
        )
    if len(names) == 1:
        return (), [f"The column {column} has one value, {shown(names[0])}: all tasks are of one kind."]
    unread = [f"The column {layout.name('segment')} is not read: contexts are."] if source.has("segment") else []
    numbered = all(name.isdecimal() for name in names)
    return tuple(sorted(names, key=(lambda name: (len(name), name)) if numbered else None)), unread


def _with_tasks(database: duckdb.DuckDBPyConnection, segments: tuple[str, ...]) -> tuple[str, ...]:
    """Those of some segments in which a task counts: of others nothing can be estimated."""
    if not segments:
        return ()
    found = database.execute("SELECT DISTINCT segment FROM tasks WHERE fault = 0").fetchall()
    return tuple(name for name in segments if (name,) in found)


def _unite_cascades(database: duckdb.DuckDBPyConnection) -> None:
    """Let cascade probabilities that are told apart by noise alone be one: their mean, and not a round number near it.

    A user who stays at the edge of a cliff leaves at the round number below it.
    """
    valid = "stated BETWEEN 0 AND 1"
    for digits in CASCADE_DIGITS:
        key = f"CAST(round(stated * 1e{digits}) AS INTEGER)"
        (distinct,) = database.execute(f"SELECT approx_count_distinct({key}) FROM passes WHERE {valid}").fetchone()  # type: ignore[misc]
        if distinct <= MAX_CASCADES:
            break
    mean = "sum(CAST(round(stated * 1e15) AS HUGEINT)) / count(*) / 1e15"  # of whole numbers: in any order the same
    groups = f"SELECT {key} AS of, min(stated) AS least, max(stated) AS most, {mean} AS mean FROM passes WHERE {valid}"
    database.execute(
        f"""UPDATE kept SET stated = least(round(mean, 12), 1) FROM ({groups} GROUP BY of HAVING least < most)
        WHERE {valid} AND {key} = of"""
    )


def _rejects(source: Source, num_rows: int) -> Rejects:
    """Lines of a CSV file that are no rows."""
    if source.form is None or source.form.delimiter is None or count_lines(source.file) - 1 <= num_rows:
        return Rejects()
    return find_rejects(source.file, source.form, num_rows)


def _places(source: Source, faults: Sequence[Fault], rejects: Rejects) -> tuple[str, Mapping[int, int]]:
    """The unit of places, a line or a row, and the place of each of the first rows of faults."""
    rows = {row for fault in faults for row in fault.first}
    if source.form is None:
        return "row", {row: row + 1 for row in rows}
    if not rejects.numbered:
        return "readable row", {row: row + 1 for row in rows}
    lines = find_lines(source.file, source.form, rows) if rows else {}
    return "line", {row: lines.get(row, row + 1) for row in rows}


def _first_line(error: Exception) -> str:
    return str(error).strip().splitlines()[0]
