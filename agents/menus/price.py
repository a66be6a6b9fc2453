"""The price of going on: what an unsolved task costs a provider whose users could leave, at the least.

A user may leave after the first failure. So what follows it must be worth at least 0 to the user, on average, or the
user leaves. Of the ways to bring that about the cheapest is one of three:

* stay:  one model k for good, at k_k = c_k / p_k, where ξ_k >= 0;
* leave: no pass more, at the churn penalty P, where some model is not worth a pass, ξ_k <= 0;
* mix:   a model l that is not worth its wait and one j that is, ξ_l < 0 < ξ_j, in such shares that a pass is worth
  exactly 0: (ξ_j c_l − ξ_l c_j) / (ξ_j p_l − ξ_l p_j).

It is a linear program with two constraints, and these are its corners (docs/models.md).
"""

from __future__ import annotations

from functools import cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from routegame.agents.menus.picking import Models, Pick, least
from routegame.envs.arrays import BoolArray, FloatArray
from routegame.envs.game import INDIFFERENCE

STAY, LEAVE, MIX = 0, 1, 2
"""Ways of going on."""


class GoingOn(NamedTuple):
    """The cheapest way of going on in each game; arrays (num_games,).

    Attributes:
        price: m, in units of cost.
        way: STAY, LEAVE or MIX.
        waits: l of a mix, the model that is not worth its wait; elsewhere the same as `keeps`.
        keeps: j of a mix, or k, the model that users stay with; where they leave, one that they would not stay with.
        share: of passes on l in a mix, w_l; 0 elsewhere.
        least_value: the least of the ξ_k.
    """

    price: FloatArray
    way: NDArray[np.int8]
    waits: Models
    keeps: Models
    share: FloatArray
    least_value: FloatArray


def going_on(
    net_value: FloatArray,
    success_prob: FloatArray,
    cost: FloatArray,
    churn_penalty: FloatArray,
    *,
    stay: FloatArray | None = None,
    in_order: bool = False,
) -> GoingOn:
    """Find the cheapest way of going on. Of ways that cost the same the first of stay, leave and mix is taken.

    Args:
        net_value: ξ_k, (K, num_games).
        success_prob: p_k, (K, num_games).
        cost: c_k, (K, num_games).
        churn_penalty: P, (num_games,).
        stay: c_k / p_k, (K, num_games), if it is known already.
        in_order: whether l must come before j among the models, as it must where tasks are never handed back.

    Returns:
        A `GoingOn`; its price is inf where there is no way, which is only where `in_order` leaves none.
    """
    if stay is None:
        stay = cost / success_prob
    stay = np.where(net_value < 0, np.inf, stay)
    keeps, price = least(stay)
    worst, least_value = least(net_value)
    leaves = (least_value <= 0) & (churn_penalty < price * (1 - INDIFFERENCE))
    way = leaves.astype(np.int8)
    np.copyto(price, churn_penalty, where=leaves)
    np.copyto(keeps, worst, where=leaves)
    waits, share = keeps.copy(), np.zeros(price.size)
    some = ((least_value < 0) & (np.maximum.reduce(net_value) > 0)).nonzero()[0]
    if some.size:
        parts = (x.take(some, axis=1, mode="clip") for x in (net_value, success_prob, cost))
        mixed, first, second, odds = _cheapest_pair(*parts, in_order=in_order)
        better = mixed < price[some] * (1 - INDIFFERENCE)
        chosen, first, second, odds = some[better], first[better], second[better], odds[better]
        slow = net_value[first, chosen] < 0  # odds are those of the second against the first
        price[chosen], way[chosen] = mixed[better], MIX
        waits[chosen], keeps[chosen] = np.where(slow, first, second), np.where(slow, second, first)
        share[chosen] = 1 / (1 + np.where(slow, odds, 1 / odds))
    return GoingOn(price, way, waits, keeps, share, least_value)


def _cheapest_pair(
    net_value: FloatArray, success_prob: FloatArray, cost: FloatArray, *, in_order: bool
) -> tuple[FloatArray, Models, Models, FloatArray]:
    """Price of the cheapest mix, inf where there is none; its two models, and the odds of the second."""
    first, second = _pairs(len(net_value))
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        odds = net_value[first] / net_value[second]
        np.negative(odds, out=odds)
        paid = odds * cost[second]
        paid += cost[first]
        solved = odds * success_prob[second]
        solved += success_prob[first]
        paid /= solved
    possible: BoolArray = odds > 0
    possible &= odds < np.inf
    if in_order:
        possible &= net_value[first] < 0
    paid[~possible] = np.inf
    best, price = least(paid)
    return price, first[best], second[best], Pick(best, np.arange(best.size))(odds)


def hand_overs(waits: FloatArray, solves: FloatArray, keeps: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return how a list i, l, j whose start i is a third model hands over, so that going on is worth nothing after i.

    Args:
        waits: ξ_l < 0, any shape.
        solves: p_l, the same shape.
        keeps: v_j > 0, what staying with j for good is worth, the same shape.

    Returns:
        Probability of going from i to l, else to j: 1 unless l is worth too little even if it hands over at once; and
        that of going from l to j, which is more than 1 there.
    """
    with np.errstate(over="ignore", divide="ignore"):
        moves = -waits / ((1 - solves) * keeps)
        return np.where(moves > 1, keeps / (solves * keeps - waits), 1.0), moves


@cache
def _pairs(num_models: int) -> tuple[Models, Models]:
    first, second = np.triu_indices(num_models, 1)
    return first, second
