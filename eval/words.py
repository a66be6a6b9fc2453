"""The solution of a game in words, for the terminal."""

from __future__ import annotations

from routegame.agents.information import HistoryProfile
from routegame.agents.robust import RobustEquilibrium
from routegame.agents.solution import Profile, Solution
from routegame.envs.scenarios import Scenario

WORTH = {"value": "worth a retry", "latency": "not worth a retry"}


def solution_text(scenario: Scenario | None, solution: Solution, robust: RobustEquilibrium | None = None) -> str:
    """Say what is known about one game, in a dozen lines.

    Args:
        scenario: where the game comes from, for names and units; None for a game given by its numbers.
        solution: of a single game.
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
        rows.append(("no commitment", f"costs {nash.value_of_commitment:.6g}{cost} a task more; {pure} equilibrium"))
    if robust is not None:
        commitment = "route 2" if robust.route == 2 else f"route 1, cascade probability {robust.cascade_prob:.6g}"
        rows.append(
            (f"within {robust.delta:g}{latency}", f"{commitment}: at worst {robust.provider_cost:.6g}{cost} a task")
        )
    return "\n".join([f"{scenario.name if scenario else 'game'}{models}", *(f"  {a:<18}{b}" for a, b in rows)])


def _commitment(profile: Profile) -> str:
    if profile.route == 2:
        return "route 2"
    return f"route 1, {'any cascade' if profile.cascade_free else f'cascade probability {profile.cascade_prob:.6g}'}"


def _answer(profile: Profile) -> str:
    if isinstance(profile, HistoryProfile) and profile.leave_after != float("inf"):
        return f"leave after failure {profile.leave_after:.0f}"
    if isinstance(profile.abandon_prob, tuple):
        after = ["leave" if q else "stay" for q in profile.abandon_prob]
        return f"{after[0]} after a failure of model 1, {after[1]} after one of model 2"
    if profile.abandon_prob:
        return f"leave with probability {profile.abandon_prob:.6g} after a failure"
    return "stay"
