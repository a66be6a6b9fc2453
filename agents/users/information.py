"""Users who see more than nothing: which model failed, or how many failures there have been (docs/theory.md).

A `memoryless` user has one answer to every failure; see `routegame.agents.exact.best_response`. Here are the exact best
responses of the two others, and the equilibria against them:

* `model`: the user knows which model has just failed and may answer each in its own way;
* `history`: the user knows the route and counts its failures, but does not see which model they came from.

What they know makes a difference in one regime only, ξ_1 > 0 > ξ_2, where a user would like to stay with model 1 and
to leave model 2. Everywhere else a best response stays for good or leaves at once, and needs no memory for that. In
that regime information limits how far users can be handed over behind their backs. Let s_L be the cascade probability
up to which a user stays for good, and s_H that from which on it leaves after the first failure. All have the same
s_H = ξ_1 / (ξ_1 − ξ_2), while s_L(history) <= s_L(memoryless) <= s_L(model) = s_H.
"""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import Any, get_args

import numpy as np
from numpy.typing import ArrayLike

from routegame.agents.exact.best_response import Thresholds, best_response, thresholds
from routegame.agents.exact.equilibrium import solve
from routegame.agents.exact.solution import RoutingProfile, Solution
from routegame.agents.users.hidden_cascade import hidden_cascade
from routegame.agents.users.odds import Odds
from routegame.envs.arrays import BoolArray, FloatArray, Number, plain
from routegame.envs.chain import Outcome, outcome, outcome_after
from routegame.envs.checks import ParameterError, as_number, as_route
from routegame.envs.game import INDIFFERENCE, Game, Information
from routegame.envs.scenarios import GameLike, as_two_model_game


def model_thresholds(game: GameLike) -> Thresholds:
    """Cascade probabilities at which a user who sees which model failed changes its mind. Shape: the game's.

    After a failure of model 1 it stays up to s_L = s_H and leaves from there on; it never mixes.

    >>> at = model_thresholds(Game(6.5, 12, (0.1, 0.3), (0.5, 2.5), (1, 3)))
    >>> round(at.s_L, 4), round(at.s_H, 4)
    (0.2143, 0.2143)
    """
    game = as_two_model_game(game)
    return _with_s_L(game, thresholds(game).s_H)


def history_thresholds(game: GameLike) -> Thresholds:
    """Cascade probabilities at which a user who counts its failures changes its mind. Shape: the game's.

    The odds that the next pass runs on model 2 rise with every failure, towards a s / (a (1 − s) − b), or without
    bound where that is negative. A user stays for good while even these are at most ξ_1 / −ξ_2, that is up to

        s_L = s_H max(0, p_2 − p_1) / (1 − p_1).

    Between s_L and s_H the number of failures after which it leaves falls from inf to 1.

    >>> at = history_thresholds(Game(6.5, 12, (0.1, 0.3), (0.5, 2.5), (1, 3)))
    >>> round(at.s_L, 4), round(at.s_H, 4)
    (0.0476, 0.2143)
    """
    game = as_two_model_game(game)
    return _with_s_L(game, Odds.in_game(game).s_L)


def model_response(game: GameLike, route: ArrayLike, cascade_prob: ArrayLike) -> tuple[Number, Number]:
    """Abandonment probabilities after a failure of each model, of a user who sees which one failed, at its best.

    To be on model 2 is worth W_2 = ξ_2 / p_2 to a user who stays and ξ_2 to one who leaves. Staying after a failure
    of model 1 is worth (1 − s) ξ_1 + s W_2, up to a positive factor, and the user stays where that is not negative.
    Ties go to staying; a cascade probability within a relative `INDIFFERENCE` of a threshold counts as on
    it. On route 2, where model 1 never fails, the first number is what the user would do if it did.

    Shapes broadcast with the game's. For a throttled provider pass `game.with_latency(...)`.

    Raises:
        ParameterError: a route or a probability out of range.

    >>> game = Game(6.5, 12, (0.1, 0.3), (0.5, 2.5), (1, 3))
    >>> model_response(game, route=1, cascade_prob=0.2), model_response(game, route=1, cascade_prob=0.22)
    ((0.0, 1.0), (1.0, 1.0))
    """
    game = as_two_model_game(game)
    s = np.asarray(as_number("cascade_prob", cascade_prob, 0, 1))
    leaves = s > np.multiply(thresholds(game).s_H, 1 + INDIFFERENCE)
    q1 = np.where(_would_part(game), leaves, best_response(game, 1, s))
    q1, q2, _ = np.broadcast_arrays(q1, np.less(game.net_value[1], 0), as_route(route))
    return plain(q1.astype(np.float64)), plain(q2.astype(np.float64))


