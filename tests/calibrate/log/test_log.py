"""Logs are read as they are, in every format; what cannot be true is said exactly, and dropped only if asked for."""

import csv
import gzip
import json
import resource

import duckdb
import numpy as np
import pytest

from routegame import Game
from routegame.calibrate.estimate.tally import Ending, tally
from routegame.calibrate.log.layout import Layout, LogError
from routegame.calibrate.log.log import open_log
from routegame.calibrate.log.simulated import LogPlan, Segment, write_log

GAME = Game(9, 15, (0.1, 0.3), (1, 2), (1, 3.6))
PLAN = LogPlan(GAME, ((1, 0.0), (1, 0.3), (2, 0.0)), num_tasks=600, temperature=1.0, seed=3)
HEADER = ["task", "pass", "model", "latency", "cost", "success", "next"]
COLUMNS = [*HEADER, "segment"]


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


def changed(rows, *edits):
    copy = [list(row) for row in rows]
    for line, column, value in edits:
        copy[line][COLUMNS.index(column)] = value
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
    ("task", "", "without a task"),
    ("pass", "0", "whose pass is no whole number from 1"),
    ("pass", "1.5", "whose pass is no whole number from 1"),
    ("model", "gpt", "whose model is neither 1 nor 2 (but gpt 1 times;"),
    ("latency", "x", "whose latency is no number"),
    ("latency", "inf", "whose latency is no number"),
    ("latency", "-0.5", "with a negative latency"),
    ("latency", "1e19", "with a latency beyond all measure"),
    ("cost", "", "whose cost is no number"),
    ("cost", "-1", "with a negative cost"),
    ("cost", "1e300", "with a cost beyond all measure"),
    ("success", "2", "whose success is neither 0 nor 1"),
    ("next", "maybe", "whose next is not retry, leave or empty"),
    ("success", "1", "in which a user decides on next after a success"),
]


def test_rows_that_cannot_be_true_are_named_and_can_be_dropped(tmp_path, rows):
    """Each in a task of its own; two of a kind are counted together."""
    begins = [k for k in range(1, len(rows)) if rows[k][6] == "retry" and rows[k][1] == "1"]
    lines = dict(zip(BAD_ROWS, begins, strict=False))
    spoiled = changed(rows, *((line, column, value) for (column, value, _), line in lines.items()))
    path = write(tmp_path / "log.csv", spoiled)
    with pytest.raises(LogError) as error, open_log(path):
        pass
    message = str(error.value)
    assert "\n" not in message
    for said in {said for _, _, said in BAD_ROWS}:
        places = ", ".join(str(line + 1) for (_, _, of), line in lines.items() if of == said)
        number = places.count(",") + 1
        assert f"{number} row{'s' * (number > 1)} {said}" in message and f"(first: line {places})" in message
    log, found = counted(path, drop_bad_rows=True)
    tasks = {rows[line][0] for line in lines.values()}
    assert log.dropped.tasks == len(tasks) == len(BAD_ROWS) and log.num_tasks == 600 - len(tasks)
    assert log.dropped.passes == sum(row[0] in tasks for row in rows) - 1  # a row without a task is in none
    assert found.blocks.passes.sum() == found.moments.passes[0].sum() == log.num_passes
    assert log.dropped.message.startswith("Left out: 1 row without a task")
    assert sum(log.dropped.faults.values()) == len(BAD_ROWS) + 1  # without that row its task has a gap


BAD_TASKS = [
    (lambda rows, k: changed(rows, (k, "success", "1"), (k, "next", "")), "continued after a success"),
    (lambda rows, k: changed(rows, (k, "next", "leave")), "continued after the user left"),
    (lambda rows, k: [*rows[:k], rows[k], *rows[k:]], "with the same pass more than once"),
    (lambda rows, k: [*rows[:k], *rows[k + 1 :]], "with a gap in pass, or without a first one"),
    (lambda rows, k: changed(rows, (k, "next", "")), "retried though next is empty"),
    (lambda rows, k: changed(rows, (k, "segment", "b")), "in more than one segment"),
]


