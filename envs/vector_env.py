"""The routing game as Gymnasium vector environments, one for each side: many providers, or many users, in one step.

| Import   | `from routegame.envs.vector_env import FollowerVectorEnv, LeaderVectorEnv`           |
|----------|--------------------------------------------------------------------------------------|
| Leader   | a row is a provider; a step is a commitment, is paid −J, and ends the episode        |
| Follower | a row is a user; an episode is a task, a step answers a failure, rewards add up to U |
| Restart  | in the step that ends an episode, or in the next: `autoreset_mode`, as in Gymnasium  |

A row may have a game of its own: pass a batch of games of shape `(num_envs,)`. Observations then end with the row's
game, `[V, P, p_1, p_2, t_1, t_2, c_1, c_2]` (`game_features`), so that one policy can play them all.

Of more than two models, or with `order="free"`, commitments are in full, and users may be allowed to decline, as in
`routing_v0`: actions are weights, and users see start and rows in place of route and cascade probability.

In place of a game all of it takes a mix of tasks: each task draws its context, and a commitment is one over contexts,
as in `routing_v0`. A follower sees what a user sees there. A leader's action holds a commitment for each class of
tasks, and its users know their contexts, or answer alike in all of them, see `Respond`.

What happens in row i depends on the seed, on i, on the row's game and on its actions: not on the number of rows or
threads. `reset(seed=s)` starts the same episodes each time; `reset()` goes on deterministically to others.

With `AutoresetMode.SAME_STEP`, the default, what a step that ends an episode returns of its row is the beginning of the
next one; its last observation and info are in `final_obs` and `final_info`. With `AutoresetMode.NEXT_STEP` it returns
the last observation, and the row's infos, `solved` and the like, under their own names; the row's next step begins the
next episode, whatever the action, and is paid nothing. Between these steps a row plays what it plays in the other mode,
bit for bit.

Every array that `reset` and `step` return is the caller's to keep and to change, as with Gymnasium's `copy=True`.
`options` of `reset` are not used. An action outside its space is an `ActionError` that says whose it is; nothing has
changed then, and the step can be tried again.

## Leader

* Action: `Box(0, 1, (2,))`, or `(4,)` with throttling: one commitment, see `routegame.envs.commitment.RoutingGame`. In
  free order as many weights and slow-downs as `routegame.envs.menu_game.MenuGame` says.
* Observation: what `routing_v0` shows a provider, `[1, 1]` before its move and `[0, 0]` after, then `game_features`
  where `game` is a batch.
* Step: users answer the commitment as `respond` says, and `num_tasks` tasks are drawn
  (`routegame.envs.sampling.whole_tasks`).
* Reward: −(mean cost of a task + churn penalty × share that was not solved), float32.
* `final_info`, or infos by their own names: float64, means over the tasks: `solve_share`, `passes` (of each model),
  `latency`, `cost` (without the churn penalty), and the users' `abandon_prob`; with `decline` also `decline_prob`.

## Follower

* Action: `RETRY` (0) or `ABANDON` (1). In phase 0 it has no effect, since the first pass cannot be declined;
  `action_mask` in the infos says so. With `decline` it can, and the commitment is in sight in phase 0.
* Observation: what `routing_v0` shows a user: `[phase, route, cascade_prob, throttled_latency of model 1, of model 2]`,
  all 0 before the first pass, then phase 1 and the commitment; then the model that failed last
  (`information="model"`, 0 before the first failure) or the number of failures so far (`"history"`); then
  `game_features` where `game` is a batch.
* Reward: −(latency in force) for a pass, + task value when it solves the task, float32.
* Endings: terminated if the task is solved or abandoned, truncated if it fails for the `max_passes`-th time.
* Info: `action_mask` (int8, of the observations returned) and `provider_reward` (float32, of the step just played:
  −cost of a pass, −churn penalty of an abandonment). Where a task ended also `solved`, `abandoned` and its `passes`, in
  `final_info` or by their own names.

Example:
    >>> from routegame import Game
    >>> from routegame.envs import Commitment
    >>> game = Game(9, 20, (0.1, 0.3), (1, 2), (1, 3))
    >>> env = FollowerVectorEnv(game, 3, Commitment.unthrottled(game, route=1, cascade_prob=0.5))
    >>> observations, infos = env.reset(seed=0)
    >>> observations, rewards, terminations, truncations, infos = env.step(np.array([RETRY, RETRY, ABANDON]))
    >>> observations[:, 0].tolist(), rewards.tolist()
    ([1.0, 1.0, 1.0], [-1.0, -1.0, -1.0])
"""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any, Literal, cast, get_args

