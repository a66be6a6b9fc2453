"""The routing game for stable-baselines3: a Gymnasium vector environment of ours as one of its `VecEnv`s.

This module imports stable-baselines3, and so torch; nothing in the package imports it by itself.

Example:
    >>> from routegame import Game
    >>> from routegame.envs.commitment import Commitment
    >>> from routegame.envs.vector_env import FollowerVectorEnv
    >>> game = Game(9, 20, (0.1, 0.3), (1, 2), (1, 3))
    >>> users = FollowerVectorEnv(game, 64, Commitment.unthrottled(game, route=1, cascade_prob=0.5))
    >>> env = Sb3VecEnv(users)  # PPO("MlpPolicy", env), or VecMonitor(env) first
"""

from __future__ import annotations

import numpy as np
from gymnasium.vector import AutoresetMode, VectorEnv
from numpy.typing import NDArray
from stable_baselines3.common.vec_env import VecEnv
from stable_baselines3.common.vec_env.base_vec_env import VecEnvIndices, VecEnvStepReturn

from routegame.envs.arrays import Float32Array
from routegame.envs.checks import ParameterError
from routegame.envs.copies import CopiedWhole
from routegame.envs.vector_env import FollowerVectorEnv


class Sb3VecEnv(CopiedWhole, VecEnv):
    """A `FollowerVectorEnv` or `LeaderVectorEnv`, as stable-baselines3 wants it.

    Infos of a row whose episode ended have the row's `final_info`, its last observation as `terminal_observation`, and
    `TimeLimit.truncated`; those of the others are empty. Rows are not environments of their own: attributes are those
    of the whole, the same for every row, and the only method to call row by row is `action_masks`, where there is one:
    sb3-contrib's maskable algorithms ask for it.

    Args:
        env: a vector environment that restarts in the step that ends an episode.

    Attributes:
        env: as given.

    Raises:
        ParameterError: it restarts otherwise.
    """

    def __init__(self, env: VectorEnv[Float32Array, NDArray[np.generic], NDArray[np.bool_]]) -> None:
        mode = env.metadata.get("autoreset_mode")
        if mode is not AutoresetMode.SAME_STEP:
            raise ParameterError("env", "one that restarts in the step that ends an episode", mode)
        self.env = env
        self._actions: NDArray[np.generic] = np.empty(0)
        super().__init__(env.num_envs, env.single_observation_space, env.single_action_space)

    def reset(self) -> Float32Array:
        """Begin an episode in every row, with the seed that `seed` left."""
        observations, _ = self.env.reset(seed=self._seeds[0])
        self._reset_seeds()
        self._reset_options()
        return observations

    def step_async(self, actions: NDArray[np.generic]) -> None:
        """Take the actions of the coming step."""
        self._actions = actions

    def step_wait(self) -> VecEnvStepReturn:
        """Play the step.

        Raises:
            ActionError: an action outside its space; nothing has changed.
        """
        observations, rewards, terminations, truncations, infos = self.env.step(self._actions)
        listed: list[dict[str, object]] = [{} for _ in range(self.num_envs)]
        if "final_obs" in infos:
            rows = np.flatnonzero(infos["_final_obs"])
            final, cut_off = infos["final_info"], truncations & ~terminations
            columns = {name: final[name][rows].tolist() for name in final if not name.startswith("_")}
            columns["terminal_observation"] = infos["final_obs"][rows]
            columns["TimeLimit.truncated"] = cut_off[rows].tolist()
            for row, *values in zip(rows.tolist(), *columns.values(), strict=True):
                listed[row] = dict(zip(columns, values, strict=True))
        return observations, rewards, terminations | truncations, listed

    def close(self) -> None:
        """Close the vector environment."""
        self.env.close()

    def get_attr(self, attr_name: str, indices: VecEnvIndices = None) -> list[object]:
        """Return an attribute of the vector environment, once for each row asked for."""
        return [getattr(self.env, attr_name)] * len(self._rows(indices))

    def set_attr(self, attr_name: str, value: object, indices: VecEnvIndices = None) -> None:
        """Refuse: rows have no attributes of their own."""
        raise NotImplementedError(f"rows of {self.env} have no attributes of their own")

    def env_method(
        self, method_name: str, *args: object, indices: VecEnvIndices = None, **kwargs: object
    ) -> list[object]:
        """Return the rows' action masks; refuse all else, rows have no methods of their own."""
        if method_name == "action_masks" and isinstance(self.env, FollowerVectorEnv):
            return list(self.env.action_masks()[self._rows(indices)])
        raise NotImplementedError(f"rows of {self.env} have no methods of their own")

    def env_is_wrapped(self, wrapper_class: type[object], indices: VecEnvIndices = None) -> list[bool]:
        """Rows are not wrapped."""
        return [False] * len(self._rows(indices))

    def _rows(self, indices: VecEnvIndices) -> list[int]:
        return list(self._get_indices(indices))
