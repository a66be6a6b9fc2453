"""Everything that `routegame.agents.exact.equilibrium.solve` says of one game, in plain floats.

Numba compiles these functions as they stand for batches of games; single games are solved by Python itself. Either way
the same operations are done in the same order, so that a game of a batch has the bits of the game alone. Two rules
follow: nothing here is called that Numba does not know, and no division may be by zero, see `ratio`. All is in one
module, for Numba keeps what it has compiled on disk until the module of the loop changes, whatever else does.

For any fixed abandonment the provider's cost is monotone in the cascade probability, so the equilibrium is nearly
always the cheapest of a handful of commitments, each under the user's best response. Their costs are

    leave_i   = c_i + P (1 − p_i)                   one pass of model i, the user leaves after a failure
    stay_i    = c_i / p_i                           model i until it succeeds
    cascade_s = (c_1 + a s c_2/p_2) / (p_1 + a s)   route 1, cascade probability s, the user stays

and which of them a commitment can bring about is decided by the signs of the net values ξ_1, ξ_2. One candidate is
beyond the paper: a commitment under which users truly mix, see `cheapest_mix`.
"""

from __future__ import annotations

from math import copysign, inf, isfinite, nan

import numpy as np

from routegame.envs.arrays import BoolArray, FloatArray, IntArray, Number
from routegame.envs.game import INDIFFERENCE

JUST_NOT_WORTH_IT = 1 + 2 * INDIFFERENCE
"""Latency at which users leave, relative to V p, where a pass is worth its wait: there they still stay."""

SCANNED = np.concatenate([[0, 1e-3, 1e-2], np.linspace(0.05, 1, 20)])
"""Points of u = q^(1/4) between which the cheapest mix is sought."""

FINER = np.linspace(0, 1, 9)
"""Where the next scan looks between the neighbours of the best point."""

NUM_ZOOMS = 18

NUM_PLAYED = 7
"""Numbers of a profile, see `profile`."""

NUMBERS, ROUTES, FLAGS = 16 + 2 * NUM_PLAYED, 2, 4
"""How many numbers, routes and flags `solve_one` returns."""

Profile = tuple[float, float, float, float, float, float, float]
"""Cascade and abandonment, then solve probability, latency, cost, utility and cost to the provider, as expected."""


def solve_rows(
    games: FloatArray,
    count: int,
    throttling: bool,
    numbers: FloatArray,
    routes: IntArray,
    flags: BoolArray,
    start: int,
) -> None:
    """Solve a batch of games one after another; what `solve_one` returns goes into arrays of a column a game.

    Args:
        games: V, P, p_1, p_2, t_1, t_2, c_1 and c_2; (8, at least `count`).
        count: number of games.
        throttling: whether the provider may slow its models down.
        numbers: (`NUMBERS`, columns), written from column `start` on, as those that follow.
        routes: (`ROUTES`, columns).
        flags: (`FLAGS`, columns).
        start: column of the first game.
    """
    for i in range(count):
        value, penalty, p1, p2 = games[0, i], games[1, i], games[2, i], games[3, i]
        found = solve_one(throttling, value, penalty, p1, p2, games[4, i], games[5, i], games[6, i], games[7, i])
        for k in range(NUMBERS):
            numbers[k, start + i] = found[0][k]
        for k in range(ROUTES):
            routes[k, start + i] = found[1][k]
        for k in range(FLAGS):
            flags[k, start + i] = found[2][k]


