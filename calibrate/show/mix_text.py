"""Advice on tasks that differ in words, for the terminal and for the page."""

from __future__ import annotations

import numpy as np

from routegame.calibrate.contexts.advice import MixAdvice
from routegame.calibrate.contexts.decision import MixDecision
from routegame.calibrate.decide.candidates import Offer
from routegame.calibrate.decide.phrases import offer_words, range_text, saving_words
from routegame.calibrate.show.menu_text import list_words
from routegame.calibrate.show.text import what_was_read
from routegame.numerals import as_shown, number, percent, rounded_prob
from routegame.typesetting import indented, labelled, paragraph, table

MOST_SHOWN = 60
"""Most contexts that are told one by one in a terminal, those of most tasks first."""


LONGEST_NAME = 22
"""Letters of a context's name in a table, beyond which it is cut."""


def mix_advice_text(advice: MixAdvice) -> str:
    """Say what a log of tasks that differ tells, plain words first: what to do in each context, how surely, and why."""
    penalty = "not given" if advice.churn_penalty is None else number(advice.churn_penalty, 6)
    lines = [
        *what_was_read(advice.log, advice.tally.shapes, f" in {len(advice.contexts)} contexts"),
        *map(paragraph, mix_in_plain_words(advice)),
        "",
        *_decision(advice),
        *_contexts(advice),
        labelled("users' noise", noise_text(advice), 26),
        labelled("cost of a lost task", penalty, 26),
        "",
        *_equilibrium(advice),
        "Is the log of these games? Within contexts:",
        *(
            indented(f"{'holds' if check.holds else 'FAILS'}  {check.name}: {as_shown(check.explanation)}")
            for check in advice.assumptions
        ),
    ]
    return "\n".join(lines)


def mix_in_plain_words(advice: MixAdvice) -> list[str]:
    """Say what to do and how surely, in a few sentences: one paragraph each."""
    d, reason = advice.decision, as_shown(advice.reason)
    reason = f"{reason[:1].upper()}{reason[1:]}{'' if reason.endswith('.') else '.'}"
    if d is None or advice.verdict == "refused":
        return [f"No recommendation. {reason}"]
    how = {"sure": "This is sure: ", "unsure": "This is not sure: "}[advice.verdict]
    return [
        f"{_orders(d, advice.log.titles)} {saving_words(d.provider_cost, d.in_force_cost, d.saving)}",
        _gains(d, advice.log.titles),
        f"{how}{reason[:1].lower()}{reason[1:]}",
        "Users are taken to know the context of their task; see users_know_context below.",
    ]


def _orders(d: MixDecision, titles: tuple[str, ...]) -> str:
    """What to commit to, in one sentence."""
    kinds: dict[str, list[str]] = {}
    for each in d.contexts:
        kinds.setdefault(offer_words(each.commitment, titles), []).append(each.name)
    if len(kinds) == 1:
        return f"Commit to {next(iter(kinds))} in every context."
    if len(d.contexts) <= 3:
        said = "; ".join(f"in {', '.join(names)}: {words}" for words, names in kinds.items())
        return f"Commit by context, {said}."
    return "Commit by context, as the table says."


def _gains(d: MixDecision, titles: tuple[str, ...]) -> str:
    """What telling contexts apart gains over one commitment for all."""
    single = f"The best single commitment for all contexts, {offer_words(d.one_for_all, titles)}, costs"
    said = f"{single} {range_text(d.one_for_all_cost)} a task:"
    if d.gain.low <= 0:
        return f"{said} telling them apart gains {range_text(d.gain)}, which may be nothing."
    share = float(d.gain.value) / float(d.one_for_all_cost.value) if d.one_for_all_cost.value else 0.0
    return f"{said} telling them apart gains {range_text(d.gain)} a task, {percent(share)}."


def noise_text(advice: MixAdvice) -> str:
    """The noise of users' answers, and whether they value tasks of all contexts alike, as far as is known."""
    values = advice.values
    if values is None or not values.identified:
        return "not known"
    alike = "one value of a task would do" if values.alike else "one value of a task for all contexts would not do"
    return f"{range_text(values.noise_estimate, 3)}; {alike}"


def shown_contexts(advice: MixAdvice, most: int = MOST_SHOWN) -> list[int]:
    """Contexts that are told one by one, in their order: those of most tasks if there are more."""
    tasks = advice.passes.tasks
    largest = sorted(range(len(tasks)), key=lambda x: (-tasks[x], x))[:most]
    return sorted(largest)


