"""Posterior draws: games that a log may well be of, with their users, and what a commitment comes to in each.

Hundreds of games are drawn in proportion to how likely the log is if it is theirs. The cost of a commitment is then
not a number but one in each game, and a decision can be taken that is good in nearly all.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import isfinite

import numpy as np
from numpy.typing import ArrayLike

from routegame.agents.users.quantal import quantal_response
from routegame.calibrate.decide.user_mixture import UserMixture, Worth
from routegame.calibrate.estimate.estimates import Estimates, values_of
from routegame.calibrate.estimate.task_value import TaskValueEstimate, draw_users
from routegame.calibrate.estimate.value_spread import ValueSpread
from routegame.calibrate.log.layout import title_of
from routegame.envs.arrays import FloatArray
from routegame.envs.chain import outcome_of, visits
from routegame.envs.game import Game
from routegame.eval.statistics import HALF_WIDTH, LEVEL, Estimate


@dataclass(frozen=True, eq=False)
class PosteriorDraws:
    """Games that were drawn, or the most likely one alone, and the noise of their users.

    Attributes:
        name: of the segment; empty for all users.
        share: of all tasks.
        games: a batch, (num_games,).
        temperature: of the quantal response in each, in units of latency, (num_games,).
        log_sd: standard deviation of log V over users, around the games' V, (num_games,); None where all are alike.
        rough: whether answers need not be known so well, where there are many groups; see `quantal_response`.
    """

    name: str
    share: float
    games: Game
    temperature: FloatArray
    log_sd: FloatArray | None = None
    rough: bool = False

    def __len__(self) -> int:
        return len(self.temperature)

    def worth(self, route: ArrayLike, cascade_prob: ArrayLike) -> Worth:
        """Judge commitments in every game.

        Args:
            route: 1 or 2, (num_commitments,) or (num_games, num_commitments).
            cascade_prob: the same shape.
        """
        if self.log_sd is not None:
            return self._of_users(route, cascade_prob).worth()
        games = columns(self.games)
        n = visits(
            games.success_prob,
            route,
            cascade_prob,
            quantal_response(games, route, cascade_prob, self.temperature[:, None], rough=self.rough),
        )
        found = outcome_of(games, n)
        return Worth(
            *(
                np.broadcast_to(x, np.shape(found.provider_cost))
                for x in (found.expected_cost, n.abandoned, found.user_utility, found.provider_cost)
            )
        )

    def kept(self, route: ArrayLike, cascade_prob: ArrayLike) -> FloatArray:
        """Share of users who would rather stay than leave, in every game under each commitment."""
        return self._of_users(route, cascade_prob).kept()

    def leavers(self, route: ArrayLike, cascade_prob: ArrayLike) -> tuple[FloatArray, FloatArray]:
        """Failures of a task, and how many of them users leave after, in every game under each commitment."""
        return self._of_users(route, cascade_prob).leavers()

    def _of_users(self, route: ArrayLike, cascade_prob: ArrayLike) -> UserMixture:
        spread = np.zeros(len(self)) if self.log_sd is None else self.log_sd
        return UserMixture(self.games, self.temperature, spread, route, cascade_prob)


def columns(games: Game) -> Game:
    """A batch (num_games,) as (num_games, 1), to be held against commitments."""
    value, penalty, pairs = games.task_value, games.churn_penalty, (games.success_prob, games.latency, games.cost)
    p, t, c = ((np.reshape(x, (-1, 1)), np.reshape(y, (-1, 1))) for x, y in pairs)
    return Game(np.reshape(value, (-1, 1)), np.reshape(penalty, (-1, 1)), p, t, c)


def worth(draws: Sequence[PosteriorDraws], route: ArrayLike, cascade_prob: ArrayLike) -> Worth:
    """Judge commitments that several groups of users face together, a task of any of them."""
    total = sum(group.share for group in draws)
    parts = [(group.share / total, group.worth(route, cascade_prob)) for group in draws]
    return Worth(*(sum(share * getattr(part, name) for share, part in parts) for name in Worth.__annotations__))


def likely(
    found: Estimates, task_value: TaskValueEstimate, churn_penalty: float, value_spread: ValueSpread | None = None
) -> PosteriorDraws:
    """The most likely game alone, where V is identified."""
    one = np.ones(1)
    p, t, c = (tuple(x * one for x in values_of(each)) for each in (found.success_prob, found.latency, found.cost))
    game = Game(float(task_value.estimate.value) * one, churn_penalty * one, p, t, c)
    log_sd = None if value_spread is None else float(value_spread.log_sd.value) * one
    return PosteriorDraws(found.name, found.tasks, game, task_value.temperature * one, log_sd)


def draw_posterior(
    found: Estimates,
    spread: float,
    churn_penalty: float,
    number: int,
    rng: np.random.Generator,
    *,
    identified: bool = True,
    value_spread: ValueSpread | None = None,
) -> PosteriorDraws:
    """Draw games in proportion to how likely the log is.

    Costs are drawn around their means by themselves: users do not see them. That a slow pass is often a dear one is
    left out, as it changes nothing at first order.

    Args:
        found: estimates from the log, or from one of its segments.
        spread: of decisions, see `Tally.decision_spread`.
        churn_penalty: P.
        number: of games; even.
        rng: of the draws.
        identified: whether V is, see `draw_users`.
        value_spread: of users who differ; None for users who are alike.
    """
    log_sd = None
    if value_spread is None:
        users = draw_users(found.users, found.models, number, rng, spread, identified=identified)
    else:
        users, log_sd = value_spread.posterior.users(number, rng)
    cost = tuple(
        np.maximum(float(c.value) + (float(c.high) - float(c.value)) / HALF_WIDTH * rng.standard_normal(number), 0.0)
        for c in found.cost
    )
    penalty = np.full(number, churn_penalty)
    game = Game(users.task_value, penalty, users.success_prob, users.latency, cost)
    return PosteriorDraws(found.name, found.tasks, game, users.temperature, log_sd)


def noise_of(draws: PosteriorDraws) -> Estimate:
    """The noise of users' answers, in units of latency: median of the drawn games, and the middle 95 % of them."""
    tail = (1 - LEVEL) / 2
    low, middle, high = np.quantile(draws.temperature, [tail, 0.5, 1 - tail])
    return Estimate(float(middle), float(low), float(high))


def unknown(found: Estimates, models: tuple[str, ...]) -> str:
    """The reason why no game can be drawn, in words; empty if there is none."""
    titles = (title_of(name, len(models)) for name in models)
    for title, passes, share, cost in zip(titles, found.passes, found.success_prob, found.cost, strict=True):
        if not passes:
            return f"{title} never ran: the log says nothing about it"
        if not 0 < share.value < 1:
            return f"{title} solved {'every' if share.value else 'no'} task it was given: the model needs both"
        if not isfinite(float(cost.high)):
            return f"the passes of {title} are all of one user: nothing tells how users vary"
    return ""
