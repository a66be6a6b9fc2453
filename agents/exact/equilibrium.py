"""The Stackelberg equilibrium of every routing game, in closed form (Mahmood 2026, Theorems 3 to 5, made complete).

For any fixed abandonment the provider's cost is monotone in the cascade probability, so the equilibrium is nearly
always the cheapest of a handful of commitments, each under the user's best response. Their costs are

    leave_i   = c_i + P (1 − p_i)                   one pass of model i, the user leaves after a failure
    stay_i    = c_i / p_i                           model i until it succeeds
    cascade_s = (c_1 + a s c_2/p_2) / (p_1 + a s)   route 1, cascade probability s, the user stays

and which of them a commitment can bring about is decided by the signs of the net values ξ_1, ξ_2. One candidate is
beyond the paper: a commitment under which users truly mix, see `routegame.agents.exact.mixing`.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from routegame.agents.exact.best_response import Thresholds, thresholds
from routegame.agents.exact.mixing import cheapest_mix
from routegame.agents.exact.solution import (
    NoCommitment,
    RoutingProfile,
    Solution,
    Throttling,
    leaves_of,
    rebuilt,
    shaped,
)
from routegame.envs.arrays import BoolArray, FloatArray, Number, plain
from routegame.envs.game import INDIFFERENCE, Game
from routegame.envs.scenarios import GameLike, as_two_model_game

JUST_NOT_WORTH_IT = 1 + 2 * INDIFFERENCE
"""Latency at which users leave, relative to V p, where a pass is worth its wait: there they still stay."""

BLOCK = 2**16
"""Games that are solved at once: so many keep intermediate results in the processor's cache."""


def solve(game: GameLike, *, throttling: bool = False) -> Solution:
    """Solve a game, or every game of a batch, exactly.

    The equilibrium is the strong one: a user who is indifferent acts as the provider likes. Among commitments of
    equal cost the simplest is reported: s = 0 on route 1, then route 2, then a threshold, then s = 1.

    Args:
        game: one game, a batch of any shape, or the name of a scenario.
        throttling: report the equilibrium of the game in which the provider may also raise latencies, without bound.

    Returns:
        A `Solution`, whose numbers are floats for one game and arrays of `game.shape` for a batch.

    >>> solution = solve(Game(9, 15, (0.1, 0.3), (1, 2), (1, 3.6)))
    >>> e = solution.equilibrium
    >>> e.route, round(e.cascade_prob, 6), e.abandon_prob, solution.regime
    (1, 0.041096, 0.0, 'latency-value')
    """
    game = as_two_model_game(game)
    if np.prod(game.shape) <= BLOCK:
        return _solve(game, throttling)
    return _solve_in_blocks(game, throttling)


def _solve_in_blocks(game: Game, throttling: bool) -> Solution:
    """Solve a large batch block by block, each result copied into place before the next is made."""
    size, start, solution = int(np.prod(game.shape)), 0, None
    held: list[NDArray[np.generic]] = []
    for block in game.blocks(BLOCK):
        solution = _solve(block, throttling)
        leaves = list(leaves_of(solution))
        held = held or [np.empty(size, leaf.dtype) for leaf in leaves]
        for whole, leaf in zip(held, leaves, strict=True):
            whole[start : start + leaf.size] = leaf
        start += leaves[0].size
    result = rebuilt(solution, iter(held), game)
    assert isinstance(result, Solution)
    return result


def _solve(game: Game, throttling: bool) -> Solution:
    costs = _Costs.of(game)
    unthrottled = _equilibrium(costs)
    slowed = _throttling(costs, unthrottled)
    preferred = _user_preferred(costs)
    equilibrium = _throttled_equilibrium(costs, unthrottled, slowed) if throttling else unthrottled
    weak = _weak_provider_cost(costs, unthrottled)
    return Solution(
        game=game,
        net_value=shaped(costs.net_value, game),
        cost_of_pass=shaped(costs.stay, game),
        thresholds=Thresholds(*(plain(np.broadcast_to(x, game.shape)) for x in vars(costs.at).values())),
        equilibrium=equilibrium,
        weak_provider_cost=plain(np.minimum(weak, np.minimum(*costs.leave)) if throttling else weak),
        user_preferred=preferred,
        misalignment_gap=plain(np.maximum(np.subtract(preferred.user_utility, equilibrium.user_utility), 0)),
        throttling=slowed,
        no_commitment=_no_commitment(costs, unthrottled),
    )


