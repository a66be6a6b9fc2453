"""The colours of all that is drawn: frames and films, figures, and the charts and texts of pages.

Categories have Okabe and Ito's colours, which colour-blind readers tell apart too; darker ones are for letters and thin
lines, pale ones for areas with letters on them. Nothing is told by colour alone.
"""

from __future__ import annotations

BLUE, ORANGE, GREEN, PINK = "#0072B2", "#D55E00", "#009E73", "#CC79A7"
"""Areas and marks. Colour-blind eyes take pink for a light grey, and tell it from `SLATE` by that."""

DARK_GREEN, DARK_PURPLE, DARK_AMBER, DARK_SKY, PLUM = "#00805D", "#A8487F", "#B07C00", "#3A9BD1", "#7A1F5C"
"""Letters and lines."""

PALE_SKY, PALE_AMBER, PALE_GREEN, PALE_PURPLE = "#A9D8F2", "#F3CE7A", "#7FCDB2", "#E2B8CF"
"""Areas, light enough for black letters."""

INK, SLATE, GREY, LINE, PAPER, WHITE = "#1F2933", "#52606D", "#6B7885", "#D5DBE1", "#F4F6F8", "#FFFFFF"
"""Inks and papers, from what is written to what it is written on."""

COMPARED = (BLUE, ORANGE, GREEN, DARK_PURPLE, DARK_AMBER, DARK_SKY, SLATE, PLUM)
"""Lines and marks of what a chart compares, in order."""

PAGE = {
    "paper": WHITE,
    "ink": INK,
    "soft": SLATE,
    "line": LINE,
    "panel": PAPER,
    "link": "#005A94",
    "sure": DARK_GREEN,
    "unsure": "#8A5A00",
    "bad": "#AA1111",
    "good": "#E3F3EC",
    "poor": "#FBE9E7",
}
"""Colours of a page by what they are for: paper and panels, letters on them, and cells that stand out."""

DARK_COMPARED = ("#4AA8E0", "#FF8433", "#2CC79A", "#E08CC0", "#E6B02E", "#8FD0F7", "#C4C8CC", "#CF7FB4")
"""The same as `COMPARED` where the paper is dark."""

DARK_PAGE = {
    "paper": "#15181C",
    "ink": "#E6E8EA",
    "soft": "#A3AAB2",
    "line": "#353B42",
    "panel": "#1E2328",
    "link": "#7CC4F5",
    "sure": "#2CC79A",
    "unsure": "#F0B040",
    "bad": "#FF8A80",
    "good": "#17382B",
    "poor": "#40211D",
}
"""The same as `PAGE` where the paper is dark."""
