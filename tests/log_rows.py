"""A small log as rows of text, to be spoiled, written and counted."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from routegame import Game
from routegame.calibrate.estimate.tally import Tally, tally
from routegame.calibrate.log.layout import Layout
from routegame.calibrate.log.log import Log, open_log
from routegame.calibrate.log.simulated import LogPlan, write_log

GAME = Game(9, 15, (0.1, 0.3), (1, 2), (1, 3.6))
PLAN = LogPlan(GAME, ((1, 0.0), (1, 0.3), (2, 0.0)), num_tasks=600, temperature=1.0, seed=3)
HEADER = ["task", "pass", "model", "latency", "cost", "success", "next"]
COLUMNS = [*HEADER, "segment"]

Rows = list[list[str]]


def good_rows(folder: Path) -> Rows:
    """The rows of a good log, header first; the 2nd task begins in line 3 or so."""
    path = folder / "log.csv"
    write_log(PLAN, path)
    with path.open(newline="") as file:
        return list(csv.reader(file))


def write(path: Path, rows: Iterable[Sequence[Any]]) -> Path:
    """Write rows as a CSV file."""
    with path.open("w", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows(rows)
    return path


def counted(path: Path, layout: Layout | None = None, **options: bool | float) -> tuple[Log, Tally]:
    """Read a log, and count it."""
    with open_log(path, layout, **options) as log:
        found = tally(log)
        return log, found


def changed(rows: Rows, *edits: tuple[int, str, str]) -> Rows:
    """A copy with other entries: (line, column, entry)."""
    copy = [list(row) for row in rows]
    for line, column, value in edits:
        copy[line][COLUMNS.index(column)] = value
    return copy
