"""Environments for processes of their own, which import this module: so it imports no more than they need."""

from __future__ import annotations

from typing import Any

import gymnasium

from routegame import Game
from routegame.agents import at_their_best
from routegame.envs import Commitment, FollowerEnv, LeaderEnv

GAME = Game(9, 20, (0.1, 0.3), (1, 2), (1, 3))
CASCADE = Commitment.unthrottled(GAME, route=1, cascade_prob=0.25)


def make_follower() -> gymnasium.Env[Any, Any]:
    """Make an environment of users who are offered a cascade."""
    return FollowerEnv(GAME, provider=CASCADE, num_tasks=2)


def make_leader() -> gymnasium.Env[Any, Any]:
    """Make an environment of a provider whose users answer at their best."""
    return LeaderEnv(GAME, users=at_their_best, num_users=2)
