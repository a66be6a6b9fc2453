"""Are runs of a committed leaderboard the same when they are made again? Some of them, drawn at random.

python tests/study_same_rows.py docs/results/menus --rows 20
"""

from __future__ import annotations

import argparse
import random
import tempfile
from math import isclose
from pathlib import Path

from routegame.envs.document import read_document
from routegame.eval.bench.bench import Bench, BenchPlan
from routegame.eval.bench.local_engine import LocalEngine
from routegame.eval.bench.row import CLOCK, FINISHED, Row, read_row
from routegame.eval.bench.suites import instances
from routegame.train.learner import LEARNERS

UNLIKE = (*CLOCK, "versions", "machine")
"""Columns that tell where and when a run was made."""

TEXTS = ("coordinates", "equilibrium_coordinates")
"""Columns of numbers in words; what they are of is in the others, too."""

ROUNDING = 1e-7
"""Share of a number that processors may differ by: sums are added up in another order."""


def made_again(row: Row, folder: Path) -> Row:
    """Make a run again, by the learner as it is now."""
    game = next(known for known in instances(row["suite"]) if known.name == row["instance"])
    bench = Bench(folder, BenchPlan(row["suite"], [game], [row["learner"]], [row["seed"]]))
    list(bench.run(LocalEngine(1, 900.0)))
    return bench.rows()[0]


def differences(row: Row, again: Row, digits: float) -> list[str]:
    """Return the columns in which rows differ; numbers by more than a share of themselves."""

    def alike(one: object, other: object) -> bool:
        if isinstance(one, float) and isinstance(other, float):
            return one == other or isclose(one, other, rel_tol=digits, abs_tol=digits)
        return one == other

    return [name for name in row if name not in (*UNLIKE, *TEXTS) and not alike(row[name], again[name])]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("boards", nargs="+", type=Path)
    parser.add_argument("--rows", type=int, default=20, help="of each board")
    parser.add_argument("--learners", nargs="+", default=list(LEARNERS))
    parser.add_argument("--seed", type=int, default=0, help="of the draw")
    options = parser.parse_args()
    for path in options.boards:
        board = read_document(path / "leaderboard.json", "a leaderboard")
        rows = [read_row(dict(zip(board["columns"], row, strict=True))) for row in board["rows"]]
        wanted = [row for row in rows if row["status"] == FINISHED and row["learner"] in options.learners]
        drawn = random.Random(options.seed).sample(wanted, min(options.rows, len(wanted)))
        exact = close = 0
        for row in drawn:
            with tempfile.TemporaryDirectory() as folder:
                again = made_again(row, Path(folder) / "bench")
            exact += not differences(row, again, 0.0)
            others = differences(row, again, ROUNDING)
            close += not others
            for name in others:
                which = f"{row['learner']} on {row['instance']}, seed {row['seed']}"
                print(f"{path}: {which}: {name} was {row[name]} and is {again[name]}", flush=True)
        told = f"{exact} of {len(drawn)} runs are the same to the last digit, {close} but for rounding"
        print(f"{path}: {told}", flush=True)


if __name__ == "__main__":
    main()
