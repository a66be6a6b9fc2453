"""Turns of a log, counted by hand from a few tasks."""

from __future__ import annotations

import numpy as np
import pytest
from log_rows import HEADER, write

from routegame.calibrate.estimate.turns import turns
from routegame.calibrate.log.layout import Layout
from routegame.calibrate.log.log import open_log

ROWS = [
    ["a", 1, 3, 1, 1, 0, "retry"],
    ["a", 2, 1, 1, 1, 0, "retry"],
    ["a", 3, 3, 1, 1, 0, "retry"],
    ["a", 4, 3, 1, 1, 1, ""],
    ["b", 1, 2, 1, 1, 0, "leave"],
    ["c", 1, 3, 1, 1, 0, "retry"],
    ["d", 1, 2, 1, 1, 0, ""],
]


@pytest.fixture
def counted(tmp_path):
    with open_log(write(tmp_path / "log.csv", [HEADER, *ROWS]), Layout.of(models=("1", "2", "3"))) as log:
        found = turns(log)
    assert found is not None
    return found


def test_tasks_are_counted_by_the_model_that_answers_first(counted):
    assert counted.tasks == 4
    assert counted.starts.tolist() == [0, 2, 2]


def test_hand_overs_go_back_and_forth(counted):
    assert counted.hand_overs.tolist() == [[0, 0, 1], [0, 0, 0], [1, 0, 1]]


def test_a_user_decides_after_failures_of_which_it_is_known(counted):
    assert counted.decided == (5, 1)  # three of a, one of b, one of c, whose task is open; none of d


def test_places_and_repeats_count_from_one(counted):
    on_3 = counted[counted.model == 2]
    assert sorted(zip(on_3.place.tolist(), on_3.repeat.tolist(), strict=True)) == [(1, 1), (1, 1), (3, 2), (4, 3)]
    assert counted.by_step(np.ones(len(counted.count), dtype=bool), counted.repeat)[2].tolist() == [2, 1, 1, 0, 0, 0]


def test_a_log_in_the_order_of_the_paper_has_shapes_and_no_turns(tmp_path):
    rows = [row for row in ROWS if row[0] in "bd"]
    with open_log(write(tmp_path / "log.csv", [HEADER, *rows])) as log:
        assert turns(log) is None
