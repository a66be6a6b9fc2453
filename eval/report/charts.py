"""What a report draws: how regret fell, how many runs lost how much, and what the commitments of a game cost."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from math import inf, isfinite
from xml.etree.ElementTree import Element

import numpy as np
from numpy.typing import NDArray

from routegame.agents.exact.best_response import best_response, thresholds
from routegame.agents.exact.classic_games import SolvedPointGame
from routegame.agents.exact.solution import Solution
from routegame.agents.users.learned import LearnedFollower
from routegame.envs.arrays import FloatArray
from routegame.envs.chain import outcome
from routegame.envs.classic.point_game import Points
from routegame.envs.commitment import Commitments
from routegame.envs.game import Game
from routegame.eval.numerals import percent, power
from routegame.eval.report.archive import PointStage, RunRecord, Stage
from routegame.eval.report.markup import element
from routegame.eval.report.svg import RIGHT, WIDTH, Chart, Scale, marker_of, style_of
from routegame.eval.run.learning_curve import LearningCurve
from routegame.eval.statistics import SUCCESS, Estimate

FLOOR = 1e-5
"""Relative regret below which an axis does not tell: no run is long enough to."""

CEILING = 100.0
"""Relative regret above which it does not."""

NUM_GRID = 64
"""Points of a learning curve."""

STRIP = 72
"""Width of the part of a cost chart that belongs to route 2."""


def learning_chart(
    name: str, title: str, about: str, curves: Mapping[int, Sequence[LearningCurve | None]]
) -> Element | None:
    """Draw relative regret over passes: median of the runs of each learner, and between their quartiles a band.

    Args:
        name: unique on the page.
        title: what is shown.
        about: what there is to see.
        curves: of the runs of each learner, by its place; None for a run that failed: its regret is infinite.

    Returns:
        The chart; None where no run has a curve.
    """
    known = {k: [curve for curve in of if curve is not None] for k, of in curves.items()}
    if not any(known.values()):
        return None
    ends = [max(float(curve.passes[-1]) for curve in of) for of in known.values() if of]
    starts = [max(1.0, float(curve.passes[0])) for of in known.values() for curve in of]
    low, high = min(starts), max(2 * min(starts), *ends)
    drawn = {k: _median(of, known[k]) for k, of in curves.items() if known[k]}
    top = max([1.0, *(float(v) for _, median, _, above in drawn.values() for v in (*median, *above) if isfinite(v))])
    chart = Chart(name, title, about, (low, high, True), (FLOOR, _decade(top), True))
    chart.axes("passes played", "regret (at the bottom: 0.001 % or less)", power, _regret_tick)
    chart.level(SUCCESS, "aim")
    for k, (passes, _, below, above) in drawn.items():
        chart.band(passes, below, above, style_of(k))
    for k, (passes, median, _, _) in drawn.items():
        chart.line(passes, median, style_of(k), steps=True)
        if isfinite(median[-1]):
            chart.mark(float(passes[-1]), float(median[-1]), f"mark {style_of(k)}", marker_of(k))
    return chart.svg()


def _median(
    curves: Sequence[LearningCurve | None], known: Sequence[LearningCurve]
) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray]:
    """Passes, and the median and both quartiles of regret there; a run that has ended keeps what it ended with."""
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
        return passes, (low + high) / 2, ordered[last // 4], ordered[last - last // 4]


def profile_chart(name: str, about: str, thresholds_: FloatArray, shares: Sequence[Estimate]) -> Element:
    """Draw performance profiles: the share of runs that lost no more than each threshold, by the learner's place."""
    span = float(thresholds_[0]), float(thresholds_[-1])
    chart = Chart(name, "Performance profiles", about, (*span, True), (0.0, 1.0, False))
    chart.axes("regret of at most", "share of runs", _regret_tick, lambda share: f"{100 * share:.0f} %")
    across = _short_of(chart.x, SUCCESS)
    chart.rule(f"M{across} {chart.y.start}V{chart.y.stop}", "line aim")
    for k, share in enumerate(shares):
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
    """Draw an estimate on the scale of its table; the numbers stand beside it."""
    low, high, at = (_short_of(scale, float(v)) for v in (estimate.low, estimate.high, estimate.value))
    style = "rule" if index is None else style_of(index)
    shape = "m0" if index is None else marker_of(index)
    parts = [
        element("path", class_="grid", d="".join(f"M{_short_of(scale, tick)} 0V18" for tick in (1e-4, SUCCESS, 1.0))),
        element("path", class_=f"whisker {style}", d=f"M{low} 9H{high}M{low} 5V13M{high} 5V13"),
        element("use", href=f"#{shape}", class_=f"mark {style}", x=at, y=9),
    ]
    return element("svg", *parts, viewBox="0 0 150 18", width=150, class_="interval", aria_hidden="true")


