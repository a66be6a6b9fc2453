"""Rows and tasks that cannot be true are named, counted one by one, and left out with their tasks if asked for."""

import pytest
from log_rows import GAME, HEADER, changed, counted, write

from routegame import Game
from routegame.calibrate.log.layout import LogError
from routegame.calibrate.log.log import open_log
from routegame.calibrate.log.simulated import LogPlan, write_log

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


def test_a_log_of_nothing_but_bad_rows_is_refused_even_so(tmp_path):
    path = write(tmp_path / "log.csv", [HEADER, *([str(k), "1", "1", "-1", "1", "0", "leave"] for k in range(5))])
    with pytest.raises(LogError, match=r"5 rows with a negative latency .* No task is left"):
        counted(path, drop_bad_rows=True)


def test_a_good_log_has_nothing_to_leave_out(tmp_path, rows):
    log, _ = counted(write(tmp_path / "log.csv", rows), drop_bad_rows=True)
    assert (log.dropped.tasks, log.dropped.passes, log.dropped.lines, dict(log.dropped.faults)) == (0, 0, 0, {})
    assert log.dropped.message == ""


@pytest.mark.parametrize("factor,found", [(1000, True), (720, True), (600, False), (300, False)])
def test_values_apart_by_no_factor_between_units_are_left_alone(tmp_path, rows, factor, found):
    """Latencies of every fifth pass in milliseconds, or in something that is near to it, or in no unit at all."""
    other = [[*r[:3], repr(float(r[3]) * factor), *r[4:]] if k % 5 == 1 else r for k, r in enumerate(rows)]
    path = write(tmp_path / "log.csv", other)
    if not found:
        assert counted(path)[0].num_tasks == 600
        return
    with pytest.raises(LogError, match="a factor of 1,000 apart"):
        counted(path)


def test_a_few_stray_values_are_no_second_unit(tmp_path, rows):
    """Nine passes a thousand times as long are a tail; ten would be a group."""
    for number, found in ((9, False), (11, True)):
        lines = [k for k in range(1, len(rows)) if rows[k][2] == "1"][:number]
        longer = [[*r[:3], repr(float(r[3]) * 1000), *r[4:]] if k in lines else r for k, r in enumerate(rows)]
        path = write(tmp_path / "log.csv", longer)
        if found:
            with pytest.raises(LogError, match="11 rows of model 1 whose latency is around"):
                counted(path)
        else:
            counted(path)


@pytest.mark.parametrize(
    "entry,ok", [("0", True), ("1", True), ("0.25", True), ("1.5", False), ("-0.1", False), ("x", False)]
)
def test_a_stated_cascade_is_a_probability(tmp_path, rows, entry, ok):
    stated = [[*row[:7], entry if k else "cascade_prob"] for k, row in enumerate(rows)]
    path = write(tmp_path / "log.csv", stated)
    if entry in ("0", "1", "0.25"):
        assert counted(path)[0].has_cascade_prob
    else:
        with pytest.raises(LogError, match=rf"{len(rows) - 1:,} rows whose cascade_prob is no number in \[0, 1\]"):
            counted(path)


def test_a_task_under_two_commitments_is_named(tmp_path, rows):
    stated = [[*row[:7], "0.3" if k else "cascade_prob"] for k, row in enumerate(rows)]
    line = next(k for k in range(1, len(rows)) if rows[k][1] == "2")
    stated[line][7] = "0.4"
    with pytest.raises(LogError, match=rf"1 task with more than one cascade_prob \(begin at line {line}\)"):
        counted(write(tmp_path / "log.csv", stated))
