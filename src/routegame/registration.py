"""Names for PettingZoo's and Gymnasium's `make`. Importing this module registers them.

| name                                        | what                                                                |
|---------------------------------------------|---------------------------------------------------------------------|
| PettingZoo "routegame/routing_v0", parallel | `routegame.envs.routing_v0.parallel_env`                            |
| PettingZoo "routegame/routing_v0", aec      | `routegame.envs.routing_v0.env`                                     |
| Gymnasium "routegame/Leader-v0"             | `routegame.envs.single_agent.LeaderEnv`, of users at their best     |
| Gymnasium "routegame/Follower-v0"           | `routegame.envs.single_agent.FollowerEnv`                           |

`gymnasium.make("routegame.registration:routegame/Leader-v0")` imports and makes in one go. `gymnasium.make_vec` makes
`routegame.envs.vector_env.LeaderVectorEnv` and `FollowerVectorEnv`, which have fewer options and show the same.
"""

from __future__ import annotations

from typing import Any

import gymnasium
import numpy as np
from pettingzoo.env_registry.registration import register

from routegame.agents.best_response import best_response
from routegame.envs.commitment import Commitments
from routegame.envs.game import FloatArray, Game
from routegame.envs.scenarios import scenario
from routegame.envs.single_agent import LeaderEnv
from routegame.envs.user import Observation
from routegame.envs.vector_env import FollowerVectorEnv, LeaderVectorEnv


def at_their_best(game: Game, seen: Observation) -> float:
    """Return the probability with which a memoryless user leaves, at its best response to what it sees.

    Args:
        game: the user's.
        seen: its observation in `routing_v0`, with the commitment in sight.
    """
    _, route, cascade_prob, *latency = seen[:5].tolist()
    return float(best_response(game, int(route), cascade_prob, (latency[0], latency[1])))


def leader_env(game: Game | str = "nano-gpt5", **options: Any) -> LeaderEnv:
    """Make the provider's side, of users at their best unless `users` says otherwise."""
    return LeaderEnv(game, **({"users": at_their_best} | options))


def leader_vector_env(num_envs: int, game: Game | str = "nano-gpt5", **options: Any) -> LeaderVectorEnv:
    """Make many providers side by side, of users at their best unless `respond` says otherwise."""
    return LeaderVectorEnv(_game(game), num_envs, **({"respond": at_their_best_to} | options))


def follower_vector_env(num_envs: int, game: Game | str = "nano-gpt5", **options: Any) -> FollowerVectorEnv:
    """Make many users side by side, of providers who commit at random unless `commitment` says otherwise."""
    return FollowerVectorEnv(_game(game), num_envs, **({"commitment": "random"} | options))


def at_their_best_to(game: Game, offers: Commitments) -> FloatArray:
    """Return the probability with which memoryless users leave, at their best response, (num_commitments,)."""
    leaves = best_response(game, offers.route, offers.cascade_prob, offers.throttled_latency)
    return np.asarray(leaves, dtype=np.float64)


def _game(game: Game | str) -> Game:
    return game if isinstance(game, Game) else scenario(game).game


register("parallel", "routegame/routing_v0", "routegame.envs.routing_v0:parallel_env")
register("aec", "routegame/routing_v0", "routegame.envs.routing_v0:env")
gymnasium.register(
    "routegame/Leader-v0",
    "routegame.registration:leader_env",
    vector_entry_point="routegame.registration:leader_vector_env",
)
gymnasium.register(
    "routegame/Follower-v0",
    "routegame.envs.single_agent:FollowerEnv",
    vector_entry_point="routegame.registration:follower_vector_env",
)
