"""Episodes to look at, in a pipe, in a terminal and as films."""

import json
import os
import pty
import re
import signal
import subprocess
import sys

import pytest
from command_line import NANO
from two_models import TWO_MODELS

WATCH = ["watch", "nano-gpt5"]


def test_watch_prints_an_episode(run):
    status, out, err = run(*WATCH, "--users", "2", "--tasks", "2", "--seed", "3")
    assert (status, err) == (0, "")
    assert out.startswith("Step 0. The provider has not committed to anything yet\n")
    assert "gpt-4.1-nano serves first and hands 7.84 % of retries over to gpt-5 (low)" in " ".join(out.split())
    assert "tasks     4 solved, 0 abandoned, of 4\n" in out
    assert "\x1b" not in out
    assert run(*WATCH, "--users", "2", "--tasks", "2", "--seed", "3") == (0, out, "")


def test_watch_a_provider_who_hands_over_too_little(run):
    _, out, _ = run(*WATCH, "--users", "40", "--cascade-prob", "0.07")
    last = out.split("\n\n\n")[-1]
    assert last.startswith("Step 2. gpt-4.1-nano serves first and hands 7 % of retries over")
    assert " abandoned, of 40" in last
    _, out, _ = run(*WATCH, "--route", "2")
    assert "gpt-5 (low) serves every pass" in out


@pytest.mark.quick_cases(13)
@pytest.mark.parametrize("name", TWO_MODELS)
def test_a_commitment_that_solve_prints_keeps_the_users_that_it_is_said_to_keep(run, name):
    """Copied from one command to the other: `0.0783242` was a hair short of the edge, and all users left."""
    _, said, _ = run("solve", name)
    shares = re.findall(r"^  equilibrium +route 1, cascade probability (\S+)$", said, re.MULTILINE)
    ties = 0 in TWO_MODELS[name].game.net_value  # users who do not care what they do stay in another's commitment
    if not shares or "  users           stay;" not in said or ties:
        return
    status, seen, _ = run("watch", name, "--cascade-prob", shares[0], "--users", "20", "--max-passes", "100")
    assert status == 0 and " 0 abandoned," in seen.split("\n\n\n")[-1]


def test_what_watch_says_of_the_equilibrium_keeps_users_in_watch(run):
    """Six users of whom none leaves, at what is written above them."""
    _, first, _ = run(*WATCH)
    share = re.search(r"hands (\S+) % of retries", first)[1]
    _, second, _ = run(*WATCH, "--cascade-prob", repr(float(share) / 100))
    assert all(" 0 abandoned," in seen.split("\n\n\n")[-1] for seen in (first, second))
    _, out, _ = run(*WATCH, "--cascade-prob", "0.0783242")
    assert "hands 7.83242 % of retries" in out and " 6 abandoned," in out.split("\n\n\n")[-1]
    _, out, _ = run(*WATCH, "--route", "1")
    assert "hands 7.84 % of retries" in out and " 0 abandoned," in out.split("\n\n\n")[-1]


def test_watch_a_game_by_its_numbers(run):
    _, out, _ = run("watch", *NANO, "--users", "1")
    assert "model 1 serves first and hands 7.84 % of retries over to model 2" in out
    assert "$" not in out


def write_policy(folder, start, matrix):
    path = folder / "policy.json"
    path.write_text(json.dumps({"start": start, "matrix": matrix}))
    return str(path)


def test_watch_an_episode_of_many_models(run):
    status, out, err = run("watch", "gpt41-family", "--users", "3", "--seed", "2")
    assert (status, err) == (0, "")
    said = " ".join(out.split())
    assert "Step 1. gpt-4.1-nano serves first and hands 2.43442 % of retries over to gpt-4.1-mini" in said
    assert "tasks     3 solved, 0 abandoned, of 3\n" in out, "users stay at the equilibrium"
    assert max(map(len, out.splitlines())) <= 80
    assert run("watch", "gpt41-family", "--users", "3", "--seed", "2") == (0, out, "")


@pytest.mark.parametrize("name", ["openai-five", "gateway-eight", "polyglot-51"])
def test_menus_fit_the_terminal(run, name):
    status, out, _ = run("watch", name, "--users", "4")
    assert status == 0 and max(map(len, out.splitlines())) <= 80


def test_watch_another_policy(run, tmp_path):
    """Users answer it at their best: a model that is not worth its wait is left at once."""
    path = write_policy(tmp_path, [1, 0, 0], [[1, 0, 0], [0, 1, 0], [0, 0, 1]])
    status, out, _ = run("watch", "gpt41-family", "--policy", path, "--users", "40")
    assert status == 0 and "Step 1. gpt-4.1-nano serves every pass" in out
    last = out.split("\n\n\n")[-1]
    assert last.startswith("Step 2.") and " abandoned, of 40" in last and " 0 abandoned" not in last
    path = write_policy(tmp_path, [0.5, 0.5, 0], [[0, 0, 1]] * 3)
    status, out, _ = run("watch", "gpt41-family", "--policy", path, "--users", "40")
    assert "first passes: 50 % gpt-4.1-nano, 50 % gpt-4.1-mini; retries: 100 % gpt-4.1" in " ".join(out.split())
    assert " 0 abandoned, of 40" in out.split("\n\n\n")[-1]


