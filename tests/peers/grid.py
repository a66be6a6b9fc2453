"""How good the points are that DQN chooses among, game by game: `PYTHONPATH=tests python -m peers.grid`."""

from __future__ import annotations

import csv
from pathlib import Path

from study_grid import line

from peers.played import game_of


def main() -> None:
    """Print for each game the least regret of a point, the points' median, and which share of them DQN's is behind."""
    found: dict[str, list[float]] = {}
    with Path("docs/results/peers.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            if row["learner"] == "sb3-dqn":
                found.setdefault(row["game"], []).append(float(row["regret"]))
    for game, regrets in found.items():
        print(line(game_of(game), regrets))


if __name__ == "__main__":
    main()
