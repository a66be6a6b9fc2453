"""Memoryless users at their best response, as environments ask for them."""

from __future__ import annotations

import numpy as np

from routegame.agents.exact.best_response import best_response
from routegame.envs.arrays import FloatArray
from routegame.envs.commitment import Commitments
from routegame.envs.game import Game
from routegame.envs.routing.quick_episodes import settled
from routegame.envs.routing.user import Observation


@settled
def at_their_best(game: Game, seen: Observation) -> float:
    """Return the probability with which a memoryless user leaves, at its best response to what it sees.

    Args:
        game: the user's game.
        seen: its observation in `routing_v0`, with the commitment in sight.
    """
    _, route, cascade_prob, *latency = seen[:5].tolist()
    return float(best_response(game, int(route), cascade_prob, (latency[0], latency[1])))


def answers_at_their_best(game: Game, offers: Commitments) -> FloatArray:
    """Return the probabilities with which memoryless users leave, at their best response, (num_commitments,)."""
    leaves = best_response(game, offers.route, offers.cascade_prob, offers.throttled_latency)
    return np.asarray(leaves, dtype=np.float64)
