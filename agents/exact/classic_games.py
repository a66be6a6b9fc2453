"""The games outside routing in closed form: best answers, outcomes and equilibria.

* Matrix games: the best commitment that makes the follower play one of its actions is a vertex of {x in the simplex:
  that action is a best response}. With two actions of the follower that is a pure strategy, or the mix of two that
  makes it indifferent; with more, the solution of a linear program, see `routegame.agents.exact.commitment_program`.
  The best of these decides (Conitzer & Sandholm 2006, "Computing the Optimal Strategy to Commit to", theorem 2). An
  indifferent follower plays what the leader likes: a strong equilibrium.
* Noisy commitment: the same for each of what the follower may do at its signals, at x_a Pr(signal | a) in place of x.
* Duopoly: with r(x) = (a − b x − c_F) / (2 b) the follower's best answer while that is positive, the leader earns
  x (a − 2 c_L + c_F − b x) / 2; from x_0 = (a − c_F) / b on it is alone (von Stackelberg 1934).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from routegame.agents.exact.solved_game import PricedProfile, SolvedGame
from routegame.envs.arrays import FloatArray
from routegame.envs.checks import ParameterError
from routegame.envs.classic.duopoly import Duopoly
from routegame.envs.classic.matrix_game import MatrixGame, NoisyCommitment
from routegame.envs.classic.point_game import Point, PointGame, Points
from routegame.envs.game import INDIFFERENCE
from routegame.envs.stackelberg import Batch, Single


@dataclass(frozen=True)
class PointProfile(PricedProfile):
    """A point of the leader's box, an answer, and what both bring about.

    Attributes:
        coordinates: of the commitment in the leader's box.
        answer: of the follower, in [0, 1].
        provider_cost: of the leader; in files it has the name that it has in the routing game.
        user_utility: of the follower, likewise.
    """

    coordinates: tuple[float, ...]
    answer: float
    provider_cost: float
    user_utility: float

    @property
    def follower_answer(self) -> float:
        """Answer of the follower."""
        return self.answer

    @property
    def each_answer(self) -> tuple[float, ...]:
        """Answer of every type of followers: here there is one."""
        return (self.answer,)


class SolvedPointGame(SolvedGame[PointProfile]):
    """The closed form of a game whose commitments are points."""

    game: PointGame

    def profile(self, commitment: Single, answer: float) -> PointProfile:
        """Complete a point and an answer with what they bring about."""
        point = Point.of(commitment)
        cost, utility = self.outcome(point.alone(), np.array([answer]))
        return PointProfile(point.coordinates, answer, float(cost[0]), float(utility[0]))

    def scale(self, commitments: Batch, utility: FloatArray) -> FloatArray:
        """Return the larger of |U| and what is much to the follower in this game, see `SolvedGame`."""
        return np.maximum(np.abs(utility), self.game.utility_scale)

    def cheapest(self, candidates: Points) -> PointProfile:
        """Return the candidate that costs the leader least with the follower's best answer, the first of equals."""
        cost, _ = self.outcome(candidates, self.best_answer(candidates))
        return self.answered(candidates[int(np.argmin(cost))])


