"""Games of two to eight models against a linear program, and how fast they are solved: part of `make verify`.

Every game is solved in closed form and by SciPy on the linear program that bounds it; the policy is played by inverting
its chain's matrix. A third of the games has ties, a third numbers over many orders of magnitude.
"""

from __future__ import annotations

import sys
import time

import numpy as np
from menus_by_hand import bound_by_linear_program, payoffs, random_game
from tqdm import trange

from routegame.agents.exact.equilibrium import solve as solve_paper
from routegame.agents.menus.free_order import solve_free_order
from routegame.envs.game import Game

GAMES = 20_000
ALLOWED = 1e-8
"""Relative difference up to which two numbers agree."""


def disagreements(number: int, seed: int) -> int:
    """Solve so many games in both ways, and count those that differ."""
    rng, found = np.random.default_rng(seed), 0
    for k in trange(number, leave=False):
        models, kind = 2 + k % 7, ("uniform", "ties", "extreme")[k % 3]
        game = Game(*random_game(rng, models, kind))
        solution = solve_free_order(game, redraw=bool(k % 2))
        bound, _ = bound_by_linear_program(game)
        cost = float(solution.equilibrium.provider_cost)
        leave = np.full(models, float(np.asarray(solution.equilibrium.abandon_prob)))
        _, played = payoffs(game, solution.policy.start, solution.policy.matrix, leave)
        if max(abs(bound - cost), abs(played - cost)) > ALLOWED * max(cost, 1e-12):
            found += 1
            print(f"game {k}, {kind}, {models} models: {cost!r}, program {bound!r}, played {played!r}")
    return found


def speeds() -> None:
    """Say how many games a second of CPU time solves, and two models against the paper's order, side by side."""
    rng, many = np.random.default_rng(0), 200_000
    for models in (2, 3, 8):
        numbers = [tuple(rng.uniform(0, 1, (models, many))) for _ in range(3)]
        value, penalty = rng.uniform(0, 2, (2, many))
        times: dict[str, list[float]] = {"free": [], "paper": []}
        for _ in range(9):
            for name, solve in (("free", solve_free_order), ("paper", solve_paper)):
                if name == "free" or models == 2:
                    game = Game(value, penalty, *numbers)
                    began = time.process_time()
                    solve(game)
                    times[name].append(time.process_time() - began)
        free = float(np.median(times["free"]))
        ratio = f", {np.median(times['paper']) / free:.2f} times the paper's order" if models == 2 else ""
        print(f"{models} models: {many / free / 1e6:.2f} M games a CPU second{ratio}")


if __name__ == "__main__":
    speeds()
    differing = disagreements(GAMES, seed=1)
    print(f"{differing} of {GAMES:,} games differ by more than {ALLOWED:g}")
    sys.exit(differing > 0)
