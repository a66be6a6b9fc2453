"""The decision which commitment to make to any number of models, and how surely it is the right one.

As with two models (`routegame.calibrate.decide.decision`): the commitment is taken whose regret, averaged over all
games that the log may well be of, is least, and the greatest regret counts instead where V is not known. What is
looked at are the families of commitments that are optimal in some of these games for users without noise, one model
for good after any other, and the lists of two or three models that are cheapest in some of the games for users as they
are; each with shares on either side of its threshold.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from routegame.agents.solver import solve
from routegame.calibrate.decide.candidates import (
    AS_GOOD,
    DIGITS,
    LEVELS,
    MARGINS,
    NUM_EVEN,
    NUM_SMALL,
    TIE,
    ZOOM_POINTS,
    ZOOMS,
)
from routegame.calibrate.decide.decision import estimate_of, shares_of
from routegame.calibrate.decide.menu_offers import MenuOffer, thresholds_of, worth_of_policy, worth_of_shares
from routegame.calibrate.decide.posterior import PosteriorDraws
from routegame.calibrate.decide.user_mixture import Worth
from routegame.calibrate.estimate.commitments import PolicyCell
from routegame.envs.arrays import FloatArray
from routegame.eval.statistics import LEVEL, SUCCESS, Estimate
from routegame.numerals import rounded_prob

MOST_FAMILIES = 12
"""Most families with a share that are looked at: those that are optimal in most of the games."""

MOST_THREATS = 12
"""Most models that are looked at after every other: those that are optimal in most of the games, and of least cost."""

MOST_SCREENED = 8
"""Most models of which all lists are tried: those that are optimal in most of the games, then those of cheap passes."""

SCREENED_GAMES = 16
"""Games in which all lists are tried."""

SCREENED_SHARES = np.geomspace(0.01, 1, 9)
"""Shares with which they are tried."""

MOST_SHOWN = 8
"""Most families that are shown side by side."""


@dataclass(frozen=True, eq=False)
class MenuDecision:
    """A commitment to any number of models and what is known about it; numbers as in `Decision`.

    Attributes:
        commitment: the recommended one.
        plug_in: the best of the most likely game; None where V is not identified.
        num_draws: how many games were drawn.
        provider_cost: J under the recommendation.
        user_utility: U under it.
        in_force_cost: J under what is in force.
        in_force_utility: U under it.
        saving: of J, from what is in force to the recommendation.
        threshold: the share from which on users without noise stay, where the commitment has a share; else nan.
        stays: share of games in which such users stay under the recommendation.
        least_cost: J of the best commitment of each game, if users had no noise.
        price_of_going_on: m, of each game.
        wrong: share of games in which the recommendation costs over 1 % more than their own best.
        regret: relative, of the recommendation.
        expected_regret: its mean over games.
        in_force_wrong: as `wrong`, of what is in force.
        kinds: share of games of each kind of best commitment.
        alternatives: families with the share that is best on average, and J under it; the cheapest first.
        curve: shares of the recommended family and J under them, (num_shares,) each; empty without a share.
        preferred: the commitment that users like best, in most games, of those that are looked at.
        misalignment: how much more U that would bring.
    """

    commitment: MenuOffer
    plug_in: MenuOffer | None
    num_draws: int
    provider_cost: Estimate
    user_utility: Estimate
    in_force_cost: Estimate
    in_force_utility: Estimate
    saving: Estimate
    threshold: Estimate
    stays: float
    least_cost: Estimate
    price_of_going_on: Estimate
    wrong: float
    regret: Estimate
    expected_regret: float
    in_force_wrong: float
    kinds: dict[str, float]
    alternatives: tuple[tuple[MenuOffer, Estimate], ...]
    curve: tuple[FloatArray, Estimate]
    preferred: MenuOffer
    misalignment: Estimate

    def to_dict(self) -> dict[str, object]:
        """Return all but the curve as plain values."""
        named = (
            "provider_cost user_utility in_force_cost in_force_utility saving threshold least_cost price_of_going_on"
            " misalignment regret"
        ).split()
        return {
            "commitment": self.commitment.to_dict(),
            "plug_in": None if self.plug_in is None else self.plug_in.to_dict(),
            "chance_wrong": self.wrong,
            "chance_wrong_in_force": self.in_force_wrong,
            "chance_stays": self.stays,
            **{name: vars(getattr(self, name)) for name in named},
            "expected_regret": self.expected_regret,
            "best_by_kind": dict(self.kinds),
            "alternatives": [{**offer.to_dict(), "provider_cost": vars(cost)} for offer, cost in self.alternatives],
            "user_preferred": self.preferred.to_dict(),
            "draws": self.num_draws,
        }


def decide_menu(
    draws: Sequence[PosteriorDraws],
    centre: Sequence[PosteriorDraws],
    cells: Sequence[PolicyCell],
    titles: Sequence[str],
) -> MenuDecision:
    """Choose the commitment of least expected regret.

    Args:
        draws: as many games for each group of users; all groups face the same commitment.
        centre: the most likely game of each; empty where V is not identified.
        cells: users by the commitments that are in force.
        titles: names of the models.
    """
    candidates = MenuCandidates(draws, families_of(draws))
    chosen = candidates.hedged(worst=not centre)
    level = LEVEL if centre else 1.0

    def middle(drawn: FloatArray) -> Estimate:
        return estimate_of(drawn, level)

    own = candidates.of(chosen)
    cost, utility = own.provider_cost[:, 0], own.user_utility[:, 0]
    weights = [cell.tasks for cell in cells]
    force = [worth_of_policy(draws, cell.policy) for cell in cells]
    was, had = (
        np.average([getattr(part, name) for part in force], axis=0, weights=weights)
        for name in ("provider_cost", "user_utility")
    )
    regret = candidates.relative(cost[:, None])[:, 0]
    solved = [(group.share, solve(group.games, order="free")) for group in draws]
    total = sum(share for share, _ in solved)
    least, price = (
        sum(share / total * np.asarray(x) for share, x in pairs)
        for pairs in (
            [(share, solution.equilibrium.provider_cost) for share, solution in solved],
            [(share, solution.price_of_going_on) for share, solution in solved],
        )
    )
    edges = np.stack([thresholds_of(group, chosen) for group in draws])
    known = edges[np.isfinite(edges)]
    preferred = candidates.preferred()
    gap = np.maximum(candidates.of(preferred).user_utility[:, 0] - utility, 0.0)
    shares, table = candidates.table(chosen)
    return MenuDecision(
        commitment=chosen,
        plug_in=MenuCandidates(centre, candidates.families).hedged(worst=False) if centre else None,
        num_draws=len(draws[0]),
        provider_cost=middle(cost),
        user_utility=middle(utility),
        in_force_cost=middle(was),
        in_force_utility=middle(had),
        saving=middle(was - cost),
        threshold=middle(known) if chosen.mixes else estimate_of(np.zeros(0), level),
        stays=float((edges <= chosen.share).all(axis=0).mean()),
        least_cost=middle(np.asarray(least)),
        price_of_going_on=middle(np.asarray(price)),
        wrong=float(np.mean(regret > SUCCESS)),
        regret=middle(regret),
        expected_regret=float(regret.mean()),
        in_force_wrong=float(np.mean(was > candidates.least * (1 + SUCCESS))),
        kinds=shares_of(np.array([family.kind(titles) for family in candidates.simplest()])),
        alternatives=tuple((offer, middle(x)) for offer, x in candidates.side_by_side(MOST_SHOWN)),
        curve=(shares, estimate_of(table, level)) if chosen.mixes else (np.zeros(0), estimate_of(np.zeros(0), level)),
        preferred=preferred,
        misalignment=middle(gap),
    )


def best_costs(draws: Sequence[PosteriorDraws]) -> FloatArray:
    """The least J of each game over all commitments that are looked at, (num_games,)."""
    return MenuCandidates(draws, families_of(draws)).least


class MenuCandidates:
    """Families of commitments side by side in all games that were drawn.

    Args:
        draws: see `decide_menu`.
        families: to look at.
        together: whether thresholds of all groups are looked at as if they were those of one, where groups are many.
    """

    def __init__(
        self, draws: Sequence[PosteriorDraws], families: Sequence[MenuOffer], *, together: bool = False
    ) -> None:
        self.draws, self.families = draws, tuple(families)
        self.shares = [_shares(draws, family, together) for family in families]
        self.worth = [worth_of_shares(draws, *both) for both in zip(families, self.shares, strict=True)]
        self.own_least = np.stack([self._own_least(k) for k in range(len(families))])
        self.least: FloatArray = self.own_least.min(axis=0)

    def of(self, offer: MenuOffer) -> Worth:
        """The consequences of a commitment, (num_games, 1)."""
        return worth_of_shares(self.draws, offer, np.array([offer.share]))

    def relative(self, cost: FloatArray) -> FloatArray:
        """Regret of costs (num_games, n), relative to the least of each game; 0 / 0 = 0."""
        over = np.maximum(cost - self.least[:, None], 0.0)
        found: FloatArray = np.divide(
            over, self.least[:, None], out=np.where(over > 0, np.inf, 0.0), where=self.least[:, None] > 0
        )
        return found

    def simplest(self) -> list[MenuOffer]:
        """The family of the best commitment of each game; of those that are as good the one of fewest models."""
        good = self.own_least <= self.least * (1 + TIE)
        return [self.families[int(good[:, game].argmax())] for game in range(good.shape[1])]

    def table(self, offer: MenuOffer) -> tuple[FloatArray, FloatArray]:
        """Shares of the family of an offer, and J under them, (num_games, num_shares); that of the offer among them."""
        k = self.families.index(offer.with_share(0.0))
        shares = np.union1d(self.shares[k], [offer.share])
        return shares, worth_of_shares(self.draws, offer, shares).provider_cost

    def side_by_side(self, number: int) -> list[tuple[MenuOffer, FloatArray]]:
        """The cheapest families, each with the share that costs least on average, and J under it, (num_games,)."""
        found = []
        for family, shares, worth in zip(self.families, self.shares, self.worth, strict=True):
            k = int(worth.provider_cost.mean(axis=0).argmin())
            cost = worth.provider_cost[:, k]
            if family.mixes and not 0 < shares[k] < (1 if family.redraw else np.inf):
                continue  # the same as one model for good, which is in the table
            short = self._short(family, float(shares[k]), lambda x: float(x.provider_cost.mean()), float(cost.mean()))
            found.append((short, self.of(short).provider_cost[:, 0]))
        found.sort(key=lambda item: float(item[1].mean()))
        return found[:number]

    def preferred(self) -> MenuOffer:
        """The commitment that users like best on average over games."""
        means = [worth.user_utility.mean(axis=0) for worth in self.worth]
        k = int(np.argmax([mean.max() for mean in means]))
        best = float(means[k].max())
        share = float(self.shares[k][means[k].argmax()])
        return self._short(self.families[k], share, lambda x: -float(x.user_utility.mean()), AS_GOOD * abs(best) - best)

    def hedged(self, *, worst: bool) -> MenuOffer:
        """The commitment whose relative regret is least, on average over games or in the worst of them."""
        over = np.max if worst else np.mean
        regrets = [over(self.relative(worth.provider_cost), axis=0) for worth in self.worth]
        least = min(float(regret.min()) for regret in regrets)
        k = next(k for k, regret in enumerate(regrets) if regret.min() <= least + AS_GOOD)
        family, shares, regret = self.families[k], self.shares[k], regrets[k]
        at = int(regret.argmin())
        share, best = float(shares[at]), float(regret[at])
        low, high = shares[max(at - 1, 0)], shares[min(at + 1, len(shares) - 1)]
        for _ in range(ZOOMS if family.mixes else 0):
            inside = np.linspace(low, high, ZOOM_POINTS)
            fine = over(self.relative(worth_of_shares(self.draws, family, inside).provider_cost), axis=0)
            j = int(fine.argmin())
            if fine[j] < best:
                share, best = float(inside[j]), float(fine[j])
            low, high = inside[max(j - 1, 0)], inside[min(j + 1, ZOOM_POINTS - 1)]
        return self._short(family, share, lambda x: float(over(self.relative(x.provider_cost))), best + AS_GOOD)

    def _short(self, family: MenuOffer, share: float, cost: Any, most: float) -> MenuOffer:
        """A member of as few digits as cost no more than a limit: what is recommended is what is read and typed."""
        if not family.mixes:
            return family
        limit = most + 1e-12 * abs(most)
        return family.with_share(
            rounded_prob(share, DIGITS, lambda short: bool(cost(self.of(family.with_share(short))) <= limit))
        )

    def _own_least(self, k: int) -> FloatArray:
        """Least cost of each game within a family, (num_games,)."""
        cost, shares, family = self.worth[k].provider_cost, self.shares[k], self.families[k]
        rows, at = np.arange(len(cost)), cost.argmin(axis=1)
        least: FloatArray = cost[rows, at]
        low, high = shares[np.maximum(at - 1, 0)], shares[np.minimum(at + 1, len(shares) - 1)]
        for _ in range(ZOOMS if family.mixes else 0):
            inside = np.linspace(low, high, ZOOM_POINTS, axis=1)
            fine = worth_of_shares(self.draws, family, inside).provider_cost
            at = fine.argmin(axis=1)
            least = np.minimum(least, fine[rows, at])
            low, high = inside[rows, np.maximum(at - 1, 0)], inside[rows, np.minimum(at + 1, ZOOM_POINTS - 1)]
        return least


def families_of(draws: Sequence[PosteriorDraws]) -> list[MenuOffer]:
    """Families to look at, those of fewest models first."""
    models = draws[0].games.num_models
    mixes: Counter[MenuOffer] = Counter()
    seen: Counter[int] = Counter()
    for group in draws:
        policy = solve(group.games, order="free", redraw=True).policy
        assert policy is not None  # there is one in free order
        for start, row in zip(policy.start.argmax(axis=-1), policy.matrix[..., 0, :], strict=True):
            after = np.flatnonzero(row)
            seen.update({int(start), *map(int, after)})
            if len(after) > 1:
                mixes.update(_mixes(group, models, int(start), int(after[0]), int(after[1])))
    ends = [k for k, _ in seen.most_common(MOST_THREATS)]
    if models <= MOST_THREATS:
        ends = list(range(models))
    one = [MenuOffer(models, k, k, k) for k in range(models)]
    two = [MenuOffer(models, i, k, k) for i in ends for k in ends if i != k]
    price = sum(
        np.mean(np.asarray(group.games.cost) / np.asarray(group.games.success_prob), axis=-1) for group in draws
    )
    listed = [*(k for k, _ in seen.most_common()), *map(int, np.argsort(price, kind="stable"))]
    cheap = Counter[MenuOffer]()
    for group in draws:
        cheap.update(_cheapest_lists(group, list(dict.fromkeys(listed))[:MOST_SCREENED]))
    every = [family for found in (mixes, cheap) for family, _ in found.most_common(MOST_FAMILIES)]
    return [*one, *two, *dict.fromkeys(every)]


def _cheapest_lists(group: PosteriorDraws, models: Sequence[int]) -> list[MenuOffer]:
    """The list of two or three models, with a share, that is cheapest in each of a few games.

    Users without noise show where to look: but where they hesitate, a list may be best that is so in no game of theirs.
    """
    few = slice(SCREENED_GAMES)
    spread = None if group.log_sd is None else group.log_sd[few]
    games = next(group.games.blocks(SCREENED_GAMES))
    some = PosteriorDraws(group.name, 1.0, games, group.temperature[few], spread, group.rough)
    lists = [MenuOffer(games.num_models, i, j, k) for i in models for j in models for k in models if j != k]
    costs = [worth_of_shares([some], family, SCREENED_SHARES).provider_cost.min(axis=1) for family in lists]
    return [lists[k] for k in np.argmin(costs, axis=0)]


def _mixes(group: PosteriorDraws, models: int, start: int, first: int, second: int) -> list[MenuOffer]:
    """The families of a mix of two models after a start: a list, and afresh where no list reaches the optimum."""
    found = []
    xi = np.mean(np.asarray(group.games.net_value), axis=-1)
    waits, keeps = (first, second) if xi[first] < xi[second] else (second, first)
    found.append(MenuOffer(models, start, waits, keeps))
    if start != waits and not np.isfinite(thresholds_of(group, found[0])).all():
        found.append(MenuOffer(models, start, waits, keeps, redraw=True))
    return found


def _shares(draws: Sequence[PosteriorDraws], family: MenuOffer, together: bool) -> FloatArray:
    """Shares to look at: everywhere, and around the thresholds of the games."""
    if not family.mixes:
        return np.zeros(1)
    found = [np.linspace(0, 1, NUM_EVEN), np.geomspace(1e-3, 0.2, NUM_SMALL)]
    edges = [thresholds_of(group, family) for group in draws]
    for edge in [np.concatenate(edges)] if together else edges:
        known = edge[np.isfinite(edge)]
        if len(known):
            found += [np.quantile(known, LEVELS) * margin for margin in MARGINS]
    every = np.unique(np.concatenate(found).round(6))
    return every[(every >= 0) & (every <= 1)]
