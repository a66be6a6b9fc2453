"""Files of logs as DuckDB reads them: CSV, JSON Lines, JSON arrays, Parquet, also compressed; and their columns."""

from __future__ import annotations

import csv
import gzip
import json
import re
import tempfile
import zlib
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import IO

import duckdb

from routegame.calibrate.log.layout import CACHED, OPTIONAL, REQUIRED, Layout, LogError, feature_column
from routegame.calibrate.log.lines import Form, opened
from routegame.whole_file import WriteError, writing

SNIFFED = 1000
"""Lines of a JSON Lines file that are looked at for the names of its columns."""

NUMBER = re.compile(r"(U?(TINY|SMALL|BIG|HUGE)?INT(EGER)?|FLOAT|DOUBLE|DECIMAL\(.*\)|VARCHAR|JSON)")
"""Types of Parquet columns that numbers are read from; text counts, as everything is text in the other formats."""

KINDS = {"csv": "csv", "tsv": "csv", "jsonl": "json", "ndjson": "json", "json": "json", "parquet": "parquet"}
"""Endings of names -> kinds of files."""

PACKED = (".gz", ".zst")
"""Endings of compressed files, after any of `KINDS` but Parquet, which is compressed inside."""

OTHER_FORMATS = {b"PAR1": "Parquet", b"PK": "a zip or an Excel file", b"\x1f\x8b": "gzip", b"\x28\xb5\x2f\xfd": "zstd"}
"""First bytes of files that are no text."""

UNREADABLE = (
    duckdb.IOException,
    duckdb.InvalidInputException,
    duckdb.ConversionException,
    duckdb.SerializationException,
)
"""Errors by which DuckDB says that something is wrong with the file, and not with the question."""

Key = tuple[str, tuple[str, ...]]
"""A key of a JSON object, and those of the objects within that lead to an entry."""

ZSTD, SKIPPED_FRAME = b"\x28\xb5\x2f\xfd", 0x184D2A50
"""Magic numbers of the frames of a zstd file."""

NOTHING = "''::ENUM('')"
"""SQL for an empty text that is the same in all rows: quicker to store than a VARCHAR."""

NO_TEXT = "\x01"
"""A character that no text file has."""


@dataclass(frozen=True)
class Source:
    """A file as DuckDB reads it.

    Attributes:
        file: where its bytes are, not packed by zstd.
        query: of all its rows.
        cells: SQL for the entry of each column that the file has, by our names.
        form: how its lines are rows; None where rows are in no lines.
        remarks: on how it is read, in sentences.
    """

    file: Path
    query: str
    cells: Mapping[str, str]
    form: Form | None
    remarks: tuple[str, ...] = ()

    def has(self, column: str) -> bool:
        """Whether the file has a column."""
        return column in self.cells


def find_source(path: Path, layout: Layout, folder: Path) -> Source:
    """Look at a file's name and its first lines.

    Args:
        path: of the file.
        layout: how it names things.
        folder: for links and copies, to be deleted at the end.

    Raises:
        LogError: it is no log.
    """
    if path.is_dir():
        raise LogError(f"LOG must be a file, got the folder {path}")
    name = path.name.lower()
    packed = next((ending for ending in PACKED if name.endswith(ending)), "")
    kind = KINDS.get(name.removesuffix(packed).rpartition(".")[2], "") if "." in name.removesuffix(packed) else ""
    if not kind or (kind == "parquet" and packed):
        raise LogError(
            f"LOG must be a file whose name ends in .csv, .tsv, .jsonl, .ndjson, .json (or these and .gz or .zst) or "
            f".parquet, got {path}"
        )
    if not path.is_file():
        raise LogError(f"LOG must be a file that is there, got {path}")
    if path.stat().st_size == 0:
        raise LogError(f"{path} is empty: 0 bytes")
    file = _plainly_named(path, folder)
    with legible(path):
        if kind == "parquet":
            return _parquet(path, file, layout)
        if packed == ".zst":
            file = _unpacked(file, folder)
        with opened(file) as lines:
            return (_csv if kind == "csv" else _json)(path, file, lines, layout)


