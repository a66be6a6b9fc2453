"""The house is in order: every module that decides something has a test file of its own name, and types say much."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
SHORT = 30
"""Modules of no more lines are read at a glance; they may do without."""

DECISIONS = (ast.If, ast.IfExp, ast.For, ast.While, ast.Match, ast.Compare, ast.comprehension)
"""Whatever a module goes by when it does one thing or another, or one thing many times."""

MOST_OF_ANY_TYPE = 383 // 3
"""Times that the word `Any` may stand in the package: a third of what there was when types began to be counted."""

WITHOUT = {
    "eval/figures/panels.py": "it draws; tests/eval/figures/test_catalogue.py looks at the figures",
    "eval/figures/menu_panels.py": "it draws; tests/eval/figures/test_catalogue.py looks at the figures",
    "eval/figures/mix_panels.py": "it draws; tests/eval/figures/test_catalogue.py looks at the figures",
    "eval/figures/run_picture.py": "it draws; tests/eval/test_train_and_judge.py has it done",
    "src/routegame/__main__.py": "tests/commands/test_main.py runs it, beside the commands that it leads to",
}
"""Modules that decide something and have no test file of their name, and why."""


def decides(source):
    return any(isinstance(node, DECISIONS) for node in ast.walk(ast.parse(source)))


def home_of_tests(module):
    """Where the tests of a module lie: as it lies itself, the package's own modules at the top."""
    folder = module.parent.relative_to("src/routegame") if module.parts[0] == "src" else module.parent
    return Path("tests") / folder / f"test_{module.stem}.py"


FOLDERS = [path.parent for path in ROOT.glob("*/__init__.py")]
PATHS = [path for folder in FOLDERS for path in folder.rglob("*.py")]
PATHS += [
    path for pattern in ("*.py", "commands/*.py", "gateway/*.py") for path in (ROOT / "src/routegame").glob(pattern)
]
DECIDING = sorted(
    path.relative_to(ROOT)
    for path in PATHS
    if path.stem != "__init__"
    and len((source := path.read_text(encoding="utf-8")).splitlines()) > SHORT
    and decides(source)
)


def test_modules_are_found():
    names = {module.as_posix() for module in DECIDING}
    assert {"envs/game.py", "calibrate/log/log.py", "src/routegame/numerals.py"} <= names and len(names) > 100
    assert not decides('"""Text."""\nX = 1\n\n\ndef f(x):\n    return x\n') and decides("y = [x for x in z]")


def test_a_module_that_decides_something_has_a_test_file_of_its_name():
    without = {module.as_posix() for module in DECIDING if not (ROOT / home_of_tests(module)).exists()}
    assert without == WITHOUT.keys() & {module.as_posix() for module in DECIDING}


@pytest.mark.parametrize("name", WITHOUT)
def test_what_needs_no_test_file_is_there_and_says_why(name):
    assert Path(name) in DECIDING, "it is gone, or decides nothing any more"
    assert WITHOUT[name]


def test_few_things_are_of_any_type():
    found = [len(re.findall(r"\bAny\b", path.read_text(encoding="utf-8"))) for path in PATHS]
    assert len(found) > 250 and sum(found) <= MOST_OF_ANY_TYPE
