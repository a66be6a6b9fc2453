"""Memoryless users at their best response, as environments ask for them."""

from __future__ import annotations

import numpy as np

from routegame.agents.exact.best_response import best_response
from routegame.agents.menus.answers import memoryless_answer
from routegame.envs.arrays import FloatArray
from routegame.envs.commitment import Commitments
from routegame.envs.game import INDIFFERENCE, Game
from routegame.envs.menu_game import MenuCommitments
from routegame.envs.policy import Policy
from routegame.envs.routing.contract import menu_in_sight
from routegame.envs.routing.quick_episodes import settled
from routegame.envs.routing.user import Observation


@settled
def at_their_best(game: Game, seen: Observation) -> float:
    """Return the probability with which a memoryless user leaves, at its best response to what it sees.

    Before the first pass of a task, which it can only be asked about where it may decline, it is that of declining.

    Args:
        game: the user's game.
        seen: its observation in `routing_v0`, with the commitment in sight.
    """
    menu = menu_in_sight(game, seen.tolist())
    if menu is not None:
        policy, latency = menu
        leaves, declines = _answers(game.with_latency(latency), policy)
        return declines if seen[0] == 0 else leaves
    _, route, cascade_prob, *latencies = seen[:5].tolist()
    return float(best_response(game, int(route), cascade_prob, (latencies[0], latencies[1])))


def answers_at_their_best(game: Game, offers: Commitments | MenuCommitments) -> FloatArray:
    """Return the probabilities with which memoryless users leave, at their best response, (num_commitments,)."""
    if isinstance(offers, MenuCommitments):
        found, _ = answers_and_refusals(game, offers)
        return np.asarray(found, dtype=np.float64)
    leaves = best_response(game, offers.route, offers.cascade_prob, offers.throttled_latency)
    return np.asarray(leaves, dtype=np.float64)


def answers_and_refusals(game: Game, offers: MenuCommitments) -> FloatArray:
    """Return the probabilities with which memoryless users leave and decline at their best, (2, num_commitments)."""
    found = np.zeros((2, len(offers)))
    for k, in_force in enumerate(game.with_latency(tuple(offers.throttled_latency.T)).blocks(1)):
        found[:, k] = _answers(in_force.single(0), offers[k].policy)
    return found


def _answers(game: Game, policy: Policy) -> tuple[float, float]:
    """Probabilities of leaving and of declining, of a single game at the latencies in force; ties go to staying."""
    leaves = memoryless_answer(game, policy)
    p, t, xi = (np.array(each, dtype=np.float64) for each in (game.success_prob, game.latency, game.net_value))
    passes = policy.passes(p, np.full(len(p), 1 - leaves))
    tolerance = INDIFFERENCE * (passes @ (game.task_value * p + t))
    return leaves, float(passes @ xi < -tolerance)
