"""Closed forms of games, whatever these are about: for whoever judges, and for users who answer perfectly.

What learners are told of a game is in `routegame.envs.stackelberg`. A game is solved by a class of its own, which
`routegame.agents.exact.solved` finds by the game's kind.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, ClassVar, Generic, Protocol, TypeVar

from routegame.envs.arrays import FloatArray, Number
from routegame.envs.checks import ParameterError
from routegame.envs.game import Game
from routegame.envs.stackelberg import Batch, Response, Single, StackelbergGame

if TYPE_CHECKING:  # with commitments come samplers, which whoever only solves a game does without
    from routegame.envs.commitment import Commitments


class Profile(ABC):
    """A commitment of the leader, the follower's answer to it, and what both bring about.

    Base of frozen dataclasses, whose fields are what files say of a profile. What every game's profile has is here,
    under names that are no game's; it is asked of single profiles only, never of a batch.
    """

    @property
    @abstractmethod
    def follower_answer(self) -> float:
        """The follower's answer, in [0, 1]."""

    @property
    @abstractmethod
    def leader_cost(self) -> float:
        """Cost of a play to the leader, in its own units."""

    @property
    @abstractmethod
    def follower_utility(self) -> float:
        """Utility of a play to the follower, in its own units."""


class PricedProfile(Profile):
    """Profile whose cost and utility are called in files as they are in the routing game.

    Attributes:
        provider_cost: of the leader.
        user_utility: of the follower.
    """

    provider_cost: Number
    user_utility: Number

    @property
    def leader_cost(self) -> float:
        """Cost of a play to the leader."""
        return float(self.provider_cost)

    @property
    def follower_utility(self) -> float:
        """Utility of a play to the follower."""
        return float(self.user_utility)


P_co = TypeVar("P_co", bound=Profile, covariant=True)


class Users(Protocol):
    """Followers of the routing game who answer by a rule, see `routegame.agents.users.kinds`."""

    KIND: ClassVar[str]

    def __call__(self, game: Game, commitments: Commitments) -> FloatArray:
        """Answer commitments, (num_commitments,)."""


class SolvedGame(ABC, Generic[P_co]):
    """The closed form of a game: what plays come to on average, best answers and the equilibrium.

    Attributes:
        game: the game that is solved.
        ONLY_EXACT: what followers are to be where the perfect answer is the only one that is known.
    """

    game: StackelbergGame
    ONLY_EXACT: ClassVar[str] = "exact in games other than routing"

    @abstractmethod
    def outcome(self, commitments: Batch, answers: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Return the leader's expected cost and the follower's expected utility, (num_commitments,) each.

        Args:
            commitments: of the leader.
            answers: of the follower, (num_commitments,) in [0, 1].
        """

    @abstractmethod
    def best_answer(self, commitments: Batch) -> FloatArray:
        """Return the follower's best answers, (num_commitments,); of equal ones that which the leader likes."""

    @abstractmethod
    def equilibrium(self) -> P_co:
        """Return the strong Stackelberg equilibrium."""

    @abstractmethod
    def profile(self, commitment: Single, answer: float) -> P_co:
        """Complete a commitment and an answer with what they bring about."""

    def answered(self, commitment: Single) -> P_co:
        """Complete a commitment with the follower's best answer, and with what both bring about."""
        return self.profile(commitment, float(self.best_answer(commitment.alone())[0]))

    @abstractmethod
    def scale(self, commitments: Batch, utility: FloatArray) -> FloatArray:
        """Return what is much to the follower under each commitment, (num_commitments,): gaps are relative to it.

        Args:
            commitments: of the leader.
            utility: that the follower gets with its best answer to each, (num_commitments,).
        """

    def response(self, users: Users) -> Response:
        """Return how followers answer who go by a rule: perfectly, where no other answer is known.

        Raises:
            ParameterError: such followers are none of this game.
        """
        if users.KIND != "exact":
            raise ParameterError("follower", self.ONLY_EXACT, str(users))
        return self.best_answer
