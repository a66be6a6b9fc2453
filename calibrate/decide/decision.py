"""The decision which commitment to make on the ground of a log, and how surely it is the right one.

Users answer with the noise that was found in the log, so a commitment is worth what such users make of it; the exact
equilibrium is the limit of users without noise. The optimum of the most likely game is no good answer: a provider
wants as few hand-overs as keep users from leaving, so it often lies just beyond the edge of a cliff, and nobody knows
the edge that well. On the wrong side the cost jumps. So the commitment is taken whose regret, averaged over all games
that the log may well be of, is least: it keeps as much clear of the edge as the log is vague about it.

Where the log does not tell V, how often a game is drawn says nothing: it depends on how V was laid out before. Then
the greatest regret counts instead of the average, and all games instead of 95 % of them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from routegame.calibrate.decide.candidates import Candidates, Offer
from routegame.calibrate.decide.posterior import PosteriorDraws
from routegame.calibrate.estimate.counts import Arm
from routegame.envs.arrays import FloatArray
from routegame.eval.statistics import LEVEL, SUCCESS, Estimate


@dataclass(frozen=True, eq=False)
class Curve:
    """The provider's cost over cascade probabilities on route 1, and on route 2, with 95 % bands.

    Attributes:
        cascade_prob: (num_points,), increasing.
        cost: J, arrays (num_points,).
        route_2: J.
    """

    cascade_prob: FloatArray
    cost: Estimate
    route_2: Estimate


@dataclass(frozen=True, eq=False)
class Decision:
    """A commitment and what is known about it.

    Numbers are medians over the drawn games, with the interval that holds the middle 95 % of them, or all of them where
    V is not identified. So a number and its interval are of one distribution, and the number lies within. That of the
    most likely game need not: where users are cold, a cost jumps at an edge, and that game may be on the rarer side.

    Attributes:
        commitment: the recommended one.
        plug_in: the optimum of the most likely game; None where V is not identified.
        num_draws: how many games were drawn.
        provider_cost: J under the recommendation.
        user_utility: U under it.
        in_force_cost: J under what is in force.
        in_force_utility: U under it.
        saving: of J, from what is in force to the recommendation.
        cascade_prob: of the best commitment of each game, among those that begin with model 1; nan without any.
        misalignment: how much more U the commitment that users like best would bring.
        throttling_gain: how much less J would be if models were so slow that users leave after a failure; 0 if not.
        safe_penalty: the least P from which on that never pays.
        wrong: share of games in which the recommendation costs over 1 % more than their own optimum.
        regret: relative, of the recommendation.
        expected_regret: its mean over games, which no other commitment undercuts where V is identified.
        in_force_wrong: as `wrong`, of what is in force.
        regimes: share of games of each sign regime, the commonest first; empty for several kinds of users.
        kinds: share of games of each kind of best commitment.
        curve: J over commitments.
        preferred: the commitment that users like best, in most games.
        kept: share of users who would rather stay than leave under the recommendation; None where users are alike.
        in_force_kept: under what is in force.
    """

    commitment: Offer
    plug_in: Offer | None
    num_draws: int
    provider_cost: Estimate
    user_utility: Estimate
    in_force_cost: Estimate
    in_force_utility: Estimate
    saving: Estimate
    cascade_prob: Estimate
    misalignment: Estimate
    throttling_gain: Estimate
    safe_penalty: Estimate
    wrong: float
    regret: Estimate
    expected_regret: float
    in_force_wrong: float
    regimes: Mapping[str, float]
    kinds: Mapping[str, float]
    curve: Curve
    preferred: Offer
    kept: Estimate | None = None
    in_force_kept: Estimate | None = None

    def to_dict(self) -> dict[str, object]:
        """Return all but the curve as plain values."""
        named = (
            "provider_cost user_utility in_force_cost in_force_utility saving cascade_prob misalignment"
            " throttling_gain safe_penalty regret"
        ).split()
        return {
            "commitment": vars(self.commitment),
            "plug_in": None if self.plug_in is None else vars(self.plug_in),
            "chance_wrong": self.wrong,
            "chance_wrong_in_force": self.in_force_wrong,
            **{name: vars(getattr(self, name)) for name in named},
            "expected_regret": self.expected_regret,
            "regimes": dict(self.regimes),
            "best_by_kind": dict(self.kinds),
            "user_preferred": vars(self.preferred),
            "draws": self.num_draws,
            **({} if self.kept is None else {"share_kept": vars(self.kept)}),
            **({} if self.in_force_kept is None else {"share_kept_in_force": vars(self.in_force_kept)}),
        }


def decide(draws: Sequence[PosteriorDraws], centre: Sequence[PosteriorDraws], arms: Sequence[Arm]) -> Decision:
    """Choose the commitment of least expected regret.

    Args:
        draws: as many games for each group of users; all groups face the same commitment.
        centre: the most likely game of each; empty where V is not identified.
        arms: what is in force.
    """
    candidates = Candidates(draws, arms)
    chosen = candidates.hedged(worst=not centre)
    level = LEVEL if centre else 1.0
    likeliest = Candidates(centre, arms, candidates.cascade_prob) if centre else None

    def middle(drawn: FloatArray) -> Estimate:
        return estimate_of(drawn, level)

    regret = candidates.regret(chosen)
    differ = any(group.log_sd is not None for group in draws)
    return Decision(
        commitment=chosen,
        plug_in=likeliest.best(0) if likeliest else None,
        num_draws=len(draws[0]),
        provider_cost=middle(candidates.provider_cost(chosen)),
        user_utility=middle(candidates.user_utility(chosen)),
        in_force_cost=middle(candidates.cost_in_force()),
        in_force_utility=middle(candidates.utility_in_force()),
        saving=middle(candidates.saving(chosen)),
        cascade_prob=middle(candidates.own_cascade()),
        misalignment=middle(candidates.misalignment(chosen)),
        throttling_gain=middle(candidates.throttling_gain(chosen)),
        safe_penalty=middle(candidates.safe_penalty()),
        wrong=float(np.mean(regret > SUCCESS)),
        regret=middle(regret),
        expected_regret=float(regret.mean()),
        in_force_wrong=float(np.mean(candidates.cost_in_force() > candidates.least * (1 + SUCCESS))),
        regimes=_regimes(draws[0]) if len(draws) == 1 and not differ else {},
        kinds=shares_of(candidates.kinds()),
        curve=_curve(candidates, chosen, level),
        preferred=candidates.preferred(),
        kept=middle(candidates.kept(chosen)) if differ else None,
        in_force_kept=middle(candidates.kept_in_force()) if differ else None,
    )


def _curve(candidates: Candidates, chosen: Offer, level: float) -> Curve:
    """J over commitments, the chosen one among them."""
    s, cost = candidates.cascade_prob, candidates.on_1.provider_cost
    if chosen.route == 1 and chosen.cascade_prob not in s:
        at = int(np.searchsorted(s, chosen.cascade_prob))
        s, cost = np.insert(s, at, chosen.cascade_prob), np.insert(cost, at, candidates.provider_cost(chosen), axis=1)
    return Curve(s, estimate_of(cost, level), estimate_of(candidates.on_2.provider_cost[:, 0], level))


def estimate_of(drawn: FloatArray, level: float) -> Estimate:
    """The median along the first axis, within the middle draws, a share `level` of them."""
    if not len(drawn):
        return Estimate(np.nan, np.nan, np.nan)
    low, middle, high = np.quantile(drawn, [(1 - level) / 2, 0.5, (1 + level) / 2], axis=0)
    if np.ndim(middle) == 0:
        return Estimate(float(middle), float(low), float(high))
    return Estimate(middle, low, high)


def _regimes(draws: PosteriorDraws) -> dict[str, float]:
    first, second = (np.where(np.asarray(xi) < 0, "latency", "value") for xi in draws.games.net_value)
    return shares_of(np.char.add(np.char.add(first, "-"), second))


def shares_of(names: NDArray[np.str_]) -> dict[str, float]:
    """Share of each name, the commonest first."""
    known, count = np.unique(names, return_counts=True)
    order = np.argsort(-count, kind="stable")
    return {str(known[k]): float(count[k] / len(names)) for k in order}
