"""When a run stops before its learner is through."""

from __future__ import annotations

from dataclasses import dataclass
from math import inf

from routegame.envs.checks import as_number


@dataclass(frozen=True)
class Limits:
    """Limits of a run's passes and seconds, and a regret that is good enough; None for no limit.

    Args:
        max_passes: stop once so many passes were played.
        max_seconds: stop after so many seconds of training. The same command then need not give the same result.
        target_regret: stop once the relative leader regret, measured exactly, is at most this.

    Raises:
        ParameterError: a limit that is not positive; a target below 0.
    """

    max_passes: float | None = None
    max_seconds: float | None = None
    target_regret: float | None = None

    def __post_init__(self) -> None:
        for name in ("max_passes", "max_seconds"):
            if getattr(self, name) is not None:
                as_number(name, getattr(self, name), 0, inf, closed="neither")
        if self.target_regret is not None:
            as_number("target_regret", self.target_regret, 0, inf, closed="low")

    def reached(self, passes: int, seconds: float, regret: float | None) -> str | None:
        """Return which limit a run has come to, None while it may go on."""
        if self.target_regret is not None and regret is not None and regret <= self.target_regret:
            return "target_regret"
        if self.max_passes is not None and passes >= self.max_passes:
            return "max_passes"
        if self.max_seconds is not None and seconds >= self.max_seconds:
            return "max_seconds"
        return None
