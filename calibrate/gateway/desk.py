"""Where a conversion is worked out: its database, the lines that rows come from, and what there is to say."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import duckdb

from routegame.calibrate.gateway.places import Places, some_rows


@dataclass(frozen=True)
class Words:
    """What is said of a gateway's log.

    Attributes:
        logger: who wrote it.
        line: what a line of it is, within "no line that is …".
        faults: what is wrong with lines that cannot be used, by fault, see `routegame.calibrate.gateway.attempts`.
        session: where the log has the name of a session.
        price: how a model comes by a price.
    """

    logger: str
    line: str
    faults: Mapping[str, str]
    session: str
    price: str


@dataclass
class Desk:
    """One conversion's database and findings.

    Attributes:
        database: with the tables that the modules of this folder make one after the other.
        log: the gateway's first file, by which the log is spoken of.
        feedback: where the application's record is; the log itself where that has scores.
        words: for the gateway's log.
        lines: where rows of attempts are.
        pages: where rows of feedback are.
        remarks: what was found, in sentences.
    """

    database: duckdb.DuckDBPyConnection
    log: Path
    feedback: Path
    words: Words
    lines: Places = field(default_factory=Places)
    pages: Places = field(default_factory=Places)
    remarks: list[str] = field(default_factory=list)

    def counts(self, query: str) -> tuple[int, ...]:
        """Answer a query with one row of counts."""
        return tuple(int(count or 0) for count in self.database.execute(query).fetchone() or ())

    def first_lines(self, query: str) -> str:
        """Name the first of the lines whose places a query finds."""
        return self.lines.first(some_rows(self.database, query))

    def first_pages(self, query: str) -> str:
        """Name the first of the lines of feedback whose places a query finds."""
        return self.pages.first(some_rows(self.database, query))
