"""Rows of tasks, played one pass of every row at a time: the routing game for vectorised learners.

A row is one user after another of one provider: a task is played to its end under the row's commitment, and the next
step of the row begins the next task ("same-step autoreset"). Rows may be of one game, or each of its own.

One step of a row:

* A fresh row begins a task: the answer is ignored and a pass is played on the model that the commitment routes to.
* Any other row waits for the answer to its last failure. If the user leaves, the task is abandoned without a pass.
  Else a pass is played: on model 2 if the last one was or if that failure handed the task over, else on model 1.
* One word of the row's stream (`routegame.envs.sampling.streams`), the one numbered by the steps since the batch was
  seeded, decides a pass: whether it solves the task and, if it fails on model 1, whether the task is handed over should
  the user retry (`routegame.envs.sampling.chances`). A pass on the model of the pass before it is a repeat, whose
  success probability may be another.
* A commitment in full, `start` and `matrix`, says who has the first pass and who the next one after a failure of each
  model, see `routegame.envs.policy`. The same word decides a pass and where a failure leads; a start that is left to
  chance takes a word of its own. With `decline`, the answer of a fresh row counts: leaving declines the task.
* A task that was solved or abandoned is over, and so is one whose `max_passes`-th pass failed: it is cut off before
  the user can answer.

Where tasks differ, each has the context that its first word says, see `drawn_contexts`. A step ends by finding out
which tasks fresh rows begin in the next one, so that commitments can be made for them.

What happens in row i depends on the seed, i, commitments and answers alone: not on the number of rows or threads, nor
on the backend. `routegame.envs.sampling.numpy_kernel` has the rules of two models in NumPy and
`routegame.envs.sampling.numba_kernel` the same bits, compiled; `numpy_menu_kernel` and `numba_menu_kernel` have those
of commitments in full. `routegame.envs.sampling.step_arrays` chooses.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from routegame.envs.arrays import BoolArray, ByteArray, Float32Array, FloatArray, IntArray
from routegame.envs.checks import ParameterError, as_count, as_each, as_number
from routegame.envs.copies import CopiedWhole, with_own_arrays
from routegame.envs.sampling.chances import MAX_COUNT, as_max_passes, as_multipliers, leaves_at, of_task
from routegame.envs.sampling.drawn_contexts import DrawnContexts, Lookup
from routegame.envs.sampling.step_arrays import (
    CACHE_LINE,
    Backend,
    Offer,
    StepArrays,
    arrays_for,
    as_float32,
    payoffs_of,
    row_by_row,
)
from routegame.envs.sampling.streams import COUNTER_STEP, Purpose, Words, stream_keys, words, words_of
from routegame.envs.scenarios import GameLike, as_game
from routegame.envs.task_mix import TaskMix

__all__ = ["Backend", "TaskBatch"]

MADE_ANEW = frozenset(
    "_held _arguments _keys model failures user_reward provider_reward solved abandoned cut_off over"
    " _pool _play _lookup _fresh _numbers _offered".split()
)
"""Attributes of a batch that a copy makes for itself: arrays, which share memory, threads and compiled code."""


class TaskBatch(CopiedWhole):
    """Many rows of tasks, stepped together; the module describes a step.

    Args:
        game: a single game for all rows, or a scenario's name, or a batch of shape (num_tasks,), one for each; or a
            mix of tasks, of which each task draws its context. Then commitments say what binds the row's task of now,
            or the one that it begins next, and `commit_table` has those for all contexts.
        route: the commitments' first model, 1 or 2; a number or (num_tasks,), like everything that is said to be
            row by row.
        cascade_prob: of the commitments, row by row.
        latency: in force, row by row, of each model; no less than the game's. Default: the game's.
        start: of commitments in full, in place of the two above, and for any number of models: probabilities of the
            first pass, (K,) or (num_tasks, K).
        matrix: of the next pass after a failure of each model, (K, K) or (num_tasks, K, K); or one row for all models,
            (1, K) or (num_tasks, 1, K), to which later commitments of the batch are bound.
        decline: whether users may decline a task before its first pass; only with commitments in full.
        num_tasks: number of rows.
        max_passes: a task is cut off when this many passes of it have failed. Default: the least number that a user
            who never leaves reaches with a probability below one in a million, in the worst row (`passes_needed`).
        retry_multiplier: what the success probability of a repeat is multiplied by, and kept to 1: one number >= 0,
            or one for each model.
        difficulty: ν > 0, row by row, where each task's success probabilities are drawn anew (`chances.of_task`).
            Steps are slower then. Default: they are the game's.
        seed: of the first run, see `reset`.
        num_threads: how many threads share the rows; pays where each has some 100,000 of them and a core to itself.
        backend: "numba", compiled once and kept on disk, or "numpy", the same bits more slowly.
        signal: of a mix, what the provider sees of a context, see `routegame.envs.sampling.drawn_contexts`.

    Attributes:
        game: the game itself; of a mix, the games of its contexts.
        contexts: (num_tasks,) of a mix, from 0, of the tasks under way and, in fresh rows, of those to come; else None.
        classes: (num_tasks,) of a mix, those in which the provider sees them, from 0; else None.
        num_tasks: as given.
        max_passes: as given or the default.
        clock: steps since the batch was seeded.
        user_reward: (num_tasks,) float32, of the last step, in units of latency.
        provider_reward: (num_tasks,) float32, of the last step, in units of cost.
        solved: (num_tasks,) bool, whether the last step solved the task.
        abandoned: (num_tasks,) bool, whether the user left.
        cut_off: (num_tasks,) bool, whether the task failed once too often.
        over: (num_tasks,) bool, any of the three; the row is fresh then. True before the first step.
        model: (num_tasks,) uint8, of the last step's pass, from 1; 0 where the user left, and before the first step.
        failures: (num_tasks,) int32, failed passes of the task under way, 0 in fresh rows.

        The arrays are filled in place by every step: copy what is to be kept, and write to none.

    Raises:
        ParameterError: an argument out of range or of the wrong shape; says which.

    >>> from routegame import Game
    >>> batch = TaskBatch(Game(9, 20, (0.1, 0.3), (1, 2), (1, 3)), 1, 0.5, num_tasks=4, backend="numpy")
    >>> for _ in range(3):
    ...     batch.step(batch.answers(0.5))
    >>> batch.model.tolist(), batch.solved.tolist(), batch.user_reward.tolist()
    ([1, 1, 0, 1], [False, False, False, False], [-1.0, -1.0, 0.0, -1.0])
    """

    def __init__(
        self,
        game: GameLike | TaskMix,
        route: ArrayLike | None = None,
        cascade_prob: ArrayLike | None = None,
        latency: Sequence[ArrayLike] | None = None,
        *,
        start: ArrayLike | None = None,
        matrix: ArrayLike | None = None,
        decline: bool = False,
        num_tasks: int,
        max_passes: int | None = None,
        retry_multiplier: float | Sequence[float] = 1.0,
        difficulty: ArrayLike | None = None,
        seed: int = 0,
        num_threads: int = 1,
        backend: Backend = "numba",
        signal: ArrayLike | None = None,
    ) -> None:
        mix = game if isinstance(game, TaskMix) else None
        game = game.games if isinstance(game, TaskMix) else as_game(game)
        self.game, self.num_tasks = game, as_count("num_tasks", num_tasks, 2**31 - 1)
        self.contexts: IntArray | None = None
        self.classes: IntArray | None = None
        self._drawn: DrawnContexts | None = None
        if mix is not None:
            self._drawn = DrawnContexts(mix, signal)
            self.contexts, self.classes = (np.zeros(self.num_tasks, dtype=np.int64) for _ in range(2))
        elif signal is not None:
            raise ParameterError("signal", "left out where tasks do not differ", signal)
        elif game.shape not in ((), (self.num_tasks,)):
            raise ParameterError("game", f"a single game, or of shape ({self.num_tasks},)", f"shape {game.shape}")
        multipliers = as_multipliers(retry_multiplier, game.num_models)
        self._difficulty = None
        if difficulty is not None:
            checked = as_number("difficulty", difficulty, 0, np.inf, closed="neither")
            self._difficulty = row_by_row("difficulty", checked, self.num_tasks)
        held = self.num_tasks if mix is None else len(mix)
        self._success_prob, self._latency = _rows_of(game.success_prob, held), _rows_of(game.latency, held)
        self.max_passes = as_max_passes(max_passes, self._success_prob, multipliers)
        self._table: tuple[NDArray[np.generic], ...] | None = None  # commitments of a mix, class by class
        self._payoffs = payoffs_of(game)
        self._slowed = latency is not None
        self._lookup: Lookup | None = None
        self._backend: Backend = backend
        offer = Offer(route, cascade_prob, start, matrix)
        self._hold(arrays_for(offer, game, multipliers, self.num_tasks, decline))
        if self._drawn is None:
            self._held.fill_payoffs(slice(None), self._payoffs)
        self._held.fill_success(np.arange(self.num_tasks), self._of(self._success_prob, np.arange(self.num_tasks)))
        self.commit(route, cascade_prob, latency, start=start, matrix=matrix)
        self._threads = _shares(self.num_tasks, as_count("num_threads", num_threads, MAX_COUNT))
        self._employ()
        self.reset(seed)

    def __getstate__(self) -> dict[str, object]:
        """Return what a copy is made of: of the arrays that a step fills, and shows parts of, what is in them."""
        kept = {name: value for name, value in vars(self).items() if name not in MADE_ANEW}
        return kept | {"_arrays": self._held}

    def __setstate__(self, state: Mapping[str, Any]) -> None:
        vars(self).update(with_own_arrays({name: value for name, value in state.items() if name != "_arrays"}))
        self._hold(state["_arrays"])
        self._employ()

    def _hold(self, arrays: StepArrays) -> None:
        """Take arrays, and show those of them that are to be seen."""
        self._held, self._arguments, self._keys = arrays, arrays.arguments, arrays.keys
        self.model, self.failures = arrays.model, arrays.failures
        self.user_reward, self.provider_reward = arrays.rewards
        self.solved, self.abandoned, self.cut_off, self.over = arrays.endings

    def _employ(self) -> None:
        """Get what plays the rows: compiled code, and threads where there are to be several."""
        self._pool = ThreadPoolExecutor(len(self._threads)) if len(self._threads) > 1 else None
        self._play = self._held.player(self._backend)
        if self._drawn is not None and self._drawn.as_they_are:
            self.classes = self.contexts  # one array, filled once
        self._lookup = None if self._drawn is None or self._backend == "numpy" else self._drawn.lookup()
        self._fresh = np.zeros((2, 0 if self._lookup is None else self.num_tasks), dtype=np.uint32)
        self._tabulate()

    def _tabulate(self) -> None:
        """Lay out for compiled code what contexts are, and what the provider commits to in them."""
        if self._lookup is not None:
            numbers = self._success_prob, self._latency, self._payoffs
            self._numbers = self._held.of_contexts(*numbers, self._slowed)
            self._offered = self._held.in_table(self._table)

    def reset(self, seed: int) -> None:
        """Start again: every row is fresh, draws from its stream of this seed, and keeps its commitment.

        Args:
            seed: any whole number >= 0.

        Raises:
            ParameterError: a negative seed, or none.
        """
        self._keys[:] = stream_keys(seed, np.arange(self.num_tasks))
        self.clock = 0
        self._held.forget(slice(None))
        self.over[:] = True
        self._look_ahead()

    def commit_table(
        self,
        route: ArrayLike | None = None,
        cascade_prob: ArrayLike | None = None,
        *,
        start: ArrayLike | None = None,
        matrix: ArrayLike | None = None,
    ) -> None:
        """Commit to a policy over contexts, which binds all tasks that begin from now on, at the games' latencies.

        Args:
            route: 1 or 2, one number or one for each class.
            cascade_prob: in [0, 1], one number or one for each class.
            start: of commitments in full, (K,) or (Z, K).
            matrix: likewise, (K, K) or (Z, K, K), or 1 for its last but one dimension.

        Raises:
            ParameterError: a value out of range or of the wrong shape, or tasks do not differ; nothing has changed.
        """
        if self._drawn is None:
            raise ParameterError("game", "a mix of tasks, to commit over contexts", "none")
        self._table = self._held.read(Offer(route, cascade_prob, start, matrix), self._drawn.num_classes)
        self._tabulate()
        self._look_ahead()

    def commit(
        self,
        route: ArrayLike | None = None,
        cascade_prob: ArrayLike | None = None,
        latency: Sequence[ArrayLike] | None = None,
        rows: ArrayLike | None = None,
        *,
        start: ArrayLike | None = None,
        matrix: ArrayLike | None = None,
    ) -> None:
        """Change commitments. Who has the first pass holds from a row's next task on, all else from its next pass on.

        Users are promised one commitment for the whole of a task: to keep it, change fresh rows, `rows=batch.over`.
        Commitments are said in the way in which those that the batch was made with are.

        Args:
            route: 1 or 2, one number or one for each of the rows.
            cascade_prob: in [0, 1], one number or one for each of the rows.
            latency: in force, of each model, one number or one for each of the rows; no less than the game's, which
                is the default.
            rows: which rows, indices or a mask (num_tasks,). Default: all.
            start: of commitments in full, (K,) or (num_chosen, K).
            matrix: likewise, (K, K) or (num_chosen, K, K), or 1 for its last but one dimension.

        Raises:
            ParameterError: a value out of range or of the wrong shape; nothing has changed then.
        """
        chosen = self._chosen(rows)
        commitments = self._held.read(Offer(route, cascade_prob, start, matrix), chosen.size)
        if latency is not None and not self._slowed:
            self._slowed = True
            self._tabulate()
        least = self._of(self._latency, chosen)
        self._held.fill_latency(chosen, least if latency is None else _slowed(latency, least))
        self._held.commit(chosen, commitments)

    def take_back(self, rows: IntArray) -> None:
        """Undo the last step in rows in which it began a task: they are fresh, and will have the luck that they had.

        So some rows can wait while others play.

        Args:
            rows: indices.
        """
        self._keys[0, rows] -= COUNTER_STEP  # the next word is the last one again
        self.drop(rows)

    def drop(self, rows: IntArray) -> None:
        """Let some rows be fresh, whatever became of their tasks; their luck goes on.

        Args:
            rows: indices.
        """
        self._held.forget(rows)
        self.over[rows] = True
        self._look_ahead(rows)

    def skip(self, counts: IntArray) -> None:
        """Let each row go on as many words further on in its stream, (num_tasks,)."""
        self._keys[0] += counts.astype(np.uint32) * COUNTER_STEP
        self._look_ahead()

    def words(self, purpose: int, rows: IntArray) -> Words:
        """Return the coming step's words of some rows' streams, (num_rows,), for another purpose than passes."""
        return words(self._keys[:, rows], purpose, self.clock)

    def words_of(self, purposes: IntArray, rows: IntArray) -> Words:
        """Return words as `words` does, for many purposes: (num_purposes, 1) or (num_purposes, num_rows)."""
        return words_of(self._keys[:, rows], purposes, self.clock)

    def answers(self, abandon_prob: ArrayLike) -> BoolArray:
        """Draw the next answers of users with mixed strategies, (num_tasks,) bool: True leaves.

        Args:
            abandon_prob: probability of leaving after a failure, in [0, 1], row by row; not checked.
        """
        return leaves_at(words(self._keys, Purpose.ANSWER, self.clock), abandon_prob)

    def step(self, leaves: BoolArray | ByteArray) -> None:
        """Play one step of every row, and fill the arrays with what came of it.

        Args:
            leaves: (num_tasks,) bool or uint8, the answers to the last failures: True or 1 leaves, False or 0
                retries. Those of fresh rows are ignored.

        Raises:
            ParameterError: not such an array; nothing has changed then.
        """
        answers = self._checked(leaves)
        if self._difficulty is not None:
            self._begin_tasks(self._difficulty)
        if self._pool is None:
            self._step(0, self.num_tasks, answers)
        else:
            played = (self._pool.submit(self._step, start, stop, answers) for start, stop in self._threads)
            for share in list(played):
                share.result()
        self.clock = (self.clock + 1) % 2**32
        if self._lookup is None:
            self._look_ahead()

    def _step(self, start: int, stop: int, answers: ByteArray) -> None:
        """Play one step of some rows, and say which tasks they begin next if compiled code is to find out."""
        self._play(start, stop, self.clock, self.max_passes, answers, *self._arguments)
        if self._lookup is None:
            return
        from routegame.envs.sampling.numba_kernel import meet

        assert self.contexts is not None and self.classes is not None
        met, clock = (self.contexts, self.classes), (self.clock + 1) % 2**32
        last = meet(start, stop, clock, *self._keys, self.over, *vars(self._lookup).values(), *met, *self._fresh)
        self._held.begin(self._fresh[0][start:last], *met, self._numbers, self._offered)

    def _checked(self, leaves: BoolArray | ByteArray) -> ByteArray:
        fine = isinstance(leaves, np.ndarray) and leaves.shape == self.over.shape
        if not fine or leaves.dtype.char not in "?B":  # bool and uint8, ten times faster than by name
            given = (leaves.dtype, leaves.shape) if isinstance(leaves, np.ndarray) else leaves
            raise ParameterError("leaves", f"an array of bool or uint8, shape ({self.num_tasks},)", given)
        return np.ascontiguousarray(leaves).view(np.uint8)

    def _chosen(self, rows: ArrayLike | None) -> IntArray:
        everyone = np.arange(self.num_tasks)
        if rows is None:
            return everyone
        try:
            chosen: IntArray = everyone[np.asarray(rows)].reshape(-1)
        except IndexError:
            raise ParameterError("rows", f"indices or a mask of {self.num_tasks} rows", rows) from None
        return chosen

    def _look_ahead(self, rows: IntArray | None = None) -> None:
        """Let the coming step's words say which tasks fresh rows begin, where tasks differ."""
        if self._drawn is None or self.contexts is None or self.classes is None:
            return
        rows = np.flatnonzero(self.over) if rows is None else rows
        if not rows.size:
            return
        keys = self._keys[:, rows]
        contexts = self._drawn.contexts(words(keys, Purpose.CONTEXT, self.clock))
        noise = words(keys, Purpose.SIGNAL, self.clock) if self._drawn.noisy else None
        classes = self._drawn.classes(contexts, noise)
        self.contexts[rows], self.classes[rows] = contexts, classes
        self._held.fill_payoffs(rows, self._payoffs[:, contexts])
        self._held.fill_success(rows, self._success_prob[:, contexts])
        self._held.fill_latency(rows, self._latency[:, contexts])
        if self._table is not None:
            self._held.commit(rows, tuple(part[classes] for part in self._table))

    def _of(self, numbers: FloatArray, rows: IntArray) -> FloatArray:
        """Return numbers of the games that some rows play, (num_models, num_chosen)."""
        return numbers[:, rows if self.contexts is None else self.contexts[rows]]

    def _begin_tasks(self, difficulty: FloatArray) -> None:
        """Draw the success probabilities of the tasks that fresh rows are about to begin."""
        rows = np.flatnonzero(self.over)
        word = words(self._keys[:, rows], Purpose.DIFFICULTY, self.clock)
        self._held.fill_success(rows, of_task(self._of(self._success_prob, rows), difficulty[rows], word))


def _rows_of(models: Sequence[ArrayLike], num_rows: int) -> FloatArray:
    """Values of the models row by row, (num_models, num_rows)."""
    return np.stack([np.broadcast_to(np.asarray(value, dtype=np.float64), (num_rows,)) for value in models])


def _slowed(latency: Sequence[ArrayLike], least: FloatArray) -> Float32Array:
    """Latencies in force, (num_models, num_rows), checked to be no less than the game's."""
    each = as_each("latency", latency, len(least), 0, np.inf, closed="low")
    slowed = np.stack([row_by_row("latency", value, least.shape[1]) for value in each])
    if not (slowed >= least).all():
        first = np.flatnonzero((slowed < least).any(axis=0))[0]
        raise ParameterError("latency", f"at least the game's {least[:, first]}", slowed[:, first])
    return as_float32("latency", slowed)


def _shares(num_rows: int, num_threads: int) -> list[tuple[int, int]]:
    """The rows of each thread, from the first up to and without the last; whole cache lines of every array."""
    size = -(-num_rows // (CACHE_LINE * num_threads)) * CACHE_LINE
    return [(start, min(start + size, num_rows)) for start in range(0, num_rows, size)]
