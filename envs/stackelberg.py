"""A Stackelberg game as learners meet it: played from samples, whatever it is about.

The leader commits to a point of a unit box. The follower sees the commitment and answers it with a number in [0, 1].
Then the game is played as often as wanted, and both are told what they got. What the best answer is, and what an
equilibrium, is not here: whoever learns has nothing but plays.

`routegame.envs.commitment.RoutingGame` is the routing game in this form.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import ClassVar, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from routegame.envs.arrays import BoolArray, FloatArray, IntArray
from routegame.envs.checks import ParameterError
from routegame.envs.document import Document


@dataclass(frozen=True)
class Single(ABC):
    """Base of a game's commitments: a frozen dataclass of plain values, which `dataclasses.asdict` takes apart."""

    @abstractmethod
    def alone(self) -> Batch:
        """Return the commitment as a batch of one."""

    @classmethod
    def of(cls, commitment: Single) -> Self:
        """Return a commitment as one of this kind, which it must be.

        Raises:
            ParameterError: it is a commitment of another game.
        """
        if not isinstance(commitment, cls):
            raise ParameterError("commitment", f"a {cls.__name__}", type(commitment).__name__)
        return commitment


@dataclass(frozen=True)
class Batch(ABC):
    """Base of many commitments of one game at once, which whoever learns hands back to the game as they came."""

    @abstractmethod
    def __len__(self) -> int:
        """Return how many there are."""

    @abstractmethod
    def __getitem__(self, index: int) -> Single:
        """Return the commitment with this index."""

    @abstractmethod
    def take(self, indices: IntArray) -> Batch:
        """Return these commitments, in this order, as often as they are named."""

    @classmethod
    def of(cls, commitments: Batch) -> Self:
        """Return commitments as a batch of this kind, which they must be.

        Raises:
            ParameterError: they are commitments of another game.
        """
        if not isinstance(commitments, cls):
            raise ParameterError("commitments", f"a batch of {cls.__name__}", type(commitments).__name__)
        return commitments


Response = Callable[[Batch], FloatArray]
"""The follower's answer to each commitment of a batch, (num_commitments,): users' abandonment probabilities."""


@dataclass(frozen=True)
class Plays:
    """Outcomes of plays, one row for each commitment; figures are averages over a row's plays.

    Attributes:
        passes: what playing took, in any shape: their sum is what a budget is made of.
        leader_cost: what a play cost the leader, (num_commitments,).
        follower_utility: what it was worth to the follower, (num_commitments,).
        num_plays: under each commitment, a number or (num_commitments,); 0 where nobody says.
        earlier: whether they are of a game that has changed, or is to change, since; see `StackelbergGame.now`.
    """

    passes: IntArray
    leader_cost: FloatArray
    follower_utility: FloatArray
    num_plays: int | IntArray = field(default=0, kw_only=True)
    earlier: bool = field(default=False, kw_only=True)


