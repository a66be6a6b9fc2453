"""Charts of a page of advice: cost over commitments, users' answers to them, leaving by pass, and sensitivities."""

from __future__ import annotations

from collections.abc import Sequence
from xml.etree.ElementTree import Element

import numpy as np

from routegame.agents.users.quantal import quantal_response
from routegame.calibrate.decide.candidates import Offer
from routegame.calibrate.decide.decision import Decision
from routegame.calibrate.decide.phrases import seen
from routegame.calibrate.decide.posterior import PosteriorDraws, columns
from routegame.calibrate.decide.sensitivity import Sensitivity
from routegame.calibrate.estimate.counts import Arm, rate
from routegame.calibrate.estimate.estimates import Estimates
from routegame.calibrate.estimate.task_value import Cell
from routegame.envs.arrays import FloatArray
from routegame.envs.chain import visits
from routegame.envs.document import Document
from routegame.eval.report.charts import STRIP
from routegame.eval.report.markup import element
from routegame.eval.report.svg import RIGHT, WIDTH, Chart, Scale
from routegame.eval.statistics import LEVEL, Estimate
from routegame.numerals import handed_over, number, percent

BEGIN, END = WIDTH - RIGHT - STRIP + 8, WIDTH - 4
"""Sides of the strip at the right of a chart that belongs to route 2."""

MOST_SPAN = 4.0
"""A cost chart shows no more than so many times the range that matters, so that a cliff does not hide it."""

NUM_CURVE = 41
"""Points of the curve of users' answers."""


def commitment_chart(decision: Decision, arms: Sequence[Arm], recommended: bool) -> Element:
    """Draw the provider's cost over commitments with its band, what is in force and what is best.

    Args:
        decision: with its curve.
        arms: what is in force.
        recommended: whether the decision is a recommendation.
    """
    curve, chosen = decision.curve, decision.commitment
    s, cost = curve.cascade_prob, curve.cost
    limit = _shown(decision, arms)
    inside = s <= limit
    marks = [(arm.route, float(np.nan_to_num(arm.cascade_prob))) for arm in arms]
    at = [_on_curve(decision, route, x) for route, x in marks]
    star = _on_curve(decision, chosen.route, chosen.cascade_prob)
    shown = [float(x[inside].max()) for x in (np.asarray(cost.value), np.asarray(cost.high))]
    shown += [float(curve.route_2.high), *at, star]
    low = min(float(np.asarray(cost.low)[inside].min()), float(curve.route_2.low))
    high = min(max(shown), low + MOST_SPAN * (max(*at, star, float(np.median(np.asarray(cost.value)[inside]))) - low))
    pad = 0.06 * (high - low) or 0.05 * abs(high) or 1.0
    name = "recommendation" if recommended else "best commitment of the drawn games"
    where = "on route 2" if chosen.route == 2 else f"at {handed_over(chosen.cascade_prob)} of retries"
    known = ", ".join(number(x, 4) for x in at)
    about = f"The {name} lies {where}, at a cost of {number(star, 4)} a task. What is in force costs {known}."
    chart = Chart(
        "commitments",
        "What a commitment costs",
        about,
        (0.0, limit, False),
        (low - pad, high + pad, False),
        margin=STRIP,
    )
    chart.axes("retries handed over (model 1 first)", "cost of a task", percent, number)
    _strip(chart, "model 2 first")
    chart.band(s[inside], np.asarray(cost.low)[inside], np.asarray(cost.high)[inside], "k0")
    _strip_band(chart, curve.route_2)
    chart.line(s[inside], np.asarray(cost.value)[inside], "k0")
    _put(chart, chosen, star, "best", "star")
    for (route, x), y in zip(marks, at, strict=True):
        _put(chart, Offer(route, x), y, "mark k1", "m0")
    return chart.svg()


