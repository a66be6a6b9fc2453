"""Exact results about a game, from `routegame.agents.exact.equilibrium`, for one game or a batch."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, fields, is_dataclass
from functools import reduce
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from routegame.agents.exact.best_response import Thresholds
from routegame.agents.exact.solved_game import PricedProfile
from routegame.envs.arrays import BoolArray, Flag, Number, plain
from routegame.envs.chain import outcome_of, visits
from routegame.envs.game import Game, Information
from routegame.envs.policy import Policy

Order = Literal["paper", "fixed", "free"]
"""Orders in which models may follow each other."""

EXACT = 1e-9
"""Relative gap up to which a commitment counts as the best one."""


@dataclass(frozen=True)
class RoutingProfile(PricedProfile):
    """A commitment, the user's answer to it, and what both bring about.

    Attributes:
        route: model that serves the first pass, from 1; 0 where it is drawn.
        cascade_prob: probability that a failed, retried task moves from model 1 to model 2; nan where the commitment
            is another than model 1, then 2.
        abandon_prob: probability that the user gives up after a failure; one for each model where the user sees which
            one failed.
        throttled_latency: latency of each model in force, >= the game's.
        solve_prob: probability that the task ends solved.
        expected_latency: in units of latency.
        expected_cost: in units of cost, without the churn penalty.
        user_utility: in units of latency.
        provider_cost: in units of cost, with the churn penalty.
        cascade_free: True where every cascade probability would lead to the same outcome.
    """

    route: int | NDArray[np.int64]
    cascade_prob: Number
    abandon_prob: Number | tuple[Number, ...]
    throttled_latency: tuple[Number, ...]
    solve_prob: Number
    expected_latency: Number
    expected_cost: Number
    user_utility: Number
    provider_cost: Number
    cascade_free: Flag

    @property
    def follower_answer(self) -> float:
        """The abandonment probability of users who do not see which model failed."""
        return float(np.asarray(self.abandon_prob))

    @classmethod
    def of(cls, game: Game, route: ArrayLike, cascade_prob: ArrayLike, abandon_prob: ArrayLike) -> RoutingProfile:
        """Complete a commitment and its answer with the exact outcome; `game` has the latencies in force.

        Nothing is checked; shapes are those of the game.
        """
        abandon = np.asarray(abandon_prob, dtype=np.float64)
        result = outcome_of(game, visits(game.success_prob, route, cascade_prob, abandon))
        xi1, xi2 = game.net_value
        never_stays = (np.asarray(xi1) <= 0) & (np.asarray(xi2) <= 0) & (abandon == 1)
        return cls(
            route=plain(route),
            cascade_prob=plain(cascade_prob),
            abandon_prob=plain(abandon),
            throttled_latency=shaped(game.latency, game),
            cascade_free=plain((np.asarray(route) == 2) | never_stays),
            **{f.name: plain(np.broadcast_to(getattr(result, f.name), game.shape)) for f in fields(result)},
        )


@dataclass(frozen=True)
class Throttling:
    """The gain of a provider that may slow its models down (Mahmood 2026, Proposition 2).

    Attributes:
        pays: whether the equilibrium with throttling is strictly cheaper.
        gain: by how much, in units of cost; 0 where it does not pay.
        provider_cost: cost of the equilibrium with throttling.
        throttled_latency: the least latencies at which that equilibrium is reached; the game's where it does not pay.
        safe_churn_penalty: the least churn penalty from which on throttling never pays.
    """

    pays: Flag
    gain: Number
    provider_cost: Number
    throttled_latency: tuple[Number, ...]
    safe_churn_penalty: Number


@dataclass(frozen=True)
class NoCommitment:
    """The same game when nobody moves first: provider and user choose at once (docs/theory.md).

    The provider plays a static route, which is always among its best replies. To users who leave at once a cascade
    that drives them away, (1, s >= s_H), is a best reply too; it is not counted, for to users of whom any ever stays
    s = 0 is strictly better wherever leave_1 < leave_2: that equilibrium is not trembling-hand perfect.

    Attributes:
        provider_cost: the provider's cost in the equilibrium; the cheapest one where there are several pure ones.
        value_of_commitment: that cost less the Stackelberg cost, never negative.
        pure: whether an equilibrium in pure strategies exists.
    """

    provider_cost: Number
    value_of_commitment: Number
    pure: Flag


@dataclass(frozen=True)
class Certificate:
    """What says how good a commitment is: a bound that no commitment gets below.

    Attributes:
        lower_bound: in units of cost.
        provider_cost: of the commitment, as it is played.
    """

    lower_bound: Number
    provider_cost: Number

    @property
    def gap(self) -> Number:
        """What the commitment costs more than the bound, as a share of its cost; rounding can make it negative."""
        cost = np.asarray(self.provider_cost)
        more: Number = plain(np.subtract(cost, self.lower_bound) / np.where(cost == 0, 1, cost))
        return more

    @property
    def status(self) -> str | NDArray[np.str_]:
        """Whether the commitment is the best one: "exact" where its gap is at most `EXACT`, else "gap"."""
        words: str | NDArray[np.str_] = plain(np.where(np.less_equal(self.gap, EXACT), "exact", "gap"))
        return words

    def to_dict(self) -> dict[str, object]:
        """Return bound, status and gap as plain values, ready for JSON."""
        return {
            "lower_bound": _jsonable(self.lower_bound),
            "status": _jsonable(self.status),
            "gap": _jsonable(self.gap),
        }


@dataclass(frozen=True)
class Solution:
    """Everything that is known exactly about a game; arrays of the game's shape where the game is a batch.

    Attributes:
        game: as given.
        net_value: ξ_i of each model, in units of latency.
        cost_of_pass: c_i / p_i of each model, in units of cost.
        thresholds: cascade probabilities at which the user's best response changes; nan unless the commitment is
            model 1, then 2.
        equilibrium: the strong Stackelberg equilibrium.
        weak_provider_cost: infimum of the provider's cost where indifferent users act as it dislikes.
        user_preferred: the commitment that the user would choose.
        misalignment_gap: how much more that would bring the user, in units of latency.
        throttling: what slowing the models down is worth.
        no_commitment: the game in which nobody moves first; None unless the user is `memoryless`.
        information: what the user sees besides the commitment.
        order: "paper", of two models the first, then the second; "fixed", never back to an earlier one; or "free".
        decline: whether users may refuse the first pass, too.
        price_of_going_on: m, what an unsolved task costs after the first pass, at the least; in units of cost. None in
            the paper's order, as all that follows.
        margin_price: what it costs a task to make going on worth one unit of latency more than nothing; nan where
            users leave.
        policy: the commitment in full.
        certificate: how good it is.
        other_order: cost of two models in the order 2, then 1; single games only.
    """

    game: Game
    net_value: tuple[Number, ...]
    cost_of_pass: tuple[Number, ...]
    thresholds: Thresholds
    equilibrium: RoutingProfile
    weak_provider_cost: Number
    user_preferred: RoutingProfile
    misalignment_gap: Number
    throttling: Throttling
    no_commitment: NoCommitment | None
    information: Information = "memoryless"
    order: Order = "paper"
    decline: bool = False
    price_of_going_on: Number | None = None
    margin_price: Number | None = None
    policy: Policy | None = None
    certificate: Certificate | None = None
    other_order: float | None = None

    @property
    def regime(self) -> str | NDArray[np.str_]:
        """Signs of the ξ_k in words: value-dominated (>= 0, the user would retry) or latency-dominated."""
        words = [np.where(np.asarray(xi) < 0, "latency", "value") for xi in self.net_value]
        names = reduce(lambda so_far, word: np.char.add(np.char.add(so_far, "-"), word), words)
        return str(names) if names.ndim == 0 else names

    @property
    def visited(self) -> list[int] | BoolArray | None:
        """Models that ever run, from 1; in a batch a flag for each, (..., K). None in the paper's order."""
        if self.policy is None:
            return None
        leaves = np.asarray(self.equilibrium.abandon_prob)
        stays = ~np.equal(leaves if leaves.ndim == len(self.policy.shape) else leaves[0], 1)
        runs = self.policy.visited(stays) & (stays[..., None] if self.decline else True)
        return (np.flatnonzero(runs) + 1).tolist() if runs.ndim == 1 else runs

    def to_dict(self) -> dict[str, object]:
        """Return the solution as plain numbers, strings and lists, ready for JSON; nan and inf become None."""
        document: dict[str, Any] = {f.name: _jsonable(getattr(self, f.name)) for f in fields(self)}
        names = [f.name for f in fields(self)]
        since = names.index("order")  # what follows says nothing of the paper's order
        if self.policy is not None:
            document["certificate"] = None if self.certificate is None else self.certificate.to_dict()
            for name in ("equilibrium", "user_preferred"):
                document[name]["route"] = document[name]["route"] or None
            if all(value is None for value in document["thresholds"].values()):
                document["thresholds"] = None
            document["policy"], document["visited"] = self.policy.to_dict(), _jsonable(self.visited)
            document["other_order"] = None if self.other_order is None else {"provider_cost": self.other_order}
            names.insert(names.index("policy") + 1, "visited")
        return {
            "game": self.game.to_dict(),
            "net_value": document["net_value"],
            "cost_of_pass": document["cost_of_pass"],
            "regime": np.asarray(self.regime).tolist(),
            **{name: document[name] for name in (names[3:since] if self.policy is None else names[3:])},
        }


def shaped(models: Iterable[ArrayLike], game: Game) -> tuple[Number, ...]:
    """Return each model's value in the shape of the game, plain numbers for a single one."""
    return tuple(plain(np.broadcast_to(x, game.shape)) for x in models)


def _jsonable(value: object) -> object:
    """Return nested dataclasses and arrays as dictionaries and lists, nan and inf as None."""
    if is_dataclass(value) and not isinstance(value, type):
        return {f.name: _jsonable(getattr(value, f.name)) for f in fields(value)}
    if isinstance(value, tuple):
        return [_jsonable(x) for x in value]
    if isinstance(value, np.ndarray):
        return [_jsonable(x) for x in value.tolist()]
    if isinstance(value, float) and not np.isfinite(value):
        return None
    return value
