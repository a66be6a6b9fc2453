"""Environments as Gymnasium's `make` and `make_vec` make them: each side alone, the other one given.

`routegame.registration` has their names.
"""

from __future__ import annotations

from typing import Any

from routegame.agents.perfect import answers_and_refusals, answers_at_their_best, at_their_best
from routegame.envs.single_agent import LeaderEnv
from routegame.envs.tasks_like import TasksLike
from routegame.envs.vector_env import FollowerVectorEnv, LeaderVectorEnv


def leader_env(game: TasksLike = "nano-gpt5", **options: Any) -> LeaderEnv:
    """Make the provider's side, of users at their best unless `users` says otherwise."""
    return LeaderEnv(game, **({"users": at_their_best} | options))


def leader_vector_env(num_envs: int, game: TasksLike = "nano-gpt5", **options: Any) -> LeaderVectorEnv:
    """Make many providers side by side, of users at their best unless `respond` says otherwise."""
    perfect = answers_and_refusals if options.get("decline") else answers_at_their_best
    return LeaderVectorEnv(game, num_envs, **({"respond": perfect} | options))


def follower_vector_env(num_envs: int, game: TasksLike = "nano-gpt5", **options: Any) -> FollowerVectorEnv:
    """Make many users side by side, of providers who commit at random unless `commitment` says otherwise."""
    return FollowerVectorEnv(game, num_envs, **({"commitment": "random"} | options))
