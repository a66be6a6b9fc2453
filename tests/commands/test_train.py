"""Training as users and scripts meet it: run directories, and what becomes of them when a command comes again."""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time

import numpy as np
import pytest
from command_line import NANO, QUICK

from routegame.train.learner import OWN_LEARNERS

TRAIN = ["train", "nano-gpt5", "--learner", "oracle"]


@pytest.mark.parametrize(
    "arguments, message",
    [
        (
            ["train", "matrix-textbook", "--learner", "evolution"],
            "SCENARIO must be a routing game; `routegame bench --suite classic --games matrix-textbook` plays this one",
        ),
        (
            ["train", "easy-hard-sighted", "--learner", "evolution", "--form", "matrix"],
            "--form must be left out for a mix of tasks, got matrix",
        ),
        (
            ["train", "easy-hard-sighted", "--learner", "oracle"],
            "--learner must be one that plays such games (users who know their context answer with a number in each)",
        ),
        (["train", "nano-gpt5"], "the following arguments are required: --learner"),
        (
            ["train", "nano-gpt5", "--learner", "sarsa"],
            f"--learner must be one of {', '.join(OWN_LEARNERS)}, or MODULE:CLASS, got sarsa",
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


def test_a_mix_of_tasks_is_learned_and_judged_again(run, tmp_path):
    out = str(tmp_path / "run")
    quick = ["--generations", "4", "--first-tasks", "64", "--last-tasks", "64"]
    status, text, _ = run("train", "easy-hard-sighted", "--learner", "evolution", *quick, "--out", out)
    assert status == 0 and "easy-hard-sighted, learner evolution, seed 0" in text
    document = json.loads(run("eval", out, "--json")[1])
    assert document["lower_bound"] == pytest.approx(4.562) and len(document["learned"]["context_costs"]) == 2
    assert 0 <= document["contexts_within_1_percent"] <= 1 and document["scenario"] == "easy-hard-sighted"
    assert (tmp_path / "run" / "report.html").exists()


def test_out_that_cannot_be_written(run, tmp_path):
    (tmp_path / "file").write_text("")
    out = str(tmp_path / "file" / "run")
    status, _, err = run("train", "nano-gpt5", "--learner", "oracle", *QUICK, "--out", out)
    assert status == 2
    assert err == f"routegame train: cannot write {out} (--out): Not a directory; choose another place\n"
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


DAMAGE = {
    "empty": lambda path: path.write_bytes(b""),
    "missing": lambda path: path.unlink(),
    "cut": lambda path: path.write_bytes(path.read_bytes()[: path.stat().st_size // 2]),
    "a list": lambda path: path.write_text("[]"),
    "deep": lambda path: path.write_text("[" * 100_000),
    "bytes": lambda path: path.write_bytes(b"\xff\xfe" * 50),
    "a folder": lambda path: (path.unlink(), path.mkdir()),
}


@pytest.mark.quick_cases(3)
@pytest.mark.parametrize("damage", DAMAGE)
def test_a_finished_run_needs_no_metrics(finished, tmp_path, run, damage):
    """They are drawn as far as they are there."""
    out, arguments = shutil.copytree(finished[0], tmp_path / "run"), finished[1]
    DAMAGE[damage](out / "metrics.jsonl")
    for command in ([*arguments, "--out", str(out)], ["eval", str(out)], ["report", str(out)]):
        status, _, err = run(*command)
        assert (status, err) == (0, "")


@pytest.mark.parametrize("name", ["config.json", "checkpoints/leader.json", "checkpoints/follower.npz"])
@pytest.mark.parametrize("damage", [damage for damage in DAMAGE if damage != "missing"])
def test_a_damaged_file_is_named_by_whoever_needs_it(finished, tmp_path, run, name, damage):
    out, arguments = shutil.copytree(finished[0], tmp_path / "run"), finished[1]
    DAMAGE[damage](out / name)
    for command, option in ([*arguments, "--out", str(out)], "--out"), (["eval", str(out)], "RUN_DIR"):
        status, printed, err = run(*command)
        assert (status, printed) == (2, "")
        assert err.startswith(f"routegame {command[0]}: {out / name} ({option}) must be ") and err.count("\n") == 1


@pytest.mark.parametrize("damage", [damage for damage in DAMAGE if damage != "missing"])
def test_a_damaged_checkpoint_is_named(finished, tmp_path, run, damage):
    out, arguments = shutil.copytree(finished[0], tmp_path / "run"), finished[1]
    (out / "result.json").unlink()
    (out / "checkpoints" / "latest.safetensors").write_bytes(b"not quite")
    DAMAGE[damage](out / "checkpoints" / "latest.safetensors")
    status, _, err = run(*arguments, "--out", str(out))
    assert status == 2 and "latest.safetensors (--out) must be a routegame checkpoint 2, whole; delete it" in err
    assert err.count("\n") == 1


def test_the_refusal_of_another_run_says_what_differs(finished, run):
    out, arguments = finished
    for more, told in (
        (["--churn-penalty", "0.2"], "churn_penalty there 0.1, here 0.2"),
        (["--seed", "7"], "seed there 1, here 7"),
        (["--rounds", "3"], "rounds there 1, here 3"),
        (["--max-passes", "5"], "max_passes there null, here 5.0"),
        (["--throttling"], "throttling there false, here true"),
    ):
        err = run(*arguments, *more, "--out", str(out))[2]
        assert f"--out must be a directory without a run of another configuration, got {out} ({told}" in err


@pytest.mark.slow
def test_games_of_ones_own_do_not_share_a_directory(run, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    evolution = ["--learner", "evolution", "--max-passes", "1"]
    assert run("train", "nano-gpt5", *evolution)[0] == 0
    for value in ("120", "130"):
        assert run("train", *NANO, "--task-value", value, *evolution)[0] == 0
    assert run("train", "nano-gpt5", "--task-value", "130", *evolution)[0] == 0
    names = sorted(path.name for path in (tmp_path / "runs").iterdir())
    own = [name for name in names if re.fullmatch(r"(game|nano-gpt5)-[0-9a-f]{8}-evolution-0", name)]
    assert len(names) == 4 and set(names) - set(own) == {"nano-gpt5-evolution-0"}
    assert run("train", *NANO, *evolution)[0] == 0 and len(list((tmp_path / "runs").iterdir())) == 4


FULL = (
    "import resource, signal, sys; from routegame.__main__ import main; signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
    "resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[1]),) * 2); sys.exit(main(sys.argv[2:]))"
)
"""Runs a command where no file may be larger than that."""


@pytest.mark.slow
@pytest.mark.parametrize("size", [100, 1500, 20_000])
def test_a_full_disk_is_one_line_and_the_run_goes_on_once_there_is_room(tmp_path, run, size):
    """Be it the configuration, an event file, the metrics or the picture that finds no room."""
    out = tmp_path / "run"
    command = ["train", "nano-gpt5", "--learner", "evolution", "--max-passes", "200000", "--out", str(out)]
    full = [sys.executable, "-c", FULL, str(size), *command]
    done = subprocess.run(full, capture_output=True, text=True, check=False)
    told = r"routegame train: cannot write .* \(--out\): File too large; allow larger files there"
    assert (done.returncode, done.stdout) == (2, "") and "Traceback" not in done.stderr
    assert re.match(told, done.stderr.splitlines()[-1])
    for line in (out / "metrics.jsonl").read_text().splitlines() if (out / "metrics.jsonl").exists() else ():
        json.loads(line)
    assert not list(out.rglob("*.part"))
    assert run(*command)[0] == 0
    assert run(*command[:-1], str(tmp_path / "straight"))[0] == 0
    first, again = (json.loads((path / "result.json").read_text()) for path in (out, tmp_path / "straight"))
    assert first | {"wall_seconds": 0} == again | {"wall_seconds": 0}


def test_the_folder_of_a_learner_of_ones_own_has_a_name_that_every_file_system_allows(run, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert run("train", "nano-gpt5", "--learner", "plugins:Plain", "--steps", "2")[0] == 0
    assert [folder.name for folder in (tmp_path / "runs").iterdir()] == ["nano-gpt5-plugins.Plain-0"]
