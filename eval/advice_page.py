"""Advice as one page that needs nothing else: no network, no script, the same bytes for the same log and seed."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from xml.etree.ElementTree import Element

import numpy as np

from routegame import __version__
from routegame.envs.checks import ParameterError
from routegame.eval.advice import Advice
from routegame.eval.calibration_text import in_plain_words
from routegame.eval.decision import Decision
from routegame.eval.decision_charts import commitment_chart, hazard_chart, response_chart, swing_bar, swing_scale
from routegame.eval.markup import Content, element, table
from routegame.eval.numerals import percent
from routegame.eval.page import figure, page_of, section
from routegame.eval.phrases import KINDS, NAMES, REGIMES, in_words, range_text, share_of, title_of, value_text, worst_of
from routegame.train.whole_file import whole_file

VERDICTS = {"sure": "Sure", "unsure": "Not sure", "refused": "No recommendation"}


def write_advice(advice: Advice, path: Path) -> None:
    """Write the page of advice.

    Raises:
        ParameterError: the file cannot be written.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with whole_file(path) as beside:
            beside.write_bytes(advice_page(advice).encode("utf-8", "xmlcharrefreplace"))
    except OSError as error:
        raise ParameterError("report", "a file that can be written", f"{path} ({error.strerror})") from None


def advice_page(advice: Advice) -> str:
    """Return the page."""
    c = advice.calibration
    title = f"What to do about {c.log.path.name}"
    head, *rest = in_plain_words(advice)
    mark = {"sure": "sure", "unsure": "unsure", "refused": "bad"}[advice.verdict]
    brief = [
        element("p", element("span", VERDICTS[advice.verdict], class_=f"verdict {mark}"), class_="verdict-line"),
        element("p", head, class_="lead"),
        *(element("p", paragraph) for paragraph in rest),
    ]
    dropped = [element("p", f"{c.log.dropped.message}.", class_="note")] if c.log.dropped.message else []
    return page_of(
        title,
        element("h1", title),
        element("p", f"{c.log.num_passes:,} passes of {c.log.num_tasks:,} tasks, {_penalty(advice)}", class_="sub"),
        element("section", *brief, class_="brief"),
        *dropped,
        *_decision(advice),
        *_served(advice),
        *_swings(advice),
        _game(advice),
        _checks(advice),
        _made(advice),
    )


def _penalty(advice: Advice) -> str:
    penalty = advice.calibration.churn_penalty
    return "the cost of a lost task is not given" if penalty is None else f"a lost task costs {penalty:g}"


def _decision(advice: Advice) -> list[Element]:
    d = advice.decision
    if d is None:
        return []
    refused = advice.recommended is None
    heading = "What would be best if the game were what it seems" if refused else "Recommended, and in force"
    column = "best in the drawn games" if refused else "recommended"
    rows: list[Sequence[Content]] = [
        ["what it does", _in_force(advice), in_words(d.commitment)],
        ["cost of a task, lost users included", range_text(d.in_force_cost), range_text(d.provider_cost)],
        ["users' utility of a task", range_text(d.in_force_utility), range_text(d.user_utility)],
        [
            "costs over 1 % more than the best",
            f"in {share_of(d.in_force_wrong, d)}",
            f"in {share_of(d.wrong, d)}",
        ],
    ]
    charts = element(
        "div",
        figure(
            commitment_chart(d, advice.calibration.in_force.arms, not refused),
            "What a commitment costs: the likeliest game, and 95 % of those that the log may well be of. In one game"
            " all costs may be higher, in another lower; how sure the comparison is stands below.",
            "",
        ),
        figure(
            response_chart(advice.calibration.whole, advice.crowd),
            "What users did under each commitment, with 95 % intervals, and what the drawn games let expect.",
            "",
        ),
        class_="charts",
    )
    return [
        section(
            heading,
            table("Each number with its 95 % interval", ["", "in force", column], rows, class_="plain"),
            charts,
            _legend("recommended" if not refused else "best in the drawn games"),
        ),
        section("How sure that is", *_how_sure(advice, d)),
        section("Temptations", _temptations(d)),
    ]


