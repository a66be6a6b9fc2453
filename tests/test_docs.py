"""Pages are true: links of the theory page lead to tests or worked examples, code runs, tables match signatures."""

import ast
import csv
import doctest
import inspect
import re
import shlex
import textwrap
from contextlib import redirect_stdout
from dataclasses import replace
from functools import cache
from io import StringIO
from pathlib import Path

import numpy as np
import pytest
from gateway_worlds import World, write_world
from markdown_tables import tables_in

from routegame import Game, best_response, scenario, solve
from routegame.__main__ import main
from routegame.agents.users.quantal import quantal_response
from routegame.envs import Commitment, routing_v0
from routegame.envs.chain import outcome
from routegame.envs.drifting_game import DRIFTS
from routegame.envs.menu_game import MenuCommitment
from routegame.eval.bench.bench import TYPICAL_SECONDS
from routegame.eval.bench.hard_games import steep_pairs
from routegame.eval.bench.suites import SUITES, instances
from routegame.eval.figures.menu_arrays import best_list
from routegame.eval.figures.pairs_table import pairs_table
from routegame.eval.judge.judgement import RANDOM
from routegame.eval.judge.judges import judge_of
from routegame.eval.statistics import SUCCESS
from routegame.train.learner import LEARNERS, LIBRARY_LEARNERS, MULTI_AGENT_LEARNERS

ROOT = Path(__file__).resolve().parents[1]
THEORY = ROOT / "docs" / "theory.md"
ENVIRONMENT = ROOT / "docs" / "environment.md"
MODELS = ROOT / "docs" / "models.md"
TELEMETRY = ROOT / "docs" / "telemetry.md"
LINK = re.compile(r"\]\(([^()\s]+)\)")
CODE = re.compile(r"^```python\n(.*?)^```$(?:\n\n((?:    [^\n]*\n)+))?", re.MULTILINE | re.DOTALL)
"""A block of Python, and what is indented below it."""

ARGUMENT = re.compile(r"^\| `(\w+)` \| `([^`]+)` \|", re.MULTILINE)
HEADING = re.compile(r"^## (.+)$", re.MULTILINE)


@cache
def definitions(path):
    """Functions and classes at the top level of a Python file, with their docstrings."""
    kinds = (ast.FunctionDef, ast.ClassDef)
    body = ast.parse(path.read_text(encoding="utf-8")).body
    return {node.name: ast.get_docstring(node) or "" for node in body if isinstance(node, kinds)}


def problem(target, folder):
    """What is wrong with the target of a link on a page in `folder`; None if nothing is.

    A link to a Python file names a test, or a function with a worked example, after the #.
    """
    if target.startswith("https://"):
        return None
    name, _, anchor = target.partition("#")
    path = (folder / name).resolve()
    if not name or not path.is_file() or not path.is_relative_to(ROOT):
        return f"{target}: no such file"
    if path.suffix != ".py":
        return f"{target}: cannot tell what is at #{anchor}" if anchor else None
    if anchor not in definitions(path):
        return f"{target}: nothing there is called {anchor!r}"
    is_test = path.is_relative_to(ROOT / "tests")
    if is_test and not (path.name.startswith("test_") and anchor.startswith("test_")):
        return f"{target}: not a test"
    if not is_test and ">>>" not in definitions(path)[anchor]:
        return f"{target}: has no worked example"
    return None


def sections(text):
    """Headings of a page and what stands under each."""
    _, *parts = HEADING.split(text)
    return dict(zip(parts[::2], parts[1::2], strict=True))


@pytest.mark.parametrize("target", sorted(set(LINK.findall(THEORY.read_text(encoding="utf-8")))))
def test_a_link_of_the_theory_page_leads_somewhere(target):
    assert problem(target, THEORY.parent) is None


def test_every_section_of_the_theory_page_after_the_rules_names_a_test():
    rules, *others = sections(THEORY.read_text(encoding="utf-8")).items()
    assert rules[0] == "The game" and len(others) >= 9
    for heading, text in others:
        assert "../tests/" in text, heading


