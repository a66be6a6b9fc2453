"""Totals of many tasks drawn at once, at a price that depends neither on how many there are nor on their passes.

Between its first pass on a model and the last one, a task of a user with a stationary strategy repeats one and the same
gamble. How often is geometric, whatever comes of the last pass; so the repeats of a whole group of tasks are one draw
of a negative binomial, and what became of the tasks are two binomial ones. Five draws make a group of any size, with
the distribution that `routegame.envs.sampling.simulator` gives it pass by pass; the luck is another.

Chance is numpy's generator, or `routegame.envs.luck.luck.Luck`, which turns the same luck into nearly the same totals
for nearly the same commitments.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from routegame.envs.arrays import FloatArray, IntArray, Number
from routegame.envs.checks import ParameterError, as_route
from routegame.envs.game import Game
from routegame.envs.luck.luck import Chance
from routegame.envs.sampling.simulator import Tasks


def draw_totals(
    game: Game,
    route: ArrayLike,
    cascade_prob: ArrayLike,
    abandon_prob: ArrayLike,
    group_size: int,
    rng: Chance,
) -> Tasks:
    """Draw the totals of a group of tasks under each of many commitments; latencies are left to the reader.

    Args:
        game: a single game, or a batch of shape (num_groups,), one for each.
        route: 1 or 2, (num_groups,).
        cascade_prob: of failed tasks on model 1 that go on, (num_groups,); not checked.
        abandon_prob: probability of leaving after each failure, (num_groups,); not checked.
        group_size: tasks in each group, any whole number from 1.
        rng: the source of chance; the same state gives the same tasks.

    Raises:
        ParameterError: a batch of another shape.

    >>> game = Game(9, 20, (0.1, 0.3), (1, 2), (1, 3))
    >>> tasks = draw_totals(game, 1, np.array([0.0, 1.0]), np.zeros(2), 10**6, np.random.default_rng(0))
    >>> (tasks.passes / 1e6).round(1).tolist(), tasks.solved.tolist()
    ([[10.0, 1.0], [0.0, 3.0]], [1000000, 1000000])
    """
    (p1, p2), q = game.success_prob, np.asarray(abandon_prob, dtype=np.float64)
    routes, s, q = np.broadcast_arrays(as_route(route), np.asarray(cascade_prob, dtype=np.float64), q)
    if game.shape not in ((), routes.shape):
        allowed = f"a single game, or one of shape {routes.shape}"
        raise ParameterError("game", allowed, f"a batch of shape {game.shape}")
    on_standard = np.where(routes == 1, group_size, 0)
    passes1, solved1, handed_over = _serve(on_standard, p1, q, s, rng)
    passes2, solved2, _ = _serve(group_size - on_standard + handed_over, p2, q, np.zeros_like(s), rng)
    return Tasks(np.stack([passes1, passes2]), solved1 + solved2, group_size)


def _serve(
    tasks: IntArray, p: Number, q: FloatArray, s: FloatArray, rng: Chance
) -> tuple[IntArray, IntArray, IntArray]:
    """Let one model serve tasks until it solves them, or their users leave, or they are handed over.

    Returns:
        Passes, tasks solved and tasks handed over, each (num_groups,).
    """
    moves = q + (1 - q) * s
    ends = p + (1 - p) * moves
    repeats = np.where(tasks > 0, rng.negative_binomial(np.maximum(tasks, 1), ends), 0)
    solved = rng.binomial(tasks, p / ends)
    handed_over = rng.binomial(tasks - solved, (1 - q) * s / np.where(moves > 0, moves, 1.0))
    return tasks + repeats, solved, handed_over
