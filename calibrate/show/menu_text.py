"""Advice on any number of models in words, for the terminal and for the page."""

from __future__ import annotations

from math import inf, isnan
from typing import cast

import numpy as np

from routegame.calibrate.decide.advice import Advice
from routegame.calibrate.decide.menu_decision import MenuDecision
from routegame.calibrate.decide.phrases import range_text, regret_text, share_of
from routegame.calibrate.estimate.calibration import Calibration
from routegame.calibrate.estimate.commitments import PolicyCell
from routegame.envs.policy import Policy
from routegame.eval.claims import shown_from, shown_up_to
from routegame.eval.statistics import SUCCESS
from routegame.numerals import as_shown, handed_over, percent, rounded_prob, written
from routegame.typesetting import indented, labelled, paragraph, table, together

MOST_ARMS = 5
"""Most commitments in force that are shown one by one."""

MOST_MOVES = 4
"""Most models that a failed task may go to next that are named one by one."""

MOST_ROWS = 5
"""Most models after which it is said where tasks go: those after which most tasks go on."""

MOST_BESIDE = 3
"""Most models whose estimates stand beside each other."""


def what_to_do(advice: Advice) -> list[str]:
    """Say what to do and how surely, in a few sentences: one paragraph each."""
    titles, decision = advice.calibration.log.titles, advice.decision
    assert isinstance(decision, MenuDecision)  # asked for where there is one of many models
    reason = as_shown(advice.reason)
    reason = reason if reason.endswith(".") else f"{reason}."
    how = {"sure": "This is sure: ", "unsure": "This is not sure: "}[advice.verdict]
    chosen = decision.commitment
    said = [f"{_order(chosen.words(titles))} {_saves(decision)}", f"{how}{reason[:1].lower()}{reason[1:]}"]
    return [*said, *_margin(decision), *_misaligned(decision, titles)]


def _order(words: str) -> str:
    return f"Commit to {words}."


def _saves(decision: MenuDecision) -> str:
    saving, cost, was = decision.saving, decision.provider_cost, decision.in_force_cost
    costs = f"A task then costs {range_text(cost)}, lost users included; what is in force costs {range_text(was)}"
    if abs(float(saving.value)) <= SUCCESS * abs(float(was.value)) and saving.low <= 0 <= saving.high:
        return f"{costs}, so there is nothing to gain but certainty."
    share = float(saving.value) / float(was.value) if was.value else 0.0
    return f"{costs}. That saves {range_text(saving)} a task, {percent(share)}."


def _margin(decision: MenuDecision) -> list[str]:
    """On which side of the threshold the commitment lies, at which users without noise begin to stay."""
    if not decision.commitment.mixes or isnan(float(decision.threshold.value)):
        return []
    edge = decision.threshold
    low = rounded_prob(float(edge.low), 3, lambda s: s <= float(edge.low))
    high = rounded_prob(float(edge.high), 3, lambda s: s >= float(edge.high))
    middle = rounded_prob(float(edge.value), 3, lambda _: True)
    return [
        f"Users at their best stay from a share of {handed_over(middle)} on ({handed_over(low)} to"
        f" {handed_over(high)}): at the recommended {handed_over(decision.commitment.share)} they stay in"
        f" {share_of(decision.stays, decision)}."
    ]


def _misaligned(decision: MenuDecision, titles: tuple[str, ...]) -> list[str]:
    if float(decision.misalignment.high) <= 0:
        return ["Users could not wish for a better commitment among those that were looked at."]
    liked = decision.preferred.words(titles)
    return [f"Users like {liked} best; it would be worth {range_text(decision.misalignment)} more to them."]


def models_table(calibration: Calibration) -> list[str]:
    """The estimates of all models; a line for each, where they are many."""
    whole, titles = calibration.whole, calibration.log.titles
    named = {"solves a task": whole.success_prob, "latency of a pass": whole.latency, "cost of a pass": whole.cost}
    if len(titles) <= MOST_BESIDE:
        rows = [("", *titles), ("passes", *(f"{count:,}" for count in whole.passes))]
        rows += [(name, *(range_text(estimate) for estimate in each)) for name, each in named.items()]
        return table(rows, left=tuple(range(len(titles) + 1)), indent=2)
    lines = []
    for k, title in enumerate(titles):
        lines.append(paragraph(f"{title}, {whole.passes[k]:,} passes", first="  ", rest="    "))
        lines += [f"  {labelled(name, range_text(each[k]), 20)}" for name, each in named.items()]
    return lines


def in_force(advice: Advice) -> list[str]:
    """The commitments in force, and what they come to."""
    force, titles, d = advice.calibration.policies, advice.calibration.log.titles, advice.decision
    lines = []
    for cell in force.cells[:MOST_ARMS]:
        left = "" if isnan(cell.abandon_prob) else f"; users leave after {percent(cell.abandon_prob, 3)} of failures"
        name = f" under {cell.name}" if cell.name else ""
        lines.append(indented(f"{cell.tasks:,} tasks{name}: {policy_words(cell, titles)}{left}"))
    if len(force.cells) > MOST_ARMS:
        lines.append(f"  and {len(force.cells) - MOST_ARMS} more commitments")
    cost, utility = force.provider_cost, force.user_utility
    if isinstance(d, MenuDecision):
        cost = float(d.in_force_cost.value)
        utility = utility if d.plug_in is None else float(d.in_force_utility.value)
    worth = [] if isnan(cost) else [f"the provider pays {cost:.4g} a task"]
    worth += [] if isnan(utility) else [f"users' utility is {utility:.4g}"]
    return lines + ([indented(" and ".join(worth))] if worth else [])


