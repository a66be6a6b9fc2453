"""Advice in words, for the terminal."""

from __future__ import annotations

from math import isnan, nan
from typing import cast

from routegame.calibrate.decide.advice import Advice
from routegame.calibrate.decide.candidates import Offer
from routegame.calibrate.decide.decision import Decision
from routegame.calibrate.decide.phrases import (
    KINDS,
    NAMES,
    REGIMES,
    around,
    in_words,
    least_text,
    most_text,
    percent_text,
    range_text,
    regret_text,
    seen,
    share_of,
    spread_text,
    value_text,
)
from routegame.calibrate.estimate.calibration import Calibration
from routegame.calibrate.estimate.tally import Shapes
from routegame.calibrate.log.ending import Ending
from routegame.calibrate.log.layout import title_of
from routegame.calibrate.log.log import LogSummary
from routegame.calibrate.show.menu_text import (
    by_value_lines,
    decision_lines,
    equilibrium_lines,
    hazards,
    in_force,
    models_table,
    what_to_do,
)
from routegame.eval.claims import shown_commitment
from routegame.eval.statistics import SUCCESS, Estimate
from routegame.numerals import as_shown, handed_over, number, percent, percents, rounded_prob
from routegame.typesetting import indented, labelled, paragraph, table, together


def what_was_read(log: LogSummary, shapes: Shapes, where: str = "") -> list[str]:
    """Say what a log has, what was left out of it and what is odd about it; then an empty line.

    Args:
        log: as it was read.
        shapes: of its tasks.
        where: its tasks are, such as " in 3 contexts".
    """
    open_tasks = int(shapes.count[shapes.ending >= Ending.OPEN].sum())
    still_open = f", {open_tasks:,} of them still open" if open_tasks else ""
    read = f"{together(log.path)}: {log.num_passes:,} passes of {log.num_tasks:,} tasks{where}{still_open}"
    remarks = [indented(remark) for remark in (log.dropped.message, *log.remarks) if remark]
    return [paragraph(read, rest="  "), *remarks, ""]


def advice_text(advice: Advice) -> str:
    """Say what a log tells, plain words first: what to do, how surely, the game, what is in force, the checks."""
    calibration = advice.calibration
    penalty = "not given" if calibration.churn_penalty is None else number(calibration.churn_penalty, 6)
    lines = [
        *what_was_read(calibration.log, calibration.tally.shapes),
        *map(paragraph, in_plain_words(advice)),
        "",
        "The game, with 95 % intervals",
        *models_table(calibration),
        "",
        labelled("value of a solved task", value_text(calibration.task_value, advice.noise), 26),
        *_over_users(calibration),
        labelled("cost of a lost task", penalty, 26),
        *_segments(calibration),
        "",
        "In force",
        *(in_force(advice) if calibration.free else _in_force(advice)),
        "",
        *_decision(advice),
        *decision_lines(advice),
        *by_value_lines(advice),
        *_sensitivities(advice),
        *_outcomes(advice),
        "Users who leave after a failure, by model and pass",
        *(hazards(calibration) if calibration.free else _abandonment(calibration)),
        "",
        "Assumptions",
        *(
            labelled("holds" if check.holds else "FAILS", as_shown(check.explanation), 7)
            for check in calibration.assumptions
        ),
        *_trials(advice),
        *(equilibrium_lines(calibration) if calibration.free else _equilibrium(calibration)),
    ]
    return "\n".join(lines)