def history_response(game: GameLike, route: ArrayLike, cascade_prob: ArrayLike) -> Number:
    """Number of failures after which a user who counts them leaves, at its best: 1, 2, …, or inf for never.

    All that such a user ever learns is that it has failed once more. So a policy is a number of failures N, and its
    worth is g_1 + … + g_N, with g_k the probability of reaching pass k times what the pass is then worth on average.
    The odds that pass k runs on model 2 never fall in k (see `Odds`), hence g_1, g_2, … changes sign at most once,
    and it is exactly optimal to leave

    * for ξ_1 > 0 > ξ_2, before the first pass with g_k < 0: to look one pass ahead is enough;
    * for ξ_1 < 0 < ξ_2, after the first failure or never, like a user without memory and so on the same side of s_0;
    * otherwise, where the sign does not change, after the first failure or never, like a user without memory.

    Ties go to staying; a cascade probability within a relative `INDIFFERENCE` above a threshold counts as on it.
    Shapes broadcast with the game's. For a throttled provider pass `game.with_latency(...)`.

    Raises:
        ParameterError: a route or a probability out of range.

    >>> game = Game(6.5, 12, (0.1, 0.3), (0.5, 2.5), (1, 3))
    >>> [history_response(game, route=1, cascade_prob=s) for s in (0.0476, 0.05, 0.1, 0.2, 0.22)]
    [inf, 15.0, 3.0, 2.0, 1.0]
    """
    game = as_two_model_game(game)
    s, odds = np.asarray(as_number("cascade_prob", cascade_prob, 0, 1)), Odds.in_game(game)
    patience = np.floor(odds.passes(s * (1 - INDIFFERENCE) - odds.s_L))
    without_memory = np.where(np.equal(best_response(game, route, s), 1), 1.0, np.inf)
    answer: Number = plain(np.where(_would_part(game) & (as_route(route) == 1), patience, without_memory))
    return answer


@dataclass(frozen=True)
class HistoryProfile(RoutingProfile):
    """A profile of a user who counts its failures.

    Its abandon_prob is 0 if it never leaves, 1 if it leaves after the first failure, and nan in between, where no
    single probability describes what it does.

    Attributes:
        leave_after: number of failures after which the user leaves, inf if never.
    """

    leave_after: Number


