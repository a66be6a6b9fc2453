"""Sampled passes: tasks played one pass at a time, many side by side.

This is the world that learners learn from. It knows the rules and no algebra: the closed forms are in
`routegame.envs.chain`, which shares no code with this module, so that each checks the other.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from routegame.envs.arrays import BoolArray, FloatArray, IntArray, Number
from routegame.envs.checks import ParameterError, as_route
from routegame.envs.game import Game


@dataclass(frozen=True)
class Tasks:
    """Finished tasks, in groups of equal size; figures are averages over a group.

    Attributes:
        passes: (num_models, num_groups) int64, passes of each model, summed over the group.
        solved: (num_groups,) int64, how many of the group's tasks were solved.
        group_size: tasks in a group; 1 where every task stands for itself.
        cut_off: (num_groups,) int64, how many were cut off after as many passes as are allowed; 0 where any number
            is. All others were abandoned.
    """

    passes: IntArray
    solved: IntArray
    group_size: int = 1
    cut_off: IntArray | int = 0

    def latency(self, game: Game) -> FloatArray:
        """Time users waited for a task, (num_groups,). The game's latencies may have one entry a group."""
        return _weighed(self.passes, game.latency) / self.group_size

    def cost(self, game: Game) -> FloatArray:
        """Compute a task cost the provider, without the churn penalty, (num_groups,)."""
        return _weighed(self.passes, game.cost) / self.group_size

    def user_utility(self, game: Game) -> FloatArray:
        """Utility of users from a task: its value if solved, less the waiting, (num_groups,)."""
        return game.task_value * (self.solved / self.group_size) - self.latency(game)

    def provider_cost(self, game: Game) -> FloatArray:
        """Cost of a task to the provider, the churn penalty included, (num_groups,)."""
        abandoned = 1 - (self.solved + self.cut_off) / self.group_size
        return self.cost(game) + game.churn_penalty * abandoned


def _weighed(passes: IntArray, each: tuple[Number, ...]) -> FloatArray:
    """Sum of what passes take, added model by model, (num_groups,)."""
    total: FloatArray = passes[0] * each[0]
    for count, one in zip(passes[1:], each[1:], strict=True):
        total = total + count * one
    return total


def attempt(success_prob: FloatArray, model: IntArray, rng: np.random.Generator) -> BoolArray:
    """Play one pass of each task on its model; True where it solved the task.

    Args:
        success_prob: (2,) or (2, num_tasks), standard model first.
        model: (num_tasks,) of 0 (standard) and 1 (reasoning).
        rng: the source of chance.
    """
    index = np.arange(model.size) if success_prob.ndim == 2 else ...
    chance = success_prob[model] if index is ... else success_prob[model, index]
    solved: BoolArray = rng.random(model.size) < chance
    return solved


def hand_over(model: IntArray, cascade_prob: FloatArray, rng: np.random.Generator) -> IntArray:
    """Decide where retried tasks go: from the standard to the reasoning model with `cascade_prob`, never back."""
    cascades = rng.random(model.size) < cascade_prob
    return np.where(cascades, 1, model)


def simulate(
    game: Game,
    route: ArrayLike,
    cascade_prob: ArrayLike,
    abandon_prob: ArrayLike,
    num_tasks: int,
    rng: np.random.Generator,
) -> Tasks:
    """Play `num_tasks` tasks of one game to their end, pass by pass.

    Args:
        game: a single game, `game.shape == ()`.
        route: 1 or 2, scalar or (num_tasks,).
        cascade_prob: scalar or (num_tasks,).
        abandon_prob: probability of leaving after each failure, scalar or (num_tasks,).
        num_tasks: how many tasks.
        rng: the source of chance; the same state gives the same tasks.

    Raises:
        ParameterError: a batch of games.
    """
    _check_single(game)
    p = np.asarray(game.success_prob, dtype=np.float64)
    s = np.broadcast_to(np.asarray(cascade_prob, dtype=np.float64), (num_tasks,))
    q = np.broadcast_to(np.asarray(abandon_prob, dtype=np.float64), (num_tasks,))
    model = np.broadcast_to(as_route(route) - 1, (num_tasks,))
    passes = np.zeros((2, num_tasks), dtype=np.int64)
    solved = np.zeros(num_tasks, dtype=np.int64)
    running = np.arange(num_tasks)
    while running.size:
        passes[model, running] += 1
        success = attempt(p, model, rng)
        solved[running[success]] = 1
        leaves = rng.random(running.size) < q
        goes_on = ~success & ~leaves
        running, model, s, q = running[goes_on], model[goes_on], s[goes_on], q[goes_on]
        model = hand_over(model, s, rng)
    return Tasks(passes, solved)


def simulate_groups(
    game: Game,
    route: ArrayLike,
    cascade_prob: FloatArray,
    abandon_prob: FloatArray,
    group_size: int,
    rng: np.random.Generator,
) -> Tasks:
    """Play a group of tasks under each of many commitments to their end, pass by pass.

    The tasks of a group are alike, so it is enough to count them: how many are on which model, how many of the
    next passes solve theirs, how many users leave, how many tasks are handed over. Each count is binomial. Totals
    have the distribution that `simulate` gives group_size tasks, at a price that hardly grows with group_size.

    Args:
        game: a single game.
        route: 1 or 2, (num_groups,).
        cascade_prob: (num_groups,).
        abandon_prob: probability of leaving after each failure, (num_groups,).
        group_size: tasks in each group.
        rng: the source of chance; the same state gives the same tasks.

    Raises:
        ParameterError: a batch of games.
    """
    _check_single(game)
    p1, p2 = game.success_prob
    s, stay = cascade_prob, 1 - abandon_prob
    num_groups = len(s)
    starts_standard = as_route(route) == 1
    on_standard = np.where(starts_standard, group_size, 0)
    on_reasoning = group_size - on_standard
    passes = np.zeros((2, num_groups), dtype=np.int64)
    solved = np.zeros(num_groups, dtype=np.int64)
    running = np.arange(num_groups)
    while running.size:
        passes[0, running] += on_standard
        passes[1, running] += on_reasoning
        success1, success2 = rng.binomial(on_standard, p1), rng.binomial(on_reasoning, p2)
        solved[running] += success1 + success2
        stays1 = rng.binomial(on_standard - success1, stay)
        stays2 = rng.binomial(on_reasoning - success2, stay)
        handed_over = rng.binomial(stays1, s)
        on_standard, on_reasoning = stays1 - handed_over, stays2 + handed_over
        goes_on = on_standard + on_reasoning > 0
        running, s, stay = running[goes_on], s[goes_on], stay[goes_on]
        on_standard, on_reasoning = on_standard[goes_on], on_reasoning[goes_on]
    return Tasks(passes, solved, group_size)


def _check_single(game: Game) -> None:
    if game.shape != ():
        raise ParameterError("game", "a single game", f"a batch of shape {game.shape}")
