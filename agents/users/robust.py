"""Users who answer only nearly at their best: what a commitment then costs at worst, and which one to make.

At s_0 a user is as well off leaving as staying, and the provider's cost jumps. More generally a user who gives up no
more than δ may do many things, some of them dear. A commitment is judged here by the worst of them, over every
stationary abandonment probability of a memoryless user whose utility is within δ of its best.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from routegame.agents.exact.best_response import best_response, mixed_response, thresholds
from routegame.agents.exact.cascade_search import cheapest_cascade
from routegame.envs.arrays import FloatArray, Number, plain
from routegame.envs.chain import Visits, visits
from routegame.envs.checks import as_number, as_route
from routegame.envs.game import INDIFFERENCE, Game
from routegame.envs.scenarios import GameLike, as_two_model_game


def robust_provider_cost(game: GameLike, route: ArrayLike, cascade_prob: ArrayLike, delta: ArrayLike) -> Number:
    """Worst cost of a commitment to the provider, over all answers within δ of the user's best utility.

    Write r = 1 − q and A = a (1 − s). On route 1 U and J are ratios of quadratics in r over (1 − A r)(1 − b r), and
    the answers allowed are at most two intervals, whose ends solve a quadratic equation: with U* the best utility,
    attained at r*, and x = r − r*,

        (δ − U*) A b x² + (e − δ (A d_b + b d_A)) x + δ d_A d_b = 0,   d_A = 1 − A r*,  d_b = 1 − b r*,

    and e = U'(r*) d_A d_b, which is 0 for an r* strictly inside: nothing cancels however small δ is. Between them J is
    greatest at an end or where its derivative is 0. Since dn_2/dn_1 grows with r, that happens at most once, and is
    a maximum only for κ_1 > 0 > κ_2, κ_k = c_k − P p_k. On route 2 both U and J are linear in n_2.

    Exact to rounding for some δ' within δ and δ plus `INDIFFERENCE` times what the passes of both models are worth:
    even for δ = 0 a user who is indifferent does what the provider likes least.

    Args:
        game: the game, a batch of games, or the name of a scenario.
        route: 1 or 2.
        cascade_prob: s in [0, 1]; without effect on route 2.
        delta: δ >= 0, what the user may forgo, in units of latency.

    Shapes broadcast with the game's.

    Raises:
        ParameterError: an argument out of range.

    >>> game = Game(9, 15, (0.1, 0.3), (1, 2), (1, 3.6))  # s_0 = 0.0411
    >>> robust_provider_cost(game, 1, [0.0412, 0.05, 0.06], delta=0.1).round(4)
    array([14.5   , 11.8454, 11.4795])
    """
    game = as_two_model_game(game)
    cost: Number = _worst(game, route, cascade_prob, delta).cost
    return cost


def robust_response(game: GameLike, route: ArrayLike, cascade_prob: ArrayLike, delta: ArrayLike) -> Number:
    """Abandonment probability, within δ of the user's best utility, that costs the provider most.

    It is where the cost of `robust_provider_cost` comes from. Of equally dear answers the best response is returned,
    if it is among them. Arguments, shapes and errors are the same.

    >>> game = Game(9, 15, (0.1, 0.3), (1, 2), (1, 3.6))  # users stay from s_0 = 0.0411 on
    >>> robust_response(game, 1, [0.0412, 0.05, 0.06], delta=0.1).round(4)
    array([1.    , 0.0574, 0.0345])
    """
    game = as_two_model_game(game)
    abandon_prob: Number = _worst(game, route, cascade_prob, delta).abandon_prob
    return abandon_prob


@dataclass(frozen=True)
class RobustEquilibrium:
    """The commitment that is cheapest at worst; arrays of the shape of the game and δ.

    Attributes:
        delta: δ, what the user may forgo, in units of latency.
        route: model that serves the first pass, 1 or 2.
        cascade_prob: probability that a failed, retried task moves to model 2.
        provider_cost: worst cost over all answers within δ of the user's best, in units of cost.
    """

    delta: Number
    route: int | NDArray[np.int64]
    cascade_prob: Number
    provider_cost: Number


def robust_equilibrium(game: GameLike, delta: ArrayLike) -> RobustEquilibrium:
    """Find the commitment whose worst cost over all answers within δ of the user's best is least.

    The worst cost of (1, s) is continuous in s but for two jumps, where the far end of [0, 1] comes within δ of the
    best answer, U(r=1) − U(r=0) = ±δ; it has kinks at s_L and s_H. The pieces between them are searched by
    `cheapest_cascade`. So the cost is within a relative 1e-9 of the least unless it lies in a basin that is
    narrower than the first grid. No such game is known; the tests look for one.

    At a jump the least cost is an infimum that no commitment attains. The one returned keeps clear of the jump by a
    relative `INDIFFERENCE` in utility, and the cost returned is its own. The cost never falls with δ; at δ = 0, and
    in the limit δ → 0, it is the weak value of `routegame.agents.exact.equilibrium`.

    Among commitments of equal cost the simplest is returned: s = 0 on route 1, then route 2.

    Args:
        game: one game or a batch.
        delta: δ >= 0, in units of latency; its shape broadcasts with the game's.

    Raises:
        ParameterError: δ out of range.

    >>> found = robust_equilibrium(Game(9, 15, (0.1, 0.3), (1, 2), (1, 3.6)), delta=[0, 0.1, 1])
    >>> found.route, found.cascade_prob.round(4), found.provider_cost.round(4)
    (array([1, 1, 1]), array([0.0411, 0.0912, 0.6764]), array([10.54  , 11.3065, 13.0725]))
    """
    game = as_two_model_game(game)
    slack = np.asarray(as_number("delta", delta, 0, np.inf, closed="low"))
    shape = np.broadcast_shapes(game.shape, slack.shape)

    def cost(s: FloatArray) -> FloatArray:
        return np.broadcast_to(_worst_on_route_1(game, s, slack).cost, s.shape)

    on_2 = np.broadcast_to(_worst_on_route_2(game, slack).cost, shape)
    found = cheapest_cascade(cost, on_2, _edges(game, slack))
    return RobustEquilibrium(
        plain(np.broadcast_to(slack, shape)), plain(found.route), plain(found.cascade_prob), plain(found.provider_cost)
    )


@dataclass(frozen=True)
class _Worst:
    """The greatest cost to the provider among the answers that are allowed, and an answer that brings it about."""

    cost: FloatArray
    abandon_prob: FloatArray

    @classmethod
    def of(cls, game: Game, abandon_prob: FloatArray, n: Visits, allowed: ArrayLike) -> _Worst:
        """Pick from answers along the first axis, the simplest first; `n` are their visits."""
        cost = game.cost[0] * n.standard + game.cost[1] * n.reasoning + game.churn_penalty * n.abandoned
        cost = np.where(allowed, cost, -np.inf)
        worst = cost.max(axis=0)
        first = np.argmax(cost >= worst * (1 - INDIFFERENCE), axis=0)[None]
        return cls(worst, np.take_along_axis(np.broadcast_to(abandon_prob, cost.shape), first, axis=0)[0])


def _worst(game: Game, route: ArrayLike, cascade_prob: ArrayLike, delta: ArrayLike) -> _Worst:
    """Check what a caller gave, and pick by route."""
    s, slack = as_number("cascade_prob", cascade_prob, 0, 1), as_number("delta", delta, 0, np.inf, closed="low")
    on_1, on_2 = _worst_on_route_1(game, np.asarray(s), np.asarray(slack)), _worst_on_route_2(game, np.asarray(slack))
    standard = as_route(route) == 1
    cost, abandon_prob = (
        np.where(standard, on_1.cost, on_2.cost),
        np.where(standard, on_1.abandon_prob, on_2.abandon_prob),
    )
    return _Worst(plain(cost), plain(abandon_prob))


def _worst_on_route_1(game: Game, s: FloatArray, slack: FloatArray) -> _Worst:
    (p1, p2), (xi1, xi2) = game.success_prob, game.net_value
    best = np.asarray(best_response(game, 1, s))
    ends = _ends(game, s, slack, best)
    q = np.stack(np.broadcast_arrays(best, 0.0, 1.0, *ends, _dearest(game, s)))
    q = np.where((q >= 0) & (q <= 1), q, best)
    n = visits((p1, p2), 1, s, q)
    utility = np.asarray(xi1 * n.standard + xi2 * n.reasoning)
    rounding = INDIFFERENCE * np.asarray(np.abs(xi1) * n.standard + np.abs(xi2) * n.reasoning)
    allowed = utility >= utility[0] - slack - (rounding + rounding[0])
    return _Worst.of(game, q, n, allowed)


def _ends(game: Game, s: FloatArray, slack: FloatArray, best: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return where utility on route 1 is δ below its best, as two abandonment probabilities; nan where it never is."""
    (p1, p2), (xi1, xi2) = game.success_prob, game.net_value
    a, b, r = np.subtract(1, p1), np.subtract(1, p2), 1 - best
    repeat, hand_over = a * (1 - s), a * s
    rest1, rest2 = p1 + a * (best + r * s), p2 + b * best  # 1 − A r and 1 − b r, as sums of non-negative terms
    utility = xi1 / rest1 + xi2 * hand_over * r / (rest1 * rest2)
    slope = xi1 * repeat * rest2 / rest1 + xi2 * hand_over * (1 / rest2 + repeat * r / rest1)
    quadratic = (slack - utility) * repeat * b
    linear = slope - slack * (repeat * rest2 + b * rest1)
    constant = slack * rest1 * rest2
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        half = -(linear + np.copysign(np.sqrt(linear**2 - 4 * quadratic * constant), linear)) / 2
        return best - half / quadratic, best - constant / half


