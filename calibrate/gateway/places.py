"""Lines of JSON Lines files: how they are read, and how the first of them that are odd are named."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import duckdb

from routegame.calibrate.log.layout import LogError
from routegame.calibrate.log.lines import SHOWN, Form, find_lines
from routegame.calibrate.log.source import text

ENDINGS = (".jsonl", ".ndjson", ".json", ".jsonl.gz", ".ndjson.gz", ".json.gz")

LARGEST_LINE = 1 << 26
"""Bytes that a line may have: images travel within prompts."""


def check_files(paths: Sequence[Path], option: str) -> None:
    """Raise a `LogError` unless all of some files are there and are JSON Lines by their names."""
    for path in paths:
        if not path.is_file():
            raise LogError(f"{option} must be a file that is there, got {path}")
        if not path.name.lower().endswith(ENDINGS):
            raise LogError(
                f"{option} must be JSON Lines, {', '.join(ENDINGS[:2])} or {ENDINGS[2]}, also .gz, got {path}"
            )
        if path.stat().st_size == 0:
            raise LogError(f"{path} is empty: 0 bytes")


def rows_of(path: Path, columns: str) -> str:
    """The query of all lines of a file: of some of its keys, `{'key': 'TYPE'}`, or of whole objects as `json`."""
    options = f"format = 'newline_delimited', ignore_errors = true, maximum_object_size = {LARGEST_LINE}"
    if columns == "json_object":
        return f"SELECT json FROM read_json_objects({text(str(path))}, {options})"
    return f"SELECT * FROM read_json({text(str(path))}, {options}, hive_partitioning = false, columns = {columns})"


@dataclass
class Places:
    """Which lines the rows of a table are in.

    Attributes:
        paths: files that were read one after the other.
        starts: number of rows before each.
        plain: whether rows are numbered as lines are, those that are empty or no JSON among them.
    """

    paths: list[Path] = field(default_factory=list)
    starts: list[int] = field(default_factory=list)
    plain: bool = False

    def add(self, path: Path, rows_before: int) -> None:
        """Take down that a file's rows begin here."""
        self.paths.append(path)
        self.starts.append(rows_before)

    def first(self, rows: Sequence[int]) -> str:
        """Name the lines of the first of some rows, in words: `line 3, 17 and 20 of a.jsonl`."""
        if not rows:
            return ""
        chosen = sorted(set(rows))[:SHOWN]
        which = max(k for k, start in enumerate(self.starts) if start <= chosen[0])
        path, start = self.paths[which], self.starts[which]
        end = self.starts[which + 1] if which + 1 < len(self.starts) else None
        own = [row - start for row in chosen if end is None or row < end]
        lines = {} if self.plain else find_lines(path, Form(), own)
        named = [f"{lines.get(row, row + 1):,}" for row in own]
        listed = " and ".join(filter(None, [", ".join(named[:-1]), named[-1]]))
        name = f" of {path.name}" if len(self.paths) > 1 else ""
        return f"line{'s' if len(named) > 1 else ''} {listed}{name}{' first' if len(set(rows)) > len(own) else ''}"


def some_rows(database: duckdb.DuckDBPyConnection, query: str) -> list[int]:
    """The first rows that a query of places finds, one more than are named."""
    return [row for (row,) in database.execute(f"{query} ORDER BY 1 LIMIT {SHOWN + 1}").fetchall()]
