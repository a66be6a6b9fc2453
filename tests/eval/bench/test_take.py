"""Runs of another bench: taken with their rows and curves where they are what is wanted, and made here where not."""

import json
import re

import numpy as np
import pytest
from benches import bench, plan

from routegame.envs.checks import ParameterError
from routegame.envs.document import FileError
from routegame.eval.bench.bench import Bench, provenance
from routegame.eval.bench.leaderboard import write_leaderboard
from routegame.eval.bench.local_engine import LocalEngine
from routegame.eval.bench.row import curve_at
from routegame.eval.report.archive import BenchArchive, RunArchive
from routegame.eval.report.run_page import run_page
from routegame.eval.report.write import write_report
from routegame.train.runs.limits import Limits
from routegame.train.runs.run_directory import RunDirectory


@pytest.fixture(scope="module")
def published(tmp_path_factory):
    """A bench of two learners, of which one fails, without its runs."""
    made, _ = bench(tmp_path_factory.mktemp("made"), plan("Plain", "Raises", seeds=1))
    write_leaderboard(made, provenance(["bench", "--seeds", "1"]))
    folder = tmp_path_factory.mktemp("published")
    for name in ("leaderboard.json", "curves.parquet"):
        (folder / name).write_bytes((made.directory / name).read_bytes())
    return made, folder


def changed(published, folder, change):
    """What is published, with rows changed."""
    board = json.loads((published / "leaderboard.json").read_text())
    rows = [dict(zip(board["columns"], row, strict=True)) for row in board["rows"]]
    for row in rows:
        change(row)
    board["rows"] = [list(row.values()) for row in rows]
    folder.mkdir()
    (folder / "leaderboard.json").write_text(json.dumps(board))
    return folder


def test_a_taken_run_is_not_made_again_and_stands_in_every_table(published, tmp_path):
    elsewhere, folder = published
    there = [row for row in elsewhere.rows() if row["status"] == "finished"]
    made = Bench(tmp_path, plan("Plain", "Raises", seeds=2), taken=[folder])
    [told] = made.told
    assert told == f"taken: 2 runs of 8, from {folder}; 2 more are of other options, versions or limits, or failed"
    done = list(made.run(LocalEngine(2, 60.0)))
    assert len(done) == 6, "those that failed are made again"
    rows = [row for row in made.rows() if row["learner"] == "plugins:Plain"]
    assert [row for row in rows if row["seed"] == 0] == there
    text = write_leaderboard(made, provenance(["bench"])).read_text()
    source = rf"Of these, 2 runs were taken from {re.escape(str(folder))}, made on .* by\n\n    routegame bench --seeds"
    assert re.search(source, text)
    assert f"2 of the runs were taken from {folder}" in write_report(tmp_path).read_text()
    resumed = Bench(tmp_path, plan("Plain", "Raises", seeds=2), resume=True)
    assert resumed.rows() == made.rows() and not list(resumed.run(LocalEngine(1, 60.0)))


def test_curves_come_along(published, tmp_path):
    elsewhere, folder = published
    made = Bench(tmp_path, plan("Plain", seeds=1), taken=[folder])
    for here, there in zip(made.jobs, [job for job in elsewhere.jobs if job.result_path.exists()], strict=True):
        one, other = curve_at(here.directory), curve_at(there.directory)
        assert len(other) > 1
        for name in ("passes", "seconds", "regret"):
            np.testing.assert_array_equal(getattr(one, name), getattr(other, name))


def test_a_table_of_taken_runs_can_be_taken_from(published, tmp_path):
    """Runs are said to be from where they were made, however many tables they went through."""
    _, folder = published
    first = Bench(tmp_path / "first", plan("Plain", seeds=2), taken=[folder])
    list(first.run(LocalEngine(2, 60.0)))
    write_leaderboard(first, provenance(["bench", "--seeds", "2"]))
    second = Bench(tmp_path / "second", plan("Plain", "Raises", seeds=2), taken=[first.directory])
    assert second.rows() == first.rows()
    board = json.loads((folder / "leaderboard.json").read_text())
    made = {name: board[name] for name in ("command", "date", "machine")}
    one, other = second.sources()
    assert one == {"path": str(folder), **made, "runs": 2, "rows": [0, 1]}
    assert [second.rows()[number]["seed"] for number in one["rows"]] == [0, 0]
    assert other["path"] == str(first.directory) and other["command"] == "routegame bench --seeds 2"
    assert (other["runs"], other["rows"]) == (2, [2, 3])
    list(second.run(LocalEngine(2, 60.0)))
    text = write_leaderboard(second, provenance(["bench", "--seeds", "2"])).read_text()
    third = Bench(tmp_path / "third", plan("Plain", seeds=2), taken=[second.directory])
    assert third.sources() == [one, other]
    assert "2 runs were taken from" in text and text.count("were taken from") == 2


