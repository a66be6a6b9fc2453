"""The commands as users and scripts meet them."""

import json
import os
import pty
import re
import signal
import subprocess
import sys
import time
from dataclasses import fields

import numpy as np
import pytest

from routegame.__main__ import CHEAP, main
from routegame.eval.bench.bench import TYPICAL_SECONDS
from routegame.eval.judge.distance import Distance
from routegame.train.learner import LEARNERS

NANO = ["--task-value", "120", "--churn-penalty", "0.1", "--success-prob", "0.0311", "0.4311"]
NANO += ["--latency", "6.09", "39.77", "--cost", "0.000966", "0.02938"]
SOLVE, TRAIN = ["solve", "nano-gpt5"], ["train", "nano-gpt5", "--learner", "oracle"]
WATCH = ["watch", "nano-gpt5"]
QUICK = ["--leader-updates", "3", "--refinement-updates", "3", "--leader-batch", "64", "--leader-tasks", "16"]
PROFILE = {
    "route",
    "cascade_prob",
    "abandon_prob",
    "throttled_latency",
    "solve_prob",
    "expected_latency",
    "expected_cost",
    "user_utility",
    "provider_cost",
    "cascade_free",
}


def run(capsys, *arguments):
    """Exit status, standard output and standard error of a command."""
    try:
        status = main(list(arguments))
    except SystemExit as exit_:
        status = exit_.code
    output = capsys.readouterr()
    return status, output.out, output.err


def test_solve_prints_the_agreed_document(capsys):
    status, out, err = run(capsys, "solve", "nano-gpt5", "--json")
    document = json.loads(out)
    assert (status, err) == (0, "")
    assert set(document) == {
        "game",
        "net_value",
        "cost_of_pass",
        "regime",
        "thresholds",
        "equilibrium",
        "weak_provider_cost",
        "user_preferred",
        "misalignment_gap",
        "throttling",
        "no_commitment",
        "information",
        "validity",
    }
    assert set(document["equilibrium"]) == set(document["user_preferred"]) == PROFILE
    assert set(document["thresholds"]) == {"s_0", "s_L", "s_H"}
    assert document["thresholds"]["s_L"] is None
    assert set(document["throttling"]) == {"pays", "gain", "provider_cost", "throttled_latency", "safe_churn_penalty"}
    assert set(document["no_commitment"]) == {"provider_cost", "value_of_commitment", "pure"}
    assert document["regime"] == "latency-value"
    assert document["equilibrium"]["cascade_prob"] == pytest.approx(0.07832424029284)


def test_a_game_by_its_numbers_is_the_scenario(capsys):
    _, by_name, _ = run(capsys, "solve", "nano-gpt5", "--json")
    _, by_numbers, _ = run(capsys, "solve", *NANO, "--json")
    named, numbers = json.loads(by_name), json.loads(by_numbers)
    assert len(named["validity"].pop("success_prob")) == 2 and 0.8 < named["validity"].pop("answer_stays") < 0.95
    assert numbers["validity"].pop("success_prob") == [] and numbers["validity"].pop("answer_stays") is None
    assert numbers == named


def test_options_override_the_scenario(capsys):
    _, out, _ = run(capsys, "solve", "nano-gpt5", "--churn-penalty", "0.01", "--json")
    assert json.loads(out)["game"]["churn_penalty"] == 0.01
    assert json.loads(out)["game"]["task_value"] == 120


def test_throttling_changes_the_equilibrium(capsys):
    cost = []
    for flags in ([], ["--throttling"]):
        _, out, _ = run(capsys, "solve", "figure-5-throttle", "--json", *flags)
        cost.append(json.loads(out)["equilibrium"]["provider_cost"])
    assert cost == pytest.approx([10, 5.5])


