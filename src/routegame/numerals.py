"""Numbers as people read them: how percentages, money, counts and times are written, in text, tables, charts and pages.

A number has so many significant digits, more only before the point, and no zeros at the end of its fraction. What is
meant for programs, JSON and CSV, is written at full precision elsewhere.

A commitment or a threshold may be typed back by who reads it, and where users' answer flips at it the nearest short
number can lie on the wrong side. Such numbers are written in full; `rounded` makes them short beforehand, on the side
on which what is said of them holds. Whoever forgets to gets many digits, and no false ones.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from itertools import combinations, product
from math import floor, isinf, log10
from typing import SupportsFloat

CURRENCIES = ("$", "€", "£", "¥")
"""Units that stand before the number."""

SUPERSCRIPTS = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")

NO_DISTANCE = 1e-9
"""A probability nearer to 0 or 1 than this, which is nearer than any search looks, may read as that."""

ALL_DIGITS = 17
"""Digits by which every number of double precision is told from any other."""

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


def percents(ratios: SupportsFloat | tuple[SupportsFloat, ...], digits: int = 3) -> str:
    """Write a ratio, or one for each model, in percent.

    >>> percents(0.5), percents((1.0, 0.2467))
    ('50 %', '100 %, 24.7 %')
    """
    each = ratios if isinstance(ratios, tuple) else (ratios,)
    return ", ".join(percent(ratio, digits) for ratio in each)


# ---- commitments and thresholds: numbers that may be typed back


def rounded(value: float, digits: int, holds: Callable[[float], bool]) -> float:
    """Round a number to a short decimal of which still holds what is said of it.

    The nearest decimal of so many digits is taken if the claim holds at it, else the one on the other side of the
    number, else one of more digits, and at last the number itself: where it lies in a narrow place, or in none. Of a
    number that has so few digits itself, the next ones to both sides are tried, too.

    Args:
        value: finite.
        digits: significant ones to begin with, as of `number`.
        holds: the claim, asked of the very float that the written decimal is read back as.

    >>> rounded(0.07832424, 3, lambda s: s >= 0.07832424), rounded(0.07832424, 3, lambda s: s <= 0.07832424)
    (0.0784, 0.0783)
    >>> rounded(0.07832424, 3, lambda s: abs(s - 0.07832424) < 1e-5)  # a narrow place
    0.07832
    """
    return rounded_together((value,), digits, lambda short: holds(short[0]))[0]


def rounded_together(
    values: Sequence[float], digits: int, holds: Callable[[tuple[float, ...]], bool]
) -> tuple[float, ...]:
    """Round several numbers of which one thing is said, see `rounded`: to as many digits each, few away from nearest.

    >>> rounded_together((0.25, 0.36), 1, lambda point: sum(point) >= 0.61)
    (0.3, 0.4)
    """
    given = tuple(map(float, values))
    for more in range(digits, ALL_DIGITS):
        for short in _neighbours([_around(value, more) for value in given]):
            if holds(short):
                return short
    return given


def rounded_prob(probability: float, digits: int, holds: Callable[[float], bool]) -> float:
    """Round a probability as `rounded` does, to 0 or 1 only what is within `NO_DISTANCE` of it.

    Near 1 it has a digit of what it is short of that.

    >>> rounded_prob(0.99996, 3, lambda s: True), rounded_prob(1 - 1e-12, 3, lambda s: True)
    (0.99996, 1.0)
    """
    gap = 1 - probability
    return rounded(
        probability,
        max(digits, -floor(log10(gap))) if gap > NO_DISTANCE else digits,
        lambda short: (0 < short < 1 or abs(short - probability) <= NO_DISTANCE) and holds(short),
    )


def agrees(value: SupportsFloat, shown: SupportsFloat, digits: int) -> bool:
    """Whether a number is another one as `number` writes it with so many digits, up to one unit of the last of them.

    >>> agrees(0.0573702, 0.0573697, 5), agrees(0.0573718, 0.0573697, 5), agrees(1e-9, 0, 5)
    (True, False, False)
    """
    exact, other = Decimal(float(value)), Decimal(float(shown))
    if not other:
        return not exact
    unit = Decimal(1).scaleb(_last_place(abs(other), digits))
    return abs(exact - other.quantize(unit)) <= unit


def written(value: SupportsFloat) -> str:
    """Write a number in full: as many digits as it takes to read the same number back.

    >>> [written(value) for value in (0.0784, 0.0783242402928442, 120.0, -12345.5, 2.5e-9, float("inf"))]
    ['0.0784', '0.0783242402928442', '120', '−12,345.5', '2.5e-9', '∞']
    """
    single = float(value)
    return ("−" if single < 0 else "") + ("∞" if isinf(single) else _in_full(Decimal(repr(abs(single)))))


def written_amount(value: SupportsFloat, unit: str = "") -> str:
    """Write a quantity that is not negative in full, with its unit as of `amount`.

    >>> written_amount(0.0784, "$"), written_amount(121.637, "s")
    ('$0.0784', '121.637 s')
    """
    return f"{unit}{written(value)}" if unit in CURRENCIES else f"{written(value)} {unit}".rstrip()


def handed_over(cascade_prob: SupportsFloat) -> str:
    """Write the share of failures that a commitment hands over, in percent and in full.

    >>> handed_over(0.0784), handed_over(1.0)
    ('7.84 %', '100 %')
    """
    return f"{_in_full(Decimal(repr(float(cascade_prob))).scaleb(2))} %"


def coordinates_text(coordinates: Sequence[float]) -> str:
    """Write a point of a leader's box in full.

    >>> coordinates_text((0.5, 0.03125))
    '0.5, 0.03125'
    """
    return ", ".join(map(written, coordinates))


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


def _in_full(size: Decimal) -> str:
    """Digits of a decimal that is not negative, all of them."""
    if size and not Decimal("1e-4") <= size < Decimal("1e6"):
        mantissa, exponent = f"{size.normalize():e}".split("e")
        return f"{_without_zeros(mantissa)}e{int(exponent)}"
    return _without_zeros(f"{size:,f}" if size >= 10_000 else f"{size:f}")


def _last_place(size: Decimal, digits: int) -> int:
    """Exponent of the last of so many digits of a number that is not 0, as `_size` writes it."""
    place = size.adjusted() - digits + 1
    return min(place, 0) if Decimal("1e-4") <= size < Decimal("1e6") else place


def _around(value: float, digits: int) -> tuple[float, ...]:
    """Decimals of so many digits around a number, the nearest first: of either side, and the number if it is one."""
    exact = Decimal(value)
    if not exact:
        return (value,)
    unit = Decimal(1).scaleb(_last_place(abs(exact), digits))
    below, above = exact.quantize(unit, ROUND_FLOOR), exact.quantize(unit, ROUND_CEILING)
    if float(below) == value or float(above) == value:
        middle = below if float(below) == value else above
        return value, float(middle + unit), float(middle - unit)
    return (float(below), float(above)) if exact - below <= above - exact else (float(above), float(below))


def _neighbours(around: Sequence[tuple[float, ...]]) -> Iterator[tuple[float, ...]]:
    """Points of the nearest decimals of each number but of none, one, two or all of them."""
    several = range(len(around))
    for many in sorted({*range(min(len(around), 2) + 1), len(around)}):
        for away in combinations(several, many):
            yield from product(*(near[1:] if k in away else near[:1] for k, near in enumerate(around)))
