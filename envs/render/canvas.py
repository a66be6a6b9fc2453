"""A sheet to draw on: lines, arcs and words placed in points of a small page, with clean edges.

Everything is drawn at twice the size and averaged down at the end, which is a quarter of the work of drawing each edge
well and looks the same. Words are set in DejaVu Sans, as in the project's figures, from matplotlib's own copy of it.
"""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

ZOOM = 2
"""Pixels drawn for one pixel shown, in each direction."""

SMALLER = (1, 0.94, 0.88, 0.82)
"""Words too wide for their place are first set in these shares of their size, and then cut short."""

Box = tuple[float, float, float, float]
"""Left, top, right and bottom."""

Point = tuple[float, float]


class Canvas:
    """A sheet of one colour.

    Args:
        width: of the sheet, in points, which are the pixels of the finished picture.
        height: likewise.
        colour: of the sheet.
    """

    def __init__(self, width: int, height: int, colour: str) -> None:
        self._image = Image.new("RGB", (ZOOM * width, ZOOM * height), colour)
        self._draw = ImageDraw.Draw(self._image)

    def pixels(self) -> NDArray[np.uint8]:
        """Return the finished picture, (height, width, 3)."""
        return np.array(self._image.reduce(ZOOM))

    def panel(self, box: Box, fill: str, edge: str | None = None, radius: float = 10) -> None:
        """Draw a box with round corners."""
        left, top, right, bottom = (ZOOM * x for x in box)
        shape = (left, top, right - 1, bottom - 1)
        self._draw.rounded_rectangle(shape, ZOOM * radius, fill=fill, outline=edge, width=ZOOM)

    def bar(self, box: Box, fill: str) -> None:
        """Draw a box with sharp corners; nothing where it has no width."""
        left, top, right, bottom = (round(ZOOM * x) for x in box)
        if right > left:
            self._draw.rectangle((left, top, right - 1, bottom - 1), fill=fill)

    def disc(self, centre: Point, radius: float, fill: str, edge: str | None = None) -> None:
        """Draw a disc."""
        self._draw.ellipse(_around(centre, radius), fill=fill, outline=edge, width=ZOOM)

    def ring(self, centre: Point, radius: float, width: float, share: float, colour: str) -> None:
        """Draw a share of a ring, clockwise from the top; `radius` is the outer one."""
        if share > 0:
            end = 360 * min(share, 1) - 90
            self._draw.arc(_around(centre, radius), -90, end, fill=colour, width=round(ZOOM * width))

    def path(self, points: list[Point], width: float, colour: str) -> None:
        """Draw a line from point to point, with round bends and ends."""
        self._draw.line([(ZOOM * x, ZOOM * y) for x, y in points], fill=colour, width=round(ZOOM * width))
        for point in points:
            self._draw.ellipse(_around(point, width / 2), fill=colour)

    def arrow(self, points: list[Point], width: float, colour: str) -> None:
        """Draw a line along points that run level or upright, with a head at its end."""
        (x0, y0), (x1, y1) = points[-2:]
        along, down, length = float(np.sign(x1 - x0)), float(np.sign(y1 - y0)), 3 * width + 3
        x, y, half = x1 - length * along, y1 - length * down, 0.55 * length
        self.path([*points[:-1], (x, y)], width, colour)
        corners = ((x1, y1), (x + half * down, y + half * along), (x - half * down, y - half * along))
        self._draw.polygon([(ZOOM * px, ZOOM * py) for px, py in corners], fill=colour)

    def words(
        self,
        at: Point,
        text: str,
        size: float,
        colour: str,
        room: float,
        *,
        anchor: str = "lm",
        bold: bool = False,
    ) -> float:
        """Write one line, and return how wide it became.

        Args:
            at: where.
            text: what.
            size: of the letters, in points.
            colour: of the letters.
            room: the most width it may take; it is set smaller and then cut short to keep to it.
            anchor: which point of the text is `at`, in Pillow's terms: "lm" is left and middle.
            bold: whether in bold type.
        """
        text, font = fitted(text, size, room, bold=bold)
        self._draw.text((ZOOM * at[0], ZOOM * at[1]), text, fill=colour, font=font, anchor=anchor)
        return font.getlength(text) / ZOOM


@lru_cache(maxsize=4096)
def fitted(text: str, size: float, room: float, *, bold: bool = False) -> tuple[str, ImageFont.FreeTypeFont]:
    """Return the text and the font in which it is at most `room` wide: as it is, else smaller, else cut short too."""
    for smaller in SMALLER:
        font = _font(smaller * size, bold)
        if font.getlength(text) <= ZOOM * room:
            return text, font
    kept = len(text)
    while kept and font.getlength(f"{text[:kept]}…") > ZOOM * room:
        kept -= 1
    return (f"{text[:kept].rstrip()}…" if kept else ""), font


@lru_cache(maxsize=256)
def _font(size: float, bold: bool) -> ImageFont.FreeTypeFont:
    file = "DejaVuSans-Bold.ttf" if bold else "DejaVuSans.ttf"
    return ImageFont.truetype(_fonts() / file, ZOOM * size, layout_engine=ImageFont.Layout.BASIC)


@lru_cache(maxsize=1)
def _fonts() -> Path:
    """Return where matplotlib keeps its fonts; imported only once something is drawn."""
    import matplotlib

    return Path(matplotlib.get_data_path()) / "fonts" / "ttf"


def _around(centre: Point, radius: float) -> Box:
    """Return the box of a circle, in pixels of the sheet."""
    (x, y), r = centre, ZOOM * radius
    return ZOOM * x - r, ZOOM * y - r, ZOOM * x + r, ZOOM * y + r
