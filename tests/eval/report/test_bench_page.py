"""The page of a bench: its numbers are those of its rows, whatever there is to read."""

import csv
import json
import shutil

import pytest
from report_pages import GAMES, Page, change, report, rows_of

from routegame.envs.checks import ParameterError
from routegame.eval.bench.measures import MEASURES
from routegame.eval.report.write import write_report
from routegame.eval.statistics import Runs, estimates
from routegame.numerals import percent


def test_the_leaderboard_has_the_statistics_of_the_rows(made, page):
    rows = rows_of(made)
    board = page.table("Learners, the most successful first")
    runs = Runs.of((row["learner"], row["instance"], row["seed"], row["leader_regret_relative"]) for row in rows)
    for name, estimate in estimates(runs).items():
        line = next(cells for shown, cells in board.items() if shown.removesuffix(" †") == name)
        assert line[1].split("  ")[0].startswith(percent(estimate.value))
        own = [row for row in rows if row["learner"] == name and row["status"] == "finished" and row["certified"]]
        assert line[2].startswith(f"{sum(row['leader_regret_relative'] <= 0.01 for row in own)} of 4")
    assert [shown.removesuffix(" †") for shown in board][2] == "plugins:Raises", "the worst"
    assert {"analytic", "random"} <= set(board)


def test_failed_and_uncertified_runs_are_marked_and_explained(page):
    board = page.table("Learners, the most successful first")
    assert board["plugins:Raises"][-3] == "✗ 4"
    assert "plugins:Liar †" in board and "plugins:Plain" in board
    assert page.table("Runs that failed")["plugins:Raises"] == ["4", "✗ raised", "RuntimeError: no luck"]
    assert page.table("Runs that are not certified")["plugins:Liar"][0].startswith("† ")
    games = page.table("Median regret of every learner")
    assert all(cells[1] == "∞ ✗" for cells in games.values())
    assert "71 % †" in games["nano-gpt5"]
    assert page.table("How runs ended in nano-gpt5")["plugins:Raises"][-1] == "✗ raised ×2"
    assert "stale follower ×2" in page.table("How runs ended in nano-gpt5")["plugins:Liar"][-1]
    assert "4 runs failed, of plugins:Raises (4)" in page.text
    assert page.of("use", class_="mark k2 d2 hollow"), "not by colour alone"


def test_every_game_has_a_section(made, page):
    assert [found["id"] for found in page.of("section") if found.get("class") == "game"] == ["game-1", "game-2"]
    assert {found["href"] for found in page.of("a")} == {"#game-1", "#game-2"}
    assert "model 1 first, 7.833 % of failures handed over; users stay. A task costs $0.05737." in page.text
    assert "slowed down to 0.801 and 1.5; users leave after a failure" in page.text
    assert "curves: models at full speed" in page.text
    assert len(page.of("svg", class_="chart")) == 2 + 2 * 2
    for known in page.of("svg", class_="chart"):
        assert {known["aria-labelledby"], known["aria-describedby"]} <= {found.get("id") for _, found in page.elements}


def test_how_it_was_made_stands_there(page):
    assert "routegame bench --seeds 2" in page.text
    assert all(part in page.text for part in ("numpy 2", "Python 3", "Linux"))


def test_tables_have_heads_with_a_scope(page):
    assert page.of("th") and all(found.get("scope") in ("row", "col") for found in page.of("th"))


def test_kinds_of_games_are_summed_up_where_they_are_kinds(bench, page):
    assert not [caption for caption in page.tables if caption.startswith("Kinds of games")]
    alone = json.loads((bench / "leaderboard.json").read_text())
    place = {name: alone["columns"].index(name) for name in ("instance", "seed")}
    plan = json.loads((bench / "bench.json").read_text())
    games, rows = [], []
    for copy in ("a", "b"):
        games += [{**game, "name": game["name"] + copy, "group": game["name"]} for game in plan["instances"]]
        for row in alone["rows"]:
            rows.append([cell + copy if k == place["instance"] else cell for k, cell in enumerate(row)])
    (bench / "bench.json").write_text(json.dumps({**plan, "instances": games}))
    (bench / "leaderboard.json").write_text(json.dumps({**alone, "rows": rows, "rules": {}}))
    kinds = report(bench).table("Kinds of games")
    assert list(kinds) == ["nano-gpt5 (2 games)", "figure-5-throttle (2 games)"]
    assert kinds["nano-gpt5 (2 games)"][1:] == ["0 of 4 ∞", "0 of 4 71 %"]


def test_without_its_runs_and_their_table_there_are_no_curves(bench, page):
    shutil.rmtree(bench / "runs")
    (bench / "curves.parquet").unlink()
    alone = report(bench)
    assert alone.tables == page.tables
    assert len(alone.of("svg", class_="chart")) == 1 + 2
    assert alone.text.count("There are no learning curves: the runs themselves") == 3


