"""How good the points are that DQN chooses among, game by game: `PYTHONPATH=tests python -m peers.grid`."""

from __future__ import annotations

import csv
from pathlib import Path
from statistics import median

import numpy as np

from peers.played import env_of, game_of, levels
from peers.table import GOOD, share
from routegame.eval.judge.judges import judge_of


def main() -> None:
    """Print for each game the least regret of a point, the points' median, and which share of them DQN's is behind."""
    found: dict[str, list[float]] = {}
    with Path("docs/results/peers.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            if row["learner"] == "sb3-dqn":
                found.setdefault(row["game"], []).append(float(row["regret"]))
    for game, regrets in found.items():
        instance = game_of(game)
        env = env_of(instance, grid=levels(instance), flat=True)
        points = np.array([env.coordinates(choice) for choice in range(env.action_space("provider").n)])
        offered = np.asarray(judge_of(instance.box).regrets(instance.box.commitments(points)))
        own = median(regrets)
        print(
            f"{game}: {len(points)} points, {np.sum(offered <= GOOD)} within 1 %, best {share(offered.min())},"
            f" median {share(np.median(offered))}; DQN {share(own)}, {share(np.mean(offered < own - 1e-9))} are better"
        )


if __name__ == "__main__":
    main()
