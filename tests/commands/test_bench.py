"""Benches as users and scripts meet them."""

import json
import shlex

import pytest

from routegame.commands.bench import CHEAP, FIRST, FIRST_SEEDS
from routegame.eval.bench.bench import TYPICAL_SECONDS, full_seconds
from routegame.eval.bench.suites import instances
from routegame.numerals import duration
from routegame.train.learner import LEARNERS, LIBRARY_LEARNERS, MULTI_AGENT_LEARNERS, OWN_LEARNERS
from routegame.typesetting import markdown

ALL = tuple(LEARNERS)


def test_bench(run, tmp_path):
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
    status, printed, err = run(*arguments, "--out", str(out))
    assert status == 0
    board = (out / "leaderboard.md").read_text()
    assert "| nano-gpt5 |" in board and f"routegame {' '.join(arguments)}" in board
    assert printed == f"{markdown(board)}\n" and str(out / "leaderboard.md") in err
    assert "100%" in err and (out / "report.html").exists()
    document = json.loads((out / "leaderboard.json").read_text())
    assert len(document["rows"]) == 2 and document["rules"]["nano-gpt5"]["analytic"] == 0
    assert run(*arguments, "--out", str(out))[0] == 2
    assert run(*arguments, "--out", str(out), "--resume")[0] == 0


def test_bench_says_what_it_has_left_out(run, tmp_path):
    arguments = ["bench", "--games", "opus4-thinking", "--seeds", "1", "--max-passes", "1", "--workers", "2"]
    status, printed, err = run(*arguments, "--out", str(tmp_path / "bench"))
    assert status == 0 and all(f"\n{name} " in printed for name in CHEAP)
    about, command = err.splitlines()[-2:]
    seconds = full_seconds([], [known for known in instances("reference") if known.name == "opus4-thinking"], ALL, 10)
    assert (
        about == f"all learners, 10 seeds: about {duration(seconds)} of one core, {duration(seconds / 2)} on 2 workers"
    )
    assert command == "    routegame bench --suite reference --games opus4-thinking --learners all --seeds 10"
    assert set(TYPICAL_SECONDS) == set(LEARNERS | LIBRARY_LEARNERS | MULTI_AGENT_LEARNERS)


@pytest.mark.slow
def test_the_hard_suite_has_searches_beside_learners_and_says_what_all_would_take(run, tmp_path):
    arguments = ["bench", "--suite", "hard", "--games", "steep-1", "needle-4-pair", "--seeds", "1", "--max-passes", "1"]
    status, printed, err = run(*arguments, "--workers", "2", "--out", str(tmp_path / "bench"))
    assert status == 0 and all(f"\n{name} " in printed for name in FIRST["hard"])
    seconds = full_seconds([], [known for known in instances("hard") if known.name in arguments], ALL, 10)
    assert f"about {duration(seconds)} of one core" in err.splitlines()[-2]


def test_runs_without_a_limit_are_part_of_all_that_could_be_made(run, tmp_path, monkeypatch):
    """And say how long the others take, so that this is no figure that a test could know."""
    monkeypatch.setitem(FIRST, "hard", ("random_search",))
    out = str(tmp_path / "a bench")
    status, _, err = run("bench", "--suite", "hard", "--games", "steep-1", "--workers", "2", "--out", out)
    rows = json.loads((tmp_path / "a bench" / "leaderboard.json").read_text())["rows"]
    assert status == 0 and len(rows) == FIRST_SEEDS["hard"]
    command = shlex.split(err.splitlines()[-1])
    told = [
        "bench",
        "--suite",
        "hard",
        "--games",
        "steep-1",
        "--learners",
        "all",
        "--seeds",
        "10",
        "--out",
        out,
        "--resume",
    ]
    assert command == ["routegame", *told]
    assert run(*("sobol" if word == "all" else word for word in told))[0] == 0, "and goes on there"


@pytest.mark.parametrize(
    "arguments, message",
    [
        (
            ["bench", "--learners", "sarsa"],
            f"--learners must be one of {', '.join(OWN_LEARNERS)}, or MODULE:CLASS, got sarsa",
        ),
        (["bench", "--suite", "chess"], "--suite must be one of"),
        (["bench", "--suite", "pairs"], "--suite must be real, as it is called now, got pairs"),
        (["bench", "--games", "nano-gpt5", "chess"], "--games must be of nano-gpt5, "),
        (["bench", "--engine", "steam"], "--engine must be local or ray, got steam"),
        (["bench", "--seeds", "0"], "--seeds must be"),
        (["bench", "--memory", "1e308"], "--memory must be a finite number in (0, 1e+06)"),
    ],
)
def test_bad_input_is_refused(refused, arguments, message):
    refused(*arguments, message=message)


@pytest.mark.parametrize(
    ("twice", "told"),
    [
        (["--learners", "evolution", "oracle", "evolution"], "--learners must be each named once, got evolution twice"),
        (["--games", "nano-gpt5", "nano-gpt5"], "--games must be each named once, got nano-gpt5 twice"),
    ],
)
def test_nothing_is_run_twice(refused, twice, told):
    refused("bench", *twice, message=told)


def test_a_file_where_the_directory_belongs_is_named_with_its_option(run, tmp_path):
    (tmp_path / "file").write_text("in the way")
    place = str(tmp_path / "file")
    status, _, error = run("bench", "--games", "nano-gpt5", "--learners", "evolution", "--out", place)
    told = f"routegame bench: cannot write {place} (--out): Not a directory; choose another place\n"
    assert (status, error) == (2, told)
