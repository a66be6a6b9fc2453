"""`dqn`: stable-baselines3's DQN, which chooses among the points of a grid over the box; by default settings.

Mnih et al. (2015), *Human-Level Control through Deep Reinforcement Learning*: a network learns what each point costs
from all that were tried, and the cheapest of them is played, or now and then any other. It comes as close to the
optimum as the grid does.
"""

from __future__ import annotations

from stable_baselines3 import DQN
from stable_baselines3.common.vec_env import VecEnv

from routegame.envs.arrays import FloatArray
from routegame.envs.stackelberg import StackelbergGame
from routegame.train.grid import grid_points, too_many_points
from routegame.train.library_leader import LibraryLeader


class Dqn(LibraryLeader):
    """See the module."""

    BATCH = 256

    @classmethod
    def points(cls, game: StackelbergGame) -> FloatArray:
        """Return the grid, (num_points, size)."""
        return grid_points(game)

    @classmethod
    def objection(cls, game: StackelbergGame) -> str | None:
        """It plays games of few dimensions."""
        return too_many_points(game)

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