def test_tasks_that_contradict_themselves_are_named_and_can_be_dropped(tmp_path, rows):
    begins = [k for k in range(1, len(rows)) if rows[k][6] == "retry" and rows[k][1] == "1"]
    spoiled = [[*row[:7], "a"] for row in rows]
    spoiled[0][7] = "segment"
    names = [rows[k][0] for k in begins[: len(BAD_TASKS)]]
    for (spoil, _), name in zip(BAD_TASKS, names, strict=True):
        spoiled = spoil(spoiled, next(k for k, row in enumerate(spoiled) if row[0] == name))
    path = write(tmp_path / "log.csv", spoiled)
    with pytest.raises(LogError) as error, open_log(path):
        pass
    for (_, said), name in zip(BAD_TASKS, names, strict=True):
        line = next(k for k, row in enumerate(spoiled) if row[0] == name) + 1
        assert f"1 task {said} (begin at line {line})" in str(error.value)
    log, _ = counted(path, drop_bad_rows=True)
    assert (log.dropped.tasks, log.num_tasks) == (len(BAD_TASKS), 600 - len(BAD_TASKS))
    assert dict(log.dropped.faults) == {f"tasks {said}": 1 for _, said in BAD_TASKS}


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


def test_so_many_broken_lines_are_counted_and_not_remembered(tmp_path, rows):
    path = write(tmp_path / "log.csv", rows)
    with path.open("a") as file:
        file.write("garbage\n" * 300_000)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with pytest.raises(LogError, match="300,000 broken lines"):
        counted(path)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 5 * 10**5  # kB; DuckDB: 1.5 GB


def test_what_follows_an_open_quote_is_counted(tmp_path, rows):
    text = [",".join(row[:7]) for row in rows]
    (tmp_path / "log.csv").write_text("\n".join([*text[:300], '"' + text[300], *text[301:]]) + "\n")
    with pytest.raises(LogError, match=rf"{len(rows) - 300} broken lines, with a quote .* \(first: line 301\)"):
        counted(tmp_path / "log.csv")
    log, _ = counted(tmp_path / "log.csv", drop_bad_rows=True)
    assert log.num_passes == 299 and log.dropped.lines == len(rows) - 300


def test_lines_are_numbered_as_editors_do(tmp_path, rows):
    """A quoted field may go on over lines and hold quotes, and lines may be empty."""
    bad = changed(rows, (60, "latency", "-1"))
    noted = [[*row[:7], 'say "hi",\nthen go'[: 3 + 15 * (k % 7 == 3)]] for k, row in enumerate(bad)]
    path = write(tmp_path / "log.csv", noted)
    lines = path.read_text().splitlines()
    lines[40:40] = ["", "1,2", ""]
    path.write_text("\n".join(lines))
    with pytest.raises(LogError) as error:
        counted(path)
    line = next(k for k, text in enumerate(lines, 1) if ",-1," in text)
    assert line > 68 and f"1 row with a negative latency (first: line {line})" in str(error.value)
    assert "1 broken line, with missing columns (first: line 42)" in str(error.value)


def test_a_parquet_column_of_another_type_is_refused(tmp_path):
    write_log(PLAN, tmp_path / "good.parquet")
    query = f"SELECT * REPLACE (to_seconds(latency) AS latency) FROM '{tmp_path}/good.parquet'"
    duckdb.sql(f"COPY ({query}) TO '{tmp_path}/bad.parquet' (FORMAT parquet)")
    with pytest.raises(LogError, match="has a column latency of type INTERVAL: a number is needed"):
        counted(tmp_path / "bad.parquet")


def test_a_folder_is_no_log(tmp_path):
    (tmp_path / "log.csv").mkdir()
    with pytest.raises(LogError, match=r"LOG must be a file, got the folder .*log\.csv"):
        counted(tmp_path / "log.csv")


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
    ("log.jsonl", lambda rows: b"{oops\n", "is no JSON Lines file: none of its first 1,000 lines"),
    ("log.jsonl", lambda rows: b'{"task": 1}\n', "lacks columns pass"),
    ("log.xlsx", lambda rows: b"x", "LOG must be a file whose name ends in"),
    ("log", lambda rows: b"x", "LOG must be a file whose name ends in"),
]


@pytest.mark.parametrize("name,content,said", UNREADABLE, ids=[f"{name} {said[:25]}" for name, _, said in UNREADABLE])
def test_a_file_that_is_no_log_is_refused_in_a_sentence(tmp_path, rows, name, content, said):
    path = tmp_path / name
    path.write_bytes(content(rows))
    with pytest.raises(LogError) as error, open_log(path, drop_bad_rows=True):
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
