"""Print how fast everything is, or the sections that are named: `make speed SECTIONS="solver parallel_env"`."""

from __future__ import annotations

import argparse
import tempfile
from importlib import import_module
from pathlib import Path

from speed.baseline import against, can_be_held, checked_out
from speed.page import page, slower
from speed.turns import REPEATS, Table, progress

SECTIONS = (
    "random_play",
    "solver",
    "parallel_env",
    "task_batch",
    "whole_tasks",
    "luck",
    "vector_env",
    "learners",
    "learning",
    "training",
)


def main() -> None:
    """Measure section by section and print each as it is done."""
    parser = argparse.ArgumentParser(prog="make speed", description=__doc__)
    parser.add_argument(
        "sections", nargs="*", metavar="SECTION", help=f"of {', '.join(SECTIONS)}; all if none is named"
    )
    about = "a commit that is held against what is here, in the sections that both have the names for"
    parser.add_argument("--baseline", metavar="REV", help=about)
    parser.add_argument("--page", type=Path, metavar="FILE", help="write what is measured as a page")
    parser.add_argument("--check", type=Path, metavar="FILE", help="fail where ratios are lower than such a page says")
    options = parser.parse_args()
    chosen = options.sections or SECTIONS
    unknown = sorted(set(chosen) - set(SECTIONS))
    if unknown:
        parser.error(f"no section {unknown[0]!r}; there are {', '.join(SECTIONS)}")
    print(f"Medians of {REPEATS} turns in one run; ratios are taken within a turn.")
    if options.baseline is None:
        tables = measure(chosen)
        if options.page is not None:
            options.page.write_text(page(tables), encoding="utf-8")
        if options.check is not None and (fallen := slower(tables, options.check.read_text(encoding="utf-8"))):
            raise SystemExit("\n".join(["Slower than before:", *fallen]))
        return
    held = [name for name in chosen if can_be_held(import_module(f"speed.{name}"))]
    if options.sections and held != options.sections:
        parser.error(f"section {next(x for x in chosen if x not in held)!r} cannot be held against a commit")
    with tempfile.TemporaryDirectory() as folder:
        try:
            source = checked_out(options.baseline, Path(folder))
        except ValueError as error:
            parser.error(str(error))
        for name in held:
            table = against(name, options.baseline, source)
            progress("")
            print(f"\n{table}", flush=True)


def measure(sections: list[str] | tuple[str, ...]) -> list[Table]:
    """Measure what is here, print it and return it."""
    measured, rows = list[Table](), []
    for name in sections:
        tables = import_module(f"speed.{name}").measure()
        progress("")
        measured += tables
        for table in tables:
            print(f"\n{table}", flush=True)
            rows += [row for row in table.rows if row.target is not None]
    if rows:
        print(f"\n{sum(row.met for row in rows)} of {len(rows)} targets met")
    return measured


if __name__ == "__main__":
    main()
