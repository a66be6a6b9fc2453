"""A Gaussian policy that can sit at the ends of its range, and leave them again."""

import numpy as np
import pytest
import torch

from routegame.train.ppo.bounded_gaussian import BoundedGaussianPolicy, _Clamp
from routegame.train.ppo.one_step import OneStepPPO, OneStepVecEnv


class Free(OneStepVecEnv):
    """Pays nothing."""

    def __init__(self):
        super().__init__(256, 1, 1)

    def observe(self):
        return np.ones((256, 1), dtype=np.float32)

    def pay(self, actions):
        return 0 * actions[:, 0]


def test_clamp_blocks_gradients_that_lead_outward_only():
    value = torch.tensor([-2.0, -2.0, 0.5, 2.0, 2.0], requires_grad=True)
    pull = torch.tensor([1.0, -1.0, 1.0, 1.0, -1.0])
    (_Clamp.apply(value) * pull).sum().backward()
    assert value.grad.tolist() == [0.0, -1.0, 1.0, 1.0, 0.0]


def test_mean_reaches_beyond_the_ends_by_what_exploration_allows():
    ppo = OneStepPPO(Free(), 0, minibatches=1, reach=2.0, policy={"net_arch": []})
    policy = ppo.policy
    assert isinstance(policy, BoundedGaussianPolicy)
    policy.explore(0.1)
    with torch.no_grad():
        policy.action_net.weight.fill_(1e6)
    assert float(policy.means(torch.ones(1, 1))[0, 0]) == pytest.approx(1.2)
    assert not policy.log_std.requires_grad


@pytest.mark.parametrize("std", [1.0, 0.1, 1e-3])
@pytest.mark.parametrize("side", [-1, 1])
def test_an_end_is_played_nearly_always_and_never_out_of_sight(std, side):
    """At three standard deviations beyond it; there the density inside still has a slope."""
    policy = OneStepPPO(Free(), 0, minibatches=1, reach=3.0, policy={"net_arch": []}).policy
    policy.explore(std)
    with torch.no_grad():
        policy.action_net.weight.fill_(side * 1e6)
    with torch.no_grad():
        assert policy.bound == pytest.approx(1 + 3 * std)
    assert float(policy.means(torch.ones(1, 1))[0, 0]) == pytest.approx(side * (1 + 3 * std), rel=1e-6)
    drawn = policy.get_distribution(torch.ones(4000, 1)).sample().detach()
    assert (drawn * side >= 1).float().mean() > 0.99
    assert float(drawn.std()) == pytest.approx(std, rel=0.1)


def test_inside_the_mean_is_the_network_s_in_units_of_the_bound():
    policy = OneStepPPO(Free(), 0, minibatches=1, reach=2.0, policy={"net_arch": []}).policy
    policy.explore(0.25)
    with torch.no_grad():
        policy.action_net.weight.fill_(0.0)
        policy.action_net.bias.fill_(0.5)
    assert float(policy.means(torch.ones(1, 1))[0, 0]) == pytest.approx(0.5 * 1.5)
