"""Games of one move, many side by side, and PPO on them: observe, act once, be paid."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from gymnasium import spaces
from numpy.typing import NDArray
from stable_baselines3 import PPO
from stable_baselines3.common.logger import Logger
from stable_baselines3.common.vec_env import VecEnv
from stable_baselines3.common.vec_env.base_vec_env import VecEnvIndices, VecEnvStepReturn

from routegame.envs.arrays import Float32Array, FloatArray
from routegame.train.ppo.bounded_gaussian import BoundedGaussianPolicy
from routegame.train.ppo.global_generators import OwnChance
from routegame.train.state import State

NEVER = 2**62
"""A logging interval that is not reached."""


class OneStepVecEnv(VecEnv, ABC):
    """A vectorised environment whose every episode is one action long.

    Actions are a box [-1, 1]^action_size, what stable-baselines3 expects of a Gaussian policy.
    """

    def __init__(self, num_envs: int, observation_size: int, action_size: int) -> None:
        observation_space = spaces.Box(-np.inf, np.inf, (observation_size,), np.float32)
        super().__init__(num_envs, observation_space, spaces.Box(-1, 1, (action_size,), np.float32))
        self._infos: list[dict[str, object]] = [{} for _ in range(num_envs)]
        self._actions = np.zeros((num_envs, action_size), dtype=np.float32)
        self._seen = np.zeros((num_envs, observation_size), dtype=np.float32)

    @abstractmethod
    def observe(self) -> Float32Array:
        """Start every episode anew and return what there is to see, (num_envs, observation_size)."""

    @abstractmethod
    def pay(self, actions: Float32Array) -> Float32Array:
        """Play the episodes with these actions, (num_envs, action_size), and return rewards, (num_envs,)."""

    def reset(self) -> Float32Array:
        """Start every episode anew."""
        self._seen = self.observe()
        return self._seen

    def step_async(self, actions: Float32Array) -> None:
        """Take the actions of the coming step."""
        self._actions = actions

    def step_wait(self) -> VecEnvStepReturn:
        """Play the step; every episode ends with it, and what is returned of others is not looked at."""
        return self._seen, self.pay(self._actions), np.ones(self.num_envs, dtype=np.bool_), self._infos

    def close(self) -> None:
        """Nothing is held open."""

    def get_attr(self, attr_name: str, indices: VecEnvIndices = None) -> list[object]:
        """Return the attribute, the same for every episode."""
        return [getattr(self, attr_name, None)] * self.num_envs

    def set_attr(self, attr_name: str, value: object, indices: VecEnvIndices = None) -> None:
        """Refuse: episodes have no attributes of their own."""
        raise NotImplementedError(f"{type(self).__name__} has no attributes per episode")

    def env_method(
        self, method_name: str, *args: object, indices: VecEnvIndices = None, **kwargs: object
    ) -> list[object]:
        """Refuse: episodes have no methods of their own."""
        raise NotImplementedError(f"{type(self).__name__} has no methods per episode")

    def env_is_wrapped(self, wrapper_class: type[object], indices: VecEnvIndices = None) -> list[bool]:
        """No wrappers."""
        return [False] * self.num_envs

    def seed(self, seed: int | None = None) -> Sequence[int | None]:
        """Chance comes from the generator given at construction; nothing to seed here."""
        return [None] * self.num_envs


class OneStepPPO:
    """stable-baselines3's PPO on a one-step environment, one batch an update, its schedules set by the caller.

    Episodes are one action long, so the return is the reward: a Monte Carlo return, nothing is bootstrapped. With a
    `vf_coef` of 0 there is no critic either: the rewards are advantages as they are.

    Args:
        side: the environment.
        seed: of the network's first weights, of exploration and of minibatches.
        minibatches: into how many parts a batch is split.
        reach: see `BoundedGaussianPolicy`.
        policy: further arguments of the policy.
        settings: further arguments of `PPO`.
    """

    def __init__(
        self,
        side: OneStepVecEnv,
        seed: int,
        *,
        minibatches: int,
        reach: float,
        policy: dict[str, object],
        **settings: Any,
    ) -> None:
        self._rate = 0.0
        self._num_envs = side.num_envs
        self._chance = OwnChance(seed)
        with self._chance.lent():
            self._ppo = PPO(
                BoundedGaussianPolicy,
                side,
                learning_rate=lambda _: self._rate,
                n_steps=1,
                batch_size=side.num_envs // minibatches,
                gamma=1.0,
                gae_lambda=1.0,
                policy_kwargs={"reach": reach, **policy},
                seed=seed,
                device="cpu",
                **settings,
            )
        self._ppo.set_logger(Logger(folder=None, output_formats=[]))
        self._gradients = Gradients(self.policy)
        if self._ppo.vf_coef == 0:
            with torch.no_grad():
                for parameter in self.policy.value_net.parameters():
                    parameter.zero_()

    @property
    def policy(self) -> BoundedGaussianPolicy:
        """The policy as it is now."""
        policy = self._ppo.policy
        assert isinstance(policy, BoundedGaussianPolicy)
        return policy

    def update(self, exploration: float, learning_rate: float) -> dict[str, float]:
        """Play one batch, learn from it, and return PPO's own figures."""
        self.policy.explore(exploration)
        self._rate = learning_rate
        self._ppo._last_obs = None  # begin with a new batch: the last one is not part of the state
        with self._chance.lent():
            self._ppo.learn(self._num_envs, log_interval=NEVER, reset_num_timesteps=False)
        figures = self._ppo.logger.name_to_value
        kept = {name: float(figures[f"train/{name}"]) for name in ("approx_kl", "clip_fraction")}
        kept |= {"entropy": -float(figures["train/entropy_loss"]), "gradient_norm": self._gradients.mean_norm()}
        if self._ppo.vf_coef > 0:
            kept |= {name: float(figures[f"train/{name}"]) for name in ("value_loss", "explained_variance")}
        figures.clear()
        return {"exploration": exploration, **kept}

    def state(self) -> State:
        """Return weights, moments and chance."""
        policy = self.policy
        moments = policy.optimizer.state_dict()["state"]
        return {
            "weights": {name: value.numpy().copy() for name, value in policy.state_dict().items()},
            "moments": {
                str(k): {name: value.numpy().copy() for name, value in of.items()} for k, of in moments.items()
            },
            "chance": self._chance.state(),
        }

    def restore(self, state: State) -> None:
        """Take over weights, moments and chance."""
        policy = self.policy
        policy.load_state_dict(_tensors(state["weights"]))
        optimizer = policy.optimizer.state_dict()
        moments = state.get("moments", {})  # there are none before the first update
        optimizer["state"] = {int(parameter): _tensors(of) for parameter, of in moments.items()}
        policy.optimizer.load_state_dict(optimizer)
        self._chance.restore(state["chance"])


