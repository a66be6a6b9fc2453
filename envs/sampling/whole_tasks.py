"""Whole tasks drawn at once: how many passes of each model a task takes and how it ends, without playing the passes.

Between its first pass on a model and the last one, a task of a user with a stationary strategy repeats one and the same
gamble: fail, stay, and not be handed over. The number of such repeats is geometric, and one word of chance is enough to
draw it. So a task takes six words, whatever its number of passes: for either model what the first pass led to, how many
repeats followed, and what ended them. Outcomes have the distribution that `routegame.envs.sampling.task_batch` gives
them pass by pass; the luck is another.

Under a commitment in full, to any number of models, a task can go from everywhere to everywhere, and its passes are
played after all, two words each, in a loop of their own.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from routegame.envs.arrays import FloatArray, Number
from routegame.envs.checks import ParameterError, as_count, as_number, as_route
from routegame.envs.game import Game
from routegame.envs.sampling import numpy_kernel, numpy_menu_kernel
from routegame.envs.sampling.chances import NUM_WORDS, as_max_passes, as_multipliers, of_repeat, success_below
from routegame.envs.sampling.simulator import Tasks
from routegame.envs.sampling.step_arrays import Backend, Offer, compiled, policies
from routegame.envs.sampling.streams import Words, stream_keys
from routegame.envs.scenarios import GameLike, as_game, as_two_model_game


def draw_tasks(
    game: GameLike,
    route: ArrayLike | None = None,
    cascade_prob: ArrayLike | None = None,
    abandon_prob: ArrayLike = 0.0,
    group_size: int = 1,
    seed: int = 0,
    *,
    start: ArrayLike | None = None,
    matrix: ArrayLike | None = None,
    decline_prob: ArrayLike | None = None,
    first_task: int = 0,
    max_passes: int | None = None,
    retry_multiplier: float | Sequence[float] = 1.0,
    backend: Backend = "numba",
    keys: Words | None = None,
) -> Tasks:
    """Draw a group of tasks in each of many rows, at a price that hardly depends on how many passes they take.

    Game, commitment and strategy may be one for all rows or one for each. Task number k of row i depends on the seed,
    i, k and the row's parameters alone.

    Args:
        game: a single game or a batch of shape (num_rows,).
        route: 1 or 2, a number or (num_rows,).
        cascade_prob: in [0, 1], a number or (num_rows,).
        abandon_prob: probability of leaving after each failure, in [0, 1], a number or (num_rows,).
        group_size: tasks in each row.
        seed: of the rows' streams, any whole number >= 0.
        start: of commitments in full, in place of route and cascade probability: probabilities of the first pass, (K,)
            or (num_rows, K).
        matrix: of the next pass after a failure of each model, (K, K) or (num_rows, K, K); or one row for all models,
            (1, K) or (num_rows, 1, K).
        decline_prob: probability of declining a task, in [0, 1], a number or (num_rows,); only with commitments in
            full. Default: tasks cannot be declined.
        first_task: number of the first task to draw, >= 0: how many each row has behind it.
        max_passes: a task is cut off when this many passes have failed. Default: as in `TaskBatch`.
        retry_multiplier: of the success probability of repeats, see `TaskBatch`.
        backend: "numba" or "numpy", the same bits more slowly.
        keys: of the rows' streams, (2, num_rows), in place of those of the seed.

    Raises:
        ParameterError: an argument out of range, or shapes that do not broadcast to one of at most one dimension.

    >>> from routegame import Game
    >>> tasks = draw_tasks(Game(9, 20, (0.1, 0.3), (1, 2), (1, 3)), 1, [0.0, 1.0], 0.0, 1000, 0, backend="numpy")
    >>> tasks.passes.tolist(), tasks.solved.tolist()
    ([[10037, 1000], [0, 3002]], [1000, 1000])
    """
    game, offer = as_game(game), Offer(route, cascade_prob, start, matrix)
    q = as_number("abandon_prob", abandon_prob, 0, 1)
    if not isinstance(first_task, (int, np.integer)) or first_task < 0:
        raise ParameterError("first_task", "a whole number >= 0", first_task)
    multipliers = as_multipliers(retry_multiplier, game.num_models)
    rules = Rules(
        int(first_task) % 2**32, as_count("group_size", group_size, 2**31 - 1), seed, multipliers, max_passes, keys
    )
    if offer.in_full:
        return _draw_in_full(game, offer, q, decline_prob, rules, backend)
    if decline_prob is not None:
        raise ParameterError("decline_prob", "left out unless commitments are in full", decline_prob)
    return _draw_by_route(game, offer, q, rules, backend)


@dataclass(frozen=True)
class Rules:
    """Numbers of a draw that do not depend on the row: see `draw_tasks`."""

    first_task: int
    group_size: int
    seed: int
    multipliers: tuple[float, ...]
    max_passes: int | None
    given_keys: Words | None

    def keys(self, num_rows: int) -> Words:
        """Return the keys of the rows' streams."""
        return stream_keys(self.seed, np.arange(num_rows)) if self.given_keys is None else self.given_keys


