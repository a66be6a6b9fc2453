"""What a router loses that does not know a task's context, but some signal of it; users know both.

The router commits to one policy for each value z of the signal, in public. Each user knows its context and sees z, so
every context answers every z in its own way: J = Σ_z min over one commitment of Σ_x w_x P(z | x) J_x(commitment). A
partition of contexts is a signal without noise; a signal that says nothing leaves one commitment for all.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import get_args

import numpy as np
from numpy.typing import ArrayLike

from routegame.agents.mixes.certified import Certified
from routegame.agents.mixes.mix_solution import MixOrder
from routegame.agents.mixes.one_for_all import one_for_all
from routegame.agents.mixes.sighted import solve_sighted
from routegame.envs.arrays import FloatArray
from routegame.envs.checks import ParameterError, as_choice, as_number
from routegame.envs.policy_table import PolicyTable
from routegame.envs.task_mix import TaskMix


@dataclass(frozen=True, eq=False)
class RouterLoss(Certified):
    """The best policies over the values of a signal, and what it would be worth to know the context.

    Attributes:
        mix: the contexts.
        order: in which models may follow each other.
        signal: P(z | x), (C, Z).
        policies: a policy for each value of the signal, Z of them.
        answer: abandonment probability of each context at each value, (C, Z).
        provider_cost: J, the mean cost of a task.
        lower_bound: of J.
        sighted_cost: J of a provider who sees the context.
    """

    mix: TaskMix
    order: MixOrder
    signal: FloatArray
    policies: PolicyTable
    answer: FloatArray
    provider_cost: float
    lower_bound: float
    sighted_cost: float

    @property
    def loss(self) -> float:
        """What a task costs more for want of its context, in units of cost; never negative."""
        return max(self.provider_cost - self.sighted_cost, 0.0)

    def to_dict(self) -> dict[str, object]:
        """Return the numbers as plain values, ready for JSON."""
        return {
            "order": self.order,
            "signal": self.signal.tolist(),
            "policies": self.policies.to_dict(),
            "answer": self.answer.tolist(),
            "provider_cost": self.provider_cost,
            "sighted_cost": self.sighted_cost,
            "loss": self.loss,
            "certificate": {"lower_bound": self.lower_bound, "status": self.status, "gap": self.gap},
        }


def router_loss(mix: TaskMix, signal: ArrayLike | None = None, order: MixOrder = "fixed") -> RouterLoss:
    """Find the best policies of a router that sees a signal of the context, for memoryless users who know theirs.

    Args:
        mix: contexts of two models.
        signal: a label for each context, (C,), for a partition; or P(z | x), (C, Z), whose rows add up to 1, for a
            signal with noise, which users see as well. Without one there is a single commitment for all.
        order: "fixed", the first model before the second, or "free".

    Raises:
        ParameterError: more than two models, or a signal of another shape.

    >>> from routegame.envs.game import Game
    >>> games = Game(10, 5, ([0.6, 0.2], [0.8, 0.5]), (1, 2), (1, 2))
    >>> pooled = router_loss(TaskMix([0.5, 0.5], games))
    >>> round(pooled.provider_cost, 9), round(pooled.sighted_cost, 9), pooled.status
    (3.097213596, 2.833333333, 'exact')
    """
    as_choice("order", order, get_args(MixOrder))
    if mix.num_models != 2:
        raise ParameterError("mix", "of two models, where the router sees less than the context", mix.num_models)
    chances = _chances(mix, signal)
    found = [one_for_all(mix.games, mix.weights * column, order) for column in chances.T]
    first = np.array([each.route for each in found]) - 1
    return RouterLoss(
        mix=mix,
        order=order,
        signal=chances,
        policies=PolicyTable.lists(first, 1 - first, np.array([each.cascade_prob for each in found]), 2),
        answer=np.stack([each.abandon_prob for each in found], axis=1),
        provider_cost=float(sum(each.provider_cost for each in found)),
        lower_bound=float(sum(each.lower_bound for each in found)),
        sighted_cost=solve_sighted(mix, order, "memoryless").provider_cost,
    )


def _chances(mix: TaskMix, signal: ArrayLike | None) -> FloatArray:
    """P(z | x), (C, Z), of any form of a signal."""
    labels = np.zeros(len(mix)) if signal is None else np.asarray(signal)
    if labels.ndim == 1 and len(labels) == len(mix):
        _, cells = np.unique(labels, return_inverse=True)
        return np.equal.outer(cells, np.arange(cells.max() + 1)).astype(np.float64)
    if labels.ndim != 2 or len(labels) != len(mix) or not labels.shape[1]:
        allowed = f"{len(mix)} labels, or a row of chances for each of {len(mix)} contexts"
        raise ParameterError("signal", allowed, f"shape {labels.shape}")
    chances = np.asarray(as_number("signal", labels, 0, 1))
    if (np.abs(chances.sum(axis=1) - 1) > 1e-9).any():
        raise ParameterError("signal", "rows of chances that add up to 1", chances.sum(axis=1).tolist())
    return chances
