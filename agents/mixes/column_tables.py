"""What every list of two models costs and is worth in every context, for one answer of blind users at a time."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations, permutations

import numpy as np

from routegame.agents.mixes.contexts import Contexts
from routegame.agents.mixes.lists import Places
from routegame.agents.mixes.mix_solution import MixOrder
from routegame.envs.arrays import FloatArray

CASCADES = np.square(np.linspace(0, 1, 24))[1:]
"""Cascade probabilities of the lists that a table has, more of them where they are small."""


@dataclass(frozen=True, eq=False)
class Columns:
    """Lists that may be played in any context, (n,) each; a static model hands over to itself.

    Attributes:
        first: model that answers first, from 0.
        then: model that it hands over to.
        moves: with which probability.
    """

    first: Places
    then: Places
    moves: FloatArray

    @classmethod
    def of(cls, num_models: int, order: MixOrder) -> Columns:
        """Return static models and, for each pair in an order that is allowed, lists of several cascades."""
        pairs = np.array(list((combinations if order == "fixed" else permutations)(range(num_models), 2)))
        static = np.arange(num_models)
        return cls(
            np.concatenate([static, np.repeat(pairs[:, 0], CASCADES.size)]),
            np.concatenate([static, np.repeat(pairs[:, 1], CASCADES.size)]),
            np.concatenate([np.zeros(num_models), np.tile(CASCADES, len(pairs))]),
        )

    def memoryless(self, contexts: Contexts, stay: float) -> tuple[FloatArray, FloatArray]:
        """Costs w J and worths w U of every list in every context for a stay probability, (C, n) each."""
        again, over, behind = self._chances(contexts)
        n_i = 1 / (1 - again * stay)
        n_k = over * stay * n_i / (1 - behind * stay)
        left = (1 - stay) * (contexts.fails[:, self.first] * n_i + behind * n_k)
        return self._paid(contexts, n_i, n_k, left)

    def history(self, contexts: Contexts, failures: int) -> tuple[FloatArray, FloatArray]:
        """Costs w J and worths w U of every list in every context for users who leave after N failures, (C, n) each."""
        again, over, behind = self._chances(contexts)
        fails = contexts.fails[:, self.first]
        on_i, on_k = np.ones(again.shape), np.zeros(again.shape)
        n_i, n_k, left = on_i, on_k, fails
        for _ in range(failures - 1):
            on_i, on_k = on_i * again, on_i * over + on_k * behind
            n_i, n_k, left = n_i + on_i, n_k + on_k, fails * on_i + behind * on_k
        return self._paid(contexts, n_i, n_k, left)

    def answered(self, contexts: Contexts, answer: float, users: str) -> tuple[FloatArray, FloatArray]:
        """Costs w J and worths w U of every list in every context: for r, or for N failures, inf for never."""
        if users == "history" and np.isfinite(answer):
            return self.history(contexts, int(answer))
        return self.memoryless(contexts, 1.0 if users == "history" else answer)

    def _chances(self, contexts: Contexts) -> tuple[FloatArray, FloatArray, FloatArray]:
        a = contexts.fails
        return a[:, self.first] * (1 - self.moves), a[:, self.first] * self.moves, a[:, self.then]

    def _paid(
        self, contexts: Contexts, n_i: FloatArray, n_k: FloatArray, left: FloatArray
    ) -> tuple[FloatArray, FloatArray]:
        w, penalty, c, xi = contexts.weight[:, None], contexts.penalty[:, None], contexts.cost, contexts.net_value
        cost = c[:, self.first] * n_i + c[:, self.then] * n_k + penalty * left
        return w * cost, w * (xi[:, self.first] * n_i + xi[:, self.then] * n_k)