import gymnasium
import numpy as np
from gymnasium import spaces
from gymnasium.error import ResetNeeded
from gymnasium.vector import AutoresetMode, VectorEnv
from gymnasium.vector.utils import batch_space
from numpy.typing import ArrayLike, NDArray

from routegame.envs.arrays import BoolArray, Float32Array, FloatArray, Number
from routegame.envs.checks import ParameterError, as_choice, as_count, as_each, known_as
from routegame.envs.commitment import default_max_latency
from routegame.envs.copies import CopiedWhole, with_own_arrays
from routegame.envs.game import Game, Information
from routegame.envs.menu_game import Form
from routegame.envs.policy_table import PolicyTable
from routegame.envs.routing.contract import PlayOrder, contract_for
from routegame.envs.routing.mixed_rows import MixedRows, MixedTasks, Respond, announced
from routegame.envs.routing.mixture import Announce, refuse_unmixed
from routegame.envs.routing.spaces import ABANDON, RETRY, ActionError, Bounds, most_seen
from routegame.envs.routing.user import Info
from routegame.envs.sampling.chances import MAX_COUNT, NUM_WORDS
from routegame.envs.sampling.whole_tasks import draw_tasks
from routegame.envs.scenarios import GameLike, as_game
from routegame.envs.stackelberg import Batch, Single
from routegame.envs.tasks_like import TasksLike, mix_of

__all__ = ["ABANDON", "RETRY", "FollowerVectorEnv", "LeaderVectorEnv", "Respond", "game_features"]


Step = tuple[Float32Array, Float32Array, BoolArray, BoolArray, Info]

METADATA: dict[str, Any] = {"autoreset_mode": AutoresetMode.SAME_STEP, "render_modes": []}

RIGHT_SINCE = (1, 4)
"""Version of Gymnasium whose `RecordEpisodeStatistics` counts all steps of episodes that restart in the same step."""


def game_features(game: Game, num_envs: int) -> Float32Array:
    """The parameters of each row's game, (num_envs, 2 + 3 K) float32: V, P, p_1, p_2, t_1, t_2, c_1, c_2 of two models.

    Raises:
        ParameterError: a number that float32 cannot hold.
    """
    values = (game.task_value, game.churn_penalty, *game.success_prob, *game.latency, *game.cost)
    return _as_float32("game", np.stack([np.broadcast_to(value, (num_envs,)) for value in values], axis=1))


