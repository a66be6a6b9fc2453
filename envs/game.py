"""The parameters of a routing game: what the models can do, what they cost, what a solved task is worth."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields, replace
from functools import cached_property
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from routegame.envs.arrays import FloatArray, Number, plain
from routegame.envs.checks import ParameterError, as_models, as_number
from routegame.envs.copies import ReadOnlyArrays, freeze

Information = Literal["memoryless", "model", "history"]
"""Information of a user besides the commitment: none, the model that failed last, or its number of failures."""

PER_MODEL = ("success_prob", "latency", "cost")
"""The fields that hold one value for each model; of two, the standard model's first."""

INDIFFERENCE = 1e-12
"""Relative tolerance within which a user counts as indifferent: rounding must not decide a tie."""


@dataclass(frozen=True, eq=False)
class Game(ReadOnlyArrays):
    """A routing game, or a whole batch of them (Mahmood 2026, §3).

    Every number is a float, or an array where the batch has one value for each game; they broadcast. Numbers of models
    are tuples of K, 2 <= K <= 64. Of two models the first is the standard one, the second the reasoning model. Models
    may come in any order of speed, price and skill.

    Args:
        task_value: V > 0, what solving the task is worth to the user, in the unit of latency.
        churn_penalty: P >= 0, what an abandoned task costs the provider, in the unit of cost.
        success_prob: 0 < p_k < 1, probability that one pass of model k solves the task. A tuple or list has one entry
            a model, each a number or an array; an array of two or more dimensions has the models on its last axis.
        latency: t_k >= 0, what one pass of model k costs the user; in the same forms.
        cost: c_k >= 0, what one pass of model k costs the provider; in the same forms.
        names: what people call the models, if they have names; no part of what makes two games equal.

    Raises:
        ParameterError: a value out of range, not finite, of another number of models, or shapes that do
            not broadcast.

    >>> Game(9, 20, (0.1, 0.3), (1, 2), (1, 3)).net_value[1].__round__(9)
    0.7
    """

    task_value: Number
    churn_penalty: Number
    success_prob: tuple[Number, ...]
    latency: tuple[Number, ...]
    cost: tuple[Number, ...]
    names: tuple[str, ...] | None = None

    def __post_init__(self) -> None:
        inf = float("inf")
        checked: dict[str, object] = {
            "task_value": as_number("task_value", self.task_value, 0, inf, closed="neither"),
            "churn_penalty": as_number("churn_penalty", self.churn_penalty, 0, inf, closed="low"),
            "success_prob": as_models("success_prob", self.success_prob, 0, 1, closed="neither"),
            "latency": as_models("latency", self.latency, 0, inf, closed="low"),
            "cost": as_models("cost", self.cost, 0, inf, closed="low"),
        }
        for name, value in checked.items():
            object.__setattr__(self, name, value)
        if self.names is not None:
            object.__setattr__(self, "names", tuple(map(str, self.names)))
        self._refuse_other_lengths()
        try:
            np.broadcast_shapes(*(np.shape(value) for value in self._values()))
        except ValueError:
            shapes = ", ".join(str(np.shape(value)) for value in self._values())
            raise ParameterError("game", "made of values whose shapes broadcast", shapes) from None

    def _refuse_other_lengths(self) -> None:
        """Refuse fields of another number of models than the others; of three lengths, the second and third."""
        lengths = {name: len(held) for name in (*PER_MODEL, "names") if (held := getattr(self, name)) is not None}
        common = max(lengths.values(), key=list(lengths.values()).count)
        for name, length in lengths.items():
            if length != common:
                others = " and ".join(other for other in lengths if lengths[other] == common)
                raise ParameterError(name, f"{common} values, as many as {others}", getattr(self, name))

    def _values(self) -> tuple[Number, ...]:
        return (self.task_value, self.churn_penalty, *self.success_prob, *self.latency, *self.cost)

    @cached_property
    def shape(self) -> tuple[int, ...]:
        """Shape of the batch, () for a single game."""
        return np.broadcast_shapes(*(np.shape(value) for value in self._values()))

    @property
    def num_models(self) -> int:
        """K, the number of models."""
        return len(self.success_prob)

    @cached_property
    def net_value(self) -> tuple[Number, ...]:
        """ξ_k = V p_k − t_k of each model, exactly 0 where the user is indifferent up to rounding."""
        each = tuple(net_value(self.task_value, p, t) for p, t in zip(self.success_prob, self.latency, strict=True))
        freeze(each)  # they are kept, and shown to everyone who asks
        return each

    @property
    def cost_of_pass(self) -> tuple[Number, ...]:
        """c_k / p_k of each model: the expected cost of a success if model k is tried for ever."""
        return tuple(c / p for c, p in zip(self.cost, self.success_prob, strict=True))

    def with_latency(self, latency: Sequence[ArrayLike]) -> Game:
        """Return the same game at other latencies, the throttled ones for instance."""
        return replace(self, latency=latency)  # type: ignore[arg-type]

    def of_models(self, models: Sequence[int]) -> Game:
        """Return the game of some of the models, numbered from 0, in this order.

        >>> Game(10, 1, (0.3, 0.5, 0.7), (1, 2, 3), (1, 1.5, 2.8)).of_models([2, 0]).latency
        (3.0, 1.0)
        """
        names = None if self.names is None else tuple(self.names[k] for k in models)
        p, t, c = (tuple(getattr(self, name)[k] for k in models) for name in PER_MODEL)
        return self._with(self.task_value, self.churn_penalty, (*p, *t, *c), names)

    def single(self, index: int) -> Game:
        """Return one game of a flat batch, (num_games,)."""
        value, penalty, *models = (float(np.broadcast_to(value, self.shape)[index]) for value in self._values())
        return self._with(value, penalty, models, self.names)

    def blocks(self, size: int) -> Iterator[Game]:
        """Cut a batch into flat batches of at most `size` games, in order."""
        flat = [np.broadcast_to(value, self.shape).reshape(-1) for value in self._values()]
        for start in range(0, flat[0].size, size):
            value, penalty, *models = (x[start : start + size] for x in flat)
            yield self._with(value, penalty, models, self.names)

    def _with(self, value: Number, penalty: Number, models: Sequence[Number], names: tuple[str, ...] | None) -> Game:
        """Return a game of numbers that were checked when this one was made; those of models one after another."""
        size = len(models) // len(PER_MODEL)
        p, t, c = (tuple(models[start : start + size]) for start in range(0, len(models), size))
        game = object.__new__(Game)
        for f, held in zip(fields(self), (value, penalty, p, t, c, names), strict=True):
            object.__setattr__(game, f.name, held)
        return game

    def to_dict(self) -> dict[str, object]:
        """Return the parameters as plain numbers and lists, ready for JSON; `Game(**d)` makes the game again.

        A field of models is a list with one entry a model; `names` is left out where there are none.
        """
        plain = {f.name: getattr(self, f.name) for f in fields(self)}
        document: dict[str, object] = {
            name: [np.asarray(v).tolist() for v in value] if name in PER_MODEL else np.asarray(value).tolist()
            for name, value in plain.items()
        }
        if self.names is None:
            del document["names"]
        return document

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Game):
            return NotImplemented
        mine, theirs = self._values(), other._values()
        return len(mine) == len(theirs) and all(map(np.array_equal, mine, theirs))

    def __hash__(self) -> int:
        return hash(tuple(np.asarray(value).tobytes() for value in self._values()))


def pair_of(models: tuple[Number, ...]) -> tuple[Number, Number]:
    """Return the values of two models as a pair."""
    standard, reasoning = models
    return standard, reasoning


def net_value(task_value: ArrayLike, success_prob: ArrayLike, latency: ArrayLike) -> Number:
    """Net value of one pass, ξ = V p − t (Mahmood 2026, §3.1), in units of latency.

    Shapes broadcast; returns a float for scalars, else float64. A difference within `INDIFFERENCE` of V p is
    returned as exactly 0: such a user is indifferent, and V = 0.3, p = 0.1, t = 0.03 must not look like a gain.

    >>> round(net_value(9.0, 0.3, 2.0), 12)
    0.7
    >>> net_value(0.3, 0.1, 0.03)
    0.0
    """
    gain: FloatArray = np.multiply(task_value, success_prob, dtype=np.float64)
    net: FloatArray = np.subtract(gain, latency, dtype=np.float64)
    net = np.where(np.abs(net) <= INDIFFERENCE * gain, 0.0, net)
    answer: Number = plain(net)
    return answer
