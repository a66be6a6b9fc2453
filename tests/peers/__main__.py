"""Run learners of other libraries, write what came of it, and put it into a table.

    python -m peers benchmarl-ippo benchmarl-mappo [--games nano-gpt5 …] [--seeds 3] [--out docs/results]

Rows that are there already are kept, so that each library can be run in an environment of its own, and several at once.
"""

from __future__ import annotations

import argparse
import time
from dataclasses import asdict
from importlib import import_module
from pathlib import Path

import torch

from peers.played import GAMES, Declined, judged
from peers.rows import add, rows_of

LEARNERS = {
    "benchmarl-ippo": "by_benchmarl",
    "benchmarl-mappo": "by_benchmarl",
    "benchmarl-iql": "by_benchmarl",
    "benchmarl-qmix": "by_benchmarl",
    "rllib-ppo": "by_rllib",
    "skrl-ippo": "by_skrl",
}
"""Modules that have them, which import their libraries."""


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
                try:
                    ended = learn(learner, game, seed)
                except Declined as reason:
                    print(f"{learner} does not play {game}: {reason}", flush=True)
                    continue
                row = judged(learner, game, seed, ended, time.process_time() - began)
                print(row, flush=True)
                add(path, [{name: str(value) for name, value in asdict(row).items()}], list(LEARNERS))
    add(path, [], list(LEARNERS))


if __name__ == "__main__":
    main()
