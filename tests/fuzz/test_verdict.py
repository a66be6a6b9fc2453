"""The fuzzer finds what is planted, says it in the smallest command, and has nothing to say of what is right."""

import json
import sys
import warnings
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings

from fuzz.grammar import WEIGHTS, Case, actions, cases
from fuzz.stage import Stage
from fuzz.verdict import faults, smallest
from routegame.commands import load
from routegame.envs.checks import ParameterError

CASE = Case("scenarios", (("--json",),))


@pytest.fixture
def stage(tmp_path):
    return Stage(tmp_path)


def leave_half(options):
    Path("game.html.part").write_text("half")


def warn(options):
    print("[]")
    warnings.warn("divide by zero", RuntimeWarning, stacklevel=1)


def leave(options):
    sys.exit(1)


def refuse_late(options):
    print("half of it")
    raise ParameterError("x", "y", "z")


@pytest.mark.parametrize(
    ("planted", "found"),
    [
        (lambda options: 1 / 0, "ZeroDivisionError in __main__.py"),
        (lambda options: print(json.dumps({"a": float("nan")})), "NaN in JSON"),
        (lambda options: print("{"), "scenarios: Expecting"),
        (lambda options: print("[]", file=sys.stderr) or print("[]"), "something on standard error"),
        (warn, "RuntimeWarning at test_verdict.py"),
        (leave, "status 1"),
        (leave_half, "half a file is left"),
        (refuse_late, "refused, and not in one line"),
    ],
)
def test_what_is_planted_is_found(stage, monkeypatch, planted, found):
    monkeypatch.setattr(load("scenarios"), "run", planted)
    assert any(found in fault for fault in faults(CASE, stage))


def test_what_is_right_has_no_fault(stage):
    assert faults(CASE, stage) == {}
    assert faults(Case("solve", (("nano-gpt5",), ("--delta", "-1"))), stage) == {}
    assert faults(Case("calibrate", (("rich.csv",),), (("drop", 0, 3, ""),), tail=("--draws", "20")), stage) == {}


def test_nan_in_a_text_is_found(stage, monkeypatch):
    monkeypatch.setattr(load("scenarios"), "run", lambda options: print("costs nan"))
    assert list(faults(Case("scenarios", ()), stage)) == ["scenarios: nan in what is printed"]


def test_the_smallest_command_has_nothing_else(stage, monkeypatch):
    monkeypatch.setattr(load("solve"), "run", lambda options: 1 / options.churn_penalty)
    case = Case("solve", (("nano-gpt5",), ("--churn-penalty", "0"), ("--json",)), (("cell", 0, 0, ""),), (3, "half"))
    (fault,) = faults(case, stage)
    assert smallest(case, fault, stage) == Case("solve", (("--churn-penalty", "0"),))


def test_a_file_is_as_damaged_as_the_case_says(stage):
    stage.set(Case("calibrate", (("plain.csv",),), (("rename", 0, 1, "number"), ("head", 3, 0, ""))))
    assert (stage.place / "plain.csv").read_text().splitlines()[0].startswith("task,number,model")
    assert len((stage.place / "plain.csv").read_text().splitlines()) == 3
    stage.set(Case("scenarios", (("taken/below",), ("loop.gif",), ("folder",))))
    there = {path.name: path.is_dir() for path in stage.place.iterdir()}
    assert there == {"taken": False, "loop.gif": False, "folder": True}


@pytest.mark.parametrize("command", WEIGHTS)
def test_every_option_is_written_sooner_or_later(command):
    """New ones, too: nobody lists them."""
    written = set()

    @settings(max_examples=200, database=None, derandomize=True, deadline=None, suppress_health_check=[*HealthCheck])
    @given(cases(command))
    def look(case):
        written.update(group[0] for group in case.groups if group and group[0].startswith("--"))

    look()
    assert {action.option_strings[0] for action in actions(command) if action.option_strings} <= written