def solve_one(
    throttling: bool,
    task_value: float,
    penalty: float,
    p1: float,
    p2: float,
    t1: float,
    t2: float,
    c1: float,
    c2: float,
) -> tuple[tuple[float, ...], tuple[int, int], tuple[bool, bool, bool, bool]]:
    """Solve one game.

    Returns:
        Numbers: both net values and costs of a pass; s_0, s_L and s_H; the equilibrium's `Profile`; the provider's
        cost in the weak equilibrium; the `Profile` that users prefer; the misalignment gap; of throttling the gain,
        the provider's cost, both latencies and the safe penalty; of no commitment the cost and what commitment is
        worth. Then the routes of both profiles; then whether either is free in its cascade probability, whether
        throttling pays, and whether an equilibrium without commitment is pure.
    """
    xi1, xi2 = net_value(task_value, p1, t1), net_value(task_value, p2, t2)
    leave1, leave2 = c1 + penalty * (1 - p1), c2 + penalty * (1 - p2)
    stay1, stay2 = c1 / p1, c2 / p2
    s_0, s_L, s_H = thresholds(xi1, xi2, p1, p2)
    threshold = s_L if s_0 != s_0 else s_0
    cascade = (c1 + (1 - p1) * threshold * stay2) / (p1 + (1 - p1) * threshold)
    at_once = c1 + (1 - p1) * stay2
    mix_cascade, mix_abandon, mix = cheapest_mix(xi1, xi2, p1, p2, c1, c2, penalty)

    # the cheapest commitment, each under the best response that the provider likes best; of equals the first
    cost, route, s, q = inf, 1, 0.0, 0.0
    if xi1 >= 0 and stay1 < cost * (1 - INDIFFERENCE):
        cost = stay1
    if xi1 <= 0 and leave1 < cost * (1 - INDIFFERENCE):
        cost, q = leave1, 1.0
    if xi2 >= 0 and stay2 < cost * (1 - INDIFFERENCE):
        cost, route, q = stay2, 2, 0.0
    if xi2 <= 0 and leave2 < cost * (1 - INDIFFERENCE):
        cost, route, q = leave2, 2, 1.0
    if threshold == threshold and cascade < cost * (1 - INDIFFERENCE):
        cost, route, s, q = cascade, 1, threshold, 0.0
    if xi2 >= 0 and at_once < cost * (1 - INDIFFERENCE):
        cost, route, s, q = at_once, 1, 1.0, 0.0
    if xi2 <= 0 and leave1 < cost * (1 - INDIFFERENCE):
        cost, route, s, q = leave1, 1, 1.0, 1.0
    if mix < cost * (1 - INDIFFERENCE):
        cost, route, s, q = mix, 1, mix_cascade, mix_abandon
    best = profile(route, s, q, xi1, xi2, penalty, p1, p2, t1, t2, c1, c2)
    strong = best[6]
    free = route == 2 or (xi1 <= 0 and xi2 <= 0 and q == 1)
    weak = weak_cost(strong, xi1, xi2, leave1, leave2, stay1, stay2, at_once)

    liked_route, liked_s, liked_q = user_preferred(xi1, xi2, p1, p2)
    liked = profile(liked_route, liked_s, liked_q, xi1, xi2, penalty, p1, p2, t1, t2, c1, c2)
    liked_free = liked_route == 2 or (xi1 <= 0 and xi2 <= 0 and liked_q == 1)

    # Slowing down can only make users leave, so it buys the cheaper of the two `leave` costs. The least latency that
    # makes leaving model i optimal is V p_i, with s = 0 and the other model untouched; of equals users would stay.
    slowed = min(leave1, leave2)
    pays = slowed < strong * (1 - INDIFFERENCE)
    gain, slow_cost, slow1, slow2 = 0.0, strong, t1, t2
    if pays:
        gain, slow_cost = strong - slowed, slowed
        if leave1 <= leave2:
            slow1 = task_value * p1 * JUST_NOT_WORTH_IT
        else:
            slow2 = task_value * p2 * JUST_NOT_WORTH_IT
    safe = safe_churn_penalty(xi1, xi2, p1, p2, c1, c2, stay1, stay2, threshold, cascade, at_once)

    nash, pure = no_commitment(xi1, xi2, p1, p2, c1, c2, leave1, leave2, stay1, stay2)
    worth = nash - strong

    if throttling:
        weak = min(weak, slowed)
        if pays:
            route, s, q = (1 if leave1 <= leave2 else 2), 0.0, 1.0
            slow_xi1, slow_xi2 = net_value(task_value, p1, slow1), net_value(task_value, p2, slow2)
            best = profile(route, s, q, slow_xi1, slow_xi2, penalty, p1, p2, slow1, slow2, c1, c2)
            free = route == 2 or (slow_xi1 <= 0 and slow_xi2 <= 0)
    gap = liked[5] - best[5]
    gap, worth = 0.0 if gap <= 0 else gap, 0.0 if worth <= 0 else worth

    game = (xi1, xi2, stay1, stay2, s_0, s_L, s_H)
    numbers = (*game, *best, weak, *liked, gap, gain, slow_cost, slow1, slow2, safe, nash, worth)
    return numbers, (route, liked_route), (free, liked_free, pays, pure)


