"""The cheapest lists for one answer of blind users, if contexts may split their tasks between lists.

    minimise Σ w_x θ_xl J_x(l, a)   such that   U(a) >= U(a') for all other answers a',   Σ_l θ_xl = 1, θ >= 0

is a linear program with few constraints that couple contexts. Relaxed with a multiplier for each of them it falls
apart: every context plays its cheapest list. Kelley's cutting planes find the multipliers, and with them few
assignments of lists to contexts whose mixture is optimal; where they agree a context plays one list, and there are no
more contexts in which they differ than constraints that bind. Other answers join when the mixture would make users
prefer them.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linprog

from routegame.agents.mixes.column_tables import Columns
from routegame.agents.mixes.contexts import Contexts
from routegame.envs.arrays import FloatArray

MOST_STEPS = 60
"""Assignments after which the mixture is taken as it is."""

ENOUGH = 1e-6
"""Relative distance of the bounds at which the program counts as solved."""

DEAREST = 1e5
"""Greatest multiplier, in units of the costs and gains that have been seen."""


@dataclass(frozen=True, eq=False)
class Split:
    """A mixture of assignments that is optimal for an answer.

    Attributes:
        lists: column that each assignment plays in each context, (t, C).
        odds: of each assignment in the mixture, (t,).
        value: the least cost, inf where users cannot be brought to this answer.
    """

    lists: NDArray[np.intp]
    odds: FloatArray
    value: float

    def fractional(self) -> NDArray[np.intp]:
        """Contexts in which assignments differ, those that differ most first."""
        agree = (self.lists == self.lists[self.odds.argmax()]) * self.odds[:, None]
        differs = 1 - agree.sum(axis=0)
        found = np.flatnonzero(differs > ENOUGH)
        order: NDArray[np.intp] = found[np.argsort(-differs[found], kind="stable")]
        return order

    @property
    def likeliest(self) -> NDArray[np.intp]:
        """Column of each context in the likeliest assignment, (C,)."""
        lists: NDArray[np.intp] = self.lists[self.odds.argmax()]
        return lists


def split(contexts: Contexts, columns: Columns, users: str, answer: float, others: FloatArray) -> Split:
    """Solve the linear program of one answer.

    Args:
        contexts: the numbers.
        columns: the lists.
        users: "memoryless" or "history".
        answer: r, or N with inf for never.
        others: answers that users might prefer.
    """
    cost, worth = columns.answered(contexts, answer, users)
    tables = _Tables(contexts, columns, users, worth, others)
    every, dear = np.arange(len(contexts)), False
    used = [int(np.argmin(np.abs(np.arctan(others) - np.arctan(0.0 if users == "memoryless" else 1.0))))]
    multipliers = np.zeros(len(used))
    assignments: list[NDArray[np.intp]] = []
    paid: list[float] = []
    gains: list[FloatArray] = []
    odds, best, value = np.ones(1), -np.inf, np.inf
    for _ in range(MOST_STEPS):
        reduced = cost.copy()
        for j, at in zip(used, multipliers, strict=True):
            if at:
                reduced -= at * (worth - tables.worth(j))
        lists = reduced.argmin(axis=1)
        best = max(best, float(reduced[every, lists].sum()))
        assignments.append(lists)
        paid.append(float(cost[every, lists].sum()))
        gains.append(tables.gains(lists))
        solved = _master(np.array(paid), np.array(gains)[:, used])
        if solved is None:
            break
        value, multipliers, odds, dear = solved
        mixture = odds @ np.array(gains)
        if value - best <= ENOUGH * abs(value):
            relative = mixture / np.maximum(np.abs(gains).max(axis=0), 1e-300)
            worse = int(relative.argmin())
            if worse in used or relative[worse] >= -ENOUGH:
                break
            used.append(worse)
            multipliers = np.append(multipliers, 0.0)
            best = -np.inf
    return Split(np.array(assignments)[: len(odds)], odds, np.inf if dear else value)


class _Tables:
    """Worth of lists under other answers, made when it is asked for."""

    def __init__(self, contexts: Contexts, columns: Columns, users: str, worth: FloatArray, others: FloatArray) -> None:
        self._contexts, self._columns, self._users, self._others = contexts, columns, users, others
        self._worth, self._known = worth, dict[int, FloatArray]()

    def worth(self, other: int) -> FloatArray:
        """Table of w U for another answer, (C, n)."""
        if other not in self._known:
            _, self._known[other] = self._columns.answered(self._contexts, self._others[other], self._users)
        return self._known[other]

    def gains(self, lists: NDArray[np.intp]) -> FloatArray:
        """What users gain over every other answer if each context plays one list, (n,)."""
        mine = Columns(self._columns.first[lists], self._columns.then[lists], self._columns.moves[lists])
        total = self._worth[np.arange(len(lists)), lists].sum()
        found: FloatArray = total - utilities(self._contexts, mine, self._users, self._others)
        return found


def utilities(contexts: Contexts, lists: Columns, users: str, answers: FloatArray) -> FloatArray:
    """U for every answer if each context plays one list, (n,) for (C,) lists."""
    x = np.arange(len(contexts))
    a, b, s = contexts.fails[x, lists.first], contexts.fails[x, lists.then], lists.moves
    xi_i = contexts.weight * contexts.net_value[x, lists.first]
    xi_k = contexts.weight * contexts.net_value[x, lists.then]
    found = np.empty(len(answers))
    endless = np.isinf(answers) if users == "history" else np.ones(len(answers), bool)
    r = np.ones(int(endless.sum())) if users == "history" else answers
    n_i = 1 / (1 - np.multiply.outer(a * (1 - s), r))
    found[endless] = xi_i @ n_i + xi_k @ (np.multiply.outer(a * s, r) * n_i / (1 - np.multiply.outer(b, r)))
    if not endless.all():
        last = int(answers[~endless].max())
        on_i, on_k, gained = np.ones(len(x)), np.zeros(len(x)), np.zeros(last + 1)
        for m in range(last):
            gained[m + 1] = gained[m] + xi_i @ on_i + xi_k @ on_k
            on_i, on_k = on_i * a * (1 - s), on_i * a * s + on_k * b
        found[~endless] = gained[answers[~endless].astype(np.intp)]
    return found


def _master(paid: FloatArray, gains: FloatArray) -> tuple[float, FloatArray, FloatArray, bool] | None:
    """Greatest θ with θ + λ · gain <= paid for every assignment; λ >= 0, odds of assignments, and if λ has no end."""
    unit = np.abs(gains).max(axis=0)
    unit = np.where(unit > 0, unit, 1.0)
    top = np.abs(paid).max()
    solved = linprog(
        np.append(-1.0, np.zeros(gains.shape[1])),
        A_ub=np.column_stack([np.ones(len(paid)), gains / unit]),
        b_ub=paid / top,
        bounds=[(None, None), *[(0, DEAREST)] * len(unit)],
        method="highs",
    )
    if solved.status != 0:
        return None
    odds, multipliers = np.maximum(-np.asarray(solved.ineqlin.marginals), 0), np.asarray(solved.x[1:])
    endless = bool(multipliers.max(initial=0) >= DEAREST * (1 - 1e-6))
    return float(solved.x[0]) * top, multipliers / unit * top, odds / max(odds.sum(), 1e-300), endless
