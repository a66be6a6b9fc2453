"""What is decided in one place is decided nowhere else: found by reading the source."""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PACKAGES = [folder for name in ("envs", "agents", "train", "eval", "calibrate") if (folder := ROOT / name).exists()]
SOURCE = {
    path.relative_to(ROOT).as_posix(): path.read_text(encoding="utf-8")
    for folder in (*PACKAGES, ROOT / "src")
    for path in folder.rglob("*")
    if path.suffix in (".py", ".html", ".css")
}


def test_no_colour_is_spelt_outside_the_palette():
    spelt = re.compile(r"#(?:[0-9a-fA-F]{6}|[0-9a-fA-F]{3})\b|\brgba?\(")
    assert {"py", "html", "css"} == {name.rpartition(".")[2] for name in SOURCE}
    assert {name.rpartition("/")[2] for name, text in SOURCE.items() if spelt.search(text)} == {"palette.py"}


def test_pages_are_written_in_templates():
    """Whoever changes a page finds it there, and no tag in Python."""
    modules = {name: text for name, text in SOURCE.items() if name.endswith("page.py")}
    assert len(modules) == 4 and len([name for name in SOURCE if name.endswith(".html")]) >= 6
    assert {name for name, text in modules.items() if re.search(r"</?[a-z][a-z0-9]*[ />]", text)} == set()
