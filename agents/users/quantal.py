"""Users who answer well rather than best: the logit, or quantal, response (McKelvey & Palfrey 1995).

A user draws its abandonment probability q from [0, 1] with density proportional to exp(U(q) / τ): the better the
likelier, and at temperature τ a factor e for every τ units of latency that an answer is better. A memoryless user
cannot hold on to what it has drawn. It draws anew after each failure, and so its behaviour is that of one stationary
probability, the mean

    q(τ) = ∫ q exp(U(q) / τ) dq / ∫ exp(U(q) / τ) dq.

As τ → 0 this is the exact best response wherever that is unique, the mixed ones included; as τ → ∞ it is 1/2. It is
smooth in every parameter, grows with each model's latency, and at s_0 the jump of the provider's cost becomes a slope.
A choice between staying for good and leaving at once alone would never mix, and so miss the best response between
s_L and s_H by as much at any temperature.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from routegame.agents.exact.best_response import best_response, thresholds
from routegame.agents.exact.cascade_search import cheapest_cascade
from routegame.agents.exact.solution import RoutingProfile
from routegame.envs.arrays import FloatArray, IntArray, Number, plain
from routegame.envs.chain import expected_passes, outcome_of, visits
from routegame.envs.checks import as_number, as_route
from routegame.envs.scenarios import GameLike, as_two_model_game

STEP, REACH = 0.25, 36.0
"""The integrals are sums over u = log(x / (1 − x)) in steps of `STEP` from −`REACH` to `REACH`, x in [0, 1]."""

ROUGH_STEP, ROUGH_REACH = 0.7, 24.5
"""The same for answers that need not be known so well: a quarter of the places."""

BLOCK = 1 << 15
"""Integrands that are worked out at once: so many stay in the processor's cache."""


def quantal_response(
    game: GameLike, route: ArrayLike, cascade_prob: ArrayLike, temperature: ArrayLike, *, rough: bool = False
) -> Number:
    """Mean abandonment probability of a memoryless user whose answers are exp(U / τ) likely, see above.

    U has at most one greatest point inside [0, 1]. There the integrals are cut in two, and on each part taken by the
    trapezoidal rule in u = log(x / (1 − x)), x the place within the part. That resolves a peak at either end whatever
    its width, as U is analytic around the part; for u beyond the sum the ends themselves stand in. So nothing is lost
    as τ → 0. Within 1e-9 where no success probability is below 0.01, within 1e-7 down to 1e-9, besides the rounding
    of U, some 1e-16 U / τ.

    Args:
        game: the game, a batch of games, or the name of a scenario.
        route: 1 or 2.
        cascade_prob: s in [0, 1]; without effect on route 2.
        temperature: τ > 0, in units of latency.
        rough: whether 1e-4 is near enough; some five times as fast, for answers that are averaged over many users.

    Shapes broadcast with the game's. For a throttled provider pass `game.with_latency(...)`.

    Raises:
        ParameterError: an argument out of range.

    >>> from routegame import Game
    >>> game = Game(9, 15, (0.1, 0.3), (1, 2), (1, 3.6))  # users at their best leave before s_0 = 0.0411
    >>> quantal_response(game, 1, [0.03, 0.05, 0.3], temperature=[[0.01], [0.1], [1], [100]]).round(3)
    array([[0.892, 0.004, 0.001],
           [0.627, 0.469, 0.015],
           [0.515, 0.499, 0.389],
           [0.5  , 0.5  , 0.499]])
    """
    rule = _ROUGHLY if rough else _CLOSELY
    shape, rows, blocks = _blocks(rule, game, route, cascade_prob, temperature)
    answer = np.empty(rows[0].shape)
    for block in blocks:
        answer[block] = _Drawn.by(rule, *(row[block] for row in rows)).mean
    response: Number = plain(answer.reshape(shape))
    return response


Rule = tuple[FloatArray, FloatArray]
"""Places in [0, 1] and their weights, see `places_in_unit`."""

SLOPES = 6
"""Numbers that `quantal_slopes` is about: V, both success probabilities, both latencies, and s."""


