"""What is read from disk: whole, checked, and nothing of it executed; damage is one line."""

import json
import sys
from math import inf, nan

import pytest
from report_pages import GAMES, change, report

from routegame.__main__ import main
from routegame.envs.checks import ParameterError
from routegame.eval.bench.row import curve_at
from routegame.eval.report.archive import BenchArchive, RunArchive, RunRecord
from routegame.eval.report.write import write_report


def test_what_is_compared_is_the_largest_block(bench):
    archive = BenchArchive.open(bench)
    ended = {
        key: run for key, run in archive.ended.items() if key[1:] not in [("nano-gpt5", 1), ("figure-5-throttle", 1)]
    }
    assert BenchArchive(**{**vars(archive), "ended": ended}).complete() == (list(GAMES), [0])
    ended = {key: run for key, run in archive.ended.items() if key[1] == "nano-gpt5"}
    assert BenchArchive(**{**vars(archive), "ended": ended}).complete() == (["nano-gpt5"], [0, 1])


@pytest.mark.parametrize(
    "name,edit",
    [
        ("bench.json", lambda plan: {}),
        ("bench.json", lambda plan: [plan]),
        ("bench.json", lambda plan: plan.update(learners=[])),
        ("bench.json", lambda plan: plan.update(learners=["../../etc"])),
        ("bench.json", lambda plan: plan["instances"][0]["game"].update(success_prob=[0.1, 2])),
        ("bench.json", lambda plan: plan["instances"][0]["game"].update(task_value=[1, 2])),
        ("bench.json", lambda plan: plan.update(seeds=["zero"])),
        ("leaderboard.json", lambda board: board["rows"][0].remove("reference")),
        ("leaderboard.json", lambda board: board["columns"].remove("passes")),
        ("leaderboard.json", lambda board: board["rows"][0].__setitem__(board["columns"].index("route"), 3)),
        ("leaderboard.json", lambda board: board["rows"][0].__setitem__(board["columns"].index("passes"), inf)),
        ("leaderboard.json", lambda board: board["rows"][0].__setitem__(board["columns"].index("seconds"), "soon")),
        ("leaderboard.json", lambda board: board.update(versions=7)),
        ("leaderboard.json", lambda board: board.update(rules={"nano-gpt5": None})),
    ],
)
def test_damage_is_one_line(name, edit, bench, capsys):
    change(bench / name, edit)
    before = (bench / "report.html").read_bytes()
    assert main(["report", str(bench)]) == 2
    out, err = capsys.readouterr()
    assert out == "" and err.count("\n") == 1
    assert err.startswith(f"routegame report: {bench / name} (DIR) must be as `routegame bench` or ")
    assert (bench / "report.html").read_bytes() == before


@pytest.mark.parametrize("text", ["", "{", "\0", '{"suite": ' + "[" * 100_000])
def test_a_file_that_is_no_json_is_one_line(text, bench):
    (bench / "bench.json").write_text(text)
    with pytest.raises(ParameterError, match=r"bench\.json"):
        write_report(bench)


def test_damaged_lines_of_a_learning_curve_are_passed_over(tmp_path):
    good = '{"passes": 10, "seconds": 1, "regret/relative": 0.5}'
    lines = [
        good,
        "{",
        "[]",
        '{"passes": 20}',
        good.replace("10", '"x"'),
        good.replace("0.5", "NaN"),
        good.replace("10", "Infinity"),
        good.replace("10", "30"),
    ]
    (tmp_path / "metrics.jsonl").write_bytes("\n".join(lines).encode() + b"\n\xff\xfe")
    assert curve_at(tmp_path).passes.tolist() == [10, 30]
    assert curve_at(tmp_path / "nowhere") is None


def test_a_learner_named_by_a_file_is_not_imported(bench, tmp_path, monkeypatch):
    (tmp_path / "trap.py").write_text("raise SystemExit('sprung')")
    monkeypatch.syspath_prepend(tmp_path)
    for name in ("bench.json", "leaderboard.json"):
        path = bench / name
        path.write_text(path.read_text().replace("plugins:Plain", "trap:Learner"))
    report(bench)
    assert "trap" not in sys.modules


def test_runs_come_from_the_table_or_else_from_their_directories(bench):
    whole = BenchArchive.open(bench)
    (bench / "leaderboard.json").unlink()
    alone = BenchArchive.open(bench)
    assert alone.ended == whole.ended and len(whole.ended) == 12 and whole.missing == 0
    assert (alone.rules, alone.about.command) == ({}, "") and set(whole.rules) == set(GAMES)


