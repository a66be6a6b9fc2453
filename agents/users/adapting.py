"""Users who know nothing and find out: each commitment is answered by trying, from scratch, on sampled tasks.

There is a crowd of users under a commitment, each with a habit q of leaving after a failure. In every round each habit
that is still followed is tried on some tasks, and users go over to those that paid: the share of a habit is multiplied
by exp(rate · utility). That is multiplicative weights (Freund & Schapire 1997, "Hedge"), with rates that grow from
round to round as users grow surer; a habit that hardly anybody follows any more is given up. The crowd's answer is the
mean habit: a user who picks a habit anew after every failure leaves with that probability.

After one round alone the shares are exp(rate · utility), up to a constant: users at temperature 1 / rate.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from routegame.envs.arrays import FloatArray
from routegame.envs.checks import as_number
from routegame.envs.document import read_arrays
from routegame.envs.stackelberg import Batch, Plays, StackelbergGame

GIVEN_UP = 1e-3
"""A habit is tried as long as it has this share of users, relative to the habit that has most."""

Count = Callable[[Plays], Plays]
"""Told of what was played, and hands it on."""


class Crowd:
    """Users of a game under many commitments at once, and what they do by now.

    Args:
        game: the game.
        num_commitments: how many commitments.
    """

    def __init__(self, game: StackelbergGame, num_commitments: int) -> None:
        self._game = game
        self._log_shares = np.zeros((num_commitments, len(game.habits)))

    @property
    def answers(self) -> FloatArray:
        """Mean habit under each commitment, (num_commitments,)."""
        shares = np.exp(self._log_shares)
        answers: FloatArray = shares @ self._game.habits / shares.sum(axis=1)
        return np.minimum(answers, 1.0)

    def learn(self, commitments: Batch, rate: float, num_tasks: int, rng: np.random.Generator, count: Count) -> None:
        """Try the habits that are followed on tasks under each commitment, and go over to those that paid.

        Args:
            commitments: what is in force, as many as the crowd was made for.
            rate: of going over, per unit of utility.
            num_tasks: for each commitment and habit.
            rng: the source of chance.
            count: told of all tasks.
        """
        row, habit = np.nonzero(self._log_shares >= np.log(GIVEN_UP))
        played = count(self._game.play_totals(commitments.take(row), self._game.habits[habit], num_tasks, rng))
        paid = np.full_like(self._log_shares, -np.inf)
        paid[row, habit] = played.follower_utility
        shares = self._log_shares + rate * paid
        self._log_shares = shares - shares.max(axis=1, keepdims=True)

    def state(self) -> dict[str, FloatArray]:
        """Return how many follow each habit."""
        return {"log_shares": self._log_shares}

    def restore(self, state: Mapping[str, FloatArray]) -> None:
        """Go on from a state."""
        self._log_shares = state["log_shares"]


@dataclass(frozen=True)
class AdaptedFollower:
    """Users who adapt to every commitment from scratch; the same batch of commitments gets the same answers.

    Attributes:
        game: the game whose commitments they can be shown.
        rates: of going over in each round, per unit of utility, (num_rounds,).
        num_tasks: that each habit is tried on in the last round; in every round before, half as many.
        seed: of the tasks.

    >>> from routegame.envs.commitment import RoutingGame, Commitments
    >>> from routegame.envs.game import Game
    >>> game = Game(9, 15, (0.1, 0.3), (1, 2), (1, 3.6))
    >>> users = AdaptedFollower(RoutingGame(game), np.array([3.0, 100.0]), 4096, seed=0)
    >>> users.abandon_prob(Commitments.unthrottled(game, 1, [0.0, 0.3])).round(1).tolist()
    [1.0, 0.0]
    """

    game: StackelbergGame
    rates: FloatArray
    num_tasks: int
    seed: int

    def abandon_prob(self, commitments: Batch) -> FloatArray:
        """Probability of leaving after a failure once they have adapted, (num_commitments,)."""
        *_, answers = self.adapting(commitments, np.random.default_rng(self.seed), lambda tasks: tasks)
        return answers

    def adapting(self, commitments: Batch, rng: np.random.Generator, count: Count) -> Iterator[FloatArray]:
        """Adapt, and yield the answers as they are before the first round and after every round."""
        crowd = Crowd(self.game, len(commitments))
        yield crowd.answers
        for rate, num_tasks in self.rounds():
            crowd.learn(commitments, rate, num_tasks, rng, count)
            yield crowd.answers

    def rounds(self) -> list[tuple[float, int]]:
        """Return rate and tasks of every round."""
        last = len(self.rates) - 1
        return [(rate, max(self.num_tasks >> (last - k), 1)) for k, rate in enumerate(self.rates.tolist())]

    def arrays(self) -> dict[str, NDArray[np.generic]]:
        """Return the arrays that these users consist of, by name; `load` makes them again."""
        return {"rates": self.rates, "num_tasks": np.array(self.num_tasks), "seed": np.array(self.seed)}

    @classmethod
    def load(cls, path: Path, game: StackelbergGame) -> AdaptedFollower:
        """Read users that were saved as an .npz file of `arrays`.

        Raises:
            FileError: not such a file.
        """
        with read_arrays(path, "an .npz file with the arrays of adapted users") as named:
            rates = np.atleast_1d(as_number("rates", named["rates"], 0, np.inf, closed="neither"))
            return cls(game, rates, int(named["num_tasks"]), int(named["seed"]))
