"""How fast whole tasks are drawn, against counting them pass by pass, in groups of several sizes.

A group that is counted costs hardly more as it grows, a task that is drawn costs the same in every group: so drawing
wins where groups are small, and counting where they are large.
"""

from __future__ import annotations

import numpy as np

from routegame.envs.sampling.simulator import simulate_groups
from routegame.envs.sampling.whole_tasks import draw_tasks
from routegame.envs.scenarios import scenario
from speed.turns import Table, compared, in_turns

NUM_GROUPS = 4_096
SIZES = (1, 16, 256)


def measure() -> list[Table]:
    """Tasks of nano-gpt5 under as many random commitments as there are groups, most users staying."""
    return [_table(size) for size in SIZES]


def _table(size: int) -> Table:
    rng = np.random.default_rng(0)
    game = scenario("nano-gpt5").game
    route, s, q = rng.integers(1, 3, NUM_GROUPS), rng.uniform(0, 1, NUM_GROUPS), rng.uniform(0, 0.2, NUM_GROUPS)

    def drawn() -> int:
        for seed in range(20):
            draw_tasks(game, route, s, q, size, seed)
        return 20 * NUM_GROUPS * size

    def counted() -> int:
        simulate_groups(game, route, s, q, size, rng)
        return NUM_GROUPS * size

    turns = in_turns(f"whole_tasks, {size}", {"draw_tasks": drawn, "simulate_groups": counted})
    return Table(f"Tasks, {NUM_GROUPS:,} groups of {size}", compared(turns, {}))
