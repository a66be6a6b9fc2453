"""`trpo`: sb3-contrib's TRPO, a Gaussian over the box that moves within a trust region; an optional extra.

Schulman et al. (2015), *Trust Region Policy Optimization*: 512 commitments give a direction, by conjugate gradients,
and the policy goes there as far as it stays close to what it was.
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib.util import find_spec

from stable_baselines3.common.base_class import BaseAlgorithm
from stable_baselines3.common.vec_env import VecEnv

from routegame.envs.stackelberg import StackelbergGame
from routegame.train.library_leader import LibraryLeader, LibraryOptions, number_of_commitments


@dataclass(frozen=True)
class TrpoOptions(LibraryOptions):
    """Options of `trpo`."""

    commitments: int = number_of_commitments(102_400)


class Trpo(LibraryLeader):
    """See the module."""

    OPTIONS = TrpoOptions
    BATCH = 512

    @classmethod
    def objection(cls, game: StackelbergGame) -> str | None:
        """It plays every game where sb3-contrib is installed."""
        return "it needs sb3-contrib: pip install 'routegame[trpo]'" if find_spec("sb3_contrib") is None else None

    def algorithm(self, env: VecEnv, seed: int) -> BaseAlgorithm:
        """Return the library's TRPO."""
        from sb3_contrib import TRPO

        made: BaseAlgorithm = TRPO(
            "MlpPolicy", env, n_steps=8, batch_size=512, gamma=1.0, gae_lambda=1.0, seed=seed, device="cpu"
        )
        return made
