"""Checks of what callers hand in: one function for each kind of value, and one error that says what is wrong."""

from __future__ import annotations

import pickle
from collections.abc import Callable, Iterable
from functools import wraps
from inspect import signature
from typing import ParamSpec, TypeVar

import numpy as np
from numpy.typing import ArrayLike

from routegame.envs.arrays import IntArray, Number

Choice = TypeVar("Choice")
P = ParamSpec("P")

LEAST, MOST = 1e-30, 1e30
"""Sizes between which amounts lie that somebody types and that are not 0: what is made of them neither overflows nor
loses digits, in double precision nor, as learners need it, in single."""

MOST_MODELS = 64
"""Models that a game may have."""


class Refusal(ValueError):
    """An error in one sentence that arrives in another process as it was raised.

    There are two ways to get there. Pickling calls the class with the sentence, and takes the attributes along; what
    cannot be pickled of what was given goes as text. Gymnasium's vector environments, and others after them, call the
    class with the error that arrived: it must take that as its only argument, too.
    """

    def __init__(self, sentence: object) -> None:
        if isinstance(sentence, Refusal):
            vars(self).update(vars(sentence))
        super().__init__(str(sentence))

    def __reduce__(self) -> tuple[type[Refusal], tuple[str], dict[str, object]]:
        return type(self), (str(self),), {name: _portable(value) for name, value in vars(self).items()}


class ParameterError(Refusal):
    """A parameter outside its range; says which, what is allowed and what was given, in one sentence.

    Args:
        parameter: its name; or, by itself, the whole sentence, see `Refusal`.
        allowed: what is.
        given: what was.
    """

    parameter: str = ""
    allowed: str = ""
    given: object = None

    def __init__(self, parameter: object, allowed: str | None = None, given: object = None) -> None:
        if allowed is None:
            super().__init__(parameter)
            return
        self.parameter, self.allowed, self.given = str(parameter), allowed, given
        super().__init__(f"{parameter} must be {allowed}, got {_short(given)}")


def refuse_unknown(name: str, given: Iterable[str], known: Iterable[str]) -> None:
    """Refuse arguments that something of this name does not have, and list those that it has.

    Raises:
        TypeError: there is one, as Python itself says it.
    """
    allowed = tuple(known)
    for argument in given:
        if argument not in allowed:
            told = f"{name} got an unexpected keyword argument {argument!r}"
            raise TypeError(f"{told}; its arguments are {', '.join(allowed)}")


def known_as(name: str) -> Callable[[Callable[P, None]], Callable[P, None]]:
    """Let a constructor refuse arguments by the name that its class has in public, and say which there are."""

    def decorate(construct: Callable[P, None]) -> Callable[P, None]:
        form = signature(construct)
        known = tuple(form.parameters)[1:]  # without self

        @wraps(construct)
        def checked(*args: P.args, **options: P.kwargs) -> None:
            refuse_unknown(name, options, known)
            try:
                form.bind(*args, **options)
            except TypeError as error:
                raise TypeError(f"{name}: {error}; its arguments are {', '.join(known)}") from None
            construct(*args, **options)

        return checked

    return decorate


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
    if type(value) is float and low < value < high:  # as most are, many times in every search
        return value + 0.0
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


def as_amount(parameter: str, value: ArrayLike, *, zero: bool = True) -> Number:
    """Return amounts of time or money, or what is worth as much, checked as `as_number` does.

    Args:
        parameter: name used in the error.
        value: scalar or array-like.
        zero: whether 0 is allowed, too.

    Raises:
        ParameterError: negative, not finite, or of a size that nothing can be computed of, see `LEAST` and `MOST`.

    >>> as_amount("cost", 5e-324)
    Traceback (most recent call last):
    routegame.envs.checks.ParameterError: cost must be 0 or a number from 1e-30 to 1e+30, got 5e-324
    """
    amount = as_number(parameter, value, 0, np.inf, closed="low" if zero else "neither")
    array = np.asarray(amount)
    fine = ((array >= LEAST) & (array <= MOST)) | (array == 0)
    if not fine.all():
        allowed = f"{'0 or ' if zero else ''}a number from {LEAST:g} to {MOST:g}"
        raise ParameterError(parameter, allowed, float(array[~fine][0]))
    return amount


def as_single(parameter: str, value: Number, low: float, high: float, *, closed: str = "both") -> float:
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


def as_choice(parameter: str, value: Choice, choices: Iterable[Choice]) -> Choice:
    """Return `value`, after checking that it is one of the choices.

    Raises:
        ParameterError: it is not; names them all.
    """
    allowed = tuple(choices)
    if value not in allowed:
        raise ParameterError(parameter, " or ".join(map(repr, allowed)), value)
    return value


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


def as_models(parameter: str, value: object, low: float, high: float, *, closed: str = "both") -> tuple[Number, ...]:
    """Return one checked value for each model; see `as_number`.

    Args:
        parameter: name used in the error.
        value: a tuple, list or one-dimensional array with an entry a model, each a number or an array; or an array of
            two or more dimensions, with the models on its last axis.
        low: lower bound.
        high: upper bound.
        closed: which bounds are themselves allowed.

    Raises:
        ParameterError: fewer than 2 or more than `MOST_MODELS` values, or one of them out of range.
    """
    allowed = f"2 to {MOST_MODELS} values, one for each model"
    entries: list[ArrayLike]
    try:
        if isinstance(value, (set, frozenset, dict, str, bytes)):
            raise TypeError("no order, or no numbers")
        if isinstance(value, np.ndarray) and value.ndim > 1:
            entries = [value[..., k] for k in range(value.shape[-1])] if value.shape[-1] <= MOST_MODELS else []
            allowed += " on the last axis of an array"
        else:
            entries = list(value)  # type: ignore[call-overload]
    except TypeError:
        raise ParameterError(parameter, allowed, value) from None
    if not 2 <= len(entries) <= MOST_MODELS:
        raise ParameterError(parameter, allowed, value)
    return tuple(as_number(f"{parameter}[{k}]", entry, low, high, closed=closed) for k, entry in enumerate(entries))


def as_each(
    parameter: str, value: object, num_models: int, low: float, high: float, *, closed: str = "both"
) -> tuple[Number, ...]:
    """Return one checked value for each of so many models, of an array along its first axis; see `as_number`.

    Raises:
        ParameterError: another number of values, or one of them out of range.
    """
    models = tuple(value) if isinstance(value, np.ndarray) and value.ndim else value
    try:
        if len(models) != num_models:  # type: ignore[arg-type]
            raise TypeError("another number")
    except TypeError:
        raise ParameterError(parameter, f"{num_models} values, one for each model", value) from None
    return as_models(parameter, models, low, high, closed=closed)


def as_route(route: ArrayLike) -> IntArray:
    """Return `route` as an integer array.

    Raises:
        ParameterError: anything but 1 (the standard model first) and 2 (the reasoning model first).
    """
    array = np.asarray(route)
    if array.dtype.kind not in "iuf":
        raise ParameterError("route", "1 or 2", route)
    fine = np.equal(array, 1) | np.equal(array, 2)
    if not fine.all():
        raise ParameterError("route", "1 or 2", route if array.ndim == 0 else array[~fine][0].item())
    return array.astype(np.int64)


def _portable(value: object) -> object:
    """Return what can be pickled: the value itself, or else its text."""
    try:
        pickle.dumps(value)
    except Exception:  # whatever its own way of being pickled raises
        return repr(value)
    return value


def _short(given: object) -> str:
    """Return what was given as text, on one line."""
    shown = " ".join(repr(given).split())
    return shown if len(shown) <= 80 else f"{shown[:77]}..."
