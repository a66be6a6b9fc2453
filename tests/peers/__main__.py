"""Run learners of other libraries, write what came of it, and put it into a table.

    python -m peers benchmarl-ippo benchmarl-mappo [--games nano-gpt5 …] [--seeds 3] [--out docs/results]

Rows that are there already are kept, so that each library can be run in an environment of its own.
"""

from __future__ import annotations

import argparse
import csv
import time
from dataclasses import asdict, fields
from importlib import import_module
from pathlib import Path

import torch

from peers.played import GAMES, Row, judged
from peers.table import table

LEARNERS = {
    "benchmarl-ippo": "by_benchmarl",
    "benchmarl-mappo": "by_benchmarl",
    "benchmarl-iql": "by_benchmarl",
    "benchmarl-qmix": "by_benchmarl",
    "rllib-ppo": "by_rllib",
    "skrl-ippo": "by_skrl",
    "sb3-a2c": "by_sb3",
    "sb3-dqn": "by_sb3",
    "sb3-sac": "by_sb3",
    "sb3-trpo": "by_sb3",
}
"""Modules that have them, which import their libraries."""


def rows_of(path: Path) -> list[dict[str, str]]:
    """Return rows that were written before."""
    if not path.exists():
        return []
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def write(path: Path, rows: list[dict[str, str]]) -> None:
    """Write all rows, in the order of learners, games and seeds."""
    learners, games = list(LEARNERS), list(GAMES)
    rows.sort(key=lambda row: (learners.index(row["learner"]), games.index(row["game"]), int(row["seed"])))
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, [field.name for field in fields(Row)], lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    path.with_suffix(".md").write_text(table(rows, GAMES), encoding="utf-8")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("learners", nargs="*", choices=[*LEARNERS, []], metavar="LEARNER", help=", ".join(LEARNERS))
    parser.add_argument("--games", nargs="+", choices=GAMES, default=list(GAMES), metavar="GAME")
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--out", type=Path, default=Path("docs/results"))
    options = parser.parse_args()
    torch.set_num_threads(1)
    path = options.out / "peers.csv"
    for learner in options.learners:
        learn = import_module(f"peers.{LEARNERS[learner]}").learn
        for seed in range(options.seeds):
            for game in options.games:
                done = {(row["learner"], row["game"], int(row["seed"])) for row in rows_of(path)}
                if (learner, game, seed) in done:
                    continue
                began = time.process_time()
                row = judged(learner, game, seed, learn(learner, game, seed), time.process_time() - began)
                print(row, flush=True)
                write(path, [*rows_of(path), {name: str(value) for name, value in asdict(row).items()}])
    write(path, rows_of(path))


if __name__ == "__main__":
    main()
