"""How fast the PettingZoo environment steps where commitments change every episode and answers are random.

That is what it is under a learner.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from routegame.envs import routing_v0
from speed.turns import Table, Work, compared, in_turns

EPISODES = {1: 2_000, 8: 500}
"""Episodes of a turn, by users."""

PLURAL = {1: "one user", 8: "eight users"}


def works() -> dict[str, Work]:
    """Play either environment with one user and with eight; agent-steps, resets included."""
    kinds = {"parallel": (parallel, routing_v0.parallel_env), "AEC": (in_turn, routing_v0.env)}
    return {
        f"routing_v0 {name}, {PLURAL[users]}": prepared(play, make, users, episodes)
        for name, (play, make) in kinds.items()
        for users, episodes in EPISODES.items()
    }


class OnlyDictionaries:
    """What the interface costs by itself: agents that leave when they say so, told as much as in `routing_v0`."""

    def __init__(self, num_users: int) -> None:
        self._names = ["provider", *(f"user_{k}" for k in range(num_users))]
        self._seen, self.agents = np.zeros(5, np.float32), list[str]()
        env = routing_v0.parallel_env("nano-gpt5")
        self._info = env.reset(seed=0)[1]["user_0"]

    def reset(self, seed: int | None = None) -> Any:
        self.agents = self._names[:]
        return self._told()

    def step(self, actions: dict[str, Any]) -> Any:
        rewards, over, cut_off = (dict.fromkeys(self.agents, value) for value in (0.0, False, False))
        seen, infos = self._told()
        staying = [agent for agent in self.agents[1:] if not actions[agent]]
        self.agents = [self._names[0], *staying] if staying else []
        return seen, rewards, over, cut_off, infos

    def _told(self) -> Any:
        return dict.fromkeys(self.agents, self._seen), {agent: self._info.copy() for agent in self.agents}


def measure() -> list[Table]:
    """Play them in turns, beside what fills the same dictionaries and does nothing else."""
    tables = []
    for users, who in PLURAL.items():
        ours = {name: work for name, work in works().items() if who in name}
        limit, alone = f"dictionaries alone, {who}", lambda _, num_users: OnlyDictionaries(num_users)
        turns = in_turns(f"random_play, {who}", ours | {limit: prepared(parallel, alone, users, EPISODES[users])})
        title = f"Agent-steps, commitments and answers at random, {who}"
        tables.append(Table(title, compared(turns, {}), limit=limit))
    return tables


def parallel(env: Any, offers: Any, answers: Any) -> int:
    """Play the environment in which all act at once, an episode an offer."""
    steps = 0
    for offer in offers:
        env.reset()
        while env.agents:
            actions = {agent: next(answers) for agent in env.agents}
            actions["provider"] = offer
            steps += len(actions)
            env.step(actions)
    return steps


def in_turn(env: Any, offers: Any, answers: Any) -> int:
    """Play the environment in which agents act one at a time."""
    steps = 0
    for offer in offers:
        env.reset()
        for agent in env.agent_iter():
            *_, over, cut_off, _ = env.last()
            env.step(None if over or cut_off else offer if agent == "provider" else next(answers))
            steps += 1
    return steps


def prepared(play: Callable[[Any, Any, Any], int], make: Any, users: int, episodes: int) -> Work:
    """Return what plays the same episodes every time."""
    env, rng = make("nano-gpt5", num_users=users), np.random.default_rng(0)
    offers = rng.random((episodes, 2)).astype(np.float32)
    answers = rng.integers(0, 2, 100 * users * episodes).tolist()

    def work() -> int:
        env.reset(seed=1)
        return play(env, offers, iter(answers))

    return work
