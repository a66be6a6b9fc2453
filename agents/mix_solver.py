"""The front door to tasks that differ: the cheapest policy over contexts, for users who know theirs or do not."""

from __future__ import annotations

from typing import get_args

from routegame.agents.mixes.blind import solve_blind
from routegame.agents.mixes.mix_solution import MixOrder, MixSolution, Users
from routegame.agents.mixes.sighted import solve_sighted
from routegame.envs.checks import ParameterError, as_choice
from routegame.envs.game import Information
from routegame.envs.task_mix import TaskMix


def solve_mix(
    mix: TaskMix,
    users: Users = "sighted",
    order: MixOrder | None = None,
    information: Information = "memoryless",
) -> MixSolution:
    """Find the cheapest policy over the contexts of a mix, exactly or with a certificate of how close.

    The equilibrium is the strong one: users who are indifferent act as the provider likes.

    Args:
        mix: the contexts.
        users: "sighted", who know the context of their task; or blind ones, "memoryless", or "history", who count their
            failures.
        order: "fixed", a task never goes back to an earlier model and starts with one; or "free", the provider chooses
            the order in every context. Default: fixed for two models, free for more.
        information: what sighted users see besides commitment and context: "memoryless", "model" or "history".

    Raises:
        ParameterError: users, order or information that there are not.

    >>> from routegame.envs.game import Game
    >>> mix = TaskMix([0.5, 0.5], Game(4, 12, ([0.5, 0.1], [0.7, 0.3]), (1, 2), (1, 2.4)))
    >>> solution = solve_mix(mix)
    >>> round(solution.provider_cost, 9), solution.status, solution.answer.tolist()
    (6.4, 'exact', [0.0, 1.0])
    """
    if not isinstance(mix, TaskMix):
        raise ParameterError("mix", "a TaskMix", mix)
    as_choice("users", users, get_args(Users))
    order = ("fixed" if mix.num_models == 2 else "free") if order is None else order
    as_choice("order", order, get_args(MixOrder))
    as_choice("information", information, get_args(Information))
    if users == "sighted":
        return solve_sighted(mix, order, information)
    if information != "memoryless":
        raise ParameterError("information", "left out for blind users, whose kind is said in users", information)
    return solve_blind(mix, users, order)
