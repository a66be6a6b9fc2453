"""Games against followers of several types, of which a leader plays all at once, and each knows its own.

The leader commits once. Every follower sees the commitment, knows its type, which the leader does not, and answers as
that type does: an answer to a batch has one number for each type. Plays meet types as often as they are common.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from routegame.envs.arrays import BoolArray, FloatArray, IntArray
from routegame.envs.checks import ParameterError, as_number
from routegame.envs.classic.point_game import Point, PointGame, Points
from routegame.envs.document import Document
from routegame.envs.stackelberg import Batch, Plays, Single, StackelbergGame

TypePlays = Callable[[int, StackelbergGame, Batch, FloatArray, int], Plays]
"""Plays so often with one type, given its number, its game, commitments in that game and its answers to them."""


class TypedGame(PointGame):
    """A game of points whose followers are of several types.

    Attributes:
        prior: how common each type is, adding up to 1.
    """

    prior: tuple[float, ...]

    @property
    @abstractmethod
    def types(self) -> tuple[StackelbergGame, ...]:
        """The game against each type alone, all of them of the same leader's box."""

    @property
    def size(self) -> int:
        """Number of dimensions of the box."""
        return self.types[0].size

    @property
    def num_answers(self) -> int:
        """How many types there are, each of which answers with a number."""
        return len(self.types)

    @property
    def utility_scale(self) -> float:
        """The largest scale of any type's utility."""
        return max(one.utility_scale for one in self.types)

    @property
    def habits(self) -> FloatArray:
        """Answers to pick from by trying, those of every type."""
        return self.types[0].habits

    @property
    def deviations(self) -> FloatArray:
        """Answers that each type may turn to."""
        return self.types[0].deviations

    @property
    def as_met(self) -> OneOfTypes:
        """The game as a follower meets it that knows its type."""
        return OneOfTypes(self)

    def met(self, commitments: Batch, rng: np.random.Generator) -> Meetings:
        """Return commitments as they are made to followers of a random type, rare ones as often as others."""
        points = Points.of(commitments).coordinates
        return Meetings(points, rng.integers(self.num_answers, size=len(points)))

    def asked(self, commitments: Batch) -> Meetings:
        """Return commitments as they are made to every type, (num_commitments · num_types): one after the other."""
        points, types = Points.of(commitments).coordinates, self.num_answers
        return Meetings(np.repeat(points, types, axis=0), np.tile(np.arange(types), len(points)))

    def each(self, commitments: Batch) -> tuple[Batch, ...]:
        """Return commitments as they are made in the game against each type."""
        points = Points.of(commitments).coordinates
        return tuple(one.commitments(points) for one in self.types)

    def by_type(self, answers: FloatArray) -> FloatArray:
        """Return answers of every type, (num_commitments, num_types), where there is one number for all as well."""
        columns = answers if answers.ndim == 2 else answers[:, None]
        return np.broadcast_to(columns, (len(answers), self.num_answers))

    def play(self, commitments: Batch, answers: FloatArray, num_plays: int, rng: np.random.Generator) -> Plays:
        """Play with followers of all types, see `StackelbergGame`.

        How many of each type there are among the plays is drawn once for all commitments: who comes is not for them
        to say.
        """
        return self._played(commitments, answers, num_plays, rng, lambda _, one, *of: one.play(*of, rng))

    def play_totals(self, commitments: Batch, answers: FloatArray, num_plays: int, rng: np.random.Generator) -> Plays:
        """Play with followers of all types the quickest way that there is with each."""
        return self._played(commitments, answers, num_plays, rng, lambda _, one, *of: one.play_totals(*of, rng))

    def play_compared(self, commitments: Batch, answers: FloatArray, num_plays: int, rng: np.random.Generator) -> Plays:
        """Play with followers of all types; rows share their luck where they do with one type alone."""
        return self._played(commitments, answers, num_plays, rng, lambda _, one, *of: one.play_compared(*of, rng))

    def play_with_luck(self, commitments: Batch, answers: FloatArray, num_plays: int, luck: int) -> Plays:
        """Play with followers of all types: who comes is luck, too."""
        rng = np.random.default_rng(luck)
        lucks = rng.integers(2**63, size=self.num_answers).tolist()
        return self._played(
            commitments, answers, num_plays, rng, lambda number, one, *of: one.play_with_luck(*of, lucks[number])
        )

    def play_equally_lucky(
        self, commitments: Batch, answers: FloatArray, num_plays: int, luck: int, period: int
    ) -> Plays:
        """Play all rows at once with each type."""
        rng = np.random.default_rng(luck)
        lucks = rng.integers(2**63, size=self.num_answers).tolist()
        return self._played(
            commitments,
            answers,
            num_plays,
            rng,
            lambda number, one, *of: one.play_equally_lucky(*of, lucks[number], period),
        )

    def _played(
        self, commitments: Batch, answers: FloatArray, num_plays: int, rng: np.random.Generator, play: TypePlays
    ) -> Plays:
        count = len(commitments)
        came = rng.multinomial(num_plays, self.prior).tolist()
        passes, cost, utility = np.zeros(count, dtype=np.int64), np.zeros(count), np.zeros(count)
        own = self.by_type(answers)
        for number, (one, offered, plays) in enumerate(zip(self.types, self.each(commitments), came, strict=True)):
            if plays:
                found = play(number, one, offered, own[:, number], plays)
                passes += found.passes.reshape(count, -1).sum(axis=1)
                cost += plays / num_plays * found.leader_cost
                utility += plays / num_plays * found.follower_utility
        return Plays(passes, cost, utility, num_plays=num_plays)

    def starts(self, shares: FloatArray, extra: float = 0.0) -> FloatArray:
        """Return points to start from, those of a game against one type."""
        return self.types[0].starts(shares, extra)

    def held(self, starts: FloatArray) -> BoolArray:
        """Return which coordinates searches keep to, as in a game against one type."""
        return self.types[0].held(starts)

    def thinned(self, actions: FloatArray, rng: np.random.Generator) -> FloatArray:
        """Return random actions moved to lanes, as in a game against one type."""
        return self.types[0].thinned(actions, rng)