class FollowerVectorEnv(CopiedWhole, VectorEnv[Float32Array, NDArray[np.integer], Any]):
    """Users who decide after each failure of their task whether to go on; the module describes a step.

    Args:
        game: a single game, or a scenario's name, or a batch of shape (num_envs,).
        num_envs: number of rows.
        commitment: what the provider committed to: one commitment for all rows, one for each, or "random" for one
            drawn anew for every task, uniformly over the provider's actions. Where tasks differ a policy over contexts
            for all rows, whatever `TableBox.action` takes, or such an action.
        information: what users see besides the commitment, "memoryless", "model" or "history".
        throttling: whether the provider may slow its models down; if not, commitments are at the game's latencies.
        max_latency: how slow each model can be made, no less than in any game. Default: `default_max_latency`. Only
            with throttling.
        max_passes: see `TaskBatch`, as are the rest.
        retry_multiplier: of the success probability, on a repeated pass.
        difficulty: how alike tasks are.
        num_threads: how many threads share the rows.
        autoreset_mode: when the next episode of a row begins, `AutoresetMode.SAME_STEP` or `NEXT_STEP`, or its value.
        order: see `routing_v0`, as are the rest.
        form: of actions in free order.
        decline: whether users may decline a task.
        context_visible: where tasks differ, see `routing_v0`, as are the rest.
        signal: what the provider sees of a context.
        announce: what users see of a commitment over contexts.

    Attributes:
        game: the game itself; where tasks differ, those of their contexts.
        contract: how the provider commits.
        information: as given.
        max_passes: as given or the default.

    Raises:
        ParameterError: an argument out of range or of the wrong shape; says which.
    """

    metadata = METADATA

    @known_as("FollowerVectorEnv")
    def __init__(
        self,
        game: TasksLike,
        num_envs: int,
        commitment: Single | Batch | PolicyTable | Sequence[Single] | Float32Array | Literal["random"],
        *,
        information: Information = "memoryless",
        throttling: bool = False,
        max_latency: Sequence[Number] | None = None,
        max_passes: int | None = None,
        retry_multiplier: float | Sequence[float] = 1.0,
        difficulty: ArrayLike | None = None,
        num_threads: int = 1,
        autoreset_mode: AutoresetMode | str = AutoresetMode.SAME_STEP,
        order: PlayOrder | None = None,
        form: Form | None = None,
        decline: bool = False,
        context_visible: bool | None = None,
        signal: ArrayLike | None = None,
        announce: Announce | None = None,
    ) -> None:
        self.metadata = METADATA | {"autoreset_mode": _autoreset(autoreset_mode)}
        self._next_step = self.metadata["autoreset_mode"] is AutoresetMode.NEXT_STEP
        self.information: Information = as_choice("information", information, get_args(Information))
        given = mix_of(game)
        game = as_game(cast("GameLike", game)) if given is None else given.mix.games
        self.contract = contract_for(game.num_models, order=order, form=form, decline=decline, throttling=throttling)
        self._mixed: MixedRows | None = None
        if given is None:
            refuse_unmixed(context_visible=context_visible, signal=signal, announce=announce)
        else:
            announcement = announced(
                given,
                self.contract,
                context_visible=context_visible,
                signal=signal,
                announce=announce,
                max_latency=max_latency,
            )
            self._mixed = MixedRows(announcement, commitment)
        self._batch = self.contract.batch(
            game if given is None else given.mix,
            as_count("num_envs", num_envs, MAX_COUNT),
            max_passes=max_passes,
            retry_multiplier=retry_multiplier,
            difficulty=difficulty,
            num_threads=num_threads,
            **({} if given is None else {"signal": signal}),
        )
        self.game, self.num_envs = game, num_envs
        self.max_passes = self._batch.max_passes
        self._max_latency = _slowest(game, throttling, max_latency)
        self._everyone = np.arange(num_envs)
        apart = game.shape and given is None
        features = game_features(game, num_envs) if apart else np.zeros((num_envs, 0), dtype=np.float32)
        self._memory = len(self._bounds()[1])
        self._offer = slice(1, self._memory - (information != "memoryless"))
        self._observations = np.zeros((num_envs, self._memory + features.shape[1]), dtype=np.float32)
        self._observations[:, self._memory :] = features
        self._offers = np.zeros((num_envs, self._offer.stop - 1), dtype=np.float32)
        self._failures = np.zeros(num_envs, dtype=np.int32)
        self._masks = np.ones((num_envs, 2), dtype=np.int8)
        self._resting = np.zeros(num_envs, dtype=np.bool_)  # rows whose next step only begins an episode
        self._started = False
        self.single_observation_space = self._space(features)
        self.observation_space = batch_space(self.single_observation_space, num_envs)
        self.single_action_space = spaces.Discrete(2)
        self.action_space = batch_space(self.single_action_space, num_envs)
        self._random = isinstance(commitment, str)
        if self._mixed is not None:
            self._begin(self._everyone)
        elif isinstance(commitment, str):
            if commitment != "random":
                raise ParameterError("commitment", "a Commitment, Commitments or 'random'", commitment)
        else:
            self._commit(self._everyone, self._allowed(cast("Single | Batch", commitment)))

    def __setstate__(self, state: Mapping[str, object]) -> None:
        vars(self).update(with_own_arrays(state))

    def reset(self, *, seed: int | None = None, options: Info | None = None) -> tuple[Float32Array, Info]:
        """Begin a task in every row; return observations and infos.

        Args:
            seed: the same seed and the same actions give the same tasks; None goes on from the last seed given.
            options: not used.
        """
        super().reset(seed=seed)
        chosen = int(self.np_random.integers(2**63)) if seed is None else seed
        self._batch.reset(chosen)
        self._begin(self._everyone)
        self._resting[:] = False
        self._masks[:, ABANDON] = self.contract.declines
        self._started = True
        return self._observations.copy(), {"action_mask": self._masks.copy()}

    def step(self, actions: NDArray[np.integer]) -> Step:
        """Play one step of every row; return observations, rewards, terminations, truncations and infos.

        Args:
            actions: (num_envs,) integers, `RETRY` or `ABANDON`.

        Raises:
            ActionError: an action outside its space; nothing has changed.
            ResetNeeded: before the first `reset`.
        """
        leaves = self._leaves(actions)
        if not self._started:
            raise ResetNeeded("call reset() before the first step()")
        batch, seen = self._batch, self._observations
        batch.step(leaves)
        resting = np.flatnonzero(self._resting) if self._next_step else self._everyone[:0]
        if resting.size:
            batch.take_back(resting)
        terminations = batch.solved | batch.abandoned
        self._remember()
        seen[:, 0], seen[:, self._offer] = 1, self._offers
        np.logical_not(batch.over, out=self._masks[:, ABANDON], casting="unsafe")
        infos: Info = {"provider_reward": batch.provider_reward.copy()}
        ended = batch.over & ~self._resting if self._next_step else batch.over
        rows = np.flatnonzero(ended)
        if rows.size:
            infos |= self._final(rows, ended)
        begun = resting if self._next_step else rows
        if begun.size:
            self._begin(begun)
            self._masks[begun, ABANDON] = self.contract.declines
        if self._next_step:
            self._resting = ended
        infos["action_mask"] = self._masks.copy()
        return seen.copy(), batch.user_reward.copy(), terminations, batch.cut_off.copy(), infos

    def action_masks(self) -> BoolArray:
        """Return which of their two answers users have, (num_envs, 2), as maskable algorithms ask for it.

        Raises:
            ResetNeeded: before the first `reset`.
        """
        if not self._started:
            raise ResetNeeded("call reset() before action_masks()")
        return self._masks.astype(np.bool_)

    def _leaves(self, actions: ArrayLike) -> NDArray[np.uint8]:
        given = np.asarray(actions)
        if given.shape != (self.num_envs,) or given.dtype.kind not in "iu":
            raise ActionError("the users", f"integers in {self.action_space}", actions)
        # Shifting leaves 0 of 0 and 1 alone, and −1 of −1.
        if (given >> 1).any():
            wrong = np.flatnonzero((given >> 1).astype(np.bool_) & ~self._resting)
            if wrong.size:
                row = int(wrong[0])
                raise ActionError(f"user of environment {row}", f"in {self.single_action_space}", given[row].item())
            given = np.where(self._resting, RETRY, given)  # whatever rows are told that rest
        return given.astype(np.uint8)

    def _remember(self) -> None:
        """Bring up to date what users know of the past, that of this step included."""
        failed = ~(self._batch.solved | self._batch.abandoned)
        if self._next_step:
            failed &= ~self._resting
        self._failures += failed
        if self.information == "model":
            np.copyto(self._observations[:, self._memory - 1], self._batch.model, where=failed)
        elif self.information == "history":
            self._observations[:, self._memory - 1] = self._failures

    def _final(self, rows: NDArray[np.intp], ended: BoolArray) -> Info:
        """Return Gymnasium's infos of episodes that ended, in rows that are given as indices and as a mask."""
        batch, passes = self._batch, np.zeros(self.num_envs, dtype=np.int32)
        passes[rows] = self._failures[rows] + batch.solved[rows]
        info = {"solved": batch.solved.copy(), "abandoned": batch.abandoned.copy(), "passes": passes}
        return _final_infos(self._next_step, self._observations[rows], rows, ended.copy(), info)

    def _begin(self, rows: NDArray[np.intp]) -> None:
        """Begin a task in some rows: there is nothing to see before its first pass, unless it may be declined."""
        self._failures[rows] = 0
        self._observations[rows, : self._memory] = 0
        if self._mixed is not None:
            binding, self._offers[rows] = self._mixed.meet(self._batch, rows)
            self.contract.commit(self._batch, binding, rows)
        elif self._random:
            contract = self.contract
            drawn = np.stack([self._batch.words(contract.RANDOM + k, rows) for k in range(contract.size)], axis=1)
            limits = (_of_rows(self.game.latency, rows), _of_rows(self._max_latency, rows))
            points = (drawn / NUM_WORDS).astype(np.float32).astype(np.float64)
            self._commit(rows, contract.at(points, *limits))
        if self.contract.declines:
            self._observations[rows, self._offer] = self._offers[rows]

    def _commit(self, rows: NDArray[np.intp], commitments: Batch) -> None:
        self.contract.commit(self._batch, commitments, rows)
        self._offers[rows] = self.contract.seen(commitments)

    def _allowed(self, commitment: Single | Batch) -> Batch:
        """A given commitment, row by row, at latencies that the provider can choose."""
        offered = self.contract.alike(commitment, self.num_envs)
        latency = self.contract.latencies(offered)
        for k, limits in enumerate(zip(latency, self.game.latency, self._max_latency, strict=True)):
            slowed, least, most = np.broadcast_arrays(*limits)
            fine = (slowed >= least) & (slowed <= most)
            if not fine.all():
                row = int(np.flatnonzero(~fine)[0])
                allowed = f"from {least[row]:g} to {most[row]:g} in row {row}"
                raise ParameterError(f"throttled_latency[{k}]", allowed, float(slowed[row]))
        return offered

    def _bounds(self) -> Bounds:
        """Return the smallest and largest numbers of an observation, but for a game of the row's own."""
        latency = [float(np.max(slowest)) for slowest in self._max_latency]
        seen = most_seen(self.contract, latency, self.information, self.max_passes)
        if self._mixed is None:
            return [0.0] * len(seen), seen
        return self._mixed.announcement.most_seen(seen[1 + len(self.contract.most_seen(latency)) :])

    def _space(self, features: Float32Array) -> spaces.Box:
        least, seen = self._bounds()
        high = _as_float32("max_latency", [*seen, *features.max(axis=0)])
        return spaces.Box(_as_float32("features", [*least, *[0.0] * features.shape[1]]), high)


