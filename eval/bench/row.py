"""The row of a run in the table of a bench: its columns, and how a result fills them, or the table of another bench."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from math import inf, isnan
from pathlib import Path
from typing import Any

from routegame.agents.exact.solved_game import Profile
from routegame.envs.document import Document, checked, read_document
from routegame.eval.judge.judgement import Judge
from routegame.eval.run.learning_curve import LearningCurve
from routegame.eval.statistics import SUCCESS
from routegame.whole_file import folder_name

Row = dict[str, Any]
"""A run's figures, by the names in `COLUMNS`; None where there is none, as for a run that failed."""

Key = tuple[str, str, int]
"""Learner, game and seed of a run."""

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


def _whole(value: float) -> int:
    whole = int(value)
    if not -(2**63) <= whole < 2**63:
        raise ValueError("a whole number of more than 64 bits")
    return whole


def _real(value: float) -> float:
    number = float(value)
    if isnan(number):
        raise ValueError("what is not a number")
    return number


CONVERT: Mapping[str, Callable[..., object]] = {"VARCHAR": str, "BOOLEAN": bool, "BIGINT": _whole, "DOUBLE": _real}
"""What makes a value one of a column's type."""

SOURCE = ("path", "command", "date", "machine")
"""What is written down of the table that a run is from."""

TAKEN = "a run that `routegame bench --take` took; delete its folder to make the run here"
"""What the file of such a run may be."""

ALWAYS = ("leader_regret_relative", "passes", "seconds")
"""Numbers that every run has which has finished."""


def read_row(plain: Document) -> Row:
    """Return a row that was read from a file, every value of its column's type; columns that it lacks have None.

    Raises:
        ValueError: a finished run without what each has; a value that is none of its column.
        TypeError: likewise.
    """
    row = {name: None if plain.get(name) is None else CONVERT[kind](plain[name]) for name, kind in COLUMNS.items()}
    if row["status"] == FINISHED and any(row[name] is None for name in ALWAYS):
        raise ValueError(f"a finished run without {', '.join(name for name in ALWAYS if row[name] is None)}")
    return row


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
        return paid_above(paid, plays, best)
    earlier = paid_above(before["paid"], before["plays"], before["equilibrium_cost"])
    return earlier + paid_above(paid - before["paid"], plays - before["plays"], best)


def paid_above(paid: float, plays: int, best: float) -> float:
    """Return what plays cost above the best, in costs of a play there."""
    return (paid - plays * best) / abs(best)


def run_path(directory: Path, learner: str, game: str, seed: int) -> Path:
    """Return where in the directory of a bench a run is."""
    return directory / "runs" / folder_name(learner) / game / str(seed)


@dataclass(frozen=True)
class TakenRun:
    """A run that was made elsewhere.

    Attributes:
        source: what its table was made with: path, command, date and machine.
        row: its row there.
        curve: how regret fell in it; None where nobody wrote that down.
    """

    source: Mapping[str, str]
    row: Row
    curve: LearningCurve | None

    @classmethod
    def read(cls, path: Path) -> TakenRun:
        """Read it from a file.

        Raises:
            FileError: it is damaged.
        """
        plain = read_document(path, TAKEN)
        with checked(path, TAKEN):
            source = {name: str(plain["source"][name]) for name in SOURCE}
            curve = None if plain["curve"] is None else LearningCurve.of(plain["curve"])
            return cls(source, read_row(plain["row"]), curve)

    def to_dict(self) -> dict[str, object]:
        """Return it as plain values, ready for JSON."""
        curve = None if self.curve is None else self.curve.points()
        return {"source": dict(self.source), "row": self.row, "curve": curve}


def curve_at(directory: Path) -> LearningCurve | None:
    """Read the learning curve of a run, made here or taken, without its result; None where there is none."""
    path, metrics = directory / "taken.json", directory / "metrics.jsonl"
    if path.exists():
        return TakenRun.read(path).curve
    return LearningCurve.read(metrics) if metrics.exists() else None
