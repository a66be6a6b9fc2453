"""Runs and benches that an earlier version wrote are read as it read them, and nothing in them is made anew.

`written_before` was written by the version before there was one judge for all games, learning curves cut short.
"""

import csv
import json
import shutil
from pathlib import Path

import pytest

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
        assert list(found) == list(row)
        for name, value in row.items():
            if is_number(found[name]):
                assert found[name] == pytest.approx(float(value), rel=1e-9, abs=1e-12), name
            else:
                assert WORDS.get(found[name], found[name]) == value, name


@pytest.mark.parametrize("what", ["run", "bench"])
def test_it_can_be_reported(tmp_path, what):
    directory = shutil.copytree(BEFORE / what, tmp_path / what)
    assert "equilibrium" in write_report(directory).read_text(encoding="utf-8").lower()
