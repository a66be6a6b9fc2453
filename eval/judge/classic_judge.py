"""What a learned profile is worth in a game outside routing: the same measures, from what is known of that game."""

from __future__ import annotations

from functools import cached_property
from typing import Any

import numpy as np

from routegame.agents.exact.classic_games import KnownProfile, known
from routegame.envs.arrays import FloatArray
from routegame.envs.checks import ParameterError
from routegame.envs.classic.point_game import Point, PointGame, Points
from routegame.envs.commitment import CommitmentBox
from routegame.envs.stackelberg import StackelbergGame
from routegame.eval.judge.routing_judge import CERTIFICATE, NUM_RANDOM, Judge, Judgement, lattice, ratio
from routegame.train.learner import Response


class KnownJudge:
    """Judges profiles of one game.

    Args:
        game: one of which something is known.

    Attributes:
        game: as given.
        known: what is known of it.
        equilibrium: the strong Stackelberg equilibrium.
    """

    def __init__(self, game: PointGame) -> None:
        self.game = game
        self.known = known(game)
        self.equilibrium = self.known.equilibrium()

    @cached_property
    def random_cost(self) -> float:
        """Mean cost of a uniformly random point of the box under best response."""
        points = self._random
        return float(self.known.outcome(points, self.best_answer(points))[0].mean())

    def best_answer(self, commitments: Points) -> FloatArray:
        """Exact best responses to a batch of commitments, (num_commitments,)."""
        return self.known.best_answer(commitments)

    def judge(self, commitment: Point, respond: Response, *, everywhere: bool = True) -> Judgement[KnownProfile]:
        """Judge a commitment and the follower's learned answers.

        Args:
            commitment: of the leader.
            respond: the follower's answers to any commitments.
            everywhere: also judge the answers to random commitments.
        """
        one, best = Points(np.array([commitment.coordinates])), self.equilibrium
        learned, answered = self.known.profile(one, float(respond(one)[0])), self.known.profile(one)
        regret = answered.provider_cost - best.provider_cost
        gap = answered.user_utility - learned.user_utility
        relative = ratio(gap, float(self._scale(np.array([answered.user_utility]))[0]))
        return Judgement(
            learned=learned,
            equilibrium=best,
            best_abandon_prob=answered.answer,
            leader_regret=regret,
            leader_regret_relative=ratio(regret, abs(best.provider_cost)),
            follower_gap=gap,
            follower_gap_relative=relative,
            follower_gap_random=self.random_gap(respond) if everywhere else None,
            certified=relative <= CERTIFICATE,
            normalised_score=1 - ratio(regret, self.random_cost - best.provider_cost),
            cascade_margin=None,
        )

    def random_gap(self, respond: Response) -> float:
        """Relative follower gap, averaged over random commitments."""
        points = self._random
        best, played = (self.known.outcome(points, q)[1] for q in (self.best_answer(points), respond(points)))
        return float(np.mean((best - played) / self._scale(best)))

    def figures(self, judgement: Judgement[KnownProfile]) -> dict[str, Any]:
        """Return what was learned, to be written down."""
        learned = judgement.learned
        return {
            **{f"commitment/coordinate_{k}": value for k, value in enumerate(learned.coordinates)},
            "learned/answer": learned.answer,
            "learned/provider_cost": learned.provider_cost,
            "learned/user_utility": learned.user_utility,
        }

    @cached_property
    def _random(self) -> Points:
        return Points(lattice(NUM_RANDOM, self.game.size))

    def _scale(self, best_utility: FloatArray) -> FloatArray:
        return np.maximum(np.abs(best_utility), self.game.utility_scale)


def judge_of(box: StackelbergGame[Any]) -> Judge | KnownJudge:
    """Return who judges profiles of a game.

    Raises:
        ParameterError: nothing is known of it.
    """
    if isinstance(box, CommitmentBox):
        return Judge(box)
    if isinstance(box, PointGame):
        return KnownJudge(box)
    raise ParameterError("game", "one that is known in closed form", type(box).__name__)