def net_value(task_value: float, success_prob: float, latency: float) -> float:
    """Net value of one pass, see `routegame.envs.game.net_value`."""
    gain = task_value * success_prob
    net = gain - latency
    return 0.0 if abs(net) <= INDIFFERENCE * gain else net


def thresholds(xi1: float, xi2: float, p1: float, p2: float) -> tuple[float, float, float]:
    """s_0, s_L and s_H, nan where there is none, see `routegame.agents.exact.best_response.Thresholds`."""
    if xi1 < 0 < xi2:
        return -xi1 / (xi2 / p2 - xi1), nan, nan
    if xi1 > 0 > xi2:
        return nan, float(cascade_that_mixes(xi1, xi2, p1, p2, 0.0)), xi1 / (xi1 - xi2)
    return nan, nan, nan


def profile(
    route: int,
    cascade_prob: float,
    abandon_prob: float,
    xi1: float,
    xi2: float,
    penalty: float,
    p1: float,
    p2: float,
    t1: float,
    t2: float,
    c1: float,
    c2: float,
) -> Profile:
    """Complete a commitment and its answer, see `routegame.envs.chain.visits` and `outcome_of`."""
    a, b, stays = 1 - p1, 1 - p2, 1 - abandon_prob
    n1, n2 = 0.0, 1 / (p2 + b * abandon_prob)
    if route == 1:
        n1 = 1 / (p1 + a * (abandon_prob + stays * cascade_prob))
        n2 = n1 * a * stays * cascade_prob * n2
    abandoned = a * abandon_prob * n1 + b * abandon_prob * n2
    cost = c1 * n1 + c2 * n2
    return (
        cascade_prob,
        abandon_prob,
        1.0 if abandoned == 0 else p1 * n1 + p2 * n2,
        t1 * n1 + t2 * n2,
        cost,
        xi1 * n1 + xi2 * n2,
        cost + penalty * abandoned,
    )


def weak_cost(
    strong: float,
    xi1: float,
    xi2: float,
    leave1: float,
    leave2: float,
    stay1: float,
    stay2: float,
    at_once: float,
) -> float:
    """Infimum of the provider's cost when indifferent users act as it dislikes.

    Differs from the strong value only where a net value is 0. (At s_0 the strong value is the limit from above.)
    """
    if xi1 != 0 and xi2 != 0:
        return strong
    worst2, cascading = max(stay2, leave2), min(stay1, at_once)
    if xi1 == 0 and xi2 == 0:
        return min(max(leave1, cascading), worst2)
    if xi1 == 0:
        return min(cascading, stay2) if xi2 > 0 else min(leave1, leave2)
    return min(cascading, worst2) if xi1 > 0 else min(leave1, worst2)


def user_preferred(xi1: float, xi2: float, p1: float, p2: float) -> tuple[int, float, float]:
    """The commitment that the user would choose: for a fixed answer U is monotone in s, so s is 0 or 1."""
    standard = xi1 / p1 if xi1 >= 0 else xi1
    reasoning = xi2 / p2 if xi2 >= 0 else xi2
    at_once = xi1 + (1 - p1) * max(xi2, 0.0) / p2
    second = reasoning - standard > INDIFFERENCE * abs(standard)
    best = reasoning if second else standard
    if at_once - best > INDIFFERENCE * abs(best):
        return 1, 1.0, 1.0 if xi2 < 0 else 0.0
    if second:
        return 2, 0.0, 1.0 if xi2 < 0 else 0.0
    return 1, 0.0, 1.0 if xi1 < 0 else 0.0


