"""Advice by features of tasks in words, for the terminal and for the page."""

from __future__ import annotations

from collections.abc import Sequence

from routegame.calibrate.decide.phrases import in_words, range_text, saving_words
from routegame.calibrate.features.advice import Coefficient, FeatureAdvice, Regression
from routegame.calibrate.features.decision import FeatureDecision
from routegame.calibrate.show.text import what_was_read
from routegame.numerals import as_shown, number, percent
from routegame.typesetting import indented, labelled, paragraph, table


def feature_advice_text(advice: FeatureAdvice) -> str:
    """Say what a log of tasks with features tells, plain words first: what to do by features, how surely, and why."""
    penalty = "not given" if advice.churn_penalty is None else number(advice.churn_penalty, 6)
    lines = [
        *what_was_read(advice.log, advice.tally.shapes, f", known by {names_text(advice)}"),
        *map(paragraph, features_in_plain_words(advice)),
        "",
        *_decision(advice),
        *_regressions(advice),
        labelled("users' noise", noise_text(advice), 26),
        labelled("cost of a lost task", penalty, 26),
        "",
        *_equilibrium(advice),
        "Is the log of these games? Given what is known of a task:",
        *(
            indented(f"{'holds' if check.holds else 'FAILS'}  {check.name}: {as_shown(check.explanation)}")
            for check in advice.assumptions
        ),
    ]
    return "\n".join(lines)


def names_text(advice: FeatureAdvice) -> str:
    """The features in a sentence."""
    *most, last = advice.table.names
    return f"{', '.join(most)} and {last}" if most else last


def features_in_plain_words(advice: FeatureAdvice) -> list[str]:
    """Say what to do and how surely, in a few sentences: one paragraph each."""
    d, reason = advice.decision, as_shown(advice.reason)
    reason = f"{reason[:1].upper()}{reason[1:]}{'' if reason.endswith('.') else '.'}"
    if d is None or advice.verdict == "refused":
        return [f"No recommendation. {reason}"]
    how = {"sure": "This is sure: ", "unsure": "This is not sure: "}[advice.verdict]
    saves = saving_words(d.provider_cost, d.in_force_cost, d.saving)
    return [
        f"Commit to what is best for each task by {names_text(advice)}. {saves}",
        f"In short: {rule_words(d, advice.table.names)}. By this rule a task costs {range_text(d.rule_cost)}.",
        _gains(d),
        f"{how}{reason[:1].lower()}{reason[1:]}",
        "Users are taken to know what is known of their task; see users_know_features below.",
    ]


def rule_words(d: FeatureDecision, names: tuple[str, ...]) -> str:
    """The rule in a sentence."""
    if len(d.rule) == 1:
        return f"{in_words(d.rule[0].commitment)} for all tasks"
    return "; ".join(f"{each.part.words(names)}: {in_words(each.commitment)}" for each in d.rule)


def _gains(d: FeatureDecision) -> str:
    """What it gains to look at features, over one commitment for all."""
    single = f"The best single commitment for all tasks, {in_words(d.one_for_all)}, costs"
    said = f"{single} {range_text(d.one_for_all_cost)} a task: looking at features gains {range_text(d.gain)}"
    if d.gain.low <= 0:
        return f"{said}, which may be nothing."
    share = float(d.gain.value) / float(d.one_for_all_cost.value) if d.one_for_all_cost.value else 0.0
    return f"{said} a task, {percent(share)}."


def noise_text(advice: FeatureAdvice) -> str:
    """The noise of users' answers, and whether they may value all tasks alike."""
    if advice.noise is None or advice.values is None:
        return "not known"
    alike = "; one value of all tasks would explain them as well" if advice.values.alike else ""
    return f"{range_text(advice.noise, 3)}{alike}"


def coefficient_text(coefficient: Coefficient) -> str:
    """A coefficient with its standard error."""
    return f"{coefficient.value:.3g} ± {coefficient.error:.2g}"


def regression_rows(advice: FeatureAdvice, titles: Sequence[str]) -> list[tuple[str, Regression]]:
    """All regressions by what they are of."""
    rows = []
    for k, title in enumerate(titles if advice.success else ()):
        rows.append((f"{title} solves a task, log-odds", advice.success[k]))
        rows.append((f"{title}, log of latency", advice.latency[k]))
        rows.append((f"{title}, log of cost", advice.cost[k]))
    return rows if advice.task_value is None else [*rows, ("value of a task, its log", advice.task_value)]


def _decision(advice: FeatureAdvice) -> list[str]:
    d = advice.decision
    if d is None:
        return []
    refused = advice.verdict == "refused"
    heading = "What would be best if the games were what they seem (not recommended)" if refused else "The rule"
    rows: list[tuple[str, ...]] = [("tasks", "a task costs", "in force")]
    rows += [
        (
            percent(each.part.share),
            f"{float(each.provider_cost.value):.4g}",
            f"{float(each.in_force_cost.value):.4g}",
        )
        for each in d.rule
    ]
    said = [f"{each.part.words(advice.table.names) or 'all tasks'}: {in_words(each.commitment)}" for each in d.rule]
    most = percent(float(d.regret.high))
    about = [
        ("regret", f"{percent(d.expected_regret)} on average, at most {most} in 97.5 % of draws"),
        ("users' utility", range_text(d.user_utility)),
        ("the rule", f"costs over 1 % more than the best in {percent(d.rule_wrong)} of draws"),
        ("one commitment for all", f"costs over 1 % more than the best in {percent(d.one_for_all_wrong)} of draws"),
    ]
    numbers = table(rows, gap=2, indent=2)
    lines = [paragraph(f"{heading}, held against {d.num_draws} draws of {len(d.features):,} kinds of tasks", rest="  ")]
    lines.append(numbers[0])
    for row, words in zip(numbers[1:], said, strict=True):
        lines += [row, paragraph(words, first="    ", rest="      ")]
    return [*lines, *(labelled(label, text, 24) for label, text in about), ""]


def _regressions(advice: FeatureAdvice) -> list[str]:
    """Coefficients with standard errors, a paragraph each."""
    names, lines = advice.table.names, []
    rows = regression_rows(advice, advice.log.titles)
    column = min(44, max([34, *(len(label) + 2 for label, _ in rows)]))
    for label, found in rows:
        parts = [f"{coefficient_text(found.at_zero)} where all are 0"]
        parts += [
            f"{coefficient_text(slope)} a unit of {name}" for name, slope in zip(names, found.slopes, strict=True)
        ]
        lines.append(labelled(label, ", ".join(parts), column))
    return ["Coefficients with standard errors", *lines, ""] if lines else []


def _equilibrium(advice: FeatureAdvice) -> list[str]:
    best = advice.equilibrium
    if best is None:
        return []
    return [
        paragraph("The equilibrium of the likeliest games, if users answered without noise", rest="  "),
        indented(f"the provider pays {best.provider_cost:.4g} a task (solve_mix, {best.status})"),
        "",
    ]
