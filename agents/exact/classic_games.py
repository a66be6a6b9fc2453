"""What is known in closed form of the games outside routing: best answers, outcomes and equilibria.

For whoever judges. What learners are told of a game is in `routegame.envs.stackelberg`.

* Matrix games: with two actions of the follower, the best commitment that makes it play one of them is a vertex of
  {x in the simplex: that action is a best response}: a pure strategy, or the mix of two that makes the follower
  indifferent. The better of the two linear programs decides (Conitzer & Sandholm 2006, "Computing the Optimal Strategy
  to Commit to", theorem 2). An indifferent follower plays what the leader likes: a strong equilibrium.
* Noisy commitment: the same for each of what the follower may do at its signals, at x_a Pr(signal | a) in place of x.
* Duopoly: with r(x) = (a − b x − c_F) / (2 b) the follower's best answer while that is positive, the leader earns
  x (a − 2 c_L + c_F − b x) / 2; from x_0 = (a − c_F) / b on it is alone (von Stackelberg 1934).
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from routegame.envs.arrays import FloatArray
from routegame.envs.checks import ParameterError
from routegame.envs.classic.duopoly import Duopoly
from routegame.envs.classic.matrix_game import MatrixGame
from routegame.envs.classic.point_game import PointGame, Points
from routegame.envs.game import INDIFFERENCE


@dataclass(frozen=True)
class KnownProfile:
    """A commitment, an answer, and what both bring about.

    Attributes:
        coordinates: of the commitment in the leader's box.
        answer: of the follower, in [0, 1].
        provider_cost: of the leader; the name is the routing game's.
        user_utility: of the follower, likewise.
    """

    coordinates: tuple[float, ...]
    answer: float
    provider_cost: float
    user_utility: float


class Known(ABC):
    """What is known of a game."""

    game: PointGame

    @abstractmethod
    def outcome(self, commitments: Points, answers: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Return expected cost of the leader and utility of the follower, (num_commitments,) each."""

    @abstractmethod
    def best_answer(self, commitments: Points) -> FloatArray:
        """Return the follower's best answers, (num_commitments,); of equal ones that which the leader likes."""

    @abstractmethod
    def equilibrium(self) -> KnownProfile:
        """Return the strong Stackelberg equilibrium."""

    def profile(self, commitments: Points, answer: float | None = None) -> KnownProfile:
        """Return a single commitment with an answer, by default the best."""
        given = self.best_answer(commitments) if answer is None else np.array([answer])
        cost, utility = self.outcome(commitments, given)
        return KnownProfile(commitments[0].coordinates, float(given[0]), float(cost[0]), float(utility[0]))


@dataclass(frozen=True)
class KnownMatrixGame(Known):
    """A matrix game, or one of noisy commitment.

    >>> known = KnownMatrixGame(MatrixGame(((2, 4), (1, 3)), ((1, 0), (0, 1))))
    >>> known.equilibrium()
    KnownProfile(coordinates=(0.5,), answer=1.0, provider_cost=-3.5, user_utility=0.5)
    """

    game: MatrixGame

    def outcome(self, commitments: Points, answers: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Return expected cost and utility, see `Known`."""
        second = self.game.second_probs(answers)
        pairs = self.game.mixes(commitments)[:, :, None] * np.stack([1 - second, second], axis=2)
        leader, follower = (
            np.tensordot(pairs, np.array(p)) for p in (self.game.leader_payoff, self.game.follower_payoff)
        )
        return -leader, follower

    def best_answer(self, commitments: Points) -> FloatArray:
        """Return k / n of n signals, see `Known`; two payoffs are equal if they differ by no more than rounding."""
        answers = self.game.habits
        tried = [self.outcome(commitments, np.full(len(commitments), answer)) for answer in answers]
        cost, utility = (np.stack(figures, axis=1) for figures in zip(*tried, strict=True))
        short = utility.max(axis=1, keepdims=True) - utility
        best = short <= INDIFFERENCE * np.abs(self.game.follower_payoff).max()
        chosen: FloatArray = answers[np.argmin(np.where(best, cost, np.inf), axis=1)]
        return chosen

    def equilibrium(self) -> KnownProfile:
        """Return the cheapest vertex, see the module."""
        points = Points(np.array([self.game.point(mix) for mix in self._vertices()]))
        cost, _ = self.outcome(points, self.best_answer(points))
        return self.profile(points.take(np.array([int(np.argmin(cost))])))

    def _vertices(self) -> Iterator[FloatArray]:
        """All pure strategies, and all mixes of two between which the follower is indifferent at a signal."""
        pure = np.eye(len(self.game.leader_payoff))
        yield from pure
        for gain in np.diff(self.game.follower_payoff, axis=1)[:, 0] * self.game.likelihood:
            for one in np.flatnonzero(gain > 0):
                for other in np.flatnonzero(gain < 0):
                    share = gain[other] / (gain[other] - gain[one])
                    yield share * pure[one] + (1 - share) * pure[other]


@dataclass(frozen=True)
class KnownDuopoly(Known):
    """A duopoly.

    >>> KnownDuopoly(Duopoly(intercept=1, slope=1, cost=(0, 0), noise=0.1)).equilibrium()
    KnownProfile(coordinates=(0.5,), answer=0.25, provider_cost=-0.125, user_utility=0.0625)
    """

    game: Duopoly

    def outcome(self, commitments: Points, answers: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Return expected cost and utility, see `Known`."""
        game = self.game
        x, y = commitments.coordinates[:, 0] * game.capacity[0], answers * game.capacity[1]
        price = game.intercept - game.slope * (x + y)
        return -(price - game.cost[0]) * x, (price - game.cost[1]) * y

    def best_answer(self, commitments: Points) -> FloatArray:
        """Return r(x) as a share, see the module."""
        first, second = self.game.capacity
        return np.clip((second - commitments.coordinates[:, 0] * first) / (2 * second), 0, 1)

    def equilibrium(self) -> KnownProfile:
        """Return the better of the best quantities with a follower and without, see the module."""
        game = self.game
        (first, second), (own, other) = game.capacity, game.cost
        shared = np.clip((game.intercept - 2 * own + other) / (2 * game.slope), 0, min(second, first))
        alone = np.clip(first / 2, min(second, first), first)
        points = Points(np.array([[shared], [alone]]) / first)
        cost, _ = self.outcome(points, self.best_answer(points))
        return self.profile(points.take(np.array([int(np.argmin(cost))])))


def known(game: PointGame) -> Known:
    """Return what is known of a game.

    Raises:
        ParameterError: nothing is.
    """
    if isinstance(game, MatrixGame):
        return KnownMatrixGame(game)
    if isinstance(game, Duopoly):
        return KnownDuopoly(game)
    raise ParameterError("game", "a matrix game or a duopoly", type(game).__name__)
