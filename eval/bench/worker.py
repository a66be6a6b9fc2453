"""A run of a bench, in a process of its own: whatever a learner does there, the other runs do not notice.

Importing this module imports all that a run needs, and looks up what it would look up. The local engine does so once,
in the process that all others are forked from.
"""

from __future__ import annotations

import contextlib
import gc
import os
import signal
import sys
import threading
from collections.abc import Iterator
from multiprocessing import parent_process
from multiprocessing.connection import Connection
from pathlib import Path

import torch

from routegame.envs.document import FileError
from routegame.eval.bench.job import NOT_RESUMABLE, OUT_OF_MEMORY, RAISED, Job, machine
from routegame.eval.bench.row import NOT_APPLICABLE
from routegame.eval.judge.judges import judge_of
from routegame.eval.run.recorder import Recorder
from routegame.eval.run.result import judge_run
from routegame.train.learner import OWN_LEARNERS, Snapshot, admit, learner
from routegame.train.one_thread import one_thread
from routegame.train.runs.resumption import Resumption, ResumptionError
from routegame.train.runs.run_directory import RunDirectory, library_versions, write_json
from routegame.train.runs.training import Training, Watch
from routegame.whole_file import WriteError, writing

NUM_EVALUATIONS = 40
"""How often a run is judged on its way, about: often enough for a curve, too seldom to be felt."""

library_versions()
for name in OWN_LEARNERS:
    learner(name)
torch.optim.Adam([torch.zeros(1, requires_grad=True)])  # the first one imports a compiler, which takes over a second
gc.freeze()  # a collection in a run need not go through all that was imported, a fifth of a second each time


@one_thread()
def execute(job: Job) -> None:
    """Make a run, or the rest of one, and write its result or its failure into its directory.

    What the learner prints goes there, too. A learner that is not the project's own is stopped on the way and taken up
    again, in thought: see `routegame.train.runs.resumption`.

    Raises:
        WriteError: it cannot be written down, which is no failure of the learner's.
        FileError: what an earlier process left of it is damaged, nor is that.
    """
    try:
        admit(job.config.learner)
        objection = learner(job.config.learner).objection(job.config.box)
        if objection is not None:
            job.fail(NOT_APPLICABLE, objection)
            return
        run = RunDirectory.create(job.directory, job.config)
        with _printing_to(job.directory / "output.txt"), _limited(job.memory):
            training = Training(run)
            every = (
                1 if job.config.limits.target_regret is not None else training.learner.num_updates // NUM_EVALUATIONS
            )
            with Recorder(run.metrics_path, judge_of(job.config.box), training, max(every, 1)) as watch:
                training.run(watch if job.config.learner in OWN_LEARNERS else _resumed(job, training, watch))
        _, document = judge_run(run)
        write_json(run.result_path, {**document, "machine": machine()})
    except (WriteError, FileError):
        raise
    except MemoryError:
        job.fail(OUT_OF_MEMORY, f"wanted more than {job.memory} bytes" if job.memory else "there is no more")
    except ResumptionError as error:
        job.fail(NOT_RESUMABLE, str(error))
    except Exception as error:
        job.fail(RAISED, f"{type(error).__name__}: {error}".splitlines()[0])


def _resumed(job: Job, training: Training, watch: Watch) -> Watch:
    """Return `watch`, and a look at whether the run could be taken up where it is."""
    config = job.config
    resumption = Resumption(
        config.learner, training.learner, lambda: learner(config.learner)(config.box, config.options, config.seed)
    )

    def watched(snapshot: Snapshot) -> float | None:
        resumption.look(snapshot)
        return watch(snapshot)

    return watched


def main(job: Job, trouble: Connection) -> None:
    """Execute a job in this process, which is its own; send the driver the trouble that its files make, if they do."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the driver hears of Ctrl-C, too, and stops what it has started
    threading.Thread(target=_end_with_driver, daemon=True).start()
    try:
        execute(job)
    except (WriteError, FileError) as error:
        trouble.send(error)


def _end_with_driver() -> None:
    """End as soon as the driver has, however it ended: a later one goes on from the last checkpoint."""
    driver = parent_process()
    if driver is not None:
        driver.join()
        os._exit(1)


@contextlib.contextmanager
def _printing_to(path: Path) -> Iterator[None]:
    """Append to a file what is printed, tracebacks of other threads included."""
    with writing(path):
        opened = path.open("a", encoding="utf-8")
    with opened as file, contextlib.redirect_stdout(file), contextlib.redirect_stderr(file):
        yield


@contextlib.contextmanager
def _limited(memory: int | None) -> Iterator[None]:
    """Let this process allocate no more than so many bytes beyond what it has; only where the system can."""
    if memory is None or sys.platform == "win32":
        yield
        return
    import resource

    before = resource.getrlimit(resource.RLIMIT_DATA)
    resource.setrlimit(resource.RLIMIT_DATA, (_allocated() + memory, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_DATA, before)


def _allocated() -> int:
    with contextlib.suppress(OSError):
        for line in Path("/proc/self/status").read_text().splitlines():
            if line.startswith("VmData:"):
                return int(line.split()[1]) * 1024
    return 0