def test_two_models_may_be_told_another_order(run, tmp_path):
    path = write_policy(tmp_path, [0, 1], [[0, 1], [1, 0]])
    status, out, _ = run("watch", "nano-gpt5", "--policy", path, "--users", "2")
    assert status == 0
    wanted = "gpt-5 (low) serves first and hands 100 % of retries over to gpt-4.1-nano; gpt-4.1-nano hands 100 %"
    assert wanted in " ".join(out.split())


@pytest.mark.parametrize(
    "name, ending",
    [("nano-gpt5", " 0 abandoned,"), ("gateway-eight", " 0 abandoned,"), ("menu-leave", "0 for compute")],
)
def test_users_who_may_decline_do_at_the_equilibrium_what_solve_says(run, name, ending):
    """They stay; or they decline, where it is cheaper to let them go than to keep them."""
    status, out, err = run("watch", name, "--decline", "--users", "20", "--max-passes", "200")
    assert (status, err) == (0, "") and ending in out.split("\n\n\n")[-1]


@pytest.mark.parametrize("information", ["memoryless", "model", "history"])
def test_users_decline_every_task_that_is_worth_less_than_nothing(run, tmp_path, information):
    """A model that is never worth its wait: without a pass they lose nothing, and the provider pays the churn."""
    path = write_policy(tmp_path, [0, 1, 0], [[0, 1, 0]] * 3)
    slow = ["--success-prob", "0.5", "0.1", "0.5", "--latency", "1", "9", "1", "--cost", "1", "1", "1"]
    game = [*slow, "--task-value", "10", "--churn-penalty", "2"]
    options = ["--policy", path, "--users", "3", "--tasks", "2", "--information", information]
    _, out, _ = run("watch", *game, *options, "--decline")
    last = out.split("\n\n\n")[-1]
    assert last.startswith("Step 3.") and "0 solved, 6 abandoned, of 6" in last and "paid 12: 0 for compute" in last
    _, out, _ = run("watch", *game, *options)
    assert " 0 for compute" not in out.split("\n\n\n")[-1], "the first pass cannot be refused"


@pytest.mark.parametrize(
    "text, found",
    [
        ("", "no JSON"),
        ("[]", "a JSON list"),
        ('{"start": [1, 0, 0]}', "policy must be an object"),
        ('{"start": [1, 0], "matrix": [[1, 0], [0, 1]]}', "start must be 3 numbers"),
        ('{"start": [1, 0, 0], "matrix": [[1, 0, 0], [0, 1, 0], [0, 0, 0.5]]}', "rows that add up to 1, got 0.5"),
        ('{"start": [1, 0, 0], "matrix": [[1, 0, 0], [0, 1, 0], [0, 0]]}', "matrix must be"),
        ('{"start": [2, -1, 0], "matrix": [[1, 0, 0], [0, 1, 0], [0, 0, 1]]}', "in [0, 1], got 2.0"),
        ('{"start": "x", "matrix": null}', "start must be"),
    ],
)
def test_a_file_without_a_policy_is_refused_in_a_line(run, tmp_path, text, found):
    path = tmp_path / "policy.json"
    path.write_text(text)
    status, out, err = run("watch", "gpt41-family", "--policy", str(path))
    assert (status, out) == (2, "") and err.count("\n") == 1
    assert "policy.json (--policy) must be a policy of 3 models" in err and found in err


def test_what_goes_with_two_models_alone_is_refused(refused, tmp_path_factory):
    named = ["watch", "gpt41-family"]
    refused(*named, "--route", "1", message="--route must be left out unless two models are in the paper's order")
    refused(*named, "--cascade-prob", "0.5", message="--cascade-prob must be left out unless two models")
    refused(*named, "--information", "all", message="--information must be 'memoryless' or")
    refused(*named, "--policy", "none.json", message="none: No such file or directory")
    rows = [[1.0, *[0.0] * 50], [0.0, 1.0, *[0.0] * 49]]
    path = write_policy(tmp_path_factory.mktemp("policies"), rows[0], [*rows, *[rows[0]] * 49])
    refused("watch", "polyglot-51", "--policy", path, message="--policy must be one row for all models where there are")


@pytest.mark.parametrize("name", ["gpt41-family", "polyglot-51"])
def test_films_of_many_models(run, tmp_path, name):
    status, *_ = run("watch", name, "--users", "3", "--gif", str(tmp_path / "last.png"))
    assert status == 0 and (tmp_path / "last.png").read_bytes().startswith(b"\x89PNG")


def test_watch_writes_films(run, tmp_path):
    from PIL import Image

    films = [tmp_path / name for name in ("one.gif", "two.gif", "last.png")]
    for film in films:
        status, out, _ = run(*WATCH, "--users", "3", "--seed", "1", "--gif", str(film))
        assert status == 0
        assert re.fullmatch(rf"{re.escape(str(film))}  (\d+ frames|last frame)\n", out)
    _, text, _ = run(*WATCH, "--users", "3", "--seed", "1")
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


@pytest.mark.parametrize(
    "arguments, message",
    [
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
        (
            [*WATCH, "--gif", "nowhere/film.gif"],
            "cannot write nowhere/film.gif (--gif): No such file or directory",
        ),
        (["watch", "gpt2"], "SCENARIO must be one of nano-gpt5"),
    ],
)
def test_bad_input_is_refused(refused, arguments, message):
    refused(*arguments, message=message)
