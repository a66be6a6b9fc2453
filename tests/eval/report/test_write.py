"""The page of a bench or a run: right, complete without its runs, harmless whatever files say, and fit to be seen."""

import csv
import itertools
import json
import re
import shutil
import sys
from html.parser import HTMLParser
from math import inf
from pathlib import Path

import browser
import numpy as np
import pytest
from browser import Browser
from jinja2 import UndefinedError

from routegame import best_response, solve
from routegame.__main__ import main
from routegame.envs.chain import outcome
from routegame.envs.checks import ParameterError
from routegame.envs.scenarios import scenario
from routegame.eval.bench.bench import Bench, BenchPlan, provenance
from routegame.eval.bench.leaderboard import write_leaderboard
from routegame.eval.bench.measures import MEASURES
from routegame.eval.bench.suites import instances
from routegame.eval.bench.worker import execute
from routegame.eval.judge import routing_judge
from routegame.eval.report.archive import BenchArchive, curve
from routegame.eval.report.charts import learning_chart
from routegame.eval.report.page import render
from routegame.eval.report.svg import Scale
from routegame.eval.report.write import write_report
from routegame.eval.run import diagnosis
from routegame.eval.run.learning_curve import LearningCurve
from routegame.eval.statistics import Runs, estimates
from routegame.numerals import as_shown, percent
from routegame.train.learner import admit

LEARNERS = ("plugins:Plain", "plugins:Raises", "plugins:Liar")
GAMES = ("nano-gpt5", "figure-5-throttle")


class Page(HTMLParser):
    """What a page has: tables by caption, as rows of texts; elements with their attributes; all of its text."""

    def __init__(self, path):
        super().__init__()
        self.elements, self.tables, self.text, self._inside, self._row = [], {}, "", [], None
        self.raw = path.read_bytes()
        self.feed(self.raw.decode())

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))
        self._inside.append(tag)
        if tag == "table":
            self._caption, self._rows = "", []
        elif tag == "tr":
            self._rows.append([])
        elif tag in ("td", "th"):
            self._rows[-1].append("")

    def handle_endtag(self, tag):
        while self._inside.pop() != tag:
            pass
        if tag == "table":
            self.tables[self._caption] = self._rows

    def handle_data(self, data):
        if "style" in self._inside:
            return
        self.text += data
        if "caption" in self._inside:
            self._caption += data
        elif {"td", "th"} & set(self._inside):
            self._rows[-1][-1] += f" {data}" if self._inside[-1] == "small" else data

    def table(self, start):
        """The body of the table whose caption starts so, by first cell."""
        rows = next(rows for caption, rows in self.tables.items() if caption.startswith(start))
        return {row[0].strip(): [cell.strip() for cell in row[1:]] for row in rows[1:]}

    def of(self, tag, **attributes):
        wanted = {name.rstrip("_").replace("_", "-"): value for name, value in attributes.items()}
        return [found for kind, found in self.elements if kind == tag and wanted.items() <= found.items()]