def policy_words(cell: PolicyCell, titles: tuple[str, ...]) -> str:
    """A commitment as it was seen: who answers first, and who after a failure of whom; without what nobody saw."""
    matrix, number = cell.policy.matrix, cell.hand_overs.sum(axis=1)
    leads = [j for j in range(len(titles)) if (cell.stated or number[j]) and matrix[j, j] < 1]
    named = sorted(sorted(leads, key=lambda j: -number[j])[:MOST_ROWS])
    said = [f"{_shares(cell.policy.start, titles)} first"]
    said += [f"after {titles[j]} {_shares(matrix[j], titles)}" for j in named]
    if len(leads) > len(named):
        said.append(f"and so on after {len(leads) - len(named)} more")
    return ", ".join(said)


def _shares(row: Policy | object, titles: tuple[str, ...]) -> str:
    shares = sorted(enumerate(cast(list[float], row)), key=lambda item: -item[1])
    named = [(k, share) for k, share in shares if share > 0]
    if len(named) == 1:
        return titles[named[0][0]]
    parts = [f"{titles[k]} {percent(share, 3)}" for k, share in named[:MOST_MOVES]]
    rest = len(named) - len(parts)
    return f"({', '.join(parts)}{f', {rest} more' if rest else ''})"


def decision_lines(advice: Advice) -> list[str]:
    """The decision, with all figures."""
    d, titles = advice.decision, advice.calibration.log.titles
    if not isinstance(d, MenuDecision):
        return []
    refused = advice.verdict == "refused"
    heading = "What would be best if the game were what it seems (not recommended)" if refused else "Recommended"
    rows = [
        ("commitment", d.commitment.words(titles)),
        ("cost of a task", f"{range_text(d.provider_cost)}, in force {range_text(d.in_force_cost)}"),
        ("saving", range_text(d.saving)),
        ("users' utility", f"{range_text(d.user_utility)}, in force {range_text(d.in_force_utility)}"),
        ("over 1 % above the best", f"in {share_of(d.wrong, d)}; what is in force in {share_of(d.in_force_wrong, d)}"),
        ("regret", regret_text(d)),
        ("users at their best stay", f"in {share_of(d.stays, d)}"),
        ("best in each game", ", ".join(f"{kind} in {percent(share)}" for kind, share in d.kinds.items())),
        ("least cost without noise", range_text(d.least_cost)),
        ("price of going on", range_text(d.price_of_going_on)),
    ]
    if d.plug_in is not None:
        rows.append(("best in the likeliest game", d.plug_in.words(titles)))
    return [
        paragraph(f"{heading}, held against {d.num_draws} games", rest="  "),
        *(labelled(about, said, 28) for about, said in rows),
        "",
        "Side by side, each at its best share",
        *(labelled(range_text(cost), offer.words(titles), 34) for offer, cost in d.alternatives),
        "",
    ]


def by_value_lines(advice: Advice) -> list[str]:
    """What is best at which value of a task, where the log does not tell it."""
    if not advice.by_value:
        return []
    titles = advice.calibration.log.titles
    lines = ["What is best by the value of a solved task, for users without noise"]
    for found in advice.by_value:
        low, high = written(shown_from(found.low, 4)), written(shown_up_to(found.high, 4)) if found.high < inf else ""
        between = f"{low} to {high}" if high else f"{low} and more"
        lines.append(labelled(between, list_words(found.policy, found.leaves, titles), 24))
    return [*lines, ""]


def list_words(policy: Policy, leaves: bool, titles: tuple[str, ...]) -> str:
    """An equilibrium in free order within a sentence: its models in their order, without the shares."""
    first = int(policy.start.argmax())
    if leaves:
        return f"one pass of {titles[first]}, and users leave"
    said, at, known = f"{titles[first]} first", first, {first}
    for _ in titles:
        others = [int(k) for k in np.flatnonzero(policy.matrix[at]) if k not in known]
        if not others:
            break
        if len(others) > 1:
            return f"{said}, then {' or '.join(titles[k] for k in others)}"
        before, at = at, others[0]
        if policy.matrix[before, at] < 1:
            said += f", and a share of its retries handed over to {titles[at]}"
        else:
            said += f", then {titles[at]}{' for good' if policy.matrix[at, at] == 1 else ''}"
        known.add(at)
    return said if len(known) > 1 else f"{titles[first]} throughout"


def hazards(calibration: Calibration) -> list[str]:
    """Shares of users who leave, by model and pass."""
    rows, lines = calibration.abandonment(), []
    column = min(40, max(13, *(len(title) + 2 for title in calibration.log.titles)))
    for model, title in zip(calibration.log.models, calibration.log.titles, strict=True):
        left = [f"{row['pass']}: {percent(cast(float, row['value']), 3)}" for row in rows if row["model"] == model]
        if left:
            lines.append(labelled(title, "   ".join(map(together, left)), max(column, len(title) + 2)))
    return lines or ["  no task ever failed"]


def equilibrium_lines(calibration: Calibration) -> list[str]:
    """The equilibrium of the likeliest game, for comparison."""
    solution = calibration.solution
    if solution is None or solution.policy is None:
        return []
    best, titles = solution.equilibrium, calibration.log.titles
    found = list_words(solution.policy, bool(best.abandon_prob), titles)
    return [
        "The equilibrium of the likeliest game, if users answered without noise",
        indented(f"{found}; the provider pays {best.provider_cost:.4g} a task"),
    ]