def _in_force(advice: Advice) -> str:
    arms = advice.calibration.in_force.arms
    total = sum(arm.tasks for arm in arms)
    first = sum(arm.tasks for arm in arms if arm.route == 1) / total
    if len(arms) == 1:
        known = arms[0].route == 1 and not np.isnan(arms[0].cascade_prob) and arms[0].cascade_prob > 0
        handed = f" and {percent(arms[0].cascade_prob)} of retries handed over" if known else ""
        return f"model {arms[0].route} first{handed}"
    return f"{len(arms)} commitments; model 1 first in {percent(first)} of tasks"


def _how_sure(advice: Advice, d: Decision) -> list[Content]:
    said = (
        f"The commitment was held against {d.num_draws} games that this log may well be of. It costs"
        f" {percent(float(d.regret.value))} more than the best on average, and {percent(float(d.regret.high))}"
        f" {worst_of(d)}."
    )
    rows: list[Sequence[Content]] = [[KINDS[kind], percent(share)] for kind, share in d.kinds.items()]
    found: list[Content] = [
        element("p", said),
        table("What is best, and in how many of the games", ["best commitment", "games"], rows),
    ]
    if d.plug_in is not None and d.plug_in != d.commitment:
        found.append(
            element(
                "p",
                f"In the likeliest game {in_words(d.plug_in)} would be best. But nobody knows that it is the game, so"
                " what is recommended is good in all of them, rather than best in one.",
                class_="note",
            )
        )
    if d.regimes:
        worth: list[Sequence[Content]] = [[REGIMES[name], percent(share)] for name, share in d.regimes.items()]
        found.append(table("To users, another pass is worth its wait with", ["models", "games"], worth))
    if advice.trials:
        read: list[Sequence[Content]] = [
            [
                trial.words,
                "cannot be told" if trial.best is None else in_words(trial.best),
                "–" if trial.best is None else percent(trial.regret),
                element(
                    "td", "survives" if trial.survived else "does not survive", class_="" if trial.survived else "bad"
                ),
            ]
            for trial in advice.trials
        ]
        found.append(
            table(
                "An assumption fails: the same commitment where the log is read otherwise",
                ["if", "best there", "costs more by", "the answer"],
                read,
                class_="plain",
            )
        )
    return found


def _temptations(d: Decision) -> Element:
    rows: list[Sequence[Content]] = [
        ["slowing models down until users leave would save, a task", range_text(d.throttling_gain)],
        ["it never pays once a lost task costs", range_text(d.safe_penalty)],
        [f"users would gain by what they like best, {in_words(d.preferred)}", range_text(d.misalignment)],
    ]
    return table("What the provider could gain at its users' cost, and they at its", ["", ""], rows, class_="long")


def _served(advice: Advice) -> list[Element]:
    if not advice.served:
        return []
    rows: list[Sequence[Content]] = []
    for served in sorted(advice.served, key=lambda of: of.in_force - of.best):
        rows.append(
            [
                served.name,
                percent(served.share),
                f"{served.in_force:.4g}",
                "–" if advice.recommended is None else f"{served.recommended:.4g}",
                f"{served.best:.4g}",
                in_words(served.preferred),
                in_words(served.own),
            ]
        )
    head = ["segment", "tasks", "in force", "recommended", "at its best", "what it likes best", "cheapest for it alone"]
    about = (
        "Users' utility of a task in each segment, in the likeliest game, in units of latency: the value of what is"
        " solved less the time it takes. The worst served come first."
    )
    return [
        section("Whom this serves badly", element("p", about), table("Utility by segment", head, rows, class_="plain"))
    ]


def _swings(advice: Advice) -> list[Element]:
    if not advice.swings or advice.decision is None:
        return []
    scale = swing_scale(advice.swings)
    centre = _least(advice.decision)
    rows: list[Sequence[Content]] = []
    for swing in advice.swings:
        low, high = swing.low, swing.high
        best = in_words(low.best) if low.best.kind == high.best.kind else f"{in_words(low.best)}; {in_words(high.best)}"
        rows.append(
            [
                NAMES[swing.name],
                f"{low.at:.4g} to {high.at:.4g}",
                element("td", swing_bar(scale, swing, centre)),
                f"{low.least_cost:.4g} to {high.least_cost:.4g}",
                best,
                percent(max(low.regret, high.regret)),
            ]
        )
    about = (
        "Each number moved to the ends of its 95 % interval, the others left where they are; the cost of a lost task by"
        " a fifth to either side. Hollow: what the best commitment costs at the low end; filled: at the high end."
    )
    head = ["number", "from, to", "cost of the best", "", "best at either end", "regret of this one, at most"]
    return [section("What matters", element("p", about), table("Sensitivity", head, rows, class_="plain"))]


