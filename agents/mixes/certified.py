"""Answers to a mix of contexts that come with a bound: how far they can be from the best."""

from __future__ import annotations

from routegame.agents.exact.solution import Certificate
from routegame.envs.copies import ReadOnlyArrays


class Certified(ReadOnlyArrays):
    """Base of frozen dataclasses with a cost and a bound.

    Attributes:
        provider_cost: J, the mean cost of a task under the policies that were found.
        lower_bound: of J; no policies cost less.
    """

    provider_cost: float
    lower_bound: float

    @property
    def certificate(self) -> Certificate:
        """Cost and bound side by side."""
        return Certificate(self.lower_bound, self.provider_cost)

    @property
    def gap(self) -> float:
        """What the policies cost more than the bound, as a share of their cost."""
        return max(float(self.certificate.gap), 0.0)

    @property
    def status(self) -> str:
        """Whether the policies are the best ones: "exact" where the gap is at most 1e-9, else "gap"."""
        return str(self.certificate.status)
