"""How long `make run` takes from nothing: fresh clones of a commit and of another one, in turns on the same machine.

    python tests/study_setup.py 03d9de1 [--rounds 3]

A first round fills pip's cache and is not counted: what is measured begins after the download. Set-up is what stands
before the job; the job is run twice, as compiled modules and loops are kept. Prints medians of wall time and of CPU
time, in seconds, as a Markdown table, and says on standard error how each clone did. Needs nothing but Python, git and
make.
"""

import argparse
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
UNLIKE_A_NEWCOMER = ("PYTHONPATH", "VIRTUAL_ENV", "PYTHONDONTWRITEBYTECODE")
"""Variables that may be set here, and would lead elsewhere, or have modules compiled in every run anew."""

STEPS = ("set-up", "job, first time", "job, again")


def spent(command, folder):
    """Wall and CPU seconds of a command."""
    variables = {name: value for name, value in os.environ.items() if name not in UNLIKE_A_NEWCOMER}
    before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
    done = subprocess.run(command, cwd=folder, env=variables, capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(f"{' '.join(command)}\n{done.stdout}{done.stderr}")
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.monotonic() - start, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def round_of(revision, folder):
    """Wall and CPU seconds of each of `STEPS` in a fresh clone of a commit."""
    subprocess.run(("git", "clone", "--quiet", ROOT, folder), check=True)
    subprocess.run(("git", "-C", folder, "checkout", "--quiet", revision), check=True)
    return [spent(("make", goal), folder) for goal in (".venv/ready", "run", "run")]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("baseline", help="the commit to stand beside")
    parser.add_argument("--rounds", type=int, default=3, help="those that count (default 3)")
    options = parser.parse_args()
    found = {revision: [] for revision in (options.baseline, "HEAD")}
    for number in range(options.rounds + 1):
        for revision, rounds in found.items():
            with tempfile.TemporaryDirectory() as folder:
                measured = round_of(revision, Path(folder) / "clone")
            rounds += [measured] if number else []
            told = ", ".join(f"{name} {wall:.1f} s" for name, (wall, _) in zip(STEPS, measured, strict=True))
            print(f"round {number} of {options.rounds}, {revision}: {told}", file=sys.stderr, flush=True)
    print("| | " + " | ".join(f"{revision}, {kind}" for kind in ("wall", "CPU") for revision in found) + " |")
    print("| --- |" + " ---: |" * 2 * len(found))
    for name, steps in (*((name, (k,)) for k, name in enumerate(STEPS)), ("from nothing to the first result", (0, 1))):
        cells = [
            f"{statistics.median(sum(of[k][kind] for k in steps) for of in rounds):.1f}"
            for kind in (0, 1)
            for rounds in found.values()
        ]
        print(f"| {name} | {' | '.join(cells)} |")


if __name__ == "__main__":
    main()
