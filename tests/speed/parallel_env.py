"""How fast the PettingZoo environment steps, against one that does nothing and one of PettingZoo's own.

The environment that does nothing has two agents and meets PettingZoo's interface: fresh dictionaries every step,
episodes that end. Its observations are made once. Whatever it takes is the interface's own price, in this language.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

import numpy as np
from gymnasium import spaces
from pettingzoo import ParallelEnv

from routegame import solve
from routegame.envs import routing_v0
from routegame.envs.routing_v0 import RoutingEnv
from routegame.envs.scenarios import scenario
from speed.turns import Table, Work, compared, in_turns

STEPS = 100_000
SLOW_STEPS = 10_000
USERS = {1: "one user", 8: "eight users"}


class DoNothing(ParallelEnv[str, Any, Any]):
    """Two agents, nothing to decide, episodes of a given length."""

    metadata = {"name": "do_nothing_v0"}  # noqa: RUF012

    def __init__(self, length: int) -> None:
        self.possible_agents = ["provider", "user_0"]
        self.agents: list[str] = []
        self._length, self._left = length, 0
        self._spaces = {"provider": spaces.Box(0, 1, (2,)), "user_0": spaces.Box(0, 1, (5,))}
        self._provider_sees, self._user_sees = np.zeros(2, np.float32), np.zeros(5, np.float32)

    def observation_space(self, agent: str) -> spaces.Box:
        return self._spaces[agent]

    def action_space(self, agent: str) -> spaces.Discrete:
        return spaces.Discrete(2)

    def reset(self, seed: int | None = None, options: dict[str, Any] | None = None) -> tuple[Any, Any]:
        self.agents = self.possible_agents[:]
        self._left = self._length
        return {"provider": self._provider_sees, "user_0": self._user_sees}, {"provider": {}, "user_0": {}}

    def step(self, actions: dict[str, Any]) -> tuple[Any, Any, Any, Any, Any]:
        self._left -= 1
        over = not self._left
        if over:
            self.agents = []
        return (
            {"provider": self._provider_sees, "user_0": self._user_sees},
            {"provider": 0.0, "user_0": 0.0},
            {"provider": over, "user_0": over},
            {"provider": False, "user_0": False},
            {"provider": {}, "user_0": {}},
        )


class LongWay(RoutingEnv):
    """The environment without its short way through the commonest round."""

    step = RoutingEnv.play


def works() -> dict[str, Work]:
    """Play the equilibrium of nano-gpt5, users staying."""
    return {f"routing_v0 on nano-gpt5, {USERS[count]}": player(*fixed(count), STEPS // count) for count in USERS}


def fixed(num_users: int) -> tuple[RoutingEnv, dict[str, Any]]:
    """Return the environment and what its agents do all the time."""
    game = scenario("nano-gpt5").game
    best = solve(game).equilibrium
    action = np.array([best.route - 1, best.cascade_prob], dtype=np.float32)
    answers = {f"user_{k}": routing_v0.RETRY for k in range(num_users)}
    actions = {"provider": action, **answers}
    return routing_v0.parallel_env(game, num_users=num_users), actions


def measure() -> list[Table]:
    """Play that, and the others at episodes as long as that."""
    env, actions = fixed(1)
    length = round(mean_length(env, actions))
    rock = rock_paper_scissors(length)
    turns = in_turns(
        "parallel_env",
        {
            "routing_v0 on nano-gpt5, one provider and one user": player(env, actions, STEPS),
            "the same without its short way": player(LongWay(scenario("nano-gpt5").game), actions, STEPS),
            "a do-nothing ParallelEnv": player(DoNothing(length), actions, STEPS),
            "PettingZoo's rps_v2": player(rock, {"player_0": 0, "player_1": 1}, SLOW_STEPS),
        },
    )
    targets = {"a do-nothing ParallelEnv": 0.45, "PettingZoo's rps_v2": 20.0}
    return [
        Table(
            f"Steps, resets included, {length} an episode", compared(turns, targets), limit="a do-nothing ParallelEnv"
        )
    ]


def rock_paper_scissors(length: int) -> ParallelEnv[str, Any, Any]:
    """PettingZoo's own two-player game, which imports pygame to draw."""
    os.environ.setdefault("PYGAME_HIDE_SUPPORT_PROMPT", "1")
    from pettingzoo.classic import rps_v2

    made: ParallelEnv[str, Any, Any] = rps_v2.parallel_env(max_cycles=length)
    return made


def player(env: ParallelEnv[str, Any, Any], actions: dict[str, Any], num_steps: int) -> Callable[[], int]:
    """Return what plays `num_steps` steps with the same actions, episode after episode."""

    def play() -> int:
        env.reset(seed=0)
        step, reset = env.step, env.reset
        for _ in range(num_steps):
            playing = env.agents
            if len(playing) < len(actions):
                step({agent: actions[agent] for agent in playing})
            else:
                step(actions)
            if not env.agents:
                reset()
        return num_steps

    return play


def mean_length(env: ParallelEnv[str, Any, Any], actions: dict[str, Any], episodes: int = 2_000) -> float:
    """Average length of an episode."""
    env.reset(seed=1)
    steps = 0
    for _ in range(episodes):
        while env.agents:
            env.step(actions)
            steps += 1
        env.reset()
    return steps / episodes
