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
    latency, cost = (f" {unit}" if unit else "" for unit in (scenario.units if scenario else ("", "")))
    best, preferred, slow = solution.equilibrium, solution.user_preferred, solution.throttling
    first, second = (WORTH[sign] for sign in str(solution.regime).split("-"))
    models = f" ({scenario.models[0]} → {scenario.models[1]})" if scenario and scenario.measurements else ""
    at = ", ".join(f"{name} = {value:.6g}" for name, value in vars(solution.thresholds).items() if value == value)
    slowed = tuple(best.throttled_latency) != tuple(solution.game.latency)
    latencies = ", latencies {:.6g} and {:.6g}".format(*best.throttled_latency) if slowed else ""
    throttling = f"pays {slow.gain:.6g}{cost} a task" if slow.pays else "does not pay"
    rows = [
        ("standard model", f"{first}, ξ_1 = {solution.net_value[0]:.6g}{latency}"),
        ("reasoning model", f"{second}, ξ_2 = {solution.net_value[1]:.6g}{latency}"),
        ("thresholds", at or "none"),
        ("equilibrium", f"{_commitment(best)}{latencies}"),
        ("  users", f"{_answer(best)}; utility {best.user_utility:.6g}{latency}"),
        ("  provider", f"pays {best.provider_cost:.6g}{cost} a task, {best.solve_prob:.2%} of them solved"),
        ("users would like", f"{_commitment(preferred)}, and gain {solution.misalignment_gap:.6g}{latency}"),
        ("slowing down", f"{throttling}; never does from a churn penalty of {slow.safe_churn_penalty:.6g}{cost} on"),
    ]
    if solution.no_commitment is not None:
        nash = solution.no_commitment
        pure = "a pure" if nash.pure else "no pure"
        more = nash.value_of_commitment if nash.value_of_commitment > INDIFFERENCE * best.provider_cost else 0
        rows.append(("no commitment", f"costs {more:.6g}{cost} a task more; {pure} equilibrium"))
    if validity is not None:
        rows.append(("the answer holds", f"for V {_range(validity.value_range, latency)}"))
        within = f"(within {SUCCESS:.0%} of the best)"
        rows.append(("  this commitment", f"for V {_range(validity.commitment_range, latency)} {within}"))
        if scenario and validity.success_prob:
            rows += _measured(scenario, validity)
    if robust is not None:
        commitment = "route 2" if robust.route == 2 else f"route 1, cascade probability {robust.cascade_prob:.6g}"
        rows.append(
            (f"within {robust.delta:g}{latency}", f"{commitment}: at worst {robust.provider_cost:.6g}{cost} a task")
        )
    return "\n".join([f"{scenario.name if scenario else 'game'}{models}", *(f"  {a:<18}{b}" for a, b in rows)])


def _range(ends: tuple[float, float], unit: str) -> str:
    low, high = ends
    if low == 0 and high == inf:
        return "whatever it is"
    if low == 0 or high == inf:
        return f"up to {high:.6g}{unit}" if low == 0 else f"from {low:.6g}{unit} on"
    return f"from {low:.6g} to {high:.6g}{unit}"


def _measured(scenario: Scenario, validity: Validity) -> list[tuple[str, str]]:
    """What was measured, when and on how many tasks, and whether the answer survives its error."""
    chance = f"the answer is the same with a chance of {validity.answer_stays:.0%}"
    rows = [("measured", f"p of a first try; within its error {chance}")]
    for measurement, p in zip(scenario.measurements, validity.success_prob, strict=True):
        share = f"{p.value:.1%} of {measurement.num_cases} tasks solved at once ({p.low:.1%} to {p.high:.1%})"
        rows.append((f"  {measurement.date}", f"{measurement.model}: {share}"))
    return rows


def _commitment(profile: RoutingProfile) -> str:
    if profile.route == 2:
        return "route 2"
    return f"route 1, {'any cascade' if profile.cascade_free else f'cascade probability {profile.cascade_prob:.6g}'}"


def _answer(profile: RoutingProfile) -> str:
    if isinstance(profile, HistoryProfile) and profile.leave_after != inf:
        return f"leave after failure {profile.leave_after:.0f}"
    if isinstance(profile.abandon_prob, tuple):
        after = ["leave" if q else "stay" for q in profile.abandon_prob]
        return f"{after[0]} after a failure of model 1, {after[1]} after one of model 2"
    if profile.abandon_prob:
        return f"leave with probability {profile.abandon_prob:.6g} after a failure"
    return "stay"
