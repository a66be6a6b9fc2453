"""What users who do not know their context answer to a policy over contexts, exactly.

Visits are power series in the stay probability r with coefficients >= 0. So the slope of the utility is a difference
G₊ − G₋ of two functions that rise, and on [r_0, r_1] it lies between G₊(r_0) − G₋(r_1) and G₊(r_1) − G₋(r_0). Intervals
on which that has one sign are dropped, the others halved; users do best at 0, at 1 or at what is left. Users who count
failures leave after the N that makes g_1 + … + g_N largest.

Ties go to the provider.
"""

from __future__ import annotations

from typing import NamedTuple, Protocol

import numpy as np

from routegame.envs.arrays import FloatArray
from routegame.envs.game import INDIFFERENCE

GRID = np.concatenate([np.linspace(0, 0.9, 19), 1 - np.geomspace(0.08, 1e-3, 12), [1.0]])
"""Stay probabilities between which the search begins."""

TIE = 2e-14
"""Share of its magnitude up to which two utilities are equal. Less than `INDIFFERENCE`: utilities are flat where users
are indifferent, and what they would put up with for a share of 1e-12 moves costs in the eighth digit."""

NARROW = 1e-14
"""Width of an interval that a turning point is located by."""

MOST_INTERVALS = 4096
"""Intervals at once beyond which the utility is flat, and no turning point is told from another."""

MOST_PASSES = 10**5
"""Failures after which a user who counts them is taken for one who never leaves."""


class Blind(Protocol):
    """A policy as blind users meet it; see `routegame.agents.mixes.lists.Play`."""

    def slopes(self, stay: FloatArray, /) -> tuple[FloatArray, FloatArray]:
        """Two functions that rise with r, whose difference is the slope of the utility."""

    def utility(self, stay: FloatArray, /) -> FloatArray:
        """U at every r."""

    def size(self, stay: FloatArray, /) -> FloatArray:
        """Magnitude of what U is a difference of."""

    def provider_cost(self, stay: FloatArray, /) -> FloatArray:
        """J at every r."""

    def counted(self, passes: int, /) -> tuple[FloatArray, FloatArray, FloatArray]:
        """Worth and magnitude of each pass of users who stay, and J if they leave after it."""


class Answered(NamedTuple):
    """A best answer.

    Attributes:
        answer: r, or N with inf for never.
        provider_cost: J.
        utility: U.
    """

    answer: float
    provider_cost: float
    utility: float


def memoryless_answer(play: Blind) -> Answered:
    """Best stay probability of users without memory."""
    r = np.concatenate([[0.0, 1.0], turning_points(play)])
    utility, cost = play.utility(r), play.provider_cost(r)
    fine = np.flatnonzero(utility >= utility.max() - TIE * play.size(r))
    best = fine[cost[fine].argmin()]
    return Answered(float(r[best]), float(cost[best]), float(utility[best]))


def turning_points(play: Blind) -> FloatArray:
    """Stay probabilities in (0, 1) at which the utility turns from rising to falling."""
    rises, falls = play.slopes(GRID)
    low, high = GRID[:-1], GRID[1:]
    ends = np.array([rises[:-1], falls[:-1], rises[1:], falls[1:]])  # G₊ and G₋ at both ends of each interval
    negligible = 1e-3 * INDIFFERENCE * float(play.size(np.ones(1))[0])
    found: list[FloatArray] = []
    while True:
        least, most = ends[0] - ends[3], ends[2] - ends[1]
        turns = (ends[0] > ends[1]) & (ends[2] <= ends[3])
        open_ = (least < 0) & (most > 0)
        open_ &= turns | ((high - low) * np.minimum(most, -least) > negligible)
        narrow = high - low <= NARROW
        found.append(((low + high) / 2)[open_ & turns & narrow])
        open_ &= ~narrow
        number = int(open_.sum())
        if not number or number > MOST_INTERVALS:
            break
        low, high, ends = low[open_], high[open_], ends[:, open_]
        middle = (low + high) / 2
        between = np.array(play.slopes(middle))
        low, high = np.concatenate([low, middle]), np.concatenate([middle, high])
        ends = np.hstack([np.vstack([ends[:2], between]), np.vstack([between, ends[2:]])])
    return np.concatenate(found)


def history_answer(play: Blind) -> Answered:
    """Number of failures after which users who count them leave, at its best; inf for never."""
    forever = np.ones(1)
    total, margin = float(play.utility(forever)[0]), TIE * float(play.size(forever)[0])
    passes = 64
    while True:
        worth, size, costs = play.counted(passes)
        if size[-1] <= margin * 1e-3 or passes >= MOST_PASSES:
            break
        passes *= 4
    gained = np.cumsum(worth)
    best = max(float(gained.max()), total)
    fine = np.flatnonzero(gained >= best - margin)
    if total >= best - margin:
        cost = float(play.provider_cost(forever)[0])
        if not fine.size or cost <= costs[fine].min() * (1 + INDIFFERENCE):
            return Answered(np.inf, cost, total)
    place = int(fine[costs[fine].argmin()])
    return Answered(float(place + 1), float(costs[place]), float(gained[place]))
