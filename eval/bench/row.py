"""The row of a run in the table of a bench: its columns, and how a result fills them."""

from __future__ import annotations

from math import inf
from pathlib import Path
from typing import Any

from routegame.agents.exact.solved_game import Profile
from routegame.envs.document import Document
from routegame.eval.judge.judgement import Judge
from routegame.eval.run.learning_curve import LearningCurve
from routegame.eval.statistics import SUCCESS
from routegame.whole_file import folder_name

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
    "anytime_regret": "DOUBLE",
    "plays": "BIGINT",
    "cumulative_regret": "DOUBLE",
    **dict.fromkeys(("config_hash", "versions", "machine"), "VARCHAR"),
    **dict.fromkeys(CLOCK, "DOUBLE"),
}
"""Columns of a row, in order, with their types in SQL. All but those of `CLOCK` are the same whenever computed."""


def figures(result: Document, directory: Path, judge: Judge[Profile]) -> Row:
    """Return what a run has come to, by column; without those that it has nothing about.

    Args:
        result: the document `result.json`.
        directory: of the run, with the metrics that were written on its way.
        judge: of its game.
    """
    regret = result["leader_regret_relative"]
    curve = LearningCurve.read(directory / "metrics.jsonl")
    curve = curve.ending(float(result["passes"]), float(result["wall_seconds"]), inf if regret is None else regret)
    reached = curve.reached(SUCCESS)
    learned, equilibrium = result["learned"], result["equilibrium"]
    return {name: result[name] for name in COLUMNS if name in result} | {
        "status": FINISHED,
        **judge.row(learned, equilibrium),
        "learned_provider_cost": learned["provider_cost"],
        "learned_user_utility": learned["user_utility"],
        "equilibrium_provider_cost": equilibrium["provider_cost"],
        "diagnosis": "; ".join(finding["name"] for finding in result["diagnosis"]),
        "seconds": result["wall_seconds"],
        "passes_to_1_percent": None if reached is None else int(reached[0]),
        "anytime_regret": curve.on_the_way(),
        "cumulative_regret": _cumulative_regret(result, equilibrium["provider_cost"]),
        "seconds_to_1_percent": None if reached is None else reached[1],
    }


def _cumulative_regret(result: Document, best: float) -> float | None:
    """Return what all plays cost above the equilibrium, in costs of a play there; None where nobody knows.

    Plays of a game that has changed since are held against the equilibrium that it had.
    """
    if "plays" not in result or not best:
        return None
    plays, paid, before = int(result["plays"]), float(result["paid"]), result.get("drift")
    if before is None or not before["plays"]:
        return _above(paid, plays, best)
    earlier = _above(before["paid"], before["plays"], before["equilibrium_cost"])
    return earlier + _above(paid - before["paid"], plays - before["plays"], best)


def _above(paid: float, plays: int, best: float) -> float:
    return (paid - plays * best) / abs(best)


def run_path(directory: Path, learner: str, game: str, seed: int) -> Path:
    """Return where in the directory of a bench a run is."""
    return directory / "runs" / folder_name(learner) / game / str(seed)
