"""`dqn`: stable-baselines3's DQN, which chooses among the points of a grid over the box; by default settings.

Mnih et al. (2015), *Human-Level Control through Deep Reinforcement Learning*: a network learns what each point costs
from all that were tried, and the cheapest of them is played, or now and then any other. It comes as close to the
optimum as the grid does.
"""

from __future__ import annotations

from itertools import product

import numpy as np
from stable_baselines3 import DQN
from stable_baselines3.common.vec_env import VecEnv

from routegame.envs.arrays import FloatArray
from routegame.envs.stackelberg import StackelbergGame
from routegame.train.library_leader import LibraryLeader

MOST_LEVELS, FEW_POINTS = 51, 3000
"""Levels of a coordinate at the most; and points of a grid, unless those of two levels are more."""

MOST_POINTS = 2**14
"""Points of a grid, each of which a network has a number for: of more, most would not be tried once by default."""


def num_levels(game: StackelbergGame) -> int:
    """Return the number of levels of each coordinate of a grid that is no switch, `MOST_LEVELS` to 2."""
    rest = game.size - game.num_switches
    within = (n for n in range(MOST_LEVELS, 2, -1) if 2**game.num_switches * n**rest <= FEW_POINTS)
    return next(within, 2)


class Dqn(LibraryLeader):
    """See the module."""

    BATCH = 256

    @classmethod
    def points(cls, game: StackelbergGame) -> FloatArray:
        """Return the grid, (num_points, size): switches at 0 and 1, all else at as many levels as there can be."""
        rest = game.size - game.num_switches
        axes = [np.linspace(0, 1, 2)] * game.num_switches + [np.linspace(0, 1, num_levels(game))] * rest
        return np.array(list(product(*axes)))

    @classmethod
    def objection(cls, game: StackelbergGame) -> str | None:
        """It plays games of few dimensions."""
        if 2**game.size > MOST_POINTS:
            return f"a grid over {game.size} dimensions has 2^{game.size} points at the least, too many to try"
        return None

    def algorithm(self, env: VecEnv, seed: int) -> DQN:
        """Return the library's DQN, which explores less and less over the whole run, not over each update."""
        commitments = self._options.commitments
        algorithm = DQN(
            "MlpPolicy",
            env,
            buffer_size=min(1_000_000, commitments),
            learning_starts=1000,
            train_freq=1,
            gradient_steps=8,
            gamma=1.0,
            seed=seed,
            device="cpu",
        )
        exploration = algorithm.exploration_schedule
        algorithm.exploration_schedule = lambda _: exploration(1 - algorithm.num_timesteps / commitments)
        return algorithm