@dataclass(frozen=True)
class SolvedMatrixGame(SolvedPointGame):
    """A matrix game, or one of noisy commitment.

    >>> SolvedMatrixGame(MatrixGame(((2, 4), (1, 3)), ((1, 0), (0, 1)))).equilibrium()
    PointProfile(coordinates=(0.5,), answer=1.0, provider_cost=-3.5, user_utility=0.5)
    """

    game: MatrixGame

    def outcome(self, commitments: Batch, answers: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Return expected cost and utility, see `SolvedGame`."""
        pairs = self.game.mixes(Points.of(commitments))[:, :, None] * self.game.column_probs(answers)
        leader, follower = (
            np.tensordot(pairs, np.array(p)) for p in (self.game.leader_payoff, self.game.follower_payoff)
        )
        return -leader, follower

    def best_answer(self, commitments: Batch) -> FloatArray:
        """Return pure strategies, see `SolvedGame`; payoffs are equal if they differ by no more than rounding."""
        answers = self.game.habits
        tried = [self.outcome(commitments, np.full(len(commitments), answer)) for answer in answers]
        cost, utility = (np.stack(figures, axis=1) for figures in zip(*tried, strict=True))
        short = utility.max(axis=1, keepdims=True) - utility
        best = short <= INDIFFERENCE * np.abs(self.game.follower_payoff).max()
        chosen: FloatArray = answers[np.argmin(np.where(best, cost, np.inf), axis=1)]
        return chosen

    def equilibrium(self) -> PointProfile:
        """Return the cheapest vertex, see the module."""
        return self.cheapest(Points(np.array([self.game.point(mix) for mix in self._vertices()])))

    def _vertices(self) -> Iterator[FloatArray]:
        """Yield mixes of which one is best to commit to: all pure strategies, and mixes that leave a choice.

        With two actions of the follower these are all mixes of two between which it is indifferent at a signal, with
        more the best ones for each.
        """
        pure = np.eye(len(self.game.leader_payoff))
        yield from pure
        if self.game.num_columns > 2:
            yield from (mix for mix, _ in self._programs() if mix is not None)
            return
        signals = self.game.likelihood if isinstance(self.game, NoisyCommitment) else np.ones((1, len(pure)))
        for gain in np.diff(self.game.follower_payoff, axis=1)[:, 0] * signals:
            for one in np.flatnonzero(gain > 0):
                for other in np.flatnonzero(gain < 0):
                    share = gain[other] / (gain[other] - gain[one])
                    yield share * pure[one] + (1 - share) * pure[other]

    def lower_bound(self) -> float:
        """Return a cost that no commitment is below, proved by multipliers of linear programs; see their module.

        Raises:
            ParameterError: the follower gets a signal, too.
        """
        if isinstance(self.game, NoisyCommitment):
            raise ParameterError("game", "a matrix game without a signal", self.game.KIND)
        return -max(bound for _, bound in self._programs())

    def _programs(self) -> Iterator[tuple[FloatArray | None, float]]:
        from routegame.agents.exact.commitment_program import best_mix

        leader, follower = np.array(self.game.leader_payoff), np.array(self.game.follower_payoff)
        return (best_mix(leader, follower, answer) for answer in range(self.game.num_columns))


@dataclass(frozen=True)
class SolvedDuopoly(SolvedPointGame):
    """A duopoly.

    >>> SolvedDuopoly(Duopoly(intercept=1, slope=1, cost=(0, 0), noise=0.1)).equilibrium()
    PointProfile(coordinates=(0.5,), answer=0.25, provider_cost=-0.125, user_utility=0.0625)
    """

    game: Duopoly

    def outcome(self, commitments: Batch, answers: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Return expected cost and utility, see `SolvedGame`."""
        game = self.game
        x, y = Points.of(commitments).coordinates[:, 0] * game.capacity[0], answers * game.capacity[1]
        price = game.intercept - game.slope * (x + y)
        return -(price - game.cost[0]) * x, (price - game.cost[1]) * y

    def best_answer(self, commitments: Batch) -> FloatArray:
        """Return r(x) as a share, see the module."""
        first, second = self.game.capacity
        return np.clip((second - Points.of(commitments).coordinates[:, 0] * first) / (2 * second), 0, 1)

    def equilibrium(self) -> PointProfile:
        """Return the better of the best quantities with a follower and without, see the module."""
        game = self.game
        (first, second), (own, other) = game.capacity, game.cost
        shared = np.clip((game.intercept - 2 * own + other) / (2 * game.slope), 0, min(second, first))
        alone = np.clip(first / 2, min(second, first), first)
        return self.cheapest(Points(np.array([[shared], [alone]]) / first))


SOLVED_CLASSICS: dict[str, Callable[..., SolvedPointGame]] = {
    MatrixGame.KIND: SolvedMatrixGame,
    NoisyCommitment.KIND: SolvedMatrixGame,
    Duopoly.KIND: SolvedDuopoly,
}
"""Classes of closed forms of games outside routing, by the kind of the game that they solve."""


def solved_classic(game: PointGame) -> SolvedPointGame:
    """Return the closed form of a game outside routing.

    Raises:
        ParameterError: there is none.
    """
    if game.KIND not in SOLVED_CLASSICS:
        raise ParameterError("game", f"one of a kind with a closed form, {', '.join(SOLVED_CLASSICS)}", game.KIND)
    return SOLVED_CLASSICS[game.KIND](game)
