"""What is found of a mix of tasks: a policy for each context, what users answer, what it costs, and how good it is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from routegame.agents.mixes.certified import Certified
from routegame.envs.arrays import FloatArray
from routegame.envs.game import Information
from routegame.envs.policy_table import PolicyTable
from routegame.envs.task_mix import MixUsers, TaskMix

Users = MixUsers
"""Users of a mix, see `routegame.envs.task_mix`."""

MixOrder = Literal["fixed", "free"]
"""Orders in which models may follow each other."""

MixAnswer = FloatArray | float | int | None
"""What users answer, see `MixSolution.answer`."""


@dataclass(frozen=True, eq=False)
class MixSolution(Certified):
    """The best policy over contexts that is known, with a bound that none gets below.

    Attributes:
        mix: the contexts.
        users: who answers.
        order: in which models may follow each other.
        information: what sighted users see besides the commitment and their context; that of blind users is in `users`.
        policies: a policy for each context.
        answer: of sighted users the abandonment probability in each context, (C,), one for each model where they see
            which one failed, (C, K), or the failures that they leave after where they count them, inf for never; of
            memoryless users one abandonment probability; of users who count their failures the number that they leave
            after, None for never.
        context_costs: J_x, what a task of each context costs, (C,), in units of cost.
        context_utilities: U_x, what it is worth to its user, (C,), in units of latency.
        provider_cost: J, the mean cost of a task.
        user_utility: U, the mean utility of a task.
        lower_bound: of J; no policy over contexts costs less.
    """

    mix: TaskMix
    users: Users
    order: MixOrder
    information: Information
    policies: PolicyTable
    answer: MixAnswer
    context_costs: FloatArray
    context_utilities: FloatArray
    provider_cost: float
    user_utility: float
    lower_bound: float

    def to_dict(self) -> dict[str, object]:
        """Return the solution as plain numbers, strings and lists, ready for JSON; a user who never leaves is null."""
        names = self.mix.names or [None] * len(self.mix)
        contexts = [
            {
                "name": name,
                "weight": float(weight),
                "policy": {"start": start.tolist(), "matrix": matrix.tolist()},
                "provider_cost": float(cost),
                "user_utility": float(utility),
            }
            for name, weight, (start, matrix), cost, utility in zip(
                names, self.mix.weights, self.policies, self.context_costs, self.context_utilities, strict=True
            )
        ]
        return {
            "users": self.users,
            "order": self.order,
            "information": self.information,
            "provider_cost": self.provider_cost,
            "user_utility": self.user_utility,
            "certificate": {"lower_bound": self.lower_bound, "status": self.status, "gap": self.gap},
            "answer": _plain(self.answer),
            "contexts": contexts,
        }


def _plain(answer: MixAnswer) -> object:
    if not isinstance(answer, np.ndarray):
        return answer
    return np.where(np.isfinite(answer), answer, None).tolist()  # type: ignore[call-overload]
