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
    segment       (optional) a kind of users, of tasks or of contracts; at most `MAX_SEGMENTS`
    cascade_prob  (optional) the share of retries on model 1 that the provider meant to hand over when this pass ran

Columns may have other names and any order; others are ignored, and no prompt is ever needed. Rows may be in any order
but for one thing: drift is looked for along the file.

Nothing is mended silently. A log with rows that cannot be true is refused by a `LogError` that says which and how many
(`routegame.calibrate.log.faults`), or read without the tasks that they belong to, if that is asked for.
"""

from __future__ import annotations

import csv
import gzip
import json
import os
import re
import tempfile
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import IO, Any

import duckdb

from routegame.calibrate.log.faults import LARGEST, Dropped, Fault, judge_rows, judge_tasks, judge_values, settle
from routegame.calibrate.log.fixed_point import FixedPoint
from routegame.calibrate.log.layout import OPTIONAL, REQUIRED, Layout, LogError
from routegame.calibrate.log.lines import Form, Rejects, count_lines, find_lines, find_rejects, opened

MAX_SEGMENTS = 100
MAX_CASCADES = 200
"""Most cascade probabilities that are told apart; where there are more, those that agree to two digits are one."""

MEMORY = "1GB"
"""Memory that DuckDB may use; beyond that it writes to the folder for temporary files."""

THREADS = 2
"""Most threads that DuckDB takes, unless it is told otherwise."""

SNIFFED = 1000
"""Lines of a JSON Lines file that are looked at for the names of its columns."""

NUMBER = re.compile(r"(U?(TINY|SMALL|BIG|HUGE)?INT(EGER)?|FLOAT|DOUBLE|DECIMAL\(.*\)|VARCHAR)")
"""Types of Parquet columns that numbers are read from; text counts, as everything is text in the other formats."""

UNREADABLE = (
    duckdb.IOException,
    duckdb.InvalidInputException,
    duckdb.ConversionException,
    duckdb.SerializationException,
)
"""Errors by which DuckDB says that something is wrong with the file, and not with the question."""


@dataclass(frozen=True)
class LogSummary:
    """Plain facts about a log, for whoever needs none of its rows.

    Attributes:
        path: of the file.
        models: what it calls the standard and the reasoning model.
        num_passes: passes that count.
        num_tasks: tasks that count.
        dropped: what was left out.
    """

    path: Path
    models: tuple[str, str]
    num_passes: int
    num_tasks: int
    dropped: Dropped


@dataclass(frozen=True)
class Log:
    """A log that has been read and checked, open as long as `open_log` holds it.

    Attributes:
        database: with a table `passes`, a row a pass in the order of the file, and a table `tasks`, a row a task;
            rows that count have `fault` = 0.
        path: of the file.
        layout: how it names things.
        has_users: whether it says who its users are.
        segments: their names, in alphabetical order; empty where it has none.
        has_cascade_prob: whether it says what the provider meant to hand over.
        num_passes: passes that count.
        num_tasks: tasks that count.
        dropped: what was left out.
    """

    database: duckdb.DuckDBPyConnection
    path: Path
    layout: Layout
    has_users: bool
    segments: tuple[str, ...]
    has_cascade_prob: bool
    num_passes: int
    num_tasks: int
    dropped: Dropped

    @property
    def summary(self) -> LogSummary:
        """The facts that remain when the log is closed."""
        return LogSummary(self.path, self.layout.models, self.num_passes, self.num_tasks, self.dropped)

    def rows(self, query: str, *parameters: object) -> list[tuple[Any, ...]]:
        """Answer a query."""
        return self.database.execute(query, list(parameters)).fetchall()


@contextmanager
def open_log(
    path: Path, layout: Layout | None = None, *, drop_bad_rows: bool = False, threads: int | None = None
) -> Iterator[Log]:
    """Read and check a log of any size; what DuckDB cannot hold in `MEMORY` it writes to a temporary folder.

    Args:
        path: ends in .csv, .jsonl, .ndjson or .parquet; all but the last may be followed by .gz.
        layout: how the log names things, if not as this module does.
        drop_bad_rows: leave out the tasks of rows that cannot be true, instead of refusing the log.
        threads: of DuckDB; default: as there are cores, but at most `THREADS`. Nothing that is found depends on it.

    Raises:
        LogError: the log cannot be used; says why, where and how often, in one paragraph.
    """
    layout = layout or Layout.of()
    with tempfile.TemporaryDirectory(prefix="routegame-") as folder:
        source = _source(path, layout, Path(folder))
        config: dict[str, str | bool | int | float | list[str]] = {
            "memory_limit": MEMORY,
            "threads": threads or min(os.cpu_count() or 1, THREADS),
            "temp_directory": folder,
        }
        with duckdb.connect(Path(folder) / "log.duckdb", config=config) as database:
            yield _read(database, path, layout, source, drop_bad_rows)


@dataclass(frozen=True)
class _Source:
    """A file as DuckDB reads it.

    Attributes:
        query: of all its rows, with its own names.
        columns: those of them that the file has, by our names.
        form: how its lines are rows; None where rows are in no lines.
    """

    query: str
    columns: tuple[str, ...]
    form: Form | None


def _read(database: duckdb.DuckDBPyConnection, path: Path, layout: Layout, source: _Source, drop_bad_rows: bool) -> Log:
    try:
        database.execute(f"CREATE TABLE passes AS {_normalised(source, layout)}")
        total = database.execute("SELECT count(*) FROM passes").fetchone()[0]  # type: ignore[index]
        rejects = _rejects(path, source, total)
        if not total and not rejects.count:
            raise LogError(f"{path} is empty: it has columns, and no rows")
        has_segments = "segment" in source.columns
        segments = _segments(database, layout) if has_segments else ()
        _round_cascades(database)
        latency, cost = (_fixed_point(database, column, total) for column in ("latency", "cost"))
        database.execute(_tasks(has_segments, "user" in source.columns, latency, cost))
        faults: list[Fault] = [*judge_rows(database), *judge_tasks(database), *judge_values(database)]
        places = _places(path, source, faults, rejects)
        dropped = settle(database, path, layout, faults, rejects, places, drop_bad_rows)
        num_tasks, num_passes = database.execute(
            "SELECT count(*), coalesce(sum(n), 0)::BIGINT FROM tasks WHERE fault = 0"
        ).fetchone()  # type: ignore[misc]
    except duckdb.OutOfMemoryException as error:
        raise LogError(f"{path} cannot be read within {MEMORY}: {_first_line(error)}") from None
    except UNREADABLE as error:
        raise LogError(_unreadable(path, error)) from None
    return Log(
        database,
        path,
        layout,
        "user" in source.columns,
        segments,
        "cascade_prob" in source.columns,
        num_passes,
        num_tasks,
        dropped,
    )


def _source(path: Path, layout: Layout, folder: Path) -> _Source:
    """The query and the form of a file, after a look at its name and its first lines."""
    endings = path.name.lower().removesuffix(".gz").rsplit(".", 1)
    kind = endings[-1] if len(endings) == 2 else ""
    if kind not in ("csv", "jsonl", "ndjson", "parquet"):
        raise LogError(
            f"LOG must be a file whose name ends in .csv, .jsonl, .ndjson (or these and .gz) or .parquet, got {path}"
        )
    if path.is_dir():
        raise LogError(f"LOG must be a file, got the folder {path}")
    if not path.is_file():
        raise LogError(f"LOG must be a file that is there, got {path}")
    if path.stat().st_size == 0:
        raise LogError(f"{path} is empty: 0 bytes")
    file_name = _text(str(_plainly_named(path, folder)))
    if kind == "parquet":
        read = f"SELECT * FROM read_parquet({file_name}, hive_partitioning = false)"
        with duckdb.connect() as database:
            try:
                rows = database.execute(f"DESCRIBE {read}").fetchall()
            except UNREADABLE as error:
                raise LogError(_unreadable(path, error)) from None
        columns = _columns_found(path, [row[0] for row in rows], layout)
        types = {row[0]: str(row[1]) for row in rows}
        for name in map(layout.name, ("pass", "latency", "cost")):
            if not NUMBER.fullmatch(types[name]):
                raise LogError(f"{path} has a column {name} of type {types[name]}: a number is needed")
        return _Source(read, columns, None)
    try:
        with opened(path) as file:
            return (_csv if kind == "csv" else _json_lines)(path, file, layout, file_name)
    except (EOFError, zlib.error):
        raise LogError(f"{path} is cut short: its gzip stream ends too early") from None
    except gzip.BadGzipFile as error:
        raise LogError(f"{path} is not what its name says: {error}") from None
    except UnicodeDecodeError as error:
        raise LogError(f"{path} is not UTF-8 text: {_encoding(error)}; convert it with iconv") from None
    except OSError as error:
        raise LogError(f"{path} cannot be read: {error.strerror or error}") from None


def _plainly_named(path: Path, folder: Path) -> Path:
    """A name of the file by which DuckDB reads it and no other: it takes `*?[` for patterns, `~` for a home."""
    if not re.search(r"[*?\[\\]", str(path.absolute()).removeprefix(path.anchor)):
        return path.absolute()
    link = folder / f"log{''.join(path.suffixes[-2:]) if path.suffix.lower() == '.gz' else path.suffix}"
    link.symlink_to(path.absolute())
    return link


def _csv(path: Path, file: IO[bytes], layout: Layout, file_name: str) -> _Source:
    header = _decoded(file.readline()).removeprefix("\ufeff").rstrip("\r\n")
    if not header.strip():
        raise LogError(f"{path} is empty: its first line, where the names of columns belong, has nothing in it")
    delimiter = max(",;\t|", key=header.count)
    names = next(csv.reader([header], delimiter=delimiter))
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise LogError(f"{path} has more than one column called {', '.join(twice)}")
    columns = _columns_found(path, names, layout)
    types = ", ".join(f"{_text(name)}: 'VARCHAR'" for name in names)
    options = f"columns = {{{types}}}, delim = {_text(delimiter)}, ignore_errors = true"
    query = (
        f"SELECT * FROM read_csv({file_name}, auto_detect = false, header = true, quote = '\"', escape = '\"', "
        f"hive_partitioning = false, {options})"
    )
    return _Source(query, columns, Form(delimiter.encode(), len(names)))


def _json_lines(path: Path, file: IO[bytes], layout: Layout, file_name: str) -> _Source:
    """The source of a JSON Lines file; a line that is no JSON object becomes a row without a task, a fault."""
    names: dict[str, None] = {}
    for line in islice(file, SNIFFED):
        try:
            document = json.loads(_decoded(line))
        except json.JSONDecodeError:
            continue
        names |= dict.fromkeys(document) if isinstance(document, dict) else {}
    if not names:
        raise LogError(f"{path} is no JSON Lines file: none of its first {SNIFFED:,} lines is a JSON object by itself")
    late = [layout.name(column) for column in REQUIRED + OPTIONAL if layout.name(column) not in names]
    columns = _columns_found(path, [*names, *_that_come_later(path, file_name, late)], layout)
    return _Source(_json_query(file_name, [layout.name(column) for column in columns]), columns, Form())


def _json_query(file_name: str, names: Sequence[str]) -> str:
    """The query of some keys of all lines; a line that lacks a key has NULL for it."""
    types = ", ".join(f"{_text(name)}: 'VARCHAR'" for name in names)
    options = f"format = 'newline_delimited', ignore_errors = true, hive_partitioning = false, columns = {{{types}}}"
    return f"SELECT * FROM read_json({file_name}, {options})"


def _that_come_later(path: Path, file_name: str, names: Sequence[str]) -> list[str]:
    """Return which of these keys, not met in the first lines, some later line has: logged from another day on, say."""
    if not names:
        return []
    counts = ", ".join(f"count({_quoted(name)})" for name in names)
    with duckdb.connect() as database:
        try:
            found = database.execute(f"SELECT {counts} FROM ({_json_query(file_name, names)})").fetchone()
        except UNREADABLE as error:
            raise LogError(_unreadable(path, error)) from None
    return [name for name, count in zip(names, found or (), strict=True) if count]


def _columns_found(path: Path, names: Sequence[str], layout: Layout) -> tuple[str, ...]:
    missing = [layout.name(column) for column in (*REQUIRED, *layout.names) if layout.name(column) not in names]
    if missing:
        raise LogError(
            f"{path} lacks {'the column' if len(missing) == 1 else 'columns'} {', '.join(dict.fromkeys(missing))}; "
            f"it has {', '.join(names) or 'none'}; if one goes by another name say so, as in --column success=ok"
        )
    return tuple(column for column in REQUIRED + OPTIONAL if layout.name(column) in names)


def _normalised(source: _Source, layout: Layout) -> str:
    """The query of a log's passes in our own columns; what cannot be read becomes NULL, and is found by that."""

    def raw(column: str) -> str:
        return _quoted(layout.name(column))

    def word(column: str) -> str:
        return f"lower(trim(CAST({raw(column)} AS VARCHAR)))"

    def number(column: str, kind: str = "DOUBLE") -> str:
        return f"TRY_CAST({raw(column)} AS {kind})"

    def one_of(name: str) -> str:
        # Names are text. Only a whole number is also written as 1.0, in a column that became one of floats.
        spellings = {name, f"{name}.0"} - {first, second} | {name} if name.isdecimal() else {name}
        return f"(CAST({raw('model')} AS VARCHAR) IN ({', '.join(map(_text, sorted(spellings)))}))"

    first, second = layout.models
    empty = "('', 'none', 'null', 'nan')"
    chosen = {
        "task": f"hash(CAST({raw('task')} AS VARCHAR))",  # of 10^7 tasks, two share one once in 10^5 logs
        "no_task": f"coalesce(CAST({raw('task')} AS VARCHAR), '') = ''",
        "pass": f"CASE WHEN {number('pass')} % 1 = 0 THEN {number('pass', 'INTEGER')} END",
        "model": f"CAST(CASE WHEN {one_of(first)} THEN 1 WHEN {one_of(second)} THEN 2 END AS TINYINT)",
        "other_model": f"CASE WHEN NOT coalesce({one_of(first)} OR {one_of(second)}, false) "
        f"THEN CAST({raw('model')} AS VARCHAR) END",
        "latency": number("latency"),
        "cost": number("cost"),
        "success": f"CASE WHEN {word('success')} IN ('1', 'true', '1.0') THEN true "
        f"WHEN {word('success')} IN ('0', 'false', '0.0') THEN false END",
        "next": f"CAST(CASE WHEN {raw('next')} IS NULL OR {word('next')} IN {empty} THEN 0 "
        f"WHEN {word('next')} = 'retry' THEN 1 WHEN {word('next')} = 'leave' THEN 2 END AS TINYINT)",
    }
    if "user" in source.columns:
        chosen["user"] = f"CASE WHEN {word('user')} NOT IN {empty} THEN hash(CAST({raw('user')} AS VARCHAR)) END"
    if "segment" in source.columns:
        chosen["segment"] = f"coalesce(CAST({raw('segment')} AS VARCHAR), '')"
    if "cascade_prob" in source.columns:
        chosen["stated"] = f"CAST(round(10000 * {number('cascade_prob')}) AS INTEGER)"
        chosen["states"] = f"coalesce({word('cascade_prob')} NOT IN {empty}, false)"
    else:
        chosen |= {"stated": "CAST(NULL AS INTEGER)", "states": "false"}
    return f"SELECT {', '.join(f'{expression} AS {name}' for name, expression in chosen.items())} FROM ({source.query})"


