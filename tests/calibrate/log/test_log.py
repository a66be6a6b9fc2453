"""Logs are read as they are, in every format; what cannot be true is said exactly, and dropped only if asked for."""

import csv
import gzip
import json
import re
from itertools import product
from pathlib import Path
from shutil import copyfile

import duckdb
import numpy as np
import pytest
from log_rows import GAME, HEADER, PLAN, counted, write

from routegame.calibrate.log.ending import Ending
from routegame.calibrate.log.layout import Layout, LogError
from routegame.calibrate.log.log import open_log
from routegame.calibrate.log.simulated import LogPlan, write_log
from routegame.envs.checks import ParameterError


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


@pytest.mark.slow
@pytest.mark.parametrize(("few_words", "at_hand"), [(4, 1 << 40), (4, 0), (99, 1 << 40)])
def test_rows_of_a_long_file_stay_in_its_order(tmp_path, monkeypatch, few_words, at_hand):
    """It is longer than what DuckDB hands to one thread at a time, so that several read it if they may.

    A list of more than four words becomes a join, after which two threads would not keep the order.
    """
    monkeypatch.setattr("routegame.calibrate.log.entries.FEW_WORDS", few_words)
    monkeypatch.setattr("routegame.calibrate.log.log.AT_HAND", at_hand)
    count = 900_000
    with (tmp_path / "log.csv").open("w") as file:
        file.write("task,pass,model,latency,cost,success,next,user\n")
        file.writelines(f"task-{k:09},1,1,{k}.25,0.001,1,,user-{k % 977:05}\n" for k in range(1, count + 1))
    with open_log(tmp_path / "log.csv", threads=2) as log:
        ((rows, falls),) = log.rows("""SELECT count(*), count_if(latency < before)
            FROM (SELECT latency, lag(latency) OVER (ORDER BY rowid) AS before FROM passes)""")
    assert (rows, falls) == (count, 0)


@pytest.mark.parametrize(("ending", "factor"), [("csv", 1), ("csv.gz", 3), ("parquet", 3)])
def test_a_log_is_the_same_wherever_its_passes_are_kept(tmp_path, rows, monkeypatch, ending, factor):
    plain, path, kept, found = write(tmp_path / "log.csv", rows), tmp_path / f"log.{ending}", [], []
    if path != plain:
        duckdb.execute(f"COPY (FROM '{plain}') TO '{path}'")
    for at_hand in (factor * path.stat().st_size, factor * path.stat().st_size - 1):
        monkeypatch.setattr("routegame.calibrate.log.log.AT_HAND", at_hand)
        with open_log(path) as log:
            kept += log.rows("SELECT path IS NULL FROM duckdb_databases() WHERE NOT internal")
            found.append([log.rows(f"SELECT * FROM {table} ORDER BY ALL") for table in ("passes", "tasks")])
    assert kept == [(True,), (False,)]
    assert found[0] == found[1]


def test_numbers_that_were_floats_on_the_way_are_read(tmp_path, rows):
    """A pass of 1.0, a success of True or 0.0 and a next of NaN are what pandas makes of empty cells."""
    text = [
        [*row[:1], f"{row[1]}.0", f"{row[2]}.0", *row[3:5], {"1": "True", "0": "0.0"}.get(row[5]), row[6] or "NaN"]
        for row in rows[1:]
    ]
    _, expected = counted(write(tmp_path / "log.csv", [row[:7] for row in rows]))
    _, found = counted(write(tmp_path / "floats.csv", [HEADER, *text]))
    assert np.array_equal(found.shapes.count, expected.shapes.count)


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


def test_a_damaged_parquet_file_is_refused_wherever_the_damage_is(tmp_path):
    """What its reader takes over from a library, `TProtocolException`, is an error of no class of its own."""
    path, said = tmp_path / "log.parquet", []
    write_log(PLAN, path)
    whole = path.read_bytes()
    for tenth in range(10):
        at = len(whole) * tenth // 10
        path.write_bytes(whole[:at] + b'"' + whole[at:])
        with pytest.raises(LogError) as error, open_log(path):
            pass
        said.append(str(error.value))
    assert all("cannot be read" in one and "\n" not in one for one in said)
    assert any("TProtocolException" in one for one in said)


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


ENDINGS = ["csv", "csv.gz", "jsonl", "parquet"]

ODD_NAMES = [
    "log[1]",
    "log*",
    "lo?",
    "[ab]",
    "log{1,2}",
    "~log",
    "it's",
    "log[",
    "log]1[",
    "lo\\g",
    "a b%20c",
    "log[!1]",
]


