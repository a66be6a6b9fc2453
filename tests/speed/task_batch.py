"""How fast rows of tasks step, each with a game and a commitment of its own.

The limit is a loop over the same arrays without rules, see `speed.step_limit`: what a step costs on this machine at
least, however it is written.
"""

from __future__ import annotations

from collections.abc import Callable

import gymnasium
import numpy as np

from routegame.envs.game import Game
from routegame.envs.sampling.drawn_contexts import draw_contexts
from routegame.envs.sampling.task_batch import Backend, TaskBatch
from routegame.envs.task_mixes import MIXES
from speed import step_limit
from speed.turns import Table, compared, in_turns

NUM_ROWS = 16_384


def measure() -> list[Table]:
    """Step a batch by either backend, the limit, and Gymnasium's own vector environment with as many rows."""
    rng = np.random.default_rng(0)
    cart = gymnasium.make_vec("CartPole-v1", NUM_ROWS, vectorization_mode="vector_entry_point")
    cart.reset(seed=0)
    pushes = rng.integers(2, size=NUM_ROWS)
    no_rules = batch("numba")
    no_rules._play = step_limit.step
    mix = MIXES["thousand-features-sighted"].mix
    single = mix.games_of(draw_contexts(mix, NUM_ROWS))
    turns = in_turns(
        "task_batch",
        {
            "TaskBatch, compiled": stepper(batch("numba"), 2_000),
            "Gymnasium's CartPoleVectorEnv": times(lambda: cart.step(pushes), 100),
            "TaskBatch, in NumPy": stepper(batch("numpy"), 100),
            "the same memory traffic in a loop without rules": stepper(no_rules, 2_000),
        },
    )
    wanted = {
        "Gymnasium's CartPoleVectorEnv": 25.0,
        "TaskBatch, in NumPy": 8.0,
        "the same memory traffic in a loop without rules": 0.5,
    }
    of_mix = in_turns(
        "tasks that differ",
        {
            "TaskBatch of a mix of 1,000 contexts": stepper(TaskBatch(mix, 1, 0.25, num_tasks=NUM_ROWS), 1_000),
            "the same of a game for each row": stepper(TaskBatch(single, 1, 0.25, num_tasks=NUM_ROWS), 2_000),
        },
    )
    return [
        Table(
            f"Rows stepped, {NUM_ROWS:,} at a time, each with its own game",
            compared(turns, wanted),
            limit="the same memory traffic in a loop without rules",
        ),
        Table("Rows of tasks that differ", compared(of_mix, {"the same of a game for each row": 0.3})),
    ]


def batch(backend: Backend) -> TaskBatch:
    """Rows with a game and a commitment each."""
    rng = np.random.default_rng(1)

    def draw(low: float, high: float) -> np.ndarray:
        return rng.uniform(low, high, NUM_ROWS)

    latency, cost = (draw(1, 10), draw(10, 50)), (draw(0.1, 1), draw(1, 5))
    game = Game(draw(50, 150), draw(1, 10), (draw(0.05, 0.2), draw(0.3, 0.6)), latency, cost)
    return TaskBatch(game, rng.integers(1, 3, NUM_ROWS), draw(0, 0.5), num_tasks=NUM_ROWS, backend=backend)


def stepper(rows: TaskBatch, steps: int) -> Callable[[], int]:
    """Return what steps the rows, one user in ten leaving."""
    leaves = np.random.default_rng(2).random(NUM_ROWS) < 0.1
    return times(lambda: rows.step(leaves), steps)


def times(step: Callable[[], object], steps: int) -> Callable[[], int]:
    """Return what does `steps` steps of all rows, and how many rows that makes."""

    def work() -> int:
        for _ in range(steps):
            step()
        return steps * NUM_ROWS

    return work
