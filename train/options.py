"""A learner's options: each default written once, checked at construction, turned into command-line flags elsewhere."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import field, fields
from typing import Self, TypeVar

from routegame.envs.checks import ParameterError, as_number

N = TypeVar("N", int, float)

MOST = 10**7
"""The largest whole number that an option may have, unless it says otherwise: more would only use up time or memory."""

LARGEST_BATCH = 10**6
"""The largest batch: so many are held in memory at once."""


def option(default: N, about: str, *, low: float, high: float | None = None, multiple_of: int = 1) -> N:
    """Declare a field of an options dataclass: its default, what it does and what is allowed.

    Without `high` whole numbers go up to `MOST`, and other numbers are finite.
    """
    most = high if high is not None else MOST if isinstance(default, int) else float("inf")
    return field(default=default, metadata={"about": about, "low": low, "high": most, "multiple_of": multiple_of})


def text(default: str, about: str, check: Callable[[str], object]) -> str:
    """Declare a field that is text: its default, what it does and what raises `ParameterError` for nonsense."""
    return field(default=default, metadata={"about": about, "check": check})


class Options:
    """Base of the options dataclasses: every value is checked against what its `option` or `text` allows.

    Raises:
        ParameterError: a value out of range, not whole where it counts something, or text that says nothing.
    """

    def __post_init__(self) -> None:
        for declared in fields(self):  # type: ignore[arg-type]
            value, allowed = getattr(self, declared.name), declared.metadata
            if "check" in allowed:
                allowed["check"](value)
                continue
            as_number(declared.name, value, allowed["low"], allowed["high"])
            step = allowed["multiple_of"]
            if isinstance(declared.default, int) and (int(value) != value or value % step):
                kind = "a whole number" if step == 1 else f"a multiple of {step}"
                raise ParameterError(declared.name, kind, value)

    @classmethod
    def names(cls) -> list[str]:
        """Names of all options, in order."""
        return [declared.name for declared in fields(cls)]  # type: ignore[arg-type]

    @classmethod
    def given(cls, **options: float | str) -> Self:
        """Make options of those that are given by name; the others have their defaults.

        Raises:
            ParameterError: there is none of that name, or what making them raises.
        """
        unknown = options.keys() - set(cls.names())
        if unknown:
            raise ParameterError("options", f"of {', '.join(cls.names())}", ", ".join(sorted(unknown)))
        return cls(**options)


def geometric(first: float, last: float, step: int, num_steps: int) -> float:
    """Value at `step` of a schedule that shrinks by the same factor from `first` at 0 to `last` at num_steps - 1."""
    done = min(step / max(num_steps - 1, 1), 1.0)
    return float(first * (last / first) ** done)
