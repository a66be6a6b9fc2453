"""Commitments side by side in all games that a log may well be of: costs, regrets, savings and temptations."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from routegame.agents.exact.best_response import thresholds
from routegame.calibrate.decide.posterior import PosteriorDraws, worth
from routegame.calibrate.decide.user_mixture import Worth
from routegame.calibrate.estimate.counts import Arm
from routegame.envs.arrays import FloatArray, IntArray
from routegame.numerals import rounded_prob

NUM_EVEN, NUM_SMALL = 41, 21
"""Cascade probabilities that are looked at everywhere: evenly spaced, and ever smaller ones."""

LEVELS = np.array([0.05, 0.25, 0.5, 0.75, 0.9, 0.97])
"""Quantiles of the edges of the drawn games, at which cascade probabilities are looked at too."""

MARGINS = (1.0, 1.03, 1.1, 1.25)
"""Factors by which cascade probabilities lie beyond these quantiles."""

ZOOMS, ZOOM_POINTS = 3, 9
"""Grids, one inside the other, around the best cascade probability of each game."""

TIE = 1e-3
"""Relative difference in cost below which commitments are as good as each other: the simplest is said to be best."""

AS_GOOD = TIE / 10
"""Relative difference in cost below which a cascade probability of few digits is taken for one of many."""

DIGITS = 3
"""Digits of a cascade probability to begin with: that on which a decision is taken is that which is read."""


@dataclass(frozen=True)
class Offer:
    """A commitment that leaves both models as fast as they are; see `routegame.envs.commitment.Commitment`.

    Nothing is checked: offers are made by the thousand, from numbers that a log or a grid has told.

    Attributes:
        route: model of the first pass, 1 or 2.
        cascade_prob: share of retries on model 1 that are handed over; 0 on route 2.
    """

    route: int
    cascade_prob: float

    @classmethod
    def cascade(cls, cascade_prob: float, cost: Callable[[float], float], most: float) -> Offer:
        """Return route 1 with a cascade probability of as few digits as cost no more than a limit.

        So what is recommended is what was judged, and it can be read and typed without crossing an edge.

        Args:
            cascade_prob: that is best.
            cost: of one, whatever is to be kept low.
            most: what it may be.
        """
        return cls(1, rounded_prob(cascade_prob, DIGITS, lambda short: cost(short) <= most))

    def to_dict(self) -> dict[str, object]:
        """Return the commitment as plain values."""
        return {"route": self.route, "cascade_prob": self.cascade_prob}

    @property
    def kind(self) -> str:
        """`reasoning`, `standard` or `cascade`."""
        return "reasoning" if self.route == 2 else "cascade" if self.cascade_prob else "standard"


class Candidates:
    """Commitments that may be the best one, side by side in all games that were drawn.

    Args:
        draws: see `decide`.
        arms: what is in force.
        cascade_prob: those on route 1 to look at, increasing; default: where the games may have their optima.
    """

    def __init__(
        self, draws: Sequence[PosteriorDraws], arms: Sequence[Arm], cascade_prob: FloatArray | None = None
    ) -> None:
        self.draws, self.arms = draws, arms
        self.cascade_prob = _cascades(draws, arms) if cascade_prob is None else cascade_prob
        self.on_1 = worth(draws, 1, self.cascade_prob)
        self.on_2 = worth(draws, 2, np.zeros(1))
        self.least, self.route, self.own = self._optima()

    def of(self, offer: Offer) -> Worth:
        """The consequences of a commitment, (num_games, 1)."""
        return worth(self.draws, offer.route, np.array([offer.cascade_prob]))

    def best(self, game: int) -> Offer:
        """The cheapest commitment of a game, up to `AS_GOOD`."""
        if self.route[game] == 2:
            return Offer(2, 0.0)
        return Offer.cascade(
            float(self.own[game]),
            lambda s: float(self.provider_cost(Offer(1, s))[game]),
            float(self.least[game]) * (1 + AS_GOOD),
        )

    def regret(self, offer: Offer) -> FloatArray:
        """Relative regret: the cost of a commitment beyond the optimum of each game, relative to that, (num_games,)."""
        return self._relative(self.provider_cost(offer)[:, None])[:, 0]

    def provider_cost(self, offer: Offer) -> FloatArray:
        """J under a commitment, (num_games,)."""
        return self.of(offer).provider_cost[:, 0]

    def user_utility(self, offer: Offer) -> FloatArray:
        """U under a commitment, (num_games,)."""
        return self.of(offer).user_utility[:, 0]

    def cost_in_force(self) -> FloatArray:
        """J under what is in force, (num_games,)."""
        cost: FloatArray = self._in_force.provider_cost @ self._weights
        return cost

    def utility_in_force(self) -> FloatArray:
        """U under what is in force, (num_games,)."""
        utility: FloatArray = self._in_force.user_utility @ self._weights
        return utility

    def saving(self, offer: Offer) -> FloatArray:
        """J in force less J under a commitment, (num_games,)."""
        saved: FloatArray = self.cost_in_force() - self.provider_cost(offer)
        return saved

    def kept(self, offer: Offer) -> FloatArray:
        """Share of users who would rather stay than leave under a commitment, (num_games,)."""
        total = sum(group.share for group in self.draws)
        parts = (group.share / total * group.kept(offer.route, [offer.cascade_prob]) for group in self.draws)
        share: FloatArray = np.sum(list(parts), axis=0)[:, 0]
        return share

    def kept_in_force(self) -> FloatArray:
        """The same under what is in force."""
        shares = [self.kept(Offer(arm.route, float(np.nan_to_num(arm.cascade_prob)))) for arm in self.arms]
        kept: FloatArray = np.stack(shares, axis=1) @ self._weights
        return kept

    def misalignment(self, offer: Offer) -> FloatArray:
        """U under the commitment that users like best less U under this one, (num_games,)."""
        best = np.maximum(self.on_1.user_utility.max(axis=1), self.on_2.user_utility[:, 0])
        gap: FloatArray = np.maximum(best - self.user_utility(offer), 0.0)
        return gap

    def throttling_gain(self, offer: Offer) -> FloatArray:
        """J under a commitment less J if users are driven off by one failure, where that is less, (num_games,)."""
        leave = np.minimum(*(cost for cost, _ in self._one_pass))
        gain: FloatArray = np.maximum(self.provider_cost(offer) - leave, 0.0)
        return gain

    def safe_penalty(self) -> FloatArray:
        """The least P from which on slowing down never pays, (num_games,).

        Answers do not depend on P. So the cost of every commitment is a line in P, whose slope is the share of tasks
        given up, and so is that of driving users off after one pass. That undercuts less steep lines up to where they
        meet, and steeper ones from there on: all of them on an interval, whose end is sought, if on any.
        """
        cost = np.concatenate([self.on_1.expected_cost, self.on_2.expected_cost], axis=1)
        lost = np.concatenate([self.on_1.abandoned, self.on_2.abandoned], axis=1)
        safe = np.zeros(len(cost))
        for _, (once, fails) in self._one_pass:
            with np.errstate(divide="ignore", invalid="ignore"):
                meet = (cost - once[:, None]) / (fails[:, None] - lost)
            end = np.where(lost < fails[:, None], meet, np.inf).min(axis=1)
            begin = np.where(lost > fails[:, None], meet, 0.0).max(axis=1)
            safe = np.maximum(safe, np.where(begin < end, end, 0.0))
        return safe

    def own_cascade(self) -> FloatArray:
        """Best cascade probability of the games whose best commitment begins with model 1."""
        chosen: FloatArray = self.own[self.route == 1]
        return chosen

    def kinds(self) -> NDArray[np.str_]:
        """Kind of the best commitment of each game; the simplest of those that are as good."""
        enough = self.least * (1 + TIE)
        first = self.on_1.provider_cost[:, 0] <= enough
        second = self.on_2.provider_cost[:, 0] <= enough
        return np.select([first, second], ["standard", "reasoning"], "cascade")

    def preferred(self) -> Offer:
        """The commitment that users like best on average over games."""
        on_1, on_2 = self.on_1.user_utility.mean(axis=0), float(self.on_2.user_utility.mean())
        k = int(on_1.argmax())
        best = float(on_1[k])
        if on_2 > best:
            return Offer(2, 0.0)
        return Offer.cascade(
            float(self.cascade_prob[k]),
            lambda s: -float(self.user_utility(Offer(1, s)).mean()),
            AS_GOOD * abs(best) - best,
        )

    def hedged(self, *, worst: bool) -> Offer:
        """The commitment whose relative regret is least, on average over games or in the worst of them."""
        over = np.max if worst else np.mean
        s = self.cascade_prob
        regret = over(self._relative(self.on_1.provider_cost), axis=0)
        on_2 = float(over(self._relative(self.on_2.provider_cost)))
        k = int(regret.argmin())
        least, at, low, high = regret[k], s[k], s[max(k - 1, 0)], s[min(k + 1, len(s) - 1)]
        for _ in range(ZOOMS if least < on_2 else 0):
            inside = np.linspace(low, high, ZOOM_POINTS)
            fine = over(self._relative(worth(self.draws, 1, inside).provider_cost), axis=0)
            j = int(fine.argmin())
            if fine[j] < least:
                least, at = fine[j], inside[j]
            low, high = inside[max(j - 1, 0)], inside[min(j + 1, ZOOM_POINTS - 1)]
        spare = min(least, on_2) + AS_GOOD
        if regret[0] <= spare:
            return Offer(1, 0.0)
        if on_2 <= spare:
            return Offer(2, 0.0)
        return Offer.cascade(float(at), lambda s: float(over(self.regret(Offer(1, s)))), spare)

    @cached_property
    def _weights(self) -> FloatArray:
        tasks = np.array([arm.tasks for arm in self.arms], dtype=np.float64)
        share: FloatArray = tasks / tasks.sum()
        return share

    @cached_property
    def _in_force(self) -> Worth:
        route = np.array([arm.route for arm in self.arms])
        return worth(self.draws, route, np.nan_to_num([arm.cascade_prob for arm in self.arms]))

    @cached_property
    def _one_pass(self) -> list[tuple[FloatArray, tuple[FloatArray, FloatArray]]]:
        """J of one pass of each model whose users leave after a failure, its cost and how often it fails."""
        found, share = [], np.array([group.share for group in self.draws])
        for k in (0, 1):
            once, fails = (
                np.average(np.stack(rows), axis=0, weights=share)
                for rows in (
                    [np.broadcast_to(group.games.cost[k], len(group)) for group in self.draws],
                    [1 - np.broadcast_to(group.games.success_prob[k], len(group)) for group in self.draws],
                )
            )
            found.append((once + np.asarray(self.draws[0].games.churn_penalty) * fails, (once, fails)))
        return found

    def _relative(self, cost: FloatArray) -> FloatArray:
        """Regret of costs (num_games, n), relative to the least of each game; 0 / 0 = 0."""
        over = np.maximum(cost - self.least[:, None], 0.0)
        relative: FloatArray = np.divide(
            over, self.least[:, None], out=np.where(over > 0, np.inf, 0.0), where=self.least[:, None] > 0
        )
        return relative

    def _optima(self) -> tuple[FloatArray, IntArray, FloatArray]:
        """Least cost of each game, the route and the cascade probability that it takes, (num_games,) each."""
        s, rows = self.cascade_prob, np.arange(len(self.draws[0]))
        k = self.on_1.provider_cost.argmin(axis=1)
        least, at = self.on_1.provider_cost[rows, k], s[k]
        low, high = s[np.maximum(k - 1, 0)], s[np.minimum(k + 1, len(s) - 1)]
        for _ in range(ZOOMS):
            inside = np.linspace(low, high, ZOOM_POINTS, axis=1)
            cost = worth(self.draws, 1, inside).provider_cost
            k = cost.argmin(axis=1)
            better = cost[rows, k] < least
            least, at = np.where(better, cost[rows, k], least), np.where(better, inside[rows, k], at)
            low, high = inside[rows, np.maximum(k - 1, 0)], inside[rows, np.minimum(k + 1, ZOOM_POINTS - 1)]
        on_2 = self.on_2.provider_cost[:, 0]
        second = on_2 < least
        return np.where(second, on_2, least), np.where(second, 2, 1), at


def _cascades(draws: Sequence[PosteriorDraws], arms: Sequence[Arm]) -> FloatArray:
    """Cascade probabilities to look at: everywhere, in force, and around the edges of the games."""
    coarse = 2 if any(group.log_sd is not None for group in draws) else 1  # as costs are smooth where users differ
    found = [np.linspace(0, 1, NUM_EVEN)[::coarse], np.geomspace(1e-3, 0.2, NUM_SMALL)[::coarse]]
    found.append(np.nan_to_num([arm.cascade_prob for arm in arms]))
    for group in draws:
        if group.log_sd is not None:
            continue  # edges of users who differ are all over the place
        for edge in vars(thresholds(group.games)).values():
            known = np.asarray(edge)[np.isfinite(edge)]
            if len(known):
                found += [np.quantile(known, LEVELS) * margin for margin in MARGINS]
    every = np.unique(np.concatenate(found).round(6))
    return every[(every >= 0) & (every <= 1)]
