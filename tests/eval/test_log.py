"""Logs are read as they are, in every format; what cannot be true is said exactly, and dropped only if asked for."""

import csv
import gzip
import json

import duckdb
import numpy as np
import pytest

from routegame import Game
from routegame.eval.faults import LogError
from routegame.eval.log import Layout, open_log
from routegame.eval.simulated_log import LogPlan, Segment, write_log
from routegame.eval.tally import Ending, tally

GAME = Game(9, 15, (0.1, 0.3), (1, 2), (1, 3.6))
PLAN = LogPlan(GAME, ((1, 0.0), (1, 0.3), (2, 0.0)), num_tasks=600, temperature=1.0, seed=3)
HEADER = ["task", "pass", "model", "latency", "cost", "success", "next"]


@pytest.fixture(scope="module")
def rows(tmp_path_factory):
    """The rows of a good log, as text; the 2nd task begins in line 3 or so."""
    path = tmp_path_factory.mktemp("log") / "log.csv"
    write_log(PLAN, path)
    with path.open(newline="") as file:
        return list(csv.reader(file))


def write(path, rows):
    with path.open("w", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows(rows)
    return path


def counted(path, layout=None, **options):
    with open_log(path, layout, **options) as log:
        found = tally(log)
        return log, found


def failed(rows):
    """The first line, counted from 0, of a task with at least two passes."""
    return next(k for k in range(1, len(rows)) if rows[k][6] == "retry" and rows[k][1] == "1")


def changed(rows, *edits):
    copy = [list(row) for row in rows]
    for line, column, value in edits:
        copy[line][HEADER.index(column)] = value
    return copy


@pytest.mark.parametrize("ending", ["csv", "csv.gz", "jsonl", "jsonl.gz", "parquet"])
def test_every_format_says_the_same(tmp_path, rows, ending):
    num_tasks, num_passes = write_log(PLAN, tmp_path / f"log.{ending}")
    log, found = counted(tmp_path / f"log.{ending}")
    assert (log.num_tasks, log.num_passes, log.dropped.tasks) == (num_tasks, num_passes, 0) == (600, len(rows) - 1, 0)
    body = np.array(rows[1:])
    for k in (0, 1):
        of_model = body[:, 2] == str(k + 1)
        assert found.moments.passes[0, k] == of_model.sum()
        assert found.moments.success[0, k] == (of_model & (body[:, 5] == "1")).sum()
        assert found.moments.latency[0, k] == pytest.approx(body[of_model, 3].astype(float).sum())
        assert found.moments.cost[0, k] == pytest.approx(body[of_model, 4].astype(float).sum())
    shapes = found.shapes
    assert shapes.count[shapes.ending == Ending.LEFT].sum() == (body[:, 6] == "leave").sum()
    assert shapes.count[shapes.ending == Ending.SOLVED].sum() == (body[:, 5] == "1").sum()
    assert (shapes.count * (shapes.n1 + shapes.n2)).sum() == len(body)


def test_order_of_rows_and_columns_and_other_names_do_not_matter(tmp_path, rows):
    _, expected = counted(write(tmp_path / "log.csv", rows))
    order = np.random.default_rng(0).permutation(len(rows) - 1) + 1
    renamed = [["ok" if name == "success" else name for name in rows[0]], *(rows[k] for k in order)]
    names = {"1": "small one", "2": 'big; "one"'}
    mixed = [[*row[:2], names.get(row[2], row[2]), *row[3:], "x"][::-1] for row in renamed]
    mixed[0][0] = "prompt"
    layout = Layout.of(["success=ok"], ("small one", 'big; "one"'))
    path = tmp_path / "mixed.csv"
    with path.open("w", newline="") as file:
        csv.writer(file, delimiter=";").writerows(mixed)
    _, found = counted(path, layout)
    assert all(
        np.array_equal(x, y, equal_nan=True)
        for x, y in zip(vars(expected.shapes).values(), vars(found.shapes).values(), strict=True)
    )
    assert np.allclose(found.moments.latency_spread, expected.moments.latency_spread)


def test_numbers_that_were_floats_on_the_way_are_read(tmp_path, rows):
    """A pass of 1.0, a success of True or 0.0 and a next of NaN are what pandas makes of empty cells."""
    text = [
        [*row[:1], f"{row[1]}.0", f"{row[2]}.0", *row[3:5], {"1": "True", "0": "0.0"}.get(row[5]), row[6] or "NaN"]
        for row in rows[1:]
    ]
    _, expected = counted(write(tmp_path / "log.csv", [row[:7] for row in rows]))
    _, found = counted(write(tmp_path / "floats.csv", [HEADER, *text]))
    assert np.array_equal(found.shapes.count, expected.shapes.count)


BAD_ROWS = [
    ("task", "", "1 row without a task"),
    ("pass", "0", "1 row whose pass is no whole number from 1"),
    ("pass", "1.5", "1 row whose pass is no whole number from 1"),
    ("model", "gpt", "1 row whose model is neither 1 nor 2 (but gpt 1 times;"),
    ("latency", "x", "1 row whose latency is no number"),
    ("latency", "inf", "1 row whose latency is no number"),
    ("latency", "-0.5", "1 row with a negative latency"),
    ("cost", "", "1 row whose cost is no number"),
    ("cost", "-1", "1 row with a negative cost"),
    ("success", "2", "1 row whose success is neither 0 nor 1"),
    ("next", "maybe", "1 row whose next is not retry, leave or empty"),
    ("success", "1", "1 row in which a user decides on next after a success"),
]


@pytest.mark.parametrize("column,value,said", BAD_ROWS)
def test_a_row_that_cannot_be_true_is_named_and_can_be_dropped(tmp_path, rows, column, value, said):
    line = failed(rows)
    task = rows[line][0]
    path = write(tmp_path / "log.csv", changed(rows, (line, column, value)))
    with pytest.raises(LogError) as error, open_log(path):
        pass
    assert said in str(error.value) and f"(first: line {line + 1})" in str(error.value) and "\n" not in str(error.value)
    log, found = counted(path, drop_bad_rows=True)
    passes = sum(row[0] == task for row in rows) - (column == "task")
    assert (log.dropped.tasks, log.dropped.passes) == (1, passes)
    assert log.num_tasks == 599 and found.blocks.passes.sum() == found.moments.passes[0].sum() == log.num_passes
    assert said.split(" (")[0].split(" ", 2)[2] in str(log.dropped.faults) and log.dropped.message.startswith(
        "Left out: 1"
    )


BAD_TASKS = [
    (lambda rows, k: changed(rows, (k, "success", "1"), (k, "next", "")), "continued after a success"),
    (lambda rows, k: changed(rows, (k, "next", "leave")), "continued after the user left"),
    (lambda rows, k: [*rows[:k], rows[k], *rows[k:]], "with the same pass more than once"),
    (lambda rows, k: [*rows[:k], *rows[k + 1 :]], "with a gap in pass, or without a first one"),
    (lambda rows, k: changed(rows, (k, "next", "")), "retried though next is empty"),
    (
        lambda rows, k: [[*row, "ab"[j == k] if j else "segment"] for j, row in enumerate(rows)],
        "in more than one segment",
    ),
]


@pytest.mark.parametrize("spoil,said", BAD_TASKS, ids=[said for _, said in BAD_TASKS])
def test_a_task_that_contradicts_itself_is_named_and_can_be_dropped(tmp_path, rows, spoil, said):
    line = failed(rows)
    path = write(tmp_path / "log.csv", spoil(rows, line))
    with pytest.raises(LogError) as error, open_log(path):
        pass
    assert f"1 task {said} (begin at line {line + 1})" in str(error.value)
    log, _ = counted(path, drop_bad_rows=True)
    assert (log.dropped.tasks, log.num_tasks, dict(log.dropped.faults)) == (1, 599, {f"tasks {said}": 1})


def test_faults_of_several_kinds_are_counted_one_by_one(tmp_path, rows):
    path = write(tmp_path / "log.csv", changed(rows, (5, "latency", "-1"), (9, "latency", "-1"), (20, "cost", "-1")))
    with pytest.raises(
        LogError, match=r"2 rows with a negative latency \(first: line 6, 10\); 1 row with a negative cost"
    ) as error:
        counted(path)
    assert "--drop-bad-rows leaves them out: 3 tasks concerned of 600" in str(error.value)


def test_lines_that_are_no_rows_move_no_line_number(tmp_path, rows):
    broken = [*rows[:4], ["1", "2"], *changed(rows, (5, "latency", "-1"))[4:], list("abcdefghijkl")]
    path = write(tmp_path / "log.csv", broken)
    with pytest.raises(LogError, match="2 broken lines") as error:
        counted(path)
    assert f"missing columns, too many columns (first: line 5, {len(broken):,}); 1 row with" in str(error.value)
    assert "1 row with a negative latency (first: line 7)" in str(error.value)
    log, _ = counted(path, drop_bad_rows=True)
    assert log.dropped.lines == 2


def test_more_broken_lines_than_are_remembered_are_all_counted(tmp_path, rows):
    path = write(tmp_path / "log.csv", [*rows, *[["garbage"]] * 3000])
    with pytest.raises(LogError, match="3,000 broken lines"):
        counted(path)


@pytest.mark.parametrize(
    "column,factor,said", [("latency", 1000, "a factor of 1,000 apart"), ("cost", 100, "a factor of 100 apart")]
)
def test_mixed_units_are_found(tmp_path, rows, column, factor, said):
    place = HEADER.index(column)
    mixed = [
        [*row[:place], repr(float(row[place]) * factor), *row[place + 1 :]] if k % 5 == 1 else row
        for k, row in enumerate(rows)
    ]
    plan_of_models = [row for row in mixed[1:] if row[2] == "2"]
    path = write(tmp_path / "log.csv", mixed)
    with pytest.raises(LogError, match=said) as error:
        counted(path)
    assert f"of model 2 whose {column} is around" in str(error.value) and plan_of_models
    log, found = counted(path, drop_bad_rows=True)
    assert log.dropped.tasks > 100
    value = (found.moments.latency if column == "latency" else found.moments.cost)[0] / found.moments.passes[0]
    assert value == pytest.approx(GAME.latency if column == "latency" else GAME.cost, rel=0.2)


def test_two_models_under_one_name_are_found(tmp_path):
    write_log(LogPlan(GAME, ((1, 0.0),), num_tasks=1000, noise=0.1, seed=1), tmp_path / "a.csv")
    better = Game(9, 15, (0.6, 0.7), (1, 2), (5, 3.6))
    write_log(LogPlan(better, ((1, 0.0),), num_tasks=400, noise=0.1, seed=2), tmp_path / "b.csv")
    first, second = ((tmp_path / name).read_text().splitlines() for name in ("a.csv", "b.csv"))
    (tmp_path / "log.csv").write_text("\n".join([*first, *(f"b{line}" for line in second[1:])]))
    with pytest.raises(LogError, match=r"of model 1 whose cost is around .* what looks like two models"):
        counted(tmp_path / "log.csv")


def test_a_wide_but_single_group_of_values_is_none_of_these(tmp_path):
    write_log(LogPlan(GAME, ((1, 0.5),), num_tasks=3000, noise=3.0, seed=1), tmp_path / "log.csv")
    counted(tmp_path / "log.csv")


def compressed(rows):
    return gzip.compress("\n".join(",".join(row) for row in rows).encode())


UNREADABLE = [
    ("log.csv", lambda rows: b"", "is empty: 0 bytes"),
    ("log.csv", lambda rows: ",".join(HEADER).encode() + b"\n", "is empty: it has columns, and no rows"),
    ("log.csv", lambda rows: b"\n\n", "is empty: its first line"),
    (
        "log.csv",
        lambda rows: b"task,pass,model\n1,1,1\n",
        "lacks columns latency, cost, success, next; it has task, pass, model;",
    ),
    ("log.csv", lambda rows: ",".join([*HEADER, "task"]).encode() + b"\n", "more than one column called task"),
    ("log.csv", lambda rows: ",".join(HEADER).encode("utf-16"), "is not UTF-8 text: it begins like UTF-16"),
    ("log.csv", lambda rows: "täsk,pass".encode("latin-1"), "is not UTF-8 text: byte 0xe4"),
    ("log.csv.gz", lambda rows: compressed(rows)[:15], "is cut short"),
    ("log.csv.gz", lambda rows: compressed(rows)[:-3000], "is cut short"),
    ("log.csv.gz", lambda rows: b"hello", "is not what its name says"),
    ("log.parquet", lambda rows: b"PAR1 and nothing else, for longer than a footer", "cannot be read"),
    ("log.jsonl", lambda rows: b"{oops\n", "lacks columns task"),
    ("log.xlsx", lambda rows: b"x", "LOG must be a file whose name ends in"),
    ("log", lambda rows: b"x", "LOG must be a file whose name ends in"),
]


@pytest.mark.parametrize("name,content,said", UNREADABLE, ids=[f"{name} {said[:25]}" for name, _, said in UNREADABLE])
def test_a_file_that_is_no_log_is_refused_in_a_sentence(tmp_path, rows, name, content, said):
    path = tmp_path / name
    path.write_bytes(content(rows))
    for drop in (False, True):
        with pytest.raises(LogError) as error, open_log(path, drop_bad_rows=drop):
            pass
        assert said in str(error.value) and "\n" not in str(error.value)


def test_a_log_of_nothing_but_bad_rows_is_refused_even_so(tmp_path):
    path = write(tmp_path / "log.csv", [HEADER, *([str(k), "1", "1", "-1", "1", "0", "leave"] for k in range(5))])
    with pytest.raises(LogError, match=r"5 rows with a negative latency .* No task is left"):
        counted(path, drop_bad_rows=True)


def test_json_lines_that_are_none_are_counted(tmp_path):
    good = {"task": "a", "pass": 1, "model": 1, "latency": 1e-3, "cost": 1, "success": True, "next": None}
    (tmp_path / "log.jsonl").write_text(json.dumps(good) + "\n{oops\n[1]\n")
    with pytest.raises(LogError, match=r"2 rows without a task \(first: line 2, 3\)"):
        counted(tmp_path / "log.jsonl")
    log, _ = counted(tmp_path / "log.jsonl", drop_bad_rows=True)
    assert (log.num_tasks, log.num_passes) == (1, 1)


def test_rows_of_a_parquet_file_are_counted_from_1(tmp_path):
    write_log(PLAN, tmp_path / "good.parquet")
    query = f"SELECT * REPLACE (if(row_number() OVER () = 7, -1, cost) AS cost) FROM '{tmp_path}/good.parquet'"
    duckdb.sql(f"COPY ({query}) TO '{tmp_path}/bad.parquet' (FORMAT parquet)")
    with pytest.raises(LogError, match=r"1 row with a negative cost \(first: row 7\)"):
        counted(tmp_path / "bad.parquet")


@pytest.mark.parametrize("specs,models", [(["ok=success"], ("1", "2")), (["success"], ("1", "2")), ([], ("a", "a"))])
def test_a_layout_that_makes_no_sense_is_refused(specs, models):
    with pytest.raises(LogError, match="must be"):
        Layout.of(specs, models)


def test_segments_and_users_are_told_apart(tmp_path):
    segments = (Segment("a'b", 1.0), Segment("c", 3.0, 0.5))
    plan = LogPlan(GAME, ((1, 0.2),), num_tasks=3000, temperature=1.0, num_users=100, segments=segments)
    write_log(plan, tmp_path / "log.csv")
    log, found = counted(tmp_path / "log.csv")
    assert log.segments == found.segments == ("a'b", "c") and log.has_users
    assert (found.moments.passes[0] == found.moments.passes[1:].sum(axis=0)).all()
    assert found.moments.clusters[0, 0] == 100 == found.moments.clusters[1:, 0].sum()
