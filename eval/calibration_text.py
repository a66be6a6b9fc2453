"""A calibration in words, for the terminal."""

from __future__ import annotations

from math import inf, isnan

from routegame.eval.calibration import Calibration
from routegame.eval.estimates import Estimates
from routegame.eval.patience import Patience
from routegame.eval.statistics import Estimate
from routegame.eval.tally import Ending


def calibration_text(calibration: Calibration) -> str:
    """Say what a log tells, in a page: what it holds, the game, what is in force, the checks, and the verdict."""
    log, whole, shapes = calibration.log, calibration.whole, calibration.tally.shapes
    open_tasks = int(shapes.count[shapes.ending >= Ending.OPEN].sum())
    verdict, reason = calibration.verdict
    penalty = "not given" if calibration.churn_penalty is None else f"{calibration.churn_penalty:g}"
    lines = [
        f"{log.path}: {log.num_passes:,} passes of {log.num_tasks:,} tasks"
        f"{f', {open_tasks:,} of them still open' if open_tasks else ''}",
        *([f"  {log.dropped.message}"] if log.dropped.message else []),
        "",
        f"The game, with 95 % intervals{'':12}{_name(log.layout.models[0]):<36}{_name(log.layout.models[1])}",
        *_game(whole),
        "",
        f"  value of a solved task    {_value(calibration.patience)}",
        f"  cost of a lost task       {penalty}",
        *_segments(calibration),
        "",
        "In force",
        *_in_force(calibration),
        "",
        "Users who leave after a failure, by model and pass",
        *_abandonment(calibration),
        "",
        "Assumptions",
        *(f"  {'holds' if check.holds else 'FAILS'}  {check.explanation}" for check in calibration.assumptions),
        "",
        *_equilibrium(calibration),
        f"Verdict: {verdict}. {reason[:1].upper()}{reason[1:]}.".replace("..", "."),
    ]
    return "\n".join(lines)


def _name(model: str) -> str:
    return f"model {model}" if model in ("1", "2") else model


def _game(whole: Estimates) -> list[str]:
    rows = [("passes", *(f"{count:,}" for count in whole.passes))]
    named = {"solves a task": whole.success_prob, "latency of a pass": whole.latency, "cost of a pass": whole.cost}
    rows += [(name, *(_range(estimate) for estimate in pair)) for name, pair in named.items()]
    return [f"  {name:<38}{first:<36}{second}" for name, first, second in rows]


def _segments(calibration: Calibration) -> list[str]:
    if not calibration.segments:
        return []
    pairs = list(zip(calibration.segments, calibration.segment_patience, strict=True))
    width = max(len(found.name) for found, _ in pairs)
    return [
        "",
        "Value of a solved task by segment",
        *(f"  {found.name:<{width}}  {_value(patience, explain=False)}" for found, patience in pairs),
    ]


def _in_force(calibration: Calibration) -> list[str]:
    force = calibration.in_force
    lines = []
    for arm in force.arms[:5]:
        s = "" if arm.route == 2 or isnan(arm.cascade_prob) else f", {arm.cascade_prob:.2%} of retries handed over"
        left = "" if isnan(arm.abandon_prob) else f"; users leave after {arm.abandon_prob:.1%} of failures"
        lines.append(f"  {arm.tasks:,} tasks: route {arm.route}{s}{left}")
    if len(force.arms) > 5:
        lines.append(f"  and {len(force.arms) - 5} more commitments")
    worth = []
    if not isnan(force.provider_cost):
        worth.append(f"the provider pays {force.provider_cost:.4g} a task")
    if not isnan(force.user_utility):
        worth.append(f"users' utility is {force.user_utility:.4g}")
    return lines + ([f"  {' and '.join(worth)}"] if worth else [])


def _abandonment(calibration: Calibration) -> list[str]:
    rows = calibration.abandonment()
    if not rows:
        return ["  no task ever failed"]
    lines = []
    for model in calibration.log.layout.models:
        shares = [f"{row['pass']}: {row['value']:.1%}" for row in rows if row["model"] == model]
        if shares:
            lines.append(f"  {_name(model):<12} {'   '.join(shares)}")
    return lines


def _equilibrium(calibration: Calibration) -> list[str]:
    if calibration.solution is None:
        return []
    best = calibration.solution.equilibrium
    s = "" if best.route == 2 or best.cascade_free else f", {best.cascade_prob:.2%} of retries handed over"
    stay = "stay" if not best.abandon_prob else f"leave after {best.abandon_prob:.1%} of failures"
    return [
        "Equilibrium of the most likely game, for users who answer at their best",
        f"  route {best.route}{s}; users {stay}; the provider pays {best.provider_cost:.4g} a task",
        "",
    ]


def _value(patience: Patience, *, explain: bool = True) -> str:
    value = patience.task_value
    if patience.identified:
        return f"{_range(value)}, with a noise of {patience.temperature:.3g}"
    bounds = {
        (True, True): "any",
        (False, False): f"{float(value.low):.4g} to {float(value.high):.4g}",
        (True, False): f"at most {float(value.high):.4g}",
        (False, True): f"at least {float(value.low):.4g}",
    }
    bound = bounds[value.low == 0, value.high == inf]
    return f"{bound}: not identified{f', for {patience.reason}' if explain else ''}"


def _range(estimate: Estimate) -> str:
    if isnan(float(estimate.value)):
        return "not seen"
    return f"{float(estimate.value):.4g} ({float(estimate.low):.4g} to {float(estimate.high):.4g})"
