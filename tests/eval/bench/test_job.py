"""A run that a bench wants made: done once it has finished or failed, and told how."""

import json
import platform

import pytest

from routegame.envs.scenarios import scenario
from routegame.eval.bench.job import DIED, OUT_OF_MEMORY, RAISED, TIMED_OUT, Job, machine, processor_in
from routegame.train.learner import learner
from routegame.train.runs.run_directory import RunConfig

CONFIG = RunConfig("evolution", None, scenario("nano-gpt5").game, False, 0, learner("evolution").OPTIONS())


@pytest.mark.parametrize("name", ["result.json", "failure.json"])
def test_a_job_is_done_once_it_has_a_result_or_a_failure(tmp_path, name):
    job = Job(tmp_path / "run", CONFIG)
    assert not job.done
    job.directory.mkdir()
    (job.directory / "config.json").write_text("{}")
    assert not job.done
    (job.directory / name).write_text("{}")
    assert job.done and {job.result_path.name, job.failure_path.name} == {"result.json", "failure.json"}


@pytest.mark.parametrize("status", [RAISED, OUT_OF_MEMORY, TIMED_OUT, DIED])
def test_a_failure_is_written_down_even_where_nothing_was(tmp_path, status):
    job = Job(tmp_path / "a" / "b", CONFIG, memory=2**30)
    job.fail(status, "no luck – today")
    assert json.loads(job.failure_path.read_text(encoding="utf-8")) == {"status": status, "message": "no luck – today"}
    assert job.done and [left.name for left in job.directory.iterdir()] == ["failure.json"]


def test_a_machine_has_a_name():
    assert machine().startswith(f"{platform.system()} {platform.machine()}, ")
    assert len(machine().split(", ", 1)[1]) > 2


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "model name\t: AMD EPYC\nmodel\t\t: 1\ncpu family\t: 25\n\nmodel name\t: another\n",
            "AMD EPYC, family 25, model 1",
        ),
        ("model name\t: Some Core: fast\n", "Some Core: fast"),
        ("processor\t: 0\nBogoMIPS\t: 100\n", ""),
        ("model name\t:\nmodel\t: 1\n", ""),
        ("", ""),
    ],
)
def test_processors_of_one_name_and_two_kinds_are_told_apart(text, expected):
    assert processor_in(text) == expected
