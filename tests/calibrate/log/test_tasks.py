"""Plain tasks, which are read off bits, come out as they do by the queries that hold of every task."""

from fractions import Fraction
from pathlib import Path
from random import Random

import pytest
from log_rows import HEADER, Rows, write

from routegame.calibrate.log import tasks
from routegame.calibrate.log.layout import Layout
from routegame.calibrate.log.log import open_log


def table(path: Path, layout: Layout | None = None) -> list[tuple[object, ...]]:
    """The table of tasks, and the types of its columns."""
    with open_log(path, layout, drop_bad_rows=True, insist=True) as log:
        return log.rows("SELECT * FROM tasks ORDER BY task") + log.rows("DESCRIBE tasks")


def spoiled(rows: Rows, luck: Random) -> Rows:
    """A log in which a third of the tasks are strange in one way or several, its rows in any order."""
    longest = max(int(row[0]) for row in rows[1:])
    made = [list(row) for row in rows[1:]]
    for row in made:
        if int(row[0]) % 3 == 0 and luck.random() < 0.5:
            column, entry = luck.choice(
                [
                    ("pass", str(luck.choice((0, 1, 2, 3, 31, 32, 63, 64, 65, -1, "x")))),
                    ("model", luck.choice(("1", "2", "3", ""))),
                    ("success", luck.choice(("1", "0", "", "?"))),
                    ("next", luck.choice(("retry", "leave", "", "?"))),
                    ("latency", luck.choice(("-1", "nan", "inf", "x", "1e300", "0"))),
                    ("cascade_prob", luck.choice(("0.2", "", "2"))),
                ]
            )
            row[rows[0].index(column)] = entry
        if int(row[0]) % 3 == 0 and luck.random() < 0.1:
            made.append(list(row))
    for number, length in enumerate((31, 32, 62, 63, 64, 100), start=1):
        for place in range(1, length + 1):
            ends = ["1", ""] if place == length else ["0", "retry"]
            model = "2" if place > length // 2 else "1"
            made.append([str(longest + number), str(place), model, "1.5", "0.25", *ends, "0.1"])
    luck.shuffle(made)
    return [rows[0], *made]


@pytest.mark.parametrize("order", ["paper", "free"])
def test_plain_tasks_are_what_every_task_is(tmp_path, rows, monkeypatch, order):
    asked: list[str] = []
    every_task = tasks.every_task

    def counted(grouping: tasks.Grouping, chosen: str) -> str:
        asked.append(chosen)
        return every_task(grouping, chosen)

    monkeypatch.setattr(tasks, "every_task", counted)
    layout, luck = Layout.of(order=order), Random(7)
    assert rows[0] == [*HEADER, "cascade_prob"]
    for number in range(6):
        path = write(tmp_path / f"{number}.csv", spoiled(rows, luck))
        asked.clear()
        found = table(path, layout)
        assert len(asked) == 1 and "IN (" in asked[0]
        with monkeypatch.context() as patch:
            patch.setattr(tasks.Grouping, "has_plain", False)
            assert table(path, layout) == found


def test_a_good_log_has_none_but_plain_tasks(tmp_path, rows, monkeypatch):
    monkeypatch.delattr(tasks, "every_task")
    assert len(table(write(tmp_path / "log.csv", rows))) > 600


def test_tasks_are_the_same_in_parts(tmp_path, rows, monkeypatch):
    paths = [write(tmp_path / "good.csv", rows), write(tmp_path / "bad.csv", spoiled(rows, Random(8)))]
    expected = [table(path) for path in paths]
    monkeypatch.setattr(tasks, "PASSES_AT_ONCE", len(rows) // 7)
    assert [table(path) for path in paths] == expected


@pytest.mark.parametrize("outlier", ["", "1e15"])
def test_a_value_beyond_all_others_takes_nothing_from_these(tmp_path, rows, outlier):
    """Sums of a task are of whole numbers of a unit that is small enough for the least of them."""
    made = [[*row[:3], outlier or row[3], *row[4:]] if row[:2] == ["7", "1"] else row for row in rows]
    with open_log(write(tmp_path / "log.csv", made), insist=True) as log:
        found = dict(log.rows("SELECT hash, t1 + t2 FROM (SELECT task AS hash, * FROM tasks)"))
        names = dict(log.rows("SELECT name, hash(name) FROM (SELECT unnest(?) AS name)", [row[0] for row in rows[1:]]))
    sums: dict[str, Fraction] = {}
    for row in made[1:]:
        sums[row[0]] = sums.get(row[0], Fraction(0)) + Fraction(float(row[3]))
    error = max(abs(Fraction(found[names[task]]) / total - 1) for task, total in sums.items())
    assert error < 2.0**-51
