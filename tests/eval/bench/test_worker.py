"""A run of a bench: whatever comes of it is written into its directory, in one line where it failed."""

import json
import resource
import sys

import plugins
import pytest
import torch

from routegame.envs.scenarios import scenario
from routegame.eval.bench.job import Job, machine
from routegame.eval.bench.row import COLUMNS, figures
from routegame.eval.bench.worker import _limited, execute
from routegame.eval.judge.judges import judge_of
from routegame.train.learner import admit, learner
from routegame.train.runs.run_directory import RunConfig


def job(directory, name):
    admit(f"plugins:{name}")
    options = learner(f"plugins:{name}").OPTIONS()
    config = RunConfig(f"plugins:{name}", "figure-5-throttle", scenario("figure-5-throttle").game, True, 0, options)
    return Job(directory / "run", config)


def outcome(made):
    return json.loads(made.failure_path.read_text(encoding="utf-8"))


def test_a_result_is_judged_and_says_where_it_was_made(tmp_path):
    made = job(tmp_path, "Plain")
    execute(made)
    result = json.loads(made.result_path.read_text(encoding="utf-8"))
    assert made.done and not made.failure_path.exists()
    assert result["machine"] == machine() and result["learner"] == "plugins:Plain"
    row = figures(result, made.directory, judge_of(made.config.box))
    assert row.keys() <= COLUMNS.keys() and row["passes"] > 0
    assert len((made.directory / "metrics.jsonl").read_text().splitlines()) == 8, "every update of so few"
    assert torch.get_num_threads() == 1


@pytest.mark.filterwarnings("ignore:overflow", "ignore:invalid value")  # of one whose answers are no numbers
@pytest.mark.parametrize(
    "name,message",
    [
        ("Raises", "RuntimeError: no luck"),
        ("NotANumber", "ParameterError: cascade_prob must be"),
        ("OutsideTheBox", "ParameterError: throttled_latency"),
        ("Undecided", "abandon_prob must be a finite number"),
    ],
)
def test_a_learner_that_fails_is_told_of_in_one_line(tmp_path, name, message):
    made = job(tmp_path, name)
    execute(made)
    assert outcome(made)["status"] == "raised" and message in outcome(made)["message"]
    assert "\n" not in outcome(made)["message"] and not made.result_path.exists()


def test_a_learner_without_memory_is_out_of_it(tmp_path, monkeypatch):
    def greedy(self):
        raise MemoryError

    monkeypatch.setattr(plugins.Plain, "learn", greedy)
    made = job(tmp_path, "Plain")
    execute(made)
    assert outcome(made) == {"status": "out of memory", "message": "there is no more"}


def test_a_learner_that_cannot_play_the_game_is_not_asked_to(tmp_path, monkeypatch):
    monkeypatch.setattr(plugins.Plain, "objection", classmethod(lambda cls, game: "it needs snow"))
    monkeypatch.setattr(plugins.Plain, "learn", lambda self: pytest.fail("it is asked"))
    made = job(tmp_path, "Plain")
    execute(made)
    assert outcome(made) == {"status": "not applicable", "message": "it needs snow"}


def test_what_a_learner_prints_goes_into_its_directory(tmp_path, monkeypatch, capfd):
    learn = plugins.Plain.learn

    def chatty(self):
        print("hello")
        print("trouble", file=sys.stderr)
        return learn(self)

    monkeypatch.setattr(plugins.Plain, "learn", chatty)
    made = job(tmp_path, "Plain")
    execute(made)
    assert (made.directory / "output.txt").read_text() == "hello\ntrouble\n" * 8
    assert capfd.readouterr() == ("", "")


def test_a_limit_of_memory_ends_with_the_run():
    before = resource.getrlimit(resource.RLIMIT_DATA)
    with _limited(2**40):
        assert 2**40 < resource.getrlimit(resource.RLIMIT_DATA)[0] < 2**41
    assert resource.getrlimit(resource.RLIMIT_DATA) == before
    with _limited(None):
        assert resource.getrlimit(resource.RLIMIT_DATA) == before
