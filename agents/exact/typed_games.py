"""Games against followers of several types in closed form: each type's own, put together by how common it is.

Matrix games whose followers are of several types are solved by `routegame.agents.exact.bayesian_program`.
"""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from routegame.agents.exact.classic_games import PointProfile, SolvedMatrixGame, SolvedPointGame
from routegame.agents.exact.solved_game import Profile, SolvedGame
from routegame.envs.arrays import FloatArray
from routegame.envs.classic.bayesian_game import BayesianGame
from routegame.envs.classic.point_game import Point, Points
from routegame.envs.classic.typed_game import TypedGame
from routegame.envs.stackelberg import Batch, Single


@dataclass(frozen=True)
class TypedProfile(PointProfile):
    """A point of the leader's box, every type's answer, and what all bring about.

    Attributes:
        coordinates: of the commitment in the leader's box.
        answer: mean of the answers over types, as common as they are.
        provider_cost: of the leader, expected over types.
        user_utility: of a follower, likewise.
        answers: of each type, in [0, 1].
    """

    answers: tuple[float, ...]

    @property
    def each_answer(self) -> tuple[float, ...]:
        """Answer of every type."""
        return self.answers


class SolvedTypes(SolvedPointGame):
    """The closed form of a game against followers of several types."""

    game: TypedGame

    @property
    @abstractmethod
    def each(self) -> tuple[SolvedGame[Profile], ...]:
        """The closed form of the game against each type alone."""

    def outcome(self, commitments: Batch, answers: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Return expected cost and utility over types, see `SolvedGame`; answers are (num_commitments, num_types)."""
        own = self.game.by_type(answers).T
        found = [
            one.outcome(offered, given)
            for one, offered, given in zip(self.each, self.game.each(commitments), own, strict=True)
        ]
        cost, utility = (
            np.tensordot(self.game.prior, np.stack(figures), axes=1) for figures in zip(*found, strict=True)
        )
        return cost, utility

    def best_answer(self, commitments: Batch) -> FloatArray:
        """Return every type's best answer, (num_commitments, num_types)."""
        offers = zip(self.each, self.game.each(commitments), strict=True)
        return np.stack([one.best_answer(offered) for one, offered in offers], axis=1)

    def profile(self, commitment: Single, answer: float | FloatArray) -> TypedProfile:
        """Complete a point and the answers of all types with what they bring about."""
        point = Point.of(commitment)
        answers = self.game.by_type(np.atleast_1d(np.asarray(answer, dtype=np.float64))[None])[0]
        cost, utility = self.outcome(point.alone(), answers[None])
        mean = float(np.dot(self.game.prior, answers))
        return TypedProfile(point.coordinates, mean, float(cost[0]), float(utility[0]), tuple(answers.tolist()))

    def answered(self, commitment: Single) -> TypedProfile:
        """Complete a commitment with every type's best answer, and with what they bring about."""
        return self.profile(commitment, self.best_answer(commitment.alone())[0])


class SolvedBayesianGame(SolvedTypes):
    """A matrix game against followers of several types.

    Args:
        game: the game.

    >>> game = BayesianGame([((2, 4), (1, 3))] * 2, [((1, 0), (0, 1)), ((1, 0), (1, 2))], (1, 1))
    >>> best = SolvedBayesianGame(game).equilibrium()
    >>> best.coordinates, best.answers, best.provider_cost
    ((0.5,), (1.0, 1.0), -3.5)
    """

    game: BayesianGame

    def __init__(self, game: BayesianGame) -> None:
        self.game = game

    @cached_property
    def each(self) -> tuple[SolvedGame[Profile], ...]:
        """The matrix game against each type."""
        return tuple(map(SolvedMatrixGame, self.game.types))

    def equilibrium(self) -> PointProfile:
        """Return the cheapest of all pure strategies and the mix that the program finds."""
        mix, _ = self._program
        pure = np.eye(len(mix))
        points = np.array([self.game.types[0].point(row) for row in (*pure, mix)])
        return self.cheapest(Points(points))

    def lower_bound(self) -> float:
        """Return a cost that no commitment is below, proved by multipliers of linear programs; see their module."""
        return -self._program[1]

    @cached_property
    def _program(self) -> tuple[FloatArray, float]:
        # SciPy's programs are slow to import, and other games need none
        from routegame.agents.exact.bayesian_program import best_mix_for_types

        leader, follower = np.array(self.game.leader_payoff), np.array(self.game.follower_payoff)
        return best_mix_for_types(leader, follower, np.array(self.game.prior))
