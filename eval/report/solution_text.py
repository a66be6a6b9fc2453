"""The solution of a game in words, for the terminal."""

from __future__ import annotations

from math import inf

from routegame.agents.exact.solution import RoutingProfile, Solution
from routegame.agents.users.information import HistoryProfile
from routegame.agents.users.robust import RobustEquilibrium
from routegame.envs.game import INDIFFERENCE
from routegame.envs.scenarios import Scenario
from routegame.eval.judge.validity import Validity
from routegame.eval.statistics import SUCCESS
from routegame.numerals import amount, cascade_text, number, percent, share

WORTH = {"value": "worth a retry", "latency": "not worth a retry"}


def solution_text(
    scenario: Scenario | None,
    solution: Solution,
    validity: Validity | None = None,
    robust: RobustEquilibrium | None = None,
) -> str:
    """Say what is known about one game, in a dozen lines.

    Args:
        scenario: where the game comes from, for names and units; None for a game given by its numbers.
        solution: of a single game.
        validity: over what the answer holds, where that is known.
        robust: the commitment that is cheapest at worst, if that was asked for too.
    """
    latency, cost = scenario.units if scenario else ("", "")
    best, preferred, slow = solution.equilibrium, solution.user_preferred, solution.throttling
    first, second = (WORTH[sign] for sign in str(solution.regime).split("-"))
    models = f" ({scenario.models[0]} → {scenario.models[1]})" if scenario and scenario.measurements else ""
    at = ", ".join(
        f"{name} = {cascade_text(value)}" for name, value in vars(solution.thresholds).items() if value == value
    )
    slowed = tuple(best.throttled_latency) != tuple(solution.game.latency)
    latencies = ", latencies {} and {}".format(*(number(t, 6) for t in best.throttled_latency)) if slowed else ""
    throttling = f"pays {amount(slow.gain, cost, 6)} a task" if slow.pays else "does not pay"
    solved = percent(best.solve_prob, 3)
    rows = [
        ("standard model", f"{first}, ξ_1 = {amount(solution.net_value[0], latency, 6)}"),
        ("reasoning model", f"{second}, ξ_2 = {amount(solution.net_value[1], latency, 6)}"),
        ("thresholds", at or "none"),
        ("equilibrium", f"{_commitment(best)}{latencies}"),
        ("  users", f"{_answer(best)}; utility {amount(best.user_utility, latency, 6)}"),
        (
            "  provider",
            f"pays {amount(best.provider_cost, cost, 6)} a task, {solved} of them solved",
        ),
        ("users would like", f"{_commitment(preferred)}, and gain {amount(solution.misalignment_gap, latency, 6)}"),
        (
            "slowing down",
            f"{throttling}; never does from a churn penalty of {amount(slow.safe_churn_penalty, cost, 6)} on",
        ),
    ]
    if solution.no_commitment is not None:
        nash = solution.no_commitment
        pure = "a pure" if nash.pure else "no pure"
        more = nash.value_of_commitment if nash.value_of_commitment > INDIFFERENCE * best.provider_cost else 0
        rows.append(("no commitment", f"costs {amount(more, cost, 6)} a task more; {pure} equilibrium"))
    if validity is not None:
        rows.append(("the answer holds", f"for V {_range(validity.value_range, latency)}"))
        within = f"(within {percent(SUCCESS)} of the best)"
        rows.append(("  this commitment", f"for V {_range(validity.commitment_range, latency)} {within}"))
        if scenario and validity.success_prob:
            rows += _measured(scenario, validity)
    if robust is not None:
        commitment = (
            "route 2" if robust.route == 2 else f"route 1, cascade probability {cascade_text(robust.cascade_prob)}"
        )
        rows.append(
            (
                f"within {amount(robust.delta, latency, 6)}",
                f"{commitment}: at worst {amount(robust.provider_cost, cost, 6)} a task",
            )
        )
    return "\n".join([f"{scenario.name if scenario else 'game'}{models}", *(f"  {a:<18}{b}" for a, b in rows)])


def _range(ends: tuple[float, float], unit: str) -> str:
    low, high = ends
    if low == 0 and high == inf:
        return "whatever it is"
    if low == 0 or high == inf:
        return f"up to {amount(high, unit, 6)}" if low == 0 else f"from {amount(low, unit, 6)} on"
    return f"from {number(low, 6)} to {amount(high, unit, 6)}"


def _measured(scenario: Scenario, validity: Validity) -> list[tuple[str, str]]:
    """What was measured, when and on how many tasks, and whether the answer survives its error."""
    chance = f"the answer is the same with a chance of {percent(validity.answer_stays)}"
    rows = [("measured", f"p of a first try; within its error {chance}")]
    for measurement, p in zip(scenario.measurements, validity.success_prob, strict=True):
        solved = f"{share(p.value)} of {measurement.num_cases} tasks solved at once ({share(p.low)} to {share(p.high)})"
        rows.append((f"  {measurement.date}", f"{measurement.model}: {solved}"))
    return rows


def _commitment(profile: RoutingProfile) -> str:
    if profile.route == 2:
        return "route 2"
    cascade = "any cascade" if profile.cascade_free else f"cascade probability {cascade_text(profile.cascade_prob)}"
    return f"route 1, {cascade}"


def _answer(profile: RoutingProfile) -> str:
    if isinstance(profile, HistoryProfile) and profile.leave_after != inf:
        return f"leave after failure {profile.leave_after:.0f}"
    if isinstance(profile.abandon_prob, tuple):
        after = ["leave" if q else "stay" for q in profile.abandon_prob]
        return f"{after[0]} after a failure of model 1, {after[1]} after one of model 2"
    if profile.abandon_prob:
        return f"leave with probability {number(profile.abandon_prob, 6)} after a failure"
    return "stay"
