"""Files that commands meet: logs, a run and a bench, made once, and copied and spoilt for every case."""

from __future__ import annotations

import contextlib
import io
import shutil
from pathlib import Path

from devices import MINOR, make_device

from fuzz.grammar import LOGS, Case
from routegame.__main__ import main

RUN = ["train", "nano-gpt5", "--learner", "evolution", "--max-passes", "1", "--max-seconds", "0.01"]
BENCH = [
    "bench",
    "--suite",
    "real",
    "--games",
    "nano-gpt5",
    "--learners",
    "evolution",
    "--seeds",
    "1",
    "--max-passes",
    "1",
]

SIMULATE = ["simulate-log", "nano-gpt5", "--tasks", "60", "--max-passes", "60"]
RICH = ["--users", "9", "--commitment", "1:0.08", "1:0.3", "2", "--temperature", "9", "--segment", "a:1:1", "b:1:2"]


class Stage:
    """What cases are played on.

    Args:
        folder: an empty one.
    """

    def __init__(self, folder: Path) -> None:
        self._made, self.place = folder / "made", folder / "place"
        self._made.mkdir()
        self.place.mkdir()

    def _there(self, name: str) -> Path:
        """Return where a log, the run or the bench is, whole; it is made when it is first asked for."""
        path = self._made / name
        if not path.exists():
            words = {"run": RUN, "bench": BENCH}.get(name, [*SIMULATE, *(RICH if name.startswith("rich") else [])])
            with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
                main([*words, "--out", str(path)])
        return path

    def set(self, case: Case) -> None:
        """Put everything back in its place, and spoil what the case wants spoilt."""
        shutil.rmtree(self.place, ignore_errors=True)
        self.place.mkdir()
        words = set(case.arguments)
        for name in ("run", "bench"):
            if name in words:
                damage(shutil.copytree(self._there(name), self.place / name), *case.damage)
        for name in LOGS[:5]:
            if name in words:
                shutil.copy(self._there(name), self.place / name)
                spoil(self.place / name, case.spoilt)
        for word in words:
            stem = Path(word).parts[0].split(".")[0] if Path(word).parts else ""
            there = self.place / word.split("/")[0]
            if stem == "taken":
                there.write_text("taken")
            elif stem == "folder":
                there.mkdir(exist_ok=True)
            elif stem in MINOR and not there.exists():
                make_device(there, stem)
            elif stem in ("link", "dangling", "loop") and not there.is_symlink():
                target = {"link": "taken", "dangling": "gone", "loop": there.name}[stem]
                there.symlink_to(target)
                if stem == "link":
                    (self.place / "taken").write_text("taken")


def damage(directory: Path, number: int, how: str) -> None:
    """Damage one of the files of a directory."""
    files = sorted(path for path in directory.rglob("*") if path.is_file())
    path = files[number % len(files)]
    if how == "missing":
        path.unlink()
    elif how == "folder":
        path.unlink()
        path.mkdir()
    elif how in ("half", "empty"):
        whole = path.read_bytes()
        path.write_bytes(whole[: len(whole) // 2] if how == "half" else b"")
    elif how == "bytes":
        path.write_bytes(b"\xff\xfe\x00\x01" * 9)
    elif how != "none":
        path.write_text(how)


def spoil(path: Path, edits: tuple[tuple[str, int, int, str], ...]) -> None:
    """Edit a log: (what, row, column, text) each. Only bytes of those that are no CSV."""
    for what, row, column, text in edits:
        content = path.read_bytes()
        if what == "cut":
            path.write_bytes(content[: len(content) * (row % 10) // 10])
        elif what == "bytes":
            at = len(content) * (row % 10) // 10
            path.write_bytes(
                content[:at] + text.encode("utf-8", "surrogateescape") + b"\xff\x00" * (column % 2) + content[at:]
            )
        elif path.suffix == ".csv":
            rows = [line.split(",") for line in content.decode("utf-8", "surrogateescape").splitlines()]
            if rows and rows[0]:
                edited = "\n".join(",".join(cells) for cells in _edited(rows, what, row, column, text))
                path.write_bytes(edited.encode("utf-8", "surrogateescape") + b"\n")


def _edited(rows: list[list[str]], what: str, row: int, column: int, text: str) -> list[list[str]]:
    """Return the rows of a log after an edit."""
    width = len(rows[0])
    at, across = row % len(rows), column % width
    if what == "cell":
        rows[at][across % len(rows[at])] = text
    elif what == "rename":
        rows[0][across] = text
    elif what == "column":
        return [[*cells, text] for cells in rows]
    elif what == "drop":
        return [cells[:across] + cells[across + 1 :] for cells in rows]
    elif what == "repeat":
        return rows + rows[at:]
    elif what == "swap":
        rows[at % len(rows)], rows[-1] = rows[-1], rows[at % len(rows)]
    elif what == "head":
        return rows[: at % 5]
    elif what == "constant":
        return [rows[0], *([*cells[:across], text, *cells[across + 1 :]] for cells in rows[1:])]
    return rows
