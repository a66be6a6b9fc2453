"""How fast games are solved, as ratios of CPU time in one run: `make speed`.

The reference solves one game at a time with scipy.optimize, in plain Python that touches no array: the provider's
cost over s on route 1 under the best response, the same with users who leave, and the users' utility over s. It does
less than `solve`, which also finds thresholds, the weak value, the safe penalty and the game without commitment.
"""

from __future__ import annotations

import math
import statistics
import time
import tracemalloc
from collections.abc import Callable

import numpy as np
from scipy.optimize import minimize_scalar

from routegame import Game, solve

REPEATS = 5
BATCH = 200_000
ONE_AT_A_TIME = 200


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


def optimise_one(v: float, penalty: float, p1: float, p2: float, t1: float, t2: float, c1: float, c2: float) -> float:
    """Equilibrium cost, throttled cost and preferred utility of one game, by search over s."""
    xi1, xi2, a, b = v * p1 - t1, v * p2 - t2, 1 - p1, 1 - p2

    def passes(s: float, q: float) -> tuple[float, float]:
        n1 = 1 / (1 - a * (1 - q) * (1 - s))
        return n1, n1 * a * (1 - q) * s / (1 - b * (1 - q))

    def cost(s: float) -> float:
        n1, n2 = passes(s, response(xi1, xi2, p1, p2, s))
        return penalty + (c1 - penalty * p1) * n1 + (c2 - penalty * p2) * n2

    def loss(s: float) -> float:
        n1, n2 = passes(s, response(xi1, xi2, p1, p2, s))
        return -xi1 * n1 - xi2 * n2

    alone = 1.0 if xi2 < 0 else 1 / p2
    on_route_2 = penalty + (c2 - penalty * p2) * alone
    best = min(minimize_scalar(cost, bounds=(0, 1), method="bounded").fun, cost(0), cost(1), on_route_2)
    preferred = min(minimize_scalar(loss, bounds=(0, 1), method="bounded").fun, loss(0), loss(1), -xi2 * alone)
    return float(min(best, c1 + penalty * a, c2 + penalty * b) + preferred)


def cpu_seconds(work: Callable[[], object]) -> float:
    """CPU time of one call."""
    started = time.process_time()
    work()
    return time.process_time() - started


def main() -> None:
    """Measure in turns, print medians."""
    games, few = random_games(BATCH, 0), random_games(ONE_AT_A_TIME, 1)
    rows = np.array([few.task_value, few.churn_penalty, *few.success_prob, *few.latency, *few.cost]).T.tolist()
    solve(games)
    rates = []
    for _ in range(REPEATS):
        batched = BATCH / cpu_seconds(lambda: solve(games))
        single = ONE_AT_A_TIME / cpu_seconds(lambda: [optimise_one(*row) for row in rows])
        rates.append((batched, single, batched / single))
    tracemalloc.start()
    solve(games)
    peak = tracemalloc.get_traced_memory()[1] / BATCH
    batched, single, ratio = (statistics.median(column) for column in zip(*rates, strict=True))
    spread = sorted(rate[2] for rate in rates)
    print(f"solve, {BATCH:,} games in a batch      {batched / 1e6:8.2f} million games a CPU second")
    print(f"scipy.optimize, one game at a time  {single / 1e6:8.5f} million games a CPU second")
    print(f"ratio                               {ratio:8,.0f} ({spread[0]:,.0f} to {spread[-1]:,.0f})")
    print(f"memory in flight                    {peak:8.0f} bytes a game")


if __name__ == "__main__":
    main()