def solve_information(game: GameLike, information: Information, *, throttling: bool = False) -> Solution:
    """Solve a game, or every game of a batch, for users who see `information`.

    Only where ξ_1 > 0 > ξ_2 does the equilibrium depend on it. There the provider always has (1, 0), with a user who
    stays, and one pass of either model. Beyond these,

    * `memoryless` users stay up to s_L with model 2 as well, see `solve`;
    * `model` users leave model 2 at once, and a cascade costs an average of what (1, 0) and (2, 0) cost: it is
      never needed, and the provider pays at least as much as with memoryless users;
    * `history` users can be led on for a while, see `hidden_cascade`.

    Throttling pays in other regimes only, and so the same for all three. Which commitment users prefer does not
    depend on what they see either: it has s = 0 or s = 1, and there the commitment tells them all.

    Args:
        game: one game, a batch of any shape, or the name of a scenario.
        information: "memoryless", "model" or "history".
        throttling: report the equilibrium of the game in which the provider may also raise latencies, without bound.

    Returns:
        A `Solution`, as `solve` does for memoryless users. Profiles have a pair for their `abandon_prob` for `model`
        users, and are `HistoryProfile`s for `history` users. `no_commitment` is None for both. Costs are exact to
        rounding, the least of them to a relative `INDIFFERENCE` for `history` users.

    Raises:
        ParameterError: information of another kind.

    >>> game = Game(6.5, 40, (0.2, 0.1), (0.5, 2.5), (1, 0.1))
    >>> [round(solve_information(game, kind).equilibrium.provider_cost, 4) for kind in ("model", "history")]
    [5.0, 4.9975]
    >>> solve_information(game, "history").equilibrium.leave_after
    44.0
    """
    game = as_two_model_game(game)
    if information not in get_args(Information):
        raise ParameterError("information", " or ".join(map(repr, get_args(Information))), information)
    known = solve(game, throttling=throttling)
    if information == "memoryless":
        return known
    profile = _model_profile if information == "model" else _history_profile
    in_force = game.with_latency(known.equilibrium.throttled_latency)
    equilibrium = profile(in_force, *_cheapest(game, information, known.equilibrium))
    preferred = profile(game, *_without_memory(known.user_preferred))
    parts, before = _would_part(game), known.throttling.provider_cost
    weak = np.where(parts, equilibrium.provider_cost, known.weak_provider_cost)
    if information == "model":
        weak = _weak_where_model_2_is_a_tie(game, throttling, weak)
    return replace(
        known,
        thresholds=model_thresholds(game) if information == "model" else history_thresholds(game),
        equilibrium=equilibrium,
        weak_provider_cost=plain(weak),
        user_preferred=preferred,
        misalignment_gap=plain(np.maximum(np.subtract(preferred.user_utility, equilibrium.user_utility), 0.0)),
        throttling=replace(known.throttling, provider_cost=plain(np.where(parts, equilibrium.provider_cost, before))),
        no_commitment=None,
        information=information,
    )


def _with_s_L(game: Game, s_L: Number) -> Thresholds:
    at = thresholds(game)
    first, second, third = (plain(np.broadcast_to(s, game.shape)) for s in (at.s_0, s_L, at.s_H))
    return Thresholds(first, second, third)


def _would_part(game: Game) -> BoolArray:
    """Return where a user would stay with model 1 and leave model 2; shape: the game's."""
    xi1, xi2 = (np.broadcast_to(xi, game.shape) for xi in game.net_value)
    return (xi1 > 0) & (xi2 < 0)


def _leave_costs(game: Game) -> tuple[FloatArray, FloatArray]:
    """Cost of one pass of each model, the user leaving after a failure."""
    first, second = (
        c + game.churn_penalty * np.subtract(1, p) for c, p in zip(game.cost, game.success_prob, strict=True)
    )
    return first, second