def safe_churn_penalty(
    xi1: float,
    xi2: float,
    p1: float,
    p2: float,
    c1: float,
    c2: float,
    stay1: float,
    stay2: float,
    threshold: float,
    cascade: float,
    at_once: float,
) -> float:
    """The least P from which on throttling never pays, P_safe.

    Best responses do not depend on P, and every commitment under which users stay has S = 1: its cost is constant
    in P, while leave_i = c_i + P (1 − p_i) grows. So P_safe is where the last unattainable leave_i stops undercutting
    the cheapest of the former and, where only leave_1 is attainable, of leave_1 too.
    """
    if xi2 <= 0:
        return 0.0
    staying = min(stay2, at_once)
    if xi1 >= 0:
        staying = min(staying, stay1)
    if threshold == threshold:
        staying = min(staying, cascade)
    # c_i/p_i plus what is left of (staying − c_i) / (1 − p_i): nothing cancels where p_i is almost 1
    until1, until2 = stay1 + (staying - stay1) / (1 - p1), stay2 + (staying - stay2) / (1 - p2)
    if xi1 > 0:
        return max(until1, until2, 0.0)
    slower_gain, dearer = p2 - p1, c2 - c1
    # leave_2 < leave_1 holds above the crossing of the two where p_2 > p_1, below it where p_2 < p_1
    if slower_gain > 0:
        return max(until2, 0.0) if dearer / slower_gain < until2 else 0.0
    if slower_gain < 0:
        return max(min(dearer / slower_gain, until2), 0.0)
    return max(until2, 0.0) if dearer < 0 else 0.0


def no_commitment(
    xi1: float,
    xi2: float,
    p1: float,
    p2: float,
    c1: float,
    c2: float,
    leave1: float,
    leave2: float,
    stay1: float,
    stay2: float,
) -> tuple[float, bool]:
    """Nash equilibrium of the simultaneous game: a static route against the user's answer to it, or a mix.

    Where no pure one exists, the user's abandonment makes the provider indifferent between the routes, and with it
    between all cascade probabilities; its cost there is (c_2 (1 − p_1) − c_1 (1 − p_2)) / (p_2 − p_1), in which P
    has cancelled. One case is left, ξ_1 < 0 < ξ_2 with p_1 > p_2: there no stationary probability strictly between
    0 and 1 is ever a best response, and the user mixes once between staying and leaving.
    """
    cost = inf
    if xi1 >= 0 and stay1 <= stay2:
        cost = min(cost, stay1)
    if xi1 <= 0 and leave1 <= leave2:
        cost = min(cost, leave1)
    if xi2 >= 0 and stay2 <= stay1:
        cost = min(cost, stay2)
    if xi2 <= 0 and leave2 <= leave1:
        cost = min(cost, leave2)
    if isfinite(cost):
        return cost, True
    if xi1 < 0 and p2 < p1:
        staying = ratio(leave1 - leave2, leave1 - leave2 + stay2 - stay1)
        return leave1 + staying * (stay1 - leave1), False
    return ratio(c2 * (1 - p1) - c1 * (1 - p2), p2 - p1), False


def ratio(part: float, whole: float) -> float:
    """Divide as arrays do, where Python would refuse: by zero to inf, -inf or nan."""
    if whole != 0:
        return part / whole
    return copysign(inf, part) * copysign(1.0, whole) if part != 0 else nan


def cascade_that_mixes(xi1: Number, xi2: Number, p1: Number, p2: Number, q: Number) -> Number:
    """The root s of F(·, q) = 0 in [0, 1]: the cascade probability that makes q a best response. Shapes broadcast.

    It is s_L at q = 0 and s_H at q = 1; F is in `routegame.agents.exact.best_response.mixed_response`. The root is
    written so that nothing cancels.

    >>> round(float(cascade_that_mixes(0.15, -0.55, 0.1, 0.3, 0.0)), 4)
    0.057
    >>> round(float(cascade_that_mixes(0.15, -0.55, 0.1, 0.3, 1.0)), 4)
    0.2143
    """
    a, b, loss = 1 - p1, 1 - p2, -xi2
    stay, leave = 1 - q, p2 + b * q
    gain = xi1 * (leave * leave)
    handed_on = loss * a * b * (stay * stay)
    # 1 − a b r² as a sum of non-negative terms
    leaving = p1 + a * p2 + a * b * q * (1 + stay)
    linear = loss * leaving + gain
    s: Number = 2 * gain / (linear + np.sqrt(linear * linear + 4 * handed_on * gain))
    return s