def _decision(advice: MixAdvice) -> list[str]:
    d = advice.decision
    if d is None:
        return []
    refused = advice.verdict == "refused"
    heading = "What would be best if the games were what they seem (not recommended)" if refused else "Recommended"
    shown = [(x, d.contexts[x], d.contexts[x].commitment) for x in shown_contexts(advice)]
    short = {x: short_words(offer.route, offer.cascade_prob) for x, _, offer in shown if isinstance(offer, Offer)}
    heads = ("context", "tasks", *(["commitment"] if short else []), "a task costs", "in force", "users leave")
    rows: list[tuple[str, ...]] = [heads]
    for x, each, _ in shown:
        rows.append(
            (
                _named(each.name),
                percent(each.weight),
                *([short[x]] if short else []),
                f"{float(each.provider_cost.value):.4g}",
                f"{float(each.in_force_cost.value):.4g}",
                leaves_text(advice, x),
            )
        )
    in_full = [] if short else [(_named(each.name), offer_words(offer, advice.log.titles)) for _, each, offer in shown]
    width = max((len(name) for name, _ in in_full), default=0) + 2
    most = percent(float(d.regret.high))
    about = [
        ("regret", f"{percent(d.expected_regret)} on average, at most {most} in 97.5 % of mixes"),
        ("users' utility", range_text(d.user_utility)),
        ("one commitment for all", f"costs over 1 % more than the best in {percent(d.one_for_all_wrong)} of mixes"),
    ]
    return [
        paragraph(f"{heading}, held against {d.num_draws} mixes", rest="  "),
        *table(rows, left=(0, 2) if short else (0,), gap=2, indent=2),
        *_more(advice),
        *(labelled(name, words, width) for name, words in in_full),
        *(labelled(label, said, 24) for label, said in about),
        "",
    ]


def _named(context: str) -> str:
    """A context's name in a table."""
    return context if len(context) <= LONGEST_NAME else f"{context[: LONGEST_NAME - 1]}…"


def _more(advice: MixAdvice) -> list[str]:
    more = len(advice.contexts) - MOST_SHOWN
    return [f"  and {more} more, see --json"] if more > 0 else []


def short_words(route: int, cascade_prob: float) -> str:
    """A commitment in a cell of a table."""
    if route == 2:
        return "2 first"
    return f"1, {percent(cascade_prob, 3)} to 2" if cascade_prob else "1 throughout"


def leaves_text(advice: MixAdvice, x: int) -> str:
    """Share of failures after which users of a context left."""
    decisions, leaves = advice.cells.decisions[x].sum(), advice.cells.leaves[x].sum()
    return percent(leaves / decisions, 3) if decisions else ""


def _contexts(advice: MixAdvice) -> list[str]:
    """What the log tells of each context, a table for each model."""
    passes, values, shown = advice.passes, advice.values, shown_contexts(advice)
    lines = []
    for k, model in enumerate(advice.log.titles):
        rows: list[tuple[str, ...]] = [("context", "passes", "solves a task", "shrunk", "latency", "cost")]
        for x in shown:
            p = passes.success_prob[k]
            rows.append(
                (
                    _named(advice.contexts[x]),
                    f"{passes.passes[x, k]:,}",
                    range_text(p.estimate(x), 3),
                    percent(p.shrunk[x]),
                    f"{float(passes.latency[k].estimate(x).value):.3g}",
                    f"{float(passes.cost[k].estimate(x).value):.3g}",
                )
            )
        title = f"{model}, with 95 % intervals; shrunk: how far towards the other contexts"
        lines += [paragraph(f"{title[:1].upper()}{title[1:]}", rest="  "), *table(rows, gap=2, indent=2), ""]
    if values is None or not values.identified:
        return lines
    if values.one_for_all:
        return [*lines, labelled("value of a solved task", f"{range_text(values.estimate(0))} in all contexts", 26)]
    told: list[tuple[str, ...]] = [("context", "shrunk", "value")]
    for x in shown:
        said = f"{range_text(values.estimate(x))}{', as in the others' if values.borrowed[x] else ''}"
        told.append((_named(advice.contexts[x]), percent(values.shrunk[x]), said))
    title = "Value of a solved task, with 95 % intervals; shrunk: how far towards the other contexts"
    return [*lines, paragraph(title, rest="  "), *table(told, left=(0, 2), gap=2, indent=2), ""]


def _equilibrium(advice: MixAdvice) -> list[str]:
    best = advice.equilibrium
    if best is None:
        return []
    first = best.policies.start.argmax(axis=1)
    kinds: dict[str, int] = {}
    for x, route in enumerate(first.tolist()):
        if best.order == "free":
            leaves = bool(np.asarray(best.answer)[x] > 0)
            known = list_words(best.policies.policy(x), leaves, advice.log.titles)
        else:
            share = float(best.policies.matrix[x, route, 1 - route])
            known = "2 first" if route else "1 throughout" if not share else f"1, {_short(share)} to 2"
        kinds[known] = kinds.get(known, 0) + 1
    if len(kinds) > 3:
        begin = [(int((first == k).sum()), title) for k, title in enumerate(advice.log.titles) if k]
        said = ", ".join(f"{count} contexts begin with {title}" for count, title in begin if count or len(begin) == 1)
    else:
        said = "; ".join(f"{words} in {count}" for words, count in kinds.items())
    return [
        paragraph("The equilibrium of the likeliest mix, if users answered without noise", rest="  "),
        indented(f"{said}; the provider pays {best.provider_cost:.4g} a task (solve_mix, {best.status})"),
        "",
    ]


def _short(share: float) -> str:
    return percent(rounded_prob(share, 3, lambda _: True), 3)