def in_plain_words(advice: Advice) -> list[str]:
    """Say what to do and how surely, in a few sentences: one paragraph each."""
    reason = _sentence(as_shown(advice.reason))
    decision, commitment = advice.decision, advice.recommended
    if commitment is None or decision is None:
        said = "Nothing is recommended." if advice.verdict == "refused" else "Nothing can be recommended yet."
        return [f"{said} {reason}", *_cost_of_waiting(advice)]
    if not isinstance(commitment, Offer) or not isinstance(decision, Decision):
        return what_to_do(advice)
    first, second = (title_of(model) for model in advice.calibration.log.models)
    if commitment.route == 2:
        do = f"Give every task to {second}."
    elif commitment.cascade_prob == 0:
        do = f"Give every task to {first}, and hand no retry over to {second}."
    else:
        share = handed_over(commitment.cascade_prob)
        do = f"Give every task to {first} first, and hand {share} of retries over to {second}."
    how = {"sure": "This is sure: ", "unsure": "This is not sure: "}[advice.verdict]
    lead = [f"{do} {_saves(decision)}", f"{how}{reason[:1].lower()}{reason[1:]}"]
    return [*lead, *_kept(decision), *_temptation(decision)]


def _kept(decision: Decision) -> list[str]:
    """How many users a commitment keeps, where they differ."""
    if decision.kept is None or decision.in_force_kept is None:
        return []
    return [
        f"Users differ in what a solved task is worth to them. {percent_text(decision.kept)} of them would rather stay"
        f" than leave after a failure then; with what is in force it is {percent_text(decision.in_force_kept)}."
    ]


def _over_users(calibration: Calibration) -> list[str]:
    """How users differ in V, where they do."""
    found = calibration.value_spread
    if found is None or not found.identified:
        return []
    return [labelled("  that is the median", spread_text(found.median, found.log_sd), 26)]


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
    if not isinstance(d, Decision):
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
    if d.kept is not None and d.in_force_kept is not None:
        kept = f"{percent_text(d.kept)}, in force {percent_text(d.in_force_kept)}"
        rows.insert(4, ("users who would stay", kept))
    if not isnan(float(d.cascade_prob.low)):
        rows.append(("  its cascade probability", f"{_share(d.cascade_prob)}"))
    if d.plug_in is not None:
        rows.append(("best in the likeliest game", in_words(d.plug_in)))
    if d.regimes:
        regimes = (f"{REGIMES[name]}: {percent(share)}" for name, share in d.regimes.items())
        rows.append(("worth another pass", "; ".join(regimes)))
    return [
        paragraph(f"{heading}, held against {d.num_draws} games", rest="  "),
        *(labelled(about, said, 28) for about, said in rows),
        "",
    ]


def _sensitivities(advice: Advice) -> list[str]:
    if not advice.sensitivities:
        return []
    heading = "What matters: one number moved to the ends of its interval (the cost of a lost task by a fifth)"
    lines = [paragraph(heading, rest="  ")]
    for sensitivity in advice.sensitivities:
        low, high = sensitivity.low, sensitivity.high
        change = "" if low.best.kind == high.best.kind else f"; best: {in_words(low.best)}, then {in_words(high.best)}"
        said = f"{low.at:.4g} to {high.at:.4g}: the best costs {low.least_cost:.4g} to {high.least_cost:.4g}{change}"
        lines.append(labelled(NAMES[sensitivity.name], said, 32))
    return [*lines, ""]


def _outcomes(advice: Advice) -> list[str]:
    if not advice.outcomes:
        return []
    heading = "Segments: users' utility of a task, under what, and what would be cheapest for them alone"
    columns = [
        ("segment", *(outcome.name for outcome in advice.outcomes)),
        ("in force", *(f"{outcome.in_force:.4g}" for outcome in advice.outcomes)),
        ("recommended", *(f"{outcome.recommended:.4g}" for outcome in advice.outcomes)),
        ("at its best", *(f"{outcome.best:.4g}" for outcome in advice.outcomes)),
        ("which is under", *(in_words(outcome.preferred) for outcome in advice.outcomes)),
        ("cheapest alone", *(in_words(outcome.own) for outcome in advice.outcomes)),
    ]
    if advice.recommended is None:
        del columns[2]
    texts = (0, len(columns) - 2, len(columns) - 1)
    lines = [paragraph(heading, rest="  "), *table(list(zip(*columns, strict=True)), left=texts, indent=2)]
    worst = max(advice.outcomes, key=lambda outcome: outcome.best - outcome.in_force)
    if worst.best > worst.in_force and len(advice.outcomes) > 1:
        lines.append(
            indented(f"{worst.name} is served worst: {worst.best - worst.in_force:.4g} below what would suit it best")
        )
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
        lines.append(labelled("good" if trial.survived else "BAD", f"{trial.words}: {said}", 7))
    return [*lines, ""]


