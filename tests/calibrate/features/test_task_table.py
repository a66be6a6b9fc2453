"""Tasks with their features as a log has them, and logs whose features cannot be used."""

import csv

import numpy as np
import pytest

from routegame.calibrate.features.task_table import task_table
from routegame.calibrate.log.layout import Layout, LogError
from routegame.calibrate.log.log import open_log

HEAD = ["task", "pass", "model", "latency", "cost", "success", "next", "user", "size", "urgent"]
ROWS = [
    ["a", 1, 1, 1.0, 0.5, 0, "retry", "u", 3, 0.5],
    ["a", 2, 2, 2.0, 1.5, 1, "", "u", 4, 0.5],
    ["b", 1, 2, 2.5, 1.4, 0, "leave", "u", 5, 1.5],
    ["c", 1, 1, 1.5, 0.4, 1, "", "v", "", 2.5],
    ["d", 1, 1, 1.2, 0.6, 0, "leave", "w", 9, "NA"],
    ["e", 1, 1, 1.1, 0.6, 1, "", "w", 7, 0.1],
]


def table_of(tmp_path, rows=ROWS, features=("size", "urgent")):
    path = tmp_path / "log.csv"
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(HEAD)
        writer.writerows(rows)
    with open_log(path, Layout.of(features=features)) as log:
        return task_table(log)


def changed(column, value, at=None):
    place = HEAD.index(column)
    return [
        [value(row) if k == place and (at is None or row[0] == at) else x for k, x in enumerate(row)] for row in ROWS
    ]


def test_tasks_have_their_features_and_passes(tmp_path):
    """Those without one are left out, and one that changes counts as at first."""
    table = table_of(tmp_path)
    assert (len(table), table.missing, table.changing, table.share) == (3, 2, 1, 1.0)
    place = {float(x): k for k, x in enumerate(table.features[:, 0])}
    assert sorted(place) == [3, 5, 7]
    of_a, of_b = table.task == place[3], table.task == place[5]
    assert table.model[of_a].tolist() == [0, 1] and table.place[of_a].tolist() == [1, 2]
    assert table.latency[of_a].tolist() == [1, 2] and table.success[of_a].tolist() == [False, True]
    assert table.decides[of_a].tolist() == [True, False] and table.leaves[of_b].tolist() == [True]
    assert table.route[[place[3], place[5]]].tolist() == [1, 2]
    assert table.cluster[place[3]] == table.cluster[place[5]] != table.cluster[place[7]]
    assert table.standard.mean(axis=0) == pytest.approx([0, 0]) and table.standard.std(axis=0) == pytest.approx([1, 1])
    assert np.isnan(table.stated).all()
    assert table.remarks == (
        "2 tasks lack a feature, and say nothing here.",
        "In 1 task a feature changes: it counts as it was at the first pass.",
    )


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        (changed("size", lambda row: "large"), "size of .* has 6 entries that are none, such as large"),
        (changed("size", lambda row: "inf", "b"), "has 1 entry that is none, such as inf"),
        (changed("size", lambda row: 2), "size of .* is 2 in all tasks"),
        (
            changed("size", lambda row: row[-1] * 2 if row[-1] != "NA" else ""),
            "size, urgent of .* follow from each other",
        ),
        (changed("size", lambda row: ""), "has no task with a number in size and urgent"),
    ],
)
def test_features_that_say_nothing_are_refused_in_a_line(tmp_path, rows, message):
    with pytest.raises(LogError, match=message) as raised:
        table_of(tmp_path, rows)
    assert "\n" not in str(raised.value)


def test_a_feature_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(LogError, match="lacks the column length"):
        table_of(tmp_path, features=("length",))