def cheapest_mix(
    xi1: float, xi2: float, p1: float, p2: float, c1: float, c2: float, penalty: float
) -> tuple[float, float, float]:
    """The cheapest commitment among those under which users truly mix: cascade, abandonment and cost to the provider.

    Beyond the paper, and not among its candidates: a provider may buy more of a cheap model 2 with a few users who
    leave. Write κ_k = c_k − P p_k and follow the curve of best responses from (s_L, q = 0) to (s_H, q = 1). More
    cascade gains the provider something only where the reasoning model is worth its compute, κ_2 < 0, and where it
    would rather have users stay, κ_1 |ξ_2| + κ_2 ξ_1 < 0 (elsewhere leaving at once or (1, 0) is at least as cheap);
    and only where p_1 > p_2 and c_2/p_2 < c_1/p_1. There n_2 is a concave function of n_1 along the curve and the cost
    a convex one (both facts are proved in docs/theory.md, "Users who mix"). So the cost has at most one turning point
    and must fall from s_L on, by at least the chord to its least value: games in which it does not are left out too.

    The rest, one game in a thousand, are searched over q = u⁴ by ever finer scans: q near 0 decides, and arithmetic
    alone gets there. Costs are exact to rounding, probabilities to about 1e-8.

    Returns:
        Cascade, abandonment and cost; the cost is inf where no mix can be the cheapest of all.
    """
    if not (xi1 > 0 > xi2 and p1 > p2 and c2 * p1 < c1 * p2):
        return 0.0, 0.0, inf
    kappa1, kappa2 = c1 - penalty * p1, c2 - penalty * p2
    if not (kappa2 < 0 and kappa2 * xi1 < kappa1 * xi2):
        return 0.0, 0.0, inf
    start, falls = cost_of_mix(0.0, xi1, xi2, p1, p2, c1, c2, penalty), False
    for k in range(1, 4):  # several, for rounding may hide how little it falls at first
        falls = falls or cost_of_mix(SCANNED[k], xi1, xi2, p1, p2, c1, c2, penalty) < start
    if not falls:
        return 0.0, 0.0, inf
    low, high, shares = 0.0, 1.0, SCANNED
    for _ in range(NUM_ZOOMS):
        width, best, least = high - low, 0, inf
        for k in range(len(shares)):
            cost = cost_of_mix(low + width * shares[k], xi1, xi2, p1, p2, c1, c2, penalty)
            if cost < least:
                best, least = k, cost
        best = min(max(best, 1), len(shares) - 2)
        low, high, shares = low + width * shares[best - 1], low + width * shares[best + 1], FINER
    u = low + (high - low) * FINER[len(FINER) // 2]
    cost = cost_of_mix(u, xi1, xi2, p1, p2, c1, c2, penalty)
    abandon = u * u * (u * u)
    return float(cascade_that_mixes(xi1, xi2, p1, p2, abandon)), abandon, cost


def cost_of_mix(u: float, xi1: float, xi2: float, p1: float, p2: float, c1: float, c2: float, penalty: float) -> float:
    """Cost to the provider on the curve of best responses, where users leave with probability u⁴."""
    a, b, q = 1 - p1, 1 - p2, u * u * (u * u)
    s = float(cascade_that_mixes(xi1, xi2, p1, p2, q))
    n1 = 1 / (p1 + a * (q + (1 - q) * s))
    n2 = n1 * a * (1 - q) * s / (p2 + b * q)
    return c1 * n1 + c2 * n2 + penalty * q * (a * n1 + b * n2)


PARTS = (
    solve_one,
    net_value,
    thresholds,
    profile,
    weak_cost,
    user_preferred,
    safe_churn_penalty,
    no_commitment,
    ratio,
    cascade_that_mixes,
    cheapest_mix,
    cost_of_mix,
)
"""What `solve_rows` is made of."""