def test_a_table_that_does_not_say_which_rows_it_took_stands_for_all_of_them(published, tmp_path):
    first = Bench(tmp_path / "first", plan("Plain", seeds=1), taken=[published[1]])
    write_leaderboard(first, provenance(["bench"]))
    path = first.directory / "leaderboard.json"
    board = json.loads(path.read_text())
    assert board["taken"][0].pop("rows") == [0, 1]
    path.write_text(json.dumps(board))
    second = Bench(tmp_path / "second", plan("Plain", seeds=1), taken=[first.directory])
    assert [source["path"] for source in second.sources()] == [str(first.directory)]


@pytest.mark.parametrize("rows", [[2], [-1], ["one"], 3, [None]])
def test_a_table_that_names_rows_it_does_not_have_is_damaged(published, rows, tmp_path):
    first = Bench(tmp_path / "first", plan("Plain", seeds=1), taken=[published[1]])
    write_leaderboard(first, provenance(["bench"]))
    path = first.directory / "leaderboard.json"
    board = json.loads(path.read_text())
    board["taken"][0]["rows"] = rows
    path.write_text(json.dumps(board))
    with pytest.raises(FileError, match=r"leaderboard\.json must be a folder with"):
        Bench(tmp_path / "second", plan("Plain", seeds=1), taken=[first.directory])


@pytest.mark.parametrize("limits", [Limits(max_passes=1e4), Limits(target_regret=0.5)])
def test_taken_runs_do_not_stand_for_others_with_other_limits(published, limits, tmp_path):
    """As runs that were made here do not."""
    Bench(tmp_path, plan("Plain", seeds=1), taken=[published[1]])
    with pytest.raises(ParameterError, match="whose taken runs have these options and limits"):
        Bench(tmp_path, plan("Plain", seeds=1, limits=limits), resume=True)


def test_that_a_learner_does_not_play_is_asked_and_not_taken(published, tmp_path):
    """It may have lacked a library there that it finds here."""
    games = []

    def refused(row):
        if row["learner"] == "plugins:Plain" and not games:
            games.append(row["instance"])
            row.update(status="not applicable", message="it needs snow")

    folder = changed(published[1], tmp_path / "published", refused)
    made = Bench(tmp_path / "bench", plan("Plain", seeds=1), taken=[folder])
    assert made.told == [f"taken: 1 run of 2, from {folder}"]
    assert [row["instance"] for row in made.rows()] not in ([], games)


def test_a_report_knows_taken_runs_before_there_is_a_leaderboard(published, tmp_path):
    made = Bench(tmp_path, plan("Plain", seeds=1), taken=[published[1]])
    archive = BenchArchive.open(tmp_path)
    assert archive.missing == 0
    assert [run.regret for run in archive.of("plugins:Plain")] == [row["leader_regret_relative"] for row in made.rows()]


def test_the_page_of_a_taken_run_does_not_say_what_nobody_wrote_down(published, tmp_path):
    made = Bench(tmp_path, plan("Plain", seeds=1), taken=[published[1]])
    archive = BenchArchive.open(tmp_path)
    [row, _], key = made.rows(), next(iter(archive.ended))
    page = run_page(RunArchive.of_bench(archive, key))
    assert "options: not written down here" in page and row["versions"] in page


def test_no_curves_are_no_hindrance(published, tmp_path):
    folder = changed(published[1], tmp_path / "published", lambda row: None)
    made = Bench(tmp_path / "bench", plan("Plain", seeds=2), taken=[folder])
    assert made.curves() == [None] * 2
    write_leaderboard(made, provenance(["bench"]))
    assert "There are no learning curves" in write_report(made.directory).read_text()
    list(made.run(LocalEngine(2, 60.0)))
    write_leaderboard(made, provenance(["bench"]))
    assert "2 runs that were taken without their curves are not in it" in write_report(made.directory).read_text()


@pytest.mark.parametrize("limits", [Limits(max_passes=1e6), Limits(target_regret=0.5)])
def test_runs_with_other_limits_are_not_taken(published, limits, tmp_path):
    with pytest.raises(ParameterError, match="got '2 of other options"):
        Bench(tmp_path / "bench", plan("Plain", seeds=1, limits=limits), taken=[published[1]])


