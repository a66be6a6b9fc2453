"""Cells that games lie in, and how far from their edges: what makes a reference game a fair question.

A cell is a sign regime, a kind of optimal commitment and whether throttling pays. Sixteen exist (docs/theory.md).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from routegame.agents.exact.best_response import Thresholds, best_response
from routegame.agents.exact.equilibrium import solve
from routegame.envs.arrays import BoolArray, FloatArray, Number, plain
from routegame.envs.chain import outcome
from routegame.envs.game import Game
from routegame.envs.scenarios import Cell, GameLike, as_two_model_game

FAR = 0.05
"""The least relative margin of a game that stands for its cell."""


@dataclass(frozen=True)
class CellPlacement:
    """The place of a game among the cells; arrays of the game's shape where it is a batch.

    Attributes:
        regime: signs of the net values, see `Solution.regime`.
        commitment: kind of the optimal commitment without throttling, see `routegame.envs.scenarios.Kind`.
        throttling_pays: whether slowing a model down would be cheaper still.
        commitment_margin: what the cheapest commitment of another kind costs more than the optimum, relative to
            the latter: of (1, 0), (1, s_0) or (1, s_L), (1, 1) and (2, 0), each under the user's best response.
        net_value_margin: the lesser |ξ_k| / (V p_k).
        throttling_margin: where throttling does not pay, what the cheaper of the outcomes that it alone brings about
            costs more than the optimum, relative to the latter; inf where there is no such outcome. Where it pays,
            the lesser of its gain relative to the optimum, and of the gap between driving users off the one model
            and off the other, relative to the cheaper.
    """

    regime: str | NDArray[np.str_]
    commitment: str | NDArray[np.str_]
    throttling_pays: bool | BoolArray
    commitment_margin: Number
    net_value_margin: Number
    throttling_margin: Number

    @property
    def cell(self) -> Cell:
        """The cell of a single game."""
        return Cell(self.regime, self.commitment, self.throttling_pays)  # type: ignore[arg-type]

    @property
    def margin(self) -> Number:
        """The least of the three margins; a game stands for its cell where it is at least `FAR`."""
        least: Number = plain(
            np.minimum(np.minimum(self.commitment_margin, self.net_value_margin), self.throttling_margin)
        )
        return least


def place(game: GameLike) -> CellPlacement:
    """Return where a game, or every game of a batch, lies.

    >>> where = place(Game(9, 15, (0.1, 0.3), (1, 2), (1, 3.3)))
    >>> where.regime, where.commitment, where.throttling_pays, round(where.margin, 4)
    ('latency-value', 'cascade', False, 0.0613)
    """
    game = as_two_model_game(game)
    solution = solve(game)
    best, pays = solution.equilibrium, np.asarray(solution.throttling.pays)
    least = np.asarray(best.provider_cost)
    kind = kind_of(best.route, best.cascade_prob, best.abandon_prob)
    return CellPlacement(
        regime=solution.regime,
        commitment=str(kind) if kind.ndim == 0 else kind,
        throttling_pays=plain(pays),
        commitment_margin=plain(_above(_of_other_kinds(game, solution.thresholds, kind), least)),
        net_value_margin=plain(_net_value_margin(game)),
        throttling_margin=plain(_throttling_margin(game, least, pays)),
    )


def kind_of(
    route: ArrayLike, cascade_prob: ArrayLike, abandon_prob: ArrayLike | tuple[Number, ...]
) -> NDArray[np.str_]:
    """Kind of an optimal commitment and its answer, see `routegame.envs.scenarios.Kind`; shapes broadcast."""
    s, q = np.asarray(cascade_prob), np.asarray(abandon_prob)
    mixes = (q > 0) & (q < 1)
    return np.select(
        [np.equal(route, 2), s == 0, mixes, q == 1], ["reasoning", "standard", "mixed", "leave"], "cascade"
    )


def _of_other_kinds(game: Game, at: Thresholds, kind: NDArray[np.str_]) -> FloatArray:
    """Cost of the cheapest commitment of another kind than the optimal one, of the game's shape."""
    xi1, xi2 = game.net_value
    threshold = np.where(np.isnan(at.s_0), at.s_L, at.s_0)
    any_cascade = np.less_equal(xi1, 0) & np.less_equal(xi2, 0)  # users leave at once whatever s is
    tried = (
        (_cost(game, 1, 0.0), kind == "standard"),
        (_cost(game, 1, np.nan_to_num(threshold)), np.isnan(threshold) | (kind == "cascade")),
        (_cost(game, 1, 1.0), any_cascade | (kind == "leave")),
        (_cost(game, 2, 0.0), kind == "reasoning"),
    )
    cheapest: FloatArray = np.minimum.reduce([np.where(same, np.inf, cost) for cost, same in tried])
    return cheapest


def _cost(game: Game, route: int, cascade_prob: ArrayLike) -> FloatArray:
    answer = best_response(game, route, cascade_prob)
    return np.asarray(outcome(game, route, cascade_prob, answer).provider_cost)


def _net_value_margin(game: Game) -> FloatArray:
    shares = (np.abs(xi) / (game.task_value * p) for xi, p in zip(game.net_value, game.success_prob, strict=True))
    lesser: FloatArray = np.broadcast_to(np.minimum(*shares), game.shape)
    return lesser


def _throttling_margin(game: Game, least: FloatArray, pays: BoolArray) -> FloatArray:
    """Users can be made to leave model k without throttling where ξ_2 < 0, and model 1 where ξ_1 < 0 as well."""
    xi1, xi2 = game.net_value
    leave1, leave2 = (_cost_of_leaving(game, k) for k in (0, 1))
    new1, new2 = np.greater(xi1, 0) & np.greater(xi2, 0), np.greater(xi2, 0)
    spare = _above(np.minimum(np.where(new1, leave1, np.inf), np.where(new2, leave2, np.inf)), least)
    gain = 1 - np.minimum(leave1, leave2) / least
    gap = _above(np.maximum(leave1, leave2), np.minimum(leave1, leave2))
    margin: FloatArray = np.where(pays, np.minimum(gain, gap), spare)
    return margin


def _cost_of_leaving(game: Game, model: int) -> FloatArray:
    """c_k + P (1 − p_k): one pass of a model, which users leave after a failure."""
    return np.asarray(game.cost[model] + game.churn_penalty * (1 - game.success_prob[model]))


def _above(cost: FloatArray, least: FloatArray) -> FloatArray:
    """Return how much more a cost is than the least, relative to the latter; inf where both are 0."""
    with np.errstate(divide="ignore", invalid="ignore"):
        share: FloatArray = np.where(least > 0, cost / least - 1, np.inf)
    return share
