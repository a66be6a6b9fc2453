"""Mixes as worlds play them: small ones, and copies of single games, which have to play as those do."""

from typing import Any

import numpy as np

from routegame import Game, TaskMix

PAIRS = TaskMix([3, 1, 2], Game([10, 5, 8], [5, 4, 3], ([0.6, 0.2, 0.1], [0.8, 0.5, 0.3]), (1, [2, 3, 1]), (1, 2)))
MENUS = TaskMix(
    [1, 2],
    Game([10, 6], 4, ([0.5, 0.2], [0.3, 0.3], [0.7, 0.4]), (1, 2, [3, 2]), (1, 1.5, 3)),
    features=[[1.0, -2.0], [0.5, 3.0]],
)
NOISY = [[0.9, 0.1], [0.5, 0.5], [0.0, 1.0]]
"""P(z | x) for the three contexts of `PAIRS`."""

WORLDS: list[dict[str, Any]] = [
    {"game": PAIRS, "num_users": 2, "num_tasks": 2},
    {"game": PAIRS, "context_visible": False, "information": "history", "render_mode": "ansi"},
    {"game": PAIRS, "signal": NOISY, "num_users": 3, "num_tasks": 3, "throttling": True},
    {"game": PAIRS, "signal": [0, 1, 1], "commits": "task", "num_users": 2, "num_tasks": 3},
    {"game": PAIRS, "commits": "never", "num_users": 2, "num_tasks": 2, "grid": 4, "throttling": True},
    {"game": PAIRS, "sight": "noisy", "num_tasks": 3, "information": "model", "difficulty": 2.0},
    {"game": PAIRS, "sight": "hidden", "num_tasks": 2, "max_cycles": 6},
    {"game": MENUS, "decline": True, "num_tasks": 3, "information": "model"},
    {"game": MENUS, "form": "matrix", "context_visible": False, "announce": "mean", "throttling": True},
    {"game": MENUS, "decline": True, "commits": "task", "num_users": 2, "num_tasks": 2, "grid": 3},
    {"game": "easy-hard-blind", "retry_multiplier": (0.5, 2.0), "max_passes": 3, "num_users": 2},
]


def copies_of(game: Game, weights: Any = (0.2, 0.5, 0.3)) -> TaskMix:
    """A mix all of whose contexts are one game."""
    return TaskMix(np.asarray(weights), game)
