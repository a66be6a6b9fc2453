"""Outcomes by segment: how its users fare under what is in force, under the recommendation, and at their best."""

from __future__ import annotations

from dataclasses import dataclass

from routegame.calibrate.decide.candidates import Candidates, Offer
from routegame.calibrate.decide.posterior import likely, unknown
from routegame.calibrate.estimate.calibration import Calibration


@dataclass(frozen=True)
class SegmentOutcome:
    """Outcome of commitments for the users of a segment, in the most likely game of theirs.

    Attributes:
        name: of the segment.
        share: of all tasks.
        own: the commitment that would be cheapest if there were only them.
        preferred: the one that they like best.
        in_force: their utility under what is in force.
        recommended: under the recommendation; nan without one.
        best: under what they prefer.
        cost_in_force: J of a task of theirs under what is in force.
        cost_recommended: under the recommendation; nan without one.
        cost_own: under their own commitment.
    """

    name: str
    share: float
    own: Offer
    preferred: Offer
    in_force: float
    recommended: float
    best: float
    cost_in_force: float
    cost_recommended: float
    cost_own: float


def segment_outcomes(commitment: Offer, c: Calibration, penalty: float) -> tuple[SegmentOutcome, ...]:
    """Judge a commitment by what it does to each segment whose V is identified.

    Args:
        commitment: the recommended one.
        c: calibration of the log.
        penalty: P.
    """
    found = []
    for segment, task_value in zip(c.segments, c.segment_task_values, strict=True):
        if not task_value.identified or unknown(segment, c.log.models):
            continue
        candidates = Candidates([likely(segment, task_value, penalty)], c.in_force.arms)
        own, preferred = candidates.best(0), candidates.preferred()
        found.append(
            SegmentOutcome(
                name=segment.name,
                share=segment.tasks / c.whole.tasks,
                own=own,
                preferred=preferred,
                in_force=float(candidates.utility_in_force()[0]),
                recommended=float(candidates.user_utility(commitment)[0]),
                best=float(candidates.user_utility(preferred)[0]),
                cost_in_force=float(candidates.cost_in_force()[0]),
                cost_recommended=float(candidates.provider_cost(commitment)[0]),
                cost_own=float(candidates.provider_cost(own)[0]),
            )
        )
    return tuple(found)