@pytest.fixture(scope="module")
def few_tasks(tmp_path_factory):
    """Two folders with a log of seven tasks and one of nine in every format."""
    folders = []
    for num_tasks in (7, 9):
        folder = tmp_path_factory.mktemp(f"tasks{num_tasks}")
        plan = LogPlan(GAME, ((1, 0.1),), num_tasks=num_tasks, temperature=1.0, seed=1)
        for ending in ENDINGS:
            write_log(plan, folder / f"log.{ending}")
        folders.append(folder)
    return folders


@pytest.mark.quick_cases(2)
@pytest.mark.parametrize(
    "name,ending",
    [
        pytest.param(name, ending, marks=() if ending == "csv" or name == "log[1]" else pytest.mark.slow)
        for name, ending in product(ODD_NAMES, ENDINGS)
    ],
)
def test_a_file_is_read_whose_name_looks_like_a_pattern(tmp_path, monkeypatch, few_tasks, name, ending):
    """Beside it lie the files that the pattern would mean; a relative path is tried as well, and a folder so named."""
    seven, nine = few_tasks
    folder = tmp_path / name
    folder.mkdir()
    for place in (tmp_path, folder):
        for other in ("log1", "log2", "lox", "a", "log"):
            copyfile(nine / f"log.{ending}", place / f"{other}.{ending}")
        copyfile(seven / f"log.{ending}", place / f"{name}.{ending}")
    monkeypatch.chdir(tmp_path)
    odd, plain = f"{name}.{ending}", f"log1.{ending}"
    for path, wanted in ((tmp_path / odd, 7), (Path(odd), 7), (Path(name) / odd, 7), (folder / plain, 9)):
        with open_log(path) as log:
            assert log.num_tasks == wanted, path


@pytest.mark.parametrize("ending", ["csv", "jsonl", "parquet"])
def test_a_folder_is_no_column(tmp_path, rows, ending):
    """A folder called segment=b, as partitioned tables have them, says nothing of the log in it."""
    folder = tmp_path / "segment=b" / "user=1"
    folder.mkdir(parents=True)
    write_log(PLAN, folder / f"log.{ending}")
    log, _ = counted(folder / f"log.{ending}")
    assert (log.segments, log.has_users) == ((), False)


def json_lines(path, rows, extra):
    """A row a line; `extra` says, by the number of the row, what keys a line has besides the columns."""
    with path.open("w") as file:
        for number, row in enumerate(rows[1:]):
            file.write(json.dumps(dict(zip(rows[0], row, strict=True)) | extra(number, row)) + "\n")
    return path


@pytest.mark.parametrize("first", [999, 1000, 1050])
def test_a_key_that_first_appears_late_counts(tmp_path, rows, first):
    """Logged from a later day on: users, segments and commitments in force are those of the lines that have them."""
    bare = [[cell for name, cell in zip(rows[0], row, strict=True) if name != "cascade_prob"] for row in rows]
    since = int(rows[first][0]) + 1  # whole tasks, the first of which begins after that line

    def late(number, row):
        return {"user": int(row[0]) % 5, "cascade_prob": "0.1"} if int(row[0]) >= since else {}

    path = json_lines(tmp_path / "log.jsonl", bare, late)
    assert "user" not in "".join(path.read_text().splitlines()[:first])
    log, found = counted(path)
    assert log.has_users and log.has_cascade_prob
    backwards = path.read_text().splitlines()[::-1]
    again = tmp_path / "backwards.jsonl"
    again.write_text("\n".join(backwards) + "\n")
    _, other = counted(again)
    np.testing.assert_array_equal(found.moments.clusters, other.moments.clusters)
    np.testing.assert_allclose(found.moments.latency_spread, other.moments.latency_spread)


def test_a_segment_without_a_task_that_counts_is_left_out_and_named(tmp_path, rows):
    """A line that was cut off has no segment either, and nothing can be told of tasks that have none."""
    segment = rows[0].index("segment") if "segment" in rows[0] else None
    plain = [[cell for k, cell in enumerate(row) if k != segment] for row in rows[:60]]
    path = json_lines(tmp_path / "log.jsonl", plain, lambda number, row: {"segment": "ab"[int(row[0]) % 2]})
    with path.open("a") as file:
        file.write('{"task": 7, "segm\n')
        file.write(json.dumps(dict.fromkeys(plain[0], "x") | {"task": "odd", "segment": "c"}) + "\n")
    log, found = counted(path, drop_bad_rows=True)
    assert log.segments == ("a", "b") and np.isfinite(found.moments.passes).all()
    assert [f"The segment {name!r} has no task that counts, and is left out." in log.remarks for name in ("", "c")] == [
        True
    ] * 2


