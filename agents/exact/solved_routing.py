"""The routing game in closed form, as every other game is: `routegame.agents.exact.equilibrium` as it is played."""

from __future__ import annotations

from functools import cached_property, partial

import numpy as np

from routegame.agents.exact.best_response import best_response
from routegame.agents.exact.equilibrium import solve
from routegame.agents.exact.solution import RoutingProfile, Solution
from routegame.agents.exact.solved_game import SolvedGame, Users
from routegame.envs.arrays import FloatArray
from routegame.envs.chain import outcome
from routegame.envs.commitment import Commitment, Commitments, RoutingGame
from routegame.envs.stackelberg import Batch, Response, Single


class SolvedRouting(SolvedGame[RoutingProfile]):
    """The closed form of the routing game, with throttling where that is allowed.

    Args:
        game: as it is played, with its commitments.

    >>> from routegame.envs.game import Game
    >>> SolvedRouting(RoutingGame(Game(9, 15, (0.1, 0.3), (1, 2), (1, 3.6)))).equilibrium().route
    1
    """

    game: RoutingGame

    def __init__(self, game: RoutingGame) -> None:
        self.game = game

    @cached_property
    def solution(self) -> Solution:
        """Everything that is known exactly about the game."""
        return solve(self.game.game, throttling=self.game.throttling)

    def outcome(self, commitments: Batch, answers: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Return J and U, see `SolvedGame`: answers are abandonment probabilities."""
        offered = Commitments.of(commitments)
        found = outcome(offered.in_force(self.game.game), offered.route, offered.cascade_prob, answers)
        return np.asarray(found.provider_cost), np.asarray(found.user_utility)

    def best_answer(self, commitments: Batch) -> FloatArray:
        """Return exact best responses; ties go to staying."""
        offered, game = Commitments.of(commitments), self.game.game
        return np.asarray(best_response(game, offered.route, offered.cascade_prob, offered.throttled_latency))

    def equilibrium(self) -> RoutingProfile:
        """Return the strong equilibrium, with throttling where it is allowed and pays."""
        return self.solution.equilibrium

    def profile(self, commitment: Single, answer: float) -> RoutingProfile:
        """Complete a commitment and an abandonment probability with the exact outcome."""
        offered = Commitment.of(commitment)
        game = self.game.game.with_latency(offered.throttled_latency)
        return RoutingProfile.of(game, offered.route, offered.cascade_prob, answer)

    def scale(self, commitments: Batch, utility: FloatArray) -> FloatArray:
        """Return the larger of |U| and V p of the route, see `SolvedGame`."""
        p1, p2 = self.game.game.success_prob
        value = self.game.game.task_value * np.where(Commitments.of(commitments).route == 1, p1, p2)
        scale: FloatArray = np.maximum(np.abs(utility), value)
        return scale

    def response(self, users: Users) -> Response:
        """Return how users answer who go by any of the rules in `routegame.agents.users.kinds`."""
        return partial(_answer, users, self.game)


def _answer(users: Users, game: RoutingGame, commitments: Batch) -> FloatArray:
    return users(game.game, Commitments.of(commitments))
