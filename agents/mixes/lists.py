"""Policies over contexts that go down lists of two models, and what blind users do to them, in closed form.

In every context one model i answers first; after a failed, continued pass it hands over to another one, k, for good,
with probability s. A context may split its tasks between several such lists unseen: where all of them start with the
same model and hand over at once that is a policy, too. With α = a_i (1 − s), b = a_k and stay probability r

    n_i = 1 / (1 − α r),    n_k = a_i s r n_i / (1 − b r),

power series in r with coefficients >= 0, and so are their slopes.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from routegame.agents.mixes.contexts import Contexts
from routegame.envs.arrays import FloatArray
from routegame.envs.policy_table import PolicyTable

Places = NDArray[np.intp]

BLOCK = 64
"""Passes that are counted at once."""


@dataclass(frozen=True, eq=False)
class Lists:
    """Lists of two models, in any number for a context; all arrays are of shape (L,).

    Attributes:
        context: that a list is played in, from 0.
        share: of the context's tasks that it gets; they add up to 1 in every context.
        first: model that answers first, from 0.
        then: model that it hands over to; the same where it never does.
        moves: s, the probability of handing over a failed, continued task.
    """

    context: Places
    share: FloatArray
    first: Places
    then: Places
    moves: FloatArray

    @classmethod
    def of(cls, first: Places, then: Places, moves: FloatArray) -> Lists:
        """Return one list for each context, in their order."""
        return cls(np.arange(len(first)), np.ones(len(first)), first, then, moves)

    def replaced(self, contexts: Places, first: Places, then: Places, moves: FloatArray) -> Lists:
        """Return the same lists but for some contexts, each of which gets one list in place of its own."""
        keep = ~np.isin(self.context, contexts)
        return Lists(
            np.concatenate([self.context[keep], contexts]),
            np.concatenate([self.share[keep], np.ones(len(contexts))]),
            np.concatenate([self.first[keep], first]),
            np.concatenate([self.then[keep], then]),
            np.concatenate([self.moves[keep], moves]),
        )

    def table(self, num_contexts: int, num_models: int) -> PolicyTable:
        """Return the policies as a table; of several lists of a context each hands over at once."""
        one = np.bincount(self.context, minlength=num_contexts)[self.context] == 1
        start, matrix = np.zeros((num_contexts, num_models)), np.zeros((num_contexts, num_models, num_models))
        x, i, k = self.context[one], self.first[one], self.then[one]
        s = np.where(i == k, 0.0, self.moves[one])
        start[x, i] = 1.0
        matrix[x, :, k] = 1.0
        matrix[x, i] = 0.0
        np.add.at(matrix, (x, i, k), s)
        np.add.at(matrix, (x, i, i), 1 - s)
        for x in np.unique(self.context[~one]):
            mine = np.flatnonzero(self.context == x)
            matrix[x] = np.eye(num_models)
            start[x, self.first[mine[0]]] = 1.0
            matrix[x, self.first[mine[0]]] = 0.0
            np.add.at(matrix[x], (self.first[mine], self.then[mine]), self.share[mine])
        return PolicyTable.unchecked(start, matrix)


@dataclass(frozen=True, eq=False)
class Play:
    """What lists lead to if users answer them; rows are lists, columns answers.

    Attributes:
        context: of each list, (L,).
        num_contexts: C.
        weight: of each list, (L,).
        share: of its context's tasks, (L,).
        again: α, the chance of a further pass on i, (L,).
        over: a_i s, that of the first one on k, (L,).
        behind: b, that of a further one on k, (L,).
        fails: a_i, (L,).
        penalty: P, (L,).
        cost: c_i and c_k, (2, L).
        net_value: ξ_i and ξ_k, (2, L).
        magnitude: of what those are differences, (2, L).
    """

    context: Places
    num_contexts: int
    weight: FloatArray
    share: FloatArray
    again: FloatArray
    over: FloatArray
    behind: FloatArray
    fails: FloatArray
    penalty: FloatArray
    cost: FloatArray
    net_value: FloatArray
    magnitude: FloatArray

    @classmethod
    def of(cls, contexts: Contexts, lists: Lists) -> Play:
        """Return lists with the numbers of their contexts."""
        x, i, k = lists.context, lists.first, lists.then
        s = np.where(i == k, 0.0, lists.moves)
        a_i, a_k = contexts.fails[x, i], contexts.fails[x, k]
        c, xi, scale = (
            np.stack([values[x, i], values[x, k]]) for values in (contexts.cost, contexts.net_value, contexts.magnitude)
        )
        return cls(
            context=x,
            num_contexts=len(contexts),
            weight=contexts.weight[x] * lists.share,
            share=lists.share,
            again=a_i * (1 - s),
            over=a_i * s,
            behind=a_k,
            fails=a_i,
            penalty=contexts.penalty[x],
            cost=c,
            net_value=xi,
            magnitude=scale,
        )

    def passes(self, stay: FloatArray) -> tuple[FloatArray, FloatArray]:
        """n_i and n_k of memoryless users, (L, R)."""
        first = 1 / (1 - np.multiply.outer(self.again, stay))
        return first, np.multiply.outer(self.over, stay) * first / (1 - np.multiply.outer(self.behind, stay))

    def mean(self, values: FloatArray, passes: tuple[FloatArray, FloatArray]) -> FloatArray:
        """Mean over tasks of what passes bring, (2, L) -> (R,)."""
        weighted = values * self.weight
        total: FloatArray = weighted[0] @ passes[0] + weighted[1] @ passes[1]
        return total

    def slopes(self, stay: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Two functions that rise with r, whose difference is the slope of the utility, (R,) each."""
        left, over = 1 - np.multiply.outer(self.again, stay), np.multiply.outer(self.over, stay)
        rest = 1 - np.multiply.outer(self.behind, stay)
        first = self.again[:, None] / np.square(left)
        then = (
            self.over[:, None] / (left * rest)
            + over / rest * first
            + over * self.behind[:, None] / (left * np.square(rest))
        )
        gains, losses = np.maximum(self.net_value, 0), np.maximum(-self.net_value, 0)
        return self.mean(gains, (first, then)), self.mean(losses, (first, then))

    def utility(self, stay: FloatArray) -> FloatArray:
        """U of memoryless users, (R,)."""
        return self.mean(self.net_value, self.passes(stay))

    def size(self, stay: FloatArray) -> FloatArray:
        """Magnitude of what the utility is a difference of, (R,)."""
        return self.mean(self.magnitude, self.passes(stay))

    def provider_cost(self, stay: FloatArray) -> FloatArray:
        """J if users are memoryless, (R,)."""
        first, then = self.passes(stay)
        left = np.multiply.outer(self.penalty * self.weight, 1 - stay)
        abandoned = (left * (self.fails[:, None] * first + self.behind[:, None] * then)).sum(axis=0)
        total: FloatArray = self.mean(self.cost, (first, then)) + abandoned
        return total

    def outcomes(self, stay: float) -> tuple[FloatArray, FloatArray]:
        """J_x and U_x of every context, (C,) each."""
        n_i, n_k = (n[:, 0] for n in self.passes(np.array([stay])))
        return self._by_context(n_i, n_k, (1 - stay) * (self.fails * n_i + self.behind * n_k))

    def counted(self, passes: int) -> tuple[FloatArray, FloatArray, FloatArray]:
        """What users who count their failures meet: worth and magnitude of each pass, and J if they leave after it.

        Args:
            passes: how many; rounded up to whole blocks.
        """
        block = _block(self.again, self.over, self.behind)
        on_i, on_k, paid = self.weight, np.zeros(len(self.weight)), 0.0
        worth, size, left = [], [], []
        lost = self.penalty * np.stack([self.fails, self.behind])
        for _ in range(0, passes, BLOCK):
            runs_i, runs_k = on_i[:, None] * block[0], on_i[:, None] * block[1] + on_k[:, None] * block[2]
            worth.append(self.net_value[0] @ runs_i + self.net_value[1] @ runs_k)
            size.append(self.magnitude[0] @ runs_i + self.magnitude[1] @ runs_k)
            costs = paid + np.cumsum(self.cost[0] @ runs_i + self.cost[1] @ runs_k)
            left.append(costs + lost[0] @ runs_i + lost[1] @ runs_k)
            paid = float(costs[-1])
            last_i, last_k = runs_i[:, -1], runs_k[:, -1]
            on_i, on_k = last_i * self.again, last_i * self.over + last_k * self.behind
        return np.concatenate(worth), np.concatenate(size), np.concatenate(left)

    def outcomes_after(self, failures: int) -> tuple[FloatArray, FloatArray]:
        """J_x and U_x of every context if users leave after N failures, (C,) each."""
        on_i, on_k = np.ones(len(self.weight)), np.zeros(len(self.weight))
        n_i, n_k = np.zeros(len(self.weight)), np.zeros(len(self.weight))
        for _ in range(failures):
            n_i, n_k, last = n_i + on_i, n_k + on_k, self.fails * on_i + self.behind * on_k
            on_i, on_k = on_i * self.again, on_i * self.over + on_k * self.behind
        return self._by_context(n_i, n_k, last)

    def _by_context(self, n_i: FloatArray, n_k: FloatArray, abandoned: FloatArray) -> tuple[FloatArray, FloatArray]:
        cost = self.cost[0] * n_i + self.cost[1] * n_k + self.penalty * abandoned
        worth = self.net_value[0] * n_i + self.net_value[1] * n_k
        costs, utilities = np.zeros((2, self.num_contexts))
        np.add.at(costs, self.context, self.share * cost)
        np.add.at(utilities, self.context, self.share * worth)
        return costs, utilities


def _block(again: FloatArray, over: FloatArray, behind: FloatArray) -> FloatArray:
    """Chances to be on i and on k, m passes after one on i, and on k after one on k: (3, L, BLOCK)."""
    found = np.empty((3, len(again), BLOCK))
    found[:, :, 0] = np.array([[1], [0], [1]])
    for m in range(1, BLOCK):
        on_i, on_k, still = found[:, :, m - 1]
        found[:, :, m] = on_i * again, on_i * over + on_k * behind, still * behind
    return found