def _draw_by_route(game: Game, offer: Offer, q: Number, rules: Rules, backend: Backend) -> Tasks:
    """Draw tasks of two models, six words each."""
    game, routes = as_two_model_game(game), as_route(offer.given("route"))
    s = as_number("cascade_prob", offer.given("cascade_prob"), 0, 1)
    num_rows = _num_rows("game, route, cascade_prob, abandon_prob", game.shape, routes.shape, np.shape(s), np.shape(q))
    p, repeated, longest = _chances(game, num_rows, rules)
    limits, stays = _gambles(success_below(p) / NUM_WORDS, success_below(repeated) / NUM_WORDS, s, q)
    totals = np.zeros((4, num_rows), dtype=np.int64)
    _drawer(backend)(
        rules.first_task,
        rules.group_size,
        longest,
        rules.keys(num_rows),
        np.broadcast_to(routes == 2, (num_rows,)).copy(),
        limits,
        stays,
        totals,
    )
    return Tasks(totals[:2], totals[2], rules.group_size, totals[3])


def _draw_in_full(
    game: Game, offer: Offer, q: Number, decline_prob: ArrayLike | None, rules: Rules, backend: Backend
) -> Tasks:
    """Draw tasks of any number of models, pass by pass."""
    d = as_number("decline_prob", 0.0 if decline_prob is None else decline_prob, 0, 1)
    start, matrix = np.shape(offer.given("start")), np.shape(offer.given("matrix"))
    names = "game, start, matrix, abandon_prob"
    num_rows = _num_rows(names, game.shape, start[:-1], matrix[:-2], np.shape(q), np.shape(d))
    models = game.num_models
    starts, matrices = policies(offer, num_rows, offer.matrix_height(models), models)
    p, repeated, longest = _chances(game, num_rows, rules)
    totals = np.zeros((models + 2, num_rows), dtype=np.int64)
    _menu_drawer(backend)(
        rules.first_task,
        rules.group_size,
        longest,
        rules.keys(num_rows),
        success_below(p.T.copy()),
        success_below(repeated.T.copy()),
        starts.copy(),
        matrices.copy(),
        np.broadcast_to(q, (num_rows,)).copy(),
        np.broadcast_to(d, (num_rows,)).copy(),
        totals,
    )
    return Tasks(totals[:models], totals[models], rules.group_size, totals[models + 1])


def _chances(game: Game, num_rows: int, rules: Rules) -> tuple[FloatArray, FloatArray, int]:
    """Success probabilities of first passes and of repeats, (num_models, num_rows), and the cap on passes."""
    p = np.stack([np.broadcast_to(np.asarray(chance, dtype=np.float64), (num_rows,)) for chance in game.success_prob])
    return p, of_repeat(p, rules.multipliers), as_max_passes(rules.max_passes, p, rules.multipliers)


def _num_rows(names: str, *shapes: tuple[int, ...]) -> int:
    try:
        shape = np.broadcast_shapes((1,), *shapes)
    except ValueError:
        shape = ()
    if len(shape) != 1:
        given = ", ".join(map(str, shapes))
        raise ParameterError(names, "numbers or one for each row", f"shapes {given}")
    return int(shape[0])


def _gambles(first: FloatArray, repeat: FloatArray, s: Number, q: Number) -> tuple[FloatArray, FloatArray]:
    """Outcomes of first passes and repeats in each row on each model, as limits that words are compared with.

    Args:
        first: (2, num_rows) probabilities that the first pass of a model solves the task.
        repeat: (2, num_rows), the same of a repeat.
        s: cascade probability, a number or (num_rows,).
        q: abandon probability, a number or (num_rows,).

    Returns:
        limits: (num_rows, 2, 5) numbers of words, 0 to 2^32. Of the words of a first pass, those below the first
            limit solve the task, those below the second lose the user, those below the third hand it over, all
            others are followed by repeats. Of the words of the last repeat, those below the fourth solve the task,
            those below the fifth lose the user, all others hand it over.
        stays: (num_rows, 2) probabilities that a repeat is followed by another.
    """
    cascade = np.stack([np.broadcast_to(s, first[0].shape), np.zeros_like(first[0])])
    failed = 1 - repeat
    ends = repeat + failed * (q + (1 - q) * cascade)
    limits = [
        first,
        first + (1 - first) * q,
        first + (1 - first) * (q + (1 - q) * cascade),
        repeat / ends,
        (repeat + failed * q) / ends,
    ]
    stays = failed * (1 - q) * (1 - cascade)
    return np.rint(np.transpose(limits, (2, 1, 0)) * NUM_WORDS).copy(), stays.T.copy()


def _drawer(backend: Backend) -> Callable[..., None]:
    if compiled(backend):
        from routegame.envs.sampling import numba_kernel

        return numba_kernel.draw_tasks
    return numpy_kernel.draw_tasks


def _menu_drawer(backend: Backend) -> Callable[..., None]:
    if compiled(backend):
        from routegame.envs.sampling import numba_menu_kernel

        return numba_menu_kernel.draw_tasks
    return numpy_menu_kernel.draw_tasks