class LeaderVectorEnv(CopiedWhole, VectorEnv[Float32Array, Float32Array, Any]):
    """Providers who commit once, are answered by their users, and pay; the module describes a step.

    Args:
        game: a single game, or a batch of shape (num_envs,).
        num_envs: number of rows.
        respond: how users answer, see `Respond`; for instance the best response.
        num_tasks: how many tasks are drawn under a commitment; the reward is a mean over them.
        throttling: whether the provider may slow its models down.
        max_latency: how slow each model can be made, no less than in any game. Default: `default_max_latency`. Only
            with throttling.
        max_passes: see `draw_tasks`, as is the other.
        retry_multiplier: of the success probability, on a repeated pass.
        autoreset_mode: when the next episode of a row begins, `AutoresetMode.SAME_STEP` or `NEXT_STEP`, or its value.
        order: see `routing_v0`, as are the rest.
        form: of actions in free order.
        decline: whether users may decline a task.
        context_visible: where tasks differ, see `routing_v0`, as is the next.
        signal: what the provider sees of a context.

    Attributes:
        game: the game itself; where tasks differ, those of their contexts.
        contract: how the provider commits.
        num_tasks: as given.

    Raises:
        ParameterError: an argument out of range or of the wrong shape; says which.
    """

    metadata = METADATA

    @known_as("LeaderVectorEnv")
    def __init__(
        self,
        game: TasksLike,
        num_envs: int,
        respond: Respond,
        *,
        num_tasks: int = 1,
        throttling: bool = False,
        max_latency: Sequence[Number] | None = None,
        max_passes: int | None = None,
        retry_multiplier: float | Sequence[float] = 1.0,
        autoreset_mode: AutoresetMode | str = AutoresetMode.SAME_STEP,
        order: PlayOrder | None = None,
        form: Form | None = None,
        decline: bool = False,
        context_visible: bool | None = None,
        signal: ArrayLike | None = None,
    ) -> None:
        self.metadata = METADATA | {"autoreset_mode": _autoreset(autoreset_mode)}
        self._next_step = self.metadata["autoreset_mode"] is AutoresetMode.NEXT_STEP
        given = mix_of(game)
        game = as_game(cast("GameLike", game)) if given is None else given.mix.games
        if given is None and game.shape not in ((), (num_envs,)):
            raise ParameterError("game", f"a single game, or of shape ({num_envs},)", f"shape {game.shape}")
        self.game, self.num_envs = game, as_count("num_envs", num_envs, MAX_COUNT)
        self.num_tasks = as_count("num_tasks", num_tasks, MAX_COUNT)
        self._respond = respond
        self._rules: dict[str, Any] = {"max_passes": max_passes, "retry_multiplier": retry_multiplier}
        self.contract = contract_for(game.num_models, order=order, form=form, decline=decline, throttling=throttling)
        draw_tasks(game, **self.contract.any_commitment(), **self._rules)  # finds what is out of range
        self._max_latency = _slowest(game, throttling, max_latency)
        self._mixed: MixedTasks | None = None
        if given is None:
            refuse_unmixed(context_visible=context_visible, signal=signal)
        else:
            announcement = announced(
                given, self.contract, context_visible=context_visible, signal=signal, max_latency=max_latency
            )
            self._mixed = MixedTasks(announcement, self._rules)
        apart = game.shape and given is None
        features = game_features(game, num_envs) if apart else np.zeros((num_envs, 0), dtype=np.float32)
        self._observations = np.concatenate([np.ones((num_envs, 2), dtype=np.float32), features], axis=1)
        self._everyone = np.arange(num_envs)
        self._seed: int | None = None
        self._drawn = 0
        self._resting = False  # whether the next step only begins episodes
        self.single_observation_space = spaces.Box(0.0, self._observations.max(axis=0))
        self.observation_space = batch_space(self.single_observation_space, num_envs)
        size = self.contract.size if self._mixed is None else self._mixed.announcement.places.size
        self.single_action_space = spaces.Box(0.0, 1.0, (size,))
        self.action_space = batch_space(self.single_action_space, num_envs)

    def reset(self, *, seed: int | None = None, options: Info | None = None) -> tuple[Float32Array, Info]:
        """Show every provider its game; return observations and infos.

        Args:
            seed: the same seed and the same actions give the same tasks; None goes on from the last seed given.
            options: not used.
        """
        super().reset(seed=seed)
        self._seed, self._drawn = int(self.np_random.integers(2**63)) if seed is None else seed, 0
        self._resting = False
        return self._observations.copy(), {}

    def step(self, actions: Float32Array) -> Step:
        """Commit, play and pay in every row; return observations, rewards, terminations, truncations and infos.

        Args:
            actions: (num_envs, 2) in [0, 1], or (num_envs, 4) with throttling; rounded to float32 if they are finer.
                In free order as many as the space has.

        Raises:
            ActionError: an action outside its space; nothing has changed.
            ResetNeeded: before the first `reset`.
        """
        never = np.zeros(self.num_envs, dtype=np.bool_)
        if self._resting:
            self._resting = False
            return self._observations.copy(), np.zeros(self.num_envs, dtype=np.float32), never, never.copy(), {}
        points = self._points(actions)
        if self._seed is None:
            raise ResetNeeded("call reset() before the first step()")
        if self._mixed is None:
            rewards, info = self._played(points)
        else:
            rewards, info = self._mixed.played(points, self._respond, self.num_tasks, self._seed, self._drawn)
        self._drawn = (self._drawn + self.num_tasks) % 2**32
        ended = np.ones(self.num_envs, dtype=np.bool_)
        last = self._observations.copy()
        last[:, :2] = 0
        self._resting = self._next_step
        infos = _final_infos(self._next_step, last, self._everyone, ended, info)
        return last if self._resting else self._observations.copy(), rewards, ended.copy(), never, infos

    def _played(self, points: FloatArray) -> tuple[Float32Array, Info]:
        """Return what every row is paid for its commitment, and the infos."""
        game, offer = self.game, self.contract.at(points, self.game.latency, self._max_latency)
        answers = np.asarray(self._respond(game, offer), dtype=np.float64)
        declines = self.contract.declines
        abandon_prob = np.broadcast_to(answers[0] if declines else answers, (self.num_envs,))
        decline_prob = np.broadcast_to(answers[1], (self.num_envs,)) if declines else None
        tasks = self.contract.draw(
            game,
            offer,
            abandon_prob,
            decline_prob,
            group_size=self.num_tasks,
            seed=self._seed,
            first_task=self._drawn,
            **self._rules,
        )
        info = {
            "solve_share": tasks.solved / self.num_tasks,
            "passes": tasks.passes.T / self.num_tasks,
            "latency": tasks.latency(game.with_latency(tuple(self.contract.latencies(offer)))),
            "cost": tasks.cost(game),
            "abandon_prob": abandon_prob.copy(),
        }
        if decline_prob is not None:
            info["decline_prob"] = decline_prob.copy()
        return -tasks.provider_cost(game).astype(np.float32), info

    def _points(self, actions: ArrayLike) -> FloatArray:
        given = np.asarray(actions)
        if given.shape != self.action_space.shape or given.dtype.kind not in "biuf":
            raise ActionError("the providers", f"in {self.action_space}", actions)
        fine = ((given >= 0) & (given <= 1)).all(axis=1)
        if not fine.all():
            row = int(np.flatnonzero(~fine)[0])
            raise ActionError(f"provider of environment {row}", f"in {self.single_action_space}", given[row])
        return given.astype(np.float32).astype(np.float64)


