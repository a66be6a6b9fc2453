"""The one-move games that learners play pay what the game pays."""

import numpy as np
import pytest
import torch

from routegame.envs.commitment import RoutingGame
from routegame.envs.scenarios import scenario
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


def test_without_a_critic_rewards_are_advantages():
    ppo = OneStepPPO(Parabola(), 0, minibatches=1, reach=1.0, policy={"net_arch": []}, vf_coef=0.0)
    for _ in range(3):
        ppo.update(0.3, 0.03)
    assert ppo.policy.predict_values(torch.ones(1, 1)).item() == 0.0
