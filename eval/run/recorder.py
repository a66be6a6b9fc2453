"""Writes a run down as it goes: how good it is by now, judged exactly, one JSON line an evaluation."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from itertools import islice
from math import inf
from pathlib import Path
from types import TracebackType
from typing import Self

from routegame.agents.exact.solved_game import Profile
from routegame.envs.stackelberg import StackelbergGame
from routegame.eval.judge.judgement import Judge
from routegame.eval.judge.judges import judge_of
from routegame.train.learner import Snapshot
from routegame.train.runs.training import Training
from routegame.whole_file import WholeRecords, whole_file


class Recorder:
    """A `Watch` that judges snapshots exactly and writes them to a file.

    Args:
        metrics: the file; what it has of updates still to come, from a run that was stopped, is dropped.
        judge: of the game that is learned; while one that changes is still another, so is its judge.
        training: whose snapshots will come.
        every: so many updates are judged once; the last one always is.
    """

    def __init__(self, metrics: Path, judge: Judge[Profile], training: Training, every: int = 1) -> None:
        self._box, self._judge, self._every = training.learner.box, judge, every
        self._judges: dict[StackelbergGame, Judge[Profile]] = {}
        self._started = time.perf_counter() - training.seconds
        self._total, self.num_seen = training.learner.num_updates, training.learner.updates
        kept = _lines_up_to(metrics, self.num_seen)
        self.went_on = bool(kept)
        with whole_file(metrics) as beside:  # whenever the process is killed, what is kept is there
            beside.write_text("".join(kept), encoding="utf-8")
        self._file = WholeRecords(metrics)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()

    def __call__(self, snapshot: Snapshot) -> float | None:
        """Judge a snapshot and write it down; return the relative leader regret, None where it was not judged."""
        self.num_seen += 1
        if self.num_seen % self._every and self.num_seen != self._total:
            return None
        figures = self._figures(snapshot)
        seconds = time.perf_counter() - self._started
        about = {"update": self.num_seen, "phase": snapshot.phase, "passes": snapshot.passes, "seconds": seconds}
        self._file.append(json.dumps({**about, **figures}).encode() + b"\n")
        self.show(snapshot, figures, seconds)
        return figures.get("regret/relative")

    def show(self, snapshot: Snapshot, figures: Mapping[str, float], seconds: float) -> None:
        """Show what was just written down; there is nobody to show it to."""

    def _figures(self, snapshot: Snapshot) -> dict[str, float]:
        own = {f"{snapshot.phase}/{name}": value for name, value in snapshot.statistics.items()}
        judge, now = self._judge, self._box.now
        if now is not self._box:
            judge = self._judges[now] = self._judges.get(now) or judge_of(now)
            own["drift/changed"] = float(self._box.changed)
        if snapshot.commitment is None:
            return {"follower_gap/anywhere": judge.random_gap(snapshot.respond), **own}
        judgement = judge.judge(snapshot.commitment, snapshot.respond, everywhere=False)
        return {
            "regret/relative": judgement.leader_regret_relative,
            "regret/provider_cost": judgement.equilibrium.leader_cost + judgement.leader_regret,
            "follower_gap/relative": judgement.follower_gap_relative,
            **judge.figures(judgement),
            **own,
        }


def _lines_up_to(path: Path, update: int) -> list[str]:
    """Return the first lines of a file, those of updates up to this one, as far as it has them whole."""
    if not update or not path.is_file():
        return []
    with path.open(encoding="utf-8") as file:
        return [line for line in islice(file, update) if line.endswith("\n") and _update(line) <= update]


def _update(line: str) -> float:
    try:
        return float(json.loads(line)["update"])
    except (ValueError, KeyError, TypeError, OverflowError, RecursionError):
        return inf