@contextmanager
def room_to_work() -> Iterator[None]:
    """Let it be told of the folder for temporary files where DuckDB has no room there.

    Raises:
        WriteError: in place of DuckDB's error.
    """
    try:
        yield
    except duckdb.Error as error:
        if "Could not write" not in str(error):
            raise
        with writing(Path(tempfile.gettempdir()), duckdb.Error):
            raise


@contextmanager
def legible(path: Path) -> Iterator[None]:
    """Let whatever goes wrong while a log is read be told of its file.

    Raises:
        LogError: in place of errors of the system, of decompression and of DuckDB.
        WriteError: there is no room for what is written while it is read.
    """
    packing = "zstd" if path.name.lower().endswith(".zst") else "gzip"
    try:
        with room_to_work():
            yield
    except WriteError:
        raise
    except EOFError:
        raise LogError(f"{path} is cut short: its {packing} stream ends too early") from None
    except zlib.error as error:
        raise LogError(f"{path} is cut short or damaged: its {packing} stream says {error}") from None
    except gzip.BadGzipFile as error:
        raise LogError(f"{path} is not what its name says: {error}") from None
    except UnicodeDecodeError as error:
        raise LogError(f"{path} is not UTF-8 text: {_encoding(error)}") from None
    except duckdb.Error as error:
        # What DuckDB passes on from a library that it reads with has no class of its own.
        if isinstance(error, UNREADABLE) or type(error) is duckdb.Error:
            raise LogError(_unreadable(path, error)) from None
        raise
    except OSError as error:
        raise LogError(f"{path} cannot be read: {error.strerror or error}") from None


def _unreadable(path: Path, error: duckdb.Error) -> str:
    """Say in one line why DuckDB cannot read a file."""
    said = str(error).strip().splitlines()[0]
    if "GZIP" in said:
        return f"{path} is cut short or damaged: {said}"
    if "state machine" in said:
        return f"{path} cannot be read: some of its lines end in CR LF and others in LF; `dos2unix` makes them alike"
    return f"{path} cannot be read: {said}"


def text(value: str) -> str:
    """SQL for a text."""
    return "'" + value.replace("'", "''") + "'"


def _plainly_named(path: Path, folder: Path) -> Path:
    """A name of the file by which DuckDB reads it and no other: it takes `*?[` for patterns, `~` for a home."""
    if not re.search(r"[*?\[\\]", str(path.absolute()).removeprefix(path.anchor)):
        return path.absolute()
    link = folder / f"log{''.join(path.suffixes[-2:]) if path.suffix.lower() in PACKED else path.suffix}"
    link.symlink_to(path.absolute())
    return link


def _unpacked(file: Path, folder: Path) -> Path:
    """A copy of a zstd file that is not packed, line by line: Python has no zstd to look at its lines with."""
    if not _is_whole(file):
        raise EOFError("zstd")
    target = folder / f"unpacked.{file.name.lower().removesuffix('.zst').rpartition('.')[2]}"
    plain = f"header = false, quote = '', escape = '', delim = {text(NO_TEXT)}"
    columns = "columns = {'line': 'VARCHAR'}, compression = 'zstd'"
    read = f"read_csv({text(str(file))}, auto_detect = false, {columns}, {plain})"
    form = f"FORMAT csv, HEADER false, QUOTE '', ESCAPE '', DELIMITER {text(NO_TEXT)}"
    with duckdb.connect() as database:
        database.execute(f"COPY (SELECT coalesce(line, '') FROM {read}) TO {text(str(target))} ({form})")
    return target


