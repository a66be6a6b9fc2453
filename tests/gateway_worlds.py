"""A gateway that does not exist, and its users: logs in litellm's form of a known game, with outages if asked for.

Attempts fail; the gateway tries a model three times, and then falls back from the first to the second. During an outage
many attempts at the first model fail, and some of the time the gateway lets it cool down: then there is no attempt at
it at all. Users answer as `quantal_response` says of the waits that they meet.

    python tests/gateway_worlds.py

writes `payloads.jsonl` and `clicks.jsonl`, those of docs/gateway_logs.md.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from routegame import Game
from routegame.agents.users.quantal import quantal_response

GAME = Game(120, 0.1, (0.0311, 0.4311), (6.09, 39.77), (0.000966, 0.02938))
ARMS = {"arm0": (1, 0.05), "arm1": (1, 0.1), "arm2": (1, 0.3), "arm3": (2, 0.0)}
NAMES = ("cheap", "strong")
TRIES, SLEEP, THINKS, LOST = 3, 1.0, 2.0, 0.5
"""Attempts at a model; seconds between them, and before a user tries again; duration of one that fails, of others'."""

SECRET = "the orchid opens at midnight"


@dataclass(frozen=True)
class World:
    """What is simulated.

    Attributes:
        num_tasks: tasks, one every 30 seconds.
        failing: share of attempts at each model that fail.
        cools: share of turns in which the first model is not tried.
        temperature: of users.
        seed: of everything.
    """

    num_tasks: int = 2000
    failing: tuple[float, float] = (0.1, 0.03)
    cools: float = 0.0
    temperature: float = 6.0
    seed: int = 0

    @property
    def game(self) -> Game:
        """The game as users meet it: a turn that its model answers takes what attempts and sleeps before it took."""
        f = np.array(self.failing)
        tries = np.arange(TRIES)[:, None]
        failed = (tries * f**tries).sum(axis=0) / (f**tries).sum(axis=0)
        waits = np.array(GAME.latency) + failed * (np.array(GAME.latency) * LOST + SLEEP)
        return GAME.with_latency(waits)


OUT = World(failing=(0.5, 0.1), cools=0.05)
"""An outage, all along the log."""


def write_world(world: World, folder: Path, *, mentions: bool = True) -> tuple[Path, Path]:
    """Write payloads in the order of their ends, and feedback; `mentions` says whether of unanswered turns, too."""
    payloads, clicks = [], []
    rng = np.random.default_rng(world.seed)
    leaves = {arm: float(quantal_response(world.game, *ARMS[arm], world.temperature)) for arm in ARMS}
    for k in range(world.num_tasks):
        arm = list(ARMS)[rng.integers(len(ARMS))]
        session = _session(world, f"s{k}", 30.0 * k, arm, leaves[arm], rng)
        for attempts, click in session:
            payloads += attempts
            clicks += [click] if mentions or (attempts and attempts[-1]["status"] == "success") else []
    payloads.sort(key=lambda line: line["endTime"])
    clicks.sort(key=lambda line: line["time"])
    paths = folder / "payloads.jsonl", folder / "clicks.jsonl"
    for path, lines in zip(paths, (payloads, clicks), strict=True):
        path.write_text("".join(json.dumps(line) + "\n" for line in lines))
    return paths


def _session(
    world: World, name: str, time: float, arm: str, leave: float, rng: np.random.Generator
) -> Iterator[tuple[list[dict[str, object]], dict[str, object]]]:
    """Attempts and feedback of each turn of a session."""
    route, share = ARMS[arm]
    asked, turn = route - 1, 0
    while True:
        turn += 1
        attempts, answered, time = _turn(world, name, turn, time, arm, asked, rng)
        solved = answered is not None and rng.random() < GAME.success_prob[answered]
        click = {"session_id": name, "turn": turn, "time": time, "requested_model": NAMES[asked]}
        left = not solved and rng.random() < leave
        yield attempts, click | {"judged_solved": int(solved)}
        if solved or left:
            return
        time += THINKS
        asked = 1 if asked == 0 and rng.random() < share else asked


def _turn(
    world: World, name: str, turn: int, time: float, arm: str, asked: int, rng: np.random.Generator
) -> tuple[list[dict[str, object]], int | None, float]:
    """Attempts of a turn, which model answered, if one did, and when."""
    attempts: list[dict[str, object]] = []
    for model in (0, 1) if asked == 0 else (1,):
        if model == 0 and rng.random() < world.cools:
            continue
        for _ in range(TRIES):
            fails = rng.random() < world.failing[model]
            lasts = rng.gamma(4, GAME.latency[model] / 4) * (LOST if fails else 1.0)
            call = f"{name}-{turn}-{len(attempts)}"
            attempts.append(
                {
                    "litellm_call_id": call,
                    "trace_id": name,
                    "status": "failure" if fails else "success",
                    "response_cost": 0.0 if fails else rng.gamma(4, GAME.cost[model] / 4),
                    "startTime": time,
                    "endTime": time + lasts,
                    "model": f"mock/{NAMES[model]}",
                    "model_group": NAMES[model],
                    "request_tags": [arm],
                    "messages": [{"role": "user", "content": SECRET}],
                }
            )
            time += lasts
            if not fails:
                return attempts, model, time
            time += SLEEP
    return attempts, None, time


if __name__ == "__main__":
    write_world(World(), Path())
