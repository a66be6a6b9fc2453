"""Learning curves as a table for others, and back."""

import duckdb
import pytest

from routegame.envs.document import FileError
from routegame.eval.run.curve_table import CURVES, read_curves, write_curves
from routegame.eval.run.learning_curve import LearningCurve

KEYS = [("b", "g", 3), ("a", "g", 2**40), ("ä'b", "h", 1)]
ROWS = [dict(zip(("learner", "instance", "seed"), key, strict=True)) for key in KEYS]
POINTS = [[1000.0, 0.1, float("inf")], [2**53 - 1, 1 / 3, 1e-300], [2**53 - 1, 0.5, 0.0]]


def test_curves_come_back_as_they_were(tmp_path):
    """Of runs without one there is nothing, and what a run judged is in its order."""
    write_curves(ROWS, [LearningCurve.of(POINTS), None, LearningCurve.of([])], tmp_path)
    found = duckdb.sql(f"SELECT * FROM '{tmp_path}/curves.parquet'")
    assert dict(zip(found.columns, map(str, found.types), strict=True)) == CURVES
    assert found.fetchall() == [("b", "g", 3, k, *point) for k, point in enumerate(POINTS)]
    write_curves([], [], tmp_path)
    assert duckdb.sql(f"SELECT * FROM '{tmp_path}/curves.parquet'").fetchall() == []


def test_they_are_read_by_run(tmp_path):
    write_curves(ROWS, [LearningCurve.of(POINTS), None, LearningCurve.of(POINTS[:1])], tmp_path)
    found = read_curves(tmp_path / "curves.parquet")
    assert {key: curve.points() for key, curve in found.items()} == {KEYS[0]: POINTS, KEYS[2]: POINTS[:1]}
    assert read_curves(tmp_path / "nowhere") == {}


def test_another_file_is_damage(tmp_path):
    (tmp_path / "curves.parquet").write_text("no")
    with pytest.raises(FileError, match=r"curves\.parquet"):
        read_curves(tmp_path / "curves.parquet")