def cost_chart(
    name: str,
    stage: Stage,
    solution: Solution,
    ended: Sequence[tuple[int, RunRecord]],
    units: str,
    learned: LearnedFollower | None = None,
) -> Element:
    """Draw the provider's cost over its commitments under the users' exact best response, and where runs ended.

    The cascade probability runs from 0 to as far as it takes to see all; commitments to route 2 have a strip of their
    own at the right.

    Args:
        name: unique on the page.
        stage: the game.
        solution: of it, with throttling where it has that.
        ended: runs that have finished, each after its learner's place.
        units: of cost, "" for none.
        learned: users as they learned to answer, whose cost is drawn too.
    """
    game, best = stage.game, solution.equilibrium
    limit = _shown_range(solution, [run for _, run in ended])
    cascade = _cascades(game, limit)
    exact = np.asarray(outcome(game, 1, cascade, best_response(game, 1, cascade)).provider_cost)
    route_2 = float(outcome(game, 2, 0, best_response(game, 2, 0)).provider_cost)
    slowed = [float(outcome(game, route, 0, 1).provider_cost) for route in (1, 2)] if stage.throttling else []
    believed = None if learned is None else _believed(game, cascade, learned)
    costs = [*exact.tolist(), route_2, *slowed, float(best.provider_cost), *(run.provider_cost for _, run in ended)]
    costs += [] if believed is None else believed[np.isfinite(believed)].tolist()
    chart = Chart(
        name,
        f"What a commitment costs in {stage.name}",
        _cost_words(stage, solution, ended),
        (0.0, limit, False),
        (*_padded(costs), False),
        margin=STRIP,
    )
    chart.axes(
        "failures handed to model 2 (route 1)",
        f"cost of a task{f', {units}' if units else ''}",
        lambda share: f"{100 * share:.3g} %",
        lambda cost: f"{cost:.4g}",
    )
    begin, end = WIDTH - RIGHT - STRIP + 8, WIDTH - 4
    chart.rule(f"M{begin} {chart.y.stop}H{end}V{chart.y.start}H{begin}Z", "strip")
    chart.text((begin + end) / 2, chart.y.stop - 6, "route 2", "tick mid")
    levels = [("route2", route_2)] + [("slowed", cost) for cost in slowed[1:]]
    for style, cost in levels:
        chart.rule(f"M{begin} {_short_of(chart.y, cost)}H{end}", f"line {style}")
    chart.level(route_2, "route2 faint")
    for cost in slowed[:1]:
        chart.level(cost, "slowed")
    chart.line(cascade, exact, "exact")
    if believed is not None:
        chart.line(cascade, believed, "believed")
    _put(chart, (begin, end), int(best.route), float(best.cascade_prob), float(best.provider_cost), "best", "star", 0.5)
    places = max((k for k, _ in ended), default=0) + 1
    for k, route, at, cost, certified in sorted(
        {(k, run.route, run.cascade_prob, run.provider_cost, run.certified) for k, run in ended}
    ):
        style = f"mark {style_of(k)}{'' if certified else ' hollow'}"
        _put(chart, (begin, end), route, at, cost, style, marker_of(k), (k + 0.5) / places)
    return chart.svg()


def point_cost_charts(
    name: str, stage: PointStage, solved: SolvedPointGame, ended: Sequence[tuple[int, RunRecord]]
) -> list[Element]:
    """Draw the leader's cost over each coordinate of its commitment, see `_point_cost_chart`.

    Args:
        name: unique on the page.
        stage: the game.
        solved: what is known of it.
        ended: runs that have finished, each after its learner's place.
    """
    return [_point_cost_chart(f"{name}-{k}", stage, solved, ended, k) for k in range(stage.game.size)]