def response_chart(found: Estimates, draws: Sequence[PosteriorDraws], stated: FloatArray) -> Element:
    """Draw how many users leave after a failure under each commitment, and how many the drawn games let expect.

    Args:
        found: with users by commitment.
        draws: games.
        stated: cascade probabilities that the log states, which are said in full.
    """
    cells = [cell for cell in found.cells if cell.decisions]
    share = [rate(cell.leaves, cell.decisions) for cell in cells]
    limit = max([0.1, *(1.15 * cell.cascade_prob for cell in cells if cell.route == 1)])
    limit = min(limit, 1.0)
    grid = np.linspace(0, limit, NUM_CURVE)
    band, second = _expected(draws, 1, grid), _expected(draws, 2, np.zeros(1))
    shares = [float(np.nan_to_num(cell.cascade_prob)) for cell in cells if cell.route == 1]
    about = "; ".join(
        f"{_where(cell, stated, shares)}: {percent(float(x.value))} left" for cell, x in zip(cells, share, strict=True)
    )
    top = max(float(np.max(x)) for x in (band.high, second.high, [float(x.high) for x in share]))
    chart = Chart(
        "answers",
        "Users who leave after a failure",
        about,
        (0.0, limit, False),
        (0.0, min(1.05 * top, 1.0), False),
        margin=STRIP,
    )
    chart.axes("retries handed over (model 1 first)", "users who leave after a failure", percent, percent)
    _strip(chart, "model 2 first")
    chart.band(grid, band.low, band.high, "k0")
    chart.line(grid, band.value, "k0")
    _strip_band(chart, Estimate(*(float(np.asarray(x)[0]) for x in (second.value, second.low, second.high))))
    for cell, x in zip(cells, share, strict=True):
        across = float(chart.x(cell.cascade_prob)) if cell.route == 1 else (BEGIN + END) / 2
        low, high = float(chart.y(x.low)), float(chart.y(x.high))
        chart.rule(f"M{across:.1f} {low:.1f}V{high:.1f}", "whisker k1")
        chart.put(across, float(chart.y(x.value)), "mark k1", "m0")
    return chart.svg()


def hazard_chart(rows: Sequence[Document], models: Sequence[str]) -> Element | None:
    """Draw how many users leave after each pass, with 95 % intervals; None without any failure."""
    if not rows:
        return None
    steps = sorted({str(row["pass"]) for row in rows})
    telling = [row for row in rows if row["decisions"] >= 5] or rows
    top = max(float(row["high"]) for row in telling)
    about = "; ".join(f"{row['model']}, pass {row['pass']}: {percent(float(row['value']))}" for row in rows)
    chart = Chart(
        "hazard", "Users who leave, by pass", about, (0.5, len(steps) + 0.5, False), (0.0, min(1.05 * top, 1.0), False)
    )
    chart.axes(
        "pass of the task", "users who leave after a failure",
        lambda x: steps[int(x) - 1] if x == int(x) and 1 <= x <= len(steps) else "", percent,
    )  # fmt: skip
    for k, model in enumerate(models):
        own = [row for row in rows if row["model"] == model]
        at = np.array([steps.index(str(row["pass"])) + 1 + (k - 0.5) * 0.16 for row in own])
        value = np.array([float(row["value"]) for row in own])
        chart.line(at, value, f"k{k} faint")
        for x, row in zip(at, own, strict=True):
            across = float(chart.x(x))
            chart.rule(
                f"M{across:.1f} {float(chart.y(row['low'])):.1f}V{float(chart.y(row['high'])):.1f}", f"whisker k{k}"
            )
            chart.put(across, float(chart.y(row["value"])), f"mark k{k}", f"m{k}")
    return chart.svg()


def sensitivity_scale(sensitivities: Sequence[Sensitivity]) -> Scale:
    """Return the scale that the bars of a table of sensitivities share."""
    costs = [extreme.least_cost for sensitivity in sensitivities for extreme in (sensitivity.low, sensitivity.high)]
    low, high = min(costs), max(costs)
    pad = 0.04 * (high - low) or 0.05 * abs(high) or 1.0
    return Scale(low - pad, high + pad, 8, 172)


