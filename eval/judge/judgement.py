"""Judgements of learned profiles: everything exact, against the follower's exact best answer, in whatever game.

A leader looks better than the optimum against followers who do not know better. So the commitment is judged under
the best answer that it would meet, and the followers by what they leave on the table.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from math import isfinite
from typing import ClassVar, Generic

import numpy as np

from routegame.agents.exact.solved_game import P_co, Profile, SolvedGame
from routegame.agents.users.kinds import Follower
from routegame.envs.arrays import FloatArray
from routegame.envs.document import Document
from routegame.envs.stackelberg import Batch, Response, Single
from routegame.eval.judge.account import Account, CostPicture

CERTIFICATE = 0.01
"""A learned profile is certified where its users are within this share of their best response."""

NUM_RANDOM = 2**14
"""Points of the lattice that stands for a uniformly random commitment."""

RANDOM = "random"
"""The rule that commits to a point drawn uniformly from the box; its figures are means."""


@dataclass(frozen=True)
class Judgement(Generic[P_co]):
    """A learned profile beside the equilibrium.

    Attributes:
        learned: the commitment, the users' learned answer, and what both bring about.
        equilibrium: the strong Stackelberg equilibrium.
        best_abandon_prob: the users' exact best answer to the learned commitment.
        leader_regret: J of the commitment under the exact best response less J*, in units of cost.
        leader_regret_relative: the same divided by the absolute value of J*.
        follower_gap: utility of the best response less that of the learned answer, in units of latency.
        follower_gap_relative: the same divided by V p of the route, or by the absolute value of the best response's U
            if that is greater.
        follower_gap_random: the relative gap averaged over random commitments; None where that was left out.
        certified: whether follower_gap_relative is at most `CERTIFICATE`.
        normalised_score: 1 at J*, 0 at the cost of a random commitment under best response; not clipped.
        cascade_margin: learned cascade probability less the equilibrium's, None where either route is 2, and in games
            without routes.
    """

    learned: P_co
    equilibrium: P_co
    best_abandon_prob: float
    leader_regret: float
    leader_regret_relative: float
    follower_gap: float
    follower_gap_relative: float
    follower_gap_random: float | None
    certified: bool
    normalised_score: float
    cascade_margin: float | None

    def to_dict(self) -> dict[str, object]:
        """Return the judgement as plain values, ready for JSON."""
        return asdict(self)


@dataclass(frozen=True)
class Finding:
    """A thing that is wrong with a run, or right.

    Attributes:
        name: for scripts.
        explanation: for people, in one sentence.
    """

    name: str
    explanation: str

    def to_dict(self) -> dict[str, str]:
        """Return both as plain values."""
        return asdict(self)


class Judge(ABC, Generic[P_co]):
    """Judges profiles of one game, and knows how to put them into figures and words.

    A game of a new kind comes with a judge of its own, which `routegame.eval.judge.judges` finds by the kind.

    Args:
        solved: the closed form of the game.

    Attributes:
        FOLLOWERS: what those are called who answer.
        ANSWERING: what they do, to begin a sentence with: "users answer".
        solved: as given.
    """

    FOLLOWERS: ClassVar[str]
    ANSWERING: ClassVar[str]

    def __init__(self, solved: SolvedGame[P_co]) -> None:
        self.solved = solved

    @cached_property
    def equilibrium(self) -> P_co:
        """The strong Stackelberg equilibrium."""
        return self.solved.equilibrium()

    @property
    def random_cost(self) -> float:
        """Mean cost of a uniformly random commitment under best response, in units of cost."""
        return float(np.mean(self._at_random[0]))

    @property
    def random_utility(self) -> float:
        """Mean utility of the followers who meet it, in their units."""
        return float(np.mean(self._at_random[1]))

    def best_answer(self, commitments: Batch) -> FloatArray:
        """Exact best responses to a batch of commitments, (num_commitments,)."""
        return self.solved.best_answer(commitments)

    def regrets(self, commitments: Batch) -> FloatArray:
        """Relative leader regret of a batch of commitments, (num_commitments,): as in a `Judgement`, and faster."""
        cost, _ = self.solved.outcome(commitments, self.best_answer(commitments))
        best = self.equilibrium.leader_cost
        return np.array([ratio(regret, abs(best)) for regret in (cost - best).tolist()])

    def regret(self, commitment: Single) -> float:
        """Relative leader regret of one commitment."""
        return float(self.regrets(commitment.alone())[0])

    def judge(self, commitment: Single, respond: Response, *, everywhere: bool = True) -> Judgement[P_co]:
        """Judge a commitment and the followers' learned answers.

        Args:
            commitment: of the leader.
            respond: the followers' answers to any commitments.
            everywhere: also judge the answers to random commitments, which takes longer than all the rest.
        """
        one, equilibrium = commitment.alone(), self.equilibrium
        learned = self._learned(commitment, respond(one))
        best = self.solved.answered(commitment)
        regret = best.leader_cost - equilibrium.leader_cost
        gap = best.follower_utility - learned.follower_utility
        relative = ratio(gap, float(self.solved.scale(one, np.array([best.follower_utility]))[0]))
        return Judgement(
            learned=learned,
            equilibrium=equilibrium,
            best_abandon_prob=best.follower_answer,
            leader_regret=regret,
            leader_regret_relative=ratio(regret, abs(equilibrium.leader_cost)),
            follower_gap=gap,
            follower_gap_relative=relative,
            follower_gap_random=self.random_gap(respond) if everywhere else None,
            certified=relative <= CERTIFICATE,
            normalised_score=1 - ratio(regret, self.random_cost - equilibrium.leader_cost),
            cascade_margin=None,
        )

    def _learned(self, commitment: Single, answers: FloatArray) -> P_co:
        """Complete a commitment with what followers answer it, one row of answers."""
        return self.solved.profile(commitment, float(answers[0]))

    def random_gap(self, respond: Response) -> float:
        """Relative follower gap, averaged over random commitments."""
        _, played = self.solved.outcome(self._random, respond(self._random))
        best = self._at_random[1]
        return float(np.mean((best - played) / self.solved.scale(self._random, best)))

    def baselines(self) -> dict[str, float]:
        """Return the relative leader regret of rules that learn nothing, by rule: here only of a random commitment."""
        best = self.equilibrium.leader_cost
        return {RANDOM: ratio(self.random_cost - best, abs(best))}

    @abstractmethod
    def figures(self, judgement: Judgement[Profile]) -> dict[str, float]:
        """Return what was learned, by name, to be written down on the way."""

    def distances(self, judgement: Judgement[Profile], users: Follower) -> dict[str, object]:
        """Return how far a profile is from the equilibrium besides its regret, by name, ready for JSON: here nothing.

        Args:
            judgement: of the profile.
            users: the kind that it was learned against, where they were played by a rule.
        """
        return {}

    def findings(self, judgement: Judgement[Profile]) -> list[Finding]:
        """Return what is wrong with where a leader ended whose regret is too large: here nothing is known."""
        return []

    @abstractmethod
    def words(self, profile: Profile, name: str | None) -> dict[str, str]:
        """Return what a profile is, by what it is called, for a table that needs no theory.

        Args:
            profile: learned, or the equilibrium.
            name: of the game, whose models and units it may tell; None where it has none.
        """

    @abstractmethod
    def row(self, learned: Document, equilibrium: Document) -> dict[str, object]:
        """Return what the row of a run says of commitments and answers, by column of `routegame.eval.bench.row`.

        Args:
            learned: profile, as `result.json` has it.
            equilibrium: likewise.
        """

    @abstractmethod
    def read_profile(self, plain: Document) -> P_co:
        """Return the profile that `result.json` has there.

        Raises:
            ValueError, KeyError or TypeError: it has none of this game.
        """

    @abstractmethod
    def read_commitment(self, row: Document) -> Single:
        """Return the commitment that the row of a finished run has, see `row`.

        Raises:
            ValueError, KeyError or TypeError: it has none of this game.
        """

    @abstractmethod
    def commitment_words(self, commitment: Single) -> str:
        """Return what a commitment is, in a few words for a cell of a table."""

    @abstractmethod
    def account(self, name: str | None) -> Account:
        """Return the game in words.

        Args:
            name: of the game, whose models and units it may tell; None where it has none.
        """

    @abstractmethod
    def cost_pictures(
        self, name: str, ended: Sequence[Single] = (), believed: Response | None = None
    ) -> list[CostPicture]:
        """Return what commitments cost if followers answer perfectly, to be drawn: a picture or several.

        Args:
            name: of the game.
            ended: commitments of runs that will be marked.
            believed: what followers answer as far as the leader knows; None where that is not to be drawn.
        """

    @cached_property
    def _random(self) -> Batch:
        game = self.solved.game
        return game.commitments(lattice(NUM_RANDOM, game.size))

    @cached_property
    def _at_random(self) -> tuple[FloatArray, FloatArray]:
        """Cost and utility of random commitments under best response."""
        return self.solved.outcome(self._random, self.best_answer(self._random))


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


def finite(value: float | str) -> float:
    """Return a number that a file has, which must be one.

    Raises:
        ValueError or TypeError: it is none, or not finite.
    """
    number = float(value)
    if not isfinite(number):
        raise ValueError("not a finite number")
    return number


def ratio(part: float, whole: float) -> float:
    """Return part / whole, with 0 / 0 = 0."""
    return 0.0 if part == 0 else part / whole if whole else float("inf")
