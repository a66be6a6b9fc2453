"""Where the log does not tell what a solved task is worth: which commitment is best at which value, for sure users.

The equilibrium in free order of the most likely models, for every V that the log does not contradict. Between two
values at which another family takes over, the models that are visited are the same, and only shares move.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import inf, isfinite

import numpy as np

from routegame.agents.exact.solution import Solution
from routegame.agents.solver import solve
from routegame.calibrate.estimate.estimates import Estimates, values_of
from routegame.envs.arrays import FloatArray
from routegame.envs.game import Game
from routegame.envs.policy import Policy
from routegame.eval.statistics import Estimate

NUM_VALUES = 2000
"""Values of a task at which the game is solved, evenly spaced on a log scale."""

BISECTIONS = 40
REACH = 4.0
"""Values are looked at from the least t/p divided by this to the greatest times this; beyond, nothing changes."""


@dataclass(frozen=True, eq=False)
class ValueRange:
    """Values of a solved task between which the same models are visited.

    Attributes:
        low: least V, in units of latency; 0 for no bound.
        high: greatest V; inf for no bound.
        models: that are visited, from 0, the start first and then by their share of further passes.
        leaves: whether users leave after the first failure.
        at: a V within.
        policy: the equilibrium there.
        provider_cost: J there.
    """

    low: float
    high: float
    models: tuple[int, ...]
    leaves: bool
    at: float
    policy: Policy
    provider_cost: float

    def to_dict(self) -> dict[str, object]:
        """Return all as plain values, models from 1; None for no bound."""
        return {
            "task_value": [self.low, self.high if isfinite(self.high) else None],
            "models": [k + 1 for k in self.models],
            "users_leave": self.leaves,
            "at": {"task_value": self.at, "provider_cost": self.provider_cost, "policy": self.policy.to_dict()},
        }


def by_value(found: Estimates, churn_penalty: float, value: Estimate) -> tuple[ValueRange, ...]:
    """Solve the most likely game at every V that a log leaves open.

    Args:
        found: estimates from the log, all of them known but for V.
        churn_penalty: P.
        value: the set of V, from 0 or to inf where nothing bounds it.
    """
    p, t, c = (np.array(values_of(each)) for each in (found.success_prob, found.latency, found.cost))
    per_success = t / p
    least = per_success[per_success > 0].min(initial=inf)
    bottom, top = (least / REACH if least < inf else 1.0), (per_success.max() or 1.0) * REACH
    low, high = max(float(value.low), bottom), min(float(value.high), top)
    if not low < high:
        low, high = float(value.low) or bottom, float(value.high) if isfinite(float(value.high)) else top * REACH

    def solved(values: FloatArray) -> Solution:
        chance, wait, pay = (tuple(np.full(len(values), x) for x in row) for row in (p, t, c))
        return solve(Game(values, np.full(len(values), churn_penalty), chance, wait, pay), order="free")

    def families(values: FloatArray) -> list[tuple[tuple[int, ...], bool]]:
        solution = solved(values)
        leaves = np.asarray(solution.equilibrium.abandon_prob) > 0
        policy = solution.policy
        assert policy is not None  # there is one in free order
        visited = policy.visited(~leaves)
        first = policy.start.argmax(axis=-1)
        return [
            (tuple(int(k) for k in (i, *(k for k in np.flatnonzero(row) if k != i))), bool(leave))
            for i, row, leave in zip(first, visited, leaves, strict=True)
        ]

    grid = np.geomspace(low, high, NUM_VALUES)
    known = families(grid)
    breaks = [k for k in range(len(grid) - 1) if known[k] != known[k + 1]]
    below, above = grid[breaks], grid[[k + 1 for k in breaks]]
    for _ in range(BISECTIONS if breaks else 0):
        middle = (below + above) / 2
        same = np.array([family == known[k] for family, k in zip(families(middle), breaks, strict=True)])
        below, above = np.where(same, middle, below), np.where(same, above, middle)
    ends = [float(value.low), *map(float, above), float(value.high)]
    inside = [low, *map(float, above), high]
    at = np.sqrt(np.array(inside[:-1]) * np.array(inside[1:]))
    solution = solved(at)
    policy = solution.policy
    assert policy is not None  # there is one in free order
    return tuple(
        ValueRange(
            ends[k],
            ends[k + 1],
            *known[(*breaks, len(grid) - 1)[k]],
            float(at[k]),
            Policy.unchecked(policy.start[k], policy.matrix[k]),
            float(np.asarray(solution.equilibrium.provider_cost)[k]),
        )
        for k in range(len(at))
    )
