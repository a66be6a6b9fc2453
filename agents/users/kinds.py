"""The kinds of users that a leader can face besides learned ones: each answers any commitment, exactly.

    exact                  its best response                             `routegame.agents.exact.best_response`
    quantal:TEMPERATURE    answers are the likelier the better they are  `routegame.agents.users.quantal`
    robust:DELTA           the dearest of its nearly best answers        `routegame.agents.users.robust`

Both parameters are in units of latency. All are memoryless: one probability of leaving, whichever model failed.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import astuple, dataclass, fields
from typing import ClassVar

import numpy as np

from routegame.agents.exact.best_response import best_response
from routegame.agents.exact.equilibrium import solve
from routegame.agents.exact.solution import RoutingProfile
from routegame.agents.exact.solved import solved
from routegame.agents.users.quantal import quantal_equilibrium, quantal_response
from routegame.agents.users.robust import robust_equilibrium, robust_response
from routegame.envs.arrays import FloatArray
from routegame.envs.checks import ParameterError, as_single
from routegame.envs.commitment import Commitments, RoutingGame
from routegame.envs.game import INDIFFERENCE, Game
from routegame.envs.stackelberg import Response, StackelbergGame


@dataclass(frozen=True)
class Follower(ABC):
    """A kind of user. Its `str` is what `follower` makes it from again."""

    KIND: ClassVar[str]

    @abstractmethod
    def __call__(self, game: Game, commitments: Commitments) -> FloatArray:
        """Answer commitments at the latencies in force: abandonment probabilities, (num_commitments,).

        Args:
            game: a single game, or one for each commitment.
            commitments: what the provider commits to.
        """

    @abstractmethod
    def equilibrium(self, game: Game) -> RoutingProfile:
        """Return the provider's cheapest commitment to such users without throttling, in one game or a batch."""

    def __str__(self) -> str:
        return ":".join([self.KIND, *map(repr, astuple(self))])


@dataclass(frozen=True)
class ExactFollower(Follower):
    """A user who answers with its best response; ties go to staying.

    >>> game = Game(9, 15, (0.1, 0.3), (1, 2), (1, 3.6))
    >>> ExactFollower()(game, Commitments.unthrottled(game, 1, [0.04, 0.05])).tolist()
    [1.0, 0.0]
    """

    KIND: ClassVar[str] = "exact"

    def __call__(self, game: Game, commitments: Commitments) -> FloatArray:
        """Answer commitments, see `Follower`."""
        in_force = commitments.in_force(game)
        return np.asarray(best_response(in_force, commitments.route, commitments.cascade_prob))

    def equilibrium(self, game: Game) -> RoutingProfile:
        """Return the strong equilibrium, in which indifferent users act as the provider likes."""
        return solve(game).equilibrium


@dataclass(frozen=True)
class QuantalFollower(Follower):
    """A user whose answers are the likelier the better they are for it.

    Args:
        temperature: τ > 0, in units of latency; what an answer must be better by to be e times as likely.

    Raises:
        ParameterError: a temperature out of range, or more than one.

    >>> game = Game(9, 15, (0.1, 0.3), (1, 2), (1, 3.6))
    >>> QuantalFollower(0.01)(game, Commitments.unthrottled(game, 1, [0.04, 0.05])).round(3).tolist()
    [0.866, 0.004]
    """

    temperature: float

    KIND: ClassVar[str] = "quantal"

    def __post_init__(self) -> None:
        object.__setattr__(self, "temperature", as_single("temperature", self.temperature, 0, np.inf, closed="neither"))

    def __call__(self, game: Game, commitments: Commitments) -> FloatArray:
        """Answer commitments, see `Follower`."""
        in_force = commitments.in_force(game)
        return np.asarray(quantal_response(in_force, commitments.route, commitments.cascade_prob, self.temperature))

    def equilibrium(self, game: Game) -> RoutingProfile:
        """Return the cheapest commitment; its cost is within a relative 1e-9 of the least."""
        return quantal_equilibrium(game, self.temperature)


