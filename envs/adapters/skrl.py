"""`routing_v0` for skrl: many environments in arrays. One of one user is taken by `wrap_env`.

skrl wants something to be seen by every agent in every step, so that in one environment, as PettingZoo has it, there
can be one user: those who go before others are missing then. Here they see zeros.

Example:
    one = wrap_env(Normalized(routing_v0.parallel_env("nano-gpt5")), wrapper="pettingzoo")
    many = RoutingVecEnv("nano-gpt5", num_envs=256, num_users=1, seed=0)
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import torch
from gymnasium.spaces import Box, Discrete, Space
from skrl.envs.wrappers.torch.base import MultiAgentEnvWrapper

from routegame.envs.adapters.normalized import Normalized
from routegame.envs.arrays import BoolArray, Float32Array
from routegame.envs.episode_batch import EpisodeBatch
from routegame.envs.routing.rounds import ABANDON, PROVIDER
from routegame.envs.routing_v0 import RoutingEnv
from routegame.envs.scenarios import GameLike

Tensors = dict[str, torch.Tensor]
"""By agent, (num_envs, size)."""


class RoutingVecEnv(MultiAgentEnvWrapper):
    """Many environments in one, each of which begins its next episode as soon as the last one is over.

    Observations are in [0, 1] and rewards of the size of 1, see `Normalized`. Users whose task is over see zeros and
    are paid nothing until the last one's is. `state` is what everyone sees, one after the other. Numbers of the
    provider that are outside of the box, as of a Gaussian, count as the nearest in it.

    Args:
        game: a single game, or the name of one.
        num_envs: how many, two or more: skrl resets one by itself.
        num_users: of each of them; skrl has a learner for each.
        throttling: see `EpisodeBatch`, as are the next two.
        grid: levels of the provider's numbers, for one choice of all points.
        max_passes: of a task, before it is cut off.
        seed: of chance; by default drawn by torch.
        device: that tensors are on.
    """

    def __init__(
        self,
        game: GameLike = "nano-gpt5",
        *,
        num_envs: int,
        num_users: int = 1,
        throttling: bool = False,
        grid: int | None = None,
        max_passes: int | None = None,
        seed: int | None = None,
        device: torch.device | str = "cpu",
    ) -> None:
        drawn = int(torch.randint(2**31, ())) if seed is None else seed
        episodes = EpisodeBatch(
            game, num_envs, num_users=num_users, throttling=throttling, grid=grid, max_passes=max_passes, seed=drawn
        )
        super().__init__(episodes)
        self._episodes, self._device = episodes, torch.device(device)
        routing = RoutingEnv(game, num_users=num_users, throttling=throttling, max_passes=max_passes)
        self._scale = Normalized(routing)
        self._agents, self._users = routing.possible_agents, routing.possible_agents[1:]
        self._actions: dict[str, Space[object]] = {agent: episodes.spaces.actions[agent] for agent in self._agents}
        self._seen_spaces = {agent: self._scale.observation_space(agent) for agent in self._agents}
        whole = Box(0, 1, (sum(space.shape[0] for space in self._seen_spaces.values()),))
        self._state_spaces = dict.fromkeys(self._agents, whole)

    @property
    def num_envs(self) -> int:
        """How many environments there are."""
        return self._episodes.num_rows

    @property
    def possible_agents(self) -> list[str]:
        """Names of all agents."""
        return self._agents

    @property
    def agents(self) -> list[str]:
        """Names of those who act: all of them, always."""
        return self._agents

    @property
    def observation_spaces(self) -> Mapping[str, Space[object]]:
        """Spaces of what agents see."""
        return self._seen_spaces

    @property
    def action_spaces(self) -> Mapping[str, Space[object]]:
        """Spaces of what agents do."""
        return self._actions

    @property
    def state_spaces(self) -> Mapping[str, Space[object]]:
        """Spaces of what critics may see."""
        return self._state_spaces

    @property
    def passes(self) -> int:
        """How many passes have been played in all."""
        return self._episodes.passes

    def reset(self) -> tuple[Tensors, dict[str, object]]:
        """Begin an episode in every environment; return what agents see."""
        self._episodes.restart(np.ones(self.num_envs, dtype=np.bool_))
        return self._seen(), {}

    def step(self, actions: Tensors) -> tuple[Tensors, Tensors, Tensors, Tensors, dict[str, object]]:
        """Play a round, and begin anew where an episode is over.

        Returns:
            what agents see, their rewards, whether their task was decided, whether it was cut off, and no infos.
        """
        episodes, units = self._episodes, self._scale.units
        offers = actions[PROVIDER].cpu().numpy()
        chosen = isinstance(self._actions[PROVIDER], Discrete)
        leaves = torch.cat([actions[user] for user in self._users], dim=1).cpu().numpy() == ABANDON
        episodes.step(offers[:, 0].astype(np.int64) if chosen else offers.clip(0, 1), leaves)
        over, decided = episodes.over, episodes.over & episodes.decided
        rewards = self._by_agent(
            episodes.provider_reward / units[PROVIDER], episodes.user_reward / units[self._users[0]]
        )
        terminated = self._by_agent(decided, episodes.solved_or_left)
        truncated = self._by_agent(over & ~decided, episodes.cut_off)
        if over.any():
            episodes.restart(over)
        return self._seen(), rewards, terminated, truncated, {}

    def state(self) -> dict[str, torch.Tensor | None]:
        """Return what everyone sees, the same for all agents."""
        return dict.fromkeys(self._agents, torch.cat(list(self._seen().values()), dim=1))

    def render(self, *args: object, **kwargs: object) -> None:
        """Draw nothing: there are no pictures."""

    def close(self) -> None:
        """End, with nothing to do."""

    def _seen(self) -> Tensors:
        users = self._scale.seen_as(self._users[0], self._episodes.users_seen)
        return self._by_agent(self._episodes.provider_seen, users)

    def _by_agent(self, provider: Float32Array | BoolArray, users: Float32Array | BoolArray) -> Tensors:
        """Return tensors of the provider's array, (num_envs, …), and of the users', (num_envs, num_users, …)."""
        arrays = [provider, *(users[:, number] for number in range(len(self._users)))]
        return {
            agent: torch.tensor(array, device=self._device).reshape(self.num_envs, -1)
            for agent, array in zip(self._agents, arrays, strict=True)
        }