@dataclass(frozen=True)
class _Costs:
    """Costs of the commitments that can be optimal; arrays of the game's shape.

    Attributes:
        leave: cost of one pass of each model, the user leaving after a failure.
        stay: cost of each model tried until it succeeds.
        threshold: s_0 or s_L, nan where the game has neither.
        cascade: cost of (1, threshold) with a user who stays.
        cascade_at_once: cost of (1, 1) with a user who stays.
        mix: cascade, abandonment and cost of the cheapest commitment under which users truly mix; the cost is inf
            where it cannot be the cheapest of all.
    """

    game: Game
    net_value: tuple[FloatArray, FloatArray]
    at: Thresholds
    leave: tuple[FloatArray, FloatArray]
    stay: tuple[FloatArray, FloatArray]
    threshold: FloatArray
    cascade: FloatArray
    cascade_at_once: FloatArray
    mix: tuple[FloatArray, FloatArray, FloatArray]

    @classmethod
    def of(cls, game: Game) -> _Costs:
        p1, p2, c1, c2, penalty, xi1, xi2 = (
            np.broadcast_to(x, game.shape)
            for x in (*game.success_prob, *game.cost, game.churn_penalty, *game.net_value)
        )
        at = thresholds(game)
        threshold = np.where(np.isnan(at.s_0), at.s_L, at.s_0)
        a, b = 1 - p1, 1 - p2
        return cls(
            game=game,
            net_value=(xi1, xi2),
            at=at,
            leave=(c1 + penalty * a, c2 + penalty * b),
            stay=(c1 / p1, c2 / p2),
            threshold=threshold,
            cascade=(c1 + a * threshold * (c2 / p2)) / (p1 + a * threshold),
            cascade_at_once=c1 + a * (c2 / p2),
            mix=cheapest_mix(xi1, xi2, p1, p2, c1, c2, penalty),
        )


Candidate = tuple[FloatArray, BoolArray, int, Number, Number]
"""Cost to the provider, whether a best response brings it about; route, cascade_prob and abandon_prob."""


def _equilibrium(costs: _Costs) -> RoutingProfile:
    """The cheapest commitment, each under the best response that the provider likes best."""
    xi1, xi2 = costs.net_value
    candidates: list[Candidate] = [
        (costs.stay[0], xi1 >= 0, 1, 0.0, 0.0),
        (costs.leave[0], xi1 <= 0, 1, 0.0, 1.0),
        (costs.stay[1], xi2 >= 0, 2, 0.0, 0.0),
        (costs.leave[1], xi2 <= 0, 2, 0.0, 1.0),
        (costs.cascade, ~np.isnan(costs.threshold), 1, costs.threshold, 0.0),
        (costs.cascade_at_once, xi2 >= 0, 1, 1.0, 0.0),
        (costs.leave[0], xi2 <= 0, 1, 1.0, 1.0),
        (costs.mix[2], np.isfinite(costs.mix[2]), 1, costs.mix[0], costs.mix[1]),
    ]
    return RoutingProfile.of(costs.game, *_cheapest(candidates, costs.game.shape))


def _weak_provider_cost(costs: _Costs, equilibrium: RoutingProfile) -> FloatArray:
    """Infimum of the provider's cost when indifferent users act as it dislikes.

    Differs from the strong value only where a net value is 0. (At s_0 the strong value is the limit from above.)
    """
    xi1, xi2 = costs.net_value
    strong = np.asarray(equilibrium.provider_cost)
    if np.all(xi1) and np.all(xi2):
        return strong
    (leave1, leave2), (stay1, stay2), at_once = costs.leave, costs.stay, costs.cascade_at_once
    worst2 = np.maximum(stay2, leave2)
    cascading = np.minimum(stay1, at_once)
    return np.select(
        [
            (xi1 == 0) & (xi2 > 0),
            (xi1 > 0) & (xi2 == 0),
            (xi1 == 0) & (xi2 < 0),
            (xi1 < 0) & (xi2 == 0),
            (xi1 == 0) & (xi2 == 0),
        ],
        [
            np.minimum(cascading, stay2),
            np.minimum(cascading, worst2),
            np.minimum(leave1, leave2),
            np.minimum(leave1, worst2),
            np.minimum(np.maximum(leave1, cascading), worst2),
        ],
        strong,
    )