def quantal_slopes(
    game: GameLike, route: ArrayLike, cascade_prob: ArrayLike, temperature: ArrayLike
) -> tuple[FloatArray, FloatArray]:
    """`quantal_response`, roughly, and its change with V, p_1, p_2, t_1, t_2 and s, (`SLOPES`, …).

    The change with any number is the covariance of q with the change of U(q), over τ.

    Args:
        game: one game or a batch.
        route: 1 or 2.
        cascade_prob: s in [0, 1].
        temperature: τ > 0, in units of latency.

    Shapes broadcast with the game's.

    >>> from dataclasses import replace
    >>> from routegame import Game
    >>> game = Game(9, 15, (0.1, 0.3), (1, 2), (1, 3.6))
    >>> answer, slopes = quantal_slopes(game, 1, 0.1, 0.4)
    >>> dearer = float(quantal_response(replace(game, task_value=9.001), 1, 0.1, 0.4, rough=True))
    >>> round(float(slopes[0]), 3), round((dearer - float(answer)) / 0.001, 3)
    (-0.188, -0.188)
    """
    shape, rows, blocks = _blocks(_ROUGHLY, game, route, cascade_prob, temperature)
    value = np.broadcast_to(as_two_model_game(game).task_value, shape).ravel()
    answer, slopes = np.empty(rows[0].shape), np.empty((SLOPES, *rows[0].shape))
    for block in blocks:
        drawn = _Drawn.by(_ROUGHLY, *(row[block] for row in rows))
        answer[block], slopes[:, block] = drawn.mean, drawn.slopes(value[block])
    return answer.reshape(shape), slopes.reshape(SLOPES, *shape)


