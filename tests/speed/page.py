"""docs/speed.md: what was measured, on which machine and of which commit; and whether it has become slower since.

Rates depend on the machine, ratios hardly. So only ratios are compared, and only by whoever asks for it: no test does.
"""

from __future__ import annotations

import platform
import re
import subprocess
from collections.abc import Sequence
from pathlib import Path

from speed.turns import Table, figure

SLACK = 0.7
"""Share of a written ratio that one measured again may fall to: noise alone takes less away."""

HEADS = ("", "a CPU second", "first is ×", "wanted", "share of the limit")
ROW = re.compile(r"^\| (?P<name>[^|]+) \| [^|]* \| (?P<ratio>[\d.,]+) \|", re.MULTILINE)


def page(tables: Sequence[Table]) -> str:
    """Return the page as Markdown."""
    parts = [
        "# How fast everything is",
        f"Written by `make speed PAGE=1` on {machine()}, of commit {commit()}. CPU time of one thread, medians of turns"
        " in one run; ratios are taken within a turn. The limit of a table is a row of it, in italics: what does as"
        " little as can be done on the same machine, such as moving the bytes, a loop without rules, or filling the"
        " same dictionaries. *First is ×*: how many times as fast as this row the first one of its table is; *wanted*:"
        " what that was to be at least. `make speed CHECK=1` measures again and says which ratios have fallen below"
        f" {SLACK:.0%} of what stands here.",
    ]
    for table in tables:
        lines = [f"## {table.title}", "", _line(HEADS), _line(["---", *["---:"] * (len(HEADS) - 1)])]
        for row in table.rows:
            share = table.share(row)
            shown = f"*{row.name}*" if row.name == table.limit else row.name
            ratio, wanted = (("" if x is None else figure(x)) for x in (row.ratio, row.target))
            rate = f"{figure(row.rate)} {row.unit}".strip()
            lines.append(_line([shown, rate, ratio, wanted, "" if share is None else f"{share:.0%}"]))
        parts.append("\n".join(lines))
    return "\n\n".join(parts) + "\n"


def slower(tables: Sequence[Table], written: str) -> list[str]:
    """Say of which rows the ratios have fallen below `SLACK` of what a page says; tables it does not have are new."""
    found = []
    for table in tables:
        start = written.find(f"## {table.title}\n")
        if start < 0:
            continue
        end = written.find("\n## ", start)
        before = {
            row["name"].strip("*"): float(row["ratio"].replace(",", ""))
            for row in ROW.finditer(written[start : end if end > 0 else None])
        }
        for row in table.rows:
            if row.ratio is not None and row.ratio < SLACK * before.get(row.name, 0.0):
                found.append(f"{table.title}, {row.name}: {figure(row.ratio)}, {figure(before[row.name])} before")
    return found


def machine() -> str:
    """Return what can be said of the machine in a few words."""
    told = Path("/proc/cpuinfo")
    names = (
        re.findall(r"^model name\s*: (.+)$", told.read_text(encoding="utf-8"), re.MULTILINE) if told.exists() else []
    )
    return f"{names[0] if names else platform.processor() or platform.machine()}, Python {platform.python_version()}"


def commit() -> str:
    """Return the commit that is checked out."""
    told = subprocess.run(["git", "rev-parse", "--short", "HEAD"], check=True, capture_output=True, text=True)
    return told.stdout.strip()


def _line(cells: Sequence[str]) -> str:
    return "| " + " | ".join(cells) + " |"