def report(directory):
    return Page(write_report(directory))


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A bench of two games with a learner that fails and one whose users are not certified."""
    for name in LEARNERS:
        admit(name)
    games = [known for known in instances("reference") if known.name in GAMES]
    directory = tmp_path_factory.mktemp("bench")
    bench = Bench(directory, BenchPlan("reference", games, LEARNERS, range(2)))
    for job in bench.jobs:
        execute(job)
    write_leaderboard(bench, provenance(["bench", "--seeds", "2"]))
    write_report(directory)
    return directory


@pytest.fixture(scope="module")
def page(made):
    return Page(made / "report.html")


@pytest.fixture
def bench(made, tmp_path):
    """A copy, to be spoiled."""
    return Path(shutil.copytree(made, tmp_path / "bench"))


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """A run with users that were learned."""
    directory = tmp_path_factory.mktemp("runs") / "run"
    arguments = ["train", "nano-gpt5", "--learner", "plugins:Liar", "--out", str(directory)]
    admit("plugins:Liar")
    assert main(arguments) == 0
    return directory


def rows_of(directory):
    board = json.loads((directory / "leaderboard.json").read_text())
    return [dict(zip(board["columns"], row, strict=True)) for row in board["rows"]]


def change(path, edit):
    """Edit a JSON file in place."""
    document = json.loads(path.read_text())
    edited = edit(document)
    path.write_text(json.dumps(document if edited is None else edited))


# ---- what it says


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


def test_every_finding_has_a_meaning():
    said = "".join(Path(module.__file__).read_text(encoding="utf-8") for module in (diagnosis, routing_judge))
    named = re.findall(r'Finding\(\s*"([^"]+)"', said)
    assert len(named) > 8 and set(named) == set(diagnosis.MEANINGS)


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


# ---- whatever there is to read


def test_the_same_files_give_the_same_bytes(made, bench, page):
    assert report(bench).raw == page.raw


def test_without_its_runs_there_are_no_curves(bench, page):
    shutil.rmtree(bench / "runs")
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
    assert part.table("How runs ended in nano-gpt5") == page.table("How runs ended in nano-gpt5")
    assert part.table("How runs ended in figure-5-throttle")["plugins:Liar"][0].endswith("of 1")
    assert "There is no leaderboard.json yet" in part.text


def test_a_bench_that_has_just_begun(bench):
    (bench / "leaderboard.json").unlink()
    shutil.rmtree(bench / "runs")
    part = report(bench)
    assert "0 of 12 runs have ended; no game is done by every learner yet" in part.text
    assert part.table("How runs ended in nano-gpt5")["plugins:Plain"][-1] == "not run yet"


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
    assert err.startswith("routegame report: DIR must be") and "Traceback" not in err
    assert (bench / "report.html").read_bytes() == before


@pytest.mark.parametrize("text", ["", "{", "\0", '{"suite": ' + "[" * 100_000])
def test_a_file_that_is_no_json_is_one_line(text, bench):
    (bench / "bench.json").write_text(text)
    with pytest.raises(ParameterError, match=r"bench\.json"):
        write_report(bench)


def test_a_directory_of_something_else(tmp_path):
    with pytest.raises(ParameterError, match="directory must be"):
        write_report(tmp_path)
    with pytest.raises(ParameterError, match="directory must be"):
        write_report(tmp_path / "nowhere")


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


def test_damaged_lines_of_a_learning_curve_are_passed_over(tmp_path):
    good = '{"passes": 10, "seconds": 1, "regret/relative": 0.5}'
    lines = [
        good,
        "{",
        "[]",
        '{"passes": 20}',
        good.replace("10", '"x"'),
        good.replace("0.5", "NaN"),
        good.replace("10", "30"),
    ]
    (tmp_path / "metrics.jsonl").write_bytes("\n".join(lines).encode() + b"\n\xff\xfe")
    assert curve(tmp_path, None).passes.tolist() == [10, 30]
    assert curve(tmp_path / "nowhere", None) is None


# ---- nothing from files is executed


HOSTILE = "<img src=x onerror=alert(1)>'\"&amp;"
MESSAGE = "</td></style><script>alert(1)</script>]]> \ud800"


def test_what_files_say_is_text(bench):
    shutil.rmtree(bench / "runs")
    change(bench / "bench.json", lambda plan: plan["learners"].__setitem__(1, HOSTILE))
    change(bench / "bench.json", lambda plan: plan.update(suite=MESSAGE))
    change(bench / "leaderboard.json", lambda board: board.update(command=MESSAGE, machine=HOSTILE))
    text = (bench / "leaderboard.json").read_text()
    text = text.replace('"plugins:Raises"', json.dumps(HOSTILE)).replace('"RuntimeError: no luck"', json.dumps(MESSAGE))
    (bench / "leaderboard.json").write_text(text)
    spoiled = report(bench)
    assert spoiled.of("img") == spoiled.of("script") == []
    assert not [name for _, found in spoiled.elements for name in found if name.startswith("on")]
    assert HOSTILE in spoiled.table("Learners, the most successful first")
    assert "<script>alert(1)</script>" in spoiled.text


def test_names_of_games_and_groups_are_text(bench):
    """In headings, links, captions, attributes and the descriptions of charts."""
    for name in ("bench.json", "leaderboard.json"):
        path = bench / name
        path.write_text(path.read_text().replace('"nano-gpt5"', json.dumps(HOSTILE)))
    change(bench / "bench.json", lambda plan: plan["instances"][0].update(group=MESSAGE))
    shutil.rmtree(bench / "runs")
    spoiled = report(bench)
    assert harmless(spoiled) and spoiled.text.count(HOSTILE) > 6 and MESSAGE[:-1] in spoiled.text
    assert spoiled.of("div", aria_label=f"How runs ended in {HOSTILE}")
    assert HOSTILE.encode() not in spoiled.raw


def test_names_in_a_run_are_text(run, tmp_path):
    copy = Path(shutil.copytree(run, tmp_path / "run"))
    change(copy / "config.json", lambda config: config.update(scenario=HOSTILE))
    change(copy / "result.json", lambda result: result["diagnosis"][0].update(name=HOSTILE, explanation=MESSAGE))
    spoiled = report(copy)
    assert harmless(spoiled) and HOSTILE in spoiled.text and MESSAGE[:-1] in spoiled.text
    assert HOSTILE.encode() not in spoiled.raw


def harmless(page):
    names = [name for _, found in page.elements for name in found]
    return page.of("img") == page.of("script") == [] and not any(name.startswith("on") for name in names)


def test_a_template_gets_all_that_it_asks_for(tmp_path):
    """What is missing is no empty place on a page."""
    (tmp_path / "page.html").write_text("{{ there }} {{ missing }}")
    with pytest.raises(UndefinedError, match="missing"):
        render(tmp_path / "page.html", there=1)
    (tmp_path / "page.html").write_text("<p title='{{ there }}'>{{ percent(0.5) }}</p>")
    assert render(tmp_path / "page.html", there="<'\"&") == "<p title='&lt;&#39;&#34;&amp;'>50 %</p>"


def test_a_learner_named_by_a_file_is_not_imported(bench, tmp_path, monkeypatch):
    (tmp_path / "trap.py").write_text("raise SystemExit('sprung')")
    monkeypatch.syspath_prepend(tmp_path)
    for name in ("bench.json", "leaderboard.json"):
        path = bench / name
        path.write_text(path.read_text().replace("plugins:Plain", "trap:Learner"))
    report(bench)
    assert "trap" not in sys.modules


def test_it_loads_nothing(page, run):
    for each in (page, report(run)):
        kinds = {kind for kind, _ in each.elements}
        assert not kinds & {"script", "link", "img", "iframe", "object", "embed", "image", "base"}
        assert all(found["href"].startswith("#") for _, found in each.elements if "href" in found)
        assert not [found for _, found in each.elements if found.keys() & {"src", "srcset", "data", "action"}]
        assert (
            b"http" not in each.raw.replace(b"http-equiv", b"")
            and b"url(" not in each.raw
            and b"@import" not in each.raw
        )


# ---- a single run


def test_a_run_has_a_page(run):
    shown = report(run)
    result = json.loads((run / "result.json").read_text())
    assert f"Its commitment costs {percent(result['leader_regret_relative'])} more" in shown.text
    assert "not certified (†)" in shown.text and as_shown(result["diagnosis"][0]["explanation"]) in shown.text
    assert shown.table("The learned profile")["failures handed to the second model"] == ["0 %", "7.833 %"]
    assert "users as they learned" in shown.text and shown.of("path", class_="line believed")
    assert len(shown.of("svg", class_="chart")) == 2


def test_a_run_that_has_not_finished(run, tmp_path):
    copy = Path(shutil.copytree(run, tmp_path / "run"))
    (copy / "result.json").unlink()
    (copy / "metrics.jsonl").unlink()
    shown = report(copy)
    assert "This run has not finished" in shown.text and "There is no learning curve" in shown.text
    (copy / "config.json").write_text("{}")
    with pytest.raises(ParameterError, match=r"config\.json"):
        write_report(copy)


def test_damaged_users_of_a_run(run, tmp_path):
    copy = Path(shutil.copytree(run, tmp_path / "run"))
    (copy / "checkpoints" / "follower.npz").write_bytes(b"PK")
    with pytest.raises(ParameterError, match="directory must be one whose learned users are"):
        write_report(copy)


# ---- what is drawn is where it belongs


def points(d):
    """The places of a path of M, L, H and V."""
    across, up, found = 0.0, 0.0, []
    for kind, numbers in re.findall(r"([MLHV])([-0-9. ]+)", d):
        values = [float(number) for number in numbers.split()]
        across, up = (values[0], up) if kind == "H" else (across, values[0]) if kind == "V" else values
        found.append((across, up))
    return np.array(found)


def test_the_cost_curve_jumps_where_users_do(page):
    """Between its ends, which are known, the drawn curve is the exact one to a tenth of a unit."""
    game = scenario("nano-gpt5").game
    drawn = points(page.of("path", class_="line exact")[0]["d"])
    ends = best_response(game, 1, 0.0), best_response(game, 1, 0.0783242402928442)
    first, least = (
        float(outcome(game, 1, s, q).provider_cost) for s, q in zip((0.0, 0.0783242402928442), ends, strict=True)
    )
    jump = np.argmax(np.diff(drawn[:, 1]))
    assert drawn[jump, 0] == drawn[jump + 1, 0], "upright"
    star = page.of("use", href="#star", class_="best")[0]
    assert (float(star["x"]), float(star["y"])) == pytest.approx(tuple(drawn[jump + 1]), abs=0.11)
    per_unit = (drawn[jump + 1, 1] - drawn[0, 1]) / (first - least)
    later = drawn[-1]
    cascade = 0.0783242402928442 * (later[0] - drawn[0, 0]) / (drawn[jump, 0] - drawn[0, 0])
    cost = float(outcome(game, 1, cascade, 0.0).provider_cost)
    assert drawn[0, 1] + (first - cost) * per_unit == pytest.approx(later[1], abs=0.5)
    assert solve(game).equilibrium.provider_cost == pytest.approx(least)


def test_learning_curves_are_medians_and_failures_count():
    passes = np.array([1.0, 1000.0])
    curves = [LearningCurve(passes, passes, np.array([1.0, end])) for end in (0.1, 0.01, 0.001)]
    chart = learning_chart("x", "", "", {0: curves, 1: [*curves, None, None, None]})
    ends = [float(found.get("y")) for found in chart.iter("use")]
    axis = points(next(found.get("d") for found in chart.iter("path") if found.get("class") == "axis"))
    scale = Scale(1e-5, 1.0, axis[1, 1], axis[0, 1], log=True)
    assert ends == pytest.approx([float(scale(0.01))], abs=0.06), "of the second the median is infinite"
    assert learning_chart("x", "", "", {0: [None]}) is None


@pytest.mark.parametrize(
    "low,high,log", [(0.0, 1.0, False), (-3.0, 17.0, False), (1e-5, 100.0, True), (3.0, 7.0, True)]
)
def test_a_scale_has_round_ticks_within(low, high, log):
    scale = Scale(low, high, 0.0, 100.0, log)
    assert [float(scale(end)) for end in (low, high, high * 10, inf)] == [0, 100, 100, 100]
    assert all(low <= tick * (1 + 1e-9) and tick * (1 - 1e-9) <= high for tick in scale.ticks)
    assert len(scale.ticks) in range(0 if log else 3, 9)


# ---- in a browser


@pytest.fixture(scope="module")
def screen(tmp_path_factory):
    if browser.PROGRAM is None:
        pytest.skip("no Chromium is installed to look at the page with")
    with Browser(tmp_path_factory.mktemp("profile")) as opened:
        yield opened


LABELS = """[...document.querySelectorAll('svg.chart')].map(svg => {
  const b = svg.getBoundingClientRect(), texts = [...svg.querySelectorAll('text')];
  return texts.map(t => {
    const r = t.getBoundingClientRect();
    return [t.textContent, r.left - b.left, r.top - b.top, r.right - b.left, r.bottom - b.top, b.width, b.height];
  });
})"""


@pytest.mark.parametrize("width,dark", [(390, False), (800, False), (1280, True)])
def test_a_page_fits_its_screen(width, dark, made, run, screen):
    write_report(run)
    for path in (made / "report.html", run / "report.html"):
        screen.open(path, width, 844, dark=dark)
        assert screen.complaints == []
        assert screen.requests == [path.as_uri()]
        assert screen.evaluate("document.documentElement.scrollWidth") <= width
        assert screen.evaluate("document.documentElement.scrollHeight") > 1000
        for texts in screen.evaluate(LABELS):
            for text, left, top, right, bottom, across, up in texts:
                assert -1 <= left and -1 <= top and right <= across + 1 and bottom <= up + 1, f"{text} is cut off"
            for one, other in itertools.combinations(texts, 2):
                apart = one[3] <= other[1] or other[3] <= one[1] or one[4] <= other[2] + 2 or other[4] <= one[2] + 2
                assert apart, f"{one[0]} lies on {other[0]}"


def test_it_prints_a_game_a_page(made, screen):
    screen.open(made / "report.html", 1280, 844)
    printed = screen.pdf()
    assert printed.startswith(b"%PDF")
    assert len(re.findall(rb"/Type /Page\b", printed)) >= 3
    assert len(screen.picture()) > 10_000
