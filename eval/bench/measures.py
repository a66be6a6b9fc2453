"""Measures of a learned profile beside its regret, and what they come to over many runs.

See `routegame.eval.judge.distance`. A commitment can be nearly as cheap as the equilibrium and yet another one, and it
can rely on users who, indifferent, do what the provider likes.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from statistics import fmean

from routegame.envs.document import Document


@dataclass(frozen=True)
class Measure:
    """A column of the table of runs.

    Attributes:
        column: its name.
        heading: above what it comes to.
        meaning: what it says, to complete a sentence.
    """

    column: str
    heading: str
    meaning: str


MEASURES = (
    Measure("route_right", "route right", "the route is the equilibrium's"),
    Measure("kind_right", "kind right", "the commitment is of the equilibrium's kind, mixing or a cascade for example"),
    Measure("throttle_right", "throttling right", "models are slowed as they are in an equilibrium"),
    Measure("cascade_distance", "cascade off by", "distance of the cascade probability to the nearest that is optimal"),
    Measure("weak_regret_relative", "weak regret", "regret when indifferent users do what the provider dislikes"),
    Measure("robust_regret_relative", "robust regret", "regret when users are content with nearly their best"),
    Measure("follower_gap_random", "gap anywhere", "utility that learned users forgo at random commitments"),
)
"""Measures of learners beside regret and certificate, where there is such a thing."""


def measured(runs: Iterable[Document]) -> dict[str, float]:
    """Return the mean of each measure over runs, by column; of what is true or false, the share that is true.

    Args:
        runs: rows of the table of a bench; a measure that is None or missing in all of them is left out.

    >>> measured([{"route_right": True, "weak_regret_relative": 0.5}, {"route_right": False}])
    {'route_right': 0.5, 'weak_regret_relative': 0.5}
    """
    rows, found = list(runs), {}
    for measure in MEASURES:
        values = [row[measure.column] for row in rows if row.get(measure.column) is not None]
        if values:
            found[measure.column] = fmean(values)
    return found


def met(found: Iterable[Mapping[str, float]]) -> list[Measure]:
    """Return the measures that any of these has, in order.

    Args:
        found: by learner, say; see `measured`.
    """
    columns = {column for of in found for column in of}
    return [measure for measure in MEASURES if measure.column in columns]


def legend(measures: Iterable[Measure]) -> str:
    """Say what they mean.

    >>> legend(MEASURES[:1])
    "Of runs that finished, shares of those that are right, and means. Route right: the route is the equilibrium's."
    """
    said = "; ".join(f"{measure.heading}: {measure.meaning}" for measure in measures)
    return f"Of runs that finished, shares of those that are right, and means. {said[0].upper()}{said[1:]}."