@pytest.mark.parametrize(
    "information, abandon_prob, said",
    [
        ("memoryless", 0.0, "users           stay"),
        ("model", [0.0, 1.0], "users           stay after a failure of model 1, leave after one of model 2"),
        ("history", None, "users           leave after failure 25"),
    ],
)
def test_what_users_see(capsys, information, abandon_prob, said):
    _, out, _ = run(capsys, "solve", "gpt41-o3", "--information", information, "--json")
    document = json.loads(out)
    assert (document["information"], document["equilibrium"]["abandon_prob"]) == (information, abandon_prob)
    assert (document["no_commitment"] is None) == (information != "memoryless")
    assert said in run(capsys, "solve", "gpt41-o3", "--information", information)[1]


def test_users_who_answer_nearly_at_their_best(capsys):
    worst = []
    for delta in ("0", "1", "5"):
        _, out, _ = run(capsys, "solve", "nano-gpt5", "--delta", delta, "--json")
        document = json.loads(out)
        assert document["robust"]["delta"] == float(delta)
        worst.append(document["robust"]["provider_cost"])
    assert worst == sorted(worst)
    assert worst[0] == pytest.approx(document["weak_provider_cost"], rel=1e-9)
    assert "within 5 s" in run(capsys, "solve", "nano-gpt5", "--delta", "5")[1]


def test_scenarios(capsys):
    _, out, _ = run(capsys, "scenarios", "--json")
    listed = {entry["name"]: entry for entry in json.loads(out)}
    assert {"nano-gpt5", "gpt41-o3", "sonnet4-thinking"} <= set(listed)
    assert listed["nano-gpt5"]["measurements"][0]["num_cases"] == 225
    assert listed["latency-value-reasoning"]["suites"] == ["reference", "cells"]
    _, text, _ = run(capsys, "scenarios")
    headings = [line for line in text.splitlines() if not line.startswith("  ")]
    names = [line.split()[0] for line in text.splitlines() if line.startswith("  ")]
    assert (len(headings), names) == (3, list(listed))
    assert max(map(len, text.splitlines())) <= 140


def test_references(capsys):
    status, out, err = run(capsys, "references", "figure-5-throttle", "--throttling", "--json")
    document = json.loads(out)
    assert (status, err) == (0, "")
    assert (document["scenario"], document["throttling"]) == ("figure-5-throttle", True)
    found = {row["rule"]: row for row in document["references"]}
    assert set(found["analytic"]["profile"]) == PROFILE and found["random"]["profile"] is None
    assert found["analytic"]["provider_cost"] == pytest.approx(5.5)
    _, text, _ = run(capsys, "references", *NANO)
    assert [line.split()[0] for line in text.splitlines()[3:]] == list(found)
    assert run(capsys, "references", "nano-gpt5", "--churn-penalty", "0.05")[1] != text


def test_solve_in_words(capsys):
    _, out, _ = run(capsys, "solve", "nano-gpt5")
    assert "route 1, cascade probability 0.0783242" in out
    assert "no pure equilibrium" in out
    assert "the answer holds  for V from 92.2524 to 195.82 s" in out
    assert "gpt-4.1-nano: 3.1% of 225 tasks solved at once (1.5% to 6.3%)" in out
    _, out, _ = run(capsys, "solve", "nano-gpt5", "--success-prob", "0.05", "0.4311")
    assert "the answer holds" in out and "tasks solved at once" not in out