def _least(d: Decision) -> float:
    return float(min(np.asarray(d.curve.cost.value).min(), float(d.curve.route_2.value)))


def _game(advice: Advice) -> Element:
    c = advice.calibration
    first, second = (title_of(model) for model in c.log.models)
    rows: list[Sequence[Content]] = [["passes", *(f"{count:,}" for count in c.whole.passes)]]
    named = {
        "solves a task": c.whole.success_prob,
        "latency of a pass": c.whole.latency,
        "cost of a pass": c.whole.cost,
    }
    rows += [[name, *(range_text(estimate) for estimate in pair)] for name, pair in named.items()]
    content: list[Content] = [
        table("What the passes tell, with 95 % intervals", ["", first, second], rows, class_="plain"),
        element(
            "p",
            element("b", "Value of a solved task: "),
            f"{value_text(c.patience)}. It is what explains who retried and who left, in units of latency.",
        ),
    ]
    if c.segments:
        own: list[Sequence[Content]] = [
            [found.name, f"{found.tasks:,}", value_text(patience, explain=False)]
            for found, patience in zip(c.segments, c.segment_patience, strict=True)
        ]
        content.append(table("Value of a solved task by segment", ["segment", "tasks", "value"], own, class_="plain"))
    chart = hazard_chart(c.abandonment(), c.log.models)
    if chart is not None:
        legend = element(
            "ul",
            *(element("li", _mark(f"mark k{k}", f"m{k}"), f" {name}") for k, name in enumerate((first, second))),
            class_="legend",
        )
        content.append(figure(chart, "How many users leave after a failure, by the number of the pass.", ""))
        content.append(legend)
    if c.solution is not None:
        best = c.solution.equilibrium
        words = (
            "model 2 first"
            if best.route == 2
            else f"model 1 first, {percent(float(best.cascade_prob))} of retries handed over"
        )
        content.append(
            element(
                "p",
                f"If users answered without noise, the equilibrium of the likeliest game would be {words}, at"
                f" {float(best.provider_cost):.4g} a task. They do not, so that is no recommendation.",
                class_="note",
            )
        )
    return section("The game", *content)


def _checks(advice: Advice) -> Element:
    rows: list[Sequence[Content]] = [
        [
            check.name,
            element("td", "holds" if check.holds else "fails", class_="" if check.holds else "bad"),
            check.explanation,
        ]
        for check in advice.calibration.assumptions
    ]
    return section(
        "Is the log of this game?",
        table(
            "Assumptions of the model, held against the log", ["assumption", "", "what is seen"], rows, class_="ends"
        ),
    )


def _made(advice: Advice) -> Element:
    drawn = (
        "" if advice.decision is None else f" {advice.decision.num_draws} games were drawn, with seed {advice.seed}."
    )
    return section(
        "How this was made",
        element("p", f"By routegame {__version__}, from the log alone; no prompt and no answer was read.{drawn}"),
        element(
            "p",
            "Games are drawn in proportion to how likely the log is: p, t and c around their estimates, V and the noise"
            " of users by what they did. The recommended commitment is that of least expected regret, relative to the"
            " best of each game.",
            class_="note",
        ),
    )


def _legend(name: str) -> Element:
    line = element("path", class_="line k0", d="M0 8H30")
    band = element("path", class_="band k0", d="M0 2H30V14H0Z")
    swatch = element("svg", band, line, class_="swatch", viewBox="0 0 30 16", width=30, aria_hidden="true")
    return element(
        "ul",
        element("li", swatch, " expected, and 95 % of the drawn games"),
        element("li", _mark("best", "star"), f" {name}"),
        element("li", _mark("mark k1", "m0"), " in the log"),
        class_="legend",
    )


def _mark(style: str, shape: str) -> Element:
    use = element("use", href=f"#{shape}", class_=style, x=10, y=8)
    return element("svg", use, class_="swatch", viewBox="0 0 20 16", width=20, aria_hidden="true")
