"""`routing_v0` for AgileRL: many environments in arrays, which its trainers take as they are.

AgileRL's own vector environments give users who are gone rewards that are no numbers, and then policies are none
either. Here they see zeros and are paid nothing. Users are called `user0`, `user1` and so on: of `user_0` and `user_1`
AgileRL would make one policy, and pair what one did with what another was paid.

Example:
    env = RoutingVecEnv("nano-gpt5", num_envs=256, num_users=2, seed=0)
    seen = [env.single_observation_space(agent) for agent in env.agents]
    acts = [env.single_action_space(agent) for agent in env.agents]
    train_multi_agent_on_policy(env, "routing", "IPPO", [IPPO(seen, acts, env.agents, gamma=1.0)])
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeVar

import numpy as np
from agilerl.vector.pz_vec_env import PettingZooVecEnv
from gymnasium.spaces import Discrete
from numpy.typing import ArrayLike

from routegame.envs.adapters.normalized import Normalized
from routegame.envs.arrays import BoolArray, Float32Array
from routegame.envs.episode_batch import EpisodeBatch
from routegame.envs.routing.rounds import ABANDON, PROVIDER
from routegame.envs.routing_v0 import RoutingEnv
from routegame.envs.scenarios import GameLike

Array = TypeVar("Array", Float32Array, BoolArray)
Infos = dict[str, dict[str, object]]
Played = tuple[dict[str, Float32Array], dict[str, Float32Array], dict[str, BoolArray], dict[str, BoolArray], Infos]
"""By agent, (num_envs, size) of what is seen and (num_envs,) of all else."""


class RoutingVecEnv(PettingZooVecEnv):
    """Many environments in one, each of which begins its next episode as soon as the last one is over.

    Observations are in [0, 1] and rewards of the size of 1, see `Normalized`. Users whose task is over see zeros, are
    paid nothing and count as ended until the last one's is. Numbers of the provider that are outside of the box, as of
    a Gaussian, count as the nearest in it.

    Args:
        game: a single game, or the name of one.
        num_envs: how many.
        num_users: of each of them; AgileRL has a policy for each.
        throttling: see `EpisodeBatch`, as are the next two.
        grid: levels of the provider's numbers, for one choice of all points.
        max_passes: of a task, before it is cut off.
        seed: of chance; by default drawn by the system.
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
    ) -> None:
        drawn = int(np.random.default_rng().integers(2**31)) if seed is None else seed
        self._episodes = EpisodeBatch(
            game, num_envs, num_users=num_users, throttling=throttling, grid=grid, max_passes=max_passes, seed=drawn
        )
        routing = RoutingEnv(game, num_users=num_users, throttling=throttling, max_passes=max_passes)
        self._scale = Normalized(routing)
        names = {agent: agent.replace("_", "") for agent in routing.possible_agents}
        self._users = list(names.values())[1:]
        super().__init__(
            num_envs,
            {name: self._scale.observation_space(agent) for agent, name in names.items()},
            {name: self._episodes.spaces.actions[agent] for agent, name in names.items()},
            list(names.values()),
        )

    @property
    def passes(self) -> int:
        """How many passes have been played in all."""
        return self._episodes.passes

    def reset(
        self, *, seed: int | None = None, options: Mapping[str, object] | None = None
    ) -> tuple[dict[str, Float32Array], Infos]:
        """Begin an episode in every environment; return what agents see, and no infos."""
        if seed is None:
            self._episodes.restart(np.ones(self.num_envs, dtype=np.bool_))
        else:
            self._episodes.reset(seed)
        return self._seen(), self._infos()

    def step(self, actions: Mapping[str, ArrayLike], *args: object, **kwargs: object) -> Played:
        """Play a round, and begin anew where an episode is over.

        Returns:
            what agents see, their rewards, whether their task was decided, whether it was cut off, and no infos.
        """
        episodes, units = self._episodes, self._scale.units
        offers = np.asarray(actions[PROVIDER])
        chosen = isinstance(self.single_action_space(PROVIDER), Discrete)
        leaves = np.stack([np.asarray(actions[user]) == ABANDON for user in self._users], axis=1)
        episodes.step(offers if chosen else offers.clip(0, 1), leaves)
        over, decided = episodes.over, episodes.over & episodes.decided
        rewards = self._by_agent(episodes.provider_reward / units[PROVIDER], episodes.user_reward / units["user_0"])
        terminated = self._by_agent(decided, episodes.solved_or_left)
        truncated = self._by_agent(over & ~decided, episodes.cut_off)
        if over.any():
            episodes.restart(over)
        return self._seen(), rewards, terminated, truncated, self._infos()

    def _seen(self) -> dict[str, Float32Array]:
        users = self._scale.seen_as("user_0", self._episodes.users_seen)
        return self._by_agent(self._episodes.provider_seen, users)

    def _infos(self) -> Infos:
        return {agent: {} for agent in self.agents}

    def _by_agent(self, provider: Array, users: Array) -> dict[str, Array]:
        """Return copies of the provider's array, (num_envs, …), and of the users', (num_envs, num_users, …)."""
        return {PROVIDER: provider.copy()} | {user: users[:, number].copy() for number, user in enumerate(self._users)}
