"""Advice in words, for the terminal."""

from __future__ import annotations

from math import isnan, nan
from textwrap import fill
from typing import cast

from routegame.calibrate.decide.advice import Advice
from routegame.calibrate.decide.decision import Decision
from routegame.calibrate.decide.phrases import (
    KINDS,
    NAMES,
    REGIMES,
    around,
    in_words,
    least_text,
    most_text,
    range_text,
    regret_text,
    seen,
    share_of,
    title_of,
    value_text,
)
from routegame.calibrate.estimate.calibration import Calibration
from routegame.calibrate.estimate.estimates import Estimates
from routegame.calibrate.estimate.tally import Ending
from routegame.eval.claims import shown_commitment
from routegame.eval.statistics import SUCCESS, Estimate
from routegame.numerals import as_shown, handed_over, number, percent, percents, rounded_prob


def advice_text(advice: Advice) -> str:
    """Say what a log tells, plain words first: what to do, how surely, the game, what is in force, the checks."""
    calibration = advice.calibration
    log, whole, shapes = calibration.log, calibration.whole, calibration.tally.shapes
    open_tasks = int(shapes.count[shapes.ending >= Ending.OPEN].sum())
    penalty = "not given" if calibration.churn_penalty is None else number(calibration.churn_penalty, 6)
    lines = [
        f"{log.path}: {log.num_passes:,} passes of {log.num_tasks:,} tasks"
        f"{f', {open_tasks:,} of them still open' if open_tasks else ''}",
        *([f"  {log.dropped.message}"] if log.dropped.message else []),
        *(fill(remark, 110, initial_indent="  ", subsequent_indent="  ") for remark in log.remarks),
        "",
        *(fill(paragraph, 110) for paragraph in in_plain_words(advice)),
        "",
        f"The game, with 95 % intervals{'':12}{title_of(log.models[0]):<36}{title_of(log.models[1])}",
        *_game(whole),
        "",
        f"  value of a solved task    {value_text(calibration.task_value, advice.noise)}",
        f"  cost of a lost task       {penalty}",
        *_segments(calibration),
        "",
        "In force",
        *_in_force(advice),
        "",
        *_decision(advice),
        *_sensitivities(advice),
        *_outcomes(advice),
        "Users who leave after a failure, by model and pass",
        *_abandonment(calibration),
        "",
        "Assumptions",
        *(
            f"  {'holds' if check.holds else 'FAILS'}  {as_shown(check.explanation)}"
            for check in calibration.assumptions
        ),
        *_trials(advice),
        *_equilibrium(calibration),
    ]
    return "\n".join(lines)


def in_plain_words(advice: Advice) -> list[str]:
    """Say what to do and how surely, in a few sentences: one paragraph each."""
    reason = _sentence(as_shown(advice.reason))
    decision, commitment = advice.decision, advice.recommended
    if commitment is None or decision is None:
        said = "Nothing is recommended." if advice.verdict == "refused" else "Nothing can be recommended yet."
        return [f"{said} {reason}", *_cost_of_waiting(advice)]
    first, second = (title_of(model) for model in advice.calibration.log.models)
    if commitment.route == 2:
        do = f"Give every task to {second}."
    elif commitment.cascade_prob == 0:
        do = f"Give every task to {first}, and hand no retry over to {second}."
    else:
        share = handed_over(commitment.cascade_prob)
        do = f"Give every task to {first} first, and hand {share} of retries over to {second}."
    how = {"sure": "This is sure: ", "unsure": "This is not sure: "}[advice.verdict]
    return [f"{do} {_saves(decision)}", f"{how}{reason[:1].lower()}{reason[1:]}", *_temptation(decision)]


def _sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}" + ("" if text.endswith(".") else ".")


def _saves(decision: Decision) -> str:
    """The change from what is in force to the recommendation, in words."""
    saving, cost = decision.saving, decision.provider_cost
    costs = f"A task then costs {range_text(cost)}, lost users included"
    was = f"what is in force costs {range_text(decision.in_force_cost)}"
    if (
        abs(float(saving.value)) <= SUCCESS * abs(float(decision.in_force_cost.value))
        and saving.low <= 0 <= saving.high
    ):
        return f"{costs}; {was}, so there is nothing to gain but certainty."
    share = float(saving.value) / float(decision.in_force_cost.value) if decision.in_force_cost.value else 0.0
    return f"{costs}; {was}. That saves {range_text(saving)} a task, {percent(share)}."


