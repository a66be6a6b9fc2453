"""Rows of runs in a file, which several processes may add to at once."""

from __future__ import annotations

import csv
import fcntl
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import fields
from pathlib import Path

from peers.played import GAMES, Row
from peers.table import table
from routegame.whole_file import whole_file


def rows_of(path: Path) -> list[dict[str, str]]:
    """Return the rows that are there."""
    if not path.exists():
        return []
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def add(path: Path, rows: Sequence[dict[str, str]], learners: Sequence[str]) -> None:
    """Add rows to a file, in the order of learners, games and seeds, and make the table beside it again.

    A run that is there stays as it is.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with alone_in(path.parent):
        kept = {(row["learner"], row["game"], row["seed"]): row for row in [*rows, *rows_of(path)]}
        write(path, list(kept.values()), learners)


@contextmanager
def alone_in(folder: Path) -> Iterator[None]:
    """Wait until no other process is in here."""
    held = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(held, fcntl.LOCK_EX)
        yield
    finally:
        os.close(held)


def write(path: Path, rows: list[dict[str, str]], learners: Sequence[str]) -> None:
    """Write all rows and the table."""
    games = list(GAMES)
    rows.sort(key=lambda row: (learners.index(row["learner"]), games.index(row["game"]), int(row["seed"])))
    with whole_file(path) as beside, beside.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, [field.name for field in fields(Row)], lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    with whole_file(path.with_suffix(".md")) as beside:
        beside.write_text(table(rows, GAMES), encoding="utf-8")