def _segments(database: duckdb.DuckDBPyConnection, layout: Layout) -> tuple[str, ...]:
    names = database.execute(f"SELECT DISTINCT segment FROM passes LIMIT {MAX_SEGMENTS + 1}").fetchall()
    if len(names) > MAX_SEGMENTS:
        raise LogError(
            f"the column {layout.name('segment')} must have at most {MAX_SEGMENTS} different values, got more; "
            f"--column segment=OTHER reads another one instead"
        )
    return tuple(sorted(name for (name,) in names))


def _round_cascades(database: duckdb.DuckDBPyConnection) -> None:
    (distinct,) = database.execute("SELECT approx_count_distinct(stated) FROM passes").fetchone()  # type: ignore[misc]
    if distinct > MAX_CASCADES:
        database.execute("UPDATE passes SET stated = CAST(round(stated / 100.0) * 100 AS INTEGER)")


def _fixed_point(database: duckdb.DuckDBPyConnection, column: str, num_rows: int) -> FixedPoint:
    """The unit that sums of a column are taken in."""
    query = f"SELECT coalesce(max({column}), 0) FROM passes WHERE {column} BETWEEN 0 AND {LARGEST}"
    (largest,) = database.execute(query).fetchone()  # type: ignore[misc]
    return FixedPoint.for_sum(largest * num_rows)


