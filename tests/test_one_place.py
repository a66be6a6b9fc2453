"""What is decided in one place is decided nowhere else: found by reading the source."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PACKAGES = [folder for name in ("envs", "agents", "train", "eval", "calibrate") if (folder := ROOT / name).exists()]
SOURCE = {
    path.relative_to(ROOT).as_posix(): path.read_text(encoding="utf-8")
    for folder in (*PACKAGES, ROOT / "src")
    for path in folder.rglob("*")
    if path.suffix in (".py", ".html", ".css", ".js")
}


def test_no_colour_is_spelt_outside_the_palette():
    spelt = re.compile(r"#(?:[0-9a-fA-F]{6}|[0-9a-fA-F]{3})\b|\brgba?\(")
    assert {"py", "html", "css", "js"} == {name.rpartition(".")[2] for name in SOURCE}
    assert {name.rpartition("/")[2] for name, text in SOURCE.items() if spelt.search(text)} == {"palette.py"}


def test_pages_are_written_in_templates():
    """Whoever changes a page finds it there, and no tag in Python."""
    modules = {name: text for name, text in SOURCE.items() if name.endswith("page.py")}
    assert len(modules) == 7 and len([name for name in SOURCE if name.endswith(".html")]) >= 7
    assert {name for name, text in modules.items() if re.search(r"</?[a-z][a-z0-9]*[ />]", text)} == set()


def written_by_hand(tree):
    """Lines that format a percentage or money: by the format for percent, a hundredfold, or a sign beside a number."""
    for node in ast.walk(tree):
        if (
            isinstance(node, ast.Constant)
            and isinstance(node.value, str)
            and re.search(r"\{[^{}]*:[^{}]*%\}", node.value)
        ):
            yield node.lineno  # for str.format
        if not isinstance(node, ast.JoinedStr):
            continue
        for part, after in zip(node.values, [*node.values[1:], ast.Constant("")], strict=True):
            if isinstance(part, ast.FormattedValue):
                hundredfold = any(
                    isinstance(of, ast.BinOp) and any(getattr(side, "value", 0) == 100 for side in (of.left, of.right))
                    for of in ast.walk(part.value)
                )
                behind = isinstance(after, ast.Constant) and re.match(r" ?%(?! \d)| ?\$", after.value)
                if hundredfold or behind or (part.format_spec and ast.unparse(part.format_spec).endswith("%'")):
                    yield node.lineno
            elif part.value.endswith("$") and part.value.count("$") % 2 and isinstance(after, ast.FormattedValue):
                yield node.lineno


def test_percentages_and_money_are_written_in_one_place():
    found = {
        f"{name}:{line}"
        for name, text in SOURCE.items()
        if name.endswith(".py") and not name.endswith("numerals.py")
        for line in written_by_hand(ast.parse(text))
    }
    found |= {
        name
        for name, text in SOURCE.items()
        if name.endswith(".html") and re.search(r"\}\} ?%|\$ ?\{\{|\}\} ?\$", text)
    }
    assert found == set()


@pytest.mark.parametrize(
    "line",
    ['f"{x:.1%}"', 'f"{100 * x:.1f} of it"', 'f"{x} %"', 'f"costs {x} $ a task"', 'f"${x}"', '"{:.1%}".format(x)'],
)
def test_whoever_writes_one_by_hand_is_found(line):
    assert list(written_by_hand(ast.parse(line))) != []
