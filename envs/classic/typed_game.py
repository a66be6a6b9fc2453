"""Games against followers of several types, of which a leader plays all at once, and each knows its own.

The leader commits once. Every follower sees the commitment, knows its type, which the leader does not, and answers as
that type does: an answer to a batch has one number for each type. Plays meet types as often as they are common.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Sequence

import numpy as np

from routegame.envs.arrays import BoolArray, FloatArray
from routegame.envs.checks import ParameterError, as_number
from routegame.envs.classic.point_game import PointGame, Points
from routegame.envs.stackelberg import Batch, Plays, StackelbergGame

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
