"""Exact results about a game, from `routegame.agents.exact.equilibrium`, for one game or a batch."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, fields, is_dataclass, replace

import numpy as np
from numpy.typing import ArrayLike, NDArray

from routegame.agents.exact.best_response import Thresholds
from routegame.agents.exact.solved_game import Profile
from routegame.envs.arrays import Flag, Number, plain
from routegame.envs.chain import outcome_of, visits
from routegame.envs.game import Game, Information


@dataclass(frozen=True)
class RoutingProfile(Profile):
    """A commitment, the user's answer to it, and what both bring about.

    Attributes:
        route: model that serves the first pass, 1 or 2.
        cascade_prob: probability that a failed, retried task moves to model 2.
        abandon_prob: probability that the user gives up after a failure; a pair, after a failure of either model,
            where the user sees which one failed.
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

    @property
    def leader_cost(self) -> float:
        """Cost of a task to the provider."""
        return float(self.provider_cost)

    @property
    def follower_utility(self) -> float:
        """Utility of a task to the user."""
        return float(self.user_utility)

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
class Solution:
    """Everything that is known exactly about a game; arrays of the game's shape where the game is a batch.

    Attributes:
        game: as given.
        net_value: ξ_i of each model, in units of latency.
        cost_of_pass: c_i / p_i of each model, in units of cost.
        thresholds: cascade probabilities at which the user's best response changes.
        equilibrium: the strong Stackelberg equilibrium.
        weak_provider_cost: infimum of the provider's cost where indifferent users act as it dislikes.
        user_preferred: the commitment that the user would choose.
        misalignment_gap: how much more that would bring the user, in units of latency.
        throttling: what slowing the models down is worth.
        no_commitment: the game in which nobody moves first; None unless the user is `memoryless`.
        information: what the user sees besides the commitment.
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

    @property
    def regime(self) -> str | NDArray[np.str_]:
        """Signs of (ξ_1, ξ_2) in words: value-dominated (>= 0, the user would retry) or latency-dominated."""
        first, second = (np.where(np.asarray(xi) < 0, "latency", "value") for xi in self.net_value)
        names = np.char.add(np.char.add(first, "-"), second)
        return str(names) if names.ndim == 0 else names

    def to_dict(self) -> dict[str, object]:
        """Return the solution as plain numbers, strings and lists, ready for JSON; nan and inf become None."""
        document = {f.name: _jsonable(getattr(self, f.name)) for f in fields(self)}
        return {
            "game": self.game.to_dict(),
            "net_value": document["net_value"],
            "cost_of_pass": document["cost_of_pass"],
            "regime": np.asarray(self.regime).tolist(),
            **{name: document[name] for name in list(document)[3:]},
        }


def shaped(models: Iterable[ArrayLike], game: Game) -> tuple[Number, ...]:
    """Return each model's value in the shape of the game, plain numbers for a single one."""
    return tuple(plain(np.broadcast_to(x, game.shape)) for x in models)


def leaves_of(value: object) -> Iterator[NDArray[np.generic]]:
    """Yield the arrays of nested dataclasses and tuples, those of the game itself left out."""
    if isinstance(value, np.ndarray):
        yield value
    elif isinstance(value, tuple):
        for part in value:
            yield from leaves_of(part)
    elif is_dataclass(value) and not isinstance(value, Game):
        for f in fields(value):
            yield from leaves_of(getattr(value, f.name))


def rebuilt(value: object, leaves: Iterator[NDArray[np.generic]], game: Game) -> object:
    """Return the same nesting with other arrays, taken in the order of `leaves_of` and given the game's shape."""
    if isinstance(value, np.ndarray):
        return next(leaves).reshape(game.shape)
    if isinstance(value, Game):
        return game
    if isinstance(value, tuple):
        return tuple(rebuilt(part, leaves, game) for part in value)
    if is_dataclass(value) and not isinstance(value, type):
        return replace(value, **{f.name: rebuilt(getattr(value, f.name), leaves, game) for f in fields(value)})
    return value


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
