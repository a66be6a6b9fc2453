"""The game with many models in closed form, as every other game is: `routegame.agents.solver` as it is played."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from routegame.agents.exact.solution import Solution
from routegame.agents.exact.solved_game import PricedProfile, SolvedGame
from routegame.agents.menus.free_order import solve_free_order
from routegame.agents.menus.memoryless import best_answers, outcomes, passes
from routegame.envs.arrays import FloatArray
from routegame.envs.menu_game import MenuCommitment, MenuCommitments, MenuGame
from routegame.envs.policy import Policy
from routegame.envs.stackelberg import Batch, Single


@dataclass(frozen=True)
class PlainPolicy:
    """A commitment's probabilities as files have them, see `routegame.envs.policy.Policy`."""

    start: tuple[float, ...]
    matrix: tuple[tuple[float, ...], ...]


@dataclass(frozen=True)
class MenuProfile(PricedProfile):
    """A commitment to K models, the users' answer to it, and what both bring about.

    Attributes:
        route: the model that serves the first pass, from 1; None where it is drawn.
        cascade_prob: probability that a failed task moves from model 1 to model 2; None where the commitment is
            another than model 1, then 2.
        abandon_prob: probability that the user gives up after a failure.
        throttled_latency: latency of each model in force, >= the game's.
        solve_prob: probability that the task ends solved.
        expected_latency: in units of latency.
        expected_cost: in units of cost, without the churn penalty.
        user_utility: in units of latency.
        provider_cost: in units of cost, with the churn penalty.
        policy: start and matrix.
    """

    route: int | None
    cascade_prob: float | None
    abandon_prob: float
    throttled_latency: tuple[float, ...]
    solve_prob: float
    expected_latency: float
    expected_cost: float
    user_utility: float
    provider_cost: float
    policy: PlainPolicy

    @property
    def follower_answer(self) -> float:
        """The abandonment probability."""
        return self.abandon_prob

    @property
    def commitment(self) -> MenuCommitment:
        """What the provider commits to."""
        return MenuCommitment(self.policy.start, self.policy.matrix, self.throttled_latency)


class SolvedMenu(SolvedGame[MenuProfile]):
    """The closed form of the game with K models in any order, with throttling where that is allowed.

    Args:
        game: as it is played, with its commitments.

    >>> from routegame.envs.game import Game
    >>> solved = SolvedMenu(MenuGame(Game(5, 1, (0.3, 0.4, 0.6), (1, 1.5, 4), (1, 1.2, 3))))
    >>> best = solved.equilibrium()
    >>> round(best.provider_cost, 9), best.route, best.abandon_prob, best.policy.matrix[0]
    (1.7, 1, 1.0, (0.0, 0.0, 1.0))
    """

    game: MenuGame
    ONLY_EXACT = "exact where the order of the models is free"

    def __init__(self, game: MenuGame) -> None:
        self.game = game

    @cached_property
    def solution(self) -> Solution:
        """Everything that is known exactly about the game, with one row for all models where actions have one."""
        return solve_free_order(self.game.game, throttling=self.game.throttling, redraw=self.game.form == "compact")

    def outcome(self, commitments: Batch, answers: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Return J and U, see `SolvedGame`: answers are abandonment probabilities."""
        return outcomes(self.game.game, MenuCommitments.of(commitments), answers)

    def best_answer(self, commitments: Batch) -> FloatArray:
        """Return exact best responses; ties go to staying."""
        return best_answers(self.game.game, MenuCommitments.of(commitments))

    def equilibrium(self) -> MenuProfile:
        """Return the strong equilibrium, with throttling where it is allowed and pays."""
        policy, best = self.solution.policy, self.solution.equilibrium
        assert policy is not None  # every solution in free order has one
        latency = tuple(float(t) for t in best.throttled_latency)
        return self.profile(MenuCommitment.of_policy(policy, latency), best.follower_answer)

    def profile(self, commitment: Single, answer: float) -> MenuProfile:
        """Complete a commitment and an abandonment probability with the exact outcome."""
        offered = MenuCommitment.of(commitment)
        alone, answers = offered.alone(), np.array([answer])
        p = np.array(self.game.game.success_prob)
        expected = passes(p, alone, answers)[0]
        (paid,), (utility,) = self.outcome(alone, answers)
        sure = np.flatnonzero(alone.start[0] == 1)
        return MenuProfile(
            route=int(sure[0]) + 1 if sure.size else None,
            cascade_prob=_cascade(offered.policy),
            abandon_prob=answer,
            throttled_latency=offered.throttled_latency,
            solve_prob=float(1 - (expected @ (1 - p)) * answer),
            expected_latency=float(expected @ np.array(offered.throttled_latency)),
            expected_cost=float(expected @ np.array(self.game.game.cost)),
            user_utility=float(utility),
            provider_cost=float(paid),
            policy=PlainPolicy(offered.start, offered.matrix),
        )

    def scale(self, commitments: Batch, utility: FloatArray) -> FloatArray:
        """Return the larger of |U| and V p of the start, see `SolvedGame`."""
        value = self.game.game.task_value * (
            MenuCommitments.of(commitments).start @ np.array(self.game.game.success_prob)
        )
        scale: FloatArray = np.maximum(np.abs(utility), value)
        return scale


def _cascade(policy: Policy) -> float | None:
    """Probability of moving from model 1 to 2 where that is all that ever happens, see `MenuProfile`."""
    start, matrix = policy.start, policy.matrix
    listed = start[0] == 1 and matrix[1, 1] == 1 and matrix[0, :2].sum() == 1
    return float(matrix[0, 1]) if listed else None
