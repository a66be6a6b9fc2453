"""Names for PettingZoo's and Gymnasium's `make`. Importing this module registers them.

| name                                        | what                                                                |
|---------------------------------------------|---------------------------------------------------------------------|
| PettingZoo "routegame/routing_v0", parallel | `routegame.envs.routing_v0.parallel_env`                            |
| PettingZoo "routegame/routing_v0", aec      | `routegame.envs.routing_v0.env`                                     |
| Gymnasium "routegame/Leader-v0"             | `routegame.envs.single_agent.LeaderEnv`, of users at their best     |
| Gymnasium "routegame/Follower-v0"           | `routegame.envs.single_agent.FollowerEnv`                           |

`gymnasium.make("routegame.registration:routegame/Leader-v0")` imports and makes in one go.
"""

from __future__ import annotations

from typing import Any

import gymnasium
from pettingzoo.env_registry.registration import register

from routegame.agents.best_response import best_response
from routegame.envs.game import Game
from routegame.envs.single_agent import LeaderEnv
from routegame.envs.user import Observation


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


register("parallel", "routegame/routing_v0", "routegame.envs.routing_v0:parallel_env")
register("aec", "routegame/routing_v0", "routegame.envs.routing_v0:env")
gymnasium.register("routegame/Leader-v0", "routegame.registration:leader_env")
gymnasium.register("routegame/Follower-v0", "routegame.envs.single_agent:FollowerEnv")
