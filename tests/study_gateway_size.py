"""How long does a million of litellm's payloads take, and how much memory? `make gateway-size`.

Payloads of 3 kB, prompts among them, are written to a folder for temporary files, some 3 GB for a million, read by
`routegame calibrate --from litellm` in a process of its own on two cores, and deleted.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from time import perf_counter

import numpy as np
from gateway_worlds import ARMS, NAMES, World, write_world

SECONDS, GIB = 120, 2
"""What a million payloads may take."""

ROOM = 2.0
"""Gigabytes that must stay free on the disk."""


def write(folder: Path, number: int) -> tuple[Path, Path, int]:
    """Write at least so many payloads: a small log again and again, each time with other names and later times."""
    payloads, clicks = write_world(World(num_tasks=5000), folder)
    padding = json.dumps({"messages": [{"role": "user", "content": "The orchid opens at midnight. " * 90}]})[1:-1]
    lines, said = ([json.loads(line) for line in path.read_text().splitlines()] for path in (payloads, clicks))
    targets = folder / "many.jsonl", folder / "many_clicks.jsonl"
    span = 30.0 * 5000
    with targets[0].open("w") as log, targets[1].open("w") as feedback:
        for k in range(-(-number // len(lines))):
            for line in lines:
                call, trace = f"{line['litellm_call_id']}-{k}", f"{line['trace_id']}-{k}"
                times = {name: line[name] + k * span for name in ("startTime", "endTime")}
                text = json.dumps(line | {"litellm_call_id": call, "trace_id": trace} | times | {"messages": None})
                log.write(text.replace('"messages": null', padding) + "\n")
            for line in said:
                moved = {"session_id": f"{line['session_id']}-{k}", "time": line["time"] + k * span}
                feedback.write(json.dumps(line | moved) + "\n")
    return *targets, -(-number // len(lines)) * len(lines)


def main() -> int:
    """Measure once and print it; 1 if it took too long, or too much."""
    parser = argparse.ArgumentParser(prog="make gateway-size", description=__doc__)
    parser.add_argument("number", type=int, nargs="?", default=1_000_000, help="payloads (default 1,000,000)")
    number = parser.parse_args().number
    if shutil.disk_usage(tempfile.gettempdir()).free < (number * 3.2e3 + ROOM * 1e9):
        print(f"no room for {number:,} payloads in {tempfile.gettempdir()}", file=sys.stderr)
        return 2
    with tempfile.TemporaryDirectory(prefix="routegame-") as folder:
        log, clicks, number = write(Path(folder), number)
        size = log.stat().st_size / 1e9
        arms = [f"--commitment={arm}={route}:{share}" for arm, (route, share) in ARMS.items()]
        command = ["calibrate", "--from", "litellm", str(log), "--feedback", str(clicks), *arms]
        command += ["--churn-penalty", "0.1", "--json", "--models", *NAMES]
        cores = sorted(os.sched_getaffinity(0))[:2]
        start = perf_counter()
        done = subprocess.run(
            [sys.executable, "-m", "routegame", *command],
            stdout=subprocess.PIPE,
            check=True,
            preexec_fn=lambda: os.sched_setaffinity(0, cores),
        )
        wall = perf_counter() - start
        used = resource.getrusage(resource.RUSAGE_CHILDREN)
    found = np.array(json.loads(done.stdout)["game"]["success_prob"]).round(4).tolist()
    memory = used.ru_maxrss / 2**20
    print(
        f"{number:,} payloads, {size:.2f} GB: {wall:.1f} s, {used.ru_utime + used.ru_stime:.1f} s of CPU,"
        f" {memory:.2f} GiB; p {found}; at most {SECONDS} s and {GIB} GiB a million"
    )
    return int(wall > SECONDS * number / 1e6 or memory > GIB)


if __name__ == "__main__":
    sys.exit(main())
