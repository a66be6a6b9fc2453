"""The arrays that a step of many rows of tasks reads and fills, for either way in which a commitment can be said.

`PairArrays` are of two models and commitments by route and cascade probability, `MenuArrays` of any number of models
and commitments in full. Each knows the kernels that step its arrays.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal, get_args

import numpy as np
from numpy.typing import ArrayLike, NDArray

from routegame.envs.arrays import BoolArray, ByteArray, Float32Array, FloatArray, IntArray
from routegame.envs.checks import ParameterError, as_number, as_route
from routegame.envs.game import Game
from routegame.envs.policy import as_probabilities
from routegame.envs.sampling import numpy_kernel, numpy_menu_kernel
from routegame.envs.sampling.chances import cascade_above, of_repeat, success_below
from routegame.envs.sampling.streams import Words
from routegame.envs.scenarios import as_two_model_game

Backend = Literal["numba", "numpy"]

PAGE, STAGGER = 4096, 192
"""Bytes: addresses that far apart compete for one place in the cache; how far apart the lines of arrays are kept."""

CACHE_LINE = 64
"""Rows that two threads must not share: no array has more than 64 of them, or fewer, in one line of the cache."""


@dataclass(frozen=True)
class Offer:
    """A commitment, or one for each row, said in one of two ways: by route and cascade probability, or in full."""

    route: ArrayLike | None = None
    cascade_prob: ArrayLike | None = None
    start: ArrayLike | None = None
    matrix: ArrayLike | None = None

    @property
    def in_full(self) -> bool:
        """Whether it is said in full.

        Raises:
            ParameterError: it is said in neither way, or in both.
        """
        said = [part is not None for part in (self.route, self.cascade_prob, self.start, self.matrix)]
        if said not in ([True, True, False, False], [False, False, True, True]):
            raise ParameterError("route", "given with cascade_prob, or else start with matrix", self.route)
        return said[2]

    def given(self, part: str) -> ArrayLike:
        """Return a part that is known to be there."""
        found: ArrayLike | None = getattr(self, part)
        assert found is not None
        return found

    def matrix_height(self, num_models: int) -> int:
        """Return how many rows a matrix has: 1 where one is for all models, else K, whatever is given."""
        return 1 if np.shape(self.given("matrix"))[-2:-1] == (1,) else num_models


Tables = tuple[NDArray[np.generic], ...]
"""Arrays with a row for each context or each class, in the types that compiled code was compiled for."""


class StepArrays(ABC):
    """The arrays of many rows, and what is written into them before a step.

    Attributes:
        sizes: arguments that the arrays were made with.
        arguments: of a kernel's step, after clock, cap and answers.
        keys: of the rows' streams, (2, num_rows).
        model: of the last pass, (num_rows,).
        failures: of the task under way, (num_rows,).
        rewards: of users and provider, (2, num_rows).
        endings: (4, num_rows).
    """

    sizes: tuple[object, ...]
    arguments: tuple[object, ...]
    keys: Words
    model: ByteArray
    failures: NDArray[np.int32]
    rewards: Float32Array
    endings: BoolArray

    @abstractmethod
    def contents(self) -> list[NDArray[np.generic]]:
        """Return all that is in the arrays, as far as they have rows."""

    def __reduce__(self) -> tuple[Callable[..., StepArrays], tuple[object, ...]]:
        """Return what makes a copy: arrays, some of which share memory, are made anew and filled."""
        return _filled, (type(self), self.sizes, self.contents())

    @abstractmethod
    def fill_payoffs(self, rows: IntArray | slice, payoffs: Float32Array) -> None:
        """Set what passes bring and cost in some rows, but for latencies, as `payoffs_of` has it."""

    @abstractmethod
    def fill_success(self, rows: IntArray, success_prob: FloatArray) -> None:
        """Set the thresholds of success of some rows, (num_models, num_rows) probabilities."""

    @abstractmethod
    def fill_latency(self, rows: IntArray, latency: FloatArray | Float32Array) -> None:
        """Set the latencies in force in some rows, (num_models, num_rows)."""

    @abstractmethod
    def read(self, offer: Offer, num_rows: int) -> tuple[NDArray[np.generic], ...]:
        """Return commitments row by row, as `commit` takes them.

        Raises:
            ParameterError: they are said otherwise than those that the arrays were made for, or out of range.
        """

    @abstractmethod
    def commit(self, rows: IntArray, commitments: tuple[NDArray[np.generic], ...]) -> None:
        """Set the commitments of some rows."""

    @abstractmethod
    def player(self, backend: Backend) -> Callable[..., None]:
        """Return the step of a backend; numba is imported only where it is wanted, for it takes its time."""

    @abstractmethod
    def of_contexts(self, success_prob: FloatArray, latency: FloatArray, payoffs: Float32Array, slowed: bool) -> Tables:
        """Return the numbers of contexts as `begin` takes them, which compiled code reads.

        Args:
            success_prob: (K, C).
            latency: in force, (K, C).
            payoffs: as `payoffs_of` has them, (2 + K, C).
            slowed: whether latencies of rows are ever others.
        """

    @abstractmethod
    def in_table(self, commitments: tuple[NDArray[np.generic], ...] | None) -> Tables:
        """Return commitments of each class, or none, likewise."""

    @abstractmethod
    def begin(self, fresh: Words, contexts: IntArray, classes: IntArray, numbers: Tables, table: Tables) -> None:
        """Fill fresh rows with what their next tasks are and are bound by, by compiled code.

        Args:
            fresh: which rows, as indices.
            contexts: of the tasks of all rows.
            classes: likewise.
            numbers: from `of_contexts`.
            table: from `in_table`.
        """

    def forget(self, rows: IntArray | slice) -> None:
        """Make some rows fresh, as if nothing had been played."""
        for array in (self.model, self.failures):
            array[rows] = 0
        self.rewards[:, rows], self.endings[:, rows] = 0, False


class PairArrays(StepArrays):
    """Arrays of two models and of commitments by route and cascade probability.

    Args:
        num_rows: how many rows.
        multipliers: of the success probability of repeats, one for each model.
    """

    def __init__(self, num_rows: int, multipliers: tuple[float, ...]) -> None:
        n, alike = num_rows, multipliers == (1.0, 1.0)
        self.sizes = num_rows, multipliers
        self._num_rows, self._multipliers = num_rows, multipliers
        heights = (2, 3, 0 if alike else 3, 6, 1, 2)
        keys, first, repeat, payoffs, failures, rewards = _staggered(n, np.dtype(np.uint32), heights)
        route, model, handed_over, endings = _staggered(n, np.dtype(np.uint8), (1, 1, 1, 4))
        self._lines = (
            *(keys, first, first if alike else repeat, payoffs.view(np.float32), route[0], model[0]),
            *(handed_over[0].view(np.bool_), failures[0].view(np.int32)),
            *(rewards.view(np.float32), endings.view(np.bool_)),
        )
        self.arguments = self._lines
        rows: list[Any] = self._rows()
        self.keys, self._first, self._repeat, self._payoffs, self._route = rows[:5]
        self.model, self._handed_over, self.failures, self.rewards, self.endings = rows[5:]
        if alike:
            self._repeat = self._first
        self._cascade_prob: FloatArray = np.zeros(n)

    def _rows(self) -> list[NDArray[np.generic]]:
        return [array[..., : self._num_rows] for array in self._lines]

    def contents(self) -> list[NDArray[np.generic]]:
        """Return all that a copy needs, as far as it has rows."""
        return [*self._rows(), self._cascade_prob]

    def fill_payoffs(self, rows: IntArray | slice, payoffs: Float32Array) -> None:
        """Set what passes bring and cost."""
        self._payoffs[0, rows], self._payoffs[3:, rows] = payoffs[0], payoffs[1:]

    def fill_success(self, rows: IntArray, success_prob: FloatArray) -> None:
        """Set the thresholds of success of some rows, and those of cascades, which depend on them."""
        self._first[:2, rows] = success_below(success_prob)
        if self._repeat is not self._first:
            self._repeat[:2, rows] = success_below(of_repeat(success_prob, self._multipliers))
        self._fill_cascade(rows)

    def fill_latency(self, rows: IntArray, latency: FloatArray | Float32Array) -> None:
        """Set the latencies in force in some rows."""
        self._payoffs[1:3, rows] = latency

    def read(self, offer: Offer, num_rows: int) -> tuple[NDArray[np.generic], ...]:
        """Return routes and cascade probabilities."""
        if offer.in_full:
            raise ParameterError("start", "left out where commitments are said by their route", offer.start)
        routes = row_by_row("route", as_route(offer.given("route")), num_rows)
        cascade_prob = as_number("cascade_prob", offer.given("cascade_prob"), 0, 1)
        return routes, row_by_row("cascade_prob", cascade_prob, num_rows)

    def commit(self, rows: IntArray, commitments: tuple[NDArray[np.generic], ...]) -> None:
        """Set routes and cascade probabilities of some rows."""
        self._route[rows], self._cascade_prob[rows] = commitments
        self._fill_cascade(rows)

    def of_contexts(self, success_prob: FloatArray, latency: FloatArray, payoffs: Float32Array, slowed: bool) -> Tables:
        """Return thresholds of success, the same of repeats if they differ, and what passes bring and cost."""
        alike = self._repeat is self._first
        again = np.zeros((2, 0)) if alike else of_repeat(success_prob, self._multipliers)
        below = success_below(success_prob), success_below(again)
        worth = np.concatenate([payoffs[:1], latency.astype(np.float32), payoffs[1:]])
        differ = np.ptp(worth, axis=1) > 0
        differ[1:3] |= slowed
        return (*(np.ascontiguousarray(each.T) for each in below), worth, np.flatnonzero(differ))

    def in_table(self, commitments: tuple[NDArray[np.generic], ...] | None) -> Tables:
        """Return routes and cascade probabilities."""
        routes, cascade_prob = commitments or np.zeros((2, 0))
        return routes.astype(np.uint8), cascade_prob.astype(np.float64)

    def begin(self, fresh: Words, contexts: IntArray, classes: IntArray, numbers: Tables, table: Tables) -> None:
        """Fill fresh rows."""
        from routegame.envs.sampling import numba_kernel

        own = self._lines[1:5]
        numba_kernel.begin(fresh, contexts, classes, *numbers, *table, *own, self._cascade_prob)

    def player(self, backend: Backend) -> Callable[..., None]:
        """Return the step of a backend."""
        if compiled(backend):
            from routegame.envs.sampling import numba_kernel

            return numba_kernel.step
        return _step_slices

    def forget(self, rows: IntArray | slice) -> None:
        """Make some rows fresh."""
        super().forget(rows)
        self._handed_over[rows] = False

    def _fill_cascade(self, rows: IntArray) -> None:
        """Set the thresholds of cascades of some rows, once those of success are."""
        for thresholds in (self._first, self._repeat):
            thresholds[2, rows] = cascade_above(thresholds[0, rows], self._cascade_prob[rows])


class MenuArrays(StepArrays):
    """Arrays of any number of models and of commitments in full.

    Args:
        num_rows: how many rows.
        multipliers: of the success probability of repeats, one for each model.
        num_matrix_rows: rows of a commitment's matrix, one for each model, or 1 where they are all the same.
        declines: whether users may decline a task.
    """

    def __init__(
        self, num_rows: int, multipliers: tuple[float, ...], num_matrix_rows: int, declines: bool = False
    ) -> None:
        self.sizes = num_rows, multipliers, num_matrix_rows, declines
        n, models = num_rows, len(multipliers)
        self._multipliers = multipliers
        self.keys = np.zeros((2, n), dtype=np.uint32)
        self._first, self._repeat = np.zeros((2, n, models), dtype=np.uint32)
        self._latency, self._cost = np.zeros((2, n, models), dtype=np.float32)
        self._stakes = np.zeros((2, n), dtype=np.float32)
        self._start, self._matrix = np.zeros((n, models)), np.zeros((n, num_matrix_rows, models))
        self.model, self._following = np.zeros((2, n), dtype=np.uint8)
        self.failures = np.zeros(n, dtype=np.int32)
        self.rewards, self.endings = np.zeros((2, n), dtype=np.float32), np.zeros((4, n), dtype=np.bool_)
        self._arrays = (
            *(self.keys, self._first, self._repeat, self._latency, self._cost, self._stakes),
            *(self._start, self._matrix, self.model, self._following, self.failures, self.rewards, self.endings),
        )
        self.arguments = (declines, *self._arrays)

    def contents(self) -> list[NDArray[np.generic]]:
        """Return all that a copy needs."""
        return list(self._arrays)

    def fill_payoffs(self, rows: IntArray | slice, payoffs: Float32Array) -> None:
        """Set what passes bring and cost."""
        self._cost[rows] = payoffs[1:-1].T
        self._stakes[0, rows], self._stakes[1, rows] = payoffs[0], payoffs[-1]

    def fill_success(self, rows: IntArray, success_prob: FloatArray) -> None:
        """Set the thresholds of success of some rows."""
        self._first[rows] = success_below(success_prob).T
        self._repeat[rows] = success_below(of_repeat(success_prob, self._multipliers)).T

    def fill_latency(self, rows: IntArray, latency: FloatArray | Float32Array) -> None:
        """Set the latencies in force in some rows."""
        self._latency[rows] = latency.T

    def read(self, offer: Offer, num_rows: int) -> tuple[NDArray[np.generic], ...]:
        """Return start probabilities and matrices."""
        if not offer.in_full:
            raise ParameterError("route", "left out where commitments are said in full", offer.route)
        return policies(offer, num_rows, *self._matrix.shape[1:])

    def commit(self, rows: IntArray, commitments: tuple[NDArray[np.generic], ...]) -> None:
        """Set start probabilities and matrices of some rows."""
        self._start[rows], self._matrix[rows] = commitments

    def of_contexts(self, success_prob: FloatArray, latency: FloatArray, payoffs: Float32Array, slowed: bool) -> Tables:
        """Return thresholds of success, the same of repeats, and what passes bring and cost."""
        again = of_repeat(success_prob, self._multipliers)
        worth = np.concatenate([payoffs[:1], latency.astype(np.float32), payoffs[1:]])
        below = success_below(success_prob), success_below(again)
        return tuple(np.ascontiguousarray(each.T) for each in (*below, worth))

    def in_table(self, commitments: tuple[NDArray[np.generic], ...] | None) -> Tables:
        """Return start probabilities and matrices."""
        height, models = self._matrix.shape[1:]
        start, matrix = commitments or (np.zeros((0, models)), np.zeros((0, height, models)))
        return start.astype(np.float64), matrix.astype(np.float64)

    def begin(self, fresh: Words, contexts: IntArray, classes: IntArray, numbers: Tables, table: Tables) -> None:
        """Fill fresh rows."""
        from routegame.envs.sampling import numba_menu_kernel

        own = self._first, self._repeat, self._latency, self._cost, self._stakes, self._start, self._matrix
        numba_menu_kernel.begin(fresh, contexts, classes, *numbers, *table, *own)

    def player(self, backend: Backend) -> Callable[..., None]:
        """Return the step of a backend."""
        if compiled(backend):
            from routegame.envs.sampling import numba_menu_kernel

            return numba_menu_kernel.step
        return numpy_menu_kernel.step

    def forget(self, rows: IntArray | slice) -> None:
        """Make some rows fresh."""
        super().forget(rows)
        self._following[rows] = 0


def _filled(
    kind: type[PairArrays | MenuArrays], sizes: tuple[Any, ...], contents: list[NDArray[np.generic]]
) -> StepArrays:
    """Return arrays of these sizes with these contents."""
    made = kind(*sizes)
    for own, copied in zip(made.contents(), contents, strict=True):
        own[...] = copied
    return made


def arrays_for(offer: Offer, game: Game, multipliers: tuple[float, ...], num_rows: int, declines: bool) -> StepArrays:
    """Return arrays for commitments like one: this is where the way in which it is said decides how rows are played.

    Raises:
        ParameterError: more than two models, or users who may decline, where it is said by route.
    """
    if offer.in_full:
        return MenuArrays(num_rows, multipliers, offer.matrix_height(game.num_models), declines)
    as_two_model_game(game)
    if declines:
        raise ParameterError("decline", "left out unless commitments are given by start and matrix", declines)
    return PairArrays(num_rows, multipliers)


def policies(offer: Offer, num_rows: int, num_matrix_rows: int, num_models: int) -> tuple[FloatArray, FloatArray]:
    """Return start probabilities and matrices row by row, (num_rows, K) and (num_rows, 1 or K, K), checked.

    Raises:
        ParameterError: no policies, or of another number of models or rows.
    """
    start = as_probabilities("start", offer.given("start"), 1)
    matrix = as_probabilities("matrix", offer.given("matrix"), 2)
    if start.shape not in ((num_models,), (num_rows, num_models)):
        allowed = f"{num_models} probabilities, or so many for each of {num_rows} rows"
        raise ParameterError("start", allowed, f"shape {start.shape}")
    heights = {1, num_matrix_rows}
    if matrix.shape not in [(*many, height, num_models) for many in ((), (num_rows,)) for height in heights]:
        allowed = f"of shape {(num_matrix_rows, num_models)}, or so for each of {num_rows} rows"
        raise ParameterError("matrix", allowed, f"shape {matrix.shape}")
    return (
        np.broadcast_to(start, (num_rows, num_models)),
        np.broadcast_to(matrix, (num_rows, num_matrix_rows, num_models)),
    )


def payoffs_of(game: Game) -> Float32Array:
    """Return the task values, and what a pass of each model and a lost task cost, negative, (2 + K, num_rows).

    Of a single game, (2 + K, 1).

    Raises:
        ParameterError: a number that float32, which rewards are in, cannot hold; latencies are looked at, too.
    """
    for latency in game.latency:
        as_float32("game", latency)
    costs = (0.0 - np.asarray(cost) for cost in (*game.cost, game.churn_penalty))
    return np.stack(np.broadcast_arrays(*(np.atleast_1d(as_float32("game", x)) for x in (game.task_value, *costs))))


def row_by_row(parameter: str, value: ArrayLike, num_rows: int) -> NDArray[Any]:
    """Return a value for each row.

    Raises:
        ParameterError: it is neither one nor as many.
    """
    try:
        return np.broadcast_to(value, (num_rows,))
    except ValueError:
        raise ParameterError(parameter, f"one number or {num_rows}", f"shape {np.shape(value)}") from None


def as_float32(parameter: str, value: ArrayLike) -> Float32Array:
    """Return numbers as float32, in which rewards are.

    Raises:
        ParameterError: one is too large for it.
    """
    with np.errstate(over="ignore"):
        narrow = np.asarray(value).astype(np.float32)
    if not np.isfinite(narrow).all():
        raise ParameterError(parameter, "small enough for float32, which rewards are in", value)
    return narrow


def compiled(backend: Backend) -> bool:
    """Return whether a backend is compiled.

    Raises:
        ParameterError: there is none of that name.
    """
    if backend not in get_args(Backend):
        raise ParameterError("backend", " or ".join(map(repr, get_args(Backend))), backend)
    return backend == "numba"


def _step_slices(start: int, stop: int, clock: int, max_passes: int, *arrays: NDArray[Any]) -> None:
    """The reference, on the rows of one thread."""
    numpy_kernel.step(clock, max_passes, *(array[..., start:stop] for array in arrays))


def _staggered(num_rows: int, dtype: np.dtype[np.generic], heights: tuple[int, ...]) -> list[NDArray[np.generic]]:
    """Arrays of a few lines each, (height, num_rows or more), whose lines begin at different places of a page.

    A step walks through all lines at once. If they were a whole number of pages apart, as they are where num_rows is
    a power of two, the cache could hold only a few of them, and steps took twice as long.
    """
    size = num_rows * dtype.itemsize
    size = -(-size // PAGE) * PAGE + STAGGER if size > PAGE else -(-size // CACHE_LINE) * CACHE_LINE
    whole = np.zeros((sum(heights), size // dtype.itemsize), dtype=dtype)
    return np.split(whole, np.cumsum(heights)[:-1])
