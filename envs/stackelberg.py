"""A Stackelberg game as learners meet it: played from samples, whatever it is about.

The leader commits to a point of a unit box. The follower sees the commitment and answers it with a number in [0, 1].
Then the game is played as often as wanted, and both are told what they got. What the best answer is, and what an
equilibrium, is not here: whoever learns has nothing but plays.

`routegame.envs.commitment.CommitmentBox` is the routing game in this form.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Generic, Protocol, Self, TypeVar

import numpy as np
from numpy.typing import NDArray

from routegame.envs.arrays import FloatArray, IntArray


class Batch(Protocol):
    """Many commitments of one game at once."""

    def __len__(self) -> int: ...

    def __getitem__(self, index: int) -> Any:
        """Return one of them, a frozen dataclass of plain values."""

    def take(self, indices: IntArray) -> Self:
        """Return these commitments, in this order, as often as they are named."""


Many = TypeVar("Many", bound=Batch)


@dataclass(frozen=True)
class Plays:
    """Outcomes of plays, one row for each commitment; figures are averages over a row's plays.

    Attributes:
        passes: what playing took, in any shape: their sum is what a budget is made of.
        leader_cost: what a play cost the leader, (num_commitments,).
        follower_utility: what it was worth to the follower, (num_commitments,).
    """

    passes: IntArray
    leader_cost: FloatArray
    follower_utility: FloatArray


class StackelbergGame(ABC, Generic[Many]):
    """A leader's unit box, and plays under its commitments.

    Two kinds of coordinates need to be known of by whoever explores the box. The first few may be *switches*, of which
    only the side of 0.5 matters that they are on: they have no neighbours to try. The last few may be *extras*, which
    a leader can leave at 0: a commitment without them is always worth a try.
    """

    @property
    @abstractmethod
    def size(self) -> int:
        """Number of dimensions of the box."""

    @property
    def num_switches(self) -> int:
        """How many of them, the first, are switches."""
        return 0

    @property
    def num_extras(self) -> int:
        """How many of them, the last, are extras."""
        return 0

    @property
    @abstractmethod
    def utility_scale(self) -> float:
        """Scale of the follower's utility, in its units: rates and temperatures of followers are relative to it."""

    @property
    def habits(self) -> FloatArray:
        """Answers to pick from by trying, (num_habits,) in [0, 1], ascending; the closer, the more a step changes.

        Evenly spaced here: followers who mix neighbours by what they pay come close to any answer in between.
        """
        return np.linspace(0, 1, 65)

    @abstractmethod
    def commitments(self, actions: FloatArray) -> Many:
        """Return what the rows of `actions`, (num_commitments, size) in [0, 1], commit to, without checks."""

    @abstractmethod
    def actions(self, commitments: Many) -> FloatArray:
        """Return the actions that stand for commitments, (num_commitments, size): the inverse of `commitments`."""

    @abstractmethod
    def action(self, commitment: Any) -> NDArray[np.float32]:
        """Return the action that stands for one commitment, (size,) float32.

        Raises:
            ParameterError: the leader cannot make it.
        """

    @abstractmethod
    def read(self, plain: Mapping[str, Any]) -> Any:
        """Return the commitment whose `dataclasses.asdict` this is, or was before it went through JSON.

        Raises:
            ValueError, KeyError or TypeError: it is something else.
        """

    @abstractmethod
    def play(self, commitments: Many, answers: FloatArray, num_plays: int, rng: np.random.Generator) -> Plays:
        """Play so often under each commitment.

        Args:
            commitments: of the leader.
            answers: of the follower, (num_commitments,) in [0, 1].
            num_plays: under each of them.
            rng: the source of chance; the same state gives the same plays.
        """

    def play_totals(self, commitments: Many, answers: FloatArray, num_plays: int, rng: np.random.Generator) -> Plays:
        """Do what `play` does, the quickest way to draw averages: distributed alike, the luck is another."""
        return self.play(commitments, answers, num_plays, rng)

    def play_with_luck(self, commitments: Many, answers: FloatArray, num_plays: int, luck: int) -> Plays:
        """Do what `play` does with given luck: row k is as lucky as row k of any other call with the same.

        So what luck there is cancels where rows of several calls are compared, the better the more alike they are.
        Seeding `play`, as is done here, does for games in which a row takes as much chance whatever it is played with.
        """
        return self.play(commitments, answers, num_plays, np.random.default_rng(luck))

    @abstractmethod
    def starts(self, shares: FloatArray, extra: float = 0.0) -> FloatArray:
        """Return points to start searches from, (num_starts, size), spread over the box.

        Args:
            shares: values in [0, 1] that the coordinates which are no switches take, (num_shares,): there is a start
                for each of them, and where there is a switch another one on its other side.
            extra: of all extras.
        """

    @abstractmethod
    def figures(self, commitments: Many) -> dict[str, float]:
        """Return what a batch of commitments is like on average, by name, to be logged."""
