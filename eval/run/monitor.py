"""Shows a run as it goes: on the terminal and in TensorBoard, beside what its recorder writes down."""

from __future__ import annotations

import signal
import threading
from collections.abc import Mapping
from pathlib import Path
from types import FrameType, TracebackType
from typing import Self

from tqdm import tqdm

from routegame.agents.exact.solved_game import Profile
from routegame.eval.judge.judgement import Judge
from routegame.eval.run.event_file import EventFile
from routegame.eval.run.recorder import Recorder
from routegame.numerals import number, percent
from routegame.train.learner import Snapshot
from routegame.train.runs.training import Training
from routegame.whole_file import WriteError

BAR = "{desc} {percentage:3.0f}%|{bar}| {n_fmt}/{total_fmt} [{elapsed}<{remaining}{postfix}]"

SHOWN = {"regret": "regret/relative", "gap": "follower_gap/relative", "gap anywhere": "follower_gap/anywhere"}
"""Figures of the progress bar, by what it calls them; those that a phase does not have are left out."""


class Monitor(Recorder):
    """A recorder of every update, with a progress bar and an event file for TensorBoard.

    While it is entered, Ctrl-C is heeded after the update under way: between updates nothing is half done, and nothing
    that runs in the background can swallow it. A second one is heeded at once.

    Args:
        events: the directory that TensorBoard's event file goes into; None for no such file.
        metrics: see `Recorder`.
        judge: see `Recorder`.
        training: see `Recorder`.
        title: what the progress bar says.
        shown: whether there is a progress bar.
    """

    def __init__(
        self,
        events: Path | None,
        metrics: Path,
        judge: Judge[Profile],
        training: Training,
        title: str,
        *,
        shown: bool = True,
    ) -> None:
        super().__init__(metrics, judge, training)
        learner = training.learner
        purge_step = learner.meter.passes + 1 if self.went_on else None
        self._board = None if events is None else EventFile(events, purge_step)
        total = learner.num_updates
        self._bar = tqdm(
            total=total, initial=self.num_seen, desc=title, bar_format=BAR, dynamic_ncols=True, disable=not shown
        )

    def __enter__(self) -> Self:
        self._interrupted = False
        if threading.current_thread() is threading.main_thread():  # Python lets no other one heed signals
            self._heeded_before = signal.signal(signal.SIGINT, self._note_interrupt)
        return self

    def _note_interrupt(self, number: int, frame: FrameType | None) -> None:
        if self._interrupted:
            raise KeyboardInterrupt
        self._interrupted = True

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if threading.current_thread() is threading.main_thread():
            signal.signal(signal.SIGINT, self._heeded_before)
        self._bar.leave = not isinstance(error, WriteError)  # which is told in a line of its own
        self._bar.close()
        if self._board is not None:
            self._board.close()
        super().__exit__(kind, error, trace)

    def __call__(self, snapshot: Snapshot) -> float | None:
        """Judge a snapshot, write it down and show it; return the relative leader regret, None before there is one."""
        regret = super().__call__(snapshot)
        if self._interrupted:
            raise KeyboardInterrupt
        return regret

    def show(self, snapshot: Snapshot, figures: Mapping[str, float], seconds: float) -> None:
        """Put the figures on the board and the main ones on the bar."""
        speed = snapshot.passes / seconds
        if self._board is not None:
            self._board.add({**figures, "speed/passes_per_second": speed}, snapshot.passes)
        shown = ", ".join(f"{name} {percent(figures[key])}" for name, key in SHOWN.items() if key in figures)
        self._bar.set_postfix_str(
            f"{snapshot.phase}: {shown}, {number(speed / 1e6, digits=2)} M passes/s", refresh=False
        )
        self._bar.update()
