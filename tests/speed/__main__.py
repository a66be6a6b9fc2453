"""Print how fast everything is, or the sections that are named: `make speed SECTIONS="solver parallel_env"`."""

from __future__ import annotations

import argparse
from importlib import import_module

from speed.turns import REPEATS, progress

SECTIONS = ("random_play", "solver", "parallel_env", "task_batch", "whole_tasks", "vector_env", "learning", "training")


def main() -> None:
    """Measure section by section and print each as it is done."""
    parser = argparse.ArgumentParser(prog="make speed", description=__doc__)
    parser.add_argument(
        "sections", nargs="*", metavar="SECTION", help=f"of {', '.join(SECTIONS)}; all if none is named"
    )
    about = "a commit that random_play is held against; by default it is not"
    parser.add_argument("--baseline", metavar="REV", help=about)
    options = parser.parse_args()
    chosen = options.sections or SECTIONS
    unknown = sorted(set(chosen) - set(SECTIONS))
    if unknown:
        parser.error(f"no section {unknown[0]!r}; there are {', '.join(SECTIONS)}")
    print(f"Medians of {REPEATS} turns in one run; ratios are taken within a turn.")
    rows = []
    for name in chosen:
        section = import_module(f"speed.{name}")
        tables = section.measure(options.baseline) if name == "random_play" else section.measure()
        progress("")
        for table in tables:
            print(f"\n{table}", flush=True)
            rows += [row for row in table.rows if row.target is not None]
    if rows:
        print(f"\n{sum(row.met for row in rows)} of {len(rows)} targets met")


if __name__ == "__main__":
    main()
