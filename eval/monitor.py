"""Watches a run as it goes: exact regret after every update, on the terminal, in TensorBoard and in a file."""

from __future__ import annotations

import json
import signal
import time
from itertools import islice
from pathlib import Path
from types import FrameType, TracebackType
from typing import Any

from torch.utils.tensorboard import SummaryWriter
from tqdm import tqdm

from routegame.eval.judgement import Judge
from routegame.train.learner import Snapshot
from routegame.train.training import Training

BAR = "{desc} {percentage:3.0f}%|{bar}| {n_fmt}/{total_fmt} [{elapsed}<{remaining}{postfix}]"

SHOWN = {"regret": "regret/relative", "gap": "follower_gap/relative", "gap anywhere": "follower_gap/anywhere"}
"""Figures of the progress bar, by what it calls them; those that a phase does not have are left out."""


class Monitor:
    """A `Watch` that judges every snapshot exactly and writes it down.

    While it is entered, Ctrl-C is heeded after the update under way: between updates nothing is half done, and nothing
    that runs in the background can swallow it. A second one is heeded at once.

    Args:
        directory: where TensorBoard's event file goes.
        metrics: file that gets one JSON line an update.
        judge: of the game that is learned.
        training: whose snapshots will come; what was written down of later ones, by a run that was stopped, is dropped.
        title: what the progress bar says.
    """

    def __init__(self, directory: Path, metrics: Path, judge: Judge, training: Training, title: str) -> None:
        self._judge = judge
        self._started = time.perf_counter() - training.seconds
        self._num_seen = training.learner.updates
        self._passes = training.learner.meter.passes
        kept = _first_lines(metrics, self._num_seen)
        self._board = SummaryWriter(str(directory), purge_step=self._passes + 1 if kept else None)
        self._file = metrics.open("w", encoding="utf-8")
        self._file.writelines(kept)
        total = training.learner.num_updates
        self._bar = tqdm(total=total, initial=self._num_seen, desc=title, bar_format=BAR, dynamic_ncols=True)

    def __enter__(self) -> Monitor:
        self._interrupted = False
        self._heeded_before = signal.signal(signal.SIGINT, self._note_interrupt)
        return self

    def _note_interrupt(self, number: int, frame: FrameType | None) -> None:
        if self._interrupted:
            raise KeyboardInterrupt
        self._interrupted = True

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        signal.signal(signal.SIGINT, self._heeded_before)
        self._bar.close()
        self._board.close()
        self._file.close()

    def __call__(self, snapshot: Snapshot) -> float | None:
        """Judge a snapshot and show it; return the relative leader regret, None before there is a leader."""
        figures = self._figures(snapshot)
        self._num_seen += 1
        seconds = time.perf_counter() - self._started
        line = {
            "update": self._num_seen,
            "phase": snapshot.phase,
            "passes": snapshot.passes,
            "seconds": seconds,
            **figures,
        }
        self._file.write(json.dumps(line) + "\n")
        self._file.flush()
        for name, value in figures.items():
            self._board.add_scalar(name, value, snapshot.passes)
        self._board.add_scalar("speed/passes_per_second", snapshot.passes / seconds, snapshot.passes)
        shown = ", ".join(f"{name} {figures[key]:.2%}" for name, key in SHOWN.items() if key in figures)
        speed = snapshot.passes / seconds / 1e6
        self._bar.set_postfix_str(f"{snapshot.phase}: {shown}, {speed:.0f} M passes/s", refresh=False)
        self._bar.update()
        if self._interrupted:
            raise KeyboardInterrupt
        return figures.get("regret/relative")

    def _figures(self, snapshot: Snapshot) -> dict[str, Any]:
        own = {f"{snapshot.phase}/{name}": value for name, value in snapshot.statistics.items()}
        if snapshot.commitment is None:
            return {"follower_gap/anywhere": self._judge.random_gap(snapshot.respond), **own}
        judgement = self._judge.judge(snapshot.commitment, snapshot.respond, everywhere=False)
        learned = judgement.learned
        margin = judgement.cascade_margin
        return {
            "regret/relative": judgement.leader_regret_relative,
            "regret/provider_cost": judgement.equilibrium.provider_cost + judgement.leader_regret,
            "follower_gap/relative": judgement.follower_gap_relative,
            "commitment/route": learned.route,
            "commitment/cascade_prob": learned.cascade_prob,
            "commitment/throttled_latency_1": learned.throttled_latency[0],
            "commitment/throttled_latency_2": learned.throttled_latency[1],
            **({} if margin is None else {"commitment/cascade_margin": margin}),
            "learned/abandon_prob": learned.abandon_prob,
            "learned/provider_cost": learned.provider_cost,
            "learned/user_utility": learned.user_utility,
            **own,
        }


def _first_lines(path: Path, count: int) -> list[str]:
    """Return the first lines of a file, as far as it has them whole."""
    if not count or not path.exists():
        return []
    with path.open(encoding="utf-8") as file:
        return [line for line in islice(file, count) if line.endswith("\n")]
