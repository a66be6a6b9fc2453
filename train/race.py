"""A race of starts: which of many lanes of a game are worth a search, found by playing a few commitments in each.

A game whose optima lie on small faces of the leader's box has more starts than can be searched side by side. All are
played once, and the cheapest of each lane goes on. Then the lanes are narrowed together: a step to either side, along
all coordinates that are not held, half as long every time, while the dearer half of the lanes is given up. A cost that
jumps is no harder than one that does not, for only costs are compared.
"""

from __future__ import annotations

import numpy as np

from routegame.envs.arrays import BoolArray, FloatArray
from routegame.envs.stackelberg import Response, StackelbergGame
from routegame.train.considered import considered
from routegame.train.meter import Meter

STEPS = 1.5 * 0.5 ** np.arange(8)
"""Steps to either side, in log-odds of a coordinate."""

NUM_TASKS = 4096
"""Tasks under each commitment, four times as many in the last rounds."""

TASKS_TO_KNOW, NUM_BATCHES = 64, 8
"""Where users try answers so many times as many tasks are played, for it takes that to tell which is better close to a
jump, and in so many batches: what a commitment costs is the mean over what each batch lets users do. Where one of them
is mistaken the cost shows it, and the race stays clear of the jump by as much as cannot be told."""

MOST_LANES = 512
"""Lanes that are narrowed; the cheapest of those that there are."""

MOST_COMPARED = 2048
"""Commitments up to which they share their luck, which takes longer."""

OTHER_ANSWERS = np.array([0.0, 1.0])
"""Answers that users are expected to try besides their own, where they are still learning."""


def race(
    game: StackelbergGame,
    starts: FloatArray,
    respond: Response,
    num_kept: int,
    rng: np.random.Generator,
    meter: Meter,
    *,
    reconsider: bool = False,
) -> FloatArray:
    """Return where searches are to begin, the cheapest first, (num_kept, size) or fewer: each in a lane of its own.

    Args:
        game: the game.
        starts: to choose from, see `StackelbergGame.starts`.
        respond: what users answer.
        num_kept: lanes that are to be left.
        rng: chance of all plays.
        meter: counts them.
        reconsider: whether users try staying and leaving, too, and do what paid: those who are still learning.
    """
    held = game.held(starts)
    kept_to = np.hstack([np.where(held, starts, 0), held])
    _, lane = np.unique(kept_to, axis=0, return_inverse=True)
    costs = _costs(game, starts, respond, NUM_TASKS, rng, meter, reconsider=reconsider)
    order = np.argsort(costs, kind="stable")
    _, first = np.unique(lane[order], return_index=True)
    best = order[np.sort(first)][:MOST_LANES]
    points, free = starts[best], ~held[best]
    free[:, game.size - game.num_extras :] = False
    for number, step in enumerate(STEPS):
        moved = np.concatenate([points, *(_moved(points, free, way * step) for way in (-1, 1))])
        tasks = NUM_TASKS if number < len(STEPS) // 2 else 4 * NUM_TASKS
        costs = _costs(game, moved, respond, tasks, rng, meter, reconsider=reconsider).reshape(3, -1)
        points = moved.reshape(3, *points.shape)[costs.argmin(axis=0), np.arange(len(points))]
        going_on = np.argsort(costs.min(axis=0), kind="stable")[: max(num_kept, (len(points) + 1) // 2)]
        points, free = points[going_on], free[going_on]
    return points[:num_kept]


def _moved(points: FloatArray, free: BoolArray, step: float) -> FloatArray:
    """Move free coordinates, which are between 0 and 1, by a step in log-odds."""
    inside = np.where(free, points, 0.5)
    moved: FloatArray = np.where(free, 1 / (1 + (1 - inside) / inside * np.exp(-step)), points)
    return moved


def _costs(
    game: StackelbergGame,
    actions: FloatArray,
    respond: Response,
    num_tasks: int,
    rng: np.random.Generator,
    meter: Meter,
    *,
    reconsider: bool,
) -> FloatArray:
    """Cost of a task under each commitment, (num_commitments,), with the answer that pays users most."""
    batches, tasks = (NUM_BATCHES, TASKS_TO_KNOW * num_tasks // NUM_BATCHES) if reconsider else (1, num_tasks)
    once = game.commitments(actions)
    meter.queries += len(once)
    answers = np.moveaxis(considered(respond(once), OTHER_ANSWERS if reconsider else np.empty(0)), 1, 0)
    commitments = once.take(np.repeat(np.arange(len(once)), batches))
    alike = not reconsider and len(once) <= MOST_COMPARED
    play = game.play_compared if alike else game.play
    plays = [meter.play(play(commitments, np.repeat(answer, batches, axis=0), tasks, rng)) for answer in answers]
    chosen = np.stack([played.follower_utility for played in plays]).argmax(axis=0)
    costs: FloatArray = np.stack([played.leader_cost for played in plays])[chosen, np.arange(len(chosen))]
    mean: FloatArray = costs.reshape(-1, batches).mean(axis=1)
    return mean
