"""Sums of floating-point numbers that no order of rows, and no number of threads, makes a difference to.

DuckDB adds up in the order in which its threads deliver rows, which is another one every time, and a sum of doubles
depends on it in its last digits. Whole numbers have no such digits, so numbers are counted in a unit small enough.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import frexp, ldexp

BITS = 125
"""Bits of a HUGEINT, which has 127 and a sign, that a sum takes at most; the rest is for what rounding adds to it."""

MOST_PLACES = 1000
"""Two to this power is a double; sums that ask for more places are of numbers below 1e-263."""


@dataclass(frozen=True)
class FixedPoint:
    """A unit, a power of two, in multiples of which DuckDB holds numbers as HUGEINT.

    Attributes:
        places: binary digits after the point; below 0 if the unit is greater than 1.
    """

    places: int

    @classmethod
    def for_sum(cls, bound: float) -> FixedPoint:
        """Make the smallest unit with room for a sum whose terms have magnitudes that add up to `bound` at most.

        >>> FixedPoint.for_sum(1e6)
        FixedPoint(places=105)
        """
        return cls(min(BITS - frexp(bound)[1], MOST_PLACES))

    def rounded(self, number: str) -> str:
        """SQL for the multiple of the unit that is nearest to a number, a HUGEINT."""
        return f"CAST(({number}) * {2.0**self.places!r}::DOUBLE AS HUGEINT)"

    def double(self, multiple: str) -> str:
        """SQL for the double that is nearest to a multiple of the unit."""
        return f"(CAST(({multiple}) AS DOUBLE) * {2.0**-self.places!r}::DOUBLE)"

    def value(self, multiple: int) -> float:
        """The double that is nearest to a multiple of the unit."""
        return ldexp(float(multiple), -self.places)