def test_a_key_that_no_line_has_is_no_column(tmp_path, rows):
    bare = [[cell for name, cell in zip(rows[0], row, strict=True) if name != "cascade_prob"] for row in rows]
    log, _ = counted(json_lines(tmp_path / "log.jsonl", bare, lambda number, row: {}))
    assert not (log.has_users or log.has_cascade_prob or log.segments)
    with pytest.raises(LogError, match="lacks the column latency"):
        without = [[cell for name, cell in zip(rows[0], row, strict=True) if name != "latency"] for row in rows]
        counted(json_lines(tmp_path / "less.jsonl", without, lambda number, row: {}))


@pytest.mark.quick_cases(2)
@pytest.mark.parametrize("nobody", ["", " ", "null", "NaN", "None"])
def test_an_unknown_user_is_a_user_of_its_own(tmp_path, rows, nobody):
    """Users without a name are not one user: the intervals are those of a log in which each task has its own."""
    named = [[*rows[0], "user"], *([*row, nobody if int(row[0]) % 10 else "u1"] for row in rows[1:])]
    apart = [[*rows[0], "user"], *([*row, f"of {row[0]}" if int(row[0]) % 10 else "u1"] for row in rows[1:])]
    one = [[*rows[0], "user"], *([*row, "u"] for row in rows[1:])]
    logs = {"named": named, "apart": apart, "one": one}
    moments = [counted(write(tmp_path / f"{name}.csv", log))[1].moments for name, log in logs.items()]
    for name in ("clusters", "latency_spread", "cost_spread", "success_spread"):
        np.testing.assert_allclose(getattr(moments[0], name), getattr(moments[1], name), rtol=1e-9)
    assert (moments[2].clusters < moments[0].clusters).all()


def test_a_task_has_the_user_that_some_of_its_rows_name(tmp_path, rows):
    """Known in one pass is known for the task, whatever the order of the rows."""
    first = {}
    for row in rows[1:]:
        first.setdefault(row[0], row[1])
    some = [[*row, f"u{int(row[0]) % 3}" if row[1] == "1" else ""] for row in rows[1:]]
    whole = [[*row, f"u{int(row[0]) % 3}"] for row in rows[1:]]
    head = [*rows[0], "user"]
    found = [
        counted(write(tmp_path / f"{k}.csv", [head, *log]))[1].moments
        for k, log in enumerate((some, whole, some[::-1]))
    ]
    assert set(first.values()) == {"1"}
    for other in found[1:]:
        np.testing.assert_array_equal(found[0].clusters, other.clusters)
    assert (found[0].clusters <= 3).all()


@pytest.mark.parametrize(
    "models,third",
    [
        (("claude-4", "claude-4.0"), "claude-4.0.0"),
        (("gpt-4", "o3"), "gpt-4.0"),
        (("7", "7.0"), "8.0"),
        (("a", "A"), "a "),
    ],
)
def test_names_of_models_are_text(tmp_path, rows, models, third):
    """X.0 is another model than X, and a third model is said to be one."""
    names = dict(zip("12", models, strict=True))
    log = [rows[0], *([*row[:2], names[row[2]], *row[3:]] for row in rows[1:])]
    _, expected = counted(write(tmp_path / "plain.csv", rows))
    _, found = counted(write(tmp_path / "named.csv", log), Layout.of(models=models))
    np.testing.assert_array_equal(found.moments.passes, expected.moments.passes)
    log[5][2] = third
    with pytest.raises(LogError, match=re.escape(third.strip())):
        counted(write(tmp_path / "third.csv", log), Layout.of(models=models))


def test_a_whole_number_is_a_model_also_as_a_float(tmp_path, rows):
    """What pandas makes of a column of 1 and 2 in which a cell was once missing."""
    _, expected = counted(write(tmp_path / "plain.csv", rows))
    floats = [rows[0], *([*row[:2], f"{row[2]}.0", *row[3:]] for row in rows[1:])]
    _, found = counted(write(tmp_path / "floats.csv", floats))
    np.testing.assert_array_equal(found.moments.passes, expected.moments.passes)


# ---- what is no ordinary pass


