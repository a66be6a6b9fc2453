"""Runs as a table for others: a row a run in order, in two formats that agree, the same to the last byte."""

import csv

import duckdb
import pytest

from routegame.eval.bench.row import COLUMNS
from routegame.eval.bench.runs_table import write_table

EMPTY = dict.fromkeys(COLUMNS)
ROWS = [
    {
        **EMPTY,
        "learner": "b",
        "seed": 3,
        "certified": True,
        "leader_regret_relative": 0.1,
        "message": 'two\nlines, "q"',
    },
    {**EMPTY, "learner": "a", "seed": 2**40, "certified": False, "leader_regret_relative": float("inf")},
    {**EMPTY, "learner": "ä'b", "status": "timed out", "leader_regret_relative": 1 / 3},
]


@pytest.fixture
def folder(tmp_path):
    return tmp_path


def test_rows_come_back_in_order_and_as_they_were(folder):
    write_table(ROWS, folder)
    found = duckdb.sql(f"SELECT * FROM '{folder}/runs.parquet'")
    assert found.columns == list(COLUMNS)
    assert [dict(zip(COLUMNS, row, strict=True)) for row in found.fetchall()] == ROWS
    assert [str(kind) for kind in found.types] == list(COLUMNS.values())


def test_both_formats_say_the_same(folder):
    write_table(ROWS, folder)
    with (folder / "runs.csv").open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert [row["learner"] for row in rows] == ["b", "a", "ä'b"] and list(rows[0]) == list(COLUMNS)
    assert rows[0]["message"] == 'two\nlines, "q"' and rows[0]["certified"] == "true"
    assert float(rows[2]["leader_regret_relative"]) == 1 / 3 and rows[1]["leader_regret_relative"] == "inf"
    assert rows[2]["seed"] == "", "what is not there is empty"


def test_files_are_the_same_to_the_last_byte_and_old_ones_make_way(folder):
    names = ("runs.csv", "runs.parquet")
    write_table(ROWS * 10, folder)
    before = [(folder / name).read_bytes() for name in names]
    write_table(ROWS, folder)
    write_table(ROWS * 10, folder)
    assert [(folder / name).read_bytes() for name in names] == before
    assert sorted(left.name for left in folder.iterdir()) == list(names)


def test_a_bench_without_runs_has_columns(folder):
    write_table([], folder)
    assert (folder / "runs.csv").read_text().splitlines() == [",".join(COLUMNS)]
    assert duckdb.sql(f"SELECT * FROM '{folder}/runs.parquet'").columns == list(COLUMNS)


def test_a_folder_may_have_quotes_in_its_name(folder):
    quoted = folder / "it's"
    quoted.mkdir()
    write_table(ROWS, quoted)
    assert (quoted / "runs.csv").exists()
