"""A bench: the same table whoever makes it, nothing made twice, and one bad learner spoils no other's runs."""

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest
from benches import GAMES, bench, plan, timeless

from routegame.envs.checks import ParameterError
from routegame.envs.commitment import RoutingGame
from routegame.envs.document import FileError
from routegame.envs.scenarios import scenario
from routegame.eval.bench.bench import OF_MENUS, Bench, BenchPlan, full_seconds, provenance, typical_seconds
from routegame.eval.bench.leaderboard import write_leaderboard
from routegame.eval.bench.row import COLUMNS
from routegame.eval.bench.suites import instances
from routegame.eval.judge.routing_judge import RoutingJudge
from routegame.eval.statistics import SUCCESS
from routegame.train.runs.limits import Limits


@pytest.mark.slow
def test_rows_of_the_projects_learners_do_not_depend_on_workers(tmp_path):
    """Of a search, of one that evolves and of one with networks; the last two stopped on the way."""
    learners, limits = ("halving", "evolution", "meta_follower"), Limits(max_passes=3e7)
    planned = BenchPlan("reference", GAMES, learners, range(2), limits)
    one, two = (bench(tmp_path / str(workers), planned, workers)[0].rows() for workers in (1, 2))
    assert timeless(one) == timeless(two)
    assert [row["status"] for row in one] == ["finished"] * 12
    assert {row["stopped"] for row in one} == {"finished", "max_passes"}


@pytest.mark.slow
def test_the_table_does_not_depend_on_workers(tmp_path):
    planned = plan("Plain")
    one, two = (bench(tmp_path / str(workers), planned, workers)[0].rows() for workers in (1, 2))
    assert timeless(one) == timeless(two)
    assert [(row["instance"], row["seed"]) for row in one] == [(g.name, s) for s in (0, 1) for g in GAMES]
    assert all(row["status"] == "finished" and row["seconds"] > 0 for row in one)
    for row in one:
        passes, seconds = row["passes_to_1_percent"], row["seconds_to_1_percent"]
        assert (passes is None) == (seconds is None) == (row["leader_regret_relative"] > SUCCESS)
        assert passes is None or (0 < passes <= row["passes"] and 0 < seconds <= row["seconds"])
    assert [row["throttling"] for row in one] == [False, True] * 2
    assert all(list(row) == list(COLUMNS) for row in one)
    assert len({row["config_hash"] for row in one}) == 4


def test_a_row_is_judged_exactly(tmp_path):
    made, _ = bench(tmp_path, plan("Liar", "Plain", seeds=1))
    liar = next(row for row in made.rows() if row["learner"] == "plugins:Liar" and row["instance"] == "nano-gpt5")
    judge = RoutingJudge(RoutingGame(scenario("nano-gpt5").game))
    assert liar["learned_provider_cost"] < judge.solution.equilibrium.provider_cost, "what it would have us believe"
    assert liar["leader_regret_relative"] > 0.5
    assert liar["certified"] is False
    assert liar["diagnosis"].startswith("stale follower")


@pytest.mark.parametrize(
    "name,status,message",
    [
        ("Raises", "raised", "RuntimeError: no luck"),
        ("Dies", "died", "exit code 7"),
        ("Forgetful", "not resumable", "learner plugins:Forgetful, stopped after update 1 of 8 and taken up from its"),
        ("Wordless", "raised", "ParameterError: what parts() of Wordless returns must be a mapping of names to"),
    ],
)
def test_a_learner_that_fails_has_a_row_that_says_so(name, status, message, tmp_path):
    made, _ = bench(tmp_path, plan(name, "Plain", seeds=1))
    bad, good = ([row for row in made.rows() if row["learner"] == f"plugins:{who}"] for who in (name, "Plain"))
    assert [row["status"] for row in bad] == [status] * 2
    assert all(message in row["message"] for row in bad)
    assert all(row["leader_regret_relative"] is None for row in bad)
    assert [row["status"] for row in good] == ["finished"] * 2
    text = write_leaderboard(made, provenance(["bench"])).read_text()
    assert f"| plugins:{name} | 0 % | 0 % to 66 % | ∞ | — | ∞ | 0 | 2 | - | ∞ | - | ∞ |" in text


@pytest.mark.parametrize("seeds", [1, 2])
def test_a_leaderboard_of_one_seed_has_no_interval_of_regret_and_says_so(seeds, tmp_path):
    """From 9.70 to 9.70 % was no interval at 95 %: nothing tells what another seed would do."""
    made, _ = bench(tmp_path, plan("Plain", seeds=seeds))
    text = write_leaderboard(made, provenance(["bench"])).read_text()
    row = next(line.split(" | ") for line in text.splitlines() if line.startswith("| plugins:Plain |"))
    assert (row[4] == "—") == (seeds == 1) == ("With one seed nothing tells" in text) and " to " in row[2]
    assert ("Intervals are at 95 %, over seeds." in text) == (seeds == 2)


def test_what_is_done_is_not_done_again(tmp_path):
    bench(tmp_path, plan("Plain", seeds=1))
    times = {path: path.stat().st_mtime_ns for path in tmp_path.rglob("result.json")}
    made, done = bench(tmp_path, plan("Plain", seeds=2), resume=True)
    assert len(times) == len(done) == 2
    assert all(path.stat().st_mtime_ns == when for path, when in times.items())
    assert timeless(made.rows()) == timeless(bench(tmp_path / "new", plan("Plain", seeds=2))[0].rows())