def test_a_pass_that_was_cut_off_is_a_failure_whose_user_waited_until_then(tmp_path, rows):
    """Whatever is logged for it: nobody waited longer."""
    late = [row for row in rows[1:] if row[5] == "0" and row[2] == "1"][::20]
    logged = [rows[0], *([*row[:3], "75", *row[4:]] if row in late else row for row in rows[1:])]
    with pytest.raises(LogError, match="--timeout-at 75 says so"):
        counted(write(tmp_path / "log.csv", logged))
    log, found = counted(tmp_path / "log.csv", timeout_at=60.0)
    others = [float(row[3]) for row in rows[1:] if row[2] == "1" and row not in late]
    assert found.moments.latency[0, 0] == pytest.approx(sum(others) + 60 * len(late))
    assert found.moments.passes[0].sum() == len(rows) - 1 and log.apart.cut_off == (len(late), 0)
    assert log.apart.without[0] == pytest.approx(np.mean(others))
    said = f"{len(late)} passes of model 1 were cut off at 60, as failures whose users waited until then; the mean"
    assert log.remarks[0].startswith(said)
    assert (
        log.apart.to_dict()["timeout_at"] == 60
        and counted(tmp_path / "log.csv", insist=True)[0].apart.to_dict()["timeout_at"] is None
    )


def test_each_model_may_have_a_limit_of_its_own(tmp_path, rows):
    failures = {model: [row for row in rows[1:] if row[5] == "0" and row[2] == model][::20] for model in "12"}
    late = {"1": "75", "2": "190"}
    logged = [[*row[:3], late[row[2]], *row[4:]] if row in failures.get(row[2], []) else row for row in rows]
    log, found = counted(write(tmp_path / "log.csv", logged), timeout_at=(60.0, 180.0))
    for k, (model, limit) in enumerate((("1", 60), ("2", 180))):
        others = [float(row[3]) for row in rows[1:] if row[2] == model and row not in failures[model]]
        assert found.moments.latency[0, k] == pytest.approx(sum(others) + limit * len(failures[model]))
    assert log.apart.cut_off == tuple(map(len, failures.values())) and log.apart.to_dict()["timeout_at"] == [60, 180]
    assert [remark.split(",")[0] for remark in log.remarks] == [
        f"{len(failures['1'])} passes of model 1 were cut off at 60",
        f"{len(failures['2'])} passes of model 2 were cut off at 180",
    ]
    with pytest.raises(LogError, match=r"successes of model 2 with a latency of 0\.5 or more"):
        counted(tmp_path / "log.csv", timeout_at=(60.0, 0.5))
    with pytest.raises(ParameterError, match=r"timeout_at must be one number, or one for each of 2 models, got \[1"):
        counted(tmp_path / "log.csv", timeout_at=(1.0, 2.0, 3.0))


def test_a_pass_that_never_came_back_was_cut_off(tmp_path, rows):
    late = next(k for k in range(1, len(rows)) if rows[k][5] == "0" and rows[k][2] == "1")
    path = write(tmp_path / "log.csv", [*rows[:late], [*rows[late][:3], "inf", *rows[late][4:]], *rows[late + 1 :]])
    with pytest.raises(LogError, match="1 row whose latency is no number"):
        counted(path)
    log, found = counted(path, timeout_at=60.0)
    others = sum(float(row[3]) for k, row in enumerate(rows[1:], 1) if row[2] == "1" and k != late)
    assert found.moments.latency[0, 0] == pytest.approx(others + 60) and log.apart.cut_off == (1, 0)


def test_a_time_out_before_which_passes_succeed_is_none(tmp_path, rows):
    path = write(tmp_path / "log.csv", rows)
    with pytest.raises(LogError, match=r"successes with a latency of 0\.5 or more: --timeout-at must be where passes"):
        counted(path, timeout_at=0.5)
    with pytest.raises(ParameterError, match="timeout_at must be"):
        counted(path, timeout_at=0.0)
    log, _ = counted(path, timeout_at=1e6)
    assert log.remarks == ("No pass was cut off at 1e+06.",)


def test_answers_from_a_cache_are_no_passes(tmp_path, rows):
    """A task counts up to the first of them, and one that begins with one does not count."""
    hits = {k for k in range(1, len(rows)) if k % 10 == 0}
    log = [[*rows[0], "hit"]]
    log += [
        [*row[:3], *(["0.002", "0"] if k in hits else row[3:5]), *row[5:], str(k in hits)]
        for k, row in enumerate(rows[1:], 1)
    ]
    first = {}
    for k in sorted(hits):
        first.setdefault(rows[k][0], int(rows[k][1]))
    kept = [row for row in rows[1:] if int(row[1]) < first.get(row[0], 10**9)]
    _, expected = counted(write(tmp_path / "kept.csv", [rows[0], *kept]))
    opened, found = counted(write(tmp_path / "log.csv", log), Layout.of(cached="hit"))
    np.testing.assert_array_equal(found.moments.latency, expected.moments.latency)
    np.testing.assert_array_equal(found.shapes.count, expected.shapes.count)
    np.testing.assert_array_equal(found.blocks.passes.sum(axis=0), expected.blocks.passes.sum(axis=0))
    left_out = sum(number == 1 for number in first.values())
    assert (opened.apart.cached, opened.apart.left_out) == (len(rows) - 1 - len(kept), left_out)
    assert opened.apart.shortened == len(first) - left_out and "came from a cache" in opened.remarks[-1]


