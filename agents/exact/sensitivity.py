"""Does the answer to a game survive other parameters? How far V may be off, and which of many games have the same.

The *answer* is what a provider would do about a game: the kind of the optimal commitment, whether users stay with it,
and which models it slows down, if it may. A cascade probability at a threshold is no part of it: it moves with every
parameter, while the rule that gives it stays the same. How far V may move under the very same commitment is the other
question.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise
from math import inf

import numpy as np
from numpy.typing import NDArray

from routegame.agents.exact.best_response import best_response
from routegame.agents.exact.cells import kind_of
from routegame.agents.exact.equilibrium import solve
from routegame.agents.exact.solution import RoutingProfile
from routegame.envs.arrays import BoolArray, FloatArray
from routegame.envs.chain import outcome
from routegame.envs.game import Game
from routegame.envs.scenarios import GameLike, as_two_model_game

REACH = 1e6
"""V is looked for from the least t / p divided by this to the greatest times this; beyond, nothing changes."""

NUM_POINTS = 513
"""Points of a grid over log V between neighbouring edges, and of every finer grid."""

NEAR = 1e-9
"""How near to a point where regimes meet V is tried, as a share of the piece."""

PRECISION = 1e-12
"""Relative width at which an end of a range is found."""


def same_answer(game: Game, others: Game, *, throttling: bool = False) -> BoolArray:
    """Return whether each game of a batch has the answer of a single one; the shape of the batch.

    >>> game = Game(9, 15, (0.1, 0.3), (1, 2), (1, 3.3))
    >>> same_answer(game, replace(game, task_value=np.array([8, 9.5, 20]))).tolist()
    [True, True, False]
    """
    same: BoolArray = _equal(_answer(game, throttling), _answer(others, throttling))
    return same


def value_range(game: GameLike, *, throttling: bool = False) -> tuple[float, float]:
    """Return the widest interval around a single game's V in which its answer is the same, in units of latency.

    It starts at 0 or ends at inf where nothing bounds it. At its ends the answer may be either. A change and its
    reversal are missed if both happen between neighbours of a grid of `NUM_POINTS` from one regime to the next.

    >>> game = Game(9, 15, (0.1, 0.3), (1, 2), (1, 3.3))  # the least cascade that makes users stay
    >>> [round(value, 4) for value in value_range(game)]
    [6.6667, 10.0]
    """
    game = as_two_model_game(game)
    answer = _answer(game, throttling)
    return _range(game, lambda others: _equal(answer, _answer(others, throttling)))


def commitment_range(
    game: GameLike, commitment: RoutingProfile, within: float, *, throttling: bool = False
) -> tuple[float, float]:
    """Return the interval around a single game's V in which a commitment is nearly the best, as `value_range` does.

    Args:
        game: a single one.
        commitment: that is nearly the best at the game's own V; its answer does not matter.
        within: what it may cost more than the equilibrium, relative to the latter, under the exact best response.
        throttling: whether it is compared with the equilibrium of the game in which models may be slowed down.

    >>> game = Game(9, 15, (0.1, 0.3), (1, 2), (1, 3.3))  # users who value tasks any less would leave
    >>> [round(value, 4) for value in commitment_range(game, solve(game).equilibrium, 0.01)]
    [9.0, 9.3766]
    """
    game = as_two_model_game(game)
    route, s, latency = commitment.route, commitment.cascade_prob, commitment.throttled_latency

    def nearly_best(others: Game) -> BoolArray:
        in_force = others.with_latency(latency)
        cost = outcome(in_force, route, s, best_response(in_force, route, s)).provider_cost
        near: BoolArray = np.less_equal(
            cost, np.asarray(solve(others, throttling=throttling).equilibrium.provider_cost) * (1 + within)
        )
        return near

    return _range(game, nearly_best)


def _range(game: Game, holds: Callable[[Game], BoolArray]) -> tuple[float, float]:
    """The widest interval of V around the game's in which something holds that holds for the game."""
    value = float(game.task_value)
    regimes = [float(t / p) for t, p in zip(game.latency, game.success_prob, strict=True) if t > 0]
    known = [*(edge for edge in regimes if 0 < edge < inf), value]  # of numbers that have an end, nothing lies beyond
    edges = sorted({min(known) / REACH or min(known), *known, min(max(known) * REACH, sys.float_info.max)})
    inner = [_between(low, high) for low, high in pairwise(edges)]
    grid = np.sort(np.concatenate([*inner, [value]]))
    start = int(np.searchsorted(grid, value))
    ends = []
    for side, beyond in ((grid[start::-1], 0.0), (grid[start:], inf)):
        held = holds(replace(game, task_value=side))
        held[0] = True  # where users are indifferent at V itself, it rests on how they break the tie
        lost = int(np.argmin(held))
        ends.append(beyond if held.all() else _border(game, holds, side[lost - 1], side[lost]))
    return ends[0], ends[1]


def _border(game: Game, holds: Callable[[Game], BoolArray], inside: float, outside: float) -> float:
    """Return where between two values of V something ceases to hold, by grids one inside the other."""
    while abs(outside - inside) > PRECISION * outside:
        grid = np.linspace(inside, outside, NUM_POINTS)
        held = holds(replace(game, task_value=grid))
        lost = max(int(np.argmin(held)), 1)
        inside, outside = grid[lost - 1], grid[lost]
    return float(inside)


def _between(low: float, high: float) -> FloatArray:
    """A grid of V, even on a logarithmic scale, that comes near its ends: there a tie alone would be seen."""
    grid: FloatArray = np.geomspace(low, high, NUM_POINTS)
    grid[0], grid[-1] = low + NEAR * (high - low), high - NEAR * (high - low)
    return grid


def _answer(game: Game, throttling: bool) -> tuple[NDArray[np.generic], ...]:
    best = solve(game, throttling=throttling).equilibrium
    q = np.asarray(best.abandon_prob)
    slowed = (np.greater(mine, given) for mine, given in zip(best.throttled_latency, game.latency, strict=True))
    return kind_of(best.route, best.cascade_prob, q), np.where((q > 0) & (q < 1), 0.5, q), *slowed


def _equal(one: tuple[NDArray[np.generic], ...], other: tuple[NDArray[np.generic], ...]) -> BoolArray:
    same: BoolArray = np.logical_and.reduce([np.equal(mine, theirs) for mine, theirs in zip(one, other, strict=True)])
    return same
