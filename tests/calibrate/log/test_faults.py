"""Rows and tasks that cannot be true are named, counted one by one, and left out with their tasks if asked for."""

import csv

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
    ("model", "gpt", "whose model is neither 1 nor 2 (but gpt 1 time;"),
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


def test_nobody_is_told_to_leave_out_most_of_a_log(tmp_path, rows):
    """Even where those tasks end as the others do."""
    tasks = list(dict.fromkeys(row[0] for row in rows[1:]))
    spoiled = [(k, "cost", "free") for k in range(1, len(rows)) if tasks.index(rows[k][0]) % 3]
    path = write(tmp_path / "log.csv", changed(rows, *spoiled))
    with pytest.raises(LogError, match="Mend them: ") as error, open_log(path):
        pass
    assert "--drop-bad-rows" not in str(error.value) and "400 tasks concerned of 600" in str(error.value)
    assert counted(path, drop_bad_rows=True)[0].num_tasks == 200


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
    counted(tmp_path / "log.csv", insist=True)


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


def test_costs_in_two_units_may_nearly_meet(tmp_path):
    """Cents beside dollars, each within a factor of 60."""
    write_log(LogPlan(GAME, ((1, 0.5),), num_tasks=900, noise=0.5, seed=1), tmp_path / "log.csv")
    with (tmp_path / "log.csv").open(newline="") as file:
        names, *rows = csv.reader(file)
    spread = [
        [*row[:4], str(10 ** ((k % 151) / 100) * (100 if k % 9 == 0 else 1)), *row[5:]] for k, row in enumerate(rows)
    ]
    with pytest.raises(LogError, match=r"whose cost is around .*: as if in another unit, a factor of 100 apart"):
        counted(write(tmp_path / "mixed.csv", [names, *spread]))


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


# ---- values that may be right


def with_latency(rows, latency):
    """Rows with other latencies, by a function of a row and its number; None for the one that it has."""
    found = ((row, latency(row, k)) for k, row in enumerate(rows[1:]))
    return [rows[0], *([*row[:3], row[3] if new is None else str(new), *row[4:]] for row, new in found)]


def failed(row):
    return row[5] == "0"


ODD = {
    "not timed": (
        lambda row, k: 0 if failed(row) and row[2] == "2" and k % 3 else None,
        r"of model 2 whose latency is 0, all of them failures, while .* took at least .*: not timed",
        "log how long their users waited",
    ),
    "one not timed": (lambda row, k: 0 if k == 5 else None, r"1 row of model . whose latency is 0, ", ""),
    "time-outs": (
        lambda row, k: 60 + k % 5 / 100 if failed(row) and row[2] == "1" and k % 20 == 0 else None,
        r"of model 1 whose latency is around 60, not .*, 0 of them successes: as if in another unit, a factor of 60",
        "they look like time-outs: --timeout-at 60 says so",
    ),
    "milliseconds": (
        lambda row, k: 1000 * float(row[3]) if k % 7 == 0 else None,
        r"of model 1 whose latency is around .*: as if in another unit, a factor of 1,000 apart",
        "if not, write all latencies in one unit. Leaving",
    ),
    "some cut off, at times that differ": (
        lambda row, k: 900 + 75 * (k % 9) if failed(row) and row[2] == "1" and k % 20 == 0 else None,
        r"of model 1 whose latency is around .*, 0 of them successes: as if in another unit",
        "or if they were cut off, --timeout-at 9",
    ),
    "errors": (
        lambda row, k: 0.02 + k % 7 / 1000 if failed(row) and row[2] == "2" and k % 4 == 0 else None,
        r"of model 2 whose latency is around 0\.02.*, 0 of them successes: as if ",
        "leave the attempt out",
    ),
    "a few errors at once": (
        lambda row, k: 0.0001 + k % 7 / 100000 if failed(row) and row[2] == "1" and k % 31 == 0 else None,
        r"of model 1 whose latency is around 0\.0001.*, 0 of them successes: as if no model had answered",
        "leave the attempt out",
    ),
    "a cache of successes and failures": (
        lambda row, k: 0.0003 + k % 7 / 100000 if row[2] == "2" and k % 5 == 0 else None,
        r"of model 2 whose latency is around 0\.0003.*: as if no model had answered",
        "--cached COLUMN sets those answers apart",
    ),
    "a cache": (
        lambda row, k: 0.003 + k % 7 / 10000 if not failed(row) and row[2] == "2" and k % 2 else None,
        r"of model 2 whose latency is around 0\.003.*: as if ",
        "--cached COLUMN sets those answers apart",
    ),
    "times of day": (
        lambda row, k: 1.7e9 + 5 * k,
        r"whose latency is between 1700000000 and .*: a time since 1970, not a duration",
        "its end less its start",
    ),
}