def test_no_link_of_the_theory_page_is_missed():
    """Every bracket that opens a target is read as a link, also where the text before it has brackets of its own."""
    text = THEORY.read_text(encoding="utf-8")
    assert len(LINK.findall(text)) == text.count("](") > 50


@pytest.mark.parametrize(
    "target,complaint",
    [
        ("../tests/agents/test_gone.py#test_figure_3", "no such file"),
        ("gone.md", "no such file"),
        ("../tests", "no such file"),
        ("../../elsewhere.md", "no such file"),
        ("#the-game", "no such file"),
        ("../tests/test_docs.py", "nothing there"),
        ("../tests/test_docs.py#test_gone", "nothing there"),
        ("../tests/test_docs.py#problem", "not a test"),
        ("../agents/exact/theorems.py#Claim", "no worked example"),
        ("theory.md#the-game", "cannot tell"),
    ],
)
def test_a_link_that_leads_nowhere_is_found(target, complaint):
    assert complaint in problem(target, THEORY.parent)


@pytest.mark.parametrize(
    "target", ["theory.md", "../agents/exact/theorems.py#theorem_4_penalties", "https://arxiv.org/abs/2602.09902"]
)
def test_a_good_link_is_none_of_them(target):
    assert problem(target, THEORY.parent) is None


PAGES = sorted({*ROOT.glob("*.md"), *ROOT.glob("docs/*.md")} - {THEORY})


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_link_to_a_file_of_a_page_finds_it(page):
    targets = LINK.findall(page.read_text(encoding="utf-8"))
    paths = [
        (page.parent / target.partition("#")[0], target) for target in targets if not target.startswith("https://")
    ]
    assert [target for path, target in paths if not path.is_file()] == []
    places = [(path, target.partition("#")[2]) for path, target in paths if "#" in target]
    assert [
        place for path, place in places if place not in (headings(path) if path.suffix == ".md" else definitions(path))
    ] == []