def _autoreset(mode: AutoresetMode | str) -> AutoresetMode:
    """Return when episodes restart; warn where Gymnasium is known to count them wrongly then.

    Raises:
        ParameterError: a mode that the environments do not have.
    """
    own = (AutoresetMode.SAME_STEP, AutoresetMode.NEXT_STEP)
    if mode not in own and mode not in [one.value for one in own]:
        raise ParameterError("autoreset_mode", " or ".join(f"{one.value!r}" for one in own), mode)
    chosen = AutoresetMode(mode)
    if chosen is AutoresetMode.SAME_STEP:
        _warn_of_statistics(gymnasium.__version__)
    return chosen


@cache  # once is enough
def _warn_of_statistics(version: str) -> None:
    if tuple(int(part) for part in version.split(".")[:2]) < RIGHT_SINCE:
        warnings.warn(
            f"RecordEpisodeStatistics of gymnasium {version} leaves out the first step of every episode but the first"
            " where the next one begins in the same step: have gymnasium 1.4, or autoreset_mode='NextStep'",
            stacklevel=5,
        )


def _final_infos(next_step: bool, last: Float32Array, rows: NDArray[np.intp], ended: BoolArray, info: Info) -> Info:
    """Gymnasium's infos of rows whose episode ended, with the masks that say which.

    Args:
        next_step: whether episodes restart in the next step: infos are as they are then, else `final_obs` and
            `final_info`.
        last: (num_rows, size), last observations of the rows that ended.
        rows: (num_rows,), which they are.
        ended: (num_envs,), the same as a mask.
        info: of the last step, arrays with one entry for every row.
    """
    masks = {f"_{name}": ended.copy() for name in info}
    if next_step:
        return info | masks
    final = np.empty(len(ended), dtype=object)  # of None
    final[rows] = np.fromiter(last, dtype=object, count=len(rows))
    return {"final_obs": final, "_final_obs": ended, "final_info": info | masks, "_final_info": ended.copy()}