class StackelbergGame(ABC):
    """A leader's unit box, and plays under its commitments.

    A game makes its commitments, one by one or many at once, as classes of its own, and refuses those of another game.

    Two kinds of coordinates need to be known of by whoever explores the box. The first few may be *switches*, of which
    only the side of 0.5 matters that they are on: they have no neighbours to try. The last few may be *extras*, which
    a leader can leave at 0: a commitment without them is always worth a try.

    Attributes:
        KIND: what games of the class are called in files, and found by: their exact solution, and their judge.
    """

    KIND: ClassVar[str]

    @property
    @abstractmethod
    def size(self) -> int:
        """Number of dimensions of the box."""

    @property
    def num_switches(self) -> int:
        """Number of dimensions, the first, that are switches."""
        return 0

    @property
    def num_extras(self) -> int:
        """Number of dimensions, the last, that are extras."""
        return 0

    @property
    def now(self) -> StackelbergGame:
        """The game as it is by now: itself, unless it changes while it is learned."""
        return self

    @property
    def changed(self) -> bool:
        """Whether it has become another game than it was at first: never, unless it changes while it is learned."""
        return False

    def begun(self) -> StackelbergGame:
        """Return the game for another run: itself, unless it changes while it is learned."""
        return self

    def keep_time(self, share_done: Callable[[], float]) -> None:  # noqa: B027  what never changes needs no time
        """Let a run say from now on what share of its updates is made, to games that change with that."""

    @property
    def num_answers(self) -> int:
        """How many numbers followers answer a commitment with: one, unless they know more than the commitment.

        With more of them answers to a batch are of shape (num_commitments, num_answers); one number still is an answer,
        that which is the same whatever they know.
        """
        return 1

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

    @property
    def deviations(self) -> FloatArray:
        """Answers that a follower may turn to from its own, (num_deviations,) in [0, 1], ascending.

        A leader that looks ahead to what its follower may yet find out has them played. Evenly spaced here; a game
        whose best answers are known to be few has these.
        """
        return np.linspace(0, 1, 17)

    def coordinates(self, action: ArrayLike) -> FloatArray:
        """Return an action as numbers, (size,), rounded to float32 if they are finer.

        Raises:
            ParameterError: not numbers, the wrong shape, or outside [0, 1] (NaN included).
        """
        allowed = f"{self.size} numbers in [0, 1]"
        try:
            given = np.asarray(action)
        except ValueError:
            raise ParameterError("action", allowed, action) from None
        if given.shape != (self.size,) or given.dtype.kind not in "biuf":
            raise ParameterError("action", allowed, action)
        if not ((given >= 0) & (given <= 1)).all():
            raise ParameterError("action", allowed, action)
        return given.astype(np.float32).astype(np.float64)

    @abstractmethod
    def commitments(self, actions: FloatArray) -> Batch:
        """Return what the rows of `actions`, (num_commitments, size) in [0, 1], commit to, without checks."""

    @abstractmethod
    def actions(self, commitments: Batch) -> FloatArray:
        """Return the actions that stand for commitments, (num_commitments, size): the inverse of `commitments`."""

    @abstractmethod
    def action(self, commitment: Single) -> NDArray[np.float32]:
        """Return the action that stands for one commitment, (size,) float32.

        Raises:
            ParameterError: the leader cannot make it.
        """

    @abstractmethod
    def read(self, plain: Document) -> Single:
        """Return the commitment whose `dataclasses.asdict` this is, or was before it went through JSON.

        Raises:
            ValueError, KeyError or TypeError: it is something else.
        """

    @abstractmethod
    def play(self, commitments: Batch, answers: FloatArray, num_plays: int, rng: np.random.Generator) -> Plays:
        """Play so often under each commitment.

        Args:
            commitments: of the leader.
            answers: of the follower, (num_commitments,) in [0, 1].
            num_plays: under each of them.
            rng: the source of chance; the same state gives the same plays.
        """

    def play_totals(self, commitments: Batch, answers: FloatArray, num_plays: int, rng: np.random.Generator) -> Plays:
        """Do what `play` does, the quickest way to draw averages: distributed alike, the luck is another."""
        return self.play(commitments, answers, num_plays, rng)

    def play_compared(self, commitments: Batch, answers: FloatArray, num_plays: int, rng: np.random.Generator) -> Plays:
        """Do what `play` does for commitments of which the cheapest is looked for; rows may share their luck.

        Here they do not. Where a game can make rows alike that are played under alike commitments, luck cancels.
        """
        return self.play(commitments, answers, num_plays, rng)

    def play_with_luck(self, commitments: Batch, answers: FloatArray, num_plays: int, luck: int) -> Plays:
        """Do what `play` does with given luck: row k is as lucky as row k of any other call with the same.

        So what luck there is cancels where rows of several calls are compared, the better the more alike they are.
        Seeding `play`, as is done here, does for games in which a row takes as much chance whatever it is played with.
        """
        return self.play(commitments, answers, num_plays, np.random.default_rng(luck))

    def play_equally_lucky(
        self, commitments: Batch, answers: FloatArray, num_plays: int, luck: int, period: int
    ) -> Plays:
        """Do what `play_with_luck` does with the first `period` rows, the next ones, and so on, all with the same luck.

        Args:
            commitments: a multiple of `period` of them.
            answers: of the follower, one or more for each.
            num_plays: under each commitment.
            luck: of the first row of each `period`, and so on.
            period: rows that are so many apart are equally lucky.
        """
        firsts = range(0, len(commitments), period)
        parts = [
            self.play_with_luck(commitments.take(np.arange(k, k + period)), answers[k : k + period], num_plays, luck)
            for k in firsts
        ]
        return Plays(
            np.array([part.passes.sum() for part in parts]),
            np.concatenate([part.leader_cost for part in parts]),
            np.concatenate([part.follower_utility for part in parts]),
            num_plays=np.concatenate([np.broadcast_to(part.num_plays, (period,)) for part in parts]),
        )

    def seen(self, commitments: Batch) -> FloatArray:
        """Return what followers see besides commitments, (num_commitments, num_seen), about as large as 1: nothing."""
        return np.zeros((len(commitments), 0))

    @property
    def as_met(self) -> StackelbergGame:
        """The game as a single follower meets it, who answers with one number: itself, unless types differ."""
        return self

    def met(self, commitments: Batch, rng: np.random.Generator) -> Batch:
        """Return commitments of the game `as_met`, to drawn followers each: as they are, unless types differ."""
        return commitments

    def asked(self, commitments: Batch) -> Batch:
        """Return commitments of the game `as_met`, each to followers of every type in turn: as they are, without."""
        return commitments

    @abstractmethod
    def starts(self, shares: FloatArray, extra: float = 0.0) -> FloatArray:
        """Return points to start searches from, (num_starts, size), spread over the box.

        Args:
            shares: values in [0, 1] that the coordinates which are no switches take, (num_shares,): there is a start
                for each of them, and where there is a switch another one on its other side.
            extra: of all extras.
        """

    def held(self, starts: FloatArray) -> BoolArray:
        """Return which coordinates a search keeps to that begins at each of `starts`, (num_starts, size).

        Here these are the switches. Starts that keep to the same values are of one *lane*, in which a search can get
        from one to the other; a game whose optima are on many small faces of the box has a lane for each.
        """
        mask = np.zeros(starts.shape, dtype=np.bool_)
        mask[:, : self.num_switches] = True
        return mask

    def thinned(self, actions: FloatArray, rng: np.random.Generator) -> FloatArray:
        """Return random actions moved to where the game has its lanes, for followers to learn from; here as they are.

        Args:
            actions: (num_actions, size).
            rng: chance of which goes where.
        """
        return actions

    @abstractmethod
    def figures(self, commitments: Batch) -> dict[str, float]:
        """Return what a batch of commitments is like on average, by name, to be logged."""

    @abstractmethod
    def to_dict(self) -> dict[str, object]:
        """Return kind and parameters as plain values, ready for JSON."""
