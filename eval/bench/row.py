"""The row of a run in the table of a bench: its columns, and how a result fills them."""

from __future__ import annotations

from collections.abc import Mapping
from math import inf
from pathlib import Path
from typing import Any

from routegame.eval.run.learning_curve import LearningCurve
from routegame.eval.statistics import SUCCESS

Row = dict[str, Any]
"""A run's figures, by the names in `COLUMNS`; None where there is none, as for a run that failed."""

FINISHED = "finished"
"""Status of a run that has a result."""

NOT_APPLICABLE = "not applicable"
"""Status of a run that was not made, because its learner says that it cannot play the game."""

CLOCK = ("seconds", "seconds_to_1_percent")
"""Columns that are measured with a clock."""

COLUMNS = {
    **dict.fromkeys(("suite", "learner", "instance", "group"), "VARCHAR"),
    "throttling": "BOOLEAN",
    "seed": "BIGINT",
    **dict.fromkeys(("status", "message"), "VARCHAR"),
    **dict.fromkeys(("leader_regret_relative", "leader_regret", "normalised_score"), "DOUBLE"),
    "certified": "BOOLEAN",
    **dict.fromkeys(("follower_gap_relative", "follower_gap_random"), "DOUBLE"),
    "follower": "VARCHAR",
    "route": "BIGINT",
    **dict.fromkeys(("cascade_prob", "throttled_latency_1", "throttled_latency_2", "abandon_prob"), "DOUBLE"),
    **dict.fromkeys(("best_abandon_prob", "cascade_margin", "learned_provider_cost", "learned_user_utility"), "DOUBLE"),
    **dict.fromkeys(("weak_regret_relative", "robust_regret_relative"), "DOUBLE"),
    "route_right": "BOOLEAN",
    "cascade_distance": "DOUBLE",
    "throttle_right": "BOOLEAN",
    "throttle_distance": "DOUBLE",
    **dict.fromkeys(("kind", "best_kind"), "VARCHAR"),
    "kind_right": "BOOLEAN",
    **dict.fromkeys(("misalignment_gap", "best_misalignment_gap", "equilibrium_provider_cost"), "DOUBLE"),
    "equilibrium_route": "BIGINT",
    "equilibrium_cascade_prob": "DOUBLE",
    **dict.fromkeys(("coordinates", "equilibrium_coordinates"), "VARCHAR"),
    **dict.fromkeys(("diagnosis", "stopped"), "VARCHAR"),
    **dict.fromkeys(("passes", "pretraining_passes", "follower_queries", "passes_to_1_percent"), "BIGINT"),
    **dict.fromkeys(("config_hash", "versions", "machine"), "VARCHAR"),
    **dict.fromkeys(CLOCK, "DOUBLE"),
}
"""Columns of a row, in order, with their types in SQL. All but those of `CLOCK` are the same whenever computed."""


def figures(result: Mapping[str, Any], directory: Path) -> Row:
    """Return what a run has come to, by column; without those that it has nothing about.

    Args:
        result: the document `result.json`.
        directory: of the run, with the metrics that were written on its way.
    """
    regret = result["leader_regret_relative"]
    curve = LearningCurve.read(directory / "metrics.jsonl")
    curve = curve.ending(float(result["passes"]), float(result["wall_seconds"]), inf if regret is None else regret)
    reached = curve.reached(SUCCESS)
    learned, equilibrium = result["learned"], result["equilibrium"]
    first, second = learned.get("throttled_latency", (None, None))
    return {name: result[name] for name in COLUMNS if name in result} | {
        "status": FINISHED,
        "route": learned.get("route"),
        "cascade_prob": learned.get("cascade_prob"),
        "throttled_latency_1": first,
        "throttled_latency_2": second,
        "abandon_prob": learned.get("abandon_prob", learned.get("answer")),
        "learned_provider_cost": learned["provider_cost"],
        "learned_user_utility": learned["user_utility"],
        "equilibrium_provider_cost": equilibrium["provider_cost"],
        "equilibrium_route": equilibrium.get("route"),
        "equilibrium_cascade_prob": equilibrium.get("cascade_prob"),
        "coordinates": _coordinates(learned),
        "equilibrium_coordinates": _coordinates(equilibrium),
        "diagnosis": "; ".join(finding["name"] for finding in result["diagnosis"]),
        "seconds": result["wall_seconds"],
        "passes_to_1_percent": None if reached is None else int(reached[0]),
        "seconds_to_1_percent": None if reached is None else reached[1],
    }


def _coordinates(profile: Mapping[str, Any]) -> str | None:
    """Return the point that a profile of a game outside routing commits to, at full precision."""
    return ", ".join(map(repr, profile["coordinates"])) if "coordinates" in profile else None


def run_path(directory: Path, learner: str, game: str, seed: int) -> Path:
    """Return where in the directory of a bench a run is."""
    return directory / "runs" / learner.replace(":", ".") / game / str(seed)