def headings(path):
    """Places of a page of Markdown that a link may name: its headings, as GitHub and Sphinx write them."""
    lines = re.findall(r"^#+ (.+)$", path.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", line.lower()).replace(" ", "-") for line in lines}


def test_pages_have_links():
    assert all(LINK.search(page.read_text(encoding="utf-8")) for page in (ROOT / "README.md", ENVIRONMENT))


def run(code, page):
    """Run the blocks of a page one after another, in one namespace; return how many examples gave what they say.

    What a block prints that is no dialogue has to stand below it, indented.
    """
    known, runner = {}, doctest.DocTestRunner(verbose=False)
    for number, (block, below) in enumerate(code):
        if ">>>" in block:
            examples = doctest.DocTestParser().get_doctest(block, known, f"{page.name}, block {number}", str(page), 0)
            runner.run(examples, clear_globs=False)
            known = examples.globs
            continue
        with redirect_stdout(StringIO()) as printed:
            exec(compile(block, f"{page.name}, block {number}", "exec"), known)
        assert printed.getvalue() == (textwrap.dedent(below) if printed.getvalue() else ""), block
    assert runner.failures == 0
    return runner.tries


EXAMPLES = {"environment.md": 40}
"""How many lines of dialogue a page has at least."""

WITH_CODE = [page for page in PAGES if CODE.search(page.read_text(encoding="utf-8"))]


@pytest.mark.parametrize("page", WITH_CODE, ids=lambda page: page.name)
def test_the_code_of_a_page_runs(page):
    assert run(CODE.findall(page.read_text(encoding="utf-8")), page) >= EXAMPLES.get(page.name, 0)


def test_pages_have_code():
    assert {page.name for page in WITH_CODE} >= {"README.md", "environment.md", "models.md", "tasks.md"}


@pytest.mark.parametrize("block", [">>> 1 + 1\n3\n", ">>> nobody\n"])
def test_code_that_gives_something_else_is_found(block):
    with pytest.raises(AssertionError):
        run([(block, "")], ENVIRONMENT)


@pytest.mark.parametrize("below", ["", "    1\n", "    2\n    3\n"])
def test_a_print_that_gives_something_else_is_found(below):
    run([("print(2)\n", "    2\n")], ENVIRONMENT)
    with pytest.raises(AssertionError):
        run([("print(2)\n", below)], ENVIRONMENT)


def test_the_table_of_arguments_is_that_of_the_environment():
    arguments = sections(ENVIRONMENT.read_text(encoding="utf-8"))["Arguments"]
    stated = [(name, ast.literal_eval(default)) for name, default in ARGUMENT.findall(arguments)]
    parameters = inspect.signature(routing_v0.parallel_env).parameters.values()
    assert stated == [(parameter.name, parameter.default) for parameter in parameters]


def test_the_table_of_learners_is_that_of_the_results():
    """Line by line; and how long a run takes, which estimates of a bench start from, is about what it took."""
    board = (ROOT / "docs" / "results" / "leaderboard.md").read_text(encoding="utf-8")
    table = board[board.index("\n| learner ") :].strip("\n").split("\n\n")[0]
    assert table in (ROOT / "README.md").read_text(encoding="utf-8")
    head, _, *rows = ([cell.strip() for cell in line.split("|")] for line in table.splitlines())
    seconds = {row[1]: float(row[head.index("seconds")]) for row in rows}
    assert set(seconds) <= set(LEARNERS) and set(TYPICAL_SECONDS) == set(
        LEARNERS | LIBRARY_LEARNERS | MULTI_AGENT_LEARNERS
    )
    assert len(seconds) > 5 and all(1 / 3 < seconds[name] / TYPICAL_SECONDS[name] < 3 for name in seconds)


def successes(folder):
    """Success of each learner in the leaderboard of a folder in docs/results, as it stands there."""
    board = (ROOT / "docs" / "results" / folder / "leaderboard.md").read_text(encoding="utf-8")
    table = board[board.index("\n| learner ") :].strip("\n").split("\n\n")[0]
    return {cells[1].strip(): cells[2].strip() for cells in (line.split("|") for line in table.splitlines()[2:])}


def test_the_tables_of_successes_are_those_of_all_leaderboards():
    """All suites' with ten seeds; with three, of learners that are too slow for these."""
    page, quick = (ROOT / "docs" / "benchmark.md").read_text(encoding="utf-8"), set()
    for title, within in (("success", ""), ("success of slow learners", "all")):
        head, _, *rows = (
            [cell.strip(" `") for cell in line.strip("|").split("|")]
            for line in page[page.index(f"| {title} |") :].split("\n\n")[0].splitlines()
        )
        folder = ROOT / "docs" / "results" / within
        assert sorted(head[1:]) == sorted(["reference", *(suite for suite in SUITES if (folder / suite).is_dir())])
        boards = [successes(Path(within, "" if suite == "reference" else suite)) for suite in head[1:]]
        assert {row[0] for row in rows} == set().union(*boards) - quick
        assert rows == [[row[0], *(board.get(row[0], "–") for board in boards)] for row in rows]
        quick |= set().union(*boards)
    assert quick == set(LEARNERS)


def test_successes_of_other_libraries_are_those_of_their_leaderboards():
    page = (ROOT / "docs" / "learners.md").read_text(encoding="utf-8")
    [(head, _, *rows)] = [table for table in tables_in(page) if table[0][0] == "success of other libraries"]
    boards = [successes(Path("libraries", column.split("`")[1])) for column in head[1:]]
    assert [row[0].strip("`") for row in rows] == list(LIBRARY_LEARNERS | MULTI_AGENT_LEARNERS)
    assert rows == [[row[0], *(board[row[0].strip("`")] for board in boards)] for row in rows]


def test_other_libraries_miss_the_optimum_of_reference_games_as_the_page_says():
    path = ROOT / "docs" / "results" / "libraries" / "reference" / "runs.csv"
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))

    def failed(row):
        return float(row["leader_regret_relative"]) > SUCCESS or row["certified"] != "true"

    missed = {
        name: [row for row in rows if row["learner"] == name and failed(row)]
        for name in (*LIBRARY_LEARNERS, "ippo", "mappo")
    }
    assert {name: len(runs) for name, runs in missed.items()} == {
        **{"a2c": 21, "dqn": 13, "sac": 39, "trpo": 3},
        **{"ippo": 29, "mappo": 29},
    }
    assert all(row["route"] == "2" or float(row["cascade_prob"]) in (0, 1) for row in missed["a2c"]), "at a corner"
    shares = [float(row["cascade_prob"]) for row in missed["sac"]]
    assert (round(min(shares), 2), round(max(shares), 2)) == (0.45, 0.53), "in the middle"
    assert sum(row["throttling"] == "true" for row in missed["dqn"]) == 8
    found = {(row["instance"], row["route"], float(row["cascade_prob"])) for row in missed["trpo"]}
    assert found == {("figure-4-right-cascade", "1", 0)}, "away from the cliff"
    both = missed["ippo"] + missed["mappo"]
    gone = [row for row in both if float(row["abandon_prob"]) > 0.99 and float(row["best_abandon_prob"]) == 1]
    assert (len(gone), sum(row["route_right"] == "false" for row in both)) == (30, 40), "users have left for good"


