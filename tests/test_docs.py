"""Every link of the theory page leads somewhere: to a file, and in it to a test or to a worked example."""

import ast
import re
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
THEORY = ROOT / "docs" / "theory.md"
LINK = re.compile(r"\]\(([^()\s]+)\)")
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
        ("../agents/theorems.py#Claim", "no worked example"),
        ("theory.md#the-game", "cannot tell"),
    ],
)
def test_a_link_that_leads_nowhere_is_found(target, complaint):
    assert complaint in problem(target, THEORY.parent)


@pytest.mark.parametrize(
    "target", ["theory.md", "../agents/theorems.py#theorem_4_penalties", "https://arxiv.org/abs/2602.09902"]
)
def test_a_good_link_is_none_of_them(target):
    assert problem(target, THEORY.parent) is None
