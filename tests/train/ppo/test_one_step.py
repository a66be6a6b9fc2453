"""The one-move games that learners play pay what the game pays."""

import numpy as np
import pytest
import torch
from stable_baselines3 import PPO
from stable_baselines3.common.logger import Logger

from routegame.envs.commitment import RoutingGame
from routegame.envs.scenarios import scenario
from routegame.train.ppo.bounded_gaussian import BoundedGaussianPolicy
from routegame.train.ppo.one_step import OneStepPPO, OneStepVecEnv, standings

GAME = scenario("figure-4-right-cascade").game
BOX = RoutingGame(GAME)
SLOW_BOX = RoutingGame(GAME, throttling=True)


class Parabola(OneStepVecEnv):
    """Pays −(action − 0.5)², the bandit whose best action is known."""

    def __init__(self):
        super().__init__(256, 1, 1)

    def observe(self):
        return np.ones((256, 1), dtype=np.float32)

    def pay(self, actions):
        return -((actions[:, 0] - 0.5) ** 2)


def test_ppo_finds_the_best_action_of_a_bandit():
    torch.set_num_threads(1)
    ppo = OneStepPPO(Parabola(), 0, minibatches=1, reach=1.0, policy={"net_arch": []}, n_epochs=10)
    for update in range(60):
        figures = ppo.update(0.3 * 0.95**update, 0.03)
    assert abs(float(ppo.policy.means(torch.ones(1, 1))[0, 0]) - 0.5) < 0.05
    assert figures["exploration"] == pytest.approx(0.3 * 0.95**59)
    assert np.isfinite(list(figures.values())).all()


def test_figures_of_an_update():
    """Far from the best action a reward is as good as linear: advantages are the noise of actions, and known."""
    ppo = OneStepPPO(Parabola(), 0, minibatches=1, reach=0.0, policy={"net_arch": []}, n_epochs=1)
    figures = ppo.update(0.01, 1e-6)
    assert figures["entropy"] == pytest.approx(0.5 * np.log(2 * np.pi * np.e * 0.01**2))
    assert figures["gradient_norm"] == pytest.approx(np.sqrt(2) / 0.01, rel=0.15), "of weight and bias, not clipped"
    assert ppo.update(0.1, 1e-6)["gradient_norm"] == pytest.approx(np.sqrt(2) / 0.1, rel=0.15)


def test_standings_are_relative_to_the_group():
    rewards = np.array([[1.0, 2.0, 3.0, 2.0], [10.0, 30.0, 10.0, 30.0], [5.0, 5.0, 5.0, 5.0]])
    expected = [-np.sqrt(2), 0, np.sqrt(2), 0, -1, 1, -1, 1, 0, 0, 0, 0]
    assert standings(rewards) == pytest.approx(expected)


class Slope(OneStepVecEnv):
    """Pays for two actions, each by an input."""

    def __init__(self):
        super().__init__(512, 3, 2)
        self.rng = np.random.default_rng(3)

    def observe(self):
        return self.rng.normal(size=(512, 3)).astype(np.float32)

    def pay(self, actions):
        return (actions * self._seen[:, :2]).sum(axis=1) - (actions[:, 0] - self._seen[:, 2]) ** 2


@pytest.mark.parametrize("target_kl", [None, 0.02])
def test_an_update_is_that_of_stable_baselines3(target_kl):
    """The same weights but for rounding, of the same chance: two hidden layers, minibatches, and an early end."""
    torch.set_num_threads(1)
    settings = {"n_epochs": 3, "target_kl": target_kl}
    network = {"net_arch": {"pi": [8, 8], "vf": []}, "activation_fn": torch.nn.ReLU}
    side = Slope()
    ours = OneStepPPO(side, 5, minibatches=4, reach=1.0, policy=network, **settings)
    theirs = PPO(
        BoundedGaussianPolicy, Slope(), learning_rate=0.02, n_steps=1, batch_size=128, gamma=1.0, gae_lambda=1.0,
        vf_coef=0.0, seed=5, device="cpu", policy_kwargs={"reach": 1.0, **network}, **settings,
    )  # fmt: skip
    theirs.policy.explore(0.3)
    with torch.no_grad():
        for parameter in theirs.policy.value_net.parameters():
            parameter.zero_()
    before = theirs.policy.action_net.weight.detach().clone()
    side._seen = side.observe()
    side.observe = lambda: side._seen
    theirs.set_logger(Logger(folder=None, output_formats=[]))
    theirs.learn(512)
    figures = ours.update(0.3, 0.02)
    for one, other in zip(ours.policy.layers().parameters, theirs.policy.layers().parameters, strict=True):
        assert torch.allclose(one, other, rtol=1e-3, atol=2e-5)
    assert (theirs.policy.action_net.weight - before).abs().max() > 1e-3
    told = theirs.logger.name_to_value
    assert figures["clip_fraction"] == pytest.approx(told["train/clip_fraction"], abs=2e-3)
    assert figures["approx_kl"] == pytest.approx(told["train/approx_kl"], rel=1e-2)
    assert figures["entropy"] == pytest.approx(-told["train/entropy_loss"], rel=1e-6)


def test_gradients_that_somebody_left_behind_are_not_learned_from():
    """Whoever fits the network first leaves some, and whoever goes on from a checkpoint has none."""
    ended = []
    for left in (None, 5.0):
        ppo = OneStepPPO(Parabola(), 0, minibatches=1, reach=1.0, policy={"net_arch": []}, n_epochs=2)
        for parameter in ppo.policy.layers().parameters:
            parameter.grad = None if left is None else torch.full_like(parameter, left)
        ppo.update(0.3, 0.03)
        ended.append(ppo.policy.means(torch.ones(1, 1)).item())
    assert ended[0] == ended[1]


def test_without_a_critic_rewards_are_advantages():
    ppo = OneStepPPO(Parabola(), 0, minibatches=1, reach=1.0, policy={"net_arch": []})
    for _ in range(3):
        ppo.update(0.3, 0.03)
    assert ppo.policy.predict_values(torch.ones(1, 1)).item() == 0.0