def sensitivity_bar(scale: Scale, sensitivity: Sensitivity, centre: float) -> Element:
    """Draw from the cost at the low end of a number, hollow, to that at its high end; the numbers stand beside it."""
    low, high, middle = (
        f"{float(scale(x)):.1f}" for x in (sensitivity.low.least_cost, sensitivity.high.least_cost, centre)
    )
    parts = [
        element("path", class_="grid", d=f"M{middle} 0V18"),
        element("path", class_="line k0", d=f"M{low} 9H{high}"),
        element("use", href="#m0", class_="mark hollow k0", x=low, y=9),
        element("use", href="#m0", class_="mark k0", x=high, y=9),
    ]
    return element("svg", *parts, viewBox="0 0 180 18", width=180, class_="interval", aria_hidden="true")


def _expected(draws: Sequence[PosteriorDraws], route: int, s: FloatArray) -> Estimate:
    """Share of failures after which users leave, middle of the drawn games and 95 % of them, (num_points,)."""
    left = decided = np.zeros((len(draws[0]), len(s)))
    for group in draws:
        if group.log_sd is not None:
            failures, leaves = group.leavers(route, s)
            left, decided = left + group.share * leaves, decided + group.share * failures
            continue
        games = columns(group.games)
        answer = np.asarray(quantal_response(games, route, s, group.temperature[:, None]))
        n = visits(games.success_prob, route, s, answer)
        fails = sum(count * (1 - p) for count, p in zip((n.standard, n.reasoning), games.success_prob, strict=True))
        left, decided = left + group.share * fails * answer, decided + group.share * fails
    tail = (1 - LEVEL) / 2
    low, middle, high = np.quantile(left / decided, [tail, 0.5, 1 - tail], axis=0)
    return Estimate(middle, low, high)


def _shown(decision: Decision, arms: Sequence[Arm]) -> float:
    """The upper end of the axis of cascade probabilities: enough for whatever is of interest."""
    of_interest = [float(np.nan_to_num(arm.cascade_prob)) for arm in arms if arm.route == 1]
    of_interest.append(decision.commitment.cascade_prob)
    if decision.kinds.get("cascade", 0) > 1 - LEVEL:
        of_interest.append(float(decision.cascade_prob.high))
    return min(1.0, 1.3 * max(of_interest)) or 1.0


def _on_curve(decision: Decision, route: int, cascade_prob: float) -> float:
    if route == 2:
        return float(decision.curve.route_2.value)
    return float(np.interp(cascade_prob, decision.curve.cascade_prob, np.asarray(decision.curve.cost.value)))


def _strip(chart: Chart, name: str) -> None:
    chart.rule(f"M{BEGIN} {chart.y.stop}H{END}V{chart.y.start}H{BEGIN}Z", "strip")
    chart.text((BEGIN + END) / 2, chart.y.stop - 6, name, "tick mid")


def _strip_band(chart: Chart, of: Estimate) -> None:
    low, value, high = (f"{float(chart.y(float(x))):.1f}" for x in (of.low, of.value, of.high))
    chart.rule(f"M{BEGIN} {low}H{END}V{high}H{BEGIN}Z", "band k0")
    chart.rule(f"M{BEGIN} {value}H{END}", "line k0")


def _put(chart: Chart, commitment: Offer, cost: float, style: str, shape: str) -> None:
    if commitment.route == 1:
        chart.mark(commitment.cascade_prob, cost, style, shape)
    else:
        chart.put((BEGIN + END) / 2, float(chart.y(cost)), style, shape)


def _where(cell: Cell, stated: FloatArray, shares: Sequence[float]) -> str:
    share = float(np.nan_to_num(cell.cascade_prob))
    return "route 2" if cell.route == 2 else f"route 1, {seen(share, stated, shares)} handed over"