def _slowest(game: Game, throttling: bool, max_latency: Sequence[Number] | None) -> tuple[Number, ...]:
    """Return how slow each model can be made, in every game."""
    if max_latency is None:
        return default_max_latency(game) if throttling else game.latency
    if not throttling:
        raise ParameterError("max_latency", "left out where throttling is not allowed", max_latency)
    slowest = as_each("max_latency", max_latency, game.num_models, 0, np.inf, closed="low")
    for k, (most, least) in enumerate(zip(slowest, game.latency, strict=True)):
        if np.ndim(most):
            raise ParameterError(f"max_latency[{k}]", "a single number", max_latency)
        if most < np.max(least):
            raise ParameterError(f"max_latency[{k}]", f"at least the games' {np.max(least):g}", most)
    return slowest


def _of_rows(models: Sequence[Number], rows: NDArray[np.intp]) -> tuple[Number, ...]:
    return tuple(value if isinstance(value, float) else value[rows] for value in models)


def _as_float32(parameter: str, value: ArrayLike) -> Float32Array:
    with np.errstate(over="ignore"):
        narrow = np.asarray(value, dtype=np.float64).astype(np.float32)
    if not np.isfinite(narrow).all():
        raise ParameterError(parameter, "small enough for float32, in which it is seen", value)
    return narrow