@dataclass(frozen=True)
class RobustFollower(Follower):
    """A user who does, of all that costs it no more than δ of its best utility, what costs the provider most.

    Args:
        delta: δ >= 0, in units of latency.

    Raises:
        ParameterError: a slack out of range, or more than one.

    >>> game = Game(9, 15, (0.1, 0.3), (1, 2), (1, 3.6))
    >>> RobustFollower(0.01)(game, Commitments.unthrottled(game, 1, [0.041, 0.05])).round(4).tolist()
    [1.0, 0.0039]
    """

    delta: float

    KIND: ClassVar[str] = "robust"

    def __post_init__(self) -> None:
        object.__setattr__(self, "delta", as_single("delta", self.delta, 0, np.inf, closed="low"))

    def __call__(self, game: Game, commitments: Commitments) -> FloatArray:
        """Answer commitments, see `Follower`."""
        in_force = commitments.in_force(game)
        return np.asarray(robust_response(in_force, commitments.route, commitments.cascade_prob, self.delta))

    def equilibrium(self, game: Game) -> RoutingProfile:
        """Return the commitment that is cheapest at worst, clear of jumps; see `robust_equilibrium`."""
        found = robust_equilibrium(game, self.delta)
        answer = robust_response(game, found.route, found.cascade_prob, self.delta)
        return RoutingProfile.of(game, found.route, found.cascade_prob, answer)


FOLLOWERS: dict[str, type[Follower]] = {kind.KIND: kind for kind in (ExactFollower, QuantalFollower, RobustFollower)}


def follower(spec: str) -> Follower:
    """Return the kind of users that a word stands for: `exact`, `quantal:TEMPERATURE` or `robust:DELTA`.

    Raises:
        ParameterError: no such kind, a parameter missing, out of range or too many.

    >>> follower("quantal:0.5"), str(follower("robust:2"))
    (QuantalFollower(temperature=0.5), 'robust:2.0')
    """
    name, *given = spec.split(":") if isinstance(spec, str) else [""]
    kind = FOLLOWERS.get(name)
    if kind is None or len(given) != len(fields(kind)):
        raise ParameterError("follower", "exact, quantal:TEMPERATURE or robust:DELTA", spec)
    try:
        numbers = [float(number) for number in given]
    except ValueError:
        raise ParameterError("follower", "exact, quantal:TEMPERATURE or robust:DELTA", spec) from None
    return kind(*numbers)


def response(game: StackelbergGame, spec: str) -> Response:
    """Return how a kind of follower answers commitments of a game, (num_commitments,); outside routing only `exact`.

    Raises:
        ParameterError: there is no such kind, or none in this game.
    """
    return solved(game).response(follower(spec))


def follower_optimum(game: RoutingGame, follower: Follower) -> RoutingProfile:
    """Return the cheapest commitment of a game to a kind of users, with their answer: what regret is measured from.

    Without throttling it is the follower's `equilibrium`. With it, slowing down both models all the way or neither
    is enough, at the cheapest s for each. For slower models never make users stay longer, and

    * for a given s and stationary q latencies do not matter to the provider, and its cost is monotone in s. Where the
      answer is continuous in the latencies, any between the two extremes can be had; given one that is strictly
      between, s can move to where the cost is no greater until an extreme is reached or s is 0 or 1. There the cost
      is monotone in q as well.
    * exact users who jump from leaving to staying at s_0 stay from the least s on where the models are fastest, and
      leave up to the greatest where they are slowest.
    * for users within δ of their best see docs/theory.md, "Throttling".

    Of equal costs the one without throttling is returned.

    >>> game = RoutingGame(Game(8, 5, (0.1, 0.3), (0.5, 1.5), (1, 3.3)), throttling=True)
    >>> optimum = follower_optimum(game, QuantalFollower(0.1))
    >>> optimum.route, optimum.throttled_latency, round(optimum.abandon_prob, 4), round(optimum.provider_cost, 4)
    (1, (1.6, 4.8), 0.9038, 5.5474)
    """
    unthrottled = game.game
    if not game.throttling:
        return follower.equilibrium(unthrottled)
    (t1, t2), (slowest1, slowest2) = unthrottled.latency, game.max_latency
    extremes = unthrottled.with_latency((np.array([t1, slowest1]), np.array([t2, slowest2])))
    found = follower.equilibrium(extremes)
    cost, abandon_prob = np.asarray(found.provider_cost), np.asarray(found.abandon_prob)
    k = int(cost[1] < cost[0] * (1 - INDIFFERENCE))
    route, cascade_prob = np.asarray(found.route)[k].item(), np.asarray(found.cascade_prob)[k].item()
    return RoutingProfile.of(extremes.single(k), route, cascade_prob, abandon_prob[k])
