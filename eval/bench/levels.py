"""How close learners come, how soon, and at what price: beside success at 1 %, and apart for those who learn the users.

Two learners that always end within 1 % differ in whether they end within 0.01 %, in how good they are on the way, and
in what their experiments cost: who learns from tasks serves them meanwhile, and pays what they cost.
"""

from __future__ import annotations

import statistics
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from routegame.eval.run.learning_curve import FIRST_PASSES, LAST_PASSES, LEAST_REGRET, MOST_REGRET
from routegame.eval.statistics import SUCCESS, Estimate, Runs, success_rates
from routegame.numerals import percent, power

LEVELS = (SUCCESS, 0.001, 0.0001)
"""Relative regrets that runs are to be within."""

LEARNED = "learned"
"""What the column `follower` says of runs that learn their users, too."""

PARTS = {
    True: ("Users are learned", "and the passes that it takes are counted."),
    False: ("Users answer by a rule", "for which no passes are counted."),
}
"""Headings of the two tables, and what they are about."""

LEGEND = (
    "Within: share of runs that are certified and end with no more regret. On the way: area under the curve of regret"
    f" over passes, both logarithmic, from {power(FIRST_PASSES)} to {power(LAST_PASSES)} passes, given as the regret"
    f" that would have the same if it never changed; less than {percent(LEAST_REGRET)} counts as that, and so does more"
    f" than {percent(MOST_REGRET)}, or having no commitment yet, while a run that has ended keeps what it ended with."
    " Price of a play: what a play cost above the equilibrium on average while it was learned from, and price in all:"
    " the sum over all plays, in costs of a play at the equilibrium. Medians of runs that finished."
)
"""Meaning of the columns."""


class Ended(Protocol):
    """A run as far as its price goes; None for what nobody knows."""

    @property
    def follower(self) -> str | None:
        """The kind of its users, `LEARNED` or a rule; None where it failed."""

    @property
    def anytime_regret(self) -> float | None:
        """See `LearningCurve.on_the_way`."""

    @property
    def plays(self) -> int | None:
        """Number of plays that it learned from."""

    @property
    def cumulative_regret(self) -> float | None:
        """What these cost above the equilibrium, in costs of a play there."""


@dataclass(frozen=True)
class Level:
    """A learner's line; None for what nobody knows.

    Attributes:
        learner: its id.
        within: share of runs that are certified and within each of `LEVELS`.
        anytime_regret: median over runs that finished, as are the others.
        price: mean relative regret of a play that was learned from.
        cumulative_regret: that of all plays.
    """

    learner: str
    within: Sequence[Estimate]
    anytime_regret: float | None
    price: float | None
    cumulative_regret: float | None


def levels(runs: Runs, ended: Mapping[str, Sequence[Ended]], order: Iterable[str]) -> dict[bool, list[Level]]:
    """Return the lines of learners, by whether they learn their users; the order is kept.

    A learner none of whose runs finished is with those who learn the users, if anywhere: nobody knows.

    Args:
        runs: losses, infinite where a run is not certified.
        ended: the runs of each learner.
        order: ids.
    """
    reached = [success_rates(runs, level) for level in LEVELS]
    found: dict[bool, list[Level]] = {True: [], False: []}
    for name in order:
        own = ended[name]
        kinds = {run.follower for run in own if run.follower is not None}
        prices = [run.cumulative_regret / run.plays for run in own if run.plays and run.cumulative_regret is not None]
        line = Level(
            name,
            [rates[name] for rates in reached],
            _median(run.anytime_regret for run in own),
            statistics.median(prices) if prices else None,
            _median(run.cumulative_regret for run in own),
        )
        found[not kinds or LEARNED in kinds].append(line)
    return {kind: lines for kind, lines in found.items() if lines}


def headings() -> list[str]:
    """Return what stands above a line's figures, the learner's id left out."""
    return [*(f"within {percent(level)}" for level in LEVELS), "on the way", "price of a play", "price in all"]


def plain_levels(found: Mapping[bool, Sequence[Level]]) -> dict[str, dict[str, object]]:
    """Return lines as plain values by learner, ready for JSON."""
    return {
        line.learner: {
            "users_learned": learned,
            "within": {
                f"{level:g}": {"share": float(e.value), "low": float(e.low), "high": float(e.high)}
                for level, e in zip(LEVELS, line.within, strict=True)
            },
            "anytime_regret": line.anytime_regret,
            "price_of_a_play": line.price,
            "cumulative_regret": line.cumulative_regret,
        }
        for learned, lines in found.items()
        for line in lines
    }


def _median(values: Iterable[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return statistics.median(known) if known else None