@pytest.mark.quick_cases(4)
@pytest.mark.parametrize("name", ODD)
def test_values_that_look_odd_are_refused_without_a_word_on_dropping_and_may_be_insisted_on(tmp_path, rows, name):
    latency, said, remedy = ODD[name]
    path = write(tmp_path / "log.csv", with_latency(rows, latency))
    with pytest.raises(LogError, match=said) as error:
        counted(path)
    message = str(error.value)
    assert "--drop-bad-rows" not in message and remedy in message and "\n" not in message
    assert " solved, " in message and " left, " in message
    log, _ = counted(path, insist=True)
    assert log.num_passes == len(rows) - 1 and len(log.apart.insisted) >= 1
    assert any(remark.startswith("Taken for right, as you insist: ") for remark in log.remarks)


def test_whole_seconds_may_be_0(tmp_path, rows):
    """Where as many passes took 1 second, those of 0 were short."""
    log, _ = counted(write(tmp_path / "log.csv", with_latency(rows, lambda row, k: round(float(row[3])))))
    assert log.apart.insisted == ()


def test_a_latency_that_is_the_same_everywhere_is_remarked_on(tmp_path, rows):
    log, _ = counted(write(tmp_path / "log.csv", with_latency(rows, lambda row, k: 5)))
    assert log.remarks == tuple(f"Every latency of model {k} is 5: was it measured?" for k in (1, 2))


def test_passes_that_cost_nothing_beside_others_are_remarked_on(tmp_path, rows):
    lines = [k for k in range(1, len(rows)) if failed(rows[k])][:9]
    log, _ = counted(write(tmp_path / "log.csv", changed(rows, *((line, "cost", "0") for line in lines))))
    (remark,) = log.remarks
    assert remark.startswith("9 passes cost 0, 9 of them failures: were they free? Gateways write 0 for attempts")


def test_dropping_is_suggested_only_where_what_goes_is_like_what_stays(tmp_path, rows):
    """A latency that is missing in every third failure, or in few enough to be chance, and in any of twenty."""
    some = with_latency(rows, lambda row, k: "" if failed(row) and int(row[0]) % 3 == 0 and row[1] == "1" else None)
    with pytest.raises(LogError, match="leaving them out would bias the log, for those rows are failures") as error:
        counted(write(tmp_path / "some.csv", some))
    assert "--drop-bad-rows" not in str(error.value)
    chance = with_latency(rows, lambda row, k: "" if int(row[0]) % 20 == 0 and row[1] == "1" else None)
    with pytest.raises(LogError, match="--drop-bad-rows leaves them out: 30 tasks concerned of 600"):
        counted(write(tmp_path / "chance.csv", chance))
    assert "Mend them, by writing what is missing, for a latency how long its user waited" in str(error.value)
    rare = with_latency(rows, lambda row, k: "" if failed(row) and int(row[0]) % 15 == 0 and row[1] == "1" else None)
    said = r"by writing what is missing, .* for those rows are failures, and models would seem better: \d+ tasks"
    with pytest.raises(LogError, match=said) as error:
        counted(write(tmp_path / "rare.csv", rare))
    assert "--drop-bad-rows" not in str(error.value)
    log, _ = counted(tmp_path / "rare.csv", drop_bad_rows=True)
    assert log.dropped.message.endswith("What is left is no fair sample of the log.")
    log, _ = counted(tmp_path / "some.csv", drop_bad_rows=True)
    assert log.dropped.message.endswith("What is left is no fair sample of the log.")
    log, _ = counted(tmp_path / "chance.csv", drop_bad_rows=True)
    assert log.dropped.message.endswith(" open).")


def test_it_says_what_would_go(tmp_path, rows):
    lines = [next(k for k in range(1, len(rows)) if rows[k][1] == "1" and of(rows[k])) for of in (
        lambda row: row[5] == "1", lambda row: row[6] == "leave",
    )]  # fmt: skip
    with pytest.raises(LogError, match=r"2 tasks concerned of 600, 2 rows in all \(1 solved, 1 left, 0 open\)"):
        counted(write(tmp_path / "log.csv", changed(rows, *((line, "latency", "-1") for line in lines))))


def test_where_every_task_is_concerned_none_is_to_be_dropped(tmp_path, rows):
    with pytest.raises(LogError, match="Mend them: no task is left without them"):
        counted(write(tmp_path / "log.csv", with_latency(rows, lambda row, k: "soon")))


