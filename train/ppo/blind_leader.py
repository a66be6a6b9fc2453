"""The leader of a mix whose users are blind: what to commit to in every context, at one price of patience for all.

One answer couples all contexts: what pays in one depends on what keeps users in the others. Yet once it is said which
answer users shall give, contexts are coupled by little. Of every context the leader learns from tasks what some
commitments cost and are worth there, under that answer and under others; it then needs the cheapest of them in each
context such that on the whole no other answer is worth more to users. That is a linear program whose multipliers are
prices of patience, the same in all contexts: its optimum is one commitment in all contexts but one or two, which are in
between two. These are rounded in every way, and what comes of it is tried on fresh tasks, with users who find out
what is best for them as well as tasks show it.

So which answer it shall be, and where patience is cheap, is found out from costs and utilities of sampled tasks alone.
Around what was cheapest finer commitments and answers are tried in the next round.
"""

from __future__ import annotations

from itertools import product

import numpy as np
from scipy.optimize import linprog
from scipy.sparse import csr_array, eye_array, kron

from routegame.envs.arrays import FloatArray, IntArray
from routegame.envs.mix_game import MixGame
from routegame.envs.stackelberg import Batch, Response, Single
from routegame.train.meter import Meter
from routegame.train.ppo.choice_in_contexts import GRID, moved
from routegame.train.state import State

SOME, MORE = (0.0, 0.001, 0.003, 0.01, 0.02, 0.035, 0.05, 0.07, 0.09, 0.11), (0.13, 0.15, 0.18, 0.22, 0.27, 0.35, 0.45)
ANSWERS: FloatArray = np.array([*SOME, *MORE, 0.6, 0.8, 1.0])
"""Abandonment probabilities that users may be meant to answer with, and consider, in the first round."""

COUNTED: FloatArray = np.array([0.0, *(1 / np.array([64, 45, 30, 22, 17, 13, 10, 8, 6, 5, 4, 3, 2, 1.0]))])
"""The same of users who count their failures: to leave after so many of them, or never."""

STEPS = (1.0, 0.5, 0.2, 0.08, 0.03)
"""Steps in log-odds of the cascade from what was cheapest, one in each round after the first; the last one again."""

MARGINS = (0.0, 1e-3, 3e-3)
"""How much more the answer that is meant is to be worth than others, in shares of what a pass is worth to users."""

NUM_TARGETS, NUM_KEPT = 3, 8
"""Answers that policies are made for, the cheapest by the program; and policies that are kept."""

WHOLE, MOST_BETWEEN = 1 - 1e-6, 3
"""A context is in between two commitments if neither has this share; of so many all roundings are tried."""

NUM_BATCHES = 8
"""Batches of tasks in which users find out what is best for them."""


