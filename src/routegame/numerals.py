"""Numbers as people read them: how percentages, money, counts and times are written, in text, tables, charts and pages.

A number has so many significant digits, more only before the point, and no zeros at the end of its fraction. What is
meant for programs, JSON and CSV, is written at full precision elsewhere.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from math import floor, isinf, log10
from typing import SupportsFloat

CURRENCIES = ("$", "€", "£", "¥")
"""Units that stand before the number."""

SUPERSCRIPTS = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")

NO_DISTANCE = 1e-9
"""A cascade probability nearer to 1 than this, which is nearer than any search looks, reads as 1."""

NO_POINTS = 5e-4
"""Percent below which a ratio reads as 0 %."""


def number(value: SupportsFloat, digits: int = 3, *, signed: bool = False) -> str:
    """Write a number.

    Args:
        value: anything but nan.
        digits: significant ones.
        signed: whether a positive one has a sign, too.

    >>> [number(value) for value in (0.0573720, -42.63, 12345.6, 2e-9, 0.30, float("inf"))]
    ['0.0574', '−42.6', '12,346', '2e-9', '0.3', '∞']
    >>> number(0.0573720, digits=4), number(120, signed=True)
    ('0.05737', '+120')
    """
    single = float(value)
    sign = "−" if single < 0 else "+" if signed and single > 0 else ""
    return sign + _size(abs(single), digits)


def amount(value: SupportsFloat, unit: str = "", digits: int = 3, *, signed: bool = False) -> str:
    """Write a quantity with its unit: a currency stands before the number, any other unit behind it.

    >>> amount(0.0573720, "$"), amount(12, "credits"), amount(-42.63, "s"), amount(-0.5, "$")
    ('$0.0574', '12 credits', '−42.6 s', '−$0.5')
    """
    if unit not in CURRENCIES:
        return f"{number(value, digits, signed=signed)} {unit}".rstrip()
    text = number(value, digits, signed=signed)
    return f"{text[0]}{unit}{text[1:]}" if text[0] in "−+" else f"{unit}{text}"


def percent(ratio: SupportsFloat, digits: int = 2, *, signed: bool = False) -> str:
    """Write a ratio in percent; next to nothing is 0 %.

    >>> [percent(ratio) for ratio in (0.0, 0.00021, 0.0135, 0.706, 12.3, float("inf"))]
    ['0 %', '0.021 %', '1.4 %', '71 %', '1230 %', '∞']
    >>> percent(0.0783242, digits=3), percent(0.0135, signed=True)
    ('7.83 %', '+1.4 %')
    """
    points = 100 * float(ratio)
    if isinf(points):
        return number(points)
    return "0 %" if abs(points) < NO_POINTS else f"{number(points, digits, signed=signed)} %"


def plain_percent(ratio: SupportsFloat, decimals: int = 1) -> str:
    """Write a ratio in percent for a sentence that a JSON document holds: those stay as they are, to the byte.

    Whoever shows such a sentence to people does so by `as_shown`.

    >>> plain_percent(0.0231)
    '2.3%'
    """
    return f"{float(ratio):.{decimals}%}"


def as_shown(sentence: str) -> str:
    """Return a sentence of a document with its percentages as they are written elsewhere.

    >>> as_shown("Within 1% of the equilibrium.")
    'Within 1 % of the equilibrium.'
    """
    return re.sub(r"(?<=\d)%", " %", sentence)


def share(probability: SupportsFloat, digits: int = 3) -> str:
    """Write a probability in percent, such that none but 0 and 1 reads as 0 % or 100 %.

    >>> share(0.0783242), share(0.4311), share(0.99996), share(1e-9), share(1)
    ('7.83 %', '43.1 %', '99.996 %', '1e-7 %', '100 %')
    """
    points, short = 100 * float(probability), 100 * (1 - float(probability))
    return f"{points:.{-floor(log10(short))}f} %" if 0 < short < 1 else f"{number(points, digits)} %"


def percents(ratios: SupportsFloat | tuple[SupportsFloat, SupportsFloat], digits: int = 3) -> str:
    """Write a ratio, or one for each model, in percent.

    >>> percents(0.5), percents((1.0, 0.2467))
    ('50 %', '100 %, 24.7 %')
    """
    each = ratios if isinstance(ratios, tuple) else (ratios,)
    return ", ".join(percent(ratio, digits) for ratio in each)


# ---- commitments: whatever prints one goes through here


def handed_over(cascade_prob: SupportsFloat, digits: int = 3) -> str:
    """Write the share of failures that a commitment hands over, in percent.

    >>> handed_over(0.0783242), handed_over(1 - 1e-14)
    ('7.83 %', '100 %')
    """
    return share(1.0 if float(cascade_prob) > 1 - NO_DISTANCE else cascade_prob, digits)


def cascade_text(cascade_prob: SupportsFloat, digits: int = 6) -> str:
    """Write a cascade probability, or a threshold of one, as a number between 0 and 1.

    >>> cascade_text(0.07832424), cascade_text(0.07832424, 3)
    ('0.0783242', '0.0783')
    """
    return number(cascade_prob, digits)


def coordinates_text(coordinates: Sequence[float]) -> str:
    """Write a point of a leader's box.

    >>> coordinates_text((0.5, 0.03125))
    '0.5, 0.03125'
    """
    return ", ".join(number(value, 4) for value in coordinates)


# ---- counts, times and scores


def count(many: float) -> str:
    """Write a large number, to three digits or so.

    >>> [count(many) for many in (7, 2345, 1.8e6, 3.002e8, 4.5e13)]
    ['7', '2.35 k', '1.8 M', '300 M', '4.5 × 10¹³']
    """
    for scale, unit in ((1e9, " G"), (1e6, " M"), (1e3, " k"), (1.0, "")):
        if scale <= many < 1000 * scale:
            return f"{many / scale:.3g}{unit}"
    return f"{many:.3g}" if many < 1 else _scientific(many)


def plural(many: int, singular: str, several: str | None = None) -> str:
    """Write a number of things.

    >>> plural(1, "run"), plural(2000, "run"), plural(0, "entry", "entries")
    ('1 run', '2,000 runs', '0 entries')
    """
    return f"{many:,} {singular if many == 1 else several or singular + 's'}"


def duration(seconds: float) -> str:
    """Write a time, in the unit that fits.

    >>> [duration(seconds) for seconds in (0.04, 12.34, 200, 5000, float("inf"))]
    ['0.04 s', '12 s', '3.3 min', '1.4 h', '∞']
    """
    if isinf(seconds):
        return number(seconds)
    if seconds < 100:
        return f"{number(seconds, 2) if seconds >= 0.005 else '0'} s"
    return f"{seconds / 60:.1f} min" if seconds < 3600 else f"{seconds / 3600:.1f} h"


def score(value: float) -> str:
    """Write a score whose 1 is best.

    >>> score(0.9894), score(float("-inf"))
    ('0.989', '−∞')
    """
    return number(value) if isinf(value) else f"{value:.3f}".replace("-", "−")


def power(value: float) -> str:
    """Write a power of ten.

    >>> power(1e6)
    '10⁶'
    """
    return "10" + str(round(log10(value))).translate(SUPERSCRIPTS)


def _size(size: float, digits: int) -> str:
    """Digits of a number that is not negative."""
    if size == 0 or isinf(size):
        return "∞" if size else "0"
    if not 1e-4 <= size < 1e6:
        mantissa, exponent = f"{size:.{digits - 1}e}".split("e")
        return f"{_without_zeros(mantissa)}e{int(exponent)}"
    comma = "," if size >= 1e4 else ""  # four digits are read at a glance
    return _without_zeros(f"{size:{comma}.{max(0, digits - 1 - floor(log10(size)))}f}")


def _without_zeros(text: str) -> str:
    return text.rstrip("0").rstrip(".") if "." in text else text


def _scientific(value: float) -> str:
    digits, exponent = f"{value:.1e}".split("e")
    return f"{digits} × 10{str(int(exponent)).translate(SUPERSCRIPTS)}"