def test_attempts_that_failed_are_no_passes(tmp_path, rows):
    """A gateway writes a line for each, that costs nothing; of so many of the others some would have succeeded."""
    made = [rows[0]]
    for row in rows[1:]:
        extra = [list(row) for _ in range(1 if row[2] == "1" and int(row[0]) % 3 == 0 else 0)]
        made += [[*r[:4], "0", "0", "retry", *r[7:]] for r in extra] + [list(row)]
    numbers = {}
    for row in made[1:]:
        numbers[row[0]] = numbers.get(row[0], 0) + 1
        row[1] = str(numbers[row[0]])
    path = write(tmp_path / "log.csv", made)
    with pytest.raises(LogError, match="attempts that failed in the infrastructure had been taken for passes") as error:
        counted(path)
    assert "all attempts at an answer are one pass" in str(error.value)
    assert counted(path, insist=True)[0].apart.insisted


def test_a_log_that_nobody_left_is_refused_unless_it_is_so(tmp_path, rows):
    solved = [[*row[:5], "1", "", *row[7:]] if row[6] == "leave" else row for row in rows]
    path = write(tmp_path / "log.csv", solved)
    with pytest.raises(LogError, match="nobody ever left, as if the last pass of a task had been called its") as error:
        counted(path)
    assert "a test, a judge or the user says that it solved the task" in str(error.value)
    assert counted(path, insist=True)[0].num_tasks == 600
    open_ = next(k for k in range(len(solved) - 1, 0, -1) if solved[k][5] == "1")
    solved[open_] = [*solved[open_][:5], "0", "", *solved[open_][7:]]
    assert counted(write(path, solved))[0].num_tasks == 600


def test_answers_of_a_cache_are_called_so(tmp_path, rows):
    """They take no time and cost nothing: it is no other unit that they are in."""
    fast = [k for k in range(1, len(rows)) if rows[k][2] == "1" and k % 8 == 0]
    edits = [(k, "latency", str(float(rows[k][3]) / 1000)) for k in fast] + [(k, "cost", "0") for k in fast]
    with pytest.raises(LogError, match="cost nothing, as if a cache had answered") as error:
        counted(write(tmp_path / "log.csv", changed(rows, *edits)))
    assert "--cached COLUMN sets apart what a cache answered" in str(error.value)


def test_answers_of_a_fallback_are_another_model_s(tmp_path):
    """In an outage an eighth of what was asked of the first model is answered by the second, at 30 times the cost."""
    path = tmp_path / "log.csv"
    game = Game(120, 0.1, (0.0311, 0.4311), (6.09, 39.77), (0.000966, 0.02938))
    write_log(LogPlan(game, ((1, 0.05), (1, 0.1), (1, 0.3)), 1500, temperature=6, seed=1), path)
    with path.open(newline="") as file:
        rows = list(csv.reader(file))
    second = [row for row in rows[1:] if row[2] == "2"]
    booked, taken = [rows[0]], iter(second)
    for task in dict.fromkeys(row[0] for row in rows[1:]):
        of = [row for row in rows[1:] if row[0] == task]
        if int(task) % 8 == 0 and of[0][2] == "1" and (other := next(taken, None)):
            end = ["1", ""] if other[5] == "1" else ["0", "leave"]
            of = [[task, "1", "1", *other[3:5], *end, *of[0][7:]]]
        booked += of
    with pytest.raises(LogError, match=r"of what looks like two models: the groups' success rates are .*") as error:
        counted(write(path, booked))
    assert "each answer under the model that gave it, a fallback's, too" in str(error.value)


def test_two_clusters_of_latency_are_remarked_on(tmp_path, rows):
    """Every eighth call was repeated after half a minute by the client itself."""
    late = with_latency(rows, lambda row, k: f"{float(row[3]) + 30:.6g}" if k % 8 == 0 else None)
    log, _ = counted(write(tmp_path / "log.csv", late), insist=True)
    said = [remark for remark in log.remarks if "two clusters" in remark]
    assert len(said) == 2 and all("as openai's does twice within one span" in remark for remark in said)
    assert not any("two clusters" in remark for remark in counted(write(tmp_path / "log.csv", rows))[0].remarks)


def test_latencies_that_hardly_differ_have_no_valley(tmp_path, rows):
    """All within a few bins of a histogram, fewer than it is smoothed over."""
    alike = with_latency(rows, lambda row, k: f"{5 + k % 1000 / 1e3:.7g}")
    log, _ = counted(write(tmp_path / "log.csv", alike), insist=True)
    assert not any("two clusters" in remark for remark in log.remarks)
