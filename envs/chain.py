"""Closed forms of the routing chain of two models: what a commitment and a user's abandonment lead to, on average.

Both players' payoffs are linear in the same two numbers, the expected passes of each model. Sampled passes are in
`routegame.envs.sampling.simulator`, which shares no code with this module: each is the other's check.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from routegame.envs.arrays import BoolArray, FloatArray, Number
from routegame.envs.checks import ParameterError, as_number, as_pair, as_route
from routegame.envs.game import Game
from routegame.envs.scenarios import GameLike, as_two_model_game


@dataclass(frozen=True)
class Visits:
    """Expected passes of each model, n_1 and n_2, and the probability that the user gives up in the end."""

    standard: Number
    reasoning: Number
    abandoned: Number


@dataclass(frozen=True)
class Outcome:
    """Expected outcome of one task, in the units of the game.

    Attributes:
        solve_prob: S, probability that the task ends solved.
        expected_latency: L, in units of latency.
        expected_cost: C, in units of cost, without the churn penalty.
        user_utility: U = V S − L, in units of latency.
        provider_cost: J = C + P (1 − S), in units of cost.
    """

    solve_prob: Number
    expected_latency: Number
    expected_cost: Number
    user_utility: Number
    provider_cost: Number


def visits(
    success_prob: Sequence[ArrayLike],
    route: ArrayLike,
    cascade_prob: ArrayLike,
    abandon_prob: ArrayLike | tuple[ArrayLike, ArrayLike],
) -> Visits:
    """Expected number of passes of each model before the task is solved or abandoned (Mahmood 2026, §3).

    Shapes broadcast; nothing is checked. `abandon_prob` is one probability for a user who does not see which model
    failed, or a tuple of two, after a failure of the standard and of the reasoning model.

    Denominators are written as sums of non-negative terms, 1 − a r (1 − s) = p_1 + a (q + r s), so that nothing
    cancels when a success probability is tiny.

    >>> v = visits((0.1, 0.3), 1, 0.0, 0.0)
    >>> float(round(v.standard, 12)), float(v.reasoning)
    (10.0, 0.0)
    """
    p1, p2 = (np.asarray(p, dtype=np.float64) for p in success_prob)
    q1, q2 = abandon_prob if isinstance(abandon_prob, tuple) else (abandon_prob, abandon_prob)
    q1, q2 = np.asarray(q1, dtype=np.float64), np.asarray(q2, dtype=np.float64)
    n1, n2 = expected_passes(p1, p2, np.equal(route, 1), np.asarray(cascade_prob, dtype=np.float64), q1, q2)
    return Visits(n1[()], n2[()], ((1 - p1) * q1 * n1 + (1 - p2) * q2 * n2)[()])


def expected_passes(
    p1: FloatArray, p2: FloatArray, starts_standard: BoolArray, s: FloatArray, q1: FloatArray, q2: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """n_1 and n_2 alone, as `visits` has them, for whoever asks for so many that each step counts."""
    a, r1 = 1 - p1, 1 - q1
    alone = 1 / (p2 + (1 - p2) * q2)
    n1 = 1 / (p1 + a * (q1 + r1 * s))
    if starts_standard.all() and np.broadcast_shapes(starts_standard.shape, n1.shape) == n1.shape:
        return n1, n1 * a * r1 * s * alone
    return np.where(starts_standard, n1, 0.0), np.where(starts_standard, n1 * a * r1 * s * alone, alone)


def visits_after(
    success_prob: Sequence[ArrayLike], route: ArrayLike, cascade_prob: ArrayLike, failures: ArrayLike
) -> Visits:
    """Expected passes of a user who counts its failures and leaves after a given number of them.

    With T the transitions of a user who never leaves (docs/theory.md), the passes are the rows of 1 + T + … + T^(N−1).
    Powers and sums are put together by doubling, from sums of non-negative terms: nothing cancels, and the work
    grows with log N. Shapes broadcast; nothing is checked.

    Args:
        success_prob: of each model, standard model first.
        route: 1 or 2.
        cascade_prob: in [0, 1].
        failures: N, a whole number >= 1, or inf for a user who never leaves.

    >>> v = visits_after((0.1, 0.3), 1, 0.5, 2)
    >>> [round(float(x), 12) for x in (v.standard, v.reasoning, v.abandoned)]
    [1.45, 0.45, 0.72]
    """
    p1, p2, s, count = (np.asarray(x, dtype=np.float64) for x in (*success_prob, cascade_prob, failures))
    starts_standard, forever = np.equal(route, 1), np.isinf(count)
    never = visits(success_prob, route, s, 0.0)
    a, b = 1 - p1, 1 - p2
    before_last = np.where(forever, 1, count) - 1
    run, block = _Run.of_none(), _Run(a * (1 - s), a * s, b, np.ones(()), np.zeros(()), np.ones(()))
    while (before_last > 0).any():
        run = run.then(block).where(before_last % 2 == 1, run)
        block, before_last = block.then(block), before_last // 2
    last1, last2 = (
        np.where(starts_standard, run.from_1_to_1, 0),
        np.where(starts_standard, run.from_1_to_2, run.from_2_to_2),
    )
    n1 = np.where(starts_standard, run.visits_1_from_1, 0) + last1
    n2 = np.where(starts_standard, run.visits_2_from_1, run.visits_2_from_2) + last2
    return Visits(
        np.where(forever, never.standard, n1)[()],
        np.where(forever, never.reasoning, n2)[()],
        np.where(forever, 0.0, a * last1 + b * last2)[()],
    )


def outcome(
    game: GameLike,
    route: ArrayLike,
    cascade_prob: ArrayLike,
    abandon_prob: ArrayLike | tuple[ArrayLike, ArrayLike],
) -> Outcome:
    """Exact outcome of a commitment (route, cascade probability) under an abandonment probability (docs/theory.md).

    Shapes broadcast with those of the game. For a throttled provider pass `game.with_latency(...)`.

    The churn penalty multiplies the probability of abandonment itself, not 1 − S: a user who never leaves costs no
    penalty, however large it is.

    Raises:
        ParameterError: a probability outside [0, 1], or a route other than 1 and 2.

    >>> o = outcome(Game(9, 20, (0.1, 0.3), (1, 2), (1, 3)), route=2, cascade_prob=0, abandon_prob=1)
    >>> [round(float(x), 12) for x in (o.solve_prob, o.user_utility, o.provider_cost)]
    [0.3, 0.7, 17.0]
    """
    game = as_two_model_game(game)
    s = as_number("cascade_prob", cascade_prob, 0, 1)
    if isinstance(abandon_prob, tuple):
        q1, q2 = as_pair("abandon_prob", abandon_prob, 0, 1)
    else:
        q1 = q2 = as_number("abandon_prob", abandon_prob, 0, 1)
    return outcome_of(game, visits(game.success_prob, as_route(route), s, (q1, q2)))


def outcome_after(game: GameLike, route: ArrayLike, cascade_prob: ArrayLike, failures: ArrayLike) -> Outcome:
    """Exact outcome of a commitment under a user who leaves after its N-th failure, see `visits_after`.

    Shapes broadcast with those of the game.

    Args:
        game: the game, a batch of games, or the name of a scenario.
        route: 1 or 2.
        cascade_prob: in [0, 1]; without effect on route 2.
        failures: N, a whole number >= 1, or inf for a user who never leaves.

    Raises:
        ParameterError: a route, a probability or a number of failures out of range.

    >>> o = outcome_after(Game(9, 20, (0.1, 0.3), (1, 2), (1, 3)), route=1, cascade_prob=0.5, failures=2)
    >>> [round(float(x), 12) for x in (o.solve_prob, o.user_utility, o.provider_cost)]
    [0.28, 0.17, 17.2]
    """
    game = as_two_model_game(game)
    s, count = as_number("cascade_prob", cascade_prob, 0, 1), np.asarray(failures, dtype=np.float64)
    fine = (count >= 1) & (count == np.floor(count))
    if not fine.all():
        raise ParameterError("failures", "a whole number >= 1, or inf", float(count[~fine][0]))
    return outcome_of(game, visits_after(game.success_prob, as_route(route), s, count))


def outcome_of(game: Game, n: Visits) -> Outcome:
    """Outcome of given visits: every figure is a weighted sum of them. Shapes broadcast."""
    (p1, p2), (t1, t2), (c1, c2) = game.success_prob, game.latency, game.cost
    (xi1, xi2), n1, n2 = game.net_value, n.standard, n.reasoning
    cost = c1 * n1 + c2 * n2
    return Outcome(
        solve_prob=np.where(n.abandoned == 0, 1.0, p1 * n1 + p2 * n2)[()],
        expected_latency=t1 * n1 + t2 * n2,
        expected_cost=cost,
        user_utility=xi1 * n1 + xi2 * n2,
        provider_cost=cost + game.churn_penalty * n.abandoned,
    )


@dataclass(frozen=True)
class _Run:
    """Passes in a row of a user who stays: how they move an unsolved task, and the passes of each model on the way."""

    from_1_to_1: FloatArray
    from_1_to_2: FloatArray
    from_2_to_2: FloatArray
    visits_1_from_1: FloatArray
    visits_2_from_1: FloatArray
    visits_2_from_2: FloatArray

    @classmethod
    def of_none(cls) -> _Run:
        """No pass at all."""
        return cls(np.ones(()), np.zeros(()), np.ones(()), np.zeros(()), np.zeros(()), np.zeros(()))

    def then(self, more: _Run) -> _Run:
        """This run followed by another."""
        on_1, moved, on_2 = self.from_1_to_1, self.from_1_to_2, self.from_2_to_2
        return _Run(
            on_1 * more.from_1_to_1,
            on_1 * more.from_1_to_2 + moved * more.from_2_to_2,
            on_2 * more.from_2_to_2,
            self.visits_1_from_1 + on_1 * more.visits_1_from_1,
            self.visits_2_from_1 + on_1 * more.visits_2_from_1 + moved * more.visits_2_from_2,
            self.visits_2_from_2 + on_2 * more.visits_2_from_2,
        )

    def where(self, chosen: BoolArray, other: _Run) -> _Run:
        """Entry by entry this run where `chosen`, else the other."""
        pairs = zip(vars(self).values(), vars(other).values(), strict=True)
        return _Run(*(np.where(chosen, mine, theirs) for mine, theirs in pairs))
