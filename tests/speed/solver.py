"""How fast games are solved, against one game at a time.

The references solve one game at a time with scipy.optimize: bounded searches over s on route 1, of the provider's cost
under the best response and of the users' utility, compared with route 2 and with users who leave. That is less than
`solve` does, which also finds thresholds, the weak value, the safe penalty and the game without commitment, and finds
cliffs that a bounded search walks past. One reference asks this library for best responses and outcomes, the other
has them written out in plain floats, the fastest that Python can do.
"""

from __future__ import annotations

import math
import tracemalloc
from collections.abc import Callable, Iterable
from functools import partial
from typing import Any

import numpy as np
from scipy.optimize import minimize_scalar

from routegame import Game, best_response, solve
from routegame.envs.chain import Outcome, outcome
from speed.turns import Ratio, Table, Work, compared, in_turns

BATCH = 200_000
ALONE = 200
BYTES = 8 * 8 + 260
"""Numbers of a game that are read, and what is written of its solution."""

LIMIT = f"memory alone, {BYTES} bytes a game"
ONE_AT_A_TIME = 100


def random_games(count: int, seed: int) -> Game:
    """Games drawn uniformly: every sign regime, any order of the models."""
    rng = np.random.default_rng(seed)

    def draw(low: float, high: float) -> np.ndarray:
        return rng.uniform(low, high, count)

    return Game(
        draw(1, 20),
        draw(0, 20),
        (draw(0.02, 0.98), draw(0.02, 0.98)),
        (draw(0, 5), draw(0, 5)),
        (draw(0, 5), draw(0, 5)),
    )


def response(xi1: float, xi2: float, p1: float, p2: float, s: float) -> float:
    """Best response on route 1, in plain floats."""
    if xi1 >= 0 and xi2 >= 0:
        return 0.0
    if xi1 <= 0 and xi2 <= 0:
        return 1.0
    if xi1 < 0:
        return 0.0 if s >= -xi1 / (xi2 / p2 - xi1) else 1.0
    a, b, slope = 1 - p1, 1 - p2, xi1 * (1 - s) + xi2 * s
    if slope <= 0:
        return 1.0
    half = xi1 * (1 - s) * b
    root = half * half - (1 - s) * b * (xi1 * b - a * s * xi2) * slope
    return 0.0 if root < 0 else 1 - min(slope / (half + math.sqrt(root)), 1.0)


def search(function: Callable[[float], float]) -> float:
    """The least value that a bounded search over [0, 1] meets, ends included."""
    found = minimize_scalar(function, bounds=(0, 1), method="bounded").fun
    return float(min(found, function(0.0), function(1.0)))


def optimise_plain(row: list[float]) -> tuple[float, float]:
    """Throttled cost and preferred utility of one game, with everything written out."""
    v, penalty, p1, p2, t1, t2, c1, c2 = row
    xi1, xi2, a, b = v * p1 - t1, v * p2 - t2, 1 - p1, 1 - p2

    def passes(s: float) -> tuple[float, float]:
        r = 1 - response(xi1, xi2, p1, p2, s)
        n1 = 1 / (1 - a * r * (1 - s))
        return n1, n1 * a * r * s / (1 - b * r)

    def cost(s: float) -> float:
        n1, n2 = passes(s)
        return penalty + (c1 - penalty * p1) * n1 + (c2 - penalty * p2) * n2

    def loss(s: float) -> float:
        n1, n2 = passes(s)
        return -xi1 * n1 - xi2 * n2

    alone = 1.0 if xi2 < 0 else 1 / p2
    on_route_2 = penalty + (c2 - penalty * p2) * alone
    best, liked = min(search(cost), on_route_2), min(search(loss), -xi2 * alone)
    return min(best, c1 + penalty * a, c2 + penalty * b), -liked


def optimise_library(row: list[float]) -> tuple[float, float]:
    """The same, asking the library for best responses and outcomes."""
    v, penalty, p1, p2, t1, t2, c1, c2 = row
    game = Game(v, penalty, (p1, p2), (t1, t2), (c1, c2))

    def played(route: int, s: float) -> Outcome:
        return outcome(game, route, s, best_response(game, route, s))

    other = played(2, 0.0)
    best = min(search(lambda s: float(played(1, s).provider_cost)), float(other.provider_cost))
    liked = min(search(lambda s: -float(played(1, s).user_utility)), -float(other.user_utility))
    return min(best, c1 + penalty * (1 - p1), c2 + penalty * (1 - p2)), -liked


REFERENCES = {
    "scipy.optimize on plain floats": optimise_plain,
    "scipy.optimize on this library's functions": optimise_library,
}


def works() -> dict[str, Work]:
    """Solve a batch, and games one at a time."""
    games, alone = random_games(BATCH, 0), random_games(ALONE, 2)
    single = [alone.single(k) for k in range(ALONE)]
    return {
        f"solve, {BATCH:,} at a time": partial(counted, solve, [games], BATCH),
        "solve, one at a time": partial(counted, solve, single, ALONE),
    }


def measure() -> list[Table]:
    """Solve a batch, and a few games by each reference, in turns."""
    games, few = random_games(BATCH, 0), random_games(ONE_AT_A_TIME, 1)
    rows = np.array([few.task_value, few.churn_penalty, *few.success_prob, *few.latency, *few.cost]).T.tolist()
    references = {name: partial(counted, one, rows, len(rows)) for name, one in REFERENCES.items()}
    turns = in_turns("solver", works() | references | {LIMIT: copying()})
    tracemalloc.start()
    solve(games)
    peak = tracemalloc.get_traced_memory()[1] / BATCH
    tracemalloc.stop()
    rows = [*compared(turns, {}), Ratio("memory in flight", peak, unit="bytes a game")]
    return [Table("Games solved", rows, limit=LIMIT)]


def copying() -> Work:
    """Return what moves the bytes of a batch and its solution from one place in memory to another."""
    given, written = (np.zeros(BATCH * BYTES // 2, np.uint8) for _ in range(2))

    def work() -> int:
        np.copyto(written, given)
        return BATCH

    return work


def counted(solve_one: Callable[[Any], object], things: Iterable[Any], count: int) -> int:
    """Solve everything, one thing at a time, and return how many games that were."""
    for thing in things:
        solve_one(thing)
    return count
