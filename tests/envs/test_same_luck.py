"""Two models in the paper's order play as they always have: digests of all that episodes tell, frozen once.

Whoever changes one of them changes results that others have published: see "Versions" in docs/environment.md.
"""

import hashlib
from typing import Any

import numpy as np
import pytest
from pairwise import pairwise
from routing_episodes import GAME, TYPES
from told import log_of

from routegame.envs import Commitment, FollowerVectorEnv, LeaderVectorEnv, TaskBatch, draw_tasks, routing_v0
from routegame.envs.single_agent import FollowerEnv, LeaderEnv

# Pictures are no luck, and hard tasks are as exact as the quantile function of whoever plays them.
OPTIONS: dict[str, list[Any]] = {
    "game": [GAME, TYPES],
    "num_users": [1, 3],
    "num_tasks": [1, 3],
    "commits": ["episode", "task", "never"],
    "sight": ["exact", "noisy", "hidden"],
    "information": ["memoryless", "model", "history"],
    "throttling": [False, True],
    "grid": [None, 5],
    "retry_multiplier": [1.0, (0.5, 2.0)],
    "max_passes": [None, 3],
    "max_cycles": [None, 6],
}


def possible(options: dict[str, Any]) -> bool:
    seen = options["commits"] != "never" or options["sight"] == "exact"
    return bool(seen and (options["num_users"] == 3 or options["game"] is not TYPES))


PLAYED = pairwise(OPTIONS, possible)


EPISODES = "005fca301b440445"
DIGESTS = {
    "follower": "7a93fc9fab207032",
    "types": "1751822e99ff1b0f",
    "leader": "e32fb6cc17916e44",
    "batch": "7a99dbeb351a89cf",
    "batch of repeats": "2cc3adf762de6ff4",
    "whole tasks": "ebd9646d5a11c332",
    "one follower": "1708aa538afec2ee",
    "one leader": "f528dde5d2b5cf3e",
}


def digest(told: Any) -> str:
    return hashlib.sha256(repr(log_of(told)).encode()).hexdigest()[:16]


def leave_sometimes(game: Any, commitments: Any) -> Any:
    return 0.5 * commitments.cascade_prob


def episodes(options: dict[str, Any]) -> list[Any]:
    """Two episodes of agents who act at random."""
    env = routing_v0.parallel_env(**options)
    for k, agent in enumerate(env.possible_agents):
        env.action_space(agent).seed(k)
    told: list[Any] = [env.observation_space(agent).high for agent in env.possible_agents]
    for seed in (3, None):
        told.append(env.reset(seed=seed))
        while env.agents:
            answers = {agent: env.action_space(agent).sample() for agent in env.agents}
            told.append((env.step(answers), env.state()))
    return told


def test_episodes_are_what_they_were() -> None:
    assert digest([episodes(options) for options in PLAYED]) == EPISODES


def steps(env: Any, actions: Any, count: int = 30) -> list[Any]:
    env.action_space.seed(1)
    return [env.reset(seed=2), *(env.step(actions(env)) for _ in range(count))]


def sampled(env: Any) -> Any:
    return env.action_space.sample()


def batch(**options: Any) -> list[Any]:
    rows, told = TaskBatch(TYPES, [1, 2, 1], [0.2, 0.0, 0.7], num_tasks=3, **options), []
    for k in range(40):
        rows.step(rows.answers(0.2))
        told.append([getattr(rows, name).copy() for name in ("user_reward", "provider_reward", "over", "model")])
        if k == 20:
            rows.commit(1, 0.5, (3.0, 4.0), rows=rows.over)
    return told


ROWS = {
    "follower": lambda: steps(FollowerVectorEnv(GAME, 5, "random", information="model", throttling=True), sampled),
    "types": lambda: steps(FollowerVectorEnv(TYPES, 3, "random", information="history"), sampled),
    "leader": lambda: steps(LeaderVectorEnv(GAME, 4, leave_sometimes, num_tasks=3, throttling=True), sampled),
    "batch": batch,
    "batch of repeats": lambda: batch(retry_multiplier=(0.5, 2.0), max_passes=6, backend="numpy"),
    "whole tasks": lambda: vars(draw_tasks(TYPES, [1, 2, 1], 0.3, 0.1, 99, 5)),
    "one follower": lambda: [
        FollowerEnv(GAME, provider=Commitment.unthrottled(GAME, 1, 0.3)).reset(seed=1),
        FollowerEnv(GAME, throttling=True).reset(seed=1),
    ],
    "one leader": lambda: [
        (env.reset(seed=4), env.step(np.array([0, 0.5], dtype=np.float32)), env.reset())
        for env in [LeaderEnv(GAME, users=lambda game, seen: 0.3, num_users=9, num_tasks=2)]
    ],
}


@pytest.mark.parametrize("name", ROWS)
def test_rows_are_what_they_were(name: str) -> None:
    assert digest(ROWS[name]()) == DIGESTS[name]