def _user_preferred(costs: _Costs) -> RoutingProfile:
    """The commitment that the user would choose: for a fixed answer U is monotone in s, so s is 0 or 1."""
    xi1, xi2 = costs.net_value
    p1, p2 = costs.game.success_prob
    standard = np.where(xi1 >= 0, xi1 / p1, xi1)
    reasoning = np.where(xi2 >= 0, xi2 / p2, xi2)
    at_once = xi1 + (1 - np.asarray(p1)) * np.maximum(xi2, 0) / p2
    second = reasoning - standard > INDIFFERENCE * np.abs(standard)
    best = np.where(second, reasoning, standard)
    third = at_once - best > INDIFFERENCE * np.abs(best)
    route, leaves = np.where(second & ~third, 2, 1), np.where(second | third, xi2 < 0, xi1 < 0)
    return RoutingProfile.of(costs.game, route, third.astype(np.float64), leaves)


def _throttling(costs: _Costs, equilibrium: RoutingProfile) -> Throttling:
    """Return the gain of slowing down: it can only make users leave, so it buys the cheaper of the two `leave` costs.

    The least latency that makes leaving model i optimal is V p_i, with s = 0 and the other model untouched. Users who
    are indifferent stay: it takes the hair more of `JUST_NOT_WORTH_IT`.
    """
    game, (leave1, leave2) = costs.game, costs.leave
    before = np.asarray(equilibrium.provider_cost)
    after = np.minimum(leave1, leave2)
    pays = after < before * (1 - INDIFFERENCE)
    gain = np.where(pays, before - after, 0.0)
    (p1, p2), (t1, t2) = game.success_prob, game.latency
    slow1, slow2 = pays & (leave1 <= leave2), pays & (leave1 > leave2)
    return Throttling(
        pays=plain(pays),
        gain=plain(gain),
        provider_cost=plain(np.where(pays, after, before)),
        throttled_latency=(
            plain(np.where(slow1, game.task_value * np.asarray(p1) * JUST_NOT_WORTH_IT, t1)),
            plain(np.where(slow2, game.task_value * np.asarray(p2) * JUST_NOT_WORTH_IT, t2)),
        ),
        safe_churn_penalty=plain(_safe_churn_penalty(costs)),
    )


def _safe_churn_penalty(costs: _Costs) -> FloatArray:
    """The least P from which on throttling never pays, P_safe.

    Best responses do not depend on P, and every commitment under which users stay has S = 1: its cost is constant
    in P, while leave_i = c_i + P (1 − p_i) grows. So P_safe is where the last unattainable leave_i stops undercutting
    the cheapest of the former and, where only leave_1 is attainable, of leave_1 too.
    """
    xi1, xi2 = costs.net_value
    (p1, p2), (c1, c2) = costs.game.success_prob, costs.game.cost
    staying = _least(
        costs.game.shape,
        (costs.stay[0], xi1 >= 0),
        (costs.stay[1], xi2 >= 0),
        (costs.cascade_at_once, xi2 >= 0),
        (costs.cascade, ~np.isnan(costs.threshold)),
    )
    # c_i/p_i plus what is left of (staying − c_i) / (1 − p_i): nothing cancels where p_i is almost 1
    until1, until2 = (k + (staying - k) / (1 - np.asarray(p)) for k, p in zip(costs.stay, (p1, p2), strict=True))
    slower_gain, dearer = np.subtract(p2, p1), np.subtract(c2, c1)
    with np.errstate(divide="ignore", invalid="ignore"):
        crossing = dearer / slower_gain  # where leave_2 = leave_1
    # leave_2 < leave_1 holds above the crossing where p_2 > p_1, below it where p_2 < p_1
    above = np.where(crossing < until2, until2, 0.0)
    never_or_always = np.where(dearer < 0, until2, 0.0)
    only_first = np.where(
        slower_gain > 0, above, np.where(slower_gain < 0, np.minimum(crossing, until2), never_or_always)
    )
    attains1, attains2 = (xi1 <= 0) | (xi2 <= 0), xi2 <= 0
    both = np.maximum(until1, until2)
    safe: FloatArray = np.where(attains2, 0.0, np.where(attains1, only_first, both))
    return np.maximum(safe, 0.0)


