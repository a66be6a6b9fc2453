"""The arrays behind the figure of tasks that differ; nothing is drawn here."""

from __future__ import annotations

import numpy as np

from routegame.agents.mix_solver import solve_mix
from routegame.agents.mixes.router import router_loss
from routegame.envs.subjects import subjects_mix
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
