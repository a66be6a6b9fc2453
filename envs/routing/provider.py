"""The provider's side of `routing_v0` between two rounds: what it may do next, what it sees and what it is told."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from routegame.envs.commitment import Commitment
from routegame.envs.routing.spaces import BOUND, FREE, NO_SAY, Commits, Mask, Spaces
from routegame.envs.routing.user import SAME_MODEL, Observation, User, frozen

FLOAT32 = np.dtype(np.float32)


class Provider:
    """The one provider of an environment.

    Args:
        users: all of them, in their order.
        commits: when the provider commits.
        one_game: whether users play the same game, so that one commitment means the same to all of them.
        spaces: of the environment.

    Attributes:
        offer: the last good offer from a box, as float32: one that is the same to the bit need not be checked again.
        view: what it sees.
        info: what it is told, as if the last round had cost nothing: the round's costs are entered in a copy.
    """

    def __init__(self, users: Sequence[User], commits: Commits, one_game: bool, spaces: Spaces) -> None:
        self._users, self._commits, self._spaces = users, commits, spaces
        self._one_commitment = one_game and commits == "episode"
        self._shares: dict[tuple[int, int], Observation] = {}  # views by users who begin a task, and who play
        self.offer: bytes | None = None
        self._coordinates: list[float] = []  # of that offer
        self.view: Observation = frozen([])
        self.info: dict[str, Any] = {}

    @property
    def commitment(self) -> Commitment | tuple[Commitment | None, ...] | None:
        """Commitment in force, see `routegame.envs.routing.rounds.Rounds.commitment`."""
        if self._one_commitment:
            return self._users[0].commitment
        each = tuple(user.commitment for user in self._users)
        return each if any(commitment is not None for commitment in each) else None

    def coordinates(self, offer: Any) -> list[float]:
        """Return an offer as coordinates in [0, 1].

        Raises:
            ActionError: it is no offer.
        """
        if (
            offer.__class__ is np.ndarray
            and offer.dtype is FLOAT32
            and offer.ndim == 1
            and offer.tobytes() == self.offer
        ):
            return self._coordinates
        coordinates = self._spaces.coordinates(offer)
        if not self._spaces.levels:
            self.offer, self._coordinates = np.array(coordinates, dtype=np.float32).tobytes(), coordinates
        return coordinates

    def look_around(self, playing: Sequence[User], beginning: int) -> None:
        """Renew `view` and `info`.

        Args:
            playing: users whose episode goes on.
            beginning: how many of them begin a task in the next round.
        """
        if self._commits == "never":
            self.view = frozen([[user.model, user.passes] for user in self._users])
            has_say = any(_open_to_pick(user) for user in playing)
        else:
            counts = beginning, len(playing)
            if counts not in self._shares:
                self._shares[counts] = frozen(np.array(counts) / len(self._users))
            self.view = self._shares[counts]
            has_say = beginning > 0 and (self._commits == "task" or self._users[0].commitment is None)
        commitment = self._users[0].commitment if self._one_commitment else self.commitment
        self.info = {"has_say": has_say, "commitment": commitment, "cost": 0.0, "abandonments": 0}
        if self._spaces.levels:
            self.info["action_mask"] = self._masks(playing, has_say)

    def _masks(self, playing: Sequence[User], has_say: bool) -> tuple[Mask, ...]:
        """Return which levels of each number of an offer make a difference."""
        if self._commits != "never":
            return self._spaces.open_masks if has_say else self._spaces.closed_masks
        picks = [NO_SAY] * len(self._users)
        for user in playing:
            picks[user.index] = FREE if _open_to_pick(user) else BOUND
        return (*picks, *self._spaces.open_masks[len(picks) :])


def _open_to_pick(user: User) -> bool:
    """Return whether a user's next pass may run on either model: model 2 never hands back."""
    return user.begins or user.at == SAME_MODEL
