"""The last choice: the cheapest, on freshly sampled tasks, of commitments close to those that leaders arrived at.

Leaders are told apart, and small steps from where they are are tried, with the same luck for all: close commitments
come to nearly the same with it, and what luck there is cancels.

Against users who are learned there is more to it. Of all commitments the cheapest is likely one that they misjudge:
where they are about to change their mind, they hardly lose by changing it too late, and the provider gains much. So
it lets tasks be played with other answers, too, and expects users to find out what is best for them as well as these
tasks show it. Where that is not sure, neither is what they will do, and a step away from there is worth its price.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from routegame.envs.arrays import BoolArray, FloatArray
from routegame.envs.stackelberg import Batch, Response, Single, StackelbergGame
from routegame.train.considered import considered
from routegame.train.meter import Meter

STEPS: FloatArray = 0.0005 * np.array([2.0**k for k in range(6)])
"""Sizes of the steps, of a range of 1: from half of to many times what a leader explores at last."""

WIDE_STEPS: FloatArray = 0.0005 * np.array([2.0**k for k in range(9)])
"""Sizes of the steps where a leader has not been led all the way to an edge."""

EXTREMES = np.array([0.0, 1.0])
"""Deviations that are played where many commitments are left to choose from: staying, and leaving at once."""

ROUNDS = (16, 4, 1)
"""The share of tasks that each answer to each commitment is played with in a round, one in so many."""

NUM_KEPT = 16
"""Commitments that reach the last round; a quarter of them goes on where that is more."""

Choice = Callable[[StackelbergGame, Batch, Response, int, np.random.Generator, Meter], Single]
"""See `cheapest`."""

NUM_BATCHES = 32
NUM_RESAMPLES = 128

SURE = 4.0
"""Standard errors by which another answer has to be better before users are said to be mistaken."""


def nearby(game: StackelbergGame, centres: Batch, held: BoolArray | None = None, steps: FloatArray = STEPS) -> Batch:
    """Return the centres and steps from them along every coordinate but switches, within the box, each once.

    Where there are extras, such as slow-downs, the same is done around the centres without them.

    Args:
        game: the game.
        centres: commitments.
        held: coordinates that each of them keeps to besides, (num_centres, size).
        steps: their sizes, of a range of 1.
    """
    around = game.actions(centres)
    if held is None:
        held = np.zeros(around.shape, dtype=np.bool_)
    if game.num_extras:
        without = around.copy()
        without[:, -game.num_extras :] = 0
        around, held = np.concatenate([around, without]), np.concatenate([held, held])
    directions = np.eye(game.size)[game.num_switches :]
    moves = np.concatenate([np.zeros((1, game.size)), *(size * directions for size in (*-steps, *steps))])
    points = np.clip(around[:, None] + np.where(held[:, None], 0, moves), 0, 1).reshape(-1, game.size)
    return game.commitments(np.unique(points, axis=0))


def cheapest(
    game: StackelbergGame,
    commitments: Batch,
    respond: Response,
    num_tasks: int,
    rng: np.random.Generator,
    meter: Meter,
) -> Single:
    """Return the commitment that costs least if users answer as they say.

    Args:
        game: the game.
        commitments: those to choose from.
        respond: what users answer.
        num_tasks: that each of the last few is played with.
        rng: chance of all.
        meter: counts tasks and queries.
    """
    return _choose(game, commitments, respond, np.empty(0), num_tasks, rng, meter)


def cheapest_when_users_reconsider(
    game: StackelbergGame,
    commitments: Batch,
    respond: Response,
    num_tasks: int,
    rng: np.random.Generator,
    meter: Meter,
) -> Single:
    """Return the commitment that costs least if users may find a better answer; arguments as of `cheapest`."""
    return _choose(game, commitments, respond, game.deviations, num_tasks, rng, meter)


def cheapest_once_users_know(
    game: StackelbergGame,
    commitments: Batch,
    respond: Response,
    num_tasks: int,
    rng: np.random.Generator,
    meter: Meter,
) -> Single:
    """Return the commitment that costs least if users find a better answer where there is one; as `cheapest`.

    What they answer now is one of the answers that they consider, and no longer what they are held to.
    """
    return _choose(game, commitments, respond, EXTREMES, num_tasks, rng, meter, held_to=False)


def mistaken(
    game: StackelbergGame,
    commitment: Batch,
    respond: Response,
    num_tasks: int,
    rng: np.random.Generator,
    meter: Meter,
) -> bool:
    """Return whether tasks show for sure that users have a better answer to a commitment than theirs.

    Args:
        game: the game.
        commitment: a single one.
        respond: what users answer.
        num_tasks: that each answer is played with.
        rng: chance of all.
        meter: counts tasks and queries.
    """
    answers = considered(respond(commitment), game.deviations)[0]
    meter.queries += 1
    utility, _ = _play(game, commitment, answers, num_tasks, int(rng.integers(2**63)), meter)
    gains = utility[1:] - utility[0]
    errors = gains.std(axis=1, ddof=1) / np.sqrt(NUM_BATCHES)
    return bool(np.any(gains.mean(axis=1) > SURE * errors))


def _choose(
    game: StackelbergGame,
    commitments: Batch,
    respond: Response,
    others: FloatArray,
    num_tasks: int,
    rng: np.random.Generator,
    meter: Meter,
    *,
    held_to: bool = True,
) -> Single:
    actions = game.actions(commitments)
    for share in ROUNDS:
        commitments = game.commitments(actions)
        answers = considered(respond(commitments), others)
        meter.queries += len(commitments)
        luck = int(rng.integers(2**63))
        resamples = rng.multinomial(NUM_BATCHES, [1 / NUM_BATCHES] * NUM_BATCHES, NUM_RESAMPLES) / NUM_BATCHES
        costs = np.zeros(len(commitments))
        for k, offered in enumerate(answers):
            utility, cost = _play(game, commitments.take(np.array([k])), offered, num_tasks // share, luck, meter)
            costs[k] = expected_cost(utility, cost, resamples, held_to=held_to)
        order = np.argsort(costs, kind="stable")
        actions = actions[order[: max(len(order) // 4, NUM_KEPT)]]
    return commitments[int(order[0])]


def expected_cost(utility: FloatArray, cost: FloatArray, resamples: FloatArray, *, held_to: bool = True) -> float:
    """Return what a commitment will cost once users have found out what is best for them, as far as tasks show it.

    What is best is found anew in every resample of the batches, and the costs of what is found averaged. By default it
    is no less than the cost of what users answer now.

    Args:
        utility: (num_answers, num_batches), what users now answer first.
        cost: the same of the provider.
        resamples: (num_resamples, num_batches), how often a batch is in a resample, as a share.
        held_to: whether it is no less than the cost of what users answer now.
    """
    each = cost.mean(axis=1)
    found = (resamples @ utility.T).argmax(axis=1)
    expected = float(each[found].mean())
    return max(expected, float(each[0])) if held_to else expected


def _play(
    game: StackelbergGame, commitment: Batch, answers: FloatArray, num_tasks: int, luck: int, meter: Meter
) -> tuple[FloatArray, FloatArray]:
    """Return the follower's utility and the leader's cost, (num_answers, NUM_BATCHES), under one commitment.

    Args:
        game: the game.
        commitment: a single one.
        answers: to be played with, (num_answers,), or (num_answers, num_types).
        num_tasks: in all batches together.
        luck: the same for all answers.
        meter: counts.
    """
    each = np.repeat(answers, NUM_BATCHES, axis=0)
    offered = commitment.take(np.zeros(len(each), dtype=np.int64))
    played = meter.play(game.play_equally_lucky(offered, each, num_tasks // NUM_BATCHES, luck, NUM_BATCHES))
    shape = len(answers), NUM_BATCHES
    return played.follower_utility.reshape(shape), played.leader_cost.reshape(shape)
