"""The decision what to commit to in each context, beside the best single commitment for all, and what that gains.

Each context is a game of its own, whose commitment is that of least expected regret, as it is where tasks do not differ
(`routegame.calibrate.decide.decision`). Hundreds of mixes are drawn that the log may well be of: the games of all
contexts, and how common these are. Costs, savings and regrets are those of a task of any context.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from routegame.agents.exact.best_response import thresholds
from routegame.calibrate.decide.candidates import LEVELS, MARGINS, NUM_EVEN, NUM_SMALL, Candidates, Offer
from routegame.calibrate.decide.decision import estimate_of, shares_of
from routegame.calibrate.decide.menu_offers import MenuOffer
from routegame.calibrate.decide.posterior import PosteriorDraws
from routegame.calibrate.estimate.counts import Arm
from routegame.envs.arrays import FloatArray
from routegame.eval.statistics import LEVEL, SUCCESS, Estimate


@dataclass(frozen=True, eq=False)
class ContextDecision:
    """A commitment in one context; numbers are medians over the drawn mixes, with the middle 95 % of them.

    Attributes:
        name: of the context.
        weight: share of all tasks.
        commitment: the recommended one.
        provider_cost: J of a task of the context under it.
        user_utility: U under it.
        in_force_cost: J under what is in force there.
        one_for_all_cost: J under the best single commitment for all contexts.
        wrong: share of the mixes in which it costs over 1 % more than the best of this context.
        kinds: share of the mixes of each kind of best commitment.
    """

    name: str
    weight: float
    commitment: Offer | MenuOffer
    provider_cost: Estimate
    user_utility: Estimate
    in_force_cost: Estimate
    one_for_all_cost: Estimate
    wrong: float
    kinds: dict[str, float]

    def to_dict(self) -> dict[str, object]:
        """Return all as plain values."""
        named = ("provider_cost", "user_utility", "in_force_cost", "one_for_all_cost")
        return {
            "commitment": self.commitment.to_dict(),
            **{name: vars(getattr(self, name)) for name in named},
            "chance_wrong": self.wrong,
            "best_by_kind": dict(self.kinds),
        }


@dataclass(frozen=True, eq=False)
class MixDecision:
    """A policy over contexts and what is known about it; numbers as in `ContextDecision`, of a task of any context.

    Attributes:
        contexts: the commitment of each.
        one_for_all: the best single commitment for all of them.
        num_draws: how many mixes were drawn.
        provider_cost: J under the recommendation.
        user_utility: U under it.
        in_force_cost: J under what is in force.
        saving: of J, from what is in force to the recommendation.
        one_for_all_cost: J under the best single commitment.
        gain: of J, from that to the recommendation.
        wrong: share of the mixes in which the recommendation costs over 1 % more than their own optimum.
        regret: relative, of the recommendation.
        expected_regret: its mean over mixes.
        in_force_wrong: as `wrong`, of what is in force.
        one_for_all_wrong: as `wrong`, of the best single commitment.
    """

    contexts: tuple[ContextDecision, ...]
    one_for_all: Offer | MenuOffer
    num_draws: int
    provider_cost: Estimate
    user_utility: Estimate
    in_force_cost: Estimate
    saving: Estimate
    one_for_all_cost: Estimate
    gain: Estimate
    wrong: float
    regret: Estimate
    expected_regret: float
    in_force_wrong: float
    one_for_all_wrong: float

    def to_dict(self) -> dict[str, object]:
        """Return all but the contexts as plain values."""
        named = ("provider_cost", "user_utility", "in_force_cost", "saving", "one_for_all_cost", "gain", "regret")
        return {
            "one_for_all": self.one_for_all.to_dict(),
            "chance_wrong": self.wrong,
            "chance_wrong_in_force": self.in_force_wrong,
            "chance_wrong_one_for_all": self.one_for_all_wrong,
            **{name: vars(getattr(self, name)) for name in named},
            "expected_regret": self.expected_regret,
            "draws": self.num_draws,
        }


def decide_mix(draws: Sequence[PosteriorDraws], weights: FloatArray, arms: Sequence[Sequence[Arm]]) -> MixDecision:
    """Choose the commitment of least expected regret in each context, and the best single one for all.

    Args:
        draws: as many games for each context, whose shares are their numbers of tasks.
        weights: of the contexts in each drawn mix, (num_draws, C).
        arms: what is in force in each context.
    """
    candidates = [Candidates([group], known) for group, known in zip(draws, arms, strict=True)]
    single = Candidates(draws, arms[0], _cascades(draws, arms)).hedged(worst=False)
    chosen = []
    for each in candidates:
        offer = each.hedged(worst=False)
        worth = each.of(offer)
        cost, utility = worth.provider_cost[:, 0], worth.user_utility[:, 0]
        pooled = each.provider_cost(single)
        chosen.append(Chosen(offer, cost, utility, each.cost_in_force(), pooled, each.least, shares_of(each.kinds())))
    return judged_together(draws, weights, chosen, single)


@dataclass(frozen=True, eq=False)
class Chosen:
    """A commitment that was chosen in a context, and what it comes to in each drawn game; arrays (num_draws,).

    Attributes:
        offer: the commitment.
        cost: J under it.
        utility: U under it.
        in_force: J under what is in force.
        pooled: J under the best single commitment for all contexts.
        least: J of the best commitment of each game.
        kinds: share of the games of each kind of best commitment.
    """

    offer: Offer | MenuOffer
    cost: FloatArray
    utility: FloatArray
    in_force: FloatArray
    pooled: FloatArray
    least: FloatArray
    kinds: dict[str, float]


def judged_together(
    draws: Sequence[PosteriorDraws], weights: FloatArray, chosen: Sequence[Chosen], single: Offer | MenuOffer
) -> MixDecision:
    """Judge a commitment in each context, and one for all of them, by the mean over contexts.

    Args:
        draws: games of each context, whose shares are their numbers of tasks.
        weights: of the contexts in each drawn mix, (num_draws, C).
        chosen: the commitment of each context.
        single: the best single one for all.
    """
    cost, utility, was, pooled, least = (
        np.stack([getattr(each, name) for each in chosen], axis=1)
        for name in ("cost", "utility", "in_force", "pooled", "least")
    )
    least = np.minimum(least, np.minimum(cost, pooled))

    def mean(each: FloatArray) -> FloatArray:
        found: FloatArray = (weights * each).sum(axis=1)
        return found

    total, best = mean(cost), mean(least)
    regret = np.divide(total - best, best, out=np.zeros_like(best), where=best > 0)
    share = np.array([group.share for group in draws])
    return MixDecision(
        contexts=tuple(
            ContextDecision(
                group.name,
                float(share[x] / share.sum()),
                each.offer,
                _middle(cost[:, x]),
                _middle(utility[:, x]),
                _middle(was[:, x]),
                _middle(pooled[:, x]),
                float(np.mean(cost[:, x] > least[:, x] * (1 + SUCCESS))),
                each.kinds,
            )
            for x, (group, each) in enumerate(zip(draws, chosen, strict=True))
        ),
        one_for_all=single,
        num_draws=len(draws[0]),
        provider_cost=_middle(total),
        user_utility=_middle(mean(utility)),
        in_force_cost=_middle(mean(was)),
        saving=_middle(mean(was - cost)),
        one_for_all_cost=_middle(mean(pooled)),
        gain=_middle(mean(pooled - cost)),
        wrong=float(np.mean(regret > SUCCESS)),
        regret=_middle(regret),
        expected_regret=float(regret.mean()),
        in_force_wrong=float(np.mean(mean(was) > best * (1 + SUCCESS))),
        one_for_all_wrong=float(np.mean(mean(pooled) > best * (1 + SUCCESS))),
    )


def _middle(drawn: FloatArray) -> Estimate:
    return estimate_of(drawn, LEVEL)


def _cascades(draws: Sequence[PosteriorDraws], arms: Sequence[Sequence[Arm]]) -> FloatArray:
    """Cascade probabilities to look at for all contexts together: around the edges of all their games at once."""
    found = [np.linspace(0, 1, NUM_EVEN), np.geomspace(1e-3, 0.2, NUM_SMALL)]
    found += [np.nan_to_num([arm.cascade_prob for arm in known]) for known in arms]
    edges = [np.asarray(edge) for group in draws for edge in vars(thresholds(group.games)).values()]
    known = np.concatenate([edge[np.isfinite(edge)] for edge in edges])
    if len(known):
        found += [np.quantile(known, LEVELS) * margin for margin in MARGINS]
    every = np.unique(np.concatenate(found).round(6))
    return every[(every >= 0) & (every <= 1)]
