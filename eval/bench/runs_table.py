"""The runs of a bench as one tidy table, a row a run, for whoever goes on from there: CSV and Parquet."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import duckdb

from routegame.eval.bench.row import COLUMNS, Row
from routegame.whole_file import whole_file, writing


def write_table(rows: Sequence[Row], directory: Path) -> None:
    """Write `runs.csv` and `runs.parquet` into a directory; a reader sees the old files or the new ones.

    Args:
        rows: of the runs, with the columns and in the order of `COLUMNS`.
        directory: is there.

    Raises:
        WriteError: a file cannot be written.
    """
    columns = ", ".join(f'"{name}" {kind}' for name, kind in COLUMNS.items())
    with duckdb.connect() as database:
        database.execute("SET threads = 1")  # rows stay in order, and files the same to the last byte
        database.execute(f"CREATE TABLE runs ({columns})")
        if rows:
            places = ", ".join("?" * len(COLUMNS))
            database.executemany(
                f"INSERT INTO runs VALUES ({places})", [[row[name] for name in COLUMNS] for row in rows]
            )
        for ending, form in (("csv", "FORMAT csv, HEADER"), ("parquet", "FORMAT parquet, COMPRESSION zstd")):
            path = directory / f"runs.{ending}"
            with writing(path, duckdb.IOException), whole_file(path) as beside:
                database.execute(f"COPY runs TO '{str(beside).replace(chr(39), chr(39) * 2)}' ({form})")
