"""Fixed order: a task never goes back to an earlier model. A bound, the best commitments known, and how close they are.

The bound is that of the free order with the models from the start on: J >= min over i of c_i + (1 − p_i) m_i. It holds
for every commitment whose start is one model. Candidates are:

* what attains the bound where its two models come in the right order, one pass of i, then stay, leave, or l before j;
* the paper's two-model game for every pair of models in their order, exactly;
* (memoryless users) one pass of i, then l or j for good, drawn once and unseen, in either order;
* (users who see the model that failed) what is rebuilt from promises, see `routegame.agents.menus.promises`.

A commitment that costs no more than the bound is optimal; of the others the certificate says the gap. Memoryless users
and users who count failures are not solved in general where the bound is not attained.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import combinations
from math import inf
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from routegame.agents.exact.best_response import Thresholds
from routegame.agents.exact.one_game import JUST_NOT_WORTH_IT
from routegame.agents.exact.solution import Certificate, RoutingProfile, Solution, Throttling
from routegame.agents.menus.free_order import solve_free_order
from routegame.agents.menus.price import LEAVE, MIX, going_on, hand_overs
from routegame.agents.menus.promises import cheapest_promise, rebuilt
from routegame.agents.users.information import HistoryProfile, solve_information
from routegame.envs.arrays import FloatArray
from routegame.envs.chain import visits_after
from routegame.envs.game import INDIFFERENCE, Game, Information
from routegame.envs.policy import Policy


@dataclass(frozen=True, eq=False)
class Candidate:
    """A commitment in a single game, and the answer to it that the provider counts on.

    Attributes:
        cost: J, in units of cost.
        policy: the commitment.
        leaves: abandonment probability after a failure of each model, (K,).
        leave_after: number of failures after which a user who counts them leaves, inf for never.
    """

    cost: float
    policy: Policy
    leaves: FloatArray
    leave_after: float = inf


def solve_fixed_order(
    game: Game, information: Information = "memoryless", *, throttling: bool = False, decline: bool = False
) -> Solution:
    """Solve a single game of any number of models whose order is fixed, as far as that is known.

    Args:
        game: a single game.
        information: what users see.
        throttling: report the equilibrium of the game in which the provider may also raise latencies, without bound.
        decline: whether users may refuse the first pass too.

    Returns:
        A `Solution` whose certificate says whether it is exact. What users would like, and the price of going on, are
        those of the free order: neither depends on the order.

    >>> game = Game(1, 0.5, (0.6, 0.72, 0.54), (0.83, 0.26, 0.58), (0.05, 0.42, 0.002))
    >>> solution = solve_fixed_order(game)
    >>> round(solution.equilibrium.provider_cost, 9), round(solution.certificate.lower_bound, 9)
    (0.082524407, 0.075569986)
    """
    lower, candidates = declined(game) if decline else bound_and_candidates(game, information)
    best = candidates[0]
    for candidate in candidates[1:]:
        if candidate.cost < best.cost * (1 - INDIFFERENCE):
            best = candidate
    lower = min(lower, best.cost)
    free = solve_free_order(game, decline=decline)
    penalty = float(game.churn_penalty)
    leave = [penalty] if decline else [c + penalty * (1 - p) for c, p in _costs(game)]
    driven, model = min(leave), int(np.argmin(leave))
    pays = bool(driven < best.cost * (1 - INDIFFERENCE))
    slowed = list(game.latency)
    if pays:
        slowed[model] = game.task_value * game.success_prob[model] * JUST_NOT_WORTH_IT
    in_force, shown = game, best
    if pays and throttling:
        in_force, one = game.with_latency(tuple(slowed)), np.eye(game.num_models)[model]
        shown = Candidate(float(driven), Policy.redraw(one, one), np.ones(game.num_models), 1.0)
        lower = min(lower, driven)
    profile = _profile(in_force, shown, information, declined=decline and shown.leave_after == 1)
    tied = any(xi == 0 for xi in game.net_value)
    paid = float(profile.provider_cost)
    return replace(
        free,
        order="fixed",
        information=information,
        thresholds=Thresholds(np.nan, np.nan, np.nan),
        equilibrium=profile,
        weak_provider_cost=np.nan if tied else paid,
        misalignment_gap=max(float(free.user_preferred.user_utility) - float(profile.user_utility), 0.0),
        throttling=Throttling(
            pays=pays,
            gain=float(best.cost - driven) if pays else 0.0,
            provider_cost=float(driven if pays else best.cost),
            throttled_latency=tuple(slowed),
            safe_churn_penalty=free.throttling.safe_churn_penalty,
        ),
        margin_price=np.nan,
        policy=shown.policy,
        certificate=Certificate(float(lower), paid),
    )


def bound_and_candidates(game: Game, information: Information) -> tuple[float, list[Candidate]]:
    """Return a bound of what a task costs, and commitments that may attain it, the simplest first."""
    lower, in_order = _bound(game)
    found = [in_order, _pairs(game, information)]
    if information == "memoryless":
        found += _pooled(game)
    elif information == "model":
        promise = cheapest_promise(game)
        policy, leaves = rebuilt(game, promise)
        found.append(_played(game, policy, leaves))
        lower = max(lower, promise.cost)
    return lower, found


def declined(game: Game) -> tuple[float, list[Candidate]]:
    """Return the bound m, and commitments that may attain it, where users may refuse the first pass."""
    xi, p, c, penalty = _columns(game)
    models = game.num_models
    lower = float(going_on(xi, p, c, penalty).price[0])
    eye, stays = np.eye(models), np.zeros(models)
    found = [_played(game, Policy.redraw(eye[k], eye[k]), stays) for k in range(models) if xi[k, 0] >= 0]
    worst = int(np.argmin(xi[:, 0]))
    if xi[worst, 0] <= 0:
        found.append(Candidate(float(penalty[0]), Policy.redraw(eye[worst], eye[worst]), np.ones(models), 1.0))
    for l, j in combinations(range(models), 2):  # noqa: E741
        (xi_l, xi_j), (p_l, p_j) = xi[[l, j], 0], p[[l, j], 0]
        worth = (1 - p_l) * xi_j / p_j
        if xi_l < 0 < xi_j and xi_l + worth >= 0:
            found.append(_played(game, _ordered(models, l, l, j, 1.0, -xi_l / worth), stays))
    return lower, found


def _bound(game: Game) -> tuple[float, Candidate]:
    """The bound of the free order from every start on, and the cheapest commitment that needs no order but this."""
    xi, p, c, penalty = _columns(game)
    lower, cheapest, models = inf, inf, game.num_models
    start, going = 0, going_on(xi, p, c, penalty, in_order=True)
    for i in range(models):
        rest, a = (xi[i:], p[i:], c[i:], penalty), 1 - p[i, 0]
        lower = min(lower, float(c[i, 0] + a * going_on(*rest).price[0]))
        ordered = going_on(*rest, in_order=True)
        cost = float(c[i, 0] + a * ordered.price[0])
        if cost < cheapest * (1 - INDIFFERENCE):
            cheapest, start, going = cost, i, ordered
    i = start
    l, j, leaves = i + int(going.waits[0]), i + int(going.keeps[0]), float(going.way[0] == LEAVE)  # noqa: E741
    if going.way[0] != MIX:
        return lower, _played(game, _ordered(models, i, i, j, 1.0, float(i != j)), np.full(models, leaves))
    (xi_l, xi_j), (p_l, p_j) = xi[[l, j], 0], p[[l, j], 0]
    v_j = xi_j / p_j
    if i == l:
        return lower, _played(game, _ordered(models, l, l, j, 1.0, -xi_l / (v_j - xi_l)), np.zeros(models))
    x, s = hand_overs(xi_l, p_l, v_j)
    return lower, _played(game, _ordered(models, i, l, j, float(x), min(float(s), 1.0)), np.zeros(models))


def _pairs(game: Game, information: Information) -> Candidate:
    """The cheapest of the equilibria of all pairs of models in their order."""
    models = game.num_models
    first, second = np.triu_indices(models, 1)
    p, t, c = ((np.asarray(x)[first], np.asarray(x)[second]) for x in (game.success_prob, game.latency, game.cost))
    penalty = np.full(first.size, game.churn_penalty)
    profile = solve_information(Game(game.task_value, penalty, p, t, c), information).equilibrium
    best = int(np.argmin(profile.provider_cost))
    a, b = int(first[best]), int(second[best])
    answers = profile.abandon_prob if isinstance(profile.abandon_prob, tuple) else (profile.abandon_prob,) * 2
    q, s, route = (
        [float(np.asarray(x)[best]) for x in answers],
        _at(profile.cascade_prob, best),
        _at(profile.route, best),
    )
    leaves, after = np.zeros(models), inf
    leaves[[a, b]] = q
    if isinstance(profile, HistoryProfile):
        after = _at(profile.leave_after, best)
    elif q[int(route) - 1] == 1:
        after = 1.0
    policy = _ordered(models, a, a, b, 1.0, s) if route == 1 else _ordered(models, b, b, b, 1.0, 0.0)
    return Candidate(_at(profile.provider_cost, best), policy, leaves, after)


def _at(values: ArrayLike, index: int) -> float:
    return float(np.asarray(values)[index])


def _pooled(game: Game) -> list[Candidate]:
    """One pass of a model, then one of two later ones for good, drawn unseen in the share that keeps users.

    The cheapest of them; none where there are no two such models.
    """
    xi, p, c, _ = (x[:, 0] if x.ndim > 1 else x for x in _columns(game))
    models, cheapest, found = game.num_models, inf, None
    slow, good = np.meshgrid(np.flatnonzero(xi < 0), np.flatnonzero(xi > 0), indexing="ij")
    shares = [worth[good] / (worth[good] - worth[slow]) for worth in (xi / p**2, xi / p)]
    share = np.minimum(*shares)
    going_on = (1 - share) * (c / p)[good] + share * (c / p)[slow]
    for i in range(models):
        cost = c[i] + (1 - p[i]) * np.where((slow > i) & (good > i), going_on, inf)
        if cost.size and cost.min() < cheapest * (1 - INDIFFERENCE):
            place = np.unravel_index(cost.argmin(), cost.shape)
            cheapest, found = float(cost[place]), (i, int(slow[place]), int(good[place]), float(share[place]))
    if found is None:
        return []
    i, l, j, share_l = found  # noqa: E741
    matrix = np.eye(models)
    matrix[i] = 0.0
    matrix[i, l], matrix[i, j] = share_l, 1 - share_l
    return [_played(game, Policy(np.eye(models)[i], matrix), np.zeros(models))]


def _ordered(models: int, i: int, l: int, j: int, x: float, s: float) -> Policy:  # noqa: E741
    """Start at i, go on to l with probability x, else to j; from l to j with probability s. Others keep at it."""
    matrix = np.eye(models)
    if i != l:
        matrix[i] = 0.0
        matrix[i, j], matrix[i, l] = 1 - x, x
    if l != j:
        matrix[l] = 0.0
        matrix[l, l], matrix[l, j] = 1 - s, s
    return Policy(np.eye(models)[i], matrix)


def _played(game: Game, policy: Policy, leaves: FloatArray) -> Candidate:
    """A commitment under an answer, with what it costs."""
    p, c = np.asarray(game.success_prob), np.asarray(game.cost)
    n = policy.passes(p, 1 - leaves)
    cost = float(n @ c + game.churn_penalty * (n @ ((1 - p) * leaves)))
    return Candidate(cost, policy, leaves, 1.0 if leaves[np.argmax(policy.start)] == 1 else inf)


def _profile(game: Game, candidate: Candidate, information: Information, *, declined: bool) -> RoutingProfile:
    """Complete a candidate with everything that it brings about; `game` has the latencies in force."""
    policy, leaves = candidate.policy, candidate.leaves
    p, t, c, xi = (np.asarray(x) for x in (game.success_prob, game.latency, game.cost, game.net_value))
    n, abandoned = np.zeros(game.num_models), 1.0
    if not declined and 1 < candidate.leave_after < inf:  # only pairs have users who leave later
        a, b = np.flatnonzero(policy.visited(True))
        counted = visits_after((p[a], p[b]), 1, policy.matrix[a, b], candidate.leave_after)
        n[a], n[b], abandoned = counted.standard, counted.reasoning, float(counted.abandoned)
    elif not declined:
        n = policy.passes(p, 1 - leaves)
        abandoned = float(n @ ((1 - p) * leaves))
    first = int(np.argmax(policy.start))
    one_then_two = first == 0 and not policy.matrix[0, 2:].any() and policy.matrix[0, 1] > 0
    answer = tuple(leaves.tolist()) if information == "model" else float(leaves[first])
    facts: dict[str, Any] = {
        "route": first + 1,
        "cascade_prob": float(policy.matrix[0, 1]) if one_then_two else np.nan,
        "abandon_prob": answer,
        "throttled_latency": tuple(float(latency) for latency in t),
        "solve_prob": float(n @ p) if abandoned else 1.0,
        "expected_latency": float(n @ t),
        "expected_cost": float(n @ c),
        "user_utility": float(n @ xi),
        "provider_cost": float(n @ c + game.churn_penalty * abandoned),
        "cascade_free": False,
    }
    if information == "history":
        return HistoryProfile(**facts, leave_after=candidate.leave_after)
    return RoutingProfile(**facts)


def _columns(game: Game) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray]:
    """ξ_k, p_k and c_k of a single game, (K, 1), and P, (1,)."""
    xi, p, c = (np.array(x, dtype=np.float64)[:, None] for x in (game.net_value, game.success_prob, game.cost))
    return xi, p, c, np.array([game.churn_penalty])


def _costs(game: Game) -> list[tuple[float, float]]:
    return [(float(c), float(p)) for c, p in zip(game.cost, game.success_prob, strict=True)]
