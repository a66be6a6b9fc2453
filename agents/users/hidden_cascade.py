"""The cheapest cascade for users who count their failures but do not see which model they came from."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from routegame.agents.users.odds import Odds
from routegame.envs.arrays import FloatArray, IntArray, Number
from routegame.envs.chain import Visits, visits_after
from routegame.envs.game import INDIFFERENCE
from routegame.envs.scenarios import GameLike, as_two_model_game


@dataclass(frozen=True)
class HiddenCascade:
    """A cascade for users who count their failures; arrays of the game's shape, nan where none beats s = 0 and s = 1.

    Attributes:
        cascade_prob: s, at which the user is indifferent between leaving one failure earlier and staying.
        leave_after: number of failures after which it leaves, inf if never.
        provider_cost: J, in units of cost.
    """

    cascade_prob: FloatArray
    leave_after: FloatArray
    provider_cost: FloatArray


def hidden_cascade(game: GameLike) -> HiddenCascade:
    """Find the cheapest cascade for users who count their failures, where ξ_1 > 0 > ξ_2 (docs/theory.md).

    Users leave after N = k failures for s_k+1 < s <= s_k, with s_2 = s_H and s_k falling to s_L, up to which they
    stay for good. Write stay_i = c_i / p_i. If tasks are handed over after the j-th failure, and left after the
    N-th, the cost C_j changes with j by

        C_j+1 − C_j = a^j (p_1 (stay_1 − stay_2) + (p_2 − p_1) (P − stay_2) b^(N−j−1)),

    a bracket that is monotone in j. The hand-over comes after a geometric number of failures, so that

        dJ/ds = −Σ_j j (1 − s)^(j−1) (C_j+1 − C_j),  1 <= j < N,

    has at most one root (Descartes' rule of signs), and J is least at an end of [s_k+1, s_k] unless that root is a
    minimum, which takes stay_2 > stay_1. But then no commitment is cheaper than (1, 0) if P >= stay_1, and none than
    one pass of model 1 or of model 2 if not. If stay_2 < stay_1, another pass adds κ_i = c_i − P p_i to the cost, and
    at every s_k the pass in question runs on model 2 with the same probability, s_H. So either it always pays to be
    left later, and only s_L and the s_k with N = k remain; or it never does, and one pass of model 1 is cheaper.

    The best k is found by branch and bound, exactly up to a relative `INDIFFERENCE` of J; s_k by bisection.

    >>> from routegame import Game
    >>> found = hidden_cascade(Game(6.5, 40, (0.2, 0.1), (0.5, 2.5), (1, 0.1)))
    >>> float(found.cascade_prob.round(4)), float(found.leave_after), float(found.provider_cost.round(4))
    (0.0003, 44.0, 4.9975)
    """
    game = as_two_model_game(game)
    odds = Odds.in_game(game)
    p1, p2, c1, c2, penalty, s_H = (
        np.broadcast_to(x, game.shape).ravel() for x in (*game.success_prob, *game.cost, game.churn_penalty, odds.s_H)
    )
    stay1, stay2, leave1, leave2 = c1 / p1, c2 / p2, c1 + penalty * (1 - p1), c2 + penalty * (1 - p2)
    at_the_threshold = (1 - s_H) * (c1 - penalty * p1) + s_H * (c2 - penalty * p2)
    index = np.flatnonzero((stay2 < stay1) & (at_the_threshold < 0))  # s_H is nan in every other regime
    ceiling = np.minimum.reduce([stay1, leave1, leave2])[index]
    best = _branch_and_bound(odds.ravel()[index], (c1[index], c2[index]), penalty[index], ceiling)
    found = np.full((3, p1.size), np.nan)
    found[:, index] = np.where(best[2] < ceiling * (1 - INDIFFERENCE), best, np.nan)
    return HiddenCascade(*(row.reshape(game.shape) for row in found))


def _branch_and_bound(
    odds: Odds, cost: tuple[FloatArray, FloatArray], churn_penalty: FloatArray, ceiling: FloatArray
) -> FloatArray:
    """Return s_k, k and J of the cheapest number of failures k, of which inf with s_L is one: (3, num_games).

    A block is all numbers between two that have been tried. It is dropped when its bound is no better than the best
    so far or than `ceiling`, (num_games,), beyond which the best does not matter.

    The bound: for a fixed number of failures, passes of model 1 fall in s, those of model 2 rise, and abandonment
    rises where p_1 > p_2 and else falls; for a fixed s, passes rise in the number of failures and abandonment falls.
    """
    (c1, c2), every = cost, np.arange(ceiling.size)
    best = np.full((3, ceiling.size), np.inf)

    def visits(game: IntArray, s: FloatArray, failures: FloatArray) -> Visits:
        return visits_after((odds.p1[game], odds.p2[game]), 1, s, failures)

    def total(game: IntArray, n1: Number, n2: Number, abandoned: Number) -> FloatArray:
        return np.asarray(c1[game] * n1 + c2[game] * n2 + churn_penalty[game] * abandoned)

    def bound(game: IntArray, few: FloatArray, many: FloatArray, s_few: FloatArray, s_many: FloatArray) -> FloatArray:
        n1, n2 = visits(game, s_few, few).standard, visits(game, s_many, few).reasoning
        s = np.where(odds.p1[game] > odds.p2[game], s_many, s_few)
        return total(game, n1, n2, visits(game, s, many).abandoned)

    def record(game: IntArray, s: FloatArray, failures: FloatArray) -> None:
        n = visits(game, s, failures)
        tried = np.stack([s, failures, total(game, n.standard, n.reasoning, n.abandoned)])
        cheapest_last = np.argsort(-tried[2], kind="stable")
        game, tried = game[cheapest_last], tried[:, cheapest_last]
        better = tried[2] < best[2, game] * (1 - INDIFFERENCE)
        best[:, game[better]] = tried[:, better]

    game, few, many = every, np.full(every.shape, 2.0), np.full(every.shape, np.inf)
    s_few, s_many = odds.cascade_prob(few), odds.s_L
    record(game, s_many, many)
    record(game, s_few, few)
    while game.size:
        limit = np.minimum(best[2], ceiling)[game] * (1 - INDIFFERENCE)
        open_ = (many - few > 1) & (bound(game, few, many, s_few, s_many) < limit)
        game, few, many, s_few, s_many = (x[open_] for x in (game, few, many, s_few, s_many))
        middle = np.floor((few + np.where(np.isinf(many), 3 * few, many)) / 2)
        s = odds[game].cascade_prob(middle)
        record(game, s, middle)
        game, few, many = np.tile(game, 2), np.concatenate([few, middle]), np.concatenate([middle, many])
        s_few, s_many = np.concatenate([s_few, s]), np.concatenate([s, s_many])
    return best
