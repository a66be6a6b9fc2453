"""The arrays behind the figures of tasks that differ; nothing is drawn here."""

from __future__ import annotations

import numpy as np

from routegame.agents.mix_solver import solve_mix
from routegame.agents.mixes.router import router_loss
from routegame.envs.chain import outcome
from routegame.envs.subjects import subjects_mix
from routegame.envs.task_mixes import MIXES
from routegame.eval.figures.arrays import Arrays

TASK_VALUE, CHURN_PENALTY = 22.0, 1.0
"""Of the scenarios `subjects-sighted` and `subjects-blind`."""

MOST_VALUES = 97
"""Task values at the most that costs are drawn over."""


def knowing(num_points: int) -> Arrays:
    """Return what users of 57 subjects do, and what it costs, who know theirs and who do not.

    Arrays: success_prob p of both models, (57, 2); weight; sighted, 1 where a sighted user leaves, (57,); blind, the
    one answer of blind memoryless users; blind_cost and blind_value, J of these, and V; task_value V; cost_sighted and
    cost_for_all, J over V for sighted users, of a policy for each subject and of one commitment for all.
    """
    mix = subjects_mix(TASK_VALUE, CHURN_PENALTY)
    known, blind = solve_mix(mix), solve_mix(mix, "memoryless")
    values = np.linspace(12, 40, min(num_points, MOST_VALUES))
    each = [router_loss(subjects_mix(float(value), CHURN_PENALTY)) for value in values]
    return {
        "success_prob": np.stack([np.asarray(p) for p in mix.games.success_prob], axis=1),
        "weight": mix.weights,
        "sighted": np.asarray(known.answer),
        "blind": np.array([blind.answer], dtype=np.float64),
        "blind_cost": np.array([blind.provider_cost]),
        "blind_value": np.array([TASK_VALUE]),
        "task_value": values,
        "cost_sighted": np.array([found.sighted_cost for found in each]),
        "cost_for_all": np.array([found.provider_cost for found in each]),
    }


def patience(num_points: int) -> Arrays:
    """Return who stays of a hundred kinds of tasks, and what it costs to make them, who know theirs and who do not.

    What patience costs in a context is what a task costs there above what it would if its users stayed or left as the
    provider likes.

    Arrays: features, how easy and how urgent tasks are, (100, 2); sighted, the probability with which users leave who
    know theirs, (100,); blind, the one answer of blind memoryless users; sighted_price and blind_price, (100,).

    Args:
        num_points: not used, for nothing is drawn over a range.
    """
    mix = MIXES["hundred-features-blind"].mix
    assert mix.features is not None
    known, blind = solve_mix(mix), solve_mix(mix, "memoryless")
    lists = ((1, 0.0), (1, 1.0), (2, 0.0))  # between the ends of a cascade, or of leaving, costs lie between theirs
    ends = [outcome(mix.games, route, share, leaves) for route, share in lists for leaves in (0.0, 1.0)]
    free = np.minimum.reduce([np.asarray(end.provider_cost) for end in ends])
    return {
        "features": mix.features,
        "sighted": np.asarray(known.answer),
        "blind": np.array([blind.answer], dtype=np.float64),
        "sighted_price": known.context_costs - free,
        "blind_price": blind.context_costs - free,
    }
