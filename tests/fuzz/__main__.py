"""Run so many cases and print what is wrong, each kind once, with the smallest command found that shows it."""

from __future__ import annotations

import argparse
import sys
import time
from collections import Counter
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import HealthCheck, Phase, given, seed, settings

from fuzz.grammar import Case, cases
from fuzz.stage import Stage
from fuzz.verdict import faults, smallest, told
from routegame.numerals import plural


def main() -> int:
    """Return 1 if anything is wrong."""
    parser = argparse.ArgumentParser(prog="make fuzz", description=__doc__)
    parser.add_argument("cases", nargs="?", type=int, default=20_000, metavar="CASES", help="how many (default 20000)")
    parser.add_argument("--seed", type=int, default=0, help="of the cases (default 0); others give other cases")
    options = parser.parse_args()
    started, spent, counts = time.process_time(), Counter[str](), Counter[str]()
    seen: dict[str, tuple[Case, str]] = {}
    with TemporaryDirectory(prefix="routegame-fuzz-") as folder:
        stage = Stage(Path(folder))

        @seed(options.seed)
        @settings(
            max_examples=options.cases,
            deadline=None,
            database=None,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        @given(cases())
        def look(case: Case) -> None:
            before = time.process_time()
            for fault, detail in faults(case, stage).items():
                counts[fault] += 1
                if fault not in seen or len(told(case)) < len(told(seen[fault][0])):
                    seen[fault] = case, detail
            spent[case.command] += time.process_time() - before
            counts["cases"] += 1

        look()
        for fault, (case, detail) in seen.items():
            print(f"{plural(counts[fault], 'time')}: {fault}\n  {told(smallest(case, fault, stage))}")
            print("".join(f"    {line}\n" for line in detail.encode("utf-8", "replace").decode().splitlines()[-8:]))
    slowest = ", ".join(f"{name} {seconds:.0f} s" for name, seconds in spent.most_common(5))
    took = f"{time.process_time() - started:.0f} CPU seconds"
    print(f"{plural(counts['cases'], 'case')}, {plural(len(seen), 'kind')} of faults, {took}: {slowest}")
    return bool(seen)


if __name__ == "__main__":
    sys.exit(main())
