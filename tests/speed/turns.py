"""Measuring in turns: CPU time of one work after the other, again and again, so that noise hits them alike."""

from __future__ import annotations

import statistics
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

REPEATS = 5

Work = Callable[[], float]
"""Does something, and returns how many of the things that are counted it did."""


@dataclass(frozen=True)
class Ratio:
    """One line of a table.

    Attributes:
        name: what was measured.
        rate: done in one CPU second, median of the turns; another figure where `unit` says so.
        ratio: how many times as fast as this the table's first row is, median of the turns; None if not compared.
        target: the ratio that the project aims at; None for none.
        unit: of `rate`, where it is not a rate.
    """

    name: str
    rate: float
    ratio: float | None = None
    target: float | None = None
    unit: str = ""

    @property
    def met(self) -> bool:
        """Whether the target is reached; True where there is none."""
        return self.target is None or (self.ratio is not None and self.ratio >= self.target)

    def __str__(self) -> str:
        line = f"  {self.name:<54}{figure(self.rate):>14}"
        if self.unit:
            return f"{line} {self.unit}"
        if self.ratio is None:
            return line
        aim = "" if self.target is None else f"{self.target:>9g}  {'met' if self.met else 'MISSED'}"
        return f"{line}{figure(self.ratio):>12}{aim}"


@dataclass(frozen=True)
class Table:
    """What belongs together.

    Attributes:
        title: what was done.
        rows: of what was measured.
        held: what the ratios are; by default how the first row is held against the others.
        limit: name of the row that nothing of its kind can be faster than on this machine; None where none is measured.
    """

    title: str
    rows: list[Ratio]
    held: str = "first is ×"
    limit: str | None = None

    def share(self, row: Ratio) -> float | None:
        """Rate of a row as a share of the limit's; None where there is no limit."""
        limit = next((other.rate for other in self.rows if other.name == self.limit), None)
        return None if limit is None or row.unit else row.rate / limit

    def __str__(self) -> str:
        return "\n".join([f"{self.title:<56}{'a CPU second':>14}{self.held:>12}{'wanted':>9}", *map(str, self.rows)])


def cpu_seconds(work: Callable[[], object]) -> float:
    """CPU time of one call, all threads together."""
    started = time.process_time()
    work()
    return time.process_time() - started


def cpu_rate(work: Work) -> float:
    """What a work does in one CPU second, all threads together."""
    started = time.process_time()
    done = work()
    return done / (time.process_time() - started)


def in_turns(section: str, works: Mapping[str, Work]) -> dict[str, list[float]]:
    """Do every work once to warm up, then all in turns; return what each did in one CPU second, turn by turn."""
    turns: dict[str, list[float]] = {name: [] for name in works}
    for turn in range(REPEATS + 1):
        progress(f"{section}: turn {turn} of {REPEATS}" if turn else f"{section}: warming up")
        for name, work in works.items():
            rate = cpu_rate(work)
            if turn:
                turns[name].append(rate)
    return turns


def compared(turns: Mapping[str, list[float]], targets: Mapping[str, float]) -> list[Ratio]:
    """Medians of the turns, the first work's held against the others'.

    Args:
        turns: from `in_turns`.
        targets: how many times as fast as another work the first should be, by that other's name.
    """
    (first, ours), *others = turns.items()
    rows = [Ratio(first, statistics.median(ours))]
    for name, theirs in others:
        ratio = statistics.median(x / y for x, y in zip(ours, theirs, strict=True))
        rows.append(Ratio(name, statistics.median(theirs), ratio, targets.get(name)))
    return rows


def progress(line: str) -> None:
    """Show what is going on, on one line of standard error."""
    if sys.stderr.isatty():
        print(f"\r\x1b[K{line}", end="", file=sys.stderr, flush=True)
    elif line:
        print(line, file=sys.stderr, flush=True)


def figure(number: float) -> str:
    return f"{number:,.0f}" if number >= 100 else f"{number:.3g}"