@pytest.mark.parametrize("suite", ["classic", "drift", "matrices"])
def test_tables_by_game_are_those_of_the_leaderboard(suite):
    """To the last digit; with what a random point comes to, and success where it is told."""
    tables = tables_in((ROOT / "docs" / "results" / suite / "leaderboard.md").read_text(encoding="utf-8"))
    cells = {}
    for head, _, *rows in (table for table in tables if table[0][0] == "game"):
        for name, *found in rows:
            cells |= {(name, column): cell.replace(" %", "") for column, cell in zip(head[1:], found, strict=True)}
    cells |= {("success", name): success for name, success in successes(suite).items()}
    shown = 0
    for head, _, *rows in tables_in((ROOT / "docs" / "benchmark.md").read_text(encoding="utf-8")):
        if head[0] == "game" and rows[0][0] in {name for name, _ in cells}:
            columns = [column.strip("`").replace("a random point", "random") for column in head[1:]]
            for name, *found in rows:
                wanted = [cells.get((name, column), "").replace("n/a", "–") for column in columns]
                assert found == wanted, name
                shown += len(wanted)
    assert shown > 40


def test_the_table_of_suites_has_them_all_with_their_sizes():
    page = (ROOT / "docs" / "benchmark.md").read_text(encoding="utf-8")
    rows = re.findall(
        r"^\| (`.*?) \| (.*) \|$", page[page.index("| suite | its games |") :].split("\n\n")[0], re.MULTILINE
    )
    listed = [
        (re.findall(r"`(.+?)`", names), re.findall(r"[\d,]*\d", re.sub(r"\(.*?\)", "", games))) for names, games in rows
    ]
    assert sorted(name for names, _ in listed for name in names) == sorted(SUITES)
    sizes = [int(size.replace(",", "")) for names, found in listed for size in found[: len(names)]]
    assert sizes[: len(SUITES)] == [len(instances(name)) for names, _ in listed for name in names]


def test_the_table_of_pairs_is_that_of_the_scenarios():
    assert f"\n\n{pairs_table()}\n" in (ROOT / "docs" / "pairs.md").read_text(encoding="utf-8")


README = (ROOT / "README.md").read_text(encoding="utf-8")
NANO = scenario("nano-gpt5").game


def cost_of(cascade_prob):
    """What a task costs in the README's game, on route 1, whose users answer at their best."""
    return outcome(NANO, 1, cascade_prob, best_response(NANO, 1, cascade_prob)).provider_cost


