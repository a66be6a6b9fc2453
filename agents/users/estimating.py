"""Users who estimate how often models succeed, and do what would be best if they had it right.

They know what everybody is told: what a solved task is worth to them, and how long each model takes. How often it fails
is counted. With probabilities put in the place of true ones, "plugged in", their answer to any commitment is in closed
form, and as wrong as the counts are.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from routegame.agents.exact.solved import solved
from routegame.agents.exact.solved_game import Profile, SolvedGame
from routegame.envs.arrays import FloatArray
from routegame.envs.checks import ParameterError
from routegame.envs.commitment import RoutingGame
from routegame.envs.document import read_arrays
from routegame.envs.menu_game import MenuGame
from routegame.envs.stackelberg import Batch, StackelbergGame


@dataclass(frozen=True)
class EstimatingFollower:
    """Users who take models to succeed with given probabilities, and answer at their best if that is so.

    Attributes:
        game: the game whose commitments they can be shown, of two models or of more.
        success_prob: what they take it to be of each model, (K,), in (0, 1).

    Raises:
        ParameterError: another game, another number of models, or no probabilities.

    >>> from routegame.envs.commitment import Commitments
    >>> from routegame.envs.game import Game
    >>> game = Game(9, 15, (0.1, 0.3), (1, 2), (1, 3.6))
    >>> users = EstimatingFollower(RoutingGame(game), np.array([0.12, 0.3]))
    >>> users.abandon_prob(Commitments.unthrottled(game, 1, [0.0, 0.3])).tolist()
    [0.0, 0.0]
    """

    game: StackelbergGame
    success_prob: FloatArray

    def __post_init__(self) -> None:
        self.solved  # noqa: B018  which refuses what it does not know, and what is no probability

    @cached_property
    def solved(self) -> SolvedGame[Profile]:
        """The closed form of the game that they take it to be."""
        game, found = self.game, tuple(np.asarray(self.success_prob).tolist())
        if isinstance(game, RoutingGame):
            return solved(RoutingGame(replace(game.game, success_prob=found), throttling=game.throttling))
        if isinstance(game, MenuGame):
            believed = replace(game.game, success_prob=found)
            return solved(MenuGame(believed, form=game.form, throttling=game.throttling))
        raise ParameterError("game", "one of two models or of more", game.KIND)

    def abandon_prob(self, commitments: Batch) -> FloatArray:
        """Probability of leaving after a failure, (num_commitments,)."""
        return self.solved.best_answer(commitments)

    def arrays(self) -> Mapping[str, NDArray[np.generic]]:
        """Return the arrays that these users consist of, by name; `load` makes them again."""
        return {"success_prob": self.success_prob}

    @classmethod
    def load(cls, path: Path, game: StackelbergGame) -> EstimatingFollower:
        """Read users that were saved as an .npz file of `arrays`.

        Raises:
            FileError: not such a file, or made for other models than those of `game`.
        """
        with read_arrays(path, "an .npz file with the arrays of users who estimate") as named:
            return cls(game, named["success_prob"])
