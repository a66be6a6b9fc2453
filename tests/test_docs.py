"""Pages are true: links of the theory page lead to tests or worked examples, code runs, tables match signatures."""

import ast
import doctest
import inspect
import re
import shlex
import textwrap
from functools import cache
from pathlib import Path

import pytest

from routegame.__main__ import main
from routegame.envs import routing_v0
from routegame.eval.bench.bench import TYPICAL_SECONDS
from routegame.eval.figures.pairs_table import pairs_table
from routegame.train.learner import LEARNERS

ROOT = Path(__file__).resolve().parents[1]
THEORY = ROOT / "docs" / "theory.md"
ENVIRONMENT = ROOT / "docs" / "environment.md"
TELEMETRY = ROOT / "docs" / "telemetry.md"
LINK = re.compile(r"\]\(([^()\s]+)\)")
CODE = re.compile(r"^```python\n(.*?)^```$", re.MULTILINE | re.DOTALL)
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
    paths = [page.parent / target for target in targets if not target.startswith("https://")]
    assert [path for path in paths if not path.is_file()] == []


def test_pages_have_links():
    assert all(LINK.search(page.read_text(encoding="utf-8")) for page in (ROOT / "README.md", ENVIRONMENT))


def run(code, page):
    """Run the blocks of a page one after another, in one namespace; return how many examples gave what they say."""
    known, runner = {}, doctest.DocTestRunner(verbose=False)
    for number, block in enumerate(code):
        if ">>>" in block:
            examples = doctest.DocTestParser().get_doctest(block, known, f"{page.name}, block {number}", str(page), 0)
            runner.run(examples, clear_globs=False)
            known = examples.globs
        else:
            exec(compile(block, f"{page.name}, block {number}", "exec"), known)
    assert runner.failures == 0
    return runner.tries


@pytest.mark.parametrize("page,least", [(ROOT / "README.md", 0), (ENVIRONMENT, 40)], ids=["README", "environment"])
def test_the_code_of_a_page_runs(page, least):
    code = CODE.findall(page.read_text(encoding="utf-8"))
    assert code and run(code, page) >= least


@pytest.mark.parametrize("block", [">>> 1 + 1\n3\n", ">>> nobody\n"])
def test_code_that_gives_something_else_is_found(block):
    with pytest.raises(AssertionError):
        run([block], ENVIRONMENT)


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
    assert set(seconds) == set(TYPICAL_SECONDS) == set(LEARNERS)
    assert all(1 / 3 < seconds[name] / TYPICAL_SECONDS[name] < 3 for name in LEARNERS)


def test_the_table_of_pairs_is_that_of_the_scenarios():
    assert f"\n\n{pairs_table()}\n" in (ROOT / "docs" / "pairs.md").read_text(encoding="utf-8")


SHOWN = re.compile(r"^(?:    .*\n|\n(?=    ))+", re.MULTILINE)


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
