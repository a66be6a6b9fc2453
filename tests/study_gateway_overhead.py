"""What strategy and logger add to a call of litellm's Router, in CPU time, side by side with neither.

A process of each kind calls a server in a process of its own, in turns: what else the machine does befalls all of them
alike. With each call comes what litellm does after it, for its callbacks.
"""

from __future__ import annotations

import json
import multiprocessing
import os
import sys
import tempfile
import time
from multiprocessing.connection import Connection
from pathlib import Path

os.environ["LITELLM_LOCAL_MODEL_COST_MAP"] = "True"

import litellm
import numpy as np
from model_server import ModelServer, model_server

from routegame.gateway.litellm import CommitmentStrategy, TurnLogger

WARM, CALLS = 50, 200
MODELS = ("cheap", "strong")
KINDS = ("neither", "strategy", "logger", "both")
AFTERWARDS = 0.01
"""Seconds that litellm has for its callbacks, after a call."""


def serve(pipe: Connection) -> None:
    """Serve until told to stop."""
    with model_server() as server:
        pipe.send(server.url)
        pipe.recv()


def call_when_told(pipe: Connection, url: str, kind: str, folder: Path) -> None:
    """Make a call whenever there is a number, and send the seconds of CPU that it took."""
    server = ModelServer(url=url)
    router = litellm.Router(model_list=[server.deployment("assistant", model) for model in MODELS])
    if kind in ("both", "strategy"):
        router.register_plugin(CommitmentStrategy(router, "assistant", MODELS, folder / "commitment.json"))
    if kind in ("both", "logger"):
        litellm.callbacks = [TurnLogger(folder / f"{kind}.jsonl")]
    messages = [{"role": "user", "content": "?" * 2000}]
    while (turn := pipe.recv()) is not None:
        metadata = {"session_id": f"s{turn // 3}", "turn": 1 + turn % 3}
        start = time.process_time()
        router.completion("assistant", messages=messages, metadata=metadata)
        time.sleep(AFTERWARDS)
        pipe.send(time.process_time() - start)


def main() -> int:
    """Print it; return 1 if it is over 1 ms."""
    fork = multiprocessing.get_context("fork")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "commitment.json").write_text(json.dumps({"route": 1, "cascade_prob": 0.3}))
        stop, there = fork.Pipe()
        processes = [fork.Process(target=serve, args=(there,))]
        processes[0].start()
        url, pipes = stop.recv(), []
        for kind in KINDS:
            here, there = fork.Pipe()
            pipes.append(here)
            processes.append(fork.Process(target=call_when_told, args=(there, url, kind, folder)))
            processes[-1].start()
        taken = np.zeros((CALLS, len(KINDS)))
        for turn in range(-WARM, CALLS):
            for k in np.roll(range(len(KINDS)), turn):
                pipes[k].send(turn + WARM)
                taken[max(turn, 0), k] = pipes[k].recv()
        for pipe in (*pipes, stop):
            pipe.send(None)
        for process in processes:
            process.join()
    more = taken - taken[:, :1]
    error = 1.25 * more.std(axis=0) / np.sqrt(CALLS)  # of a median, where differences are about normal
    print(f"CPU of a call of litellm's Router, median of {CALLS}, and what it is more than with neither")
    for k, kind in enumerate(KINDS):
        added = f"{1e3 * np.median(more[:, k]):+8.3f} ± {1e3 * error[k]:.3f} ms" if k else ""
        print(f"  {kind:<10}{1e3 * np.median(taken[:, k]):8.3f} ms {added}")
    return int(np.median(more[:, -1]) > 1e-3)


if __name__ == "__main__":
    sys.exit(main())