def test_commitments_in_the_readme_do_what_is_said_of_them():
    """As typed: users stay at what is said to keep them, and one unit less in the last digit they are gone."""
    share = re.search(r"Hand on (\d+\.(\d+)) % of failures and users stay; a hair less and they leave", README)
    edge, less = float(share[1]) / 100, (float(share[1]) - 10.0 ** -len(share[2])) / 100
    assert (best_response(NANO, 1, edge), best_response(NANO, 1, less)) == (0, 1)
    jump = re.search(r"cost of a task jumps by (\d+) %", README.replace("\n", " "))
    assert cost_of(less) / cost_of(edge) - 1 == pytest.approx(float(jump[1]) / 100, abs=0.01)
    (stays,) = re.findall(r"cascade probability (0\.\d+), users stay", README)
    assert best_response(NANO, 1, float(stays)) == 0
    (below,) = re.findall(r"cliff just below (\S+) %", README)
    assert best_response(NANO, 1, float(below) / 100) == 0
    for code, answer in re.findall(r"^(best_response\(.*\))  # (\S+):", README, re.MULTILINE):
        assert eval(code, {"best_response": best_response, "game": NANO}) == float(answer)
    assert (
        best_response(NANO, 1, float(re.search(r"--cascade-prob (\S+) +# what users do if a little less", README)[1]))
        == 1
    )


def test_commitments_in_the_readmes_table_cost_what_stands_below_them():
    shares, costs = (
        [float(cell) for cell in re.findall(r"[\d.]+", re.search(rf"^{row} .*$", README, re.MULTILINE)[0])]
        for row in ("failures handed to the second model", "cost of a task")
    )
    assert len(shares) == len(costs) == 2
    for share, cost in zip(shares, costs, strict=True):
        assert best_response(NANO, 1, share / 100) == 0 and cost_of(share / 100) == pytest.approx(cost, abs=1e-6)


def test_the_threshold_in_the_theory_page_keeps_users():
    game = Game(9, 15, (0.1, 0.3), (1, 2), (1, 3.6))
    (share,) = re.findall(r"s_0\$ = (\S+) % it stays", THEORY.read_text(encoding="utf-8"))
    assert best_response(game, 1, float(share) / 100) == 0


def test_one_failure_in_so_many_is_enough_where_that_is_said():
    (many,) = re.findall(r"users leave unless one failure in (\d+)", scenario("nano-gpt5").about)
    assert [best_response(NANO, 1, 1 / (int(many) + more)) for more in (0, 1)] == [0, 1]


SHOWN = re.compile(r"^(?:    .*\n|\n(?=    ))+", re.MULTILINE)


def test_what_the_page_of_many_models_shows_is_printed(capsys):
    """In the example of eight models, each command and what stands below it."""
    parts = sections(MODELS.read_text(encoding="utf-8"))
    shown = [block.strip("\n") for block in SHOWN.findall(parts["What to do with eight models"])]
    commands = [block for block in shown if block.startswith("    routegame ")]
    assert len(commands) == 2 and len(shown) == 4
    for command, block in zip(commands, [block for block in shown if block not in commands], strict=True):
        assert main(shlex.split(command)[1:]) == 0
        assert textwrap.indent(textwrap.dedent(block), "  ") in capsys.readouterr().out


@pytest.mark.parametrize("name,least", [("five_minutes", 1), ("own_models", 2)])
def test_what_a_page_shows_of_a_solution_is_printed(name, least, capsys):
    """Below each `routegame solve`, whatever is indented as its lines are."""
    text = CODE.sub("", (ROOT / "docs" / f"{name}.md").read_text(encoding="utf-8"))
    shown, printed = 0, ""
    for block in SHOWN.findall(text):
        lines = textwrap.dedent(block).strip("\n")
        if lines.startswith("routegame solve "):
            assert main(shlex.split(lines)[1:]) == 0
            printed = capsys.readouterr().out
        elif block.strip("\n").startswith("      "):
            assert textwrap.indent(lines, "  ") in printed
            shown += 1
    assert shown == least


