"""How good the points are that DQN chooses among on `gpt41-family`: `PYTHONPATH=tests python -m peers.grid`."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np

from peers.played import game_of
from routegame.envs.routing_v0 import RoutingEnv
from routegame.eval.judge.judges import judge_of

GAME = "gpt41-family"


def main() -> None:
    of = game_of(GAME)
    env = RoutingEnv(of.game, grid=3, flat=True)
    points = np.array([env.coordinates(choice) for choice in range(env.action_space("provider").n)])
    regrets = np.asarray(judge_of(of.box).regrets(of.box.commitments(points)))
    print(f"{len(points)} points: regret {regrets.min():.1%} at the least, median {np.median(regrets):.0%}")
    with Path("docs/results/peers.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            if (row["learner"], row["game"]) == ("sb3-dqn", GAME):
                better = np.mean(regrets < float(row["regret"]) - 1e-9)
                print(f"seed {row['seed']}: {float(row['regret']):.0%}; {better:.0%} of the points are better")


if __name__ == "__main__":
    main()
