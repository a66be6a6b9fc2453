"""`routing_v0` in numbers of about 1: for learners that scale nothing themselves.

Money can come to thousandths of a dollar, waiting to hundreds of seconds, and a network that is given both as they are
learns neither. What is played is the same, and payoffs are those of the game but for their unit.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from gymnasium import spaces
from pettingzoo.utils import BaseParallelWrapper

from routegame.envs.arrays import Float32Array, FloatArray
from routegame.envs.routing.rounds import PROVIDER
from routegame.envs.routing.user import Info, Observation
from routegame.envs.routing_v0 import RoutingEnv

Played = tuple[dict[str, Observation], dict[str, float], dict[str, bool], dict[str, bool], dict[str, Info]]


class Normalized(BaseParallelWrapper[str, Observation, object]):
    """Observations in [0, 1] and rewards of the size of 1.

    Args:
        env: the environment.
        infos: whether infos are handed on; without them dictionaries are empty.

    Attributes:
        units: what each agent's rewards are divided by: the value of a task for users, and for the provider what it
            costs to solve one task of every user by the model that does so most cheaply.
    """

    def __init__(self, env: RoutingEnv, *, infos: bool = True) -> None:
        super().__init__(env)
        self._routing, self._infos = env, infos
        game, users = env.game, env.possible_agents[1:]
        prices = np.broadcast_arrays(*(c / p for c, p in zip(game.cost, game.success_prob, strict=True)))
        cheapest = np.min(prices, axis=0)
        cost = float(np.mean(cheapest)) or float(np.mean(game.churn_penalty)) or 1.0
        value = float(np.max(game.task_value))
        self.units: dict[str, float] = {PROVIDER: cost * len(users), **dict.fromkeys(users, value)}
        own = {agent: env.observation_space(agent) for agent in env.possible_agents}
        self._spans = {agent: _span(space) for agent, space in own.items()}
        self._spaces = {agent: spaces.Box(0.0, 1.0, space.shape) for agent, space in own.items()}
        self._state_span = _span(env.state_space)
        self.state_space = spaces.Box(0.0, 1.0, env.state_space.shape)

    def observation_space(self, agent: str) -> spaces.Box:
        """Return the space of an agent's observations, the same object each time."""
        return self._spaces[agent]

    def reset(
        self, seed: int | None = None, options: dict[str, object] | None = None
    ) -> tuple[dict[str, Observation], dict[str, Info]]:
        """Begin an episode, see `routing_v0`."""
        observations, infos = self._routing.reset(seed, options)
        return self._seen(observations), self._told(infos)

    def step(self, actions: Mapping[str, object]) -> Played:
        """Play a round, see `routing_v0`."""
        observations, rewards, terminations, truncations, infos = self._routing.step(actions)
        paid = {agent: reward / self.units[agent] for agent, reward in rewards.items()}
        return self._seen(observations), paid, terminations, truncations, self._told(infos)

    def state(self) -> Float32Array:
        """Return all there is to know, see `routing_v0`, in [0, 1]."""
        return _within(self._routing.state(), self._state_span)

    def seen_as(self, agent: str, observation: Float32Array) -> Float32Array:
        """Return what an agent is shown in place of an observation of `routing_v0`."""
        return _within(observation, self._spans[agent])

    def _seen(self, observations: Mapping[str, Observation]) -> dict[str, Observation]:
        return {agent: self.seen_as(agent, seen) for agent, seen in observations.items()}

    def _told(self, infos: dict[str, Info]) -> dict[str, Info]:
        return infos if self._infos else {agent: {} for agent in infos}


def _span(space: spaces.Box) -> tuple[FloatArray, FloatArray]:
    """Return the smallest numbers of a space, and how far the largest are from them, 1 where they are no further."""
    low = space.low.astype(np.float64)
    width = space.high - low
    return low, np.where(width > 0, width, 1.0)


def _within(values: Float32Array, span: tuple[FloatArray, FloatArray]) -> Float32Array:
    low, width = span
    return np.clip((values - low) / width, 0, 1).astype(np.float32)
