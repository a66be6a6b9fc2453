"""A run from its beginning, or from where it was stopped, to its end: updates, limits and checkpoints."""

from __future__ import annotations

import time
from collections.abc import Callable

from routegame.envs.document import checked
from routegame.train.learner import Learner, Snapshot, learner
from routegame.train.runs.run_directory import RunDirectory
from routegame.train.state import CHECKPOINT, load, save

CHECKPOINT_SECONDS = 20.0
"""How much of a run is done again after it was killed, at most."""

Watch = Callable[[Snapshot], float | None]
"""Called after every update; returns the relative leader regret, None where it is not known. What it does has no
influence on learning."""


class Training:
    """The training of one run.

    Args:
        run: where it is written down; one that was begun there goes on.

    Attributes:
        learner: as it is now.
        seconds: how long it has been training, stops left out.

    Raises:
        FileError: the run's checkpoint is damaged, or something else.
    """

    def __init__(self, run: RunDirectory) -> None:
        config = run.config
        self._run, self._limits = run, config.limits
        self.learner: Learner = learner(config.learner)(config.box, config.options, config.seed)
        self.seconds = 0.0
        if run.checkpoint_path.exists():
            state = load(run.checkpoint_path)
            with checked(run.checkpoint_path, CHECKPOINT):
                self.learner.restore(state["learner"])
                self.seconds = float(state["seconds"])

    def run(self, watch: Watch) -> None:
        """Train to the end or to a limit, and write down what was learned."""
        begun, started = self.seconds, time.monotonic()
        saved, stopped = started, "finished"
        while not self.learner.finished:
            snapshot = self.learner.update()
            self.seconds = begun + time.monotonic() - started
            try:
                regret = watch(snapshot)
            except KeyboardInterrupt:
                self._save()
                raise
            reached = self._limits.reached(self.learner.meter.passes, self.seconds, regret)
            if reached is not None:
                stopped = reached
                break
            if time.monotonic() - saved >= CHECKPOINT_SECONDS:
                self._save()
                saved = time.monotonic()
        learned = self.learner.learned()
        self.seconds = begun + time.monotonic() - started  # the last choice takes its time, too
        self._run.save(learned, self.seconds, stopped)

    def _save(self) -> None:
        save(self._run.checkpoint_path, {"learner": self.learner.state(), "seconds": self.seconds})
