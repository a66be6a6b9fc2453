"""Killed anywhere, run again: the same result? `make kills` kills 100 runs and 30 benches at random moments.

A command is started in a process group of its own and killed (SIGKILL) after a random part of the time that it takes
undisturbed, again and again, until it has been left to finish. Then what it wrote is held against an undisturbed one's,
all but the time of day. Nothing is allowed to differ.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
from tqdm import tqdm

TRAIN = ("train", "nano-gpt5", "--learner", "evolution", "--seed", "3")
BENCH = ("bench", "--games", "nano-gpt5", "gpt41-o3", "--learners", "evolution", "--seeds", "3", "--resume")
PATIENCE = 4
"""A command is killed so many times in a row, then left alone."""


def start(command: tuple[str, ...], out: Path) -> subprocess.Popen[bytes]:
    """Start a command, writing into a directory, as the leader of a process group."""
    arguments = [sys.executable, "-m", "routegame", *command, "--out", str(out)]
    quiet = subprocess.DEVNULL
    return subprocess.Popen(arguments, stdout=quiet, stderr=quiet, start_new_session=True)


def result_of_run(out: Path) -> object:
    """Result and metrics of a run without their clocks."""
    lines = (out / "metrics.jsonl").read_text(encoding="utf-8").splitlines()
    documents = [json.loads((out / "result.json").read_text(encoding="utf-8")), *map(json.loads, lines)]
    return [{key: value for key, value in document.items() if "seconds" not in key} for document in documents]


def table_of_bench(out: Path) -> object:
    """The table of a bench without its clocks, rows in order."""
    with (out / "runs.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    return sorted(tuple((key, value) for key, value in row.items() if "seconds" not in key) for row in rows)


def study(command: tuple[str, ...], read: object, kills: int, rng: np.random.Generator) -> int:
    """Kill a command so often, and return how many of its results differ from the undisturbed one."""
    assert callable(read)
    with tempfile.TemporaryDirectory() as folder:
        began = time.monotonic()
        if start(command, Path(folder) / "undisturbed").wait() != 0:
            raise SystemExit(f"{' '.join(command)}: does not run")
        takes, wanted = time.monotonic() - began, read(Path(folder) / "undisturbed")
        done = differing = number = 0
        with tqdm(total=kills, desc=command[0], leave=False) as bar:
            while done < kills:
                number += 1
                out, row = Path(folder) / str(number), 0
                while True:
                    process = start(command, out)
                    try:
                        process.wait(rng.uniform(0.1, 1.0) * takes if done < kills and row < PATIENCE else None)
                        break
                    except subprocess.TimeoutExpired:
                        os.killpg(process.pid, signal.SIGKILL)
                        process.wait()
                        done, row = done + 1, row + 1
                        bar.update()
                if process.returncode != 0 or read(out) != wanted:
                    differing += 1
                    print(f"{command[0]} {number}: killed {row} times, status {process.returncode}, differs")
    print(f"{command[0]}: {done} kills of {number} runs, {differing} of them differ from the undisturbed one")
    return differing


def main() -> None:
    """Run both studies."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--train", type=int, default=100)
    parser.add_argument("--bench", type=int, default=30)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    rng = np.random.default_rng(options.seed)
    differing = study(TRAIN, result_of_run, options.train, rng) + study(BENCH, table_of_bench, options.bench, rng)
    sys.exit(differing > 0)


if __name__ == "__main__":
    main()
