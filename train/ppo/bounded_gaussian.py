"""A Gaussian policy that can sit at the ends of its range, with exploration that the learner sets."""

from __future__ import annotations

import math
from typing import Any

import torch
from stable_baselines3.common.distributions import DiagGaussianDistribution, Distribution
from stable_baselines3.common.policies import ActorCriticPolicy
from torch.autograd.function import BackwardCFunction, FunctionCtx

from routegame.train.ppo.layers import Layers


def inward(value: torch.Tensor, gradient: torch.Tensor) -> torch.Tensor:
    """Return the gradient of a clamp to [-1, 1]: as it is where it leads back inside, 0 where it leads further out."""
    outward = ((value > 1) & (gradient < 0)) | ((value < -1) & (gradient > 0))
    return gradient.masked_fill(outward, 0.0)


class _Clamp(torch.autograd.Function):
    """Clamp to [-1, 1] that lets gradients through where they lead back inside, and blocks them elsewhere."""

    @staticmethod
    def forward(ctx: FunctionCtx, value: torch.Tensor) -> torch.Tensor:
        ctx.save_for_backward(value)
        return value.clamp(-1, 1)

    @staticmethod
    def backward(ctx: BackwardCFunction, gradient: torch.Tensor) -> torch.Tensor:
        (value,) = ctx.saved_tensors
        return inward(value, gradient)


class BoundedGaussianPolicy(ActorCriticPolicy):
    """stable-baselines3's actor-critic with a bounded mean and a standard deviation set from outside.

    Actions are cut off to [-1, 1] on their way to the environment. The mean is bound · clamp(network), with a bound
    `reach` standard deviations beyond the ends: an end can be played nearly always and yet is never out of sight of
    the inside, however far exploration has shrunk.

    Args:
        reach: how many standard deviations beyond -1 and 1 the mean can get.
        args: as for `ActorCriticPolicy`.
        kwargs: as for `ActorCriticPolicy`.
    """

    def __init__(self, *args: Any, reach: float, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.reach = reach
        self.log_std.requires_grad_(False)

    def explore(self, std: float) -> None:
        """Set the standard deviation of every action, in units of half the action range."""
        self.log_std.fill_(math.log(std))

    @property
    def std(self) -> float:
        """Standard deviation of every action."""
        return math.exp(float(self.log_std[0]))

    @property
    def bound(self) -> float:
        """Greatest distance of the mean from 0."""
        return 1 + self.reach * self.std

    def layers(self) -> Layers:
        """Return the network of the mean: its outputs, clamped, and times the bound, are means."""
        return Layers([*self.mlp_extractor.policy_net, self.action_net])

    def means(self, observations: torch.Tensor) -> torch.Tensor:
        """Return means of the policy before they are cut off, (num_observations, action_size)."""
        return self.bound * self.layers().forward(observations).clamp(-1, 1)

    def _get_action_dist_from_latent(self, latent_pi: torch.Tensor) -> Distribution:
        assert isinstance(self.action_dist, DiagGaussianDistribution)
        clamped: torch.Tensor = _Clamp.apply(self.action_net(latent_pi))  # type: ignore[no-untyped-call]
        return self.action_dist.proba_distribution(self.bound * clamped, self.log_std)