def _temptation(decision: Decision) -> list[str]:
    gain, safe, users = decision.throttling_gain, decision.safe_penalty, decision.misalignment
    if float(gain.value) > 0:
        tempted = (
            f"Slowing models down until users leave after one failure would save {range_text(gain)} a task: a lost task"
            f" has to cost {least_text(safe)} or more for that temptation to go away."
        )
    elif float(safe.high) <= 0:
        tempted = "Slowing models down to drive users away would not pay, whatever a lost task costs."
    else:
        tempted = (
            f"Slowing models down to drive users away would not pay. It would if a lost task cost less than"
            f" {most_text(safe)}."
        )
    if float(users.high) <= 0:
        return [f"{tempted} Users could not wish for a better commitment."]
    return [
        f"{tempted} Users like {in_words(decision.preferred)} best; it would be worth {range_text(users)} more to them."
    ]


def _cost_of_waiting(advice: Advice) -> list[str]:
    cost, _ = _worth_in_force(advice)
    return [] if isnan(cost) else [f"What is in force costs {cost:.4g} a task, lost users included."]


def _decision(advice: Advice) -> list[str]:
    d = advice.decision
    if d is None:
        return []
    refused = advice.verdict == "refused"
    heading = "What would be best if the game were what it seems (not recommended)" if refused else "Recommended"
    rows = [
        ("commitment", in_words(d.commitment)),
        ("cost of a task", f"{range_text(d.provider_cost)}, in force {range_text(d.in_force_cost)}"),
        ("saving", range_text(d.saving)),
        ("users' utility", f"{range_text(d.user_utility)}, in force {range_text(d.in_force_utility)}"),
        ("over 1 % above the best", f"in {share_of(d.wrong, d)}; what is in force in {share_of(d.in_force_wrong, d)}"),
        ("regret", regret_text(d)),
        ("best in each game", ", ".join(f"{KINDS[kind]} in {percent(share)}" for kind, share in d.kinds.items())),
    ]
    if not isnan(float(d.cascade_prob.low)):
        rows.append(("  its cascade probability", f"{_share(d.cascade_prob)}"))
    if d.plug_in is not None:
        rows.append(("best in the likeliest game", in_words(d.plug_in)))
    if d.regimes:
        regimes = (f"{REGIMES[name]}: {percent(share)}" for name, share in d.regimes.items())
        rows.append(("worth another pass", "; ".join(regimes)))
    return [f"{heading}, held against {d.num_draws} games", *(f"  {a:<28}{b}" for a, b in rows), ""]


def _sensitivities(advice: Advice) -> list[str]:
    if not advice.sensitivities:
        return []
    lines = ["What matters: one number moved to the ends of its interval (the cost of a lost task by a fifth)"]
    for sensitivity in advice.sensitivities:
        low, high = sensitivity.low, sensitivity.high
        change = "" if low.best.kind == high.best.kind else f"; best: {in_words(low.best)}, then {in_words(high.best)}"
        lines.append(
            f"  {NAMES[sensitivity.name]:<32}{low.at:.4g} to {high.at:.4g}: the best costs {low.least_cost:.4g} to "
            f"{high.least_cost:.4g}{change}"
        )
    return [*lines, ""]


def _outcomes(advice: Advice) -> list[str]:
    if not advice.outcomes:
        return []
    width = max(len(outcome.name) for outcome in advice.outcomes)
    lines = [
        "Segments: users' utility in force, as recommended, and at its best; what would be cheapest for them alone"
    ]
    for outcome in advice.outcomes:
        recommended = "" if advice.recommended is None else f"   {outcome.recommended:.4g}"
        lines.append(
            f"  {outcome.name:<{width}}   {outcome.in_force:.4g}{recommended}   {outcome.best:.4g} under "
            f"{in_words(outcome.preferred)};   {in_words(outcome.own)}"
        )
    worst = max(advice.outcomes, key=lambda outcome: outcome.best - outcome.in_force)
    if worst.best > worst.in_force and len(advice.outcomes) > 1:
        lines.append(f"  {worst.name} is served worst: {worst.best - worst.in_force:.4g} below what would suit it best")
    return [*lines, ""]