class BlindLeader:
    """Learns a policy over the contexts of a mix whose users give one answer in all of them.

    Args:
        game: the mix, with blind users and two models.
        num_tasks: tasks a context, on average, under each commitment and answer of a round.
        seeds: of everything random.
        meter: counts what is played.
    """

    def __init__(self, game: MixGame, num_tasks: int, seeds: np.random.SeedSequence, meter: Meter) -> None:
        self._game, self._num_tasks, self._meter = game, num_tasks * game.num_contexts, meter
        play_seeds, self._final_seeds = seeds.spawn(2)
        self._rng = np.random.default_rng(play_seeds)
        self._answers = COUNTED if game.users == "history" else ANSWERS
        self._round = 0
        self._kept, self._costs = game.starts(np.array([0.0])), np.full(2, np.inf)

    def update(self, respond: Response) -> dict[str, float]:
        """Try commitments in all contexts, put the cheapest policies together, and return figures to log."""
        columns = self._columns()
        costs, utilities = self._tried(columns)
        self._keep(self._policies(columns, costs, utilities), respond)
        self._round += 1
        return {"least_cost": float(self._costs.min()), "commitments": float(len(columns))}

    def commitments(self) -> Batch:
        """Return the policies that are kept, the cheapest first."""
        return self._game.commitments(self._kept)

    def commitment(self) -> Single:
        """Return the cheapest policy so far."""
        return self.commitments()[0]

    def final_commitment(self, respond: Response, meter: Meter) -> Single:
        """Return the cheapest of those kept, on fresh tasks, which are counted; the same whenever it is asked."""
        rng = np.random.default_rng(self._final_seeds)
        costs = self._cost_once_users_know(self._kept, respond, self._num_tasks, rng, meter)
        return self.commitments()[int(np.argmin(costs))]

    def _columns(self) -> FloatArray:
        """Commitments to try in each context: everywhere, and closer and closer to what was cheapest, (A, 2, C)."""
        contexts = self._game.num_contexts
        anywhere = np.repeat(GRID[:, :, None], contexts, axis=2)
        if not self._round:
            return anywhere
        step = STEPS[min(self._round, len(STEPS)) - 1]
        kept = np.swapaxes(self._kept.reshape(-1, 2, contexts), 1, 2)
        near = np.concatenate([kept, *(moved(kept, way * step) for way in (-1, 1))])
        return np.concatenate([anywhere, np.swapaxes(near, 1, 2)])

    def _tried(self, columns: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Return what each context adds to cost and utility of a task, (A, num_answers, C), under each column.

        All are played with the same luck: what they differ in is seen early.
        """
        count, answers = len(columns), len(self._answers)
        offers = self._game.commitments(np.repeat(columns.reshape(count, -1), answers, axis=0))
        self._meter.queries += len(offers)
        each = np.tile(self._answers, count)
        played = self._meter.play(self._game.play_compared(offers, each, self._num_tasks, self._rng))
        share = self._game.mix.weights / np.maximum(played.context_tasks, 1)
        shape = count, answers, -1
        return (share * played.context_costs).reshape(shape), (share * played.context_utilities).reshape(shape)

    def _policies(self, columns: FloatArray, costs: FloatArray, utilities: FloatArray) -> FloatArray:
        """Return policies that should make users answer as is meant, (num_policies, 2 C), for several answers."""
        programs = [mixed_policy(costs, utilities, target, 0.0) for target in range(len(self._answers))]
        values = np.array([np.inf if found is None else found[0] for found in programs])
        made = []
        for target in np.argsort(values, kind="stable")[:NUM_TARGETS]:
            for margin in MARGINS if np.isfinite(values[target]) else ():
                found = mixed_policy(costs, utilities, int(target), margin * self._game.utility_scale)
                made += [] if found is None else roundings(columns, found[1])
        return np.concatenate([self._kept, *(policy.reshape(1, -1) for policy in made)])

    def _keep(self, policies: FloatArray, respond: Response) -> None:
        policies = np.unique(policies, axis=0)
        costs = self._cost_once_users_know(policies, respond, self._num_tasks, self._rng, self._meter)
        cheapest = np.argsort(costs, kind="stable")[:NUM_KEPT]
        self._kept, self._costs = policies[cheapest], costs[cheapest]

    def _cost_once_users_know(
        self, policies: FloatArray, respond: Response, num_tasks: int, rng: np.random.Generator, meter: Meter
    ) -> FloatArray:
        """Return what policies cost once users have found a better answer in each of some batches, (num_policies,).

        What they answer now is one of the answers that they consider, and not what they are held to.
        """
        offers = self._game.commitments(policies)
        meter.queries += len(offers)
        own, total = respond(offers), np.zeros(len(offers))
        each = np.column_stack([own, np.tile(self._answers, (len(offers), 1))])
        rows = offers.take(np.repeat(np.arange(len(offers)), each.shape[1]))
        for _ in range(NUM_BATCHES):
            played = meter.play(self._game.play_compared(rows, each.reshape(-1), num_tasks // NUM_BATCHES, rng))
            best = played.follower_utility.reshape(each.shape).argmax(axis=1)
            total += played.leader_cost.reshape(each.shape)[np.arange(len(offers)), best]
        mean: FloatArray = total / NUM_BATCHES
        return mean

    def state(self) -> State:
        """Return what was learned, and chance."""
        return {
            "kept": self._kept,
            "costs": self._costs,
            "round": self._round,
            "rng": self._rng.bit_generator.state,
        }

    def restore(self, state: State) -> None:
        """Go on from a state."""
        self._kept, self._costs, self._round = state["kept"], state["costs"], int(state["round"])
        self._rng.bit_generator.state = state["rng"]


def mixed_policy(
    costs: FloatArray, utilities: FloatArray, target: int, margin: float
) -> tuple[float, FloatArray] | None:
    """Return the cost of the cheapest mixture of commitments that makes an answer best, and its shares, (C, A).

    Args:
        costs: what each context adds to the cost of a task, under each commitment and answer, (A, num_answers, C).
        utilities: the same of users' utility.
        target: the answer that is meant, its number.
        margin: how much more it is to be worth than others.

    Returns:
        None where no mixture does.

    >>> costs, utilities = np.array([[[1.0], [3.0]], [[2.0], [3.0]]]), np.array([[[-1.0], [0.0]], [[1.0], [0.0]]])
    >>> cost, shares = mixed_policy(costs, utilities, 0, 0.0)
    >>> cost, shares.tolist()  # half of the dearer commitment, so that staying is worth no less than leaving
    (1.5, [[0.5, 0.5]])
    """
    count, answers, contexts = costs.shape
    others = np.delete(np.arange(answers), target)
    worse = (utilities[:, others] - utilities[:, [target]]).transpose(1, 2, 0).reshape(len(others), -1)
    solved = linprog(
        costs[:, target].T.reshape(-1),
        A_ub=worse,
        b_ub=np.full(len(others), -margin),
        A_eq=csr_array(kron(eye_array(contexts), np.ones((1, count)))),
        b_eq=np.ones(contexts),
        method="highs",
    )
    return (float(solved.fun), solved.x.reshape(contexts, count)) if solved.status == 0 else None


def roundings(columns: FloatArray, shares: FloatArray) -> list[FloatArray]:
    """Return policies of one commitment in each context that come close to a mixture, (2, C) each.

    Where a context is in between it gets each of its commitments in turn, and the cascade in between where they
    start alike; of more than `MOST_BETWEEN` such contexts the others get the largest share.

    Args:
        columns: commitments, (A, 2, C).
        shares: of them in each context, (C, A).
    """
    contexts = np.arange(len(shares))
    policy: FloatArray = columns[shares.argmax(axis=1), :, contexts].T
    between: IntArray = np.flatnonzero(shares.max(axis=1) < WHOLE)[:MOST_BETWEEN]
    choices = []
    for context in between:
        used = columns[shares[context] > 1 - WHOLE, :, context]
        mean = shares[context] @ columns[:, :, context]
        choices.append([*used, mean] if len(set(used[:, 0] > 0.5)) == 1 else list(used))
    made = []
    for chosen in product(*choices):
        rounded = policy.copy()
        for context, commitment in zip(between, chosen, strict=True):
            rounded[:, context] = commitment
        made.append(rounded)
    return made
