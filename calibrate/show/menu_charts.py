"""Charts of a page of advice on any number of models: costs side by side, and cost over the share of a hand-over."""

from __future__ import annotations

from xml.etree.ElementTree import Element

import numpy as np

from routegame.calibrate.decide.menu_decision import MenuDecision
from routegame.calibrate.decide.menu_offers import MenuOffer
from routegame.eval.report.markup import element
from routegame.eval.report.svg import Chart, Scale
from routegame.eval.statistics import Estimate
from routegame.numerals import number, percent

MOST_SPAN = 4.0
"""The chart shows no more than so many times the range of medians, so that a cliff does not hide it."""


def alternative_bars(decision: MenuDecision) -> list[tuple[MenuOffer, Estimate, Element]]:
    """Return the families side by side with the bar of what each costs, on one scale."""
    ends = [float(end) for _, cost in decision.alternatives for end in (cost.low, cost.high)]
    pad = 0.04 * (max(ends) - min(ends)) or 0.05 * abs(max(ends)) or 1.0
    scale = Scale(min(ends) - pad, max(ends) + pad, 8, 172)
    return [(offer, cost, _bar(scale, cost)) for offer, cost in decision.alternatives]


def _bar(scale: Scale, cost: Estimate) -> Element:
    low, value, high = (f"{float(scale(float(x))):.1f}" for x in (cost.low, cost.value, cost.high))
    parts = [
        element("path", class_="line k0", d=f"M{low} 9H{high}"),
        element("use", href="#m0", class_="mark k0", x=value, y=9),
    ]
    return element("svg", *parts, viewBox="0 0 180 18", width=180, class_="interval", aria_hidden="true")


def share_chart(decision: MenuDecision) -> Element:
    """Draw the provider's cost over the share of the recommended family, with its band."""
    (share, cost), chosen = decision.curve, decision.commitment
    value, low, high = (np.asarray(x) for x in (cost.value, cost.low, cost.high))
    star = float(np.interp(chosen.share, share, value))
    edge = float(decision.threshold.high)
    limit = min(1.0, 1.5 * max(chosen.share, edge if np.isfinite(edge) else 0.0)) or 1.0
    inside = share <= limit
    bottom = float(low[inside].min())
    top = min(float(high[inside].max()), bottom + MOST_SPAN * (max(star, float(np.median(value[inside]))) - bottom))
    pad = 0.06 * (top - bottom) or 0.05 * abs(top) or 1.0
    about = f"The commitment lies at {percent(chosen.share)}, at a cost of {number(star, 4)} a task."
    chart = Chart(
        "share", "What the share costs", about, (0.0, limit, False), (bottom - pad, top + pad, False)
    )  # fmt: skip
    chart.axes("share handed over", "cost of a task", percent, number)
    chart.band(share[inside], low[inside], high[inside], "k0")
    chart.line(share[inside], value[inside], "k0")
    chart.mark(chosen.share, star, "best", "star")
    return chart.svg()