def test_runs_of_another_version_are_not_taken(published, tmp_path):
    def older(row):
        row["versions"] = row["versions"] and re.sub(r"routegame [\d.]+", "routegame 0.0.9", row["versions"])

    folder = changed(published[1], tmp_path / "published", older)
    with pytest.raises(ParameterError, match="got '2 of other options"):
        Bench(tmp_path / "bench", plan("Plain", seeds=1), taken=[folder])


def test_a_bench_of_something_else_is_refused(published, tmp_path):
    with pytest.raises(ParameterError, match="got 'none in "):
        Bench(tmp_path / "bench", plan("Slow", seeds=1), taken=[published[1]])
    assert not (tmp_path / "bench").exists(), "the same command may be given again, corrected"


def test_what_was_made_here_stays(published, tmp_path):
    own, _ = bench(tmp_path, plan("Plain", seeds=1))
    rows = own.rows()
    again = Bench(tmp_path, plan("Plain", seeds=1), resume=True, taken=[published[1]])
    assert again.rows() == rows and again.sources() == []
    assert again.told == [f"taken: 0 runs of 2, from {published[1]}"]


@pytest.mark.parametrize("again", [False, True])
def test_what_was_killed_while_it_was_taken_is_taken_or_made(published, again, tmp_path):
    job = Bench(tmp_path, plan("Plain", seeds=1)).jobs[0]
    job.directory.mkdir(parents=True)
    (job.directory / "taken.json.part").write_text("{")
    made = Bench(tmp_path, plan("Plain", seeds=1), resume=True, taken=[published[1]] if again else [])
    assert len(list(made.run(LocalEngine(2, 60.0)))) == (0 if again else 2)
    assert [row["status"] for row in made.rows()] == ["finished"] * 2


def test_a_run_that_is_under_way_is_left_alone(published, tmp_path):
    job = Bench(tmp_path, plan("Plain", seeds=1)).jobs[0]
    RunDirectory.create(job.directory, job.config)
    made = Bench(tmp_path, plan("Plain", seeds=1), resume=True, taken=[published[1]])
    assert made.told == [f"taken: 1 run of 2, from {published[1]}"] and not job.done


@pytest.mark.parametrize(
    "damage",
    [
        lambda row: row.update(passes="many"),
        lambda row: row.update(passes=2**70),
        lambda row: row.update(leader_regret_relative=float("nan")),
        lambda row: row.update(anytime_regret=float("nan")),
        lambda row: row.update(leader_regret_relative=None),
        lambda row: row.update(seed=[]),
        lambda row: row.pop("config_hash"),
    ],
)
def test_damaged_tables_are_named(published, damage, tmp_path):
    def spoil(row):
        if row["learner"] == "plugins:Plain":
            damage(row)

    folder = changed(published[1], tmp_path / "published", spoil)
    with pytest.raises(FileError, match=r"leaderboard\.json"):
        Bench(tmp_path / "bench", plan("Plain", seeds=1), taken=[folder])


@pytest.mark.parametrize(
    "name,text", [("leaderboard.json", "[]"), ("leaderboard.json", "{}"), ("curves.parquet", "no")]
)
def test_damaged_files_are_named(published, name, text, tmp_path):
    folder = changed(published[1], tmp_path / "published", lambda row: None)
    (folder / name).write_text(text)
    with pytest.raises(FileError, match=name):
        Bench(tmp_path / "bench", plan("Plain", seeds=1), taken=[folder])


def test_an_endless_curve_of_a_taken_run_is_damage(published, tmp_path):
    made = Bench(tmp_path, plan("Plain", seeds=1), taken=[published[1]])
    path = made.jobs[0].taken_path
    path.write_text(re.sub(r'"curve": \[\s*\[\s*[-\d.e+]+', '"curve": [[Infinity', path.read_text()))
    assert "Infinity" in path.read_text()
    with pytest.raises(FileError, match=r"taken\.json"):
        made.curves()


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"source": {}, "row": {}, "curve": null}'])
def test_a_damaged_taken_run_is_named(published, text, tmp_path):
    made = Bench(tmp_path, plan("Plain", seeds=1), taken=[published[1]])
    made.jobs[0].taken_path.write_text(text)
    with pytest.raises(FileError, match=r"taken\.json"):
        Bench(tmp_path, plan("Plain", seeds=1), resume=True)
