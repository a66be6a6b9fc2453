"""Options of `routing_v0` and its views, with the values that are worth combining."""

from typing import Any

EACH: dict[str, list[Any]] = {
    "num_tasks": [1, 3],
    "commits": ["episode", "task", "never"],
    "sight": ["exact", "noisy", "hidden"],
    "information": ["memoryless", "model", "history"],
    "throttling": [False, True],
    "grid": [None, 5],
    "retry_multiplier": [1.0, (0.5, 2.0)],
    "difficulty": [None, 2.0],
    "max_passes": [None, 3],
    "max_cycles": [None, 6],
    "render_mode": [None, "ansi", "rgb_array"],
}


def possible(options: dict[str, Any]) -> bool:
    """What is seen of a commitment is chosen only where one is made."""
    return bool(options["commits"] != "never" or options["sight"] == "exact")