def _share(estimate: Estimate) -> str:
    low, high = around(float(estimate.low), float(estimate.high), 3)
    return f"{handed_over(rounded_prob(float(estimate.value), 3, lambda _: True))} ({low} to {high})"


def _segments(calibration: Calibration) -> list[str]:
    if not calibration.segments:
        return []
    pairs = list(zip(calibration.segments, calibration.segment_task_values, strict=True))
    column = max(len(found.name) for found, _ in pairs) + 2
    return [
        "",
        "Value of a solved task by segment",
        *(labelled(found.name, value_text(task_value, explain=False), column) for found, task_value in pairs),
    ]


def _worth_in_force(advice: Advice) -> tuple[float, float]:
    """J and U under what is in force: those that the decision compares with, or else as in the likeliest game."""
    c, d = advice.calibration, advice.decision
    force = c.policies if c.free else c.in_force
    if d is None:
        return force.provider_cost, force.user_utility
    return float(d.in_force_cost.value), nan if d.plug_in is None else float(d.in_force_utility.value)


def _in_force(advice: Advice) -> list[str]:
    force, stated = advice.calibration.in_force, advice.calibration.tally.shapes.stated
    lines = []
    shares = [arm.cascade_prob for arm in force.arms if arm.route == 1]
    for arm in force.arms[:5]:
        known = arm.route == 1 and not isnan(arm.cascade_prob)
        share = seen(arm.cascade_prob, stated, shares) if known else ""
        s = f", {share} of retries handed over" if known else ""
        left = "" if isnan(arm.abandon_prob) else f"; users leave after {percent(arm.abandon_prob, 3)} of failures"
        lines.append(indented(f"{arm.tasks:,} tasks: route {arm.route}{s}{left}"))
    if len(force.arms) > 5:
        lines.append(f"  and {len(force.arms) - 5} more commitments")
    worth = []
    cost, utility = _worth_in_force(advice)
    if not isnan(cost):
        worth.append(f"the provider pays {cost:.4g} a task")
    if not isnan(utility):
        worth.append(f"users' utility is {utility:.4g}")
    return lines + ([indented(" and ".join(worth))] if worth else [])


def _abandonment(calibration: Calibration) -> list[str]:
    rows = calibration.abandonment()
    if not rows:
        return ["  no task ever failed"]
    lines = []
    for model in calibration.log.models:
        left = [f"{row['pass']}: {percent(cast(float, row['value']), 3)}" for row in rows if row["model"] == model]
        if left:
            lines.append(labelled(title_of(model), "   ".join(map(together, left)), 13))
    return lines


def _equilibrium(calibration: Calibration) -> list[str]:
    if calibration.solution is None:
        return []
    if (pooled := calibration.pooled) is not None:
        offer = Offer(pooled.route, rounded_prob(pooled.cascade_prob, 4, lambda s: s >= pooled.cascade_prob))
        return [
            "What would be best for such users if they answered without noise",
            indented(f"{in_words(offer)}; the provider pays {pooled.provider_cost:.4g} a task"),
        ]
    best = calibration.solution.equilibrium
    shown = shown_commitment(calibration.solution.game, best, digits=3, cost_digits=4)
    s = "" if best.route == 2 or best.cascade_free else f", {handed_over(shown.cascade_prob)} of retries handed over"
    stay = "stay" if not best.abandon_prob else f"leave after {percents(best.abandon_prob)} of failures"
    return [
        "The equilibrium of the likeliest game, if users answered without noise",
        indented(f"route {best.route}{s}; users {stay}; the provider pays {best.provider_cost:.4g} a task"),
    ]