def _is_whole(file: Path) -> bool:
    """Tell whether the last frame of a zstd file is complete: DuckDB takes what is missing for the end (RFC 8878)."""
    size, place = file.stat().st_size, 0
    with file.open("rb") as lines:
        while place < size:
            lines.seek(place)
            head = lines.read(8)
            if head[:4] != ZSTD:
                if int.from_bytes(head[:4], "little") & ~0xF != SKIPPED_FRAME:
                    return True  # no zstd at all: DuckDB says so
                place += 8 + int.from_bytes(head[4:], "little")
                continue
            flags = head[4] if len(head) > 4 else 0
            single = flags >> 5 & 1
            place += 5 + (1 - single) + (0, 1, 2, 4)[flags & 3] + (single, 2, 4, 8)[flags >> 6]
            last = False
            while not last:
                lines.seek(place)
                head = lines.read(3)
                if len(head) < 3:
                    return False
                block = int.from_bytes(head, "little")
                last = bool(block & 1)
                place += 3 + (1 if block >> 1 & 3 == 1 else block >> 3)
            place += 4 * (flags >> 2 & 1)
    return place == size


def _parquet(path: Path, file: Path, layout: Layout) -> Source:
    read = f"read_parquet({text(str(file))}, hive_partitioning = false)"
    with duckdb.connect() as database:
        schema = database.execute(f"SELECT name, coalesce(num_children, 0) FROM parquet_schema({text(str(file))})")
        names = _top_level(schema.fetchall())
        query = f"SELECT * FROM {read} AS rows({', '.join(f'c{k}' for k in range(len(names)))})"
        dotted = [name for name in map(layout.name, _columns(layout)) if name.partition(".")[0] in names]
        chosen = _found(path, [*names, *(name for name in dotted if name not in names)], layout)
        cells = {column: _parquet_cell(name, names) for column, name in chosen.items()}
        try:
            entries = ", ".join(f'{cell} AS "{column}"' for column, cell in cells.items())
            rows = database.execute(f"DESCRIBE SELECT {entries} FROM ({query})").fetchall()
        except duckdb.BinderException as error:
            named = ", ".join(name for name in dotted if name not in names)
            raise LogError(f"{path} lacks one of {named}: {str(error).splitlines()[0]}") from None
    types = {row[0]: str(row[1]) for row in rows}
    for column in ("pass", "latency", "cost"):
        if not NUMBER.fullmatch(types[column]):
            raise LogError(f"{path} has a column {layout.name(column)} of type {types[column]}: a number is needed")
    return Source(file, query, cells, None, _unread(names, layout))


def _parquet_cell(name: str, names: Sequence[str]) -> str:
    first, *within = [name] if name in names else name.split(".")
    return f"c{names.index(first)}" + "".join(f"[{text(key)}]" for key in within)


def _top_level(schema: Sequence[tuple[str, int]]) -> list[str]:
    """Names of columns, out of a schema in which each is followed by what it consists of."""
    names, place = [], 1
    while place < len(schema):
        names.append(schema[place][0])
        inside = 1
        while inside:
            inside += schema[place][1] - 1
            place += 1
    return names


def _csv(path: Path, file: Path, lines: IO[bytes], layout: Layout) -> Source:
    header = _header(path, lines.readline())
    delimiter = max(",;\t|", key=header.count)
    padded = f"{delimiter} " in header
    names = [name.strip() for name in next(csv.reader([header], delimiter=delimiter, skipinitialspace=padded))]
    if not set(REQUIRED) & set(names) and any(re.fullmatch(r"[-+]?[\d.]+(e[-+]?\d+)?", name) for name in names):
        raise LogError(f"{path} has no line with the names of columns: its first one is {header.strip()[:60]}")
    places = {column: names.index(name) for column, name in _found(path, names, layout).items()}
    cells = {column: f"trim(c{k})" if padded else f"c{k}" for column, k in places.items()}
    types = ", ".join(f"c{k}: 'VARCHAR'" for k in range(len(names)))
    query = (
        f"SELECT * FROM read_csv({text(str(file))}, auto_detect = false, header = true, quote = '\"', escape = '\"', "
        f"hive_partitioning = false, columns = {{{types}}}, delim = {text(delimiter)}, ignore_errors = true)"
    )
    return Source(file, query, cells, Form(delimiter.encode(), len(names)), _unread(names, layout))


