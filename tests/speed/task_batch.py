"""How fast rows of tasks step, each with a game and a commitment of its own.

The limit is one compiled loop over the same arrays, with the same reads, writes and random words, and no rules: what
any step of this game costs on the machine at hand, however it is written.
"""

from __future__ import annotations

from collections.abc import Callable

import gymnasium
import numba
import numpy as np

from routegame.envs.game import Game
from routegame.envs.kernel import mixed
from routegame.envs.task_batch import Backend, TaskBatch
from speed.turns import Table, compared, in_turns

NUM_ROWS = 16_384


def measure() -> list[Table]:
    """Step a batch by either backend, the limit, and Gymnasium's own vector environment with as many rows."""
    rng = np.random.default_rng(0)
    cart = gymnasium.make_vec("CartPole-v1", NUM_ROWS, vectorization_mode="vector_entry_point")
    cart.reset(seed=0)
    pushes = rng.integers(2, size=NUM_ROWS)
    turns = in_turns(
        "task_batch",
        {
            "TaskBatch, compiled": stepper(batch("numba"), 2_000),
            "Gymnasium's CartPoleVectorEnv": times(lambda: cart.step(pushes), 100),
            "TaskBatch, in NumPy": stepper(batch("numpy"), 100),
            "a loop with the same memory traffic, and no rules": times(limit(), 2_000),
        },
    )
    wanted = {
        "Gymnasium's CartPoleVectorEnv": 25.0,
        "TaskBatch, in NumPy": 8.0,
        "a loop with the same memory traffic, and no rules": 0.5,
    }
    return [Table(f"Rows stepped, {NUM_ROWS:,} at a time, each with its own game", compared(turns, wanted))]


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


def limit() -> Callable[[], None]:
    """Return one step of the loop without rules, over arrays of a batch's number, shapes and types."""
    words = np.random.default_rng(3).integers(2**32, size=(8, NUM_ROWS), dtype=np.uint32)
    payoffs = np.ones((6, NUM_ROWS), dtype=np.float32)
    small, failures = np.zeros((4, NUM_ROWS), dtype=np.uint8), np.zeros(NUM_ROWS, dtype=np.int32)
    rewards, endings = np.zeros((2, NUM_ROWS), dtype=np.float32), np.zeros((4, NUM_ROWS), dtype=np.bool_)
    return lambda: _traffic(words, payoffs, small, failures, rewards, endings)


@numba.njit
def _traffic(words, payoffs, small, failures, rewards, endings):  # type: ignore[no-untyped-def]
    for i in range(failures.size):
        word = mixed(mixed(words[0, i]) ^ words[1, i])
        thresholds = words[2, i] ^ words[3, i] ^ words[4, i] ^ words[5, i] ^ words[6, i] ^ words[7, i]
        lucky = word < thresholds
        rewards[0, i] = payoffs[0, i] - payoffs[1, i] - payoffs[2, i]
        rewards[1, i] = payoffs[3, i] + payoffs[4, i] + payoffs[5, i]
        state = small[0, i] | small[1, i] | small[2, i] | small[3, i]
        small[2, i], small[3, i] = lucky, state
        failures[i] ^= lucky
        endings[0, i] = lucky
        endings[1, i] = not lucky
        endings[2, i] = lucky
        endings[3, i] = not lucky
