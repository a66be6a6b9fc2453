"""Models that nobody has named: numbers in their order, names as they occur, and what is no model."""

from __future__ import annotations

import pytest
from log_rows import HEADER, write

from routegame.calibrate.log.layout import Layout, LogError
from routegame.calibrate.log.log import open_log


def log_of(folder, names, **options):
    """Ten tasks of one pass on each of some models."""
    rows = [[f"{k}-{i}", 1, name, 1 + i / 10, 1, 1, ""] for i in range(10) for k, name in enumerate(names)]
    with open_log(write(folder / "log.csv", [HEADER, *rows]), Layout.of(models=(), **options)) as log:
        return log


def test_numbers_are_taken_in_their_order(tmp_path):
    log = log_of(tmp_path, ["10", "2", "1"])
    assert log.layout.models == ("1", "2", "10")
    assert "3 models, in the order of their numbers: 1, 2, 10" in log.remarks[0]


def test_names_are_taken_as_they_occur(tmp_path):
    log = log_of(tmp_path, ["nano", "gpt-5", "mini"])
    assert log.layout.models == ("nano", "gpt-5", "mini")
    assert log.layout.free


def test_two_models_are_1_and_2_without_a_remark(tmp_path):
    log = log_of(tmp_path, ["2", "1"])
    assert log.layout.models == ("1", "2")
    assert not log.layout.free
    assert not any("models" in remark for remark in log.remarks)


@pytest.mark.parametrize("names", [["nano", "gpt-5"], ["1", "2", "gpt-5"]])
def test_who_is_who_is_for_others_to_say(tmp_path, names):
    with pytest.raises(LogError, match="whose model is neither 1 nor 2"):
        log_of(tmp_path, names)


def test_the_paper_has_two_models(tmp_path):
    with pytest.raises(LogError, match="--order paper is for two models, got 3"):
        log_of(tmp_path, ["1", "2", "3"], order="paper")


def test_there_are_64_models_at_most(tmp_path):
    with pytest.raises(LogError, match="has 65 models, and at most 64"):
        log_of(tmp_path, [str(k + 1) for k in range(65)])


def test_64_models_are_read(tmp_path):
    assert len(log_of(tmp_path, [str(k + 1) for k in range(64)]).layout.models) == 64