def _blocks(
    rule: Rule, game: GameLike, route: ArrayLike, cascade_prob: ArrayLike, temperature: ArrayLike
) -> tuple[tuple[int, ...], list[FloatArray], list[IntArray]]:
    """The shape of all answers, rows of what they depend on, and blocks of them whose best responses are alike."""
    game = as_two_model_game(game)
    s = as_number("cascade_prob", cascade_prob, 0, 1)
    tau = as_number("temperature", temperature, 0, np.inf, closed="neither")
    best = best_response(game, route, s)
    arrays = np.broadcast_arrays(*game.success_prob, *game.net_value, as_route(route), s, tau, best)
    rows = [array.reshape(-1) for array in arrays]
    mixes = (rows[-1] > 0) & (rows[-1] < 1)
    kinds = np.flatnonzero(mixes), np.flatnonzero(~mixes)
    places, _ = rule
    size = BLOCK // len(places)
    # Even parts: numpy adds up a single answer in another order, and others must not hang on how many are asked for.
    blocks = [block for kind in kinds if len(kind) for block in np.array_split(kind, -(-len(kind) // size))]
    return arrays[0].shape, rows, blocks


def quantal_equilibrium(game: GameLike, temperature: ArrayLike) -> RoutingProfile:
    """Find the commitment that is cheapest to the provider under `quantal_response`.

    The cost of (1, s) is smooth in s, but the colder the users the more it bends at s_0, s_L and s_H. The pieces
    between them are searched by `cheapest_cascade`, so that the cost is within a relative 1e-9 of the least unless
    it lies in a basin narrower than its first grid. No such game is known; the tests look for one.

    As τ → 0 the cost tends to that of the equilibrium where no net value is 0, with one exception. Around s_0, where
    users at their best jump, the mean takes every value on the way, and for κ_1 < 0 < κ_2, κ_k = c_k − P p_k, one of
    them may be cheaper than both ends: then the limit is the least cost at s_0 over all q. Warmer users can be cheaper
    or dearer than those at their best: noise drives off users whom no commitment would.

    Args:
        game: one game or a batch.
        temperature: τ > 0, in units of latency; its shape broadcasts with the game's.

    Raises:
        ParameterError: τ out of range.

    >>> from routegame import Game
    >>> found = quantal_equilibrium(Game(9, 15, (0.1, 0.3), (1, 2), (1, 3.6)), temperature=[0.001, 0.1])
    >>> found.route, found.cascade_prob.round(4), found.abandon_prob.round(4), found.provider_cost.round(4)
    (array([1, 1]), array([0.042 , 0.1546]), array([0.0007, 0.0203]), array([10.5686, 11.503 ]))
    """
    game = as_two_model_game(game)
    tau = np.asarray(as_number("temperature", temperature, 0, np.inf, closed="neither"))
    shape = np.broadcast_shapes(game.shape, tau.shape)
    t1, t2 = (np.broadcast_to(t, shape) for t in game.latency)
    game = game.with_latency((t1, t2))

    def cost(route: int, s: FloatArray) -> FloatArray:
        n = visits(game.success_prob, route, s, quantal_response(game, route, s, tau))
        return np.broadcast_to(outcome_of(game, n).provider_cost, s.shape)

    at = thresholds(game)
    found = cheapest_cascade(lambda s: cost(1, s), cost(2, np.zeros(shape)), [at.s_0, at.s_L, at.s_H])
    answer = quantal_response(game, found.route, found.cascade_prob, tau)
    return RoutingProfile.of(game, found.route, found.cascade_prob, answer)


def places_in_unit(step: float, reach: float) -> Rule:
    """Places in [0, 1] and their weights, which sum to 1; each (num_places, 1)."""
    u = np.arange(-reach, reach + step / 2, step)
    x = 1 / (1 + np.exp(-u))
    beyond = np.exp(-reach) * step / np.expm1(step)  # what all further steps together would weigh
    places, weights = [0.0, *x, 1.0], [beyond, *step * x * (1 - x), beyond]
    return np.array(places)[:, None], np.array(weights)[:, None]


_CLOSELY, _ROUGHLY = places_in_unit(STEP, REACH), places_in_unit(ROUGH_STEP, ROUGH_REACH)


@dataclass(frozen=True, eq=False)
class _Drawn:
    """Answers at places in [0, 1], as users draw them; arrays (num_places, num_answers) or (num_answers,).

    Attributes:
        q: the places.
        likely: how likely each is, up to a factor.
        total: their sum.
        standard, reasoning: passes of each model there.
        mean: of q.
        rest: what else they depend on: p_1, p_2, ξ_1, ξ_2, s and τ.
    """

    q: FloatArray
    likely: FloatArray
    total: FloatArray
    standard: FloatArray
    reasoning: FloatArray
    mean: FloatArray
    rest: tuple[FloatArray, ...]

    @classmethod
    def by(
        cls,
        rule: Rule,
        p1: FloatArray,
        p2: FloatArray,
        xi1: FloatArray,
        xi2: FloatArray,
        route: FloatArray,
        s: FloatArray,
        tau: FloatArray,
        best: FloatArray,
    ) -> _Drawn:
        """Under the density exp(U(q) / τ); all or none of the best responses are inside."""
        places, weights = rule
        parts = [(np.zeros_like(best), best), (best, np.ones_like(best))] if 0 < best[0] < 1 else [(0.0, 1.0)]
        q = np.concatenate([low + (high - low) * places for low, high in parts])
        weight = np.concatenate([(high - low) * weights for low, high in parts])
        standard, reasoning = expected_passes(p1, p2, route == 1, s, q, q)
        likely = xi1 * standard + xi2 * reasoning
        with np.errstate(over="ignore", under="ignore"):
            likely -= likely.max(axis=0)
            likely /= tau
            np.exp(likely, out=likely)
            likely *= weight
        total = likely.sum(axis=0)
        mean = np.minimum((likely * q).sum(axis=0) / total, 1.0)
        return cls(q, likely, total, standard, reasoning, mean, (p1, p2, xi1, xi2, s, tau))

    def slopes(self, value: FloatArray) -> FloatArray:
        """Change of the mean with V, p_1, p_2, t_1, t_2 and s, (`SLOPES`, num_answers)."""
        p1, p2, xi1, xi2, s, tau = self.rest
        stays, alone = 1 - self.q, 1 / (p2 + (1 - p2) * self.q)
        beyond = self.likely * (self.q - self.mean) / (tau * self.total)

        def over(passes: FloatArray) -> FloatArray:
            found: FloatArray = np.einsum("pn,pn->n", beyond, passes)
            return found

        squared = stays * self.standard**2
        n1, n2 = over(self.standard), over(self.reasoning)
        by_p1, both, later = over(squared), over(squared * alone), over(squared * alone * stays)
        by_p2 = over(self.reasoning * stays * alone)
        return np.stack(
            [
                p1 * n1 + p2 * n2,
                value * n1 - xi1 * (1 - s) * by_p1 - xi2 * s * both,
                value * n2 - xi2 * by_p2,
                -n1,
                -n2,
                (1 - p1) * (xi2 * (both - (1 - p1) * later) - xi1 * by_p1),
            ]
        )