class Gradients:
    """Norms of a policy's gradients as they come, before PPO clips them: it keeps them to itself."""

    def __init__(self, policy: BoundedGaussianPolicy) -> None:
        self._squares: list[torch.Tensor] = []
        self._norms: list[float] = []
        for parameter in policy.parameters():
            if parameter.requires_grad:
                parameter.register_post_accumulate_grad_hook(self._add)  # type: ignore[no-untyped-call]
        policy.optimizer.register_step_pre_hook(self._step)

    def mean_norm(self) -> float:
        """Mean over the steps made since it was last asked for."""
        mean = float(np.mean(self._norms))
        self._norms.clear()
        return mean

    def _add(self, parameter: torch.Tensor) -> None:
        assert parameter.grad is not None
        self._squares.append(parameter.grad.square().sum())

    def _step(self, *_: object) -> None:
        self._norms.append(float(torch.stack(self._squares).sum().sqrt()))
        self._squares.clear()


def standings(rewards: FloatArray) -> Float32Array:
    """Compare rewards within groups: less the average of the group, in its standard deviations.

    Shapes: (num_groups, size) -> (num_groups * size,).
    """
    spread = rewards.std(axis=1, keepdims=True)
    relative = (rewards - rewards.mean(axis=1, keepdims=True)) / np.where(spread > 0, spread, 1.0)
    standing: Float32Array = relative.reshape(-1).astype(np.float32)
    return standing


def _arrays(tensors: dict[str, torch.Tensor]) -> dict[str, NDArray[np.generic]]:
    return {name: tensor.numpy().copy() for name, tensor in tensors.items()}


def _tensors(arrays: dict[str, NDArray[np.generic]]) -> dict[str, torch.Tensor]:
    return {name: torch.from_numpy(array.copy()) for name, array in arrays.items()}
