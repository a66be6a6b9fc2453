"""Memoryless users at their best response, as environments ask for them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from routegame.agents.exact.best_response import best_response
from routegame.agents.menus.answers import memoryless_answer, refuses
from routegame.agents.mixes.blind_answers import memoryless_answer as memoryless_answer_over_contexts
from routegame.agents.mixes.contexts import Contexts
from routegame.agents.mixes.lists import Lists, Play
from routegame.envs.arrays import BoolArray, FloatArray
from routegame.envs.checks import ParameterError
from routegame.envs.commitment import Commitments
from routegame.envs.game import Game
from routegame.envs.menu_game import MenuCommitments
from routegame.envs.mix_game import MixCommitments
from routegame.envs.policy import Policy
from routegame.envs.routing.contract import menu_in_sight
from routegame.envs.routing.quick_episodes import settled
from routegame.envs.routing.user import Observation
from routegame.envs.task_mix import TaskMix


@settled
def at_their_best(game: Game | TaskMix, seen: Observation) -> float:
    """Return the probability with which a memoryless user leaves, at its best response to what it sees.

    Before the first pass of a task, which it can only be asked about where it may decline, it is that of declining.

    Args:
        game: the user's game; or a mix of tasks of two models, if it does not know the context of its own.
        seen: its observation in `routing_v0`, with the commitment in sight, or those for all contexts.

    Raises:
        ParameterError: of a mix, where its observation does not show a route and a cascade probability for all.
    """
    if isinstance(game, TaskMix):
        return _blind_at_their_best(game, seen)
    menu = menu_in_sight(game, seen.tolist())
    if menu is not None:
        policy, latency = menu
        leaves, declines = _answers(game.with_latency(latency), policy)
        return declines if seen[0] == 0 else leaves
    _, route, cascade_prob, *latencies = seen[:5].tolist()
    return float(best_response(game, int(route), cascade_prob, (latencies[0], latencies[1])))


def _blind_at_their_best(mix: TaskMix, seen: Observation) -> float:
    """The probability with which a user leaves who does not know which context its task has."""
    rows, spare = divmod(len(seen) - 1, 4)
    if mix.num_models != 2 or rows != len(mix) or spare > 1:
        allowed = "given where users neither know their context nor see a list of two models for each"
        raise ParameterError("users", allowed, "users at their best")
    table = seen[1 : 1 + 4 * rows].reshape(rows, 4).astype(np.float64)
    slowed = replace(mix, games=mix.games.with_latency((table[:, 2], table[:, 3])))
    return _blind_answer(Contexts.of(slowed), table[:, 0] > 1.5, table[:, 1])


def _blind_answer(contexts: Contexts, second: BoolArray, moves: FloatArray) -> float:
    """The best probability of leaving, under lists that begin with the second model or hand over to it."""
    lists = Lists.of(second.astype(np.intp), np.ones(len(second), dtype=np.intp), moves)
    return 1 - memoryless_answer_over_contexts(Play.of(contexts, lists)).answer


def answers_at_their_best(game: Game | TaskMix, offers: Commitments | MenuCommitments | MixCommitments) -> FloatArray:
    """Return the probabilities with which memoryless users leave, at their best response, (num_commitments,).

    Args:
        game: a single game, or one for each commitment; or a mix of tasks, of users who do not know their context.
        offers: the commitments; of a mix those to lists of two models in every context.

    Raises:
        ParameterError: of a mix, commitments to other models or contexts.
    """
    if isinstance(game, TaskMix):
        given = MixCommitments.of(offers)
        if given.start.shape[1:] != (len(game), 2) or given.rows.shape[2] != 2:
            raise ParameterError("respond", "given where users at their best do not see two models in each context", "")
        contexts = Contexts.of(game)
        rows = zip(given.start[:, :, 1] > 0.5, given.rows[:, :, 0, 1], strict=True)
        return np.array([_blind_answer(contexts, second, moves) for second, moves in rows])
    if isinstance(offers, MixCommitments):
        raise ParameterError("game", "a mix of tasks, for commitments over contexts", game)
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
    return leaves, float(refuses(game, policy, leaves))