@pytest.mark.parametrize(
    "arguments, message",
    [
        ([*SOLVE, "--task-value", "0"], "--task-value must be a finite number in (0, inf), got 0.0"),
        ([*SOLVE, "--task-value", "nan"], "--task-value must be a finite number in (0, inf), got nan"),
        ([*SOLVE, "--task-value", "inf"], "--task-value must be a finite number in (0, inf), got inf"),
        (
            ["solve", "nano-gpt5", "--churn-penalty", "-1"],
            "--churn-penalty must be a finite number in [0, inf), got -1.0",
        ),
        (
            ["solve", "nano-gpt5", "--success-prob", "0", "0.5"],
            "--success-prob must be a finite number in (0, 1), got 0.0",
        ),
        (
            ["solve", "nano-gpt5", "--success-prob", "0.5", "1"],
            "--success-prob must be a finite number in (0, 1), got 1.0",
        ),
        ([*SOLVE, "--latency", "1", "-2"], "--latency must be a finite number in [0, inf), got -2.0"),
        ([*SOLVE, "--cost", "inf", "1"], "--cost must be a finite number in [0, inf), got inf"),
        ([*SOLVE, "--cost", "1"], "argument --cost: expected 2 arguments"),
        ([*SOLVE, "--cost", "1", "x"], "argument --cost: invalid float value: 'x'"),
        ([*SOLVE, "--information", "all"], "--information must be 'memoryless' or 'model' or 'history', got all"),
        (
            [*SOLVE, "--information", "model", "--delta", "1"],
            "--delta must be left out unless users are memoryless, got 1.0",
        ),
        ([*SOLVE, "--delta", "-1"], "--delta must be a finite number in [0, inf), got -1.0"),
        (["solve", "gpt2"], "SCENARIO must be one of nano-gpt5"),
        (["solve"], "SCENARIO must be given, or else --task-value"),
        (["solve", *NANO[2:]], "SCENARIO must be given, or else --task-value too"),
        ([*SOLVE, "--fast"], "unrecognized arguments: --fast"),
        (
            ["train", "matrix-textbook", "--learner", "evolution"],
            "SCENARIO must be a routing game; `routegame bench --suite classic --games matrix-textbook` plays this one",
        ),
        (["train", "nano-gpt5"], "the following arguments are required: --learner"),
        (
            ["train", "nano-gpt5", "--learner", "sarsa"],
            f"--learner must be one of {', '.join(LEARNERS)}, or MODULE:CLASS, got sarsa",
        ),
        (
            ["bench", "--learners", "sarsa"],
            f"--learner must be one of {', '.join(LEARNERS)}, or MODULE:CLASS, got sarsa",
        ),
        (["bench", "--suite", "chess"], "--suite must be one of"),
        (["bench", "--games", "nano-gpt5", "chess"], "--games must be of nano-gpt5, "),
        (["bench", "--engine", "steam"], "--engine must be local or ray, got steam"),
        (["bench", "--seeds", "0"], "--seeds must be"),
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
        (["eval", "nowhere"], "RUN_DIR must be a directory that `routegame train` wrote, got nowhere"),
        ([*WATCH, "--users", "0"], "--users must be an integer from 1 to"),
        ([*WATCH, "--tasks", "0"], "--tasks must be an integer from 1 to"),
        ([*WATCH, "--max-passes", "0"], "--max-passes must be an integer from 1 to"),
        ([*WATCH, "--route", "3"], "--route must be 1 or 2, got 3"),
        ([*WATCH, "--cascade-prob", "1.5"], "--cascade-prob must be a finite number in [0, 1], got 1.5"),
        ([*WATCH, "--route", "2", "--cascade-prob", "0.5"], "--cascade-prob must be left out on route 2, got 0.5"),
        ([*WATCH, "--information", "all"], "--information must be 'memoryless' or 'model' or 'history', got all"),
        ([*WATCH, "--seed", "-1"], "--seed must be a whole number from 0, got -1"),
        ([*WATCH, "--fps", "0"], "--fps must be a finite number in [0.1, 50], got 0.0"),
        ([*WATCH, "--fps", "nan"], "--fps must be a finite number in [0.1, 50], got nan"),
        ([*WATCH, "--gif", "film.mp4"], "--gif must be a file that ends in .gif or .png, got film.mp4"),
        ([*WATCH, "--gif", "nowhere/film.gif"], "--gif must be a file that can be written, got nowhere/film.gif"),
        (["references", "gpt2"], "SCENARIO must be one of nano-gpt5"),
        (["references", "--task-value", "9"], "SCENARIO must be given, or else --churn-penalty, --success-prob"),
        (["watch", "gpt2"], "SCENARIO must be one of nano-gpt5"),
        (["learn"], "invalid choice: 'learn'"),
        ([], "the following arguments are required: COMMAND"),
    ],
)
def test_bad_input_is_one_line_and_status_2(capsys, tmp_path, monkeypatch, arguments, message):
    monkeypatch.chdir(tmp_path)
    status, out, err = run(capsys, *arguments)
    assert status == 2
    assert out == ""
    assert message in err
    assert err.startswith("routegame")
    assert err.count("\n") == 1
    assert not list(tmp_path.iterdir())


