"""What a task costs, by following it pass by pass until next to nothing of it is left; no formula, no linear system."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np


def provider_cost(
    route: int,
    cascade_prob: Any,
    *,
    fresh: Sequence[float],
    handed: float,
    repeat: Sequence[float],
    first: Sequence[Any],
    later: Sequence[Any],
    cost: Sequence[float],
    churn_penalty: float,
) -> Any:
    """J of commitments whose passes need not be alike; arrays of the shape of `cascade_prob`.

    Args:
        route: model of the first pass.
        cascade_prob: probability that a retry on model 1 is handed over.
        fresh: success probability of a task's first pass, by model.
        handed: of model 2's first pass after model 1.
        repeat: of further passes, by model.
        first: probability of leaving after a task's first failure, by model.
        later: after further ones.
        cost: of a pass, by model.
        churn_penalty: of a task that is given up.
    """
    s = np.asarray(cascade_prob, dtype=float)
    at = {(route, "fresh"): np.ones_like(s)}
    total, leaves, chance = np.zeros_like(s), first, {"fresh": fresh, "handed": (None, handed), "repeat": repeat}
    while max(number.max() for number in at.values()) > 1e-10:
        after: dict[tuple[int, str], Any] = {}
        for (model, kind), number in at.items():
            failed = number * (1 - chance[kind][model - 1])
            total = total + number * cost[model - 1] + churn_penalty * failed * leaves[model - 1]
            goes_on = failed * (1 - leaves[model - 1])
            moves = [((2, "repeat"), goes_on)]
            if model == 1:
                moves = [((1, "repeat"), goes_on * (1 - s)), ((2, "handed"), goes_on * s)]
            for key, share in moves:
                after[key] = after.get(key, 0.0) + share
        at, leaves = after, later
    return total
