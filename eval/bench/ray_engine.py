"""Makes the runs of a bench on a Ray cluster: one task a run, what came of it sent back to the driver.

A task makes its run as the local engine does, in a process of its own: a learner that dies takes no worker along, and
fails in the same way wherever it is.

Machines of the cluster need no common disk, but the project has to be installed there, in the same version, and the
modules of learners that are called MODULE:CLASS.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import replace
from importlib import import_module
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory

from routegame.envs.checks import ParameterError
from routegame.envs.document import FileError
from routegame.eval.bench.job import DIED, Job
from routegame.eval.bench.local_engine import LocalEngine
from routegame.whole_file import WriteError, whole_file, writing

RETRIES = 2
"""How often a run is made again whose worker has died."""

Files = dict[str, bytes]
"""Contents by path, relative to a run directory."""


class RayEngine:
    """Makes runs as Ray tasks, on the cluster that `RAY_ADDRESS` names or else on one of this machine alone.

    Args:
        workers: how many runs at once, or wait for a core; None for as many as the cluster has cores.
        timeout: seconds after which a run is given up.

    Raises:
        ParameterError: Ray is not installed, or the cluster cannot be reached.
    """

    def __init__(self, workers: int | None, timeout: float) -> None:
        try:
            ray = import_module("ray")
        except ImportError:
            raise ParameterError(
                "engine", "local, or else Ray installed: pip install 'routegame[ray]'", "ray"
            ) from None
        self._ray, self._timeout = ray, timeout
        address = os.environ.get("RAY_ADDRESS")
        try:
            if address is None:
                ray.init("local", num_cpus=workers, include_dashboard=False, log_to_driver=False)
            else:
                ray.init(address, log_to_driver=False)
        except ConnectionError as error:
            reason = str(error).splitlines()[0]
            raise ParameterError(
                "engine", "local, or else RAY_ADDRESS that of a cluster", f"{address}: {reason}"
            ) from None
        self.workers = workers or int(ray.cluster_resources()["CPU"])
        self._make = ray.remote(max_retries=RETRIES)(make)

    def run(self, jobs: Sequence[Job]) -> Iterator[Job]:
        """Make all runs; yield each as it is done, with its result or its failure written down here.

        However this ends, Ray is shut down with it.
        """
        try:
            waiting = iter(jobs)
            running = {self._make.remote(job, self._timeout): job for job in islice(waiting, self.workers)}
            while running:
                (task, *_), _ = self._ray.wait(list(running))
                job = running.pop(task)
                running |= {self._make.remote(other, self._timeout): other for other in islice(waiting, 1)}
                self._take(task, job)
                yield job
        finally:
            self._ray.shutdown()

    def _take(self, task: object, job: Job) -> None:
        """Write down what a task has sent."""
        try:
            files: Files = self._ray.get(task)
        except self._ray.exceptions.RayError as error:
            if isinstance(error, WriteError | FileError):  # as it is raised here, it is of both kinds
                raise
            job.fail(DIED, str(error).splitlines()[-1])
            return
        last = job.result_path.name if job.result_path.name in files else job.failure_path.name
        for name in sorted(files, key=lambda name: name == last):
            path = job.directory / name
            with writing(path):
                path.parent.mkdir(parents=True, exist_ok=True)
            with whole_file(path) as beside:
                beside.write_bytes(files[name])


def make(job: Job, timeout: float) -> Files:
    """Make a run on this machine, as the local engine does, and return the files that it leaves."""
    with TemporaryDirectory() as place:
        here = replace(job, directory=Path(place) / "run")
        list(LocalEngine(1, timeout).run([here]))
        paths = [path for path in here.directory.rglob("*") if path.is_file()]
        return {path.relative_to(here.directory).as_posix(): path.read_bytes() for path in paths}
