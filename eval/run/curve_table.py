"""The learning curves of many runs as a tidy table, one row an evaluation."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import duckdb
import numpy as np

from routegame.envs.document import checked
from routegame.eval.run.learning_curve import LearningCurve
from routegame.whole_file import whole_file, writing

PARQUET = "FORMAT parquet, COMPRESSION zstd"

CURVES = {
    **dict.fromkeys(("learner", "instance"), "VARCHAR"),
    **dict.fromkeys(("seed", "evaluation", "passes"), "BIGINT"),
    **dict.fromkeys(("seconds", "regret"), "DOUBLE"),
}
"""Columns of the table of curves, in order, with their types in SQL."""


def write_curves(rows: Sequence[Mapping[str, object]], curves: Sequence[LearningCurve | None], directory: Path) -> None:
    """Write `curves.parquet` into a directory: how relative leader regret fell in each run.

    Args:
        rows: of the runs, each with its learner, its game as `instance`, and its seed.
        curves: of the same; None where there is none.
        directory: is there.

    Raises:
        WriteError: the file cannot be written.
    """
    known = [(row, curve) for row, curve in zip(rows, curves, strict=True) if curve is not None]
    lengths = [len(curve) for _, curve in known]
    columns = {name: np.repeat([row[name] for row, _ in known], lengths) for name in ("learner", "instance", "seed")}
    columns["evaluation"] = np.concatenate([np.arange(0), *map(np.arange, lengths)])
    for name in ("passes", "seconds", "regret"):
        columns[name] = np.concatenate([np.empty(0), *(getattr(curve, name) for _, curve in known)])
    with duckdb.connect() as database:
        database.execute("SET threads = 1")
        taken = ", ".join(f"CAST({name} AS {kind}) AS {name}" for name, kind in CURVES.items())
        database.register("points", columns)
        copy_out(database, f"(SELECT {taken} FROM points)", directory / "curves.parquet", PARQUET)


def read_curves(path: Path) -> dict[tuple[str, str, int], LearningCurve]:
    """Read what `write_curves` wrote, by learner, game and seed; none where there is no file.

    Raises:
        FileError: it is damaged.
    """
    if not path.exists():
        return {}
    with checked(path, "learning curves, as `routegame bench` wrote them"), duckdb.connect() as database:
        points = ", ".join(f"list({name} ORDER BY evaluation)" for name in ("passes", "seconds", "regret"))
        wanted = f"SELECT learner, instance, seed, {points} FROM read_parquet(?) GROUP BY ALL"
        found = database.execute(wanted, [str(path)]).fetchall()
        return {
            (str(learner), str(game), int(seed)): LearningCurve.of(np.transpose(of).tolist())
            for learner, game, seed, *of in found
        }


def copy_out(database: duckdb.DuckDBPyConnection, what: str, path: Path, form: str) -> None:
    """Write a table of a database into a file; a reader sees the old file or the new one.

    Args:
        database: that has it.
        what: the name of the table, or a query in brackets.
        path: of the file.
        form: in the words of DuckDB's COPY.

    Raises:
        WriteError: it cannot be written.
    """
    with writing(path, duckdb.IOException), whole_file(path) as beside:
        database.execute(f"COPY {what} TO '{str(beside).replace(chr(39), chr(39) * 2)}' ({form})")
