"""The solution of a game in free or fixed order in words, for the terminal."""

from __future__ import annotations

from math import inf

import numpy as np

from routegame.agents.exact.solution import Solution
from routegame.agents.users.information import HistoryProfile
from routegame.envs.arrays import FloatArray
from routegame.envs.game import Game
from routegame.envs.scenarios import Scenario
from routegame.eval.policy_claims import DIGITS, shown_policy
from routegame.numerals import amount, number, percent, written
from routegame.typesetting import labelled

LABEL = 20
"""Columns of the labels."""

MOST_LISTED = 8
"""Models of a menu that is listed in full."""


def menu_text(scenario: Scenario | None, solution: Solution) -> str:
    """Say what is known about one game of any number of models.

    Args:
        scenario: where the game comes from, for names and units; None for a game given by its numbers.
        solution: of a single game, in free or fixed order.
    """
    latency, cost = scenario.units if scenario else ("", "")
    game, best, slow = solution.game, solution.equilibrium, solution.throttling
    names, listed = _names(scenario, game), _listed(solution)
    worth, costs = np.array(solution.net_value, dtype=np.float64), np.array(solution.cost_of_pass, dtype=np.float64)
    rows = [
        (
            f"model {k + 1}{names[k]}",
            f"a pass is worth {amount(worth[k], latency, DIGITS)}, a success costs {amount(costs[k], cost, DIGITS)}",
        )
        for k in listed
    ]
    others = np.setdiff1d(np.arange(game.num_models), listed)
    if others.size:
        worst, best_worth, least, most = (
            worth[others].min(),
            worth[others].max(),
            costs[others].min(),
            costs[others].max(),
        )
        rows.append(
            (
                f"{others.size} others",
                f"a pass is worth {amount(worst, latency, DIGITS)} to {amount(best_worth, latency, DIGITS)}, "
                f"a success costs {amount(least, cost, DIGITS)} to {amount(most, cost, DIGITS)}",
            )
        )
    rows += [
        ("the provider", _commitment(solution)),
        ("users", f"{_answer(solution)}; a task is worth {amount(best.user_utility, latency, DIGITS)} to them"),
        (
            "a task costs",
            f"{amount(best.provider_cost, cost, DIGITS)}, {percent(best.solve_prob, 3)} are solved; "
            f"{_certificate(solution)}",
        ),
        (
            "going on costs",
            f"{amount(float(solution.price_of_going_on or 0), cost, DIGITS)} at the least, once a task is not solved",
        ),
        (
            "users would like",
            f"{_liked(solution)}, and gain {amount(solution.misalignment_gap, latency, DIGITS)}",
        ),
        ("slowing down", f"pays {amount(slow.gain, cost, DIGITS)} a task" if slow.pays else "does not pay"),
    ]
    if solution.other_order is not None:
        rows.append(("2, then 1, costs", f"{amount(solution.other_order, cost, DIGITS)} a task"))
    order = {"free": "in any order", "fixed": "never back to an earlier one"}[solution.order]
    declining = ", users may decline" if solution.decline else ""
    title = f"{scenario.name if scenario else 'game'}: {game.num_models} models, {order}{declining}"
    return "\n".join([title, *(_row(label, text) for label, text in rows)])


def _listed(solution: Solution) -> list[int]:
    """Return the models, from 0, that have a line of their own: all of a short menu, of a long one those spoken of."""
    models, policy, visited = solution.game.num_models, solution.policy, solution.visited
    if models <= MOST_LISTED:
        return list(range(models))
    assert policy is not None and isinstance(visited, list)
    spoken = set(np.flatnonzero(policy.start).tolist()) | {solution.user_preferred.route - 1}
    for k in visited:
        spoken |= {k - 1, *np.flatnonzero(policy.matrix[k - 1]).tolist()}
    return sorted(int(k) for k in spoken)


def _names(scenario: Scenario | None, game: Game) -> tuple[str, ...]:
    """Names of the models, where they have any: a scenario with other numbers of models lends it none of its own."""
    if game.names is not None:
        return tuple(f", {name}" for name in game.names)
    if scenario is not None and scenario.measurements and len(scenario.models) == game.num_models:
        return tuple(f", {name}" for name in scenario.models)
    return ("",) * game.num_models


def _row(label: str, text: str) -> str:
    """Lay out a row: the label in a column of its own, or above where it is too long for that."""
    if len(label) > LABEL - 2:
        return f"  {label}\n{labelled('', text, LABEL)}"
    return labelled(label, text, LABEL)


def _commitment(solution: Solution) -> str:
    policy, visited = solution.policy, solution.visited
    assert policy is not None and isinstance(visited, list)
    short = shown_policy(solution)
    if not visited:
        return f"would start with model {np.argmax(policy.start) + 1}"
    text = f"starts with {_draw(short.start)}"
    stays = [k for k in visited if len(visited) > 1 or not _leaves(solution)]
    rows = [short.matrix[k - 1] for k in stays]
    if len(rows) > 1 and all((row == rows[0]).all() for row in rows):
        return f"{text}, and after any failure draws {_draw(rows[0])}"
    for k, row in zip(stays, rows, strict=True):
        text += f"; after a failure of {k} {_draw(row, own=k)}"
    if not stays:
        threat = int(np.argmax(short.matrix[visited[0] - 1])) + 1
        text += f", and would go on with model {threat}"
    return text


def _draw(row: FloatArray, own: int | None = None) -> str:
    models = np.flatnonzero(row) + 1
    if len(models) == 1:
        return "the same again" if models[0] == own else f"model {models[0]}"
    shares = [f"{k} with probability {written(row[k - 1])}" for k in models if k != own]
    return f"model {', '.join(shares)}" + ("" if own is None or own not in models else ", else the same again")


def _leaves(solution: Solution) -> bool:
    first = solution.equilibrium.abandon_prob
    return (first[0] if isinstance(first, tuple) else first) == 1


def _answer(solution: Solution) -> str:
    best = solution.equilibrium
    if solution.decline and not solution.visited:
        return "decline"
    if isinstance(best, HistoryProfile) and 1 < best.leave_after < inf:
        return f"leave after failure {best.leave_after:.0f}"
    if isinstance(best.abandon_prob, tuple):
        leaving = [k for k in solution.visited or [] if isinstance(k, int) and best.abandon_prob[k - 1] == 1]
        if leaving and not _leaves(solution):
            return f"leave after a failure of {', '.join(map(str, leaving))}, else stay"
    elif 0 < best.abandon_prob < 1:
        return f"leave with probability {number(best.abandon_prob, DIGITS)} after a failure"
    return "leave after a failure" if _leaves(solution) else "stay"


def _liked(solution: Solution) -> str:
    preferred = solution.user_preferred
    if preferred.solve_prob == 1:
        return f"model {preferred.route} for good"
    return "no pass at all" if solution.decline else f"one pass of model {preferred.route}"


def _certificate(solution: Solution) -> str:
    certificate = solution.certificate
    assert certificate is not None
    if certificate.status == "exact":
        return "no commitment costs less"
    return f"at most {percent(certificate.gap)} of it above the least that is possible"
