"""Games drawn at random, by sign regime and by how far they are from the nearest threshold."""

from __future__ import annotations

from math import inf

import numpy as np
from numpy.typing import NDArray

from routegame.agents.exact.cells import CellPlacement, place
from routegame.envs.arrays import FloatArray, IntArray
from routegame.envs.game import Game

REGIMES = {
    "value-value": (True, True),
    "value-latency": (True, False),
    "latency-value": (False, True),
    "latency-latency": (False, False),
}
"""Sign regimes, and of which models a pass is worth its wait in them."""

DISTANCES = {"near": (0.01, 0.05), "middle": (0.05, 0.2), "far": (0.2, inf)}
"""Relative margins, see `margin`, that count as each distance: from the first on, and below the second."""

_DRAWN_AT_ONCE = 4096
_DIGITS = 4


def draw_games(regime: str, rng: np.random.Generator, per_stratum: int) -> tuple[Game, NDArray[np.str_]]:
    """Draw games of a sign regime until there are enough at every distance, see `routegame.eval.bench.suites`.

    Args:
        regime: one of `REGIMES`.
        rng: the source of chance.
        per_stratum: games wanted at each distance.

    Returns:
        A batch of at least as many games, and the distance of each: of those at the same distance, the ones that are
        to be taken first come first, and kinds of optimal commitments take turns.
    """
    numbers = np.empty((8, 0))
    while True:
        numbers = np.concatenate([numbers, _numbers(REGIMES[regime], rng)], axis=1)
        game = _game(numbers)
        where = place(game)
        distance = np.full(game.shape, "none", dtype="<U6")
        for name, (least, most) in DISTANCES.items():
            distance[(margin(where) >= least) & (margin(where) < most) & np.equal(where.regime, regime)] = name
        if all(np.sum(distance == name) >= per_stratum for name in DISTANCES):
            order = np.argsort(_turn(np.char.add(distance, where.commitment)), kind="stable")
            return _game(numbers[:, order]), distance[order]


def margin(where: CellPlacement) -> FloatArray:
    """Return how far a game without throttling is from the nearest threshold, relative to what is compared there.

    The lesser of what the cheapest commitment of another kind costs more, and of |ξ_k| / (V p_k).
    """
    return np.minimum(where.commitment_margin, where.net_value_margin)


def _turn(kind: NDArray[np.str_]) -> IntArray:
    """Return how many before each one are of its kind."""
    turn = np.empty(len(kind), dtype=np.int64)
    for name in np.unique(kind):
        turn[kind == name] = np.arange(np.sum(kind == name))
    return turn


def _numbers(worth: tuple[bool, bool], rng: np.random.Generator) -> FloatArray:
    """V, P, p_1, p_2, t_1, t_2, c_1 and c_2 of many games, (8, num_games)."""
    size = _DRAWN_AT_ONCE
    value, ordered = rng.uniform(1, 20, size), rng.random(size) < 0.5
    p, c = rng.uniform(0.05, 0.95, (2, size)), rng.uniform(0.05, 1, (2, size))
    p, c = (np.where(ordered, np.sort(pair, axis=0), pair) for pair in (p, c))
    share = rng.random((2, size))
    latency = value * p * np.where(np.array(worth)[:, None], share, 1 / np.maximum(share, 0.1))
    penalty = rng.uniform(0, 2, size) * np.max(c / p, axis=0)
    return np.stack([value, penalty, *p, *latency, *c]).round(_DIGITS)


def _game(numbers: FloatArray) -> Game:
    value, penalty, p1, p2, t1, t2, c1, c2 = numbers
    return Game(value, penalty, (p1, p2), (t1, t2), (c1, c2))
