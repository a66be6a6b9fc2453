"""Commitments in full as they are shown: in short numbers, at which users answer as is said beside them."""

from __future__ import annotations

import numpy as np

from routegame.agents.exact.solution import Solution
from routegame.agents.menus.answers import answer
from routegame.envs.game import Game
from routegame.envs.policy import Policy
from routegame.numerals import rounded_prob

DIGITS = 6
"""Of costs and worths; those of probabilities are as many as it takes for users to do what is said."""

DECIMALS = 15
"""Of what is left of a row, where 1 − 0.588235 would be 0.41176500000000005."""


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
