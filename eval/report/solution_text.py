"""The solution of a game in words, for the terminal."""

from __future__ import annotations

from math import inf

from routegame.agents.exact.solution import RoutingProfile, Solution, Throttling
from routegame.agents.users.information import HistoryProfile
from routegame.agents.users.robust import RobustEquilibrium
from routegame.envs.arrays import Number
from routegame.envs.game import INDIFFERENCE, Game
from routegame.envs.scenarios import Scenario
from routegame.eval.claims import (
    rests_on_a_tie,
    shown_commitment,
    shown_from,
    shown_range,
    shown_robust,
    shown_thresholds,
)
from routegame.eval.judge.validity import Validity
from routegame.eval.statistics import SUCCESS
from routegame.numerals import amount, number, percent, share, written, written_amount
from routegame.typesetting import labelled, paragraph, together

WORTH = {"value": "worth a retry", "latency": "not worth a retry"}

MEANINGS = {
    "s_0": "the least cascade probability at which users stay",
    "s_L": "the largest cascade probability at which all users stay",
    "s_H": "the least cascade probability at which all users leave",
}
"""Meanings of thresholds."""

DIGITS = 6
"""Of every number but shares; those that may be typed back have more where it takes more."""

SAME = 1e-9
"""Relative difference below which two costs are the same."""

NOTHING = 1e-9
"""Share of the value of a task below which a utility is nothing: users who are slowed down until they do not mind."""


def solution_text(
    scenario: Scenario | None,
    solution: Solution,
    validity: Validity | None = None,
    robust: RobustEquilibrium | None = None,
    other_order: float | None = None,
) -> str:
    """Say what is known about one game, in a dozen lines.

    Args:
        scenario: where the game comes from, for names and units; None for a game given by its numbers.
        solution: of a single game.
        validity: over what the answer holds, where that is known.
        robust: the commitment that is cheapest at worst, if that was asked for too.
        other_order: what a task costs if model 2 comes first, if that is known.
    """
    latency, cost = scenario.units if scenario else ("", "")
    best, preferred, slow = solution.equilibrium, solution.user_preferred, solution.throttling
    first, second = (WORTH[sign] for sign in str(solution.regime).split("-"))
    game = solution.game
    measured = scenario is not None and len(scenario.measurements) == game.num_models
    models = f" ({' → '.join(scenario.models)})" if scenario and measured else ""
    thresholds = shown_thresholds(game, solution.thresholds, solution.information, DIGITS)
    at = "; ".join(f"{together(f'{name} = {written(value)}')}, {MEANINGS[name]}" for name, value in thresholds.items())
    tie = ", being indifferent" if rests_on_a_tie(game, best) else ""
    utility = 0.0 if abs(best.follower_utility) < NOTHING * float(game.task_value) else best.follower_utility
    solved = percent(best.solve_prob, 3)
    rows = [
        ("standard model", f"{first}: {_net_value(1, solution.net_value[0], latency)}"),
        ("reasoning model", f"{second}: {_net_value(2, solution.net_value[1], latency)}"),
        ("thresholds", at or "none"),
        ("equilibrium", _commitment(game, best)),
        ("  users", f"{_answer(best)}{tie}; utility {amount(utility, latency, DIGITS)}"),
        (
            "  provider",
            f"pays {amount(best.provider_cost, cost, DIGITS)} a task, {solved} of them solved",
        ),
        (
            "users would like",
            f"{_commitment(game, preferred)}, and gain {amount(solution.misalignment_gap, latency, DIGITS)}",
        ),
        ("slowing down", _slowing_down(slow, cost)),
    ]
    if solution.no_commitment is not None:
        nash = solution.no_commitment
        pure = "a pure" if nash.pure else "no pure"
        more = nash.value_of_commitment if nash.value_of_commitment > INDIFFERENCE * best.provider_cost else 0
        rows.append(("no commitment", f"costs {amount(more, cost, DIGITS)} a task more; {pure} equilibrium"))
    if other_order is not None:
        rows.append(("the other order", _other_order(other_order, float(best.provider_cost), cost)))
    if validity is not None:
        rows.append(("the answer holds", f"for a task value {_range(validity.value_range, latency)}"))
        within = f"(within {percent(SUCCESS)} of the best)"
        rows.append(("  this commitment", f"for a task value {_range(validity.commitment_range, latency)} {within}"))
        if scenario and validity.success_prob:
            rows += _measured(scenario, validity)
    if robust is not None:
        rows.append(
            (
                f"within {amount(robust.delta, latency, DIGITS)}",
                f"{_robust(game, robust)}: at worst {amount(robust.provider_cost, cost, DIGITS)} a task",
            )
        )
    title = paragraph(f"{scenario.name if scenario else 'game'}{models}", rest="  ")
    return "\n".join([title, *(labelled(about, what, 18) for about, what in rows)])


