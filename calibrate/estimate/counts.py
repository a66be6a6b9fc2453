"""Counts of what tasks did, by commitment and step by step; and shares of such counts with their intervals."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from routegame.calibrate.estimate.tally import Shapes
from routegame.calibrate.estimate.turns import LEFT, NUM_STEPS, SOLVED, Turns
from routegame.calibrate.log.ending import Ending
from routegame.envs.arrays import BoolArray, IntArray
from routegame.eval.statistics import Estimate, proportion

NONE = Estimate(np.nan, np.nan, np.nan)
"""An estimate of what never occurred."""


@dataclass(frozen=True)
class Arm:
    """An arm: the tasks under one commitment.

    Attributes:
        route: 1 or 2.
        cascade_prob: as the log states it, else the share handed over; nan where nothing could be.
        tasks: how many.
        abandon_prob: share of failures after which users left; nan without any.
    """

    route: int
    cascade_prob: float
    tasks: int
    abandon_prob: float


@dataclass(frozen=True, eq=False)
class Steps:
    """Events at passes 1, 2, …, `NUM_STEPS` and more of tasks, counted; integer arrays (K, NUM_STEPS), by model.

    Attributes:
        decisions: failures after which it is known what the user did, by the number of the pass in its task.
        leaves: of these, those after which it left.
        passes: passes by how many the task has had on the same model, this one included.
        successes: of these, those that solved the task.
        chances: (NUM_STEPS,) retries on model 1 that are known to have been handed over or not; 0 in free order.
        moves: (NUM_STEPS,) of these, those that were.
    """

    decisions: IntArray
    leaves: IntArray
    passes: IntArray
    successes: IntArray
    chances: IntArray
    moves: IntArray


def arms(shapes: Shapes) -> tuple[Arm, ...]:
    """Tasks by commitment, the commonest first."""
    found = []
    for route, s, chosen in by_commitment(shapes):
        part, share = shapes[chosen], s
        decisions, leaves = decided(part)
        if np.isnan(s) and route == 1:
            chances, moves = handed_over(part)
            share = float(rate(moves, chances).value)
        left = leaves / decisions if decisions else np.nan
        found.append(Arm(route, float(share), int(part.count.sum()), float(left)))
    return tuple(sorted(found, key=lambda arm: -arm.tasks))


def steps(shapes: Shapes) -> Steps:
    """Count what happened at each step of the tasks, see `Steps`."""
    n1, n2, count = shapes.n1, shapes.n2, shapes.count
    last = n1 + n2
    solved, left = shapes.ending == Ending.SOLVED, shapes.ending == Ending.LEFT
    known = shapes.decisions
    first = np.minimum(n1, known)
    on_2 = n2 > 0
    return Steps(
        decisions=np.stack([_up_to(first, count), _up_to(known, count) - _up_to(first, count)]),
        leaves=np.stack([_at(last, count * (left & ~on_2)), _at(last, count * (left & on_2))]),
        passes=np.stack([_up_to(n1, count), _up_to(n2, count)]),
        successes=np.stack([_at(n1, count * (solved & ~on_2)), _at(n2, count * (solved & on_2))]),
        chances=_up_to(shapes.chances, count),
        moves=_at(n1, count * shapes.moved),
    )


def steps_of_turns(turns: Turns) -> Steps:
    """Count what happened at each step of tasks whose models come in any order."""
    every, none = np.ones(len(turns.count), dtype=bool), np.zeros(NUM_STEPS, dtype=np.int64)
    return Steps(
        decisions=turns.by_step(turns.decides, turns.place),
        leaves=turns.by_step(turns.after == LEFT, turns.place),
        passes=turns.by_step(every, turns.repeat),
        successes=turns.by_step(turns.after == SOLVED, turns.repeat),
        chances=none,
        moves=none,
    )


def by_commitment(shapes: Shapes) -> list[tuple[int, float, BoolArray]]:
    """Route, stated cascade probability (nan if none, or on route 2) and the shapes of each commitment."""
    stated = np.where(shapes.route == 1, np.nan_to_num(shapes.stated, nan=-1.0), -1.0)
    keys = sorted({(int(route), float(s)) for route, s in zip(shapes.route, stated, strict=True)})
    return [(route, s if s >= 0 else np.nan, (shapes.route == route) & (stated == s)) for route, s in keys]


def decided(shapes: Shapes) -> tuple[int, int]:
    """Count the failures after which it is known what the user did, and those of them after which it left."""
    return int((shapes.decisions * shapes.count).sum()), int(shapes.count[shapes.ending == Ending.LEFT].sum())


def handed_over(shapes: Shapes) -> tuple[int, int]:
    """Count the retries on model 1 of which it is known where they went, and those of them that went to model 2."""
    return int((shapes.chances * shapes.count).sum()), int((shapes.moved * shapes.count).sum())


def decided_by_step(shapes: Shapes) -> tuple[IntArray, IntArray]:
    """Count decisions of tasks by how many their users have taken, and those to leave; (NUM_STEPS - 1,) each."""
    n = shapes.decisions
    left = np.where(shapes.ending == Ending.LEFT, shapes.count, 0)
    return _up_to(n, shapes.count)[:-1], _at(np.maximum(n, 1), left)[:-1]


def rate(successes: float, trials: float, spread: float = 1.0) -> Estimate:
    """A share and its interval, see `proportion`; `spread`: by how much more it varies than of independent trials."""
    return proportion(float(successes / spread), float(trials / spread)) if trials else NONE


def _up_to(number: IntArray, count: IntArray) -> IntArray:
    """Number of times that step 1, 2, …, `NUM_STEPS` and more is reached if each shape takes so many; (NUM_STEPS,)."""
    each = [(count * (number >= k)).sum() for k in range(1, NUM_STEPS)]
    return np.array([*each, (count * np.maximum(number - NUM_STEPS + 1, 0)).sum()])


def _at(number: IntArray, count: IntArray) -> IntArray:
    """Number of shapes with 1, 2, …, `NUM_STEPS` and more steps; (NUM_STEPS,)."""
    place = np.clip(number, 1, NUM_STEPS) - 1
    total: IntArray = np.bincount(place, weights=count, minlength=NUM_STEPS).astype(np.int64)
    return total
