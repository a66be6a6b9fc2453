"""Games of one move, many side by side, and PPO on them: observe, act once, be paid."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from gymnasium import spaces
from numpy.typing import NDArray
from stable_baselines3 import PPO
from stable_baselines3.common.vec_env import VecEnv
from stable_baselines3.common.vec_env.base_vec_env import VecEnvIndices, VecEnvStepReturn

from routegame.envs.arrays import Float32Array, FloatArray
from routegame.train.ppo.bounded_gaussian import BoundedGaussianPolicy, inward
from routegame.train.ppo.fused_adam import FusedAdam
from routegame.train.ppo.global_generators import OwnChance
from routegame.train.state import State


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


@dataclass(frozen=True)
class Batch:
    """Episodes that were played, a row each.

    Attributes:
        observations: (num_episodes, observation_size).
        actions: as they were drawn, not cut off, (num_episodes, action_size).
        means: of the policy that drew them, likewise.
        rewards: (num_episodes,).
    """

    observations: torch.Tensor
    actions: torch.Tensor
    means: torch.Tensor
    rewards: torch.Tensor

    def take(self, rows: torch.Tensor) -> Batch:
        """Return some of the episodes."""
        return Batch(self.observations[rows], self.actions[rows], self.means[rows], self.rewards[rows])


@dataclass(frozen=True)
class Terms:
    """Numbers of the loss that stay as they are for an update.

    Attributes:
        bound: of the policy's mean.
        std: of its actions.
        width: how far the ratio of probabilities, new to old, may move away from 1.
    """

    bound: float
    std: float
    width: float

    @torch.no_grad()
    def slope(self, taken: Batch, network: torch.Tensor) -> tuple[torch.Tensor, float, float]:
        """Return how PPO's loss changes with the network's output, how far the policy has gone, and the share clipped.

        The loss is the mean of −min(A r, A clip(r)), of normalised rewards A and ratios r of probabilities.
        """
        rewards, variance = taken.rewards, self.std**2
        advantages = (rewards - rewards.mean()) / (rewards.std() + 1e-8)
        off, off_before = taken.actions - self.bound * network.clamp(-1, 1), taken.actions - taken.means
        log_ratio = (off_before.square() - off.square()).sum(dim=1) * (0.5 / variance)
        ratio = log_ratio.exp()
        within = ratio.clamp(1 - self.width, 1 + self.width)
        gain = advantages * ratio
        outside = ratio != within
        counts = gain.masked_fill(outside & (gain > advantages * within), 0.0)
        slope = off * (counts * (-self.bound / (variance * len(gain)))).unsqueeze(1)
        return inward(network, slope), float((ratio - 1 - log_ratio).mean()), float(outside.float().mean())


class OneStepPPO:
    """PPO on a one-step environment, one batch an update, its schedules set by the caller.

    Policy, optimiser and settings are stable-baselines3's, and so is what an update comes to, but for rounding. Its
    steps are written here: of an episode that is one action long there is no rollout to collect. The return is the
    reward, nothing is bootstrapped, and without a critic rewards are advantages as they are. The mean alone is learned:
    the spread is set from outside.

    Args:
        side: the environment.
        seed: of the network's first weights, of exploration and of minibatches.
        minibatches: into how many parts a batch is split.
        reach: see `BoundedGaussianPolicy`.
        policy: further arguments of the policy.
        settings: further arguments of `PPO`: `n_epochs`, `clip_range`, `target_kl`, `max_grad_norm`.
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
        self._side = side
        self._chance = OwnChance(seed)
        with self._chance.lent():
            self._ppo = PPO(
                BoundedGaussianPolicy,
                side,
                n_steps=1,
                batch_size=side.num_envs // minibatches,
                vf_coef=0.0,
                policy_kwargs={
                    "reach": reach,
                    "optimizer_class": FusedAdam,
                    "optimizer_kwargs": {"eps": 1e-5},
                    **policy,
                },
                seed=seed,
                device="cpu",
                **settings,
            )
        with torch.no_grad():
            for parameter in self.policy.value_net.parameters():
                parameter.zero_()

    @property
    def policy(self) -> BoundedGaussianPolicy:
        """The policy as it is now."""
        policy = self._ppo.policy
        assert isinstance(policy, BoundedGaussianPolicy)
        return policy

    @property
    def _optimizer(self) -> FusedAdam:
        optimizer: object = self.policy.optimizer
        assert isinstance(optimizer, FusedAdam)
        return optimizer

    def update(self, exploration: float, learning_rate: float) -> dict[str, float]:
        """Play one batch, learn from it, and return PPO's own figures: of the last epoch, and over all steps."""
        self.policy.explore(exploration)
        self._optimizer.lr = learning_rate
        with self._chance.lent():
            figures = self._learn(self._play())
        sizes = self._side.action_space.shape
        assert sizes is not None
        entropy = sizes[0] * (0.5 + 0.5 * math.log(2 * math.pi) + math.log(exploration))
        return {"exploration": exploration, "entropy": entropy, **figures}

    def _play(self) -> Batch:
        """Act once in every episode."""
        # copied to where torch aligns them: elsewhere products of matrices may round another way
        observations = torch.tensor(self._side.observe())
        means = self.policy.means(observations)
        actions = means + self.policy.std * torch.randn(means.shape)
        rewards = self._side.pay(actions.clamp(-1, 1).numpy())
        return Batch(observations, actions, means, torch.tensor(rewards))

    def _learn(self, batch: Batch) -> dict[str, float]:
        """Make steps until all epochs are through or the policy has gone too far."""
        ppo, policy, optimizer = self._ppo, self.policy, self._optimizer
        terms = Terms(policy.bound, policy.std, ppo.clip_range(1.0))  # type: ignore[operator]
        layers = policy.layers()
        limit = math.inf if ppo.target_kl is None else 1.5 * ppo.target_kl
        norms, clipped = [], []
        for _ in range(ppo.n_epochs):
            divergences: list[float] = []
            order = torch.from_numpy(np.random.permutation(self._side.num_envs))  # noqa: NPY002
            for part in order.split(ppo.batch_size):  # type: ignore[no-untyped-call]
                taken = batch.take(part)
                slope, divergence, outside = terms.slope(taken, layers.forward(taken.observations))
                divergences.append(divergence)
                clipped.append(outside)
                if divergence > limit:
                    break
                layers.backward(slope)
                norms.append(clipped_norm(layers.parameters, ppo.max_grad_norm))
                optimizer.step()
            if divergences[-1] > limit:
                break
        return {
            "approx_kl": float(np.mean(divergences)),
            "clip_fraction": float(np.mean(clipped)),
            "gradient_norm": float(np.mean(norms)) if norms else 0.0,
        }

    def state(self) -> State:
        """Return weights, moments and chance."""
        policy = self.policy
        moments = self._optimizer.state()
        return {
            "weights": _arrays(policy.state_dict()),
            "moments": {str(parameter): _arrays(of) for parameter, of in moments.items()},
            "chance": self._chance.state(),
        }

    def restore(self, state: State) -> None:
        """Take over weights, moments and chance."""
        policy = self.policy
        policy.load_state_dict(_tensors(state["weights"]))
        moments = state.get("moments", {})  # there are none before the first update
        self._optimizer.restore({int(parameter): _tensors(of) for parameter, of in moments.items()})
        self._chance.restore(state["chance"])


def clipped_norm(parameters: Sequence[torch.nn.Parameter], most: float) -> float:
    """Return the norm of the gradients as they came, and make them shorter if it is more than that."""
    gradients = [parameter.grad for parameter in parameters if parameter.grad is not None]
    norm = math.sqrt(sum(float(np.vdot(each.numpy(), each.numpy())) for each in gradients))
    if norm > most:
        for each in gradients:
            each.mul_(most / (norm + 1e-6))
    return norm


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
