"""What a learned profile is worth: everything exact, against the users' exact best response.

A leader looks better than the optimum against followers who do not know better. So the commitment is judged under
the best response that it would meet, and the followers by what they leave on the table.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from functools import cached_property
from typing import Any, Generic, TypeVar

import numpy as np

from routegame.agents.exact.best_response import best_response
from routegame.agents.exact.equilibrium import solve
from routegame.agents.exact.solution import Profile, Solution
from routegame.agents.users.kinds import RobustFollower, follower_optimum
from routegame.envs.arrays import FloatArray
from routegame.envs.chain import Outcome, outcome
from routegame.envs.commitment import Commitment, CommitmentBox, Commitments
from routegame.train.learner import Response

CERTIFICATE = 0.01
"""A learned profile is certified where its users are within this share of their best response."""

DELTA = 0.01
"""Robust users may forgo this share of V p, of what a pass of the model that the equilibrium starts with is worth."""

NUM_RANDOM = 2**14
"""Points of the lattice that stands for a uniformly random commitment."""


P = TypeVar("P")
"""Of a profile: a `Profile` of the routing game, or a `KnownProfile` of another."""


@dataclass(frozen=True)
class Judgement(Generic[P]):
    """A learned profile beside the equilibrium.

    Attributes:
        learned: the commitment, the users' learned answer, and what both bring about.
        equilibrium: the strong Stackelberg equilibrium.
        best_abandon_prob: the users' exact best answer to the learned commitment.
        leader_regret: J of the commitment under the exact best response less J*, in units of cost.
        leader_regret_relative: the same divided by |J*|.
        follower_gap: utility of the best response less that of the learned answer, in units of latency.
        follower_gap_relative: the same divided by max(|U of the best response|, V p of the route).
        follower_gap_random: the relative gap averaged over random commitments; None where that was left out.
        certified: whether follower_gap_relative is at most `CERTIFICATE`.
        normalised_score: 1 at J*, 0 at the cost of a random commitment under best response; not clipped.
        cascade_margin: learned cascade probability less the equilibrium's, None where either route is 2.
    """

    learned: P
    equilibrium: P
    best_abandon_prob: float
    leader_regret: float
    leader_regret_relative: float
    follower_gap: float
    follower_gap_relative: float
    follower_gap_random: float | None
    certified: bool
    normalised_score: float
    cascade_margin: float | None

    def to_dict(self) -> dict[str, Any]:
        """Return the judgement as plain values, ready for JSON."""
        return asdict(self)


class Judge:
    """Judges profiles of one game.

    Args:
        box: the commitments that were allowed.

    Attributes:
        box: as given.
        solution: of its game, with throttling where the box has it.
    """

    def __init__(self, box: CommitmentBox) -> None:
        self.box = box
        self.solution: Solution = solve(box.game, throttling=box.throttling)

    @property
    def random_cost(self) -> float:
        """Mean J of a uniformly random commitment under best response, in units of cost."""
        return float(np.mean(self._at_random.provider_cost))

    @property
    def random_utility(self) -> float:
        """Mean U of the users who meet it, in units of latency."""
        return float(np.mean(self._at_random.user_utility))

    @property
    def delta(self) -> float:
        """What robust users may forgo of their best utility, in units of latency; see `DELTA`."""
        game, route = self.box.game, int(self.solution.equilibrium.route)
        return float(DELTA * game.task_value * game.success_prob[route - 1])

    @cached_property
    def robust_optimum(self) -> Profile:
        """The commitment that is cheapest at worst over all answers within `delta` of the users' best; found once."""
        return follower_optimum(self.box, RobustFollower(self.delta))

    def best_answer(self, commitments: Commitments) -> FloatArray:
        """Exact best responses to a batch of commitments, (num_commitments,)."""
        answer = best_response(
            self.box.game, commitments.route, commitments.cascade_prob, commitments.throttled_latency
        )
        return np.asarray(answer)

    def regrets(self, commitments: Commitments) -> FloatArray:
        """Relative leader regret of a batch of commitments, (num_commitments,): as in a `Judgement`, and faster."""
        answer, game = self.best_answer(commitments), commitments.in_force(self.box.game)
        cost = outcome(game, commitments.route, commitments.cascade_prob, answer).provider_cost
        best = float(self.solution.equilibrium.provider_cost)
        return np.array([ratio(regret, abs(best)) for regret in np.asarray(cost - best).tolist()])

    def regret(self, commitment: Commitment) -> float:
        """Relative leader regret of one commitment."""
        return float(self.regrets(_one(commitment))[0])

    def judge(self, commitment: Commitment, respond: Response, *, everywhere: bool = True) -> Judgement[Profile]:
        """Judge a commitment and the users' learned answers.

        Args:
            commitment: of the provider.
            respond: the users' answers to any commitments.
            everywhere: also judge the answers to random commitments, which takes longer than all the rest.
        """
        game = self.box.game.with_latency(commitment.throttled_latency)
        one = _one(commitment)
        answers = (float(respond(one)[0]), float(self.best_answer(one)[0]))
        learned, best = (Profile.of(game, commitment.route, commitment.cascade_prob, q) for q in answers)
        equilibrium = self.solution.equilibrium
        regret = float(best.provider_cost - equilibrium.provider_cost)
        gap = float(best.user_utility - learned.user_utility)
        scale = float(self._scale(np.array([best.user_utility]), one)[0])
        both_standard = commitment.route == 1 == equilibrium.route
        return Judgement(
            learned=learned,
            equilibrium=equilibrium,
            best_abandon_prob=answers[1],
            leader_regret=regret,
            leader_regret_relative=ratio(regret, abs(float(equilibrium.provider_cost))),
            follower_gap=gap,
            follower_gap_relative=ratio(gap, scale),
            follower_gap_random=self.random_gap(respond) if everywhere else None,
            certified=ratio(gap, scale) <= CERTIFICATE,
            normalised_score=1 - ratio(regret, self.random_cost - float(equilibrium.provider_cost)),
            cascade_margin=float(commitment.cascade_prob - equilibrium.cascade_prob) if both_standard else None,
        )

    def figures(self, judgement: Judgement[Profile]) -> dict[str, Any]:
        """Return what was learned, to be written down."""
        learned, margin = judgement.learned, judgement.cascade_margin
        return {
            "commitment/route": learned.route,
            "commitment/cascade_prob": learned.cascade_prob,
            "commitment/throttled_latency_1": learned.throttled_latency[0],
            "commitment/throttled_latency_2": learned.throttled_latency[1],
            **({} if margin is None else {"commitment/cascade_margin": margin}),
            "learned/abandon_prob": learned.abandon_prob,
            "learned/provider_cost": learned.provider_cost,
            "learned/user_utility": learned.user_utility,
        }

    def random_gap(self, respond: Response) -> float:
        """Relative follower gap, averaged over random commitments."""
        commitments = self._random
        game = commitments.in_force(self.box.game)
        played = outcome(game, commitments.route, commitments.cascade_prob, respond(commitments))
        best = np.asarray(self._at_random.user_utility)
        return float(np.mean((best - played.user_utility) / self._scale(best, commitments)))

    @cached_property
    def _random(self) -> Commitments:
        return self.box.commitments(lattice(NUM_RANDOM, self.box.size))

    @cached_property
    def _at_random(self) -> Outcome:
        """What random commitments bring about under best response."""
        answer, game = self.best_answer(self._random), self._random.in_force(self.box.game)
        return outcome(game, self._random.route, self._random.cascade_prob, answer)

    def _scale(self, best_utility: FloatArray, commitments: Commitments) -> FloatArray:
        """What relative gaps are relative to: the larger of |U| and V p of the route, (num_commitments,)."""
        p1, p2 = self.box.game.success_prob
        value = self.box.game.task_value * np.where(commitments.route == 1, p1, p2)
        scale: FloatArray = np.maximum(np.abs(best_utility), value)
        return scale


def _one(commitment: Commitment) -> Commitments:
    t1, t2 = commitment.throttled_latency
    return Commitments(
        np.array([commitment.route]), np.array([commitment.cascade_prob]), (np.array([t1]), np.array([t2]))
    )


def lattice(num_points: int, dimensions: int) -> FloatArray:
    """Points that fill [0, 1]^dimensions evenly, (num_points, dimensions): an additive recurrence.

    Its steps are the powers of 1/φ, with φ the positive root of φ^(dimensions + 1) = φ + 1.
    """
    ratio = 2.0
    for _ in range(64):
        ratio = (1 + ratio) ** (1 / (dimensions + 1))
    steps = ratio ** -np.arange(1.0, dimensions + 1)
    points: FloatArray = (0.5 + np.outer(np.arange(1, num_points + 1), steps)) % 1
    return points


def ratio(part: float, whole: float) -> float:
    """Return part / whole, with 0 / 0 = 0."""
    return 0.0 if part == 0 else part / whole if whole else float("inf")