def test_a_column_of_a_cache_has_to_say_so(tmp_path, rows):
    path = write(tmp_path / "log.csv", rows)
    with pytest.raises(LogError, match="rows whose cost is neither true nor false"):
        counted(path, Layout.of(cached="cost"))
    with pytest.raises(LogError, match="lacks the column hit"):
        counted(path, Layout.of(cached="hit"))
    never = write(tmp_path / "never.csv", [[*rows[0], "hit"], *([*row, ""] for row in rows[1:])])
    assert counted(never, Layout.of(cached="hit"))[0].remarks == ("No answer came from a cache, by the column hit.",)
    every = write(tmp_path / "every.csv", [[*rows[0], "hit"], *([*row, "1"] for row in rows[1:])])
    with pytest.raises(LogError, match="no task that does not begin with an answer from a cache"):
        counted(every, Layout.of(cached="hit"))


def with_cascades(rows, stated):
    """Rows that state a cascade probability, by a function of the number of the task."""
    return [[*rows[0][:7], "cascade_prob"], *([*row[:7], stated(int(row[0]))] for row in rows[1:])]


def test_commitments_are_told_apart_as_they_are_stated(tmp_path, rows):
    """On either side of a cliff they differ in the seventh digit of a percentage, and users answer otherwise."""
    stated = ["0.07832", "0.07832425", "0.3", "-0.0"]
    _, found = counted(write(tmp_path / "log.csv", with_cascades(rows, lambda task: stated[task % 4])))
    assert sorted(set(found.shapes.stated.tolist())) == [0.0, 0.07832, 0.07832425, 0.3]


def test_names_of_commitments_that_are_not_read_are_spoken_of(tmp_path, rows):
    named = [[*rows[0][:7], "commitment"], *([*row[:7], "ab"[int(row[0]) % 2]] for row in rows[1:])]
    path = write(tmp_path / "log.csv", named)
    said = "The column commitment is not read: of two models in the order of the paper commitments are told apart"
    log, _ = counted(path)
    assert [remark.startswith(said) for remark in log.remarks] == [True]
    log, _ = counted(path, Layout.of(order="free"))
    assert not any(remark.startswith(said) for remark in log.remarks)


def test_what_differs_by_noise_is_one_commitment_at_its_mean(tmp_path, rows):
    noisy = with_cascades(rows, lambda task: repr(0.07832425 + (task % 300 - 149.5) * 1e-11))
    _, found = counted(write(tmp_path / "log.csv", noisy))
    (stated,) = set(found.shapes.stated.tolist())
    assert stated == pytest.approx(0.07832425, abs=1e-10)


def test_many_commitments_are_some_200_at_their_means(tmp_path, rows):
    many = with_cascades(rows, lambda task: repr((task + 0.3) / 600))
    _, found = counted(write(tmp_path / "log.csv", many))
    stated = np.unique(found.shapes.stated)
    assert 90 < len(stated) <= 101 and np.diff(stated)[1:-1] == pytest.approx(0.01, abs=0.004)


def test_a_share_of_four_bytes_is_the_number_that_it_was(tmp_path, rows):
    path = write(tmp_path / "log.csv", with_cascades(rows, lambda task: "0.1"))
    read = f"SELECT * REPLACE (cascade_prob::FLOAT AS cascade_prob) FROM read_csv('{path}')"
    duckdb.execute(f"COPY ({read}) TO '{tmp_path / 'log.parquet'}'")
    assert set(counted(tmp_path / "log.parquet")[1].shapes.stated.tolist()) == {0.1}


@pytest.mark.parametrize("ending", ["csv", "jsonl"])
def test_a_column_in_another_case_is_said_not_to_be_read(tmp_path, rows, ending):
    named = [[*rows[0], "User"], *([*row, f"u{row[0]}"] for row in rows[1:])]
    path = (
        write(tmp_path / "log.csv", named)
        if ending == "csv"
        else json_lines(tmp_path / "log.jsonl", named, lambda number, row: {})
    )
    log, _ = counted(path)
    assert not log.has_users
    assert log.remarks == ("The column User is not read; --column user=User would.",)
