"""`routing_v0` as a task of BenchMARL.

Example:
    task = RoutingTask({"game": "nano-gpt5", "num_users": 8})
    Experiment(task, IppoConfig.get_from_yaml(), MlpConfig.get_from_yaml(), seed=0, config=...).run()

The provider's actions are a box, or with `grid` in the configuration, or `prefer_continuous_actions=False` in that of
the experiment, one choice of a grid. Users choose between two.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import torch
from benchmarl.environments.common import TaskClass
from torchrl.data import Composite
from torchrl.envs import EnvBase

from routegame.envs.adapters.torchrl import RoutingVecEnv

GRID = 51
"""Levels of the provider's numbers, where its actions are choices and nobody says how many."""


class RoutingTask(TaskClass):
    """The routing game, with a group of one, `provider`, and one of all users, `users`.

    Args:
        config: arguments of `RoutingVecEnv`, by name, but for those that experiments say.
        name: that logs have.
    """

    def __init__(self, config: Mapping[str, object] | None = None, name: str = "ROUTING") -> None:
        super().__init__(name, dict(config or {}))

    def get_env_fun(
        self, num_envs: int, continuous_actions: bool, seed: int | None, device: torch.device | str
    ) -> Callable[[], EnvBase]:
        """Return what makes environments, as many as are wanted in one."""
        options = dict(self.config)
        if not continuous_actions:
            options.setdefault("grid", GRID)
        return lambda: RoutingVecEnv(**options, num_envs=num_envs, seed=seed, device=device)

    def supports_continuous_actions(self) -> bool:
        """Whether the provider's actions can be a box: unless a grid is given."""
        return self.config.get("grid") is None

    def supports_discrete_actions(self) -> bool:
        """Whether the provider's actions can be choices."""
        return True

    def max_steps(self, env: EnvBase) -> int:
        """Return how many rounds an episode lasts at the most."""
        return int(env.max_passes) + 1

    def has_render(self, env: EnvBase) -> bool:
        """Whether there are pictures: there are none."""
        return False

    def group_map(self, env: EnvBase) -> dict[str, list[str]]:
        """Return the names of each group's agents."""
        groups: dict[str, list[str]] = env.group_map
        return groups

    def observation_spec(self, env: EnvBase) -> Composite:
        """Return what agents see."""
        spec = env.full_observation_spec_unbatched.clone()
        del spec["state"]
        for group in env.group_map:
            del spec[group, "mask"]
        return spec

    def info_spec(self, env: EnvBase) -> None:
        """Return what agents are told besides: nothing."""

    def state_spec(self, env: EnvBase) -> Composite:
        """Return what critics may see."""
        return Composite({"state": env.full_observation_spec_unbatched["state"].clone()})

    def action_spec(self, env: EnvBase) -> Composite:
        """Return what agents may do."""
        return env.full_action_spec_unbatched

    def action_mask_spec(self, env: EnvBase) -> None:
        """Return which choices are open: all of them, always."""

    @staticmethod
    def env_name() -> str:
        """Return the name of the family of tasks."""
        return "routegame"
