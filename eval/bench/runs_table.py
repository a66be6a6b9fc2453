"""The runs of a bench as tidy tables, and what another bench takes from them, so that it need not make it again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb

from routegame.envs.checks import ParameterError
from routegame.envs.document import Document, checked, read_document
from routegame.eval.bench.job import Job
from routegame.eval.bench.row import COLUMNS, FINISHED, NOT_APPLICABLE, SOURCE, Key, Row, TakenRun, read_row
from routegame.eval.run.curve_table import PARQUET, copy_out, read_curves
from routegame.numerals import plural
from routegame.train.runs.run_directory import library_versions, write_json
from routegame.whole_file import writing

BOARD = "a folder with leaderboard.json, as `routegame bench` wrote it"
"""What runs may be taken from."""


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
        for ending, form in (("csv", "FORMAT csv, HEADER"), ("parquet", PARQUET)):
            path = directory / f"runs.{ending}"
            copy_out(database, "runs", path, form)


@dataclass(frozen=True)
class Offer:
    """What the table of another bench has of the runs that are wanted.

    A run is fit to be taken if it has ended well, had the same game, seed, options and limits, and was made by the same
    version of this library. What came of it is not looked into: whoever takes it trusts whoever made it. Of games that
    a learner does not play nothing is taken: it says so at once, and may play them where its libraries are there.

    Attributes:
        directory: of the other bench, or what it has published of itself.
        runs: that are fit, each with the job that it is taken for.
        num_others: of the runs that are wanted and not fit.
    """

    directory: Path
    runs: Sequence[tuple[Job, TakenRun]]
    num_others: int

    @classmethod
    def of(cls, directory: Path, jobs: Sequence[Job]) -> Offer:
        """Read `leaderboard.json`, and if there are to be curves `curves.parquet`.

        Raises:
            ParameterError: none of its runs is fit.
            FileError: a file of it is damaged.
        """
        path = directory / "leaderboard.json"
        board = read_document(path, BOARD)
        with checked(path, BOARD):
            plain = [dict(zip(board["columns"], row, strict=True)) for row in board["rows"]]
            rows = {_key(row): row for row in plain}
            sources = dict(zip(map(_key, plain), _sources(board, directory), strict=True))
            known = [(job, rows[key]) for job in jobs if (key := _key_of(job)) in rows]
            wanted = [(job, row) for job, row in known if row["status"] != NOT_APPLICABLE]
            same = [(job, read_row(row)) for job, row in wanted if row["config_hash"] == job.config_hash]
            fit = [(job, row) for job, row in same if _fits(row)]
        if not fit:
            found = f"{len(wanted)} of other options, versions or limits, or failed" if wanted else "none"
            raise ParameterError("take", "a bench with runs that this one is to have", f"{found} in {directory}")
        curves = read_curves(directory / "curves.parquet")
        runs = [(job, TakenRun(sources[_key_of(job)], row, curves.get(_key_of(job)))) for job, row in fit]
        return cls(directory, runs, len(wanted) - len(fit))

    def take(self, total: int) -> str:
        """Write down the runs that are not there, nor under way; return what is to be said.

        Args:
            total: number of all runs that are wanted.

        Raises:
            WriteError: a run cannot be written down.
        """
        new = [(job, run) for job, run in self.runs if not job.done and not (job.directory / "config.json").exists()]
        for job, run in new:
            with writing(job.directory):
                job.directory.mkdir(parents=True, exist_ok=True)
            write_json(job.taken_path, run.to_dict())
        others = f"; {self.num_others} more are of other options, versions or limits, or failed"
        return f"taken: {plural(len(new), 'run')} of {total}, from {self.directory}{others if self.num_others else ''}"


def _sources(board: Document, directory: Path) -> list[Mapping[str, str]]:
    """Return for each row of a table what the table was made with in which the run was made: this one, or another."""
    own: Mapping[str, str] = {"path": str(directory), **{name: str(board[name]) for name in SOURCE[1:]}}
    sources = dict.fromkeys(range(len(board["rows"])), own)
    for other in board.get("taken", ()):
        theirs = {int(number): {name: str(other[name]) for name in SOURCE} for number in other.get("rows", ())}
        if not theirs.keys() <= sources.keys():
            raise ValueError("runs were taken that are not there")
        sources |= theirs
    return list(sources.values())


def _fits(row: Row) -> bool:
    ours = f"routegame {library_versions()['routegame']}"
    return row["status"] == FINISHED and ours in str(row["versions"]).split(", ")


def _key(row: Document) -> Key:
    return str(row["learner"]), str(row["instance"]), int(row["seed"])


def _key_of(job: Job) -> Key:
    return job.config.learner, str(job.config.scenario), job.config.seed
