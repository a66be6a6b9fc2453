"""Runs and benches that an earlier version wrote are read as it read them, and nothing in them is made anew.

`written_before` was written by the version before there was one judge for all games, learning curves cut short.
"""

import csv
import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from routegame.envs.checks import ParameterError
from routegame.eval.bench.bench import Bench, BenchPlan
from routegame.eval.bench.suites import instances
from routegame.eval.report.write import write_report
from routegame.eval.run.result import judge_run, result_table
from routegame.train.runs.run_directory import RunDirectory

BEFORE = Path(__file__).parent / "written_before"
RUNS = [BEFORE / "run", *sorted((BEFORE / "bench" / "runs").glob("*/*/*"))]


class Idle:
    """An engine that is given nothing to do."""

    workers = 1

    def run(self, jobs):
        assert not jobs
        return iter(())


def close(found, wanted):
    """The same keys in the same order, the same words, and numbers that differ by rounding at most."""
    if isinstance(wanted, dict):
        assert list(found) == list(wanted)
        for key, value in wanted.items():
            close(found[key], value)
    elif isinstance(wanted, list):
        for one, other in zip(found, wanted, strict=True):
            close(one, other)
    else:
        assert type(found) is type(wanted)
        assert found == (pytest.approx(wanted, rel=1e-9, abs=1e-12) if isinstance(wanted, float) else wanted)


@pytest.fixture
def bench(tmp_path):
    directory = shutil.copytree(BEFORE / "bench", tmp_path / "bench")
    known = {game.name: game for game in instances("classic")}
    games = [known[name] for name in ("matrix-textbook", "duopoly-equal")]
    return Bench(directory, BenchPlan("classic", games, ("evolution",), range(2)), resume=True)


@pytest.mark.parametrize("path", RUNS, ids=lambda path: "-".join(path.relative_to(BEFORE).parts))
def test_a_run_is_judged_as_it_was(path):
    run = RunDirectory.open(path)
    judgement, document = judge_run(run)
    wanted = json.loads((path / "result.json").read_text(encoding="utf-8"))
    wanted.pop("machine", None)
    close(json.loads(json.dumps(document)), wanted)
    table = result_table(run, judgement, document)
    assert ("first model" in table) == ("route" in wanted["learned"])


def test_a_bench_goes_on_where_it_was(bench):
    assert list(bench.run(Idle())) == []


WORDS = {None: "", True: "true", False: "false"}


def is_number(value):
    return isinstance(value, float | int) and not isinstance(value, bool)


def test_its_table_is_the_same(bench):
    with (BEFORE / "bench" / "runs.csv").open(encoding="utf-8", newline="") as lines:
        wanted = list(csv.DictReader(lines))
    for found, row in zip(bench.rows(), wanted, strict=True):
        assert [name for name in found if name in row] == list(row)
        assert {name for name in found if name not in row} == {"anytime_regret", "plays", "cumulative_regret"}
        assert found["plays"] is found["cumulative_regret"] is None, "nobody counted them then"
        for name, value in row.items():
            if is_number(found[name]):
                assert found[name] == pytest.approx(float(value), rel=1e-9, abs=1e-12), name
            else:
                assert WORDS.get(found[name], found[name]) == value, name


def reported(tmp_path, what, users=None):
    """The page of a copy, with learned users beside it if there are any."""
    directory = shutil.copytree(BEFORE / what, tmp_path / what)
    if users is not None:
        np.savez(directory / "checkpoints" / "follower.npz", **users)
    return write_report(directory).read_text(encoding="utf-8")


def test_a_run_can_be_reported(tmp_path):
    page = reported(tmp_path, "run")
    assert "<td>gpt-4.1-nano</td><td>gpt-4.1-nano</td>" in page, "not a minus"
    assert "−2.046" in page and "7.948 %" in page and "route 1, users as they learned" not in page


def test_a_bench_can_be_reported(tmp_path):
    page = reported(tmp_path, "bench")
    assert page.count("What a commitment costs when the follower") == 2 and "matrix-textbook" in page


ADAPTED = {"rates": np.array([3.0, 1000.0]), "num_tasks": np.array(1024), "seed": np.array(0)}


@pytest.mark.parametrize(("users", "drawn"), [(ADAPTED, True), ({"anything": np.zeros(3)}, False)])
def test_users_who_adapt_are_drawn_and_such_as_nobody_knows_are_not(tmp_path, users, drawn):
    assert ("route 1, users as they learned" in reported(tmp_path, "run", users)) == drawn


def test_damaged_users_are_refused(tmp_path):
    with pytest.raises(ParameterError, match=r"follower\.npz must be an \.npz file with the arrays of"):
        reported(tmp_path, "run", {"bound": np.array(1.0), "weights_0": np.zeros((1, 1))})
