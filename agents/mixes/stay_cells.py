"""Cells of stay probabilities whose bounds are the least, looked at closely.

One multiplier bounds whole cells of stay probabilities, and says nothing of what else users could do there. A program
has a multiplier for each of many other stay probabilities. They are found by linear programs, in the middle and at
three points of a cell; what counts as the bound is the dual on thin slices of it, which holds whatever they are. The
cell whose bound is the least is looked at, then halved, for as long as that pays.
"""

from __future__ import annotations

import heapq
from typing import Protocol

import numpy as np

from routegame.agents.mixes.contexts import Contexts
from routegame.agents.mixes.list_program import ListProgram
from routegame.agents.mixes.mix_solution import MixOrder
from routegame.agents.mixes.one_multiplier import Bounds
from routegame.agents.mixes.pass_program import PassProgram
from routegame.envs.arrays import FloatArray
from routegame.envs.game import INDIFFERENCE

OTHERS = np.concatenate([np.linspace(0, 0.9, 19), [0.93, 0.96, 0.98, 0.99, 1.0]])
"""Stay probabilities that users might prefer."""

SLICED = 400
"""Slices of a cell times contexts."""

NARROWEST = 1e-8
"""Width of a cell that is not halved any more."""

DEAR = (0.1, 3.0)
"""Greatest sums of multipliers, in the known cost by the utility of a pass: in the middle of a cell, and all over it.

Great multipliers bound much at the points that they are made for, and little beside them.
"""


class Program(Protocol):
    """Bounds by multipliers for other stay probabilities."""

    @property
    def most_cells(self) -> int:
        """Number of cells that are looked at, or halved; 0 where that would take too long."""

    def multipliers(self, stays: FloatArray, dear: float, /) -> FloatArray:
        """Multipliers whose least bound at some stay probabilities is greatest."""

    def dual(self, low: FloatArray, high: FloatArray, multipliers: FloatArray, /) -> FloatArray:
        """What multipliers prove of every slice of stay probabilities."""


def program_of(contexts: Contexts, order: MixOrder) -> Program | None:
    """Return the program that bounds most, or None if there is none.

    For more than two models in free order there is none: a bound that one more model never raises is worth more than a
    closer one whose cells depend on the search.
    """
    models = contexts.cost.shape[1]
    if models > 2 and order == "free":
        return None
    program = ListProgram(contexts, OTHERS) if (models, order) == (2, "fixed") else PassProgram(contexts, order, OTHERS)
    return program if program.most_cells else None


def least_of_cells(contexts: Contexts, program: Program, bounds: Bounds, known: float) -> float:
    """Return the least bound, whatever the answer.

    Args:
        contexts: the numbers.
        program: see `program_of`.
        bounds: of `memoryless_bounds`.
        known: cost of a policy; bounds above it are as good as any.
    """
    enough = known * (1 - INDIFFERENCE)
    unit = known / float(contexts.weight @ np.abs(contexts.net_value).max(axis=1))
    cells = [
        (float(value), float(low), float(high), False)
        for value, low, high in zip(bounds.value, bounds.low, bounds.high, strict=True)
        if value < enough
    ]
    heapq.heapify(cells)
    certain = enough
    number = max(2, SLICED // len(contexts))
    for _ in range(program.most_cells):
        if not cells:
            break
        value, low, high, looked = heapq.heappop(cells)
        middle = (low + high) / 2
        for left, right in [(low, middle), (middle, high)] if looked else [(low, high)]:
            edges = np.linspace(left, right, number + 1) if left < right else np.array([left, left])
            proved = np.full(len(edges) - 1, value)
            everywhere = np.linspace(left, right, 3 if left < right else 1)
            for points, dear in zip((edges[[0, -1]].mean(keepdims=True), everywhere), DEAR, strict=True):
                multipliers = program.multipliers(points, dear * unit)
                proved = np.maximum(proved, program.dual(edges[:-1], edges[1:], multipliers))
            bound = float(proved.min())
            if bound >= enough:
                continue
            if left == right or right - left < NARROWEST:
                certain = min(certain, bound)
            else:
                heapq.heappush(cells, (bound, left, right, True))
    return min([certain, *(cell[0] for cell in cells)])
