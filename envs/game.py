"""The parameters of a routing game: what the two models can do, what they cost, what a solved task is worth."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields
from functools import cached_property
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from routegame.envs.arrays import FloatArray, Number, plain
from routegame.envs.checks import ParameterError, as_number, as_pair
from routegame.envs.copies import ReadOnlyArrays, freeze

Information = Literal["memoryless", "model", "history"]
"""Information of a user besides the commitment: none, the model that failed last, or its number of failures."""

PAIRS = ("success_prob", "latency", "cost")
"""The fields that hold one value for each of the two models, standard first."""

INDIFFERENCE = 1e-12
"""Relative tolerance within which a user counts as indifferent: rounding must not decide a tie."""


@dataclass(frozen=True, eq=False)
class Game(ReadOnlyArrays):
    """A routing game, or a whole batch of them (Mahmood 2026, §3).

    Every field is a float, or an array where the batch has one value for each game; fields broadcast. A pair holds
    the standard model's value first, the reasoning model's second. The two models may come in any order of speed,
    price and skill.

    Args:
        task_value: V > 0, what solving the task is worth to the user, in the unit of latency.
        churn_penalty: P >= 0, what an abandoned task costs the provider, in the unit of cost.
        success_prob: 0 < p_i < 1, probability that one pass of model i solves the task.
        latency: t_i >= 0, what one pass of model i costs the user.
        cost: c_i >= 0, what one pass of model i costs the provider.

    Raises:
        ParameterError: a value out of range, not finite, of the wrong length, or shapes that do not broadcast.

    >>> Game(9, 20, (0.1, 0.3), (1, 2), (1, 3)).net_value[1].__round__(9)
    0.7
    """

    task_value: Number
    churn_penalty: Number
    success_prob: tuple[Number, Number]
    latency: tuple[Number, Number]
    cost: tuple[Number, Number]

    def __post_init__(self) -> None:
        inf = float("inf")
        checked: dict[str, object] = {
            "task_value": as_number("task_value", self.task_value, 0, inf, closed="neither"),
            "churn_penalty": as_number("churn_penalty", self.churn_penalty, 0, inf, closed="low"),
            "success_prob": as_pair("success_prob", self.success_prob, 0, 1, closed="neither"),
            "latency": as_pair("latency", self.latency, 0, inf, closed="low"),
            "cost": as_pair("cost", self.cost, 0, inf, closed="low"),
        }
        for name, value in checked.items():
            object.__setattr__(self, name, value)
        try:
            np.broadcast_shapes(*(np.shape(value) for value in self._values()))
        except ValueError:
            shapes = ", ".join(str(np.shape(value)) for value in self._values())
            raise ParameterError("game", "made of values whose shapes broadcast", shapes) from None

    def _values(self) -> tuple[Number, ...]:
        return (self.task_value, self.churn_penalty, *self.success_prob, *self.latency, *self.cost)

    @property
    def shape(self) -> tuple[int, ...]:
        """Shape of the batch, () for a single game."""
        return np.broadcast_shapes(*(np.shape(value) for value in self._values()))

    @cached_property
    def net_value(self) -> tuple[Number, Number]:
        """ξ_i = V p_i − t_i of each model, exactly 0 where the user is indifferent up to rounding."""
        first, second = (net_value(self.task_value, p, t) for p, t in zip(self.success_prob, self.latency, strict=True))
        freeze([first, second])  # they are kept, and shown to everyone who asks
        return first, second

    @property
    def cost_of_pass(self) -> tuple[Number, Number]:
        """c_i / p_i of each model: the expected cost of a success if model i is tried for ever."""
        return self.cost[0] / self.success_prob[0], self.cost[1] / self.success_prob[1]

    def with_latency(self, latency: tuple[ArrayLike, ArrayLike]) -> Game:
        """Return the same game at other latencies, the throttled ones for instance."""
        return Game(self.task_value, self.churn_penalty, self.success_prob, latency, self.cost)  # type: ignore[arg-type]

    def single(self, index: int) -> Game:
        """Return one game of a flat batch, (num_games,)."""
        value, penalty, p1, p2, t1, t2, c1, c2 = (
            float(np.broadcast_to(value, self.shape)[index]) for value in self._values()
        )
        return Game(value, penalty, (p1, p2), (t1, t2), (c1, c2))

    def blocks(self, size: int) -> Iterator[Game]:
        """Cut a batch into flat batches of at most `size` games, in order."""
        flat = [np.broadcast_to(value, self.shape).reshape(-1) for value in self._values()]
        for start in range(0, flat[0].size, size):
            value, penalty, p1, p2, t1, t2, c1, c2 = (x[start : start + size] for x in flat)
            block = object.__new__(Game)  # the values were checked when this game was made
            for f, held in zip(fields(self), (value, penalty, (p1, p2), (t1, t2), (c1, c2)), strict=True):
                object.__setattr__(block, f.name, held)
            yield block

    def to_dict(self) -> dict[str, object]:
        """Return the parameters as plain numbers and lists, ready for JSON; `Game(**d)` makes the game again."""
        plain = {f.name: getattr(self, f.name) for f in fields(self)}
        return {
            name: [np.asarray(v).tolist() for v in value] if name in PAIRS else np.asarray(value).tolist()
            for name, value in plain.items()
        }

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Game):
            return NotImplemented
        return all(np.array_equal(x, y) for x, y in zip(self._values(), other._values(), strict=True))

    def __hash__(self) -> int:
        return hash(tuple(np.asarray(value).tobytes() for value in self._values()))


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
