"""The solution of a game in free or fixed order in words, for the terminal."""

from __future__ import annotations

from math import inf

import numpy as np

from routegame.agents.exact.solution import Solution
from routegame.agents.menus.answers import answer
from routegame.agents.users.information import HistoryProfile
from routegame.envs.arrays import FloatArray
from routegame.envs.game import Game
from routegame.envs.policy import Policy
from routegame.envs.scenarios import Scenario
from routegame.numerals import amount, number, percent, rounded_prob, written
from routegame.typesetting import labelled

DIGITS = 6
"""Of costs and worths; those of probabilities are as many as it takes for users to do what is said."""

DECIMALS = 15
"""Of what is left of a row, where 1 − 0.588235 would be 0.41176500000000005."""

LABEL = 20
"""Columns of the labels."""


def menu_text(scenario: Scenario | None, solution: Solution) -> str:
    """Say what is known about one game of any number of models.

    Args:
        scenario: where the game comes from, for names and units; None for a game given by its numbers.
        solution: of a single game, in free or fixed order.
    """
    latency, cost = scenario.units if scenario else ("", "")
    game, best, slow = solution.game, solution.equilibrium, solution.throttling
    names = _names(scenario, game)
    rows = [
        (
            f"model {k + 1}{name}",
            f"a pass is worth {amount(xi, latency, DIGITS)}, a success costs {amount(stay, cost, DIGITS)}",
        )
        for k, (name, xi, stay) in enumerate(zip(names, solution.net_value, solution.cost_of_pass, strict=True))
    ]
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


def shown_policy(solution: Solution) -> Policy:
    """Return the policy with its probabilities as they are shown: short, but users answer it as they are said to.

    All probabilities between 0 and 1 that are not those of the policy's own model are rounded together, towards the
    side on which the answer holds; the last of a row is what is left.
    """
    policy, game = solution.policy, solution.game
    assert policy is not None
    kept = solution.information
    answers = np.asarray(answer(game, policy, kept))
    if (policy.matrix == policy.matrix[0]).all():
        return _redrawn(game, policy, solution)
    odd = [(j, k) for j, k in np.argwhere((policy.matrix > 0) & (policy.matrix < 1)).tolist() if k != j]
    drawn = [(-1, int(k)) for k in np.flatnonzero((policy.start > 0) & (policy.start < 1))]
    places = _free_places(odd + drawn)
    values = {float(_at(policy, place)) for place in places}
    short = policy
    for value in sorted(values):
        alike = [place for place in places if _at(policy, place) == value]

        def holds(x: float, alike: list[tuple[int, int]] = alike, base: Policy = short) -> bool:
            found = np.asarray(answer(game, _with(base, alike, x), kept))
            return bool(np.array_equal(found, answers))

        short = _with(short, alike, rounded_prob(value, DIGITS, holds))
    return short


def _redrawn(game: Game, policy: Policy, solution: Solution) -> Policy:
    """Return a policy of one row for all models with that row rounded."""
    answers = np.asarray(answer(game, policy, solution.information))
    drawn = np.flatnonzero((policy.matrix[0] > 0) & (policy.matrix[0] < 1))
    if not drawn.size:
        return policy

    def of(share: float) -> Policy:
        row = np.zeros(policy.num_models)
        row[drawn] = share, 1 - share
        return Policy.redraw(policy.start if policy.start.max() == 1 else row, row)

    def holds(share: float) -> bool:
        return bool(np.array_equal(np.asarray(answer(game, of(share), solution.information)), answers))

    return of(rounded_prob(float(policy.matrix[0, drawn[0]]), DIGITS, holds))


def _free_places(places: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Of a row without its own model all places but the last, which is what is left."""
    rows = {j for j, _ in places}
    kept = []
    for row in sorted(rows):
        columns = [k for j, k in places if j == row]
        kept += [(row, k) for k in (columns if len(columns) == 1 else columns[:-1])]
    return kept


def _at(policy: Policy, place: tuple[int, int]) -> float:
    row, column = place
    return float(policy.start[column] if row < 0 else policy.matrix[row, column])


def _with(policy: Policy, places: list[tuple[int, int]], value: float) -> Policy:
    """Return the policy with another probability in some places, and what is left for the rest of their rows."""
    start, matrix = policy.start.copy(), policy.matrix.copy()
    for row, column in places:
        line = start if row < 0 else matrix[row]
        rest = [k for k in np.flatnonzero(line).tolist() if k != column]
        line[column] = value
        line[rest[0]] = round(1 - value - sum(line[k] for k in rest[1:]), DECIMALS)
    return Policy(start, matrix)


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