def _header(path: Path, line: bytes) -> str:
    """The first line of a CSV file."""
    kind = next((kind for start, kind in OTHER_FORMATS.items() if line.startswith(start)), "")
    if kind:
        raise LogError(f"{path} is not what its name says: it begins like {kind}")
    header = _decoded(line).removeprefix("\ufeff").rstrip("\r\n")
    if "\0" in header:
        raise LogError(f"{path} is not text: its first line has a byte 0x00")
    if "\r" in header:
        raise LogError(f"{path} has lines that end in CR alone, as of old Macs; `tr '\\r' '\\n'` makes them LF")
    if not header.strip():
        raise LogError(f"{path} is empty: its first line, where the names of columns belong, has nothing in it")
    return header


def _json(path: Path, file: Path, lines: IO[bytes], layout: Layout) -> Source:
    """The source of JSON Lines, or of one array of objects.

    A line that is no JSON object becomes a row without a task, a fault; an array has to be one of objects.
    """
    start = lines.readline()
    if _decoded(start).removeprefix("\ufeff").lstrip().startswith("["):
        names, shape = _array_names(path, file), "array"
    else:
        names, shape = _line_names(path, [start, *islice(lines, SNIFFED - 1)]), "newline_delimited"
    keys: dict[str, Key] = {}
    wanted = [layout.name(column) for column in _columns(layout)]
    for inside in (False, True):  # a key with dots in it goes before a key within an object
        sought = {name: _key(name, inside) for name in wanted if name not in keys and (not inside or "." in name)}
        keys |= {name: key for name, key in sought.items() if not inside and name in names}
        keys |= _that_come_later(file, shape, {name: key for name, key in sought.items() if name not in keys})
    names = [*names, *_alike_that_come_later(file, shape, [name for name in wanted if name not in keys], names)]
    chosen = _found(path, list(dict.fromkeys([*names, *keys])), layout)
    cells = {column: _json_cell(keys[name]) for column, name in chosen.items()}
    query = _json_query(file, shape, [keys[name] for name in chosen.values()])
    form = Form() if shape == "newline_delimited" else None
    return Source(file, query, cells, form, _unread([*names, *keys], layout))


def _key(name: str, inside: bool) -> Key:
    first, *within = name.split(".") if inside else [name]
    return first, tuple(within)


def _json_cell(key: Key) -> str:
    first, within = key
    path = "".join(f'."{part}"' for part in within)
    return f"json_extract_string({_quoted(first)}, {text('$' + path)})" if within else _quoted(first)


def _json_query(file: Path, shape: str, keys: Collection[Key]) -> str:
    """The query of some keys of all lines; a line that lacks a key has NULL for it."""
    types = {first: "VARCHAR" for first, within in keys if not within} | {
        first: "JSON" for first, within in keys if within
    }
    folded = [key.lower() for key in types]
    twice = [key for key in types if folded.count(key.lower()) > 1]
    if twice:
        raise LogError(f"--column names {' and '.join(twice)}, which differ in case only: one of them can be read")
    columns = ", ".join(f"{text(key)}: '{kind}'" for key, kind in types.items())
    lenient = str(shape != "array").lower()  # a lenient reader takes half an array for a whole one
    options = f"format = '{shape}', ignore_errors = {lenient}, hive_partitioning = false, columns = {{{columns}}}"
    return f"SELECT * FROM read_json({text(str(file))}, {options})"


def _line_names(path: Path, lines: Sequence[bytes]) -> list[str]:
    names: dict[str, None] = {}
    for line in lines:
        try:
            document = json.loads(_decoded(line).removeprefix("\ufeff"))
        except json.JSONDecodeError:
            continue
        names |= dict.fromkeys(document) if isinstance(document, dict) else {}
    if not names:
        raise LogError(
            f"{path} is no JSON Lines file: none of its first {SNIFFED:,} lines is a JSON object by itself, nor"
            " is it an array of them"
        )
    return list(names)


def _array_names(path: Path, file: Path) -> list[str]:
    objects = f"SELECT json FROM read_json_objects({text(str(file))}, format = 'array') LIMIT {SNIFFED}"
    with duckdb.connect() as database:
        rows = database.execute(f"SELECT json_keys(json) FROM ({objects})").fetchall()
    names = list(dict.fromkeys(name for (keys,) in rows for name in keys))
    if not names:
        raise LogError(f"{path} is an array of JSON, and none of its first {SNIFFED:,} entries is an object with keys")
    return names


