"""Kinds of optima with the order of the models free: there are five."""

from __future__ import annotations

from typing import Literal

import numpy as np

from routegame.agents.exact.solution import Solution

Optimum = Literal["stay", "leave", "pair", "chain", "branch"]
"""One model for good, perhaps after one pass of another; one pass, after which users leave; a mix of two models of
which one answers first, too; a mix after one pass of a third model, all whose failures go to one of the two; the same
where they must go to either."""


def optimum(solution: Solution) -> Optimum:
    """Return the kind of the optimum of a single game in free order, solved without `redraw` or `decline`.

    >>> from routegame.agents.menus.free_order import solve_free_order
    >>> from routegame.envs.scenarios import as_game
    >>> optimum(solve_free_order(as_game("menu-chain")))
    'chain'
    """
    policy, visited = solution.policy, solution.visited
    assert policy is not None and isinstance(visited, list)
    if solution.equilibrium.abandon_prob == 1:
        return "leave"
    rows = policy.matrix[[k - 1 for k in visited]] > 0
    if np.sum(rows.any(axis=0)) == 1:
        return "stay"
    if len(visited) == 2:
        return "pair"
    after_start = policy.matrix[np.argmax(policy.start)] > 0
    return "chain" if np.sum(after_start) == 1 else "branch"
