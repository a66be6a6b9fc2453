"""The same work now and at a commit, in turns, each turn in a process of its own.

A section can be held against a commit if it has a function `works`, which returns its works by name. Everything that it
does goes by names that the commit has as well.
"""

from __future__ import annotations

import io
import json
import os
import statistics
import subprocess
import sys
import tarfile
from importlib import import_module
from pathlib import Path
from types import ModuleType

from speed.turns import REPEATS, Ratio, Table, cpu_rate, progress

ROOT = Path(__file__).parents[2]


def can_be_held(section: ModuleType) -> bool:
    """Whether a section can be held against a commit, as it says itself."""
    return hasattr(section, "works")


def checked_out(revision: str, folder: Path) -> Path:
    """Unpack a commit into a folder and return where its package is.

    Raises:
        ValueError: there is no such commit.
    """
    packed = subprocess.run(["git", "archive", revision], cwd=ROOT, check=False, capture_output=True)
    if packed.returncode:
        raise ValueError(f"no commit {revision!r}: {packed.stderr.decode().strip()}")
    with tarfile.open(fileobj=io.BytesIO(packed.stdout)) as archive:
        archive.extractall(folder, filter="data")
    return folder / "src"


def against(section: str, revision: str, source: Path) -> Table:
    """Do the works of a section now and at a commit.

    Args:
        section: name of the section.
        revision: what to call the commit.
        source: where its package is.
    """
    turns: list[tuple[dict[str, float], dict[str, float]]] = []
    for turn in range(REPEATS):
        progress(f"{section}: turn {turn + 1} of {REPEATS}")
        turns.append((_rates(section, ROOT / "src"), _rates(section, source)))
    rows = []
    for name in turns[0][0]:
        rate = statistics.median(now[name] for now, _ in turns)
        rows.append(Ratio(name, rate, statistics.median(now[name] / then[name] for now, then in turns)))
    return Table(f"{section}, against {revision}", rows, held="is ×")


def _rates(section: str, source: Path) -> dict[str, float]:
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(map(str, (source, ROOT / "tests")))}
    command = [sys.executable, "-m", "speed.baseline", section]
    told = subprocess.run(command, env=environment, check=True, stdout=subprocess.PIPE, text=True)
    rates: dict[str, float] = json.loads(told.stdout)
    return rates


def main() -> None:
    """Do every work of a section twice and print the rates of the second time as JSON."""
    rates = {}
    for name, work in import_module(f"speed.{sys.argv[1]}").works().items():
        work()
        rates[name] = cpu_rate(work)
    print(json.dumps(rates))


if __name__ == "__main__":
    main()
