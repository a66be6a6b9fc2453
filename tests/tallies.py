"""Logs as they are counted, without files: tasks played by any rule, or written down by hand."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from types import SimpleNamespace
from typing import Any

import numpy as np

from routegame.calibrate.estimate.tally import BLOCKS, Blocks, Shapes, Tally
from routegame.calibrate.log.ending import Ending

MOST_PASSES = 400

Rule = Callable[[SimpleNamespace], Any]
"""Of passes side by side: their probability of something, from arrays `model` (1 or 2), `number` (of the pass in its
task), `repeat` (number of the pass on this model in its task), `route`, `arm` and `segment` of the task."""


def shapes_of(*rows: tuple[float, ...]) -> Shapes:
    """Rows (segment, route, stated, n1, n2, ending, count) as a histogram."""
    columns = [np.array(column) for column in zip(*rows, strict=True)]
    whole = [column.astype(np.int64) for k, column in enumerate(columns) if k != 2]
    return Shapes(whole[0], whole[1], columns[2].astype(np.float64), *whole[2:])


def tally_of(shapes: Shapes, blocks: Blocks | None = None, **given: Any) -> Tally:
    """A tally of shapes, in whose file nothing drifts unless its blocks say so; without moments, which few ask for."""
    if blocks is None:
        some = np.ones((BLOCKS, 2))
        blocks = Blocks(10 * some, some, some, some, some)
    segments = tuple(f"segment {k}" for k in range(int(shapes.segment.max()) + 1))
    fields = {"segments": segments, "decision_spread": 1.0, "handed_back": 0, **given}
    return Tally(shapes=shapes, moments=None, blocks=blocks, **fields)  # type: ignore[arg-type]


def played(
    commitments: Sequence[tuple[int, float]],
    num_tasks: int,
    seed: int,
    *,
    success: Rule,
    leave: Rule,
    move: Rule | None = None,
    drift: tuple[float, float] = (0.0, 0.0),
    stated: bool = True,
    segments: int = 1,
) -> Tally:
    """Play tasks that are dealt to commitments and segments in turns.

    Args:
        commitments: (route, cascade probability); as the log states them if `stated`.
        num_tasks: that begin.
        seed: of everything random.
        success: of a pass.
        leave: of its user after a failure.
        move: share of retries on model 1 that are handed over; default: the commitment's.
        drift: by how much mean latency and mean cost rise from the first task to the last, relatively.
        stated: whether the log says what was meant to be handed over.
        segments: kinds of users.
    """
    rng = np.random.default_rng(seed)
    task = np.arange(num_tasks)
    arm, segment = task % len(commitments), task // len(commitments) % segments
    route, s = (np.array(column)[arm] for column in zip(*commitments, strict=True))
    passes, ending = np.zeros((num_tasks, 2), dtype=np.int64), np.zeros(num_tasks, dtype=np.int64)
    model, order = route.copy(), []
    for number in range(1, MOST_PASSES + 1):
        passes[task, model - 1] += 1
        order.append(np.stack([task, model]))
        now = SimpleNamespace(
            model=model,
            number=np.full(len(task), number),
            repeat=passes[task, model - 1],
            route=route[task],
            arm=arm[task],
            segment=segment[task],
        )
        solved = rng.random(len(task)) < success(now)
        left = ~solved & (rng.random(len(task)) < leave(now))
        ending[task[left]] = Ending.LEFT
        goes_on = ~solved & ~left
        handed = rng.random(len(task)) < (s[task] if move is None else move(now))
        task, model = task[goes_on], np.where(handed, 2, model)[goes_on]
        if not len(task):
            break
    assert not len(task), "a task that never ends"
    keys = np.stack([segment, arm, passes[:, 0], passes[:, 1], ending])
    kinds, count = np.unique(keys, axis=1, return_counts=True)
    offers = np.array(commitments)[kinds[1]]
    states = offers[:, 1] if stated else np.full(len(offers), np.nan)
    shapes = Shapes(kinds[0], offers[:, 0].astype(np.int64), states, kinds[2], kinds[3], kinds[4], count)
    return tally_of(shapes, _blocks(rng, np.concatenate(order, axis=1), num_tasks, drift))


def _blocks(rng: np.random.Generator, passes: Any, num_tasks: int, drift: tuple[float, float]) -> Blocks:
    """Passes (2, num_passes) of task and model along a file in which tasks are in order."""
    task, model = passes[:, np.argsort(passes[0], kind="stable")]
    place = np.arange(len(task)) * BLOCKS // len(task) * 2 + model - 1

    def per(weights: Any = None) -> Any:
        return np.bincount(place, weights, 2 * BLOCKS).reshape(BLOCKS, 2)

    number, found = per(), []
    with np.errstate(divide="ignore", invalid="ignore"):
        for rise in drift:
            value = rng.gamma(4, size=len(task)) * model * (1 + rise * task / num_tasks)
            mean = per(value) / number
            found.append((mean, np.nan_to_num((per(value**2) - number * mean**2) / (number - 1))))
    return Blocks(number, found[0][0], found[1][0], found[0][1], found[1][1])
