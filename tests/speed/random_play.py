"""How fast the PettingZoo environment steps where commitments change every episode and answers are random.

That is what it is under a learner.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from pettingzoo import AECEnv

from routegame.envs import routing_v0
from speed.turns import Table, Work, compared, in_turns

EPISODES = {1: 2_000, 8: 500}
"""Episodes of a turn, by users."""

PLURAL = {1: "one user", 8: "eight users"}


def works() -> dict[str, Work]:
    """Play either environment with one user and with eight; agent-steps, resets included."""
    return {
        ours(name, users): prepared(play, make, users, episodes)
        for name, (play, make, *_) in KINDS.items()
        for users, episodes in EPISODES.items()
    }


def ours(name: str, users: int) -> str:
    """Return what the environment is called in a table."""
    return f"routing_v0 {name}, {PLURAL[users]}"


def told(num_users: int) -> tuple[list[str], dict[str, Any]]:
    """Return the agents' names, and an info of as many facts as a user of `routing_v0` is told."""
    env = routing_v0.parallel_env("nano-gpt5", num_users=num_users)
    return env.possible_agents, env.reset(seed=0)[1]["user_0"]


class OnlyDictionaries:
    """What the interface costs by itself: agents that leave when they say so, told as much as in `routing_v0`.

    Dictionaries are copies where they can be, which is the quickest way to make one.
    """

    def __init__(self, num_users: int) -> None:
        self._names, self._info = told(num_users)
        self._all_seen = dict.fromkeys(self._names, np.zeros(5, np.float32))
        self._all_going = dict.fromkeys(self._names, False)
        self._seen, self._going = self._all_seen, self._all_going
        self.agents = list[str]()

    def reset(self, seed: int | None = None) -> Any:
        self.agents = self._names.copy()
        self._seen, self._going = self._all_seen.copy(), self._all_going.copy()
        return self._seen.copy(), {agent: self._info.copy() for agent in self.agents}

    def step(self, actions: dict[str, Any]) -> Any:
        seen, over, cut_off = self._seen.copy(), self._going.copy(), self._going.copy()
        rewards, infos = {agent: 0.0 for agent in self.agents}, {agent: self._info.copy() for agent in self.agents}
        staying = [agent for agent in self.agents if agent == "provider" or not actions[agent]]
        if len(staying) == 1:
            self.agents = []
        elif len(staying) < len(self.agents):
            self._seen, self._going = ({agent: held[agent] for agent in staying} for held in (self._seen, self._going))
            self.agents = staying
        return seen, rewards, over, cut_off, infos


class OnlyTurns(AECEnv[str, Any, Any]):
    """What PettingZoo's turns cost by themselves: its own methods, and agents that leave when they say so."""

    metadata = {"name": "only_turns_v0"}  # noqa: RUF012

    def __init__(self, num_users: int) -> None:
        self.possible_agents, self._info = told(num_users)
        self._seen = np.zeros(5, np.float32)
        self.agents: list[str] = []

    def reset(self, seed: int | None = None, options: dict[str, Any] | None = None) -> None:
        self.agents = self.possible_agents.copy()
        self._cumulative_rewards = {agent: 0.0 for agent in self.agents}
        self._tell()

    def observe(self, agent: str) -> Any:
        return self._seen

    def step(self, action: Any) -> None:
        agent = self.agent_selection
        if self.terminations[agent]:
            self._was_dead_step(action)
            return
        if agent != "provider" and action:
            self._leaving.append(agent)
        self._cumulative_rewards[agent] = 0.0
        if agent != self.agents[-1]:
            self._clear_rewards()
            self.agent_selection = self.agents[self.agents.index(agent) + 1]
            return
        leaving = self._leaving
        self._tell()
        for gone in leaving:
            self.terminations[gone] = True
        self.terminations["provider"] = len(leaving) + 1 == len(self.agents)
        self._accumulate_rewards()
        self._deads_step_first()

    def _tell(self) -> None:
        self.rewards = {agent: 0.0 for agent in self.agents}
        self.terminations, self.truncations = (dict.fromkeys(self.agents, False) for _ in range(2))
        self.infos = {agent: self._info.copy() for agent in self.agents}
        self.agent_selection, self._leaving = "provider", list[str]()


def measure() -> list[Table]:
    """Play each interface in turns with what does as it does and nothing else."""
    tables = []
    for name, (play, _, least, about) in KINDS.items():
        for users, who in PLURAL.items():
            limit = f"{about}, {who}"
            turns = in_turns(
                f"random_play, {name}, {who}",
                {
                    ours(name, users): works()[ours(name, users)],
                    limit: prepared(play, lambda _, num_users, least=least: least(num_users), users, EPISODES[users]),
                },
            )
            title = f"Agent-steps, {name}, commitments and answers at random, {who}"
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


KINDS: dict[str, tuple[Any, Any, Any, str]] = {
    "parallel": (parallel, routing_v0.parallel_env, OnlyDictionaries, "dictionaries alone"),
    "AEC": (in_turn, routing_v0.env, OnlyTurns, "turns alone"),
}
"""Of each interface: how it is played, ours, what does nothing else, and what that is called."""