def _dearest(game: Game, s: FloatArray) -> FloatArray:
    """The abandonment probability at which J on route 1 has its one maximum inside; nan where it has none.

    There the user's utility would have its maximum if its net values were κ_1 and κ_2.
    """
    p1, p2 = game.success_prob
    kappa1, kappa2 = (c - game.churn_penalty * p for c, p in zip(game.cost, game.success_prob, strict=True))
    inside = np.greater(kappa1, 0) & np.less(kappa2, 0)
    return np.where(inside, mixed_response(kappa1, kappa2, p1, p2, s), np.nan)


def _worst_on_route_2(game: Game, slack: FloatArray) -> _Worst:
    p2, xi2 = (np.asarray(x) for x in (game.success_prob[1], game.net_value[1]))
    with np.errstate(divide="ignore", invalid="ignore"):
        forgone = slack * p2 / np.abs(xi2)  # as a share of what the passes of a user who stays are worth
        leaves_more = np.where(forgone < 1, p2 * forgone / ((1 - forgone) * (1 - p2)), 1.0)
        stays_more = (1 / (1 + forgone / p2) - p2) / (1 - p2)
    far = np.where(xi2 > 0, np.minimum(leaves_more, 1), np.where(xi2 < 0, np.maximum(stays_more, 0), 1.0))
    near, shape = np.where(xi2 < 0, 1.0, 0.0), np.broadcast_shapes(game.shape, slack.shape)
    q = np.stack([np.broadcast_to(q, shape) for q in (near, far)])
    return _Worst.of(game, q, visits(game.success_prob, 2, 0.0, q), True)


def _edges(game: Game, slack: FloatArray) -> list[ArrayLike]:
    """Cascade probabilities at which the worst cost may jump or have a kink.

    U(r=1) − U(r=0) = a ((1 − s) ξ_1 + s ξ_2 / p_2) / (p_1 + a s) is monotone in s, so each jump is at one s.
    """
    (p1, p2), (xi1, xi2) = game.success_prob, game.net_value
    a, at = np.subtract(1, p1), thresholds(game)
    clear = slack + 4 * INDIFFERENCE * (np.abs(xi1) / p1 + np.abs(xi2) / p2)
    with np.errstate(divide="ignore", invalid="ignore"):
        jumps = [(gap * p1 - a * xi1) / (a * (xi2 / p2 - xi1 - gap)) for gap in (clear, -clear)]
    return [*jumps, at.s_L, at.s_H]
