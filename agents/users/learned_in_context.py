"""Sighted users who learned what to answer in any context: one network of what is known and the commitment."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from routegame.agents.users.learned import LearnedFollower, layers_in
from routegame.envs.arrays import Float32Array, FloatArray
from routegame.envs.checks import ParameterError
from routegame.envs.context_game import ContextGame, Offers
from routegame.envs.document import read_arrays
from routegame.envs.mix_game import MixCommitments, MixGame
from routegame.envs.stackelberg import Batch, StackelbergGame


@dataclass(frozen=True)
class ContextualFollower:
    """Users of a mix of tasks who answer in every context as one network says.

    Attributes:
        game: the mix whose contexts they know.
        layers: of the network, see `LearnedFollower`.
        bound: likewise.
    """

    game: MixGame
    layers: tuple[tuple[Float32Array, Float32Array], ...]
    bound: float

    @classmethod
    def of(cls, game: MixGame, follower: LearnedFollower) -> ContextualFollower:
        """Return users who answer in every context as followers of single tasks do."""
        return cls(game, follower.layers, follower.bound)

    @cached_property
    def in_context(self) -> LearnedFollower:
        """The same network as a user of one task."""
        return LearnedFollower(ContextGame(self.game.mix), self.layers, self.bound)

    def abandon_prob(self, commitments: Batch) -> FloatArray:
        """Probability of leaving after a failure in each context, (num_commitments, C)."""
        offers = Offers.of_policies(MixCommitments.of(commitments))
        return self.in_context.abandon_prob(offers).reshape(len(commitments), -1)

    def arrays(self) -> dict[str, NDArray[np.floating]]:
        """Everything that was learned, by name."""
        named = self.in_context.arrays()
        named["bound_in_context"] = named.pop("bound")
        return named

    @classmethod
    def load(cls, path: Path, game: StackelbergGame) -> ContextualFollower | LearnedFollower:
        """Read users that were saved as an .npz file of `arrays`; of blind ones those of a `LearnedFollower`.

        Raises:
            ParameterError: a game that is no mix.
            FileError: not such a file, or made for other contexts than those of `game`.
        """
        if not isinstance(game, MixGame):
            raise ParameterError("game", "a mix of tasks", game.KIND)
        if game.users != "sighted":
            return LearnedFollower.load(path, game)
        with read_arrays(path, "an .npz file with the arrays of learned users of a mix") as named:
            found = cls(game, layers_in(named), float(named["bound_in_context"]))
            found.abandon_prob(game.commitments(np.full((1, game.size), 0.5)))
        return found