def test_what_the_page_of_many_models_says_of_eight_is_true():
    game = scenario("gateway-eight").game
    assert 1 / 11.5 < solve(game).policy.matrix[4, 1] < 1 / 10.5
    assert [round(100 * best_list(game, 120, length), 1) for length in (1, 2, 3)] == [4.2, 2.5, 2.4]
    assert game.names[np.argmin(np.where(np.array(game.net_value) > 0, game.cost_of_pass, np.inf))] == "gpt-4.1-mini"
    policy, eager = solve(game).policy, replace(game, task_value=119)
    assert best_response(eager, start=policy.start, matrix=policy.matrix) == 1
    assert solve(replace(game, task_value=130)).visited != solve(game).visited


def test_what_the_telemetry_page_shows_is_printed(capsys, monkeypatch):
    """Every block that is no command and no log, of the three sections that walk from the log to the decision."""
    monkeypatch.chdir(ROOT)
    parts = sections(TELEMETRY.read_text(encoding="utf-8"))
    command, *blocks = [
        textwrap.dedent(block).strip("\n")
        for name in ("The game", "The decision")
        for block in SHOWN.findall(parts[name])
    ]
    assert command.startswith("routegame calibrate docs/simulated_log.csv") and len(blocks) == 3
    assert main(shlex.split(command)[1:]) == 0
    printed = capsys.readouterr().out
    assert [block for block in blocks if block not in printed] == []


def test_what_the_telemetry_page_shows_of_contexts_is_printed(capsys, monkeypatch):
    monkeypatch.chdir(ROOT)
    blocks = SHOWN.findall(sections(TELEMETRY.read_text(encoding="utf-8"))["Tasks that differ"])
    _, command, *shown = [textwrap.dedent(block).strip("\n") for block in blocks]
    assert command == "routegame calibrate docs/simulated_contexts.csv --churn-penalty 15" and len(shown) == 2
    assert main(shlex.split(command)[1:]) == 0
    printed = capsys.readouterr().out
    assert [block for block in shown if block not in printed] == []


BENCHMARK = (ROOT / "docs" / "benchmark.md").read_text(encoding="utf-8").replace("\n", " ")


def test_steep_pairs_are_as_hard_as_is_said():
    """Of tasks under the optimum: how many are handed over, what these cost, and the share of good commitments."""
    shares, dearer, one_in = [], [], {}
    for name, game in steep_pairs().items():
        p, edge = game.success_prob[0], solve(game).equilibrium.cascade_prob
        least, more = (float(outcome(game, 1, s, 0.0).provider_cost) for s in (edge, 2 * edge))
        shares.append(0.5 * 0.01 * least / ((more - least) / edge))  # route 1 is half of the box
        one_in[name] = (1 - (1 - p) * (1 - edge)) / ((1 - p) * edge)
        dearer.append(game.cost[1] / game.success_prob[1] / least)
    low, high = re.findall(r"That is (\S+) to (\S+) % of the box", BENCHMARK)[0]
    assert (f"{100 * min(shares):.2g}", f"{100 * max(shares):.1g}") == (f"{float(low):.2g}", f"{float(high):.1g}")
    assert min(dearer) > 100
    (said,) = re.findall(r"in `steep-1` one in (\d+) is", BENCHMARK)
    assert round(one_in["steep-1"], -1) == int(said)


