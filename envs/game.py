"""The parameters of a routing game: what the two models can do, what they cost, what a solved task is worth."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields
from functools import cached_property
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

FloatArray = NDArray[np.float64]
Number = float | FloatArray
"""A float, or a float64 array where many games are held at once."""

Information = Literal["memoryless", "model", "history"]
"""What a user sees besides the commitment: nothing, the model that failed last, or its number of failures."""

PAIRS = ("success_prob", "latency", "cost")
"""The fields that hold one value for each of the two models, standard first."""

INDIFFERENCE = 1e-12
"""Relative tolerance within which a user counts as indifferent: rounding must not decide a tie."""


class ParameterError(ValueError):
    """A parameter outside its range; says which, what is allowed and what was given, in one sentence."""

    def __init__(self, parameter: str, allowed: str, given: object) -> None:
        self.parameter, self.allowed, self.given = parameter, allowed, given
        super().__init__(f"{parameter} must be {allowed}, got {_short(given)}")

    def __reduce__(self) -> tuple[type[ParameterError], tuple[str, str, object]]:
        return ParameterError, (self.parameter, self.allowed, self.given)


def as_number(parameter: str, value: ArrayLike, low: float, high: float, *, closed: str = "both") -> Number:
    """Return `value` as a float or a read-only float64 array, after checking that it is finite and in range.

    Args:
        parameter: name used in the error.
        value: scalar or array-like.
        low: lower bound; -inf for none.
        high: upper bound; inf for none.
        closed: which bounds are themselves allowed: "both", "low" or "neither".

    Raises:
        ParameterError: not numeric, not finite, or out of range; names the first offending value.
    """
    brackets = {"both": "[]", "low": "[)", "neither": "()"}[closed]
    ending = ")" if np.isinf(high) else brackets[1]
    allowed = f"a finite number in {brackets[0]}{low:g}, {high:g}{ending}"
    try:
        given = np.asarray(value)
        if given.dtype.kind not in "biuf":
            raise ParameterError(parameter, allowed, value)
        array = given.astype(np.float64) + 0.0  # −0.0 becomes 0.0: equal games are equal to the bit
    except (TypeError, ValueError, OverflowError):
        raise ParameterError(parameter, allowed, value) from None
    above = array >= low if closed != "neither" else array > low
    below = array <= high if closed == "both" else array < high
    fine = np.isfinite(array) & above & below
    if not fine.all():
        raise ParameterError(parameter, allowed, float(array[~fine][0]))
    if array.ndim == 0:
        return float(array)
    array.setflags(write=False)
    return array


def as_single(parameter: str, value: float, low: float, high: float, *, closed: str = "both") -> float:
    """Return a single number, checked as `as_number` does.

    Raises:
        ParameterError: anything else.
    """
    number = as_number(parameter, value, low, high, closed=closed)
    if not isinstance(number, float):
        raise ParameterError(parameter, "a single number", value)
    return number


def as_count(parameter: str, value: int, largest: int, smallest: int = 1) -> int:
    """Return a whole number from `smallest` to `largest`, checked.

    Raises:
        ParameterError: anything else.
    """
    whole = isinstance(value, (int, np.integer)) and not isinstance(value, bool)
    if not (whole and smallest <= value <= largest):
        raise ParameterError(parameter, f"an integer from {smallest} to {largest}", value)
    return int(value)


def plain(value: ArrayLike) -> Any:
    """Return a single number as a plain Python one, anything larger as the array that it is."""
    array = np.asarray(value)
    return array.item() if array.ndim == 0 else array


def as_route(route: ArrayLike) -> NDArray[np.int64]:
    """Return `route` as an integer array.

    Raises:
        ParameterError: anything but 1 (the standard model first) and 2 (the reasoning model first).
    """
    array = np.asarray(route)
    if array.dtype.kind not in "iuf":
        raise ParameterError("route", "1 or 2", route)
    fine = np.equal(array, 1) | np.equal(array, 2)
    if not fine.all():
        raise ParameterError("route", "1 or 2", route if array.ndim == 0 else array[~fine][0])
    return array.astype(np.int64)


def _short(given: object) -> str:
    """What was given, on one line."""
    shown = " ".join(repr(given).split())
    return shown if len(shown) <= 80 else f"{shown[:77]}..."


@dataclass(frozen=True, eq=False)
class Game:
    """One routing game, or a whole batch of them (Mahmood 2026, §3).

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
        checked: dict[str, Any] = {
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

    def to_dict(self) -> dict[str, Any]:
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


def as_pair(parameter: str, value: object, low: float, high: float, *, closed: str = "both") -> tuple[Number, Number]:
    """Return two checked values, one for each model; see `as_number`.

    Raises:
        ParameterError: not two values, or one of them out of range.
    """
    first: ArrayLike
    second: ArrayLike
    try:
        if isinstance(value, (set, frozenset, dict, str, bytes)):
            raise TypeError("no order, or no numbers")
        first, second = value  # type: ignore[misc]
    except (TypeError, ValueError):
        raise ParameterError(parameter, "two values, standard model first", value) from None
    return (
        as_number(f"{parameter}[0]", first, low, high, closed=closed),
        as_number(f"{parameter}[1]", second, low, high, closed=closed),
    )


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
