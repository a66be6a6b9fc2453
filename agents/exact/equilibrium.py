"""The Stackelberg equilibrium of every routing game, in closed form (Mahmood 2026, Theorems 3 to 5, made complete).

What is known of one game is in `routegame.agents.exact.one_game`; here games go in, single or in batches, and a
`Solution` comes out.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from functools import cache

import numpy as np
from numpy.typing import NDArray

from routegame.agents.exact.best_response import Thresholds
from routegame.agents.exact.one_game import FLAGS, NUM_PLAYED, NUMBERS, PARTS, ROUTES, solve_one, solve_rows
from routegame.agents.exact.solution import NoCommitment, RoutingProfile, Solution, Throttling, shaped
from routegame.envs.arrays import BoolArray, Flag, FloatArray, IntArray, Number
from routegame.envs.game import Game
from routegame.envs.scenarios import GameLike, as_two_model_game

BLOCK = 2**12
"""Games whose numbers are laid side by side at once: so few stay in the processor's nearest caches."""

FEW, FEW_UNLOADED = 512, 2**13
"""Games up to which a batch is left to Python, for it takes less than to call what is compiled, and where that is not
loaded yet less than to load it."""

LINE = 64 // 8
"""Numbers in a line of the processor's cache."""


def solve(game: GameLike, *, throttling: bool = False) -> Solution:
    """Solve a game, or every game of a batch, exactly.

    The equilibrium is the strong one: a user who is indifferent acts as the provider likes. Among commitments of
    equal cost the simplest is reported: s = 0 on route 1, then route 2, then a threshold, then s = 1.

    Args:
        game: one game, a batch of any shape, or the name of a scenario.
        throttling: report the equilibrium of the game in which the provider may also raise latencies, without bound.

    Returns:
        A `Solution`, whose numbers are floats for one game and arrays of `game.shape` for a batch. These are parts of
        one block of memory, 260 bytes a game, which is kept for as long as any of them is.

    >>> solution = solve(Game(9, 15, (0.1, 0.3), (1, 2), (1, 3.6)))
    >>> e = solution.equilibrium
    >>> e.route, round(e.cascade_prob, 6), e.abandon_prob, solution.regime
    (1, 0.041096, 0.0, 'latency-value')
    """
    game = as_two_model_game(game)
    if game.shape:
        return _solution(game, *_solve_batch(game, throttling), throttling=throttling)
    (p1, p2), (t1, t2), (c1, c2) = game.success_prob, game.latency, game.cost
    with np.errstate(all="ignore"):
        given = map(float, (game.task_value, game.churn_penalty, p1, p2, t1, t2, c1, c2))
        numbers, routes, flags = solve_one(throttling, *given)
    # where users mix some are NumPy's own, which are no values of JSON
    found = list(map(float, numbers)), list(map(int, routes)), list(map(bool, flags))
    return _solution(game, *found, throttling=throttling)


def _solve_batch(game: Game, throttling: bool) -> tuple[list[FloatArray], list[IntArray], list[BoolArray]]:
    """Return what `solve_one` does, as arrays of the game's shape."""
    size = int(np.prod(game.shape))
    stride = (size // LINE | 1) * LINE + LINE  # rows that lie a power of 2 apart would share a few lines of the cache
    numbers = np.empty((NUMBERS, stride))
    routes, flags = np.empty((ROUTES, size), np.int64), np.empty((FLAGS, size), np.bool_)
    games = np.empty((8, min(size, BLOCK)))
    few = FEW if "numba" in sys.modules else FEW_UNLOADED
    rows = _in_python if size <= few else _compiled()
    for start, block in zip(range(0, size, BLOCK), game.blocks(BLOCK), strict=True):
        count = min(BLOCK, size - start)
        values = (block.task_value, block.churn_penalty, *block.success_prob, *block.latency, *block.cost)
        for row, value in zip(games, values, strict=True):
            row[:count] = value
        rows(games, count, throttling, numbers, routes, flags, start)
    return (
        [row[:size].reshape(game.shape) for row in numbers],
        [row.reshape(game.shape) for row in routes],
        [row.reshape(game.shape) for row in flags],
    )


Rows = Callable[[FloatArray, int, bool, FloatArray, IntArray, BoolArray, int], None]


def _in_python(
    games: FloatArray,
    count: int,
    throttling: bool,
    numbers: FloatArray,
    routes: IntArray,
    flags: BoolArray,
    start: int,
) -> None:
    """Do what `solve_rows` does."""
    with np.errstate(all="ignore"):
        found = [solve_one(throttling, *row) for row in games[:, :count].T.tolist()]
    for k, held in enumerate((numbers, routes, flags)):
        held[:, start : start + count] = np.array([one[k] for one in found]).T


@cache
def _compiled() -> Rows:
    """Return `solve_rows`, compiled; Numba is imported only where it is wanted, for it takes its time."""
    from numba.extending import register_jitable

    from routegame.envs.compiled import kept

    for part in PARTS:
        register_jitable(part)
    return kept(solve_rows, error_model="numpy")


def _solution(
    game: Game,
    numbers: Sequence[Number],
    routes: Sequence[int | NDArray[np.int64]],
    flags: Sequence[Flag],
    *,
    throttling: bool,
) -> Solution:
    """Lay out what `solve_one` returned."""
    xi1, xi2, stay1, stay2, s_0, s_L, s_H = numbers[:7]
    (weak, gap, gain, slow_cost, slow1, slow2, safe, nash, worth), (free, liked_free, pays, pure) = (
        [numbers[7 + NUM_PLAYED], *numbers[8 + 2 * NUM_PLAYED :]],
        flags,
    )
    latency, slowed = shaped(game.latency, game), (slow1, slow2)
    played, liked = numbers[7 : 7 + NUM_PLAYED], numbers[8 + NUM_PLAYED : 8 + 2 * NUM_PLAYED]
    return Solution(
        game=game,
        net_value=(xi1, xi2),
        cost_of_pass=(stay1, stay2),
        thresholds=Thresholds(s_0, s_L, s_H),
        equilibrium=_profile(routes[0], played, slowed if throttling else latency, free),
        weak_provider_cost=weak,
        user_preferred=_profile(routes[1], liked, latency, liked_free),
        misalignment_gap=gap,
        throttling=Throttling(pays, gain, slow_cost, slowed, safe),
        no_commitment=NoCommitment(nash, worth, pure),
    )


def _profile(
    route: int | NDArray[np.int64], played: Sequence[Number], latency: tuple[Number, ...], free: Flag
) -> RoutingProfile:
    cascade_prob, abandon_prob, solved, waited, spent, utility, cost = played
    return RoutingProfile(route, cascade_prob, abandon_prob, latency, solved, waited, spent, utility, cost, free)
