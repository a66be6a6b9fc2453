"""Engines, which make the runs of a bench: on the cores of this machine, or wherever another engine makes them."""

from __future__ import annotations

import multiprocessing
import os
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from multiprocessing.context import BaseContext
from multiprocessing.process import BaseProcess
from typing import Protocol

from routegame.envs.document import FileError
from routegame.eval.bench.job import DIED, TIMED_OUT, Job
from routegame.whole_file import WriteError

LONGEST_WAIT = 86_400.0
"""Seconds after which the engine looks at its runs whether or not one has ended: systems know no wait of months."""


class Engine(Protocol):
    """Makes runs somewhere."""

    @property
    def workers(self) -> int:
        """Number of runs at once."""

    def run(self, jobs: Sequence[Job]) -> Iterator[Job]:
        """Make all runs; yield each as it is done, with its result or its failure written down."""


@dataclass(frozen=True)
class LocalEngine:
    """Makes runs in processes of this machine, one process a run.

    Processes are forked from one that has imported everything and done nothing, so that starting one takes
    milliseconds and no run finds anything that another has left.

    Args:
        workers: how many runs at once.
        timeout: seconds after which a run is given up.
    """

    workers: int
    timeout: float

    def start(self) -> None:
        """Let the process that others are forked from import what they need, while this one does something else."""
        if _context().get_start_method() == "forkserver":
            from multiprocessing import forkserver

            forkserver.ensure_running()

    def run(self, jobs: Sequence[Job]) -> Iterator[Job]:
        """Make all runs; yield each as it is done, with its result or its failure written down.

        However this ends, no process of it is left.

        Raises:
            WriteError: a run cannot be written down.
            FileError: what there is of a run is damaged.
        """
        context, waiting = _context(), list(reversed(jobs))
        running: dict[int, tuple[BaseProcess, Job, float, Connection]] = {}
        try:
            while waiting or running:
                while waiting and len(running) < self.workers:
                    job = waiting.pop()
                    trouble, sender = context.Pipe(duplex=False)
                    process = context.Process(target=_make, args=(job, sender))  # type: ignore[attr-defined]
                    process.start()
                    sender.close()  # the process has its own
                    running[process.sentinel] = process, job, time.monotonic() + self.timeout, trouble
                first = min(deadline for _, _, deadline, _ in running.values())
                ended = set(wait(list(running), timeout=min(max(first - time.monotonic(), 0), LONGEST_WAIT)))
                for sentinel, (process, job, deadline, trouble) in list(running.items()):
                    if sentinel not in ended and time.monotonic() < deadline:
                        continue
                    if sentinel not in ended:
                        process.kill()
                        if not job.done:
                            job.fail(TIMED_OUT, f"after {self.timeout:g} s")
                    process.join()
                    _check_files(trouble)
                    if not job.done:
                        job.fail(DIED, f"exit code {process.exitcode}")
                    del running[sentinel]
                    yield job
        finally:
            for process, _, _, _ in running.values():
                process.kill()
                process.join()


def _check_files(trouble: Connection) -> None:
    """Raise what a process has sent, if it has: its files could not be written, or were damaged."""
    with trouble, suppress(EOFError):
        error: WriteError | FileError = trouble.recv()
        raise error


def _make(job: Job, trouble: Connection) -> None:
    """Make a run in a process that, where it can be, is forked from one that has imported the worker."""
    from routegame.eval.bench import worker

    worker.main(job, trouble)


def _context() -> BaseContext:
    if "forkserver" not in multiprocessing.get_all_start_methods():
        return multiprocessing.get_context("spawn")
    os.environ.setdefault("OMP_NUM_THREADS", "1")  # read by those that are started now: one run, one core
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["routegame.eval.bench.worker"])
    return context