@dataclass(frozen=True)
class Meeting(Single):
    """A commitment that is made to a follower of one type.

    Attributes:
        coordinates: of the leader's box.
        number: of the type, from 0.
    """

    coordinates: tuple[float, ...]
    number: int

    def alone(self) -> Meetings:
        """Return the commitment as a batch of one."""
        return Meetings(np.array([self.coordinates]), np.array([self.number]))


@dataclass(frozen=True)
class Meetings(Batch):
    """Many commitments, each made to a follower of one type.

    Attributes:
        coordinates: (num_commitments, size).
        number: of the type, from 0, (num_commitments,).
    """

    coordinates: FloatArray
    number: IntArray

    def __len__(self) -> int:
        return len(self.coordinates)

    def __getitem__(self, index: int) -> Meeting:
        return Meeting(tuple(self.coordinates[index].tolist()), int(self.number[index]))

    def take(self, indices: IntArray) -> Meetings:
        """Return these commitments, in this order, as often as they are named."""
        return Meetings(self.coordinates[indices], self.number[indices])


class OneOfTypes(StackelbergGame):
    """A game against followers of several types as one of them meets it, who sees which type it is.

    Rows of a batch are made to different types. A follower learns here what all types answer.

    Args:
        game: the game.
    """

    KIND: ClassVar[str] = "one-of-types"

    def __init__(self, game: TypedGame) -> None:
        self.game = game
        self._first = game.types[0]

    @property
    def size(self) -> int:
        """Number of dimensions of the box."""
        return self.game.size

    @property
    def num_switches(self) -> int:
        """Number of dimensions that are switches."""
        return self._first.num_switches

    @property
    def utility_scale(self) -> float:
        """The largest scale of any type's utility."""
        return self.game.utility_scale

    def seen(self, commitments: Batch) -> FloatArray:
        """Return which type a follower is, (num_commitments, num_types), 1 for its own."""
        return np.eye(self.game.num_answers)[Meetings.of(commitments).number]

    def commitments(self, actions: FloatArray) -> Meetings:
        """Return what the rows of `actions` commit to, made to the types in turn."""
        return Meetings(actions, np.arange(len(actions)) % self.game.num_answers)

    def actions(self, commitments: Batch) -> FloatArray:
        """Return the coordinates of commitments."""
        return Meetings.of(commitments).coordinates.copy()

    def action(self, commitment: Single) -> NDArray[np.float32]:
        """Return the coordinates of a commitment, (size,) float32."""
        return self.game.action(Point(Meeting.of(commitment).coordinates))

    def read(self, plain: Document) -> Meeting:
        """Return the commitment whose `dataclasses.asdict` this is."""
        return Meeting(self.game.read(plain).coordinates, int(plain["number"]))

    def play(self, commitments: Batch, answers: FloatArray, num_plays: int, rng: np.random.Generator) -> Plays:
        """Play with each row's own type."""
        return self._played(commitments, answers, lambda one, *of: one.play(*of, num_plays, rng), num_plays)

    def play_with_luck(self, commitments: Batch, answers: FloatArray, num_plays: int, luck: int) -> Plays:
        """Play with each row's own type with given luck."""
        return self._played(commitments, answers, lambda one, *of: one.play_with_luck(*of, num_plays, luck), num_plays)

    def _played(
        self,
        commitments: Batch,
        answers: FloatArray,
        play: Callable[[StackelbergGame, Batch, FloatArray], Plays],
        num_plays: int,
    ) -> Plays:
        met, count = Meetings.of(commitments), len(commitments)
        passes, cost, utility = np.zeros(count, dtype=np.int64), np.zeros(count), np.zeros(count)
        for number, one in enumerate(self.game.types):
            rows = np.flatnonzero(met.number == number)
            if len(rows):
                found = play(one, one.commitments(met.coordinates[rows]), answers[rows])
                passes[rows] = found.passes.reshape(len(rows), -1).sum(axis=1)
                cost[rows], utility[rows] = found.leader_cost, found.follower_utility
        return Plays(passes, cost, utility, num_plays=num_plays)

    def starts(self, shares: FloatArray, extra: float = 0.0) -> FloatArray:
        """Return points to start from."""
        return self.game.starts(shares, extra)

    def figures(self, commitments: Batch) -> dict[str, float]:
        """Return the mean of every coordinate."""
        return self.game.figures(Points(Meetings.of(commitments).coordinates))

    def to_dict(self) -> dict[str, object]:
        """Return kind and game as plain values."""
        return {"kind": self.KIND, "game": self.game.to_dict()}


def as_prior(prior: Sequence[float], num_types: int) -> tuple[float, ...]:
    """Return how common types are, divided by their sum.

    Raises:
        ParameterError: other than one positive number for each type.

    >>> as_prior([3, 1], 2)
    (0.75, 0.25)
    """
    held = np.atleast_1d(as_number("prior", np.asarray(prior, dtype=np.float64), 0, np.inf, closed="neither"))
    if held.shape != (num_types,):
        raise ParameterError("prior", f"a positive number for each of {num_types} types", list(prior))
    return tuple((held / held.sum()).tolist())
