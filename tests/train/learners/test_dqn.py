"""How long DQN explores, and that it chooses among the points of a grid; whole runs are elsewhere."""

import numpy as np
import pytest
from stable_baselines3 import DQN

from routegame import Game
from routegame.envs.commitment import RoutingGame
from routegame.envs.menu_game import MenuGame
from routegame.train.grid import grid_points, too_many_points
from routegame.train.learner import learner

DQN_LEARNER = learner("dqn")
PAIR = RoutingGame("nano-gpt5")


def test_it_chooses_among_the_points_of_a_grid():
    assert np.array_equal(DQN_LEARNER.points(PAIR), grid_points(PAIR))
    eight = MenuGame(Game(100, 0.5, (0.5,) * 8, (1.0,) * 8, (0.1,) * 8))
    assert DQN_LEARNER.objection(PAIR) is None and DQN_LEARNER.objection(eight) == too_many_points(eight) is not None


def test_it_explores_less_and_less_over_the_whole_run(one_thread):
    training = DQN_LEARNER(PAIR, DQN_LEARNER.OPTIONS(commitments=5120, tasks=1), 0)
    rates = [training.update().statistics["exploration_rate"] for _ in range(4)]
    default = DQN("MlpPolicy", training._rows).exploration_schedule
    assert rates == [default(1 - made / 5120) for made in (256, 512, 768, 1024)]
    assert 1 > rates[0] > rates[1] == pytest.approx(0.05)