def test_what_was_best_before_a_game_changed_is_as_much_dearer_as_is_said():
    dearer = []
    for drift in DRIFTS:
        game, before = drift.game, solve(drift.game.before)
        if game.before.num_models == 2:
            best = Commitment.unthrottled(game.before, before.equilibrium.route, before.equilibrium.cascade_prob)
        else:
            best = MenuCommitment.of_policy(before.policy, game.before.latency)
        dearer.append(judge_of(game.phases[1]).regret(best))
    low, high = re.findall(r"What was best before is (\d+) to ([\d,]+) % dearer", BENCHMARK)[0]
    assert (round(100 * min(dearer)), round(100 * max(dearer))) == (int(low), int(high.replace(",", "")))


@pytest.mark.parametrize("suite", ["classic", "matrices"])
def test_random_points_of_the_benchmarks_page_cost_what_they_do(suite):
    """Last column of its tables."""
    page = (ROOT / "docs" / "benchmark.md").read_text(encoding="utf-8")
    found = {known.name: round(100 * judge_of(known.box).baselines()[RANDOM]) for known in instances(suite)}
    rows = {name: re.findall(rf"^\| {name} \|.*\| (\d+) \|$", page, re.MULTILINE) for name in found}
    assert rows == {name: [str(regret)] for name, regret in found.items()}


def test_the_equilibrium_costs_more_under_noisy_users_as_the_telemetry_page_says():
    """By the numbers that its log was made of, at the cascade probability that the report ends with."""
    page = TELEMETRY.read_text(encoding="utf-8").replace("\n", " ")
    noise = float(re.findall(r"--temperature (\d+) ", page)[0])
    share, dearer = re.findall(r"here it would hand (\d+) % of retries over, .*? and cost (\d+) % more", page)[0]
    cost, best = (
        float(outcome(NANO, route, s, quantal_response(NANO, route, s, noise)).provider_cost)
        for route, s in ((1, int(share) / 100), (2, 0.0))
    )
    assert round(100 * (cost / best - 1)) == int(dearer)


def test_one_subject_is_as_hard_to_learn_as_the_page_on_tasks_says():
    page = (ROOT / "docs" / "tasks.md").read_text(encoding="utf-8").replace("\n", " ")
    worth, latency, times = re.findall(
        r"In one of the subjects staying is worth (\S+) s of the (\d+) that a pass is: .*? a task costs (\w+) times",
        page,
    )[0]
    (mix,) = (known.box.mix for known in instances("mixes") if known.name == "subjects-sighted")
    games = [mix.game(context) for context in range(len(mix))]
    game = min(games, key=lambda each: abs(each.net_value[0]))
    assert (f"{game.net_value[0]:.1g}", f"{game.latency[0]:.0f}", times) == (worth, latency, "ten")
    left = game.cost[0] + game.churn_penalty * (1 - game.success_prob[0])
    assert 9.5 < left / solve(game).equilibrium.provider_cost < 11


def test_as_many_logs_are_calibrated_as_is_said():
    """By the defaults of the studies that `make recovery` runs."""
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    (said, studies) = re.findall(r"^recovery:.*?(\d+) calibrated logs.*\n((?:\t.*\n)+)", makefile, re.MULTILINE)[0]
    logs = 0
    for path in re.findall(r"tests/study_\w+\.py", studies):
        number, kinds = re.findall(r"options_of\(__doc__, (\d+), \w+=\w+(?:, kinds=(\d+))?", (ROOT / path).read_text())[
            0
        ]
        logs += int(number) * int(kinds or 1)
    assert logs == int(said)
    assert f"{said} calibrated logs" in (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")


def test_what_the_page_of_gateways_logs_shows_is_printed(tmp_path, capsys, monkeypatch):
    """Of the log that the page says how to write."""
    text = (ROOT / "docs" / "gateway_logs.md").read_text(encoding="utf-8")
    command, block = (textwrap.dedent(each).strip("\n") for each in SHOWN.findall(text)[:2])
    assert "python tests/gateway_worlds.py" in text
    write_world(World(), tmp_path)
    monkeypatch.chdir(tmp_path)
    assert main([*shlex.split(command.replace("\\\n", " "))[1:], "--draws", "40"]) == 0
    assert block in capsys.readouterr().out
