"""The last choice in every context of a mix at once: the cheapest of commitments there, found in rounds.

The provider sees the context of every task, so it can try another commitment in each context at the same time, and see
in which of them it was cheap. What is tried is what leaders commit to there, cascades of all odds, the second model
first, and steps around what was cheapest, smaller every time.

Users are expected to find out what is best for them as well as tasks show it: tasks are played in batches with other
answers, too, what users do is found anew in every batch, and a commitment costs the mean over batches of what that
costs. Close to where users change their mind some batches are mistaken, and the cost shows it: the choice stays clear
of an edge by as much as cannot be told.
"""

from __future__ import annotations

import numpy as np

from routegame.envs.arrays import FloatArray, IntArray
from routegame.envs.context_game import ContextGame, Offers
from routegame.envs.stackelberg import Response
from routegame.train.meter import Meter

GRID: FloatArray = np.array(
    [[0.0, 0.0], *([0.0, share] for share in 1 / (1 + np.exp(np.linspace(9, -9, 19)))), [0.0, 1.0], [1.0, 0.0]]
)
"""Commitments that are tried in every context: cascades of all odds, both ends, and the second model first."""

STEPS = (0.5, 0.25, 0.1, 0.05, 0.02)
"""Steps to either side in log-odds of the cascade, one of them a round, from the cheapest there are."""

LEAST_SHARE = 1e-4
"""Where steps in log-odds begin from an end of the cascade."""

NUM_KEPT = 4
"""Commitments of a context that steps are made from."""

TIE, ERRORS = 2e-3, 2.0
"""Share of a cost, and standard errors of it, up to which a cascade is no better than none, or a full one: users may
leave for a cascade that is all but none, by so little that hardly any number of tasks shows it."""

NUM_BATCHES = 16
"""Batches that tasks under a commitment are played in."""


def cheapest_in_contexts(
    game: ContextGame,
    tried: FloatArray,
    respond: Response,
    num_tasks: int,
    rng: np.random.Generator,
    meter: Meter,
) -> FloatArray:
    """Return the commitment of every context that costs least once users have found a better answer, (C, 2).

    Args:
        game: the mix.
        tried: commitments to begin with besides `GRID`, (num_tried, C, 2) in [0, 1].
        respond: what users answer.
        num_tasks: tasks of a context under each of its last commitments, on average: a context has its share of them.
        rng: chance of all.
        meter: counts tasks and queries.
    """
    contexts = np.arange(game.num_contexts)
    points = np.concatenate([tried, np.repeat(GRID[:, None], game.num_contexts, axis=1)])
    share = np.maximum(game.mix.weights * game.num_contexts, LEAST_SHARE)
    for number, step in enumerate((*STEPS, 0.0)):
        in_round = num_tasks // 4 ** max(len(STEPS) // 2 - number, 0)
        tasks = np.maximum(share * in_round / NUM_BATCHES, 1).astype(np.int64)
        costs, errors = np.empty((2, *points.shape[:2]))
        for tried_now, each in enumerate(points):
            offers = Offers.at(contexts, each)
            meter.queries += len(offers)
            costs[tried_now], errors[tried_now] = costs_once_users_know(
                game, offers, respond(offers), game.deviations, np.repeat(tasks, NUM_BATCHES), rng, meter
            )
        at_end = (points[..., 0] > 0.5) | np.isin(points[..., 1], (0, 1))
        allowed = costs - at_end * (TIE * costs.min(axis=0) + ERRORS * errors)
        best = np.argsort(allowed, axis=0, kind="stable")[:NUM_KEPT]
        points = points[best, contexts]
        if step:
            points = np.concatenate([points, *(moved(points, way * step) for way in (-1, 1))])
    found: FloatArray = points[0]
    return found


def costs_once_users_know(
    game: ContextGame,
    offers: Offers,
    own: FloatArray,
    others: FloatArray,
    tasks: IntArray,
    rng: np.random.Generator,
    meter: Meter,
) -> tuple[FloatArray, FloatArray]:
    """Return what commitments cost once users have found a better answer, and its standard error, (num_offers,) each.

    What they answer now is one of the answers that they consider, and not what they are held to.

    Args:
        game: the mix.
        offers: commitments, each in a context.
        own: what users answer now, (num_offers,).
        others: answers that they consider besides.
        tasks: in each batch of each of them, one offer after another, (num_offers · number of batches,).
        rng: chance of all.
        meter: counts tasks.
    """
    batches = len(tasks) // len(offers)
    each = offers.take(np.repeat(np.arange(len(offers)), batches))
    utilities, costs = [], []
    for answers in (own, *(np.full(len(own), other) for other in others)):
        played = meter.play(game.play_many(each, np.repeat(answers, batches), tasks, rng))
        utilities.append(played.follower_utility)
        costs.append(played.leader_cost)
    chosen = np.stack(utilities).argmax(axis=0)
    found = np.stack(costs)[chosen, np.arange(len(chosen))].reshape(-1, batches)
    return found.mean(axis=1), found.std(axis=1) / np.sqrt(batches)


def moved(points: FloatArray, step: float) -> FloatArray:
    """Move the cascades of commitments, (..., 2), by a step in log-odds."""
    moved = points.copy()
    inside = np.clip(points[..., 1], LEAST_SHARE, 1 - LEAST_SHARE)
    moved[..., 1] = 1 / (1 + (1 - inside) / inside * np.exp(-step))
    return moved
