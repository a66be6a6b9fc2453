"""Episodes of `routing_v0` side by side in arrays: in each row a provider and its users, who all act in every step.

For learners of both sides that want many environments at once. A row plays what `routing_v0` plays where the provider
commits once an episode and users have one task each and see the commitment as it is. A step takes a few arrays, however
many rows there are.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from routegame.envs.arrays import BoolArray, Float32Array, FloatArray, IntArray
from routegame.envs.checks import ParameterError, as_count
from routegame.envs.copies import CopiedWhole, with_own_arrays
from routegame.envs.menu_game import Form
from routegame.envs.routing.contract import PlayOrder, contract_for
from routegame.envs.routing.spaces import PROVIDER, ActionError, Spaces, user_name
from routegame.envs.sampling.chances import MAX_COUNT
from routegame.envs.scenarios import GameLike, as_game


class EpisodeBatch(CopiedWhole):
    """Many episodes of one game, stepped together.

    User j of row i is as lucky as `user_k` of `routing_v0`, k = i num_users + j. A row whose episode is over waits, and
    uses no luck, until it is restarted.

    Args:
        game: a single game, or a scenario's name.
        num_rows: how many episodes there are at a time.
        num_users: of each of them.
        throttling: see `routing_v0`, as are the rest.
        max_latency: how slow each model can be made.
        grid: levels of the provider's numbers: its action is one choice of all points, as with `flat=True`.
        max_passes: of a task, before it is cut off.
        order: of models.
        form: of actions in free order.
        seed: of chance.

    Attributes:
        game: the game itself.
        num_rows: as given, as is `num_users`.
        contract: how providers commit.
        spaces: of an environment with as many users.
        max_passes: as given or the default.
        provider_seen: (num_rows, 2) float32, what providers see.
        users_seen: (num_rows, num_users, size) float32, what users see; zeros before a task and after its end.
        provider_reward: (num_rows,) float32, of the last step, in units of cost.
        user_reward: (num_rows, num_users) float32, of the last step, in units of latency.
        playing: (num_rows, num_users), whether a user acts in the next step.
        solved_or_left: (num_rows, num_users), whether its task was solved or given up.
        cut_off: (num_rows, num_users), whether it failed once too often.
        passes: how many have been played in all.

    Raises:
        ParameterError: an argument out of range or of the wrong shape; says which.

    >>> from routegame import Game
    >>> batch = EpisodeBatch(Game(9, 20, (0.1, 0.3), (1, 2), (1, 3)), 2, num_users=3)
    >>> offers = np.array([[0, 0.25], [1, 0]])
    >>> while not batch.over.all():
    ...     batch.step(offers, np.zeros((2, 3), dtype=np.bool_))
    >>> batch.solved_or_left.all(), batch.users_seen.shape
    (np.True_, (2, 3, 5))
    """

    def __init__(
        self,
        game: GameLike,
        num_rows: int,
        *,
        num_users: int = 1,
        throttling: bool = False,
        max_latency: Sequence[float] | None = None,
        grid: int | None = None,
        max_passes: int | None = None,
        order: PlayOrder | None = None,
        form: Form | None = None,
        seed: int = 0,
    ) -> None:
        self.game = as_game(game)
        if self.game.shape != ():
            raise ParameterError("game", "a single game", f"a batch of shape {self.game.shape}")
        self.num_rows = as_count("num_rows", num_rows, MAX_COUNT)
        self.num_users = as_count("num_users", num_users, MAX_COUNT)
        size = as_count("num_rows", self.num_rows * self.num_users, MAX_COUNT)
        self.contract = contract_for(self.game.num_models, order=order, form=form, throttling=throttling)
        box = self.contract.box(self.game, max_latency)
        self._max_latency = box.max_latency
        self._batch = self.contract.batch(self.game, size, max_passes=max_passes)
        self.max_passes = self._batch.max_passes
        self.spaces = Spaces(
            [box] * self.num_users,
            self.contract,
            commits="episode",
            information="memoryless",
            grid=None if grid is None else as_count("grid", grid, MAX_COUNT, smallest=2),
            max_passes=self.max_passes,
            num_tasks=1,
            flat=grid is not None,
        )
        shape, width = (self.num_rows, self.num_users), self.spaces.observations[user_name(0)].shape[0]
        self.provider_seen: Float32Array = np.ones((self.num_rows, 2), dtype=np.float32)
        self.users_seen: Float32Array = np.zeros((*shape, width), dtype=np.float32)
        self.provider_reward: Float32Array = np.zeros(self.num_rows, dtype=np.float32)
        self.user_reward: Float32Array = np.zeros(shape, dtype=np.float32)
        self._begins: BoolArray = np.ones(self.num_rows, dtype=np.bool_)  # rows whose next step begins an episode
        self.playing, self.solved_or_left, self.cut_off = (np.zeros(shape, dtype=np.bool_) for _ in range(3))
        self.passes = 0
        self.reset(seed)

    def __setstate__(self, state: Mapping[str, object]) -> None:
        vars(self).update(with_own_arrays(state))

    @property
    def over(self) -> BoolArray:
        """Whether the episode of each row is over, (num_rows,)."""
        return np.asarray(~self.playing.any(axis=1))

    @property
    def decided(self) -> BoolArray:
        """Whether it ended without a cut-off where it is over, (num_rows,)."""
        return np.asarray(self.solved_or_left.all(axis=1))

    def reset(self, seed: int) -> None:
        """Begin an episode in every row, and all luck anew.

        Raises:
            ParameterError: a negative seed, or none.
        """
        self._batch.reset(seed)
        self.restart(np.ones(self.num_rows, dtype=np.bool_))

    def restart(self, rows: BoolArray) -> None:
        """Begin an episode in some rows, a mask (num_rows,), whether or not one is under way; their luck goes on."""
        left = np.flatnonzero((self.playing & rows[:, None]).reshape(-1) & ~self._batch.over)
        if left.size:
            self._batch.drop(left)
        self._begins |= rows
        self.playing[rows] = True
        self.solved_or_left[rows] = self.cut_off[rows] = False
        self.provider_seen[rows], self.users_seen[rows] = 1, 0
        self.provider_reward[rows], self.user_reward[rows] = 0, 0

    def step(self, offers: NDArray[np.generic], leaves: BoolArray) -> None:
        """Play a round of every row whose episode is not over, and fill the arrays with what came of it.

        Args:
            offers: the providers' actions, (num_rows, offer_size) in [0, 1], or (num_rows,) choices of a grid; they
                count in the first round of an episode.
            leaves: whether users leave, (num_rows, num_users) bool; not looked at where they have no say.

        Raises:
            ActionError: an offer that counts is outside its space; nothing has changed then.
        """
        begun = np.flatnonzero(self._begins)
        batch = self._batch
        if begun.size:
            points = self._points(np.asarray(offers), begun)
            commitments = self.contract.at(points, self.game.latency, self._max_latency)
            members = (begun[:, None] * self.num_users + np.arange(self.num_users)).reshape(-1)
            of_users = commitments.take(np.repeat(np.arange(begun.size), self.num_users))
            self.contract.commit(batch, of_users, members)
            self.users_seen[begun, :, 0] = 1
            self.users_seen[begun, :, 1:] = self.contract.seen(commitments)[:, None]
            self._begins[begun] = False
        played = self.playing.copy()
        batch.step(np.ascontiguousarray(leaves.reshape(-1)))
        waiting = np.flatnonzero(~played)
        if waiting.size:
            batch.take_back(waiting)
        self._settle(played)

    def _settle(self, played: BoolArray) -> None:
        batch, shape = self._batch, played.shape
        solved, left, cut_off = (
            array.reshape(shape) & played for array in (batch.solved, batch.abandoned, batch.cut_off)
        )
        self.passes += int((played & ~left).sum())
        np.multiply(batch.user_reward.reshape(shape), played, out=self.user_reward)
        np.sum(batch.provider_reward.reshape(shape) * played, axis=1, out=self.provider_reward)
        self.users_seen[~played] = 0
        self.solved_or_left |= solved | left
        self.cut_off |= cut_off
        self.playing &= ~(solved | left | cut_off)
        self.provider_seen[:, 0], self.provider_seen[:, 1] = self._begins, self.playing.mean(axis=1)

    def _points(self, offers: NDArray[np.generic], rows: IntArray) -> FloatArray:
        """Return what the providers of some rows commit to, (num_chosen, offer_size) in [0, 1]."""
        shape = (self.num_rows, *(self.spaces.actions[PROVIDER].shape or ()))
        if offers.shape != shape:
            raise ActionError("the providers", f"an array of shape {shape}", offers)
        return np.array([self.spaces.coordinates(offer) for offer in offers[rows]])
