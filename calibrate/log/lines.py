"""Lines of CSV and JSON Lines files: which are no rows, and which line a row is in.

DuckDB leaves out lines that are no rows, and remembers why at the price of 4 kB for each of them, so that a file of
nothing else would fill the memory. So it is told to forget them, and whether any are missing is seen from the number of
lines. Only if so, or if a row is to be named, the file is gone through here.
"""

from __future__ import annotations

import csv
import gzip
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO

SHOWN = 3
"""Number of lines or rows with a fault that are named, the first ones."""

LONGEST = 1 << 21
"""Bytes of a row, beyond which DuckDB takes its quote for one that is never closed."""

CHUNK = 1 << 20

OPEN_QUOTE = "a quote that is never closed"


@dataclass(frozen=True)
class Rejects:
    """Lines that are no rows.

    Attributes:
        count: how many.
        kinds: what is wrong with them.
        first: the first ones.
        numbered: whether it can be said which lines the other rows are in.
    """

    count: int = 0
    kinds: tuple[str, ...] = ()
    first: tuple[int, ...] = ()
    numbered: bool = True


@dataclass(frozen=True)
class Form:
    """The form of a text file: how its rows are told apart.

    Attributes:
        delimiter: between the fields of a CSV file; None if there is a JSON document a line.
        width: fields of a row; 0 of a JSON Lines file.
    """

    delimiter: bytes | None = None
    width: int = 0


def opened(path: Path) -> IO[bytes]:
    """Open a file that may be compressed."""
    return gzip.open(path) if path.name.lower().endswith(".gz") else path.open("rb")  # type: ignore[return-value]


def count_lines(path: Path) -> int:
    """Number of lines, empty ones included."""
    count, last = 0, b"\n"
    with opened(path) as file:
        while chunk := file.read(CHUNK):
            count, last = count + chunk.count(b"\n"), chunk[-1:]
    return count + (last != b"\n")


def find_rejects(path: Path, form: Form, num_rows: int) -> Rejects:
    """Find the lines of a CSV file that are no rows, of which DuckDB has read so many.

    An open quote swallows what follows up to a place that DuckDB chooses. Then all that is known is how many lines are
    missing, and rows after it are in no line that can be named; nor are they where DuckDB and this module disagree.
    """
    count, seen = 0, 0
    lines: list[int] = []
    kinds: set[str] = set()
    with opened(path) as file:
        for line, size, wrong in _records(file, form):
            if not wrong:
                seen += 1
                continue
            kinds.add(wrong)
            lines += [line] if len(lines) < SHOWN else []
            if wrong == OPEN_QUOTE:
                missing = size + sum(1 for text in file if text.strip(b"\r\n")) - (num_rows - seen)
                return Rejects(count + max(missing, 1), tuple(sorted(kinds)), tuple(lines), False)
            count += 1
    if seen == num_rows:
        return Rejects(count, tuple(sorted(kinds)), tuple(lines))
    return Rejects(max(count + seen - num_rows, 1), (*sorted(kinds), "something unreadable"), tuple(lines), False)


def find_lines(path: Path, form: Form, rows: Collection[int]) -> dict[int, int]:
    """Return the line, counted from 1, that each of some rows, counted from 0, begins in."""
    places, row = {}, 0
    with opened(path) as file:
        for line, _, wrong in _records(file, form):
            if wrong:
                continue
            if row in rows:
                places[row] = line
            row += 1
            if len(places) == len(rows):
                break
    return places


def _records(file: IO[bytes], form: Form) -> Iterator[tuple[int, int, str]]:
    """Lines in which records begin, how many they take, and what is wrong with each, if anything is.

    Empty lines are no records, and a header is not one either.
    """
    delimiter, commas = form.delimiter, form.width - 1
    numbered = enumerate(file, 1)
    if delimiter is not None:
        next(numbered, None)
    for line, text in numbered:
        if not text.strip(b"\r\n"):
            continue
        if delimiter is None:
            yield line, 1, ""
        elif b'"' not in text:
            fields = text.count(delimiter) - commas
            yield line, 1, "" if not fields and text.isascii() else _wrong(text, fields)
        else:
            inside, record, size = _is_open(text, delimiter, False), [text], len(text)
            while inside and size <= LONGEST:
                _, text = next(numbered, (0, b""))
                if not text:
                    break
                record.append(text)
                size += len(text)
                inside = _is_open(text, delimiter, True)
            yield line, len(record), OPEN_QUOTE if inside else _wrong_quoted(b"".join(record), form)


def _is_open(text: bytes, delimiter: bytes, inside: bool) -> bool:
    """Tell whether a quoted field goes on over the end of a line; `inside` says whether one does over its beginning."""
    place = 0
    if not inside and text.startswith(b'"'):
        inside, place = True, 1
    while True:
        if not inside:
            place = text.find(delimiter + b'"', place) + 2
            if place == 1:
                return False
        end = text.find(b'"', place)
        while end >= 0 and text[end + 1 : end + 2] == b'"':
            end = text.find(b'"', end + 2)
        if end < 0:
            return True
        inside, place = False, end + 1


def _wrong(text: bytes, surplus: int) -> str:
    """The fault of a record with so many fields too many; empty if there is none."""
    if surplus:
        return "missing columns" if surplus < 0 else "too many columns"
    try:
        text.decode()
    except UnicodeDecodeError:
        return "invalid encoding"
    return ""


def _wrong_quoted(record: bytes, form: Form) -> str:
    assert form.delimiter is not None
    try:
        text = record.decode("latin-1")
        fields = next(csv.reader(text.splitlines(keepends=True), delimiter=form.delimiter.decode(), strict=True))
    except csv.Error:
        return "a quote within a field"
    return _wrong(record, len(fields) - form.width)
