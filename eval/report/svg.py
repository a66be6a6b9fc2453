"""Charts as SVG: a scale for each axis, and lines, bands, levels and marks between them.

Colours, widths and dashes are the page's, by classes: `k0`, `k1`, … for what is compared, see report.css. A chart has a
title and a description for those who do not see it, and no part of it is told by colour alone.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from math import ceil, floor, log10
from xml.etree.ElementTree import Element

import numpy as np
from numpy.typing import ArrayLike

from routegame.envs.arrays import FloatArray
from routegame.envs.render.palette import COMPARED
from routegame.eval.report.markup import element

WIDTH, HEIGHT = 440, 304
"""Size of a chart, in the units of its drawing; as many pixels or a few more or less on the screen."""

SMALL = 300, 190
"""Size of a chart that is one of several beside each other."""

LEFT, RIGHT, TOP, BOTTOM = 66, 27, 26, 48
"""Margins of the plot within a chart, in the same units."""

MARKERS = (
    "M-4 0A4 4 0 1 0 4 0A4 4 0 1 0-4 0Z",
    "M-3.6-3.6H3.6V3.6H-3.6Z",
    "M0-4.8L4.6 3.6H-4.6Z",
    "M0-5.2L4.2 0L0 5.2L-4.2 0Z",
    "M0 4.8L4.6-3.6H-4.6Z",
    "M-1.6-4.6H1.6V-1.6H4.6V1.6H1.6V4.6H-1.6V1.6H-4.6V-1.6H-1.6Z",
    "M0-5L4.8-1.5L2.9 4.1H-2.9L-4.8-1.5Z",
)
"""Outlines, about ten units wide: circle, square, triangle, diamond, triangle on its tip, cross, pentagon."""

NUM_COLOURS, NUM_DASHES = len(COMPARED), 5
"""Numbers of colours and of dashes; none of these and that of markers divides another, so that pairs repeat late."""

SHAPES = {f"m{k}": outline for k, outline in enumerate(MARKERS)} | {
    "star": "M0-9L2.1-2.9H8.6L3.4 1.1L5.3 7.3L0 3.6L-5.3 7.3L-3.4 1.1L-8.6-2.9H-2.1Z"
}
"""Outlines that charts and legends refer to by name; they stand once on a page, unseen."""


@dataclass(frozen=True)
class Scale:
    """Maps numbers to places on the page.

    Attributes:
        low: the number at `start`.
        high: the number at `stop`.
        start: place, in units of the drawing.
        stop: place.
        log: whether equal ratios, not differences, are equally far apart.
    """

    low: float
    high: float
    start: float
    stop: float
    log: bool = False

    def __call__(self, values: ArrayLike) -> FloatArray:
        """Return the places of numbers; those beyond an end come to lie on it."""
        inside = np.clip(np.asarray(values, dtype=np.float64), self.low, self.high)
        low, high = self.low, self.high
        if self.log:
            inside, low, high = np.log10(inside), log10(low), log10(high)
        return self.start + (inside - low) / (high - low) * (self.stop - self.start)

    def ticks(self, most: int = 6) -> list[float]:
        """Return round numbers within, about five; of a logarithmic scale no more than `most` and one."""
        if self.log:
            first, last = ceil(log10(self.low) - 1e-9), floor(log10(self.high) + 1e-9)
            return [10.0**k for k in range(first, last + 1, max(1, ceil((last - first) / most)))]
        step = _round_step((self.high - self.low) / 5)
        return [k * step for k in range(ceil(self.low / step - 1e-9), floor(self.high / step + 1e-9) + 1)]


class Chart:
    """An SVG that grows.

    Args:
        name: unique on the page.
        title: what is shown, for those who do not see it.
        about: what there is to see in it, for the same.
        x: smallest and largest number of the horizontal axis, and whether it is logarithmic.
        y: the same of the vertical one.
        margin: left free at the right side, in units of the drawing.
        size: width and height.
    """

    def __init__(
        self,
        name: str,
        title: str,
        about: str,
        x: tuple[float, float, bool],
        y: tuple[float, float, bool],
        *,
        margin: float = 0,
        size: tuple[float, float] = (WIDTH, HEIGHT),
    ) -> None:
        self.x = Scale(x[0], x[1], LEFT, size[0] - RIGHT - margin, x[2])
        self.y = Scale(y[0], y[1], size[1] - BOTTOM, TOP, y[2])
        self._size = size
        self._parts: list[Element] = [
            element("title", title, id=f"{name}-t"),
            element("desc", about, id=f"{name}-d"),
        ]
        self._name = name

    def axes(
        self,
        x_label: str,
        y_label: str,
        x_text: Callable[[float], str],
        y_text: Callable[[float], str],
        most_ticks: int = 6,
    ) -> None:
        """Draw both axes and the grid, labels as the functions put numbers; before all else, so that it lies below."""
        left, right, bottom, top = self.x.start, self.x.stop, self.y.start, self.y.stop
        x_ticks, y_ticks = self.x.ticks(most_ticks), self.y.ticks(most_ticks)
        across, up = self.x(x_ticks), self.y(y_ticks)
        grid = "".join(f"M{_short(v)} {bottom}V{top}" for v in across)
        grid += "".join(f"M{left} {_short(v)}H{_short(right)}" for v in up)
        self._add("path", class_="grid", d=grid)
        self._add("path", class_="axis", d=f"M{left} {top}V{bottom}H{_short(right)}")
        for value, place in zip(x_ticks, across, strict=True):
            self._add("text", x_text(value), class_="tick mid", x=_short(place), y=bottom + 20)
        for value, place in zip(y_ticks, up, strict=True):
            self._add("text", y_text(value), class_="tick end", x=left - 6, y=_short(place + 4))
        self._add("text", x_label, class_="label mid", x=_short((left + right) / 2), y=self._size[1] - 6)
        self._add("text", y_label, class_="label", x=2, y=13)

    def line(self, x: ArrayLike, y: ArrayLike, class_: str, *, steps: bool = False) -> None:
        """Draw a line where both numbers are finite, through the points or in steps that go up after each."""
        for across, up in _pieces(np.asarray(x, dtype=np.float64), np.asarray(y, dtype=np.float64)):
            self._add("path", class_=f"line {class_}", d=_path(self.x(across), self.y(up), steps))

    def band(self, x: ArrayLike, low: ArrayLike, high: ArrayLike, class_: str) -> None:
        """Fill what lies between two lines, where both have a number; inf lies on the edge."""
        across, below, above = (np.asarray(values, dtype=np.float64) for values in (x, low, high))
        fine = ~np.isnan(below) & ~np.isnan(above)
        if fine.sum() > 1:
            there = _path(self.x(across[fine]), self.y(above[fine]))
            back = _path(self.x(across[fine][::-1]), self.y(below[fine][::-1]))
            self._add("path", class_=f"band {class_}", d=f"{there}L{back[1:]}Z")

    def level(self, y: float, class_: str) -> None:
        """Draw a line at one height."""
        height = _short(float(self.y(y)))
        self._add("path", class_=f"line {class_}", d=f"M{self.x.start} {height}H{_short(self.x.stop)}")

    def mark(self, x: float, y: float, class_: str, shape: str) -> None:
        """Put a shape of the page, see `SHAPES`, at numbers."""
        self.put(float(self.x(x)), float(self.y(y)), class_, shape)

    def put(self, across: float, up: float, class_: str, shape: str) -> None:
        """Put a shape at a place."""
        self._add("use", href=f"#{shape}", class_=class_, x=_short(across), y=_short(up))

    def rule(self, d: str, class_: str) -> None:
        """Draw a path given by places."""
        self._add("path", class_=class_, d=d)

    def text(self, across: float, up: float, words: str, class_: str) -> None:
        """Write at a place."""
        self._add("text", words, class_=class_, x=_short(across), y=_short(up))

    def _add(self, tag: str, *content: Element | str, **attributes: object) -> None:
        self._parts.append(element(tag, *content, **attributes))

    def svg(self, height: float | None = None) -> Element:
        """Return the whole chart, or so much of its height."""
        name, width = self._name, self._size[0]
        shown = self._size[1] if height is None else height
        about = {"role": "img", "aria_labelledby": f"{name}-t", "aria_describedby": f"{name}-d"}
        return element("svg", *self._parts, viewBox=f"0 0 {_short(width)} {_short(shown)}", class_="chart", **about)


def style_of(index: int) -> str:
    """Return the classes of what is compared at this place: its colour and its dashes."""
    return f"k{index % NUM_COLOURS} d{index % NUM_DASHES}"


def marker_of(index: int) -> str:
    """Return the shape of what is compared at this place."""
    return f"m{index % len(MARKERS)}"


def _pieces(x: FloatArray, y: FloatArray) -> list[tuple[FloatArray, FloatArray]]:
    """Cut a line where a number is missing; a single point is no line."""
    fine = np.isfinite(x) & np.isfinite(y)
    edges = np.flatnonzero(np.diff(np.concatenate([[0], fine.astype(int), [0]])))
    return [(x[a:b], y[a:b]) for a, b in edges.reshape(-1, 2) if b - a > 1]


def _path(across: FloatArray, up: FloatArray, steps: bool = False) -> str:
    """Return a path through places; what differs by less than a tenth of a unit is not written twice."""
    points = [(_short(a), _short(b)) for a, b in zip(across.tolist(), up.tolist(), strict=True)]
    parts = [f"M{points[0][0]} {points[0][1]}"]
    for (before_a, before_b), (a, b) in pairwise(points):
        if (a, b) == (before_a, before_b):
            continue
        if steps and a != before_a and b != before_b:
            parts.append(f"H{a}V{b}")
        elif a == before_a:
            parts.append(f"V{b}")
        else:
            parts.append(f"H{a}" if b == before_b else f"L{a} {b}")
    return "".join(parts)


def _short(value: float) -> str:
    """Return a place to a tenth of a unit."""
    return f"{value:.1f}".removesuffix(".0").replace("-0.0", "0")


def _round_step(rough: float) -> float:
    scale = 10.0 ** floor(log10(rough))
    return next(scale * factor for factor in (1.0, 2.0, 5.0, 10.0) if rough <= scale * factor * (1 + 1e-9))