def _trials(advice: Advice) -> list[str]:
    if not advice.trials:
        return [""]
    lines = ["", "The same commitment where the log is read otherwise"]
    for trial in advice.trials:
        if trial.best is None:
            said = "users' value of a task cannot be told"
        else:
            said = f"{percent(trial.regret)} above {in_words(trial.best)}, the best there"
        lines.append(f"  {'good ' if trial.survived else 'BAD  '}  {trial.words}: {said}")
    return [*lines, ""]


def _share(estimate: Estimate) -> str:
    low, high = around(float(estimate.low), float(estimate.high), 3)
    return f"{handed_over(rounded_prob(float(estimate.value), 3, lambda _: True))} ({low} to {high})"


def _game(whole: Estimates) -> list[str]:
    rows = [("passes", *(f"{count:,}" for count in whole.passes))]
    named = {"solves a task": whole.success_prob, "latency of a pass": whole.latency, "cost of a pass": whole.cost}
    rows += [(name, *(range_text(estimate) for estimate in pair)) for name, pair in named.items()]
    return [f"  {name:<38}{first:<36}{second}" for name, first, second in rows]


def _segments(calibration: Calibration) -> list[str]:
    if not calibration.segments:
        return []
    pairs = list(zip(calibration.segments, calibration.segment_task_values, strict=True))
    width = max(len(found.name) for found, _ in pairs)
    return [
        "",
        "Value of a solved task by segment",
        *(f"  {found.name:<{width}}  {value_text(task_value, explain=False)}" for found, task_value in pairs),
    ]


def _worth_in_force(advice: Advice) -> tuple[float, float]:
    """J and U under what is in force: those that the decision compares with, or else as in the likeliest game."""
    force, d = advice.calibration.in_force, advice.decision
    if d is None:
        return force.provider_cost, force.user_utility
    return float(d.in_force_cost.value), nan if d.plug_in is None else float(d.in_force_utility.value)


def _in_force(advice: Advice) -> list[str]:
    force = advice.calibration.in_force
    lines = []
    for arm in force.arms[:5]:
        known = arm.route == 1 and not isnan(arm.cascade_prob)
        s = f", {seen(arm.cascade_prob)} of retries handed over" if known else ""
        left = "" if isnan(arm.abandon_prob) else f"; users leave after {percent(arm.abandon_prob, 3)} of failures"
        lines.append(f"  {arm.tasks:,} tasks: route {arm.route}{s}{left}")
    if len(force.arms) > 5:
        lines.append(f"  and {len(force.arms) - 5} more commitments")
    worth = []
    cost, utility = _worth_in_force(advice)
    if not isnan(cost):
        worth.append(f"the provider pays {cost:.4g} a task")
    if not isnan(utility):
        worth.append(f"users' utility is {utility:.4g}")
    return lines + ([f"  {' and '.join(worth)}"] if worth else [])


def _abandonment(calibration: Calibration) -> list[str]:
    rows = calibration.abandonment()
    if not rows:
        return ["  no task ever failed"]
    lines = []
    for model in calibration.log.models:
        left = [f"{row['pass']}: {percent(cast(float, row['value']), 3)}" for row in rows if row["model"] == model]
        if left:
            lines.append(f"  {title_of(model):<12} {'   '.join(left)}")
    return lines


def _equilibrium(calibration: Calibration) -> list[str]:
    if calibration.solution is None:
        return []
    best = calibration.solution.equilibrium
    shown = shown_commitment(calibration.solution.game, best, digits=3, cost_digits=4)
    s = "" if best.route == 2 or best.cascade_free else f", {handed_over(shown.cascade_prob)} of retries handed over"
    stay = "stay" if not best.abandon_prob else f"leave after {percents(best.abandon_prob)} of failures"
    return [
        "The equilibrium of the likeliest game, if users answered without noise",
        f"  route {best.route}{s}; users {stay}; the provider pays {best.provider_cost:.4g} a task",
    ]
