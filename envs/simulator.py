"""Sampled passes: tasks played one pass at a time, many side by side.

This is the world that learners learn from. It knows the rules and no algebra: the closed forms are in
`routegame.envs.chain`, which shares no code with this module, so that each checks the other.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from routegame.envs.game import FloatArray, Game, ParameterError, as_route

IntArray = NDArray[np.int64]
BoolArray = NDArray[np.bool_]


@dataclass(frozen=True)
class Tasks:
    """Finished tasks, one entry a task.

    Attributes:
        passes: (2, num_tasks) int64, passes of the standard and of the reasoning model.
        solved: (num_tasks,) bool; a task that is not solved was abandoned.
    """

    passes: IntArray
    solved: BoolArray

    def latency(self, game: Game) -> FloatArray:
        """Time each user waited, (num_tasks,)."""
        return self.passes[0] * game.latency[0] + self.passes[1] * game.latency[1]

    def cost(self, game: Game) -> FloatArray:
        """Compute each task cost the provider, without the churn penalty, (num_tasks,)."""
        return self.passes[0] * game.cost[0] + self.passes[1] * game.cost[1]

    def user_utility(self, game: Game) -> FloatArray:
        """What each user got: the task's value if solved, less the waiting, (num_tasks,)."""
        return game.task_value * self.solved - self.latency(game)

    def provider_cost(self, game: Game) -> FloatArray:
        """What each task cost the provider, the churn penalty included, (num_tasks,)."""
        return self.cost(game) + game.churn_penalty * ~self.solved


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
    if game.shape != ():
        raise ParameterError("game", "a single game", f"a batch of shape {game.shape}")
    p = np.asarray(game.success_prob, dtype=np.float64)
    s = np.broadcast_to(np.asarray(cascade_prob, dtype=np.float64), (num_tasks,))
    q = np.broadcast_to(np.asarray(abandon_prob, dtype=np.float64), (num_tasks,))
    model = np.broadcast_to(as_route(route) - 1, (num_tasks,))
    passes = np.zeros((2, num_tasks), dtype=np.int64)
    solved = np.zeros(num_tasks, dtype=np.bool_)
    running = np.arange(num_tasks)
    while running.size:
        passes[model, running] += 1
        success = attempt(p, model, rng)
        solved[running[success]] = True
        leaves = rng.random(running.size) < q
        goes_on = ~success & ~leaves
        running, model, s, q = running[goes_on], model[goes_on], s[goes_on], q[goes_on]
        model = hand_over(model, s, rng)
    return Tasks(passes, solved)
