"""`a2c`: stable-baselines3's A2C, a Gaussian over the box that follows its policy gradient; by default settings.

Mnih et al. (2016), *Asynchronous Methods for Deep Reinforcement Learning*, all in step: 64 commitments make one step of
the gradient. A critic learns what they cost on average.
"""

from __future__ import annotations

from dataclasses import dataclass

from stable_baselines3 import A2C
from stable_baselines3.common.vec_env import VecEnv

from routegame.train.library_leader import LibraryLeader, LibraryOptions, number_of_commitments


@dataclass(frozen=True)
class A2cOptions(LibraryOptions):
    """Options of `a2c`."""

    commitments: int = number_of_commitments(61_440)


class A2c(LibraryLeader):
    """See the module."""

    OPTIONS = A2cOptions
    BATCH = 512

    def algorithm(self, env: VecEnv, seed: int) -> A2C:
        """Return the library's A2C."""
        return A2C("MlpPolicy", env, n_steps=1, gamma=1.0, gae_lambda=1.0, seed=seed, device="cpu")
