"""The numbers of a mix as arrays, contexts first."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from routegame.envs.arrays import FloatArray, Number
from routegame.envs.task_mix import TaskMix


class Contexts(NamedTuple):
    """Numbers of C contexts and K models.

    Attributes:
        weight: w_x, (C,).
        penalty: P_x, (C,).
        success_prob: p_xk, (C, K).
        cost: c_xk, (C, K).
        net_value: ξ_xk, (C, K).
        magnitude: V_x p_xk + t_xk, of what ξ is the difference, (C, K).
        latency: t_xk, (C, K).
    """

    weight: FloatArray
    penalty: FloatArray
    success_prob: FloatArray
    cost: FloatArray
    net_value: FloatArray
    magnitude: FloatArray
    latency: FloatArray

    @classmethod
    def of(cls, mix: TaskMix) -> Contexts:
        """Return the numbers of a mix; contexts without weight are there, too."""
        game = mix.games

        def columns(values: tuple[Number, ...]) -> FloatArray:
            return np.ascontiguousarray(np.stack([np.asarray(x, dtype=np.float64) for x in values], axis=-1))

        p, t, c, xi = map(columns, (game.success_prob, game.latency, game.cost, game.net_value))
        value = np.asarray(game.task_value, dtype=np.float64)
        return cls(mix.weights, np.asarray(game.churn_penalty, np.float64), p, c, xi, value[:, None] * p + t, t)

    @property
    def fails(self) -> FloatArray:
        """a_xk = 1 − p_xk, (C, K)."""
        return 1 - self.success_prob

    def some(self, contexts: NDArray[np.intp]) -> Contexts:
        """Return some of the contexts, by their numbers from 0."""
        return Contexts(*(values[contexts] for values in self))

    def __len__(self) -> int:
        return len(self.weight)