def test_runs_are_found_by_learner_and_game_in_the_order_of_the_plan(bench):
    archive = BenchArchive.open(bench)
    found = archive.of("plugins:Liar")
    assert [(run.instance, run.seed) for run in found] == [(stage.name, k) for stage in archive.stages for k in (0, 1)]
    assert archive.of("plugins:Liar", GAMES[1]) == [run for run in found if run.instance == GAMES[1]]
    assert archive.of("nobody") == []


def test_curves_end_with_the_result_and_failed_runs_have_none(bench):
    archive = BenchArchive.open(bench)
    assert {key for key, run in archive.ended.items() if run.finished} == set(archive.curves)
    for key, found in archive.curves.items():
        assert (found.passes[-1], found.regret[-1]) == (archive.ended[key].passes, archive.ended[key].regret)


def row_of(bench, learner):
    board = json.loads((bench / "leaderboard.json").read_text())
    rows = [dict(zip(board["columns"], row, strict=True)) for row in board["rows"]]
    return next(row for row in rows if row["learner"] == learner and row["instance"] == GAMES[0])


@pytest.mark.parametrize("regret,read", [(None, inf), (nan, inf), ("inf", inf), (0.25, 0.25)])
def test_a_regret_that_is_no_number_is_as_bad_as_can_be(bench, regret, read):
    judge = BenchArchive.open(bench).stages[0].judge
    record = RunRecord.of_row({**row_of(bench, "plugins:Plain"), "leader_regret_relative": regret}, judge)
    assert record.regret == read and record.finished and record.success == (read <= 0.01 and record.certified)
    with pytest.raises(ValueError, match="no loss"):
        RunRecord.of_row({**row_of(bench, "plugins:Plain"), "leader_regret_relative": -inf}, judge)


def test_what_is_published_of_a_bench_is_enough_for_its_pages(bench, tmp_path):
    """Without a run's own directory: to the last byte, but for what is in these alone."""
    write_report(bench, rows=True)
    for name in ("bench.json", "leaderboard.json", "curves.parquet"):
        (tmp_path / name).write_bytes((bench / name).read_bytes())
    write_report(tmp_path, rows=True)
    assert (tmp_path / "report.html").read_bytes() == (bench / "report.html").read_bytes()
    key = next(key for key, run in BenchArchive.open(tmp_path).ended.items() if run.finished)
    there, here = (RunArchive.of_bench(BenchArchive.open(folder), key) for folder in (bench, tmp_path))
    assert here.curve.points() == there.curve.points() and here.options is None and there.options


def test_a_gap_that_is_no_number_is_as_bad_as_can_be(bench):
    judge = BenchArchive.open(bench).stages[0].judge
    record = RunRecord.of_row({**row_of(bench, "plugins:Plain"), "follower_gap_relative": nan}, judge)
    assert record.follower_gap == inf


def test_a_run_that_failed_has_lost_everything(bench):
    record = RunRecord.of_row(row_of(bench, "plugins:Raises"), BenchArchive.open(bench).stages[0].judge)
    assert (record.status, record.message) == ("raised", "RuntimeError: no luck")
    assert (record.regret, record.score, record.certified, record.commitment) == (inf, -inf, False, None)
    assert not record.finished and not record.success


def test_a_learner_that_plays_no_game_is_left_out_and_says_why(bench):
    def refused(board):
        place = {name: board["columns"].index(name) for name in ("learner", "status", "message")}
        for row in board["rows"]:
            if row[place["learner"]] == "plugins:Raises":
                row[place["status"]], row[place["message"]] = "not applicable", "no way"

    change(bench / "leaderboard.json", refused)
    archive = BenchArchive.open(bench)
    assert archive.learners == ("plugins:Plain", "plugins:Liar") and archive.idle == {"plugins:Raises": "no way"}
    assert len(archive.ended) == 8 and archive.missing == 0


def test_a_run_is_read_as_it_was_written(run):
    archive = RunArchive.open(run)
    assert (archive.stage.name, archive.learner, archive.seed) == ("nano-gpt5", "plugins:Liar", 0)
    assert archive.options == {"steps": "8"} and "routegame" in archive.versions
    learned, best = archive.profiles
    assert archive.ended.commitment.cascade_prob == learned.cascade_prob == 0
    assert archive.ended.provider_cost == pytest.approx(best.leader_cost * (1 + archive.ended.regret))
    assert archive.findings[0][0] == "stale follower" == archive.ended.diagnosis[0]