def _point_cost_chart(
    name: str, stage: PointStage, solved: SolvedPointGame, ended: Sequence[tuple[int, RunRecord]], coordinate: int
) -> Element:
    """Draw the leader's cost over one coordinate under the follower's best answer, and where runs ended.

    The other coordinates are as in the equilibrium.
    """
    best = solved.equilibrium()
    across = _points_to_draw(best.coordinates[coordinate])
    points = np.tile(np.array(best.coordinates), (len(across), 1))
    points[:, coordinate] = across
    exact, _ = solved.outcome(Points(points), solved.best_answer(Points(points)))
    costs = [*exact.tolist(), best.provider_cost, *(run.provider_cost for _, run in ended)]
    label = "commitment" if stage.game.size == 1 else f"coordinate {coordinate + 1} of the commitment"
    about = (
        f"The equilibrium of {stage.name} lies at {best.coordinates[coordinate]:.4g}, at a cost of"
        f" {best.provider_cost:.5g}. The table below has the runs one by one."
    )
    limits = (0.0, 1.0, False), (*_padded(costs), False)
    chart = Chart(name, f"What a {label} costs in {stage.name}", about, *limits)
    chart.axes(label, "cost of a play", lambda share: f"{share:.3g}", lambda cost: f"{cost:.4g}".replace("-", "−"))
    chart.line(across, exact, "exact")
    chart.mark(best.coordinates[coordinate], best.provider_cost, "best", "star")
    for k, at, cost, certified in sorted(
        {(k, run.coordinates[coordinate], run.provider_cost, run.certified) for k, run in ended}
    ):
        chart.mark(at, cost, f"mark {style_of(k)}{'' if certified else ' hollow'}", marker_of(k))
    return chart.svg()


def _points_to_draw(best: float) -> FloatArray:
    """Values in [0, 1] to draw a curve through, and both sides of the best one, where it may jump."""
    every = np.unique([*np.linspace(0, 1, 513), *(best + np.array([-1e-9, 0, 1e-9]))])
    return every[(every >= 0) & (every <= 1)]


def _put(
    chart: Chart, strip: tuple[float, float], route: int, at: float, cost: float, style: str, shape: str, across: float
) -> None:
    """Mark a commitment on route 1 where it is, one on route 2 in the strip, so far across."""
    if route == 1:
        chart.mark(at, cost, style, shape)
    else:
        place = strip[0] + 6 + across * (strip[1] - strip[0] - 12)
        chart.put(place, float(chart.y(cost)), style, shape)


def _believed(game: Game, cascade: FloatArray, learned: LearnedFollower) -> FloatArray:
    answer = learned.abandon_prob(Commitments.unthrottled(game, 1, cascade))
    return np.asarray(outcome(game, 1, cascade, answer).provider_cost)


def _cascades(game: Game, limit: float) -> FloatArray:
    """Cascade probabilities to draw a curve through, both sides of every jump among them."""
    points: list[NDArray[np.float64]] = [np.linspace(0, limit, 257)]
    for threshold in vars(thresholds(game)).values():
        points.append(float(threshold) + np.array([-1e-9, 0, 1e-9]))
    every = np.unique(np.concatenate(points))
    return every[(every >= 0) & (every <= limit)]


def _shown_range(solution: Solution, ended: Sequence[RunRecord]) -> float:
    """As much of the cascade probability as lets the eye tell the commitments apart."""
    best = solution.equilibrium
    chosen = [run.cascade_prob for run in ended if run.route == 1]
    if best.route == 1 and not best.cascade_free:
        chosen.append(3 * float(best.cascade_prob))
    edges = [2 * float(edge) for edge in vars(solution.thresholds).values() if edge == edge]
    return min(1.0, max(0.1, *(1.1 * s for s in (*chosen, *edges, 0.0))))


def _cost_words(stage: Stage, solution: Solution, ended: Sequence[tuple[int, RunRecord]]) -> str:
    best = solution.equilibrium
    where = "on route 2" if best.route == 2 else f"on route 1 with {percent(float(best.cascade_prob))} handed over"
    second = sum(run.route == 2 for _, run in ended)
    return (
        f"The equilibrium of {stage.name} lies {where}, at a cost of {float(best.provider_cost):.5g} a task."
        f" {len(ended) - second} runs ended on route 1 and {second} on route 2; the table below has them one by one."
    )


def _padded(costs: Sequence[float]) -> tuple[float, float]:
    low, high = min(costs), max(costs)
    pad = 0.06 * (high - low) or 0.05 * abs(high) or 1.0
    return low - pad, high + pad


def _decade(number: float) -> float:
    """The power of ten from `number` on, at most `CEILING`."""
    return float(min(CEILING, 10.0 ** np.ceil(np.log10(number) - 1e-9)))


def _regret_tick(regret: float) -> str:
    return f"{100 * regret:g} %"


def _short_of(scale: Scale, value: float) -> str:
    return f"{float(scale(value)):.1f}".removesuffix(".0")
