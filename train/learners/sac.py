"""`sac`: stable-baselines3's SAC, a Gaussian over the box that is paid for its entropy, too; by default settings.

Haarnoja et al. (2018), *Soft Actor-Critic: Off-Policy Maximum Entropy Deep Reinforcement Learning with a Stochastic
Actor*: two critics learn what any commitment costs from all that were made, and the policy follows their slope. It
takes an eighth of the library's one step for each commitment, whose cost is an average over many tasks here.
"""

from __future__ import annotations

from dataclasses import dataclass

from stable_baselines3 import SAC
from stable_baselines3.common.vec_env import VecEnv

from routegame.train.library_leader import LibraryLeader, LibraryOptions, number_of_commitments


@dataclass(frozen=True)
class SacOptions(LibraryOptions):
    """Options of `sac`."""

    commitments: int = number_of_commitments(8_192)


class Sac(LibraryLeader):
    """See the module."""

    OPTIONS = SacOptions
    BATCH = 64

    def algorithm(self, env: VecEnv, seed: int) -> SAC:
        """Return the library's SAC, which remembers as much as it would, or all that there will be."""
        return SAC(
            "MlpPolicy",
            env,
            buffer_size=min(1_000_000, self._options.commitments),
            learning_starts=1000,
            train_freq=1,
            gradient_steps=8,
            gamma=1.0,
            seed=seed,
            device="cpu",
        )