def _cheapest(game: Game, information: Information, known: RoutingProfile) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Route, cascade probability and number of failures at which users leave, of the cheapest commitment.

    `known` is the equilibrium with memoryless users, which is theirs too unless ξ_1 > 0 > ξ_2.
    """
    leave1, leave2 = _leave_costs(game)
    rows: list[tuple[ArrayLike, ArrayLike, ArrayLike, ArrayLike]] = [
        # cost to the provider; route, cascade_prob, leave_after
        (game.cost_of_pass[0], 1, 0.0, np.inf),
        (leave2, 2, 0.0, 1.0),
        (leave1, 1, 1.0, 1.0),
    ]
    if information == "history":
        hidden = hidden_cascade(game)
        cost = np.where(np.isnan(hidden.provider_cost), np.inf, hidden.provider_cost)
        rows.insert(2, (cost, 1, hidden.cascade_prob, hidden.leave_after))
    table = np.stack([np.stack([np.broadcast_to(x, game.shape) for x in row]) for row in rows])
    costs = table[:, 0]
    best = np.argmax(costs <= costs.min(axis=0) * (1 + INDIFFERENCE), axis=0)
    picked = np.take_along_axis(table, best[None, None], axis=0)[0, 1:]
    route, cascade, leave_after = np.where(_would_part(game), picked, _without_memory(known))
    return route, cascade, leave_after


def _without_memory(profile: RoutingProfile) -> FloatArray:
    """Route, cascade probability and number of failures of a profile whose user stays for good or leaves at once."""
    leave_after = np.where(np.equal(np.asarray(profile.abandon_prob), 1), 1.0, np.inf)
    return np.stack([np.asarray(x, dtype=np.float64) for x in (profile.route, profile.cascade_prob, leave_after)])


def _weak_where_model_2_is_a_tie(game: Game, throttling: bool, weak: FloatArray) -> FloatArray:
    """Weak value against `model` users where ξ_1 >= 0 = ξ_2: they may leave model 2 and stay with model 1.

    A cascade then costs an average of (1, 0) and the worse answer to (2, 0), and does not pay. With other signs the
    weak values are those of memoryless users, `weak`.
    """
    xi1, xi2 = (np.asarray(xi) for xi in game.net_value)
    (stay1, stay2), (leave1, leave2) = game.cost_of_pass, _leave_costs(game)
    worst1 = np.where(xi1 > 0, stay1, np.maximum(stay1, leave1))
    worst = np.minimum(worst1, np.maximum(stay2, leave2))
    if throttling:
        worst = np.minimum(worst, np.minimum(leave1, leave2))
    return np.where((xi1 >= 0) & (xi2 == 0), worst, weak)


def _model_profile(game: Game, route: FloatArray, cascade_prob: FloatArray, leave_after: FloatArray) -> RoutingProfile:
    """Complete a commitment, and an answer that is to stay for good or leave at once, for `model` users.

    On the other model than the route's the answer is the best one, ties to staying.
    """
    leaves, on_1 = leave_after == 1, route == 1
    never_worth_it = [np.less(xi, 0) for xi in game.net_value]
    q1, q2 = np.where(on_1, leaves, never_worth_it[0]), np.where(on_1, never_worth_it[1], leaves)
    answer = q1.astype(np.float64), q2.astype(np.float64)
    result = outcome(game, route, cascade_prob, answer)
    pair = plain(answer[0]), plain(answer[1])
    return RoutingProfile(abandon_prob=pair, **_facts(game, route, cascade_prob, leave_after, result))


def _history_profile(
    game: Game, route: FloatArray, cascade_prob: FloatArray, leave_after: FloatArray
) -> HistoryProfile:
    """Complete a commitment and a number of failures at which users leave."""
    result = outcome_after(game, route, cascade_prob, leave_after)
    abandon = np.select([leave_after == 1, np.isinf(leave_after)], [1.0, 0.0], np.nan)
    facts = _facts(game, route, cascade_prob, leave_after, result)
    return HistoryProfile(abandon_prob=plain(abandon), leave_after=plain(leave_after), **facts)


def _facts(
    game: Game, route: FloatArray, cascade_prob: FloatArray, leave_after: FloatArray, result: Outcome
) -> dict[str, Any]:
    """Everything in a profile but the form of its answer; `game` has the latencies in force."""
    xi1, xi2 = (np.asarray(xi) for xi in game.net_value)
    never_stays = (xi1 <= 0) & (xi2 <= 0) & (leave_after == 1)
    t1, t2 = (plain(np.broadcast_to(t, game.shape)) for t in game.latency)
    return {
        "route": plain(route.astype(np.int64)),
        "cascade_prob": plain(cascade_prob),
        "throttled_latency": (t1, t2),
        "cascade_free": plain((route == 2) | never_stays),
        **{f.name: plain(np.broadcast_to(getattr(result, f.name), game.shape)) for f in fields(result)},
    }
