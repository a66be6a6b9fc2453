"""Random mixes of two contexts against all policies of a grid, and how fast mixes are solved: part of `make verify`.

No line is shared with the solver: policies are played by inverting their chains, users try their answers.
"""

from __future__ import annotations

import sys
import time

import numpy as np
from mixes_by_hand import brute_force, random_numbers
from tqdm import trange

from routegame import Game, TaskMix, solve_mix
from routegame.agents.mixes.contexts import Contexts
from routegame.agents.mixes.one_multiplier import history_bounds, memoryless_bounds

GAMES = 500
CASCADES = np.linspace(0, 1, 17)
GRID = 1e-3
"""By how much a policy may cost more than the best of the grid, as a share; the grid's answers are a grid, too."""

RARE = 0.01
"""Share of games in which a policy may miss that."""


def mix_of(rng: np.random.Generator, contexts: int, models: int, kind: str) -> TaskMix:
    """Contexts that have nothing in common, or one menu and easier and harder tasks."""
    return TaskMix(rng.uniform(0.1, 1, contexts), Game(*random_numbers(rng, contexts, models, kind)))


def compared(number: int, seed: int) -> int:
    """Solve so many mixes, hold them against the grid, and count bounds that are too high; more if policies are bad."""
    rng, gaps, above, worse = np.random.default_rng(seed), [], [], 0
    for n in trange(number, leave=False):
        users, order = ("memoryless", "history")[n % 2], ("fixed", "free")[n // 2 % 2]
        mix = mix_of(rng, 2, 2, ("any", "graded")[n // 4 % 2])
        solution = solve_mix(mix, users, order)
        best = brute_force(mix, users, order, CASCADES)
        gaps.append(solution.gap)
        above.append(solution.provider_cost / best - 1)
        if above[-1] > GRID:
            print(f"mix {n}, {users}, {order}: {solution.provider_cost!r}, {best!r} on the grid")
        if solution.lower_bound > best * (1 + 1e-6):
            worse += 1
            print(f"mix {n}, {users}, {order}: bound {solution.lower_bound!r} above {best!r}")
    exact, wide = np.mean(np.array(gaps) <= 1e-9), np.quantile(gaps, [0.5, 0.9, 1])
    print(f"{number} mixes: {exact:.3f} exact; gap median {wide[0]:.2g}, nine tenths {wide[1]:.2g}, most {wide[2]:.2g}")
    missed = np.mean(np.array(above) > GRID)
    print(f"dearer than the grid by more than {GRID:g} in {missed:.3f}, at most by {max(above):.2g}")
    print(f"cheaper than the grid by up to {-min(above):.2g}")
    return worse + int(missed > RARE)


def speeds() -> None:
    """Say how fast mixes are solved, in seconds of CPU time."""
    rng = np.random.default_rng(0)
    for models, order in ((2, "fixed"), (2, "free"), (3, "free")):
        mix, times = mix_of(rng, 200_000, models, "any"), []
        for _ in range(5):
            began = time.process_time()
            solve_mix(mix, order=order)
            times.append(time.process_time() - began)
        print(f"sighted, {models} models, {order}: {len(mix) / np.median(times) / 1e6:.2f} M contexts a CPU second")
    mix = mix_of(rng, 1000, 3, "any")
    for users, bounds in (("memoryless", memoryless_bounds), ("history", history_bounds)):
        for order in ("fixed", "free"):
            began = time.process_time()
            bounds(Contexts.of(mix), order, least_only=True)
            bound = time.process_time() - began
            began = time.process_time()
            gap = solve_mix(mix, users, order).gap
            print(
                f"{users}, 1,000 contexts, 3 models, {order}: bound {bound:.3f} s, "
                f"policy {time.process_time() - began:.2f} s, gap {gap:.2g}"
            )


if __name__ == "__main__":
    speeds()
    sys.exit(compared(GAMES, seed=1) > 0)
