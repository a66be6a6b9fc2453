"""A crowd as learners meet it: users of many types, whom a provider with several models serves with one commitment.

Types differ in what a solution is worth to them, in what a wait costs them, and in what it costs to lose them. They are
served by the same models, at the same price, and a provider who cannot tell them apart commits once for all: to a first
model, and to what is drawn after every failure, whichever model failed.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from math import inf
from typing import ClassVar

import numpy as np

from routegame.envs.checks import ParameterError, as_number
from routegame.envs.classic.typed_game import TypedGame, as_prior
from routegame.envs.game import Game
from routegame.envs.menu_game import MenuGame

OF_TYPES = ("task_value", "churn_penalty", "latency_scale", "prior")
OF_MODELS = ("success_prob", "latency", "cost")


@dataclass(frozen=True)
class CrowdGame(TypedGame):
    """A game between a provider with K models and users of T types; commitments are those of `MenuGame`, compact.

    Args:
        task_value: V > 0, what a solution is worth to a user of each type, (T,), in the unit of latency.
        churn_penalty: P >= 0, what losing a task of each type costs the provider, (T,), in the unit of cost.
        latency_scale: λ > 0, (T,): a pass of model k costs a user of the type λ t_k.
        prior: how common each type is, (T,); held divided by its sum.
        success_prob: 0 < p_k < 1, (K,).
        latency: t_k >= 0, what a pass costs a user whose scale is 1, (K,).
        cost: c_k >= 0, what a pass costs the provider, (K,).

    Raises:
        ParameterError: a value out of range, or as many as there are types, or models, are not there.

    >>> game = CrowdGame((9, 6), (15, 15), (1, 1), (3, 1), (0.1, 0.3), (1, 2), (1, 3.6))
    >>> game.size, game.num_answers, game.prior
    (4, 2, (0.75, 0.25))
    """

    task_value: tuple[float, ...]
    churn_penalty: tuple[float, ...]
    latency_scale: tuple[float, ...]
    prior: tuple[float, ...]
    success_prob: tuple[float, ...]
    latency: tuple[float, ...]
    cost: tuple[float, ...]

    KIND: ClassVar[str] = "crowd"

    def __post_init__(self) -> None:
        for names in (OF_TYPES, OF_MODELS):
            count = np.size(getattr(self, names[0]))
            for name in names:
                given = getattr(self, name)
                if np.shape(given) != (count,):
                    raise ParameterError(name, f"{count} numbers, as many as {names[0]} has", given)
                object.__setattr__(self, name, tuple(map(float, given)))
        object.__setattr__(self, "prior", as_prior(self.prior, len(self.task_value)))
        as_number("latency_scale", np.array(self.latency_scale), 0, inf, closed="neither")
        assert self.types  # games refuse the numbers of others

    @cached_property
    def types(self) -> tuple[MenuGame, ...]:
        """The game with each type alone."""
        each = zip(self.task_value, self.churn_penalty, self.latency_scale, strict=True)
        return tuple(
            MenuGame(Game(value, penalty, self.success_prob, tuple(scale * t for t in self.latency), self.cost))
            for value, penalty, scale in each
        )

    @property
    def patience(self) -> tuple[float, ...]:
        """V / λ of each type, (T,): users stay where a solution takes no longer on average, at a scale of 1."""
        return tuple(value / scale for value, scale in zip(self.task_value, self.latency_scale, strict=True))

    def to_dict(self) -> dict[str, object]:
        """Return kind and parameters as plain values."""
        return {"kind": self.KIND, **{name: list(getattr(self, name)) for name in (*OF_TYPES, *OF_MODELS)}}
