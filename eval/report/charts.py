"""Charts of a report: how regret fell, how many runs lost how much, and what the commitments of a game cost."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import inf, isfinite, isnan
from xml.etree.ElementTree import Element

import numpy as np

from routegame.envs.arrays import FloatArray
from routegame.eval.judge.account import CostPicture
from routegame.eval.mean_ranks import MeanRanks
from routegame.eval.report.archive import RunRecord
from routegame.eval.report.markup import element
from routegame.eval.report.svg import RIGHT, SMALL, WIDTH, Chart, Scale, marker_of, style_of
from routegame.eval.run.learning_curve import LearningCurve
from routegame.eval.statistics import SUCCESS, Estimate
from routegame.numerals import percent, power

FLOOR = 1e-5
"""Relative regret below which an axis does not tell: no run is long enough to."""

CEILING = 100.0
"""Relative regret above which it does not."""

NUM_GRID = 64
"""Points of a learning curve."""

MOST_BANDS = 3
"""Learners whose bands can be told apart in one chart."""

LABEL = 118.0
"""Width of what stands beside a chart: names of learners."""

LINE = 15.0
"""Height of a line of them."""

MOST_LETTERS = 17
"""Letters of a name; more are cut off."""

RANKS_WIDTH, NAME_AND_RANK = 560, 158
"""Width of the chart of mean ranks, and of a name and a number at either side of it."""

MOST_TICKS = 12
"""Ranks up to which each has its number."""

STRIP = 72
"""Width of the part of a cost chart that belongs to commitments aside."""


@dataclass(frozen=True)
class Spread:
    """Regret of the runs of a learner on their way, over passes: each (num_points,).

    Attributes:
        passes: ascending.
        median: of regret there.
        low: its lower quartile.
        high: its upper quartile.
    """

    passes: FloatArray
    median: FloatArray
    low: FloatArray
    high: FloatArray

    @classmethod
    def of(cls, curves: Sequence[LearningCurve | None]) -> Spread | None:
        """Return the spread of runs, None where none has a curve; a run that has ended keeps what it ended with.

        Args:
            curves: of the runs; None for a run that failed: its regret is infinite.
        """
        known = [curve for curve in curves if curve is not None]
        if not known:
            return None
        first = max(1.0, min(float(curve.passes[0]) for curve in known))
        passes = np.geomspace(first, max([first, *(float(curve.passes[-1]) for curve in known)]), NUM_GRID)
        values = np.full((len(curves), NUM_GRID), inf)
        for row, curve in zip(values, curves, strict=True):
            if curve is not None:
                before = np.searchsorted(curve.passes, passes, side="right") - 1
                row[:] = np.where(before < 0, inf, curve.regret[before])
        ordered = np.sort(values, axis=0)
        last = len(ordered) - 1
        low, high = ordered[last // 2], ordered[last - last // 2]
        with np.errstate(invalid="ignore"):
            return cls(passes, (low + high) / 2, ordered[last // 4], ordered[last - last // 4])


def spreads(curves: Mapping[int, Sequence[LearningCurve | None]]) -> dict[int, Spread]:
    """Return the spread of the runs of each learner that has a curve, by its place."""
    found = {k: Spread.of(of) for k, of in curves.items()}
    return {k: spread for k, spread in found.items() if spread is not None}


def learning_chart(
    name: str, title: str, about: str, drawn: Mapping[int, Spread], names: Mapping[int, str] | None = None
) -> Element | None:
    """Draw relative regret over passes: the median of each learner, and between its quartiles a band.

    Bands of more than `MOST_BANDS` learners would hide each other and are left out, see `learning_panels`.

    Args:
        name: unique on the page.
        title: what is shown.
        about: what there is to see.
        drawn: regret of the runs of each learner, by its place.
        names: what lines are called, at their right ends; nothing by default.

    Returns:
        The chart; None where no run has a curve.
    """
    if not drawn:
        return None
    margin = 0.0 if names is None else LABEL
    chart = Chart(name, title, about, *_learning_axes(drawn), margin=margin)
    most = 6 if names is None else 4
    chart.axes("passes played", "regret (at the bottom: 0.001 % or less)", power, _regret_tick, most_ticks=most)
    chart.level(SUCCESS, "aim")
    for k, spread in drawn.items() if len(drawn) <= MOST_BANDS else ():
        chart.band(spread.passes, spread.low, spread.high, style_of(k))
    for k, spread in drawn.items():
        _draw_median(chart, k, spread)
    if names is not None:
        _name_lines(chart, drawn, names)
    return chart.svg()


def _name_lines(chart: Chart, drawn: Mapping[int, Spread], names: Mapping[int, str]) -> None:
    """Write what lines are called at the right, in the order of their ends, and lead from each end to its name.

    A line whose median never came down has no end, and its name stands at the top, where it would be.
    """
    ends = {k: (float(spread.passes[-1]), float(spread.median[-1])) for k, spread in drawn.items()}
    wanted = {k: float(chart.y(regret)) if isfinite(regret) else chart.y.stop for k, (_, regret) in ends.items()}
    order = sorted(wanted, key=lambda k: (wanted[k], k))
    gap = min(LINE, (chart.y.start - chart.y.stop + LINE) / len(order))
    across = chart.x.stop + 12
    for k, place in zip(order, spaced([wanted[k] for k in order], gap, chart.y.stop, chart.y.start), strict=True):
        if isfinite(ends[k][1]):
            start = _short_of(chart.x, ends[k][0])
            chart.rule(f"M{start} {wanted[k]:.1f}L{chart.x.stop + 2} {place:.1f}H{across - 2}", "line other")
        chart.text(across, place + 4, short_name(names[k]), "tick")


def spaced(wanted: Sequence[float], gap: float, low: float, high: float) -> list[float]:
    """Return ascending places that are at least a gap apart, as near to the wanted ones as one pass each way brings.

    >>> spaced([10.0, 10.0, 11.0, 40.0], 5.0, 8.0, 42.0)
    [10.0, 15.0, 20.0, 40.0]
    >>> spaced([40.0, 41.0, 42.0], 5.0, 8.0, 42.0)
    [32.0, 37.0, 42.0]
    """
    places: list[float] = []
    for place in wanted:
        places.append(max(place, low if not places else places[-1] + gap))
    for k in reversed(range(len(places))):
        places[k] = min(places[k], high if k == len(places) - 1 else places[k + 1] - gap)
    return places


def short_name(name: str) -> str:
    """Return a name as it fits beside a chart.

    >>> short_name("evolution"), short_name("some.package:TheirLearner")
    ('evolution', 'some.package:The…')
    """
    return name if len(name) <= MOST_LETTERS else f"{name[: MOST_LETTERS - 1]}…"


def rank_chart(name: str, about: str, found: MeanRanks, places: Mapping[str, int]) -> Element:
    """Draw mean ranks on a line, the best at the left; a bar joins those that cannot be told apart.

    Args:
        name: unique on the page.
        about: what there is to see.
        found: mean ranks.
        places: of learners, which say what marks they have.
    """
    number, groups, line = len(found.learners), found.groups(), 58.0
    left = (number + 1) // 2
    width, right = RANKS_WIDTH, RANKS_WIDTH - NAME_AND_RANK
    scale = Scale(1, number, NAME_AND_RANK + 8, right - 8)
    below = line + 20 + 8 * len(groups)
    size = width, below + LINE * left
    chart = Chart(name, "Mean ranks", about, (1, number, False), (0, 1, False), size=size)
    end = _short_of(scale, 1 + min(found.difference, number - 1))
    chart.rule(f"M{scale.start} 18V10M{scale.start} 14H{end}M{end} 18V10", "axis")
    chart.text(scale.start, 32, f"critical difference {found.difference:.2f}", "tick")
    chart.rule(f"M{scale.start} {line}H{scale.stop}", "axis")
    for tick in range(1, number + 1):
        chart.rule(f"M{_short_of(scale, tick)} {line}V{line - 5}", "axis")
        if tick in (1, number) or number <= MOST_TICKS:
            chart.text(float(scale(tick)), line - 9, str(tick), "tick mid")
    for k, (learner, rank) in enumerate(zip(found.learners, found.ranks, strict=True)):
        style, at, shown = style_of(places[learner]), _short_of(scale, rank), short_name(learner)
        up = below + LINE * (k if k < left else number - 1 - k)
        chart.rule(f"M{at} {line}V{up}H{NAME_AND_RANK if k < left else right}", f"line faint {style.split()[0]}")
        chart.put(float(scale(rank)), line, f"mark {style}", marker_of(places[learner]))
        if k < left:
            chart.text(NAME_AND_RANK - 4, up + 4, f"{shown} {rank:.1f}", "tick end")
        else:
            chart.text(right + 4, up + 4, f"{rank:.1f} {shown}", "tick")
    for k, (first, last) in enumerate(groups):
        ends = (_short_of(scale, found.ranks[place]) for place in (first, last))
        chart.rule(f"M{next(ends)} {line + 10 + 8 * k}H{next(ends)}", "line group")
    return chart.svg()


def learning_panels(name: str, titles: Mapping[int, str], drawn: Mapping[int, Spread]) -> dict[int, Element]:
    """Draw a small chart for each learner, by its place: its median and quartiles, and in grey the medians of others.

    All have the same axes. Nothing is drawn where a single chart has room for all bands.

    Args:
        name: unique on the page; each has its place added.
        titles: names of learners, by their place.
        drawn: regret of the runs of each, see `learning_chart`.
    """
    if len(drawn) <= MOST_BANDS:
        return {}
    panels = {}
    for k, spread in drawn.items():
        about = "Its median run, between the quartiles of all its runs a band, and in grey the medians of the others."
        chart = Chart(f"{name}-{k}", f"Learning curve of {titles[k]}", about, *_learning_axes(drawn), size=SMALL)
        chart.axes("passes played", "regret", power, _regret_tick, most_ticks=3)
        chart.level(SUCCESS, "aim")
        for other in drawn.keys() - {k}:
            chart.line(drawn[other].passes, drawn[other].median, "other", steps=True)
        chart.band(spread.passes, spread.low, spread.high, style_of(k))
        _draw_median(chart, k, spread)
        panels[k] = chart.svg()
    return panels


def _learning_axes(drawn: Mapping[int, Spread]) -> tuple[tuple[float, float, bool], tuple[float, float, bool]]:
    """Return the horizontal and the vertical axis that learning curves share."""
    low = min(float(spread.passes[0]) for spread in drawn.values())
    high = max([2 * low, *(float(spread.passes[-1]) for spread in drawn.values())])
    regrets = (float(v) for spread in drawn.values() for v in (*spread.median, *spread.high))
    return (low, high, True), (FLOOR, _decade(max([1.0, *filter(isfinite, regrets)])), True)


def _draw_median(chart: Chart, k: int, spread: Spread) -> None:
    chart.line(spread.passes, spread.median, style_of(k), steps=True)
    if isfinite(spread.median[-1]):
        chart.mark(float(spread.passes[-1]), float(spread.median[-1]), f"mark {style_of(k)}", marker_of(k))


def profile_chart(name: str, about: str, thresholds_: FloatArray, shares: Sequence[Estimate]) -> Element:
    """Draw performance profiles: the share of runs that lost no more than each threshold, by the learner's place.

    Shares have their intervals as bands, but for those of more than `MOST_BANDS` learners.
    """
    span = float(thresholds_[0]), float(thresholds_[-1])
    chart = Chart(name, "Performance profiles", about, (*span, True), (0.0, 1.0, False))
    chart.axes("regret of at most", "share of runs", _regret_tick, percent)
    across = _short_of(chart.x, SUCCESS)
    chart.rule(f"M{across} {chart.y.start}V{chart.y.stop}", "line aim")
    for k, share in enumerate(shares if len(shares) <= MOST_BANDS else ()):
        chart.band(thresholds_, share.low, share.high, style_of(k))
    for k, share in enumerate(shares):
        chart.line(thresholds_, share.value, style_of(k), steps=True)
        values = np.asarray(share.value)
        at = int(len(values) * (k + 1) / (len(shares) + 1))
        chart.mark(float(thresholds_[at]), float(values[at]), f"mark {style_of(k)}", marker_of(k))
    return chart.svg()


def interval_scale(estimates: Iterable[Estimate]) -> Scale:
    """Return the scale that the intervals of a table share."""
    finite = [float(v) for e in estimates for v in (e.value, e.low, e.high) if isfinite(v)]
    return Scale(FLOOR, _decade(max([1.0, *finite])), 6, 144, log=True)


def interval_axis(scale: Scale) -> Element:
    """Draw the axis of intervals, for the head of a table."""
    texts = [
        element("text", _regret_tick(tick), class_="tick mid", x=_short_of(scale, tick), y=12)
        for tick in (1e-4, SUCCESS, 1.0)
    ]
    return element("svg", *texts, viewBox="0 0 150 16", width=150, class_="interval", aria_hidden="true")


def interval(scale: Scale, estimate: Estimate, index: int | None) -> Element:
    """Draw an estimate on the scale of its table, with its interval if it has one; the numbers stand beside it."""
    low, high, at = (_short_of(scale, float(v)) for v in (estimate.low, estimate.high, estimate.value))
    ends = f"M{low} 9H{high}M{low} 5V13M{high} 5V13"
    style = "rule" if index is None else style_of(index)
    shape = "m0" if index is None else marker_of(index)
    parts = [
        element("path", class_="grid", d="".join(f"M{_short_of(scale, tick)} 0V18" for tick in (1e-4, SUCCESS, 1.0))),
        *([] if isnan(float(estimate.low)) else [element("path", class_=f"whisker {style}", d=ends)]),
        element("use", href=f"#{shape}", class_=f"mark {style}", x=at, y=9),
    ]
    return element("svg", *parts, viewBox="0 0 150 18", width=150, class_="interval", aria_hidden="true")


def cost_chart(name: str, picture: CostPicture, ended: Sequence[tuple[int, RunRecord]]) -> Element:
    """Draw what commitments cost under the follower's exact best response, and where runs ended.

    Commitments that are not on the picture's line have a strip of their own at the right.

    Args:
        name: unique on the page.
        picture: what commitments cost.
        ended: runs that have finished, each after its learner's place.
    """
    aside, marks = picture.aside, {_mark_of(k, run, picture) for k, run in ended}
    levels = [*picture.levels, *(() if aside is None else aside.levels)]
    curves = [cost for curve in picture.curves.values() for cost in curve[np.isfinite(curve)].tolist()]
    costs = [*curves, *(cost for _, cost in levels), picture.best[1], *(mark.cost for mark in marks)]
    margin = STRIP if aside is not None else 0
    span = (0.0, picture.end, False)
    chart = Chart(name, picture.title, picture.about, span, (*_padded(costs), False), margin=margin)
    chart.axes(picture.axis, picture.cost_axis, picture.tick, picture.cost_tick)
    begin, end = WIDTH - RIGHT - STRIP + 8, WIDTH - 4
    if aside is not None:
        chart.rule(f"M{begin} {chart.y.stop}H{end}V{chart.y.start}H{begin}Z", "strip")
        chart.text((begin + end) / 2, chart.y.stop - 6, aside.name, "tick mid")
        for style, cost in aside.levels:
            chart.rule(f"M{begin} {_short_of(chart.y, cost)}H{end}", f"line {style}")
    for style, cost in picture.levels:
        chart.level(cost, style)
    for style, curve in picture.curves.items():
        chart.line(picture.positions, curve, style)
    _put(chart, (begin, end), *picture.best, "best", "star", 0.5)
    places = max((k for k, _ in ended), default=0) + 1
    for mark in sorted(marks, key=lambda mark: (mark.place, mark.at is None, mark.at or 0.0, mark.cost)):
        style = f"mark {style_of(mark.place)}{'' if mark.certified else ' hollow'}"
        _put(chart, (begin, end), mark.at, mark.cost, style, marker_of(mark.place), (mark.place + 0.5) / places)
    return chart.svg()


@dataclass(frozen=True)
class _Mark:
    """Mark of a run: its learner's place, its position (None: aside), its cost, and whether it is certified."""

    place: int
    at: float | None
    cost: float
    certified: bool


def _mark_of(place: int, run: RunRecord, picture: CostPicture) -> _Mark:
    assert run.commitment is not None  # it has finished
    return _Mark(place, picture.place(run.commitment), run.provider_cost, run.certified)


def _put(
    chart: Chart, strip: tuple[float, float], at: float | None, cost: float, style: str, shape: str, across: float
) -> None:
    """Mark a commitment where it is on the line, or aside in the strip, so far across."""
    if at is not None:
        chart.mark(at, cost, style, shape)
    else:
        place = strip[0] + 6 + across * (strip[1] - strip[0] - 12)
        chart.put(place, float(chart.y(cost)), style, shape)


def _padded(costs: Sequence[float]) -> tuple[float, float]:
    low, high = min(costs), max(costs)
    pad = 0.06 * (high - low) or 0.05 * abs(high) or 1.0
    return low - pad, high + pad


def _decade(number: float) -> float:
    """Return the power of ten from `number` on, at most `CEILING`."""
    return float(min(CEILING, 10.0 ** np.ceil(np.log10(number) - 1e-9)))


def _regret_tick(regret: float) -> str:
    return percent(regret)


def _short_of(scale: Scale, value: float) -> str:
    return f"{float(scale(value)):.1f}".removesuffix(".0")
