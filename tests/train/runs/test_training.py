"""Runs that are stopped, killed or limited: what is on disk is enough to go on, to the same result."""

import json
import os
import signal
import subprocess
import sys
import time

import pytest
import torch

from routegame.__main__ import main
from routegame.envs.checks import ParameterError
from routegame.envs.scenarios import scenario
from routegame.train.learner import learner
from routegame.train.runs import training as module
from routegame.train.runs.limits import Limits
from routegame.train.runs.run_directory import RunConfig, RunDirectory
from routegame.train.runs.training import Training

GAME = scenario("figure-4-right-standard").game
SMALL = {"leader_updates": 12, "refinement_updates": 8, "leader_batch": 64, "leader_tasks": 16, "final_tasks": 512}


@pytest.fixture(autouse=True)
def one_thread():
    torch.set_num_threads(1)


def config(**limits):
    return RunConfig("oracle", None, GAME, False, 0, learner("oracle").OPTIONS(**SMALL), Limits(**limits))


def trained(path, watch=lambda snapshot: None, **limits):
    run = RunDirectory.create(path, config(**limits))
    Training(run).run(watch)
    return run.load()


def test_a_run_ends_with_what_was_learned(tmp_path):
    seen = []
    learned, seconds, stopped = trained(tmp_path, seen.append)
    assert len(seen) == 20
    assert stopped == "finished"
    assert seconds > 0
    assert learned.meter.passes > seen[-1].passes


@pytest.mark.quick_cases(2)
@pytest.mark.parametrize(
    ("limits", "stopped", "updates"),
    [
        ({"target_regret": 0.5}, "target_regret", 6),
        ({"target_regret": 0.01}, "finished", 20),
        ({"max_passes": 1}, "max_passes", 1),
        ({"max_seconds": 1e-9}, "max_seconds", 1),
        ({"max_seconds": 1e9, "max_passes": 1e15}, "finished", 20),
    ],
)
def test_limits_stop_a_run(tmp_path, limits, stopped, updates):
    seen = []

    def watch(snapshot):
        seen.append(snapshot)
        return 3.0 / len(seen)

    _, _, reason = trained(tmp_path, watch, **limits)
    assert (reason, len(seen)) == (stopped, updates)


@pytest.mark.parametrize(
    "limits", [{"max_passes": 0}, {"max_seconds": -1}, {"target_regret": -0.1}, {"max_passes": float("nan")}]
)
def test_bad_limits_are_named(limits):
    (name,) = limits
    with pytest.raises(ParameterError, match=name):
        Limits(**limits)


def test_an_interrupted_run_loses_nothing(tmp_path):
    straight, _, _ = trained(tmp_path / "straight")
    updates = []

    def watch(snapshot):
        updates.append(snapshot.passes)
        if len(updates) == 9:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        trained(tmp_path / "broken", watch)
    learned, _, stopped = trained(tmp_path / "broken", watch)
    assert len(updates) == 20, "no update is made twice"
    assert (learned, stopped) == (straight, "finished")


@pytest.mark.slow
def test_checkpoints_are_written_now_and_then(tmp_path, monkeypatch):
    monkeypatch.setattr(module, "CHECKPOINT_SECONDS", 0.0)
    straight, _, _ = trained(tmp_path / "straight")
    made = []

    def watch(snapshot):
        made.append(snapshot)
        if len(made) == 7:
            raise SystemExit("killed")

    with pytest.raises(SystemExit):
        trained(tmp_path / "killed", watch)
    learned, _, _ = trained(tmp_path / "killed", watch)
    assert len(made) == 21, "the update that was not yet written down is made again"
    assert learned == straight


def test_a_damaged_checkpoint_is_refused_and_nothing_is_overwritten(tmp_path):
    run = RunDirectory.create(tmp_path, config())
    run.checkpoint_path.write_bytes(b"damaged")
    run.metrics_path.write_text("precious")
    with pytest.raises(ParameterError, match="delete it to start again"):
        Training(RunDirectory.create(tmp_path, config()))
    assert run.checkpoint_path.read_bytes() == b"damaged"
    assert run.metrics_path.read_text() == "precious"


@pytest.mark.slow
def test_a_killed_run_ends_as_if_it_had_not_been(tmp_path):
    """kill -9 at two moments, then the same command to its end: the same result.json but for the seconds."""
    options = [f"--{name.replace('_', '-')}={value}" for name, value in {**SMALL, "leader_updates": 100}.items()]
    command = ["train", "figure-4-right-standard", "--learner", "oracle", *options, "--out"]
    straight, killed = str(tmp_path / "straight"), str(tmp_path / "killed")
    assert main([*command, straight]) == 0
    kills, metrics = 0, tmp_path / "killed" / "metrics.jsonl"
    for size in (2_000, 30_000):
        process = subprocess.Popen([sys.executable, "-c", KILLABLE, *command, killed], stdout=-3, stderr=-3)
        while process.poll() is None and (not metrics.exists() or metrics.stat().st_size < size):
            time.sleep(0.01)
        if process.poll() is None:
            os.kill(process.pid, signal.SIGKILL)
            kills += 1
        process.wait()
    assert kills == 2
    assert main([*command, killed]) == 0
    results = [json.loads((tmp_path / name / "result.json").read_text()) for name in ("straight", "killed")]
    for result in results:
        del result["wall_seconds"]
    assert results[0] == results[1]
    lines = [(tmp_path / name / "metrics.jsonl").read_text().splitlines() for name in ("straight", "killed")]
    for one, other in zip(*(map(json.loads, each) for each in lines), strict=True):
        del one["seconds"], other["seconds"]
        assert one == other


KILLABLE = """
import sys
from routegame.train.runs import training
from routegame.__main__ import main
training.CHECKPOINT_SECONDS = 0.2
sys.exit(main(sys.argv[1:]))
"""
