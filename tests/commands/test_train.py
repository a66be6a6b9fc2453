"""Training as users and scripts meet it: run directories, and what becomes of them when a command comes again."""

import json
import os
import signal
import subprocess
import sys
import time

import numpy as np
import pytest
from command_line import QUICK

from routegame.train.learner import LEARNERS

TRAIN = ["train", "nano-gpt5", "--learner", "oracle"]


@pytest.mark.parametrize(
    "arguments, message",
    [
        (
            ["train", "matrix-textbook", "--learner", "evolution"],
            "SCENARIO must be a routing game; `routegame bench --suite classic --games matrix-textbook` plays this one",
        ),
        (["train", "nano-gpt5"], "the following arguments are required: --learner"),
        (
            ["train", "nano-gpt5", "--learner", "sarsa"],
            f"--learner must be one of {', '.join(LEARNERS)}, or MODULE:CLASS, got sarsa",
        ),
        ([*TRAIN, "--seed", "-1"], "--seed must be a whole number from 0, got -1"),
        ([*TRAIN, "--seed", "x"], "argument --seed: invalid int value: 'x'"),
        (
            ["train", "nano-gpt5", "--learner", "oracle", "--leader-batch", "9"],
            "--leader-batch must be a finite number",
        ),
        (
            ["train", "nano-gpt5", "--learner", "oracle", "--leader-rate", "nan"],
            "--leader-rate must be a finite number",
        ),
        ([*TRAIN, "--rounds", "3"], "unrecognized arguments: --rounds 3"),
    ],
)
def test_bad_input_is_refused(refused, arguments, message):
    refused(*arguments, message=message)


def test_out_that_cannot_be_written(run, tmp_path):
    (tmp_path / "file").write_text("")
    out = str(tmp_path / "file" / "run")
    status, _, err = run("train", "nano-gpt5", "--learner", "oracle", *QUICK, "--out", out)
    assert status == 2
    assert "--out must be a directory that can be written, got" in err
    assert err.count("\n") == 1
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


def test_a_run_directory_has_what_it_should(finished):
    out, _ = finished
    names = {path.name for path in out.iterdir()}
    assert {"config.json", "metrics.jsonl", "result.json", "run.png", "report.html", "checkpoints"} <= names
    assert any(name.startswith("events.out.tfevents") for name in names)
    assert (out / "run.png").read_bytes().startswith(b"\x89PNG")
    lines = [json.loads(line) for line in (out / "metrics.jsonl").read_text().splitlines()]
    assert len(lines) == 2 + 3 + 12 + 3
    assert np.isfinite(lines[-1]["regret/relative"])
    assert not list(out.rglob("*.part"))


def test_the_same_command_trains_only_once(finished, run):
    out, arguments = finished
    before = (out / "result.json").read_text()
    status, text, _ = run(*arguments, "--out", str(out))
    assert status == 0
    assert "leader regret" in text
    assert (out / "result.json").read_text() == before


def test_another_command_does_not_overwrite_it(finished, run):
    out, arguments = finished
    status, _, err = run(*arguments[:-1], "2", "--out", str(out))
    assert status == 2
    assert "--out must be a directory without a run of another configuration" in err


def test_the_same_command_gives_the_same_result(finished, tmp_path, run):
    out, arguments = finished
    assert run(*arguments, "--out", str(tmp_path / "again"))[0] == 0
    first, again = (json.loads((path / "result.json").read_text()) for path in (out, tmp_path / "again"))
    assert first.pop("wall_seconds") != again.pop("wall_seconds")
    assert first == again


@pytest.mark.slow
def test_interrupted_runs_keep_what_was_finished_and_can_be_run_again(tmp_path):
    out = tmp_path / "run"
    command = [sys.executable, "-m", "routegame", "train", "nano-gpt5", "--learner", "oracle", *QUICK[2:]]
    long = [*command, "--leader-updates", "100000", "--out", str(out)]
    process = subprocess.Popen(long, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True)
    deadline = time.monotonic() + 60
    while not (out / "metrics.jsonl").exists() or (out / "metrics.jsonl").stat().st_size < 2000:
        assert time.monotonic() < deadline, "the run does not start"
        assert process.poll() is None
        time.sleep(0.05)
    os.kill(process.pid, signal.SIGINT)
    _, err = process.communicate(timeout=60)
    assert process.returncode == 130
    assert err.splitlines()[-1] == "routegame train: interrupted; what was finished is kept"
    assert "Traceback" not in err
    assert json.loads((out / "metrics.jsonl").read_text().splitlines()[0])["update"] == 1
    assert not (out / "result.json").exists()