def _net_value(model: int, value: Number, unit: str) -> str:
    """Say what a pass is worth to its user: ξ = V p − t, in words."""
    formula = f"ξ_{model} = value × success − latency = {amount(float(value), unit, DIGITS)}"
    return f"a pass is worth {together(formula)}"


def _slowing_down(throttling: Throttling, unit: str) -> str:
    """Say whether slowing models down on purpose pays, and from which churn penalty on it does not."""
    safe = float(throttling.safe_churn_penalty)
    if throttling.pays:
        kind = f"pays {amount(float(throttling.gain), unit, DIGITS)} a task"
    elif safe <= 0:
        return "never pays, whatever a lost user costs"
    else:
        kind = "does not pay"
    return f"{kind}; never does from a churn penalty of {written_amount(shown_from(safe, DIGITS), unit)} on"


def _other_order(other: float, paid: float, unit: str) -> str:
    """Say what model 2, then model 1 costs, beside what the paper's order does."""
    if abs(other - paid) <= SAME * paid:
        return "2, then 1, costs the same"
    change = f"{percent(abs(other - paid) / paid)} {'less' if other < paid else 'more'}" if paid else "more"
    return f"2, then 1, costs {amount(other, unit, DIGITS)} a task, {change}"


def _range(ends: tuple[float, float], unit: str) -> str:
    low, high = shown_range(ends, DIGITS)
    if low == 0 and high == inf:
        return "whatever it is"
    if low == 0 or high == inf:
        return f"up to {written_amount(high, unit)}" if low == 0 else f"from {written_amount(low, unit)} on"
    return f"from {written(low)} to {written_amount(high, unit)}"


def _measured(scenario: Scenario, validity: Validity) -> list[tuple[str, str]]:
    """Return rows on what was measured, when and on how many tasks, and whether the answer survives its error."""
    chance = f"the answer is the same with a chance of {percent(validity.answer_stays)}"
    rows = [("measured", f"success at the first try; within its error {chance}")]
    for measurement, p in zip(scenario.measurements, validity.success_prob, strict=True):
        solved = f"{share(p.value)} of {measurement.num_cases} tasks solved at once ({share(p.low)} to {share(p.high)})"
        rows.append((f"  {measurement.date}", f"{measurement.model}: {solved}"))
    return rows


def _commitment(game: Game, profile: RoutingProfile) -> str:
    shown = shown_commitment(game, profile, DIGITS, DIGITS)
    cascade = "any cascade" if profile.cascade_free else f"cascade probability {written(shown.cascade_prob)}"
    slowed = shown.throttled_latency != tuple(game.latency)
    latencies = ", latencies {} and {}".format(*map(written, shown.throttled_latency)) if slowed else ""
    return f"{'route 2' if profile.route == 2 else f'route 1, {cascade}'}{latencies}"


def _robust(game: Game, found: RobustEquilibrium) -> str:
    if found.route == 2:
        return "route 2"
    return f"route 1, cascade probability {written(shown_robust(game, found, DIGITS, DIGITS))}"


def _answer(profile: RoutingProfile) -> str:
    if isinstance(profile, HistoryProfile) and profile.leave_after != inf:
        return f"leave after failure {profile.leave_after:.0f}"
    if isinstance(profile.abandon_prob, tuple):
        after = ["leave" if q else "stay" for q in profile.abandon_prob]
        return f"{after[0]} after a failure of model 1, {after[1]} after one of model 2"
    if profile.abandon_prob:
        return f"leave with probability {number(profile.abandon_prob, DIGITS)} after a failure"
    return "stay"
