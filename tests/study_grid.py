"""How good the points are that DQN chooses among, game by game, and which share of them it is behind.

python tests/study_grid.py docs/results/libraries/reference
"""

from __future__ import annotations

import csv
import sys
from collections.abc import Sequence
from pathlib import Path
from statistics import median

import numpy as np

from routegame.eval.bench.suites import Instance, instances
from routegame.eval.judge.judges import judge_of
from routegame.eval.statistics import SUCCESS
from routegame.numerals import percent
from routegame.train.learners.dqn import Dqn


def line(instance: Instance, regrets: Sequence[float]) -> str:
    """Say of a game how good the points are, and how many are better than those that DQN ended with."""
    points = Dqn.points(instance.box)
    offered = np.asarray(judge_of(instance.box).regrets(instance.box.commitments(points)))
    own, good = median(regrets), np.sum(offered <= SUCCESS)
    better = percent(np.mean(offered < own - 1e-9))
    return (
        f"{instance.name}: {len(points)} points, {good} within 1 %, best {percent(offered.min())}, median"
        f" {percent(np.median(offered))}; DQN {percent(own)}, {better} are better"
    )


def main(board: Path) -> None:
    """Print a line for each game that DQN plays."""
    with (board / "runs.csv").open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["learner"] == "dqn" and row["status"] == "finished"]
    for instance in instances(rows[0]["suite"]):
        regrets = [float(row["leader_regret_relative"]) for row in rows if row["instance"] == instance.name]
        if regrets:
            print(line(instance, regrets), flush=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