def _tasks(has_segments: bool, has_users: bool, latency: FixedPoint, cost: FixedPoint) -> str:
    """The statement that makes the table of tasks, with all that their faults and their estimates need.

    Values that cannot be true are left out of sums: there may be no room for them, and their tasks do not count.
    """

    def total(column: str, model: int, unit: FixedPoint) -> str:
        valid = f"model = {model} AND {column} BETWEEN 0 AND {LARGEST}"
        return unit.double(f"sum(CASE WHEN {valid} THEN {unit.rounded(column)} ELSE 0 END)")

    segment = "min(segment) AS segment, min(segment) <> max(segment) AS segments_differ"
    return f"""
        CREATE TABLE tasks AS SELECT
            task,
            count(*)::INTEGER AS n,
            min(pass) AS first, max(pass) AS last, sum(pass)::BIGINT AS pass_sum,
            bit_or(1::BIGINT << least(greatest(pass - 1, 0), 62)) AS passes_seen,
            sum((model = 1)::INTEGER)::INTEGER AS n1,
            max(CASE WHEN model = 1 THEN pass END) AS last1,
            min(CASE WHEN model = 2 THEN pass END) AS first2,
            sum((success AND model = 1)::INTEGER)::INTEGER AS k1,
            sum((success AND model = 2)::INTEGER)::INTEGER AS k2,
            {total("latency", 1, latency)} AS t1,
            {total("latency", 2, latency)} AS t2,
            {total("cost", 1, cost)} AS c1,
            {total("cost", 2, cost)} AS c2,
            min(CASE WHEN success THEN pass END) AS solved_at,
            min(CASE WHEN next = 2 THEN pass END) AS left_at,
            min(CASE WHEN next = 0 AND NOT success THEN pass END) AS silent_at,
            min(stated) AS stated, min(stated) IS DISTINCT FROM max(stated) AS commitments_differ,
            {segment if has_segments else "'' AS segment, false AS segments_differ"},
            {"coalesce(min(user), task)" if has_users else "task"} AS cluster,
            0::TINYINT AS fault
        FROM passes WHERE NOT no_task GROUP BY task"""


