"""Numbers as people read them."""

from __future__ import annotations

from collections.abc import Sequence
from math import isinf

SUPERSCRIPTS = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def percent(share: float) -> str:
    """A share of 1 in percent, to two digits or so.

    >>> [percent(share) for share in (0.0, 0.00021, 0.0135, 0.706, 12.3, float("inf"))]
    ['0 %', '0.021 %', '1.4 %', '71 %', '1230 %', '∞']
    """
    if isinf(share):
        return "∞" if share > 0 else "−∞"
    points = 100 * share
    if abs(points) < 5e-4:
        return "0 %"
    return f"{_significant(points)} %".replace("-", "−")


def count(number: float) -> str:
    """A large number, to three digits or so.

    >>> [count(number) for number in (7, 2345, 1.8e6, 3.002e8, 4.5e13)]
    ['7', '2.35 k', '1.8 M', '300 M', '4.5 × 10¹³']
    """
    for scale, unit in ((1e9, " G"), (1e6, " M"), (1e3, " k"), (1.0, "")):
        if scale <= number < 1000 * scale:
            return f"{number / scale:.3g}{unit}"
    return f"{number:.3g}" if number < 1 else _scientific(number)


def duration(seconds: float) -> str:
    """A time, in the unit that fits.

    >>> [duration(seconds) for seconds in (0.04, 12.34, 200, 5000, float("inf"))]
    ['0.04 s', '12 s', '3.3 min', '1.4 h', '∞']
    """
    if isinf(seconds):
        return "∞"
    if seconds < 100:
        return f"{_significant(seconds) if seconds >= 0.005 else '0'} s"
    return f"{seconds / 60:.1f} min" if seconds < 3600 else f"{seconds / 3600:.1f} h"


def score(value: float) -> str:
    """A score whose 1 is best.

    >>> score(0.9894), score(float("-inf"))
    ('0.989', '−∞')
    """
    return ("∞" if value > 0 else "−∞") if isinf(value) else f"{value:.3f}".replace("-", "−")


def quantity(value: float) -> str:
    """A quantity in units that are unknown or stand elsewhere, to four digits.

    >>> quantity(0.0573720), quantity(1234567.0)
    ('0.05737', '1.235e+06')
    """
    return f"{value:.4g}"


def power(number: float) -> str:
    """A power of ten.

    >>> power(1e6)
    '10⁶'
    """
    return "10" + str(round(_exponent(number))).translate(SUPERSCRIPTS)


def coordinates_text(coordinates: Sequence[float]) -> str:
    """Return a point of a leader's box as text.

    >>> coordinates_text((0.5, 0.03125))
    '0.5, 0.03125'
    """
    return ", ".join(f"{value:.4g}" for value in coordinates)


def plural(number: int, singular: str, several: str | None = None) -> str:
    """A number of things.

    >>> plural(1, "run"), plural(2, "run"), plural(0, "entry", "entries")
    ('1 run', '2 runs', '0 entries')
    """
    return f"{number} {singular if number == 1 else several or singular + 's'}"


def _significant(number: float) -> str:
    """Two digits, more only before the point."""
    text = f"{number:.2g}"
    return f"{number:.0f}" if "e" in text or abs(number) >= 10 else text


def _scientific(number: float) -> str:
    digits, exponent = f"{number:.1e}".split("e")
    return f"{digits} × 10{str(int(exponent)).translate(SUPERSCRIPTS)}"


def _exponent(number: float) -> float:
    return float(f"{number:e}".split("e")[1])