def test_out_that_cannot_be_written(capsys, tmp_path):
    (tmp_path / "file").write_text("")
    out = str(tmp_path / "file" / "run")
    status, _, err = run(capsys, "train", "nano-gpt5", "--learner", "oracle", *QUICK, "--out", out)
    assert status == 2
    assert "--out must be a directory that can be written, got" in err
    assert err.count("\n") == 1
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    """The directory of a tiny finished run."""
    out = tmp_path_factory.mktemp("runs") / "tiny"
    extra = ["--follower-updates", "2", "--follower-batch", "64", "--follower-tasks", "8", "--rounds", "1"]
    arguments = ["train", "nano-gpt5", "--learner", "meta_follower", *QUICK, *extra, "--seed", "1"]
    assert main([*arguments, "--out", str(out)]) == 0
    return out, arguments


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


def test_eval_prints_result_json_again(finished, capsys):
    out, _ = finished
    status, text, err = run(capsys, "eval", str(out), "--json")
    document = json.loads(text)
    assert (status, err) == (0, "")
    assert document == json.loads((out / "result.json").read_text())
    assert {
        "learner",
        "scenario",
        "seed",
        "learned",
        "equilibrium",
        "leader_regret",
        "leader_regret_relative",
        "follower_gap",
        "follower_gap_relative",
        "certified",
        "normalised_score",
        "passes",
        "wall_seconds",
    } <= set(document)
    assert {field.name for field in fields(Distance)} <= set(document)
    assert (document["learner"], document["scenario"], document["seed"]) == ("meta_follower", "nano-gpt5", 1)
    assert set(document["learned"]) == set(document["equilibrium"]) == PROFILE


def test_the_same_command_trains_only_once(finished, capsys):
    out, arguments = finished
    before = (out / "result.json").read_text()
    status, text, _ = run(capsys, *arguments, "--out", str(out))
    assert status == 0
    assert "leader regret" in text
    assert (out / "result.json").read_text() == before


def test_another_command_does_not_overwrite_it(finished, capsys):
    out, arguments = finished
    status, _, err = run(capsys, *arguments[:-1], "2", "--out", str(out))
    assert status == 2
    assert "--out must be a directory without a run of another configuration" in err


def test_the_same_command_gives_the_same_result(finished, tmp_path, capsys):
    out, arguments = finished
    assert run(capsys, *arguments, "--out", str(tmp_path / "again"))[0] == 0
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


def test_watch_prints_an_episode(capsys):
    status, out, err = run(capsys, *WATCH, "--users", "2", "--tasks", "2", "--seed", "3")
    assert (status, err) == (0, "")
    assert out.startswith("Step 0. The provider has not committed to anything yet\n")
    assert "gpt-4.1-nano serves first and hands 7.83 % of retries over to gpt-5 (low)" in out
    assert "tasks     4 solved, 0 abandoned, of 4\n" in out
    assert "\x1b" not in out
    assert run(capsys, *WATCH, "--users", "2", "--tasks", "2", "--seed", "3") == (0, out, "")


def test_watch_a_provider_who_hands_over_too_little(capsys):
    _, out, _ = run(capsys, *WATCH, "--users", "40", "--cascade-prob", "0.07")
    last = out.split("\n\n\n")[-1]
    assert last.startswith("Step 2. gpt-4.1-nano serves first and hands 7 % of retries over")
    assert " abandoned, of 40" in last
    _, out, _ = run(capsys, *WATCH, "--route", "2")
    assert "gpt-5 (low) serves every pass" in out


def test_watch_a_game_by_its_numbers(capsys):
    _, out, _ = run(capsys, "watch", *NANO, "--users", "1")
    assert "model 1 serves first and hands 7.83 % of retries over to model 2" in out
    assert "$" not in out


