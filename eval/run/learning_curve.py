"""How regret fell in a run: what was judged on its way, and what it ended with."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from math import isfinite, isnan
from pathlib import Path

import numpy as np

from routegame.envs.arrays import FloatArray
from routegame.envs.document import read_text

FIRST_PASSES, LAST_PASSES = 1e4, 1e10
"""Passes over which curves are compared as a whole."""

LEAST_REGRET, MOST_REGRET = 1e-4, 1.0
"""Regrets between which they are."""


@dataclass(frozen=True)
class LearningCurve:
    """Relative leader regret over passes and over seconds, each (num_evaluations,)."""

    passes: FloatArray
    seconds: FloatArray
    regret: FloatArray

    @classmethod
    def read(cls, path: Path) -> LearningCurve:
        """Read a metrics file, empty where there is none; damaged lines are passed over."""
        try:
            text = read_text(path, errors="replace")
        except OSError:
            text = ""
        return cls.of([point for point in map(_point, text.splitlines()) if point is not None])

    @classmethod
    def of(cls, points: Sequence[Sequence[float]]) -> LearningCurve:
        """Make it of points, each passes, seconds and regret; of none, too.

        Raises:
            ValueError: something is not a number, or passes or seconds are infinite.
        """
        passes, seconds, regret = np.array(points, dtype=float).reshape(-1, 3).T
        if not (np.isfinite(passes).all() and np.isfinite(seconds).all()) or np.isnan(regret).any():
            raise ValueError("passes and seconds are finite, and regret is a number")
        return cls(np.maximum.accumulate(passes), np.maximum.accumulate(seconds), regret)

    def points(self) -> list[list[float]]:
        """Return passes, seconds and regret of every point, for `of`."""
        points: list[list[float]] = np.column_stack([self.passes, self.seconds, self.regret]).tolist()
        return points

    def __len__(self) -> int:
        return len(self.passes)

    def ending(self, passes: float, seconds: float, regret: float) -> LearningCurve:
        """Return it with a last point, unless it goes beyond that."""
        if len(self) and passes < self.passes[-1]:
            return self
        return LearningCurve(
            np.append(self.passes, passes), np.append(self.seconds, seconds), np.append(self.regret, regret)
        )

    def reached(self, regret: float) -> tuple[float, float] | None:
        """Return passes and seconds from which on regret was no more than this; None where it ended with more.

        >>> curve = LearningCurve(np.array([10, 20, 30]), np.array([1, 2, 3]), np.array([0.5, 0.009, 0.002]))
        >>> curve.reached(0.01), curve.reached(0.001)
        ((20.0, 2.0), None)
        """
        beyond = np.flatnonzero(~(self.regret <= regret))
        first = beyond[-1] + 1 if len(beyond) else 0
        return None if first == len(self) else (float(self.passes[first]), float(self.seconds[first]))

    def on_the_way(self) -> float:
        """Return the area under the curve of log regret over log passes, as the regret that has it throughout.

        It is a geometric mean over passes from `FIRST_PASSES` to `LAST_PASSES`, with regret cut to `LEAST_REGRET` and
        `MOST_REGRET`, the latter before the first point; after the last one nothing changes.

        >>> curve = LearningCurve(np.array([1e7]), np.array([1.0]), np.array([0.01]))
        >>> round(curve.on_the_way(), 6)  # half of the way nothing, and then 1 %
        0.1
        """
        ends = np.log(np.clip([FIRST_PASSES, *self.passes, LAST_PASSES], FIRST_PASSES, LAST_PASSES))
        logs = np.log(np.clip([MOST_REGRET, *self.regret], LEAST_REGRET, MOST_REGRET))
        return float(np.exp(np.diff(ends) @ logs / (ends[-1] - ends[0])))


def _point(line: str) -> tuple[float, float, float] | None:
    try:
        figures = json.loads(line)
        point = float(figures["passes"]), float(figures["seconds"]), float(figures["regret/relative"])
    except (ValueError, KeyError, TypeError, OverflowError, RecursionError):
        return None
    passes, seconds, regret = point
    return point if isfinite(passes) and isfinite(seconds) and not isnan(regret) else None
