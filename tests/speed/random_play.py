"""How fast the PettingZoo environment steps where commitments change every episode and answers are random.

That is what it is under a learner. Whoever names a commit, `make speed SECTIONS=random_play BASELINE=REV`, has the same
played on that commit in turns, each turn in a process of its own, and sees the ratios.
"""

from __future__ import annotations

import io
import json
import os
import statistics
import subprocess
import sys
import tarfile
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np

from routegame.envs import routing_v0

EPISODES = {1: 3_000, 8: 800}
"""Episodes of a turn, by users."""

ROOT = Path(__file__).parents[2]


def measure(baseline: str | None = None) -> list[Any]:
    """Play the environment as it is, and as it was at a commit."""
    from speed.turns import REPEATS, Ratio, Table, progress

    with tempfile.TemporaryDirectory() as folder:
        sources = [ROOT / "src"] if baseline is None else [ROOT / "src", _checked_out(baseline, Path(folder))]
        turns: list[list[dict[str, float]]] = []
        for turn in range(REPEATS):
            progress(f"random_play: turn {turn + 1} of {REPEATS}")
            turns.append([_played(source) for source in sources])
    rows = []
    for name in turns[0][0]:
        rate = statistics.median(turn[0][name] for turn in turns)
        ratio = None if baseline is None else statistics.median(turn[0][name] / turn[1][name] for turn in turns)
        rows.append(Ratio(name, rate, ratio))
    held = "" if baseline is None else f", against {baseline}"
    return [Table(f"Agent-steps, commitments and answers at random{held}", rows)]


def _checked_out(revision: str, folder: Path) -> Path:
    """Unpack a commit into a folder and return where its package is."""
    packed = subprocess.run(["git", "archive", revision], cwd=ROOT, check=True, capture_output=True).stdout
    with tarfile.open(fileobj=io.BytesIO(packed)) as archive:
        archive.extractall(folder, filter="data")
    return folder / "src"


def _played(source: Path) -> dict[str, float]:
    environment = os.environ | {"PYTHONPATH": str(source)}
    told = subprocess.run([sys.executable, __file__], env=environment, check=True, capture_output=True, text=True)
    rates: dict[str, float] = json.loads(told.stdout)
    return rates


def parallel(users: int, episodes: int) -> float:
    """Agent-steps a CPU second, resets included, of the environment in which all act at once."""
    env, offers, answers = _prepared(routing_v0.parallel_env, users, episodes)
    steps, started = 0, time.process_time()
    for offer in offers:
        env.reset()
        while env.agents:
            actions = {agent: next(answers) for agent in env.agents}
            actions["provider"] = offer
            steps += len(actions)
            env.step(actions)
    return steps / (time.process_time() - started)


def in_turn(users: int, episodes: int) -> float:
    """The same of the environment in which agents act one at a time."""
    env, offers, answers = _prepared(routing_v0.env, users, episodes)
    steps, started = 0, time.process_time()
    for offer in offers:
        env.reset()
        for agent in env.agent_iter():
            *_, over, cut_off, _ = env.last()
            env.step(None if over or cut_off else offer if agent == "provider" else next(answers))
            steps += 1
    return steps / (time.process_time() - started)


def _prepared(make: Any, users: int, episodes: int) -> tuple[Any, Any, Any]:
    env, rng = make("nano-gpt5", num_users=users), np.random.default_rng(0)
    offers = rng.random((episodes, 2)).astype(np.float32)
    answers = iter(rng.integers(0, 2, 100 * users * episodes).tolist())
    env.reset(seed=1)
    return env, offers, answers


def main() -> None:
    """Print the rates as JSON."""
    parallel(1, 100)
    kinds = {"parallel": parallel, "AEC": in_turn}
    plural = {1: "one user", 8: "eight users"}
    print(
        json.dumps(
            {
                f"routing_v0 {name}, {plural[users]}": play(users, episodes)
                for name, play in kinds.items()
                for users, episodes in EPISODES.items()
            }
        )
    )


if __name__ == "__main__":
    main()
