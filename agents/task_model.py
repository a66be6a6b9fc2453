"""A learned model of what becomes of a task after its first failure, and users who do what is best for them in it.

Model 1 fails a task first. What follows has three ends: model 1 solves it, model 2 solves it, or it is abandoned. How
likely each is depends on both success probabilities, on the cascade probability and on how often the user leaves; a
network has learned that from tasks that were played. What cannot happen has probability 0 whatever it says: nobody
abandons who never leaves, and nothing is solved for a user who leaves at once, or by model 2 if nothing is handed over.

A task that model 2 fails first goes on like one that is handed over for sure.

A pass of model k costs its user t_k and solves with probability p_k, so a task that model k solves has been worth
V − t_k / p_k to the user on average. In units of V, that and the probabilities above are all that users weigh.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from routegame.agents.network import Network
from routegame.envs.arrays import Float32Array, FloatArray

NUM_INPUTS, NUM_ENDS = 9, 3
"""Inputs of the network, see `task_inputs`, and ends of a task: solved by model 1, by model 2, abandoned."""

LEAST_SHARE = 1e-30
"""What a share that is 0 is taken for where its logarithm is needed."""

LAST_LOG_ODDS = 8.0
"""Log-odds of a cascade that the network tells apart; further out they look alike to it."""

HABITS = np.linspace(0, 1, 33) ** 2
"""Probabilities of leaving that users choose from."""


def task_inputs(p1: FloatArray, p2: FloatArray, cascade_prob: FloatArray, abandon_prob: FloatArray) -> Float32Array:
    """Describe tasks to the network, (num_rows,) each -> (num_rows, 9) float32.

    Nearly all are orders of magnitude: of success, failure, cascade, and of the chance that a pass of a model is the
    last one of its task, because it solves it or because its user leaves.
    """
    s, q = cascade_prob, abandon_prob
    with np.errstate(divide="ignore"):
        cascade = np.clip(np.log(s) - np.log1p(-s), -LAST_LOG_ODDS, LAST_LOG_ODDS)
    columns = [
        np.log(p1),
        np.log(1 - p1),
        np.log(p2),
        np.log(1 - p2),
        cascade / 3,
        2 * s - 1,
        2 * q - 1,
        np.log(p1 + (1 - p1) * q),
        np.log(p2 + (1 - p2) * q),
    ]
    return np.stack(columns, axis=1).astype(np.float32)


def certainties(cascade_prob: FloatArray, abandon_prob: FloatArray) -> Float32Array:
    """Return what is added to the network's logits: 0 where an end is open, far below where it cannot come about.

    Shapes: (num_rows,) each -> (num_rows, 3) float32.
    """
    s, q = cascade_prob, abandon_prob
    log_stay, log_leave = (np.log(np.maximum(x, LEAST_SHARE)) for x in (1 - q, q))
    keep, hand_over = (np.log(np.maximum(x, LEAST_SHARE)) for x in (1 - s, s))
    return np.stack([log_stay + keep, log_stay + hand_over, log_leave], axis=1).astype(np.float32)


@dataclass(frozen=True)
class TaskModel:
    """The learned model, see the module.

    Attributes:
        network: from `task_inputs` to logits of the three ends.
    """

    network: Network

    def ends(self, p1: FloatArray, p2: FloatArray, cascade_prob: FloatArray, abandon_prob: FloatArray) -> FloatArray:
        """Probabilities of the ends of tasks that model 1 has failed once, (num_rows,) each -> (num_rows, 3)."""
        logits = self.network(task_inputs(p1, p2, cascade_prob, abandon_prob)) + certainties(cascade_prob, abandon_prob)
        likely = np.exp(logits.astype(np.float64) - logits.max(axis=1, keepdims=True))
        shares: FloatArray = likely / likely.sum(axis=1, keepdims=True)
        return shares

    def abandon_prob(
        self, success_prob: FloatArray, waits: FloatArray, route: NDArray[np.int64], cascade_prob: FloatArray
    ) -> FloatArray:
        """Probability with which users leave after a failure: the habit that is worth most to them in the model.

        Args:
            success_prob: (2, num_rows).
            waits: t_k / (V p_k), what a success of each model takes, in units of its value, (2, num_rows).
            route: of 1 and 2, (num_rows,).
            cascade_prob: (num_rows,).

        Returns:
            (num_rows,); ties go to staying.
        """
        num_rows = len(route)
        s = np.where(route == 2, 1.0, cascade_prob)
        p1, p2, s = (np.repeat(x, len(HABITS)) for x in (*success_prob, s))
        ends = self.ends(p1, p2, s, np.tile(HABITS, num_rows)).reshape(num_rows, len(HABITS), NUM_ENDS)
        worth = ends[:, :, 0] * (1 - waits[0])[:, None] + ends[:, :, 1] * (1 - waits[1])[:, None]
        answers: FloatArray = HABITS[np.argmax(worth, axis=1)]
        return answers

    def arrays(self) -> dict[str, Float32Array]:
        """Return the arrays that it consists of, by name."""
        return self.network.arrays("tasks")

    @classmethod
    def from_arrays(cls, named: Mapping[str, Float32Array]) -> TaskModel:
        """Make the model again; `KeyError` or `ValueError` if these are the arrays of something else."""
        return cls(Network.from_arrays(named, "tasks", NUM_INPUTS, NUM_ENDS))