def test_a_directory_is_not_taken_by_mistake(tmp_path):
    bench(tmp_path / "bench", plan("Plain", seeds=1))
    with pytest.raises(ParameterError, match="--resume"):
        Bench(tmp_path / "bench", plan("Plain", seeds=1))
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "precious").touch()
    with pytest.raises(ParameterError, match="new or empty"):
        Bench(tmp_path / "other", plan("Plain", seeds=1), resume=True)
    config = next((tmp_path / "bench").rglob("config.json"))
    config.write_text(config.read_text().replace('"steps": 8', '"steps": 9'))
    with pytest.raises(ParameterError, match="another configuration"):
        Bench(tmp_path / "bench", plan("Plain", seeds=1), resume=True)


@pytest.mark.slow
def test_killed_and_resumed_it_ends_as_if_nothing_had_happened(tmp_path):
    """The driver is killed, with no time for anything; what it had started ends, too."""
    names = [known.name for known in GAMES]
    arguments = ["bench", "--games", *names, "--learners", "plugins:Slow", "--seeds", "3", "--workers", "2"]
    path = os.pathsep.join([str(Path(__file__).parents[2]), *sys.path])
    killed = tmp_path / "killed"
    driver = subprocess.Popen(
        [sys.executable, "-m", "routegame", *arguments, "--out", str(killed)],
        env={**os.environ, "PYTHONPATH": path},
        stderr=subprocess.DEVNULL,
    )
    while len(list(killed.rglob("result.json"))) < 2:
        assert driver.poll() is None
        time.sleep(0.02)
    driver.kill()
    driver.wait()
    time.sleep(0.5)
    finished = {path: path.stat().st_mtime_ns for path in killed.rglob("result.json")}
    time.sleep(1.0)
    assert len(list(killed.rglob("result.json"))) == len(finished) < 6, "nobody goes on without a driver"
    planned = plan("Slow", seeds=3)
    resumed, _ = bench(killed, planned, resume=True)
    assert all(path.stat().st_mtime_ns == when for path, when in finished.items())
    straight, _ = bench(tmp_path / "straight", planned)
    assert timeless(resumed.rows()) == timeless(straight.rows())
    assert len(straight.rows()) == 6


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"versions": 3}', "[" * 100_000])
@pytest.mark.parametrize("name", ["config.json", "result.json", "failure.json"])
def test_a_damaged_run_is_named_before_others_are_made(tmp_path, name, text):
    Bench(tmp_path, plan("Plain", seeds=1))
    job = Bench(tmp_path, plan("Plain", seeds=1), resume=True).jobs[0]
    job.directory.mkdir(parents=True)
    (job.directory / name).write_text(text)
    wanted = ParameterError if name == "config.json" and text.startswith("{") else FileError  # another configuration
    with pytest.raises(wanted) as caught:
        Bench(tmp_path, plan("Plain", seeds=1), resume=True)
    assert str(job.directory) in f"{caught.value.parameter}, {caught.value.given}"


def test_more_models_take_longer_in_crowds_and_in_games_that_change_too():
    boxes = {known.name: known.box for suite in ("crowds", "drift", "matrices") for known in instances(suite)}
    pair = typical_seconds("oracle", boxes["drift-first-worse"])
    assert typical_seconds("oracle", boxes["bayes-guard"]) == pair
    for name in ("crowd-4-models-3-types", "drift-menu-value-halved"):
        assert typical_seconds("oracle", boxes[name]) == OF_MENUS * pair


def test_what_runs_took_says_what_others_would():
    """A game that takes twice as long as is typical does so for learners that have no run in it, too."""
    hard = {known.name: known for known in instances("hard")}
    games = [hard[name] for name in ("needle-4-pair", "steep-1")]
    usual = {
        (who, g.name): typical_seconds(who, g.box) for who in ("oracle", "evolution", "response_reward") for g in games
    }
    learners = ("oracle", "evolution", "response_reward", "hypergradient")
    rest = typical_seconds("hypergradient", games[1].box)  # it does not play menus
    assert full_seconds([], games, learners, 10) == pytest.approx(10 * (sum(usual.values()) + rest))

    def row(who, game, seconds, stopped="finished"):
        return {"learner": who, "instance": game, "status": "finished", "stopped": stopped, "seconds": seconds}

    slow = 2 * usual["oracle", "needle-4-pair"]
    rows = [row("oracle", "needle-4-pair", slow - 1), row("oracle", "needle-4-pair", slow + 1)]
    rows += [row("evolution", "needle-4-pair", 0.01, "max_passes"), row("evolution", "nano-gpt5", 99.0)]
    rows += [
        {"learner": "response_reward", "instance": "steep-1", "status": "raised", "stopped": None, "seconds": None}
    ]
    assert full_seconds(rows, games, learners, 3) == pytest.approx(6 * (sum(usual.values()) + rest))
    rows.append(row("evolution", "steep-1", usual["evolution", "steep-1"]))
    menu = sum(usual[who, "needle-4-pair"] for who in ("oracle", "evolution", "response_reward"))
    assert full_seconds(rows, games, learners, 1) == pytest.approx(sum(usual.values()) + rest + menu)