def _that_come_later(file: Path, shape: str, keys: Mapping[str, Key]) -> dict[str, Key]:
    """Those of some keys, not met in the first lines, that some line has: logged from another day on, or in objects."""
    if not keys:
        return {}
    counts = ", ".join(f"count({_json_cell(key)})" for key in keys.values())
    with duckdb.connect() as database:
        row = database.execute(f"SELECT {counts} FROM ({_json_query(file, shape, keys.values())})").fetchone() or ()
    return {name: key for (name, key), count in zip(keys.items(), row, strict=True) if count}


def _alike_that_come_later(file: Path, shape: str, missing: Sequence[str], names: Sequence[str]) -> list[str]:
    """Keys after the first lines that are called as one that no line has, but for case: remarks are made on them."""
    if not missing:
        return []
    objects = f"SELECT json FROM read_json_objects({text(str(file))}, format = '{shape}', ignore_errors = true)"
    folded = ", ".join(text(name.lower()) for name in missing)
    query = f"""SELECT DISTINCT key FROM (SELECT unnest(json_keys(json)) AS key FROM ({objects})
        WHERE json_type(json) = 'OBJECT') WHERE lower(key) IN ({folded}) ORDER BY key"""
    with duckdb.connect() as database:
        found = [key for (key,) in database.execute(query).fetchall()]
    return [key for key in found if key not in names]


def _columns(layout: Layout) -> tuple[str, ...]:
    """Columns that are looked for, by our names."""
    optional = (column for column in OPTIONAL if column != "context" or layout.reads_contexts)
    features = (feature_column(k) for k in range(len(layout.features)))
    return (*REQUIRED, *optional, *([CACHED] if CACHED in layout.names else []), *features)


def _found(path: Path, names: Sequence[str], layout: Layout) -> dict[str, str]:
    """Names of the columns that a log has, by ours.

    Raises:
        LogError: one that is needed is missing, or there are two of its name.
    """
    needed = dict.fromkeys(layout.name(column) for column in (*REQUIRED, *layout.names))
    missing = [name for name in needed if name not in names]
    if missing:
        named = [name for name in dict.fromkeys(names) if name]
        alike = [(name, other) for name in missing for other in named if other.lower() == name.lower()]
        ours = {layout.name(column): column for column in _columns(layout)}
        how = " ".join(f"--column {ours[name]}={other}" for name, other in alike) or "--column success=ok"
        raise LogError(
            f"{path} lacks {'the column' if len(missing) == 1 else 'columns'} {', '.join(missing)}; "
            f"it has {', '.join(named) or 'none'}; if one goes by another name say so, as in {how}"
        )
    chosen = {column: layout.name(column) for column in _columns(layout) if layout.name(column) in names}
    twice = sorted({name for name in chosen.values() if names.count(name) > 1})
    if twice:
        raise LogError(f"{path} has more than one column called {', '.join(twice)}")
    return chosen


def _unread(names: Sequence[str], layout: Layout) -> tuple[str, ...]:
    """Remarks on columns that are not read, and might be taken for one that is."""
    wanted = {layout.name(column).lower(): layout.name(column) for column in (*REQUIRED, *OPTIONAL)}
    optional = {layout.name(column): column for column in OPTIONAL if column != "commitment"}
    remarks = ["A column without a name is not read."] if "" in names else []
    for name in dict.fromkeys(names):
        other = wanted.get(name.lower(), name)
        if other != name and other in names:
            remarks.append(f"The column {name} is not read: {other} is.")
        elif other != name and other in optional:
            remarks.append(f"The column {name} is not read; --column {optional[other]}={name} would.")
    return tuple(remarks)


def _decoded(line: bytes) -> str:
    if line.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise UnicodeDecodeError("utf-8", line, 0, 2, "it begins like UTF-16")
    return line.decode("utf-8")


def _encoding(error: UnicodeDecodeError) -> str:
    said = error.reason if "UTF-16" in error.reason else f"byte {error.object[error.start]:#x} in its first lines"
    return f"{said}; convert it with iconv"


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