def test_watch_writes_films(capsys, tmp_path):
    from PIL import Image

    films = [tmp_path / name for name in ("one.gif", "two.gif", "last.png")]
    for film in films:
        status, out, _ = run(capsys, *WATCH, "--users", "3", "--seed", "1", "--gif", str(film))
        assert status == 0
        assert re.fullmatch(rf"{re.escape(str(film))}  (\d+ frames|last frame)\n", out)
    _, text, _ = run(capsys, *WATCH, "--users", "3", "--seed", "1")
    with Image.open(films[0]) as film:
        assert film.n_frames == text.count("Step ")
    assert films[0].read_bytes() == films[1].read_bytes()
    assert films[2].read_bytes().startswith(b"\x89PNG")


def test_watch_in_a_terminal_can_be_interrupted():
    ours, its = pty.openpty()
    command = [sys.executable, "-m", "routegame", *WATCH, "--fps", "0.1"]
    process = subprocess.Popen(command, stdin=its, stdout=its, stderr=subprocess.PIPE, text=True)
    os.close(its)
    shown = b""
    while b"provider  has paid" not in shown:
        shown += os.read(ours, 4096)
    assert shown.startswith(b"\x1b[?25l")
    os.kill(process.pid, signal.SIGINT)
    _, err = process.communicate(timeout=60)
    shown = os.read(ours, 4096)
    os.close(ours)
    assert process.returncode == 130
    assert shown.endswith(b"\x1b[?25h")
    assert err == "routegame watch: interrupted; what was finished is kept\n"


def test_a_reader_may_stop_early():
    command = f"{sys.executable} -m routegame scenarios --json | head -n 1; exit ${{PIPESTATUS[0]}}"
    done = subprocess.run(["bash", "-c", command], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "[\n", "")


@pytest.mark.parametrize(
    "arguments", [["solve", "nano-gpt5", "--json"], ["references", "nano-gpt5"], ["scenarios"], ["--help"]]
)
def test_light_commands_import_nothing_heavy(arguments):
    code = (
        "import sys; from routegame.__main__ import main\n"
        "try: main(sys.argv[1:])\nexcept SystemExit: pass\n"
        "print(sorted({m.split('.')[0] for m in sys.modules} & "
        "{'torch', 'stable_baselines3', 'gymnasium', 'pettingzoo', 'matplotlib', 'scipy', 'tqdm'}), file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code, *arguments], capture_output=True, text=True, check=True)
    assert done.stderr.splitlines()[-1] == "[]"


def test_bench(capsys, tmp_path):
    arguments = [
        "bench",
        "--games",
        "nano-gpt5",
        "gpt41-o3",
        "--learners",
        "evolution",
        "--max-passes",
        "1e6",
        "--seeds",
        "1",
    ]
    out = tmp_path / "bench"
    status, printed, err = run(capsys, *arguments, "--out", str(out))
    assert status == 0
    assert printed == (out / "leaderboard.md").read_text()
    assert "| nano-gpt5 |" in printed and f"routegame {' '.join(arguments)}" in printed
    assert "100%" in err and (out / "report.html").exists()
    document = json.loads((out / "leaderboard.json").read_text())
    assert len(document["rows"]) == 2 and document["rules"]["nano-gpt5"]["analytic"] == 0
    assert run(capsys, *arguments, "--out", str(out))[0] == 2
    assert run(capsys, *arguments, "--out", str(out), "--resume")[0] == 0


def test_bench_says_what_it_has_left_out(capsys, tmp_path):
    arguments = ["bench", "--games", "opus4-thinking", "--seeds", "1", "--max-passes", "1", "--workers", "2"]
    status, printed, err = run(capsys, *arguments, "--out", str(tmp_path / "bench"))
    assert status == 0 and all(f"| {name} |" in printed for name in CHEAP)
    assert err.splitlines()[-1] == "--learners all --seeds 10 would take about 6.7 min on 2 workers"
    assert set(TYPICAL_SECONDS) == set(LEARNERS)


def test_learners(capsys):
    status, out, _ = run(capsys, "learners")
    assert status == 0 and [line.split()[0] for line in out.splitlines()] == list(LEARNERS)
    assert list(json.loads(run(capsys, "learners", "--json")[1])) == list(LEARNERS)