def _rejects(path: Path, source: _Source, num_rows: int) -> Rejects:
    """Lines of a CSV file that are no rows."""
    if source.form is None or source.form.delimiter is None or count_lines(path) - 1 <= num_rows:
        return Rejects()
    return find_rejects(path, source.form, num_rows)


def _places(path: Path, source: _Source, faults: Sequence[Fault], rejects: Rejects) -> tuple[str, dict[int, int]]:
    """The unit of places, a line or a row, and the place of each of the first rows of faults."""
    rows = {row for fault in faults for row in fault.first}
    if source.form is None:
        return "row", {row: row + 1 for row in rows}
    if not rejects.numbered:
        return "readable row", {row: row + 1 for row in rows}
    lines = find_lines(path, source.form, rows) if rows else {}
    return "line", {row: lines.get(row, row + 1) for row in rows}


def _decoded(line: bytes) -> str:
    if line.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise UnicodeDecodeError("utf-8", line, 0, 2, "it begins like UTF-16")
    return line.decode("utf-8")


def _encoding(error: UnicodeDecodeError) -> str:
    return error.reason if "UTF-16" in error.reason else f"byte {error.object[error.start]:#x} in its first lines"


def _unreadable(path: Path, error: duckdb.Error) -> str:
    said = _first_line(error)
    if "GZIP" in said:
        return f"{path} is cut short or damaged: {said}"
    return f"{path} cannot be read: {said}"


def _first_line(error: Exception) -> str:
    return str(error).strip().splitlines()[0]


def _text(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