def _throttled_equilibrium(costs: _Costs, unthrottled: RoutingProfile, slowed: Throttling) -> RoutingProfile:
    """The equilibrium with throttling: route i at latency V p_i, left after one failure, wherever that pays."""
    pays = np.asarray(slowed.pays)
    route = np.where(pays, np.where(costs.leave[0] <= costs.leave[1], 1, 2), unthrottled.route)
    cascade = np.where(pays, 0.0, unthrottled.cascade_prob)
    abandon = np.where(pays, 1.0, np.asarray(unthrottled.abandon_prob))
    return RoutingProfile.of(costs.game.with_latency(slowed.throttled_latency), route, cascade, abandon)


def _no_commitment(costs: _Costs, equilibrium: RoutingProfile) -> NoCommitment:
    """Nash equilibrium of the simultaneous game: a static route against the user's answer to it, or a mix.

    Where no pure one exists, the user's abandonment makes the provider indifferent between the routes, and with it
    between all cascade probabilities; its cost there is (c_2 (1 − p_1) − c_1 (1 − p_2)) / (p_2 − p_1), in which P
    has cancelled. One case is left, ξ_1 < 0 < ξ_2 with p_1 > p_2: there no stationary probability strictly between
    0 and 1 is ever a best response, and the user mixes once between staying and leaving.
    """
    xi1, xi2 = costs.net_value
    (p1, p2), (c1, c2) = costs.game.success_prob, costs.game.cost
    (leave1, leave2), (stay1, stay2) = costs.leave, costs.stay
    pure = _least(
        costs.game.shape,
        (stay1, (xi1 >= 0) & (stay1 <= stay2)),
        (leave1, (xi1 <= 0) & (leave1 <= leave2)),
        (stay2, (xi2 >= 0) & (stay2 <= stay1)),
        (leave2, (xi2 <= 0) & (leave2 <= leave1)),
    )
    with np.errstate(divide="ignore", invalid="ignore"):
        indifferent = (c2 * (1 - np.asarray(p1)) - c1 * (1 - np.asarray(p2))) / np.subtract(p2, p1)
        staying = (leave1 - leave2) / (leave1 - leave2 + stay2 - stay1)
        once = leave1 + staying * (stay1 - leave1)
    mixed = np.where((xi1 < 0) & np.less(p2, p1), once, indifferent)
    exists = np.isfinite(pure)
    cost = np.where(exists, pure, mixed)
    value = np.maximum(cost - equilibrium.provider_cost, 0.0)
    return NoCommitment(provider_cost=plain(cost), value_of_commitment=plain(value), pure=plain(exists))


def _cheapest(
    candidates: list[Candidate], shape: tuple[int, ...]
) -> tuple[NDArray[np.generic], NDArray[np.generic], NDArray[np.generic]]:
    """Route, cascade and abandonment of the cheapest candidate of each game; of equals, within rounding, the first.

    Args:
        candidates: cost, whether it can be brought about, and the three of each candidate; they broadcast to `shape`.
        shape: of the games.
    """
    cost, choice = np.full(shape, np.inf), np.zeros(shape, dtype=np.int8)
    for index, (price, possible, *_) in enumerate(candidates):
        better = possible & (price < cost * (1 - INDIFFERENCE))
        np.copyto(cost, price, where=better)
        np.copyto(choice, index, where=better)
    chosen = []
    for column in zip(*(candidate[2:] for candidate in candidates), strict=True):
        held = np.take(np.array([value if np.ndim(value) == 0 else 0 for value in column]), choice)
        for index, value in enumerate(column):
            if np.ndim(value):
                np.copyto(held, value, where=choice == index)
        chosen.append(held)
    route, cascade, abandon = chosen
    return route, cascade, abandon


def _least(shape: tuple[int, ...], *options: tuple[FloatArray, BoolArray]) -> FloatArray:
    """The least of the costs that are possible, inf where none is."""
    least = np.full(shape, np.inf)
    for cost, possible in options:
        np.minimum(least, cost, out=least, where=possible)
    return least
