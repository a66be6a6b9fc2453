"""The provider's side of `routing_v0` between two rounds: what it may do next, what it sees and what it is told."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from routegame.envs.routing.contract import Contract
from routegame.envs.routing.spaces import ARRAY, FLOAT32, Commits, Mask, Spaces, mask
from routegame.envs.routing.user import Info, Observation, User, frozen

NOTHING_YET: Info = {"has_say": True, "commitment": None, "cost": 0.0, "abandonments": 0}
"""What a provider is told before it commits."""


class Provider:
    """The one provider of an environment.

    Args:
        users: all of them, in their order.
        commits: when the provider commits.
        one_game: whether users play the same game, so that one commitment means the same to all of them.
        spaces: of the environment.
        contract: how the provider commits.
        looks: returns what it sees of a user's task, where tasks differ and it moves more than once an episode.

    Attributes:
        offer: the last good offer from a box, as float32: one that is the same to the bit need not be checked again.
        view: what it sees.
        info: what it is told, as if the last round had cost nothing: the round's costs are entered in a copy.
        closed: masks of its offers, with a grid, where it has no say.
    """

    def __init__(
        self,
        users: Sequence[User],
        commits: Commits,
        one_game: bool,
        spaces: Spaces,
        contract: Contract,
        looks: Callable[[User], list[float]] | None = None,
    ) -> None:
        self._users, self._commits, self._spaces, self._contract = users, commits, spaces, contract
        self._looks = looks
        self._one_commitment = one_game and commits == "episode"
        self._open, self.closed = spaces.masks(spaces.open_masks), spaces.masks(spaces.closed_masks)
        self._shares: dict[tuple[int, int], Observation] = {}  # views by users who begin a task, and who play
        self.offer: bytes | None = None
        self._coordinates: list[float] = []  # of that offer
        self.view: Observation = frozen([])
        self.info: Info = {}

    @property
    def commitment(self) -> Any:
        """Commitment in force, see `routegame.envs.routing.rounds.Rounds.commitment`."""
        if self._one_commitment:
            return self._users[0].commitment
        each = tuple(user.commitment for user in self._users)
        return each if any(commitment is not None for commitment in each) else None

    def coordinates(self, offer: object) -> list[float]:
        """Return an offer as coordinates in [0, 1].

        Raises:
            ActionError: it is no offer.
        """
        given = b""
        if offer.__class__ is ARRAY and offer.dtype is FLOAT32 and offer.ndim == 1:
            given = offer.tobytes()
            if given == self.offer:
                return self._coordinates
        coordinates = self._spaces.coordinates(offer)
        if not self._spaces.levels:
            self.offer = given or np.array(coordinates, dtype=np.float32).tobytes()
            self._coordinates = coordinates
        return coordinates

    def look_around(self, playing: Sequence[User], beginning: int, awaiting: int) -> None:
        """Renew `view` and `info`.

        Args:
            playing: users whose episode goes on.
            beginning: how many of them begin a task in the next round, or are offered one.
            awaiting: how many of these have not been offered it yet.
        """
        if self._commits == "never":
            tasks = self._tasks(playing)
            self.view = frozen(
                [x for user, seen in zip(self._users, tasks, strict=True) for x in (user.model, user.passes, *seen)]
            )
            has_say = any(self._open_to_pick(user) for user in playing)
        else:
            self.count(beginning, len(playing))
            if self._looks is not None:
                coming = [user for user in playing if user.begins]
                self.view = frozen([*self.view, *(x for seen in self._tasks(coming) for x in seen)])
            has_say = awaiting > 0 and (self._commits == "task" or self._users[0].terms is None)
        self.tell(has_say)
        if self._spaces.levels:
            self.info["action_mask"] = self._masks(playing, has_say)

    def count(self, beginning: int, playing: int) -> None:
        """Renew `view` where it is two shares of the users: how many begin a task, and how many play."""
        counts = beginning, playing
        view = self._shares.get(counts)
        if view is None:
            self._shares[counts] = view = frozen(np.array(counts) / len(self._users))
        self.view = view

    def begin(self) -> None:
        """Renew `view` and `info` for an episode in which all users are to begin a task, and no commitment is made."""
        self.count(len(self._users), len(self._users))
        self.info = NOTHING_YET

    def tell(self, has_say: bool) -> None:
        """Renew `info` but for masks."""
        commitment = self._users[0].commitment if self._one_commitment else self.commitment
        self.info = {"has_say": has_say, "commitment": commitment, "cost": 0.0, "abandonments": 0}

    def _tasks(self, users: Sequence[User]) -> list[list[float]]:
        """Return what is seen of the tasks of some users, in the order of all; zeros for the others."""
        if self._looks is None:
            return [[] for _ in self._users]
        seen = {user.index: self._looks(user) for user in users}
        nothing = [0.0] * len(self._looks(self._users[0]))
        return [seen.get(user.index, nothing) for user in self._users]

    def _masks(self, playing: Sequence[User], has_say: bool) -> Mask | tuple[Mask, ...]:
        """Return which levels of each number of an offer make a difference, or which offers."""
        if self._commits != "never":
            return self._open if has_say else self.closed
        picks = list(self._spaces.closed_masks[: len(self._users)])
        for user in playing:
            bound = mask(*(model + 1 == user.model for model in range(self._contract.num_models)))
            picks[user.index] = self._spaces.open_masks[user.index] if self._open_to_pick(user) else bound
        return self._spaces.masks((*picks, *self._spaces.open_masks[len(picks) :]))

    def _open_to_pick(self, user: User) -> bool:
        """Return whether a user's next pass may run on any model: in the paper's order model 2 never hands back."""
        return user.begins or self._contract.may_leave(user.model)