def test_an_unfinished_bench_compares_what_every_learner_is_done_with(bench, page):
    (bench / "leaderboard.json").unlink()
    shutil.rmtree(bench / "runs" / "plugins.Liar" / "figure-5-throttle" / "1")
    part = report(bench)
    assert "This bench is not finished: 11 of 12 runs have ended" in part.text
    assert "compares the 2 games and 1 seed that every learner is done with" in part.text
    assert part.table("Learners, the most successful first")["plugins:Raises"][-3] == "✗ 2"
    assert "One seed does not tell how runs vary from seed to seed: regret has no interval" in part.text
    cells = [standing[1] for standing in part.table("Learners, the most successful first").values()]
    assert cells and not any("–" in cell or "nan" in cell for cell in cells)
    drawn = [any(path.get("class", "").startswith("whisker k") for path in shown.of("path")) for shown in (part, page)]
    assert drawn == [False, True]
    assert part.table("How runs ended in nano-gpt5") == page.table("How runs ended in nano-gpt5")
    assert part.table("How runs ended in figure-5-throttle")["plugins:Liar"][0].endswith("of 1")
    assert "There is no leaderboard.json yet" in part.text


def test_a_bench_that_has_just_begun(bench):
    (bench / "leaderboard.json").unlink()
    shutil.rmtree(bench / "runs")
    part = report(bench)
    assert "0 of 12 runs have ended; no game is done by every learner yet" in part.text
    assert part.table("How runs ended in nano-gpt5")["plugins:Plain"][-1] == "not run yet"


def test_what_else_learners_are_measured_by(made, page):
    """The same in both tables, and as the rows have it."""
    with (made / "runs.csv").open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["status"] == "finished"]
    shown = page.table("Learned profiles beside")
    assert set(shown) == {row["learner"] for row in rows}
    text = (made / "leaderboard.md").read_text(encoding="utf-8").split("## How far")[1]
    for name, cells in shown.items():
        own = [row for row in rows if row["learner"] == name]
        for cell, measure in zip(cells, MEASURES, strict=True):
            values = [{"true": 1.0, "false": 0.0}.get(v, v) for v in (row[measure.column] for row in own) if v]
            assert cell == (percent(sum(map(float, values)) / len(values)) if values else "–")
        assert f"| {name} | {' | '.join(cells).replace('–', '-')} |" in text
    assert len({cells[0] for cells in shown.values()}) > 1


def test_how_rare_good_commitments_are_stands_there(page):
    rare = page.table("How rare good commitments are")
    assert rare["nano-gpt5"][0] == "2" and rare["nano-gpt5"][1].startswith("0.32 %")
    assert rare["figure-5-throttle"][0] == "4" and rare["figure-5-throttle"][1].startswith("38 %")


def test_two_games_are_too_few_for_ranks(page):
    assert not page.of("section", id="ranks")


def test_learners_are_ranked_over_three_games(bench):
    """The rows of a game again, under another name."""

    def more(board):
        instance = board["columns"].index("instance")
        copies = [
            [*row[:instance], "third", *row[instance + 1 :]] for row in board["rows"] if row[instance] == GAMES[0]
        ]
        board["rows"] += copies
        board["rules"]["third"] = board["rules"][GAMES[0]]

    change(bench / "leaderboard.json", more)
    change(bench / "bench.json", lambda plan: plan["instances"].append({**plan["instances"][0], "name": "third"}))
    shown = report(bench)
    assert shown.of("section", id="ranks") and "over 3 games mean ranks must differ by 1.91" in shown.text
    assert "plugins:Raises" not in shown.table("Runs that are not certified")


def test_every_row_has_a_page_on_request(bench):
    """Also of runs whose directories are gone, and of runs that failed; and the page of the bench has links to them."""
    assert not report(bench).of("a", href="rows/plugins.Liar/nano-gpt5/0.html")
    shutil.rmtree(bench / "runs" / "plugins.Liar" / "nano-gpt5")
    path = write_report(bench, rows=True)
    links = [found["href"] for found in Page(path).of("a") if found["href"].startswith("rows/")]
    assert len(links) == 3 * 2 * 2 and all((bench / link).exists() for link in links)
    gone, kept, failed = (
        Page(bench / "rows" / name / "0.html")
        for name in ("plugins.Liar/nano-gpt5", "plugins.Liar/figure-5-throttle", "plugins.Raises/nano-gpt5")
    )
    assert "more than the exact equilibrium" in gone.text and "options: not written down here" in gone.text
    assert "The learned profile" not in gone.text and "There is no learning curve" not in gone.text
    assert kept.table("The learned profile") and "There is no learning curve" not in kept.text
    assert "✗ raised: RuntimeError: no luck" in failed.text
    for page in (gone, kept, failed):
        assert page.of("a", href="../../../report.html")


def test_only_a_bench_has_rows(run):
    with pytest.raises(ParameterError, match="directory must be of a bench, whose runs are its rows"):
        write_report(run, rows=True)
