"""Tasks that differ: contexts with how common they are, each a routing game of the same models with its own numbers."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from routegame.envs.arrays import FloatArray, Number
from routegame.envs.checks import MOST_MODELS, ParameterError, as_number
from routegame.envs.copies import ReadOnlyArrays
from routegame.envs.document import Document
from routegame.envs.game import PER_MODEL, Game

MixUsers = Literal["sighted", "memoryless", "history"]
"""Users of a mix: those who know their context; and those who do not, without memory or counting their failures."""

SINGLE = ("task_value", "churn_penalty")
"""Columns of a table that hold one number a context."""

FARTHEST = 30.0
"""Log-odds beyond which a chance is taken for the chance there: nearer to 0 or 1 nothing can be told from it."""


@dataclass(frozen=True, eq=False)
class TaskMix(ReadOnlyArrays):
    """C contexts, each with its weight and its own V, P, p, t and c of the same K models.

    Args:
        weights: w_x >= 0, how common each context is, (C,); held divided by their sum.
        games: the games of the contexts, a batch of shape (C,); a single game, or a batch of one, is that of all.
        names: what people call the contexts, if they have names.
        features: what is known of a task in each context, (C, d), where the mix was made of features.

    Raises:
        ParameterError: weights or games of another shape, a weight out of range, or names that are not C.

    >>> mix = TaskMix([3, 1], Game([10, 5], 5, ([0.6, 0.2], [0.8, 0.5]), (1, 2), (1, 2)))
    >>> len(mix), mix.weights.tolist(), mix.game(1).success_prob
    (2, [0.75, 0.25], (0.2, 0.5))
    """

    weights: FloatArray
    games: Game
    names: tuple[str, ...] | None = None
    features: FloatArray | None = None

    def __post_init__(self) -> None:
        if not isinstance(self.games, Game):
            raise ParameterError("games", "a Game, a batch with one game for each context", self.games)
        weights = np.asarray(as_number("weights", self.weights, 0, math.inf, closed="low"))
        if weights.ndim != 1 or weights.size == 0:
            raise ParameterError("weights", "of shape (C,), one for each context", f"shape {weights.shape}")
        contexts, shape = weights.size, self.games.shape
        if shape not in {(), (1,), (contexts,)}:
            raise ParameterError("games", f"a batch of shape ({contexts},), one game for each weight", f"shape {shape}")
        if not weights.any():
            raise ParameterError("weights", "more than 0 for at least one context", "zeros only")
        object.__setattr__(self, "weights", _shares(weights))
        object.__setattr__(self, "games", _spread(self.games, contexts))
        if self.names is not None:
            names = tuple(map(str, self.names))
            if len(names) != contexts or len(set(names)) != contexts:
                raise ParameterError("names", f"{contexts} different names, one for each context", self.names)
            object.__setattr__(self, "names", names)
        if self.features is not None:
            features = np.asarray(as_number("features", self.features, -math.inf, math.inf, closed="neither"))
            if features.ndim != 2 or len(features) != contexts:
                raise ParameterError("features", f"of shape ({contexts}, d)", f"shape {features.shape}")
            object.__setattr__(self, "features", features)

    @classmethod
    def from_table(cls, table: Iterable[Mapping[str, object]] | Mapping[str, Sequence[object]]) -> TaskMix:
        """Return the mix that a table describes, one row a context.

        Columns are `task_value`, `churn_penalty`, and `success_prob`, `latency`, `cost` of each model: either numbered,
        `cost_1`, `cost_2`, …, or in one column that holds lists. `weight` and `context`, a name, may be left out.
        Numbers may be text, as CSV has them; other columns are left alone.

        Args:
            table: rows, each a mapping from columns to values, as `csv.DictReader` gives them; or columns, a mapping
                from names to sequences.

        Raises:
            ParameterError: no rows, a column is missing, or a value is no number or out of range.

        >>> row = {"task_value": 9, "churn_penalty": 15, "success_prob": [0.1, 0.3], "latency": [1, 2]}
        >>> mix = TaskMix.from_table([{**row, "cost": [1, 3.6], "weight": 3}, {**row, "cost": [1, 6], "weight": "1"}])
        >>> mix.weights.tolist(), mix.games.cost[1].tolist()
        ([0.75, 0.25], [3.6, 6.0])
        """
        columns = _columns(table)
        rows = {len(values) for values in columns.values()}
        if len(rows) != 1 or rows == {0}:
            raise ParameterError("table", "at least one row, and as many values in every column", sorted(rows))
        single = {name: _numbers(columns, name) for name in SINGLE}
        models = {name: _of_models(columns, name) for name in PER_MODEL}
        weights = _numbers(columns, "weight") if "weight" in columns else np.ones(rows.pop())
        names = tuple(map(str, columns["context"])) if "context" in columns else None
        return cls(weights, Game(**single, **models), names)  # type: ignore[arg-type]

    @classmethod
    def from_features(
        cls,
        features: ArrayLike,
        *,
        skill: ArrayLike,
        skill_at_zero: ArrayLike,
        value: ArrayLike,
        value_at_zero: float,
        churn_penalty: ArrayLike,
        latency: Sequence[ArrayLike],
        cost: Sequence[ArrayLike],
        weights: ArrayLike | None = None,
    ) -> TaskMix:
        """Return the mix of tasks with features x: p_k(x) = 1 / (1 + exp(−(b_k + β_k · x))), V(x) = exp(b + β · x).

        Args:
            features: x of each context, (C, d).
            skill: β_k, how features move the log-odds of each model's success, (K, d).
            skill_at_zero: b_k, the log-odds of success where all features are 0, (K,).
            value: β, how features move the logarithm of the task value, (d,).
            value_at_zero: b, that logarithm where all features are 0.
            churn_penalty: P, one number or one for each context.
            latency: t_k of each model, each a number or one for each context.
            cost: c_k, in the same forms.
            weights: of the contexts, (C,); all alike if left out.

        Raises:
            ParameterError: shapes that do not fit each other, or a number out of range.

        >>> mix = TaskMix.from_features(
        ...     [[0.0], [1.0]], skill=[[1], [2]], skill_at_zero=[0, 0], value=[0], value_at_zero=0,
        ...     churn_penalty=1, latency=(1, 2), cost=(1, 2),
        ... )
        >>> mix.games.success_prob[1].round(4).tolist(), mix.games.task_value.tolist()
        ([0.5, 0.8808], [1.0, 1.0])
        """
        inf = math.inf
        x = np.asarray(as_number("features", features, -inf, inf, closed="neither"))
        if x.ndim != 2 or not x.size:
            raise ParameterError("features", "of shape (C, d), a row for each context", f"shape {x.shape}")
        slopes = np.asarray(as_number("skill", skill, -inf, inf, closed="neither"))
        if slopes.ndim != 2 or slopes.shape[1] != x.shape[1]:
            raise ParameterError("skill", f"of shape (K, {x.shape[1]}), a row for each model", f"shape {slopes.shape}")
        at_zero = np.asarray(as_number("skill_at_zero", skill_at_zero, -inf, inf, closed="neither"))
        if at_zero.shape != (len(slopes),):
            raise ParameterError("skill_at_zero", f"of shape ({len(slopes)},), one for each model", at_zero.tolist())
        worth = np.asarray(as_number("value", value, -inf, inf, closed="neither"))
        if worth.shape != (x.shape[1],):
            raise ParameterError("value", f"of shape ({x.shape[1]},), one for each feature", worth.tolist())
        log_odds = np.clip(x @ slopes.T + at_zero, -FARTHEST, FARTHEST)
        with np.errstate(over="ignore"):
            values = np.exp(x @ worth + float(as_number("value_at_zero", value_at_zero, -inf, inf, closed="neither")))
        game = Game(values, churn_penalty, 1 / (1 + np.exp(-log_odds)), latency, cost)  # type: ignore[arg-type]
        given = np.ones(len(x)) if weights is None else np.asarray(weights)
        return cls(given, game, features=x)

    @property
    def num_contexts(self) -> int:
        """C, the number of contexts."""
        return len(self.weights)

    @property
    def num_models(self) -> int:
        """K, the number of models."""
        return self.games.num_models

    def __len__(self) -> int:
        return len(self.weights)

    def game(self, context: int | str) -> Game:
        """Return the game of one context, by its number from 0 or by its name.

        Raises:
            ParameterError: there is none.
        """
        if isinstance(context, str):
            if self.names is None or context not in self.names:
                raise ParameterError("context", "the name of one", context)
            context = self.names.index(context)
        if not 0 <= context < len(self):
            raise ParameterError("context", f"0 to {len(self) - 1}, or a name", context)
        return self.games.single(context)

    def some(self, contexts: ArrayLike) -> TaskMix:
        """Return the mix of some of the contexts, numbered from 0, in this order, with the weights that they have."""
        at = np.asarray(contexts, dtype=np.intp)
        picked = self.games_of(at)
        names = None if self.names is None else tuple(self.names[x] for x in at)
        return TaskMix(self.weights[at], picked, names, None if self.features is None else self.features[at])

    def games_of(self, contexts: ArrayLike) -> Game:
        """Return the games of tasks of these contexts, numbered from 0, as a batch of the same shape.

        >>> TaskMix([3, 1], Game([10, 5], 5, ([0.6, 0.2], [0.8, 0.5]), (1, 2), (1, 2))).games_of([1, 1, 0]).task_value
        array([ 5.,  5., 10.])
        """
        at, game = np.asarray(contexts, dtype=np.intp), self.games
        p, t, c = (tuple(np.asarray(x)[at] for x in getattr(game, name)) for name in PER_MODEL)
        return Game(np.asarray(game.task_value)[at], np.asarray(game.churn_penalty)[at], p, t, c, game.names)

    def of_models(self, models: Sequence[int]) -> TaskMix:
        """Return the same contexts with some of the models, numbered from 0, in this order."""
        return replace(self, games=self.games.of_models(models))

    def to_dict(self) -> dict[str, object]:
        """Return the mix as plain numbers and lists, ready for JSON; see `read`.

        Numbers of models are lists of K lists of C, as those of a game are.
        """
        document: dict[str, object] = {"weights": self.weights.tolist(), "games": self.games.to_dict()}
        if self.names is not None:
            document["names"] = list(self.names)
        if self.features is not None:
            document["features"] = self.features.tolist()
        return document

    @classmethod
    def read(cls, document: Document) -> TaskMix:
        """Return the mix that a JSON object describes, see `to_dict`.

        Raises:
            ParameterError: a key is missing, or no mix is described.
        """
        for name in ("weights", "games"):
            if name not in document:
                raise ParameterError("mix", 'an object with "weights" and "games"', sorted(document))
        try:
            games = Game(**document["games"])
        except TypeError:
            raise ParameterError("games", "an object with the parameters of a game", document["games"]) from None
        return cls(document["weights"], games, document.get("names"), document.get("features"))

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, TaskMix):
            return NotImplemented
        alike = np.array_equal(self.weights, other.weights) and self.games == other.games
        return alike and self.names == other.names

    def __hash__(self) -> int:
        return hash((self.weights.tobytes(), self.games))


def _shares(weights: FloatArray) -> FloatArray:
    largest = weights / weights.max()  # so that no sum overflows
    shares: FloatArray = largest / math.fsum(largest)
    if math.fsum(weights) == 1:
        shares = weights.copy()
    shares.setflags(write=False)
    return shares


def _spread(game: Game, contexts: int) -> Game:
    """The same game with an array of C numbers for every number."""

    def each(value: Number) -> FloatArray:
        return np.broadcast_to(value, (contexts,))

    p, t, c = (tuple(map(each, getattr(game, name))) for name in PER_MODEL)
    return Game(each(game.task_value), each(game.churn_penalty), p, t, c, game.names)


def _columns(table: Iterable[Mapping[str, object]] | Mapping[str, Sequence[object]]) -> dict[str, list[object]]:
    if isinstance(table, Mapping):
        return {str(name): list(values) for name, values in table.items()}
    rows = list(table)
    if not rows or not all(isinstance(row, Mapping) for row in rows):
        raise ParameterError("table", "rows that map columns to values, or columns", rows)
    known = rows[0].keys()
    for number, row in enumerate(rows, start=1):
        if row.keys() != known:
            raise ParameterError(f"row {number}", f"one of the columns {sorted(map(str, known))}", sorted(row))
    return {str(name): [row[name] for row in rows] for name in known}


def _numbers(columns: Mapping[str, Sequence[object]], name: str) -> FloatArray:
    if name not in columns:
        raise ParameterError("table", f"one with a column {name}", sorted(columns))
    found = []
    for number, value in enumerate(columns[name], start=1):
        try:
            found.append(float(value))  # type: ignore[arg-type]
        except (TypeError, ValueError):
            raise ParameterError(f"{name} in row {number}", "a number", value) from None
    return np.array(found)


def _of_models(columns: Mapping[str, Sequence[object]], name: str) -> list[FloatArray]:
    numbered = sorted((int(found[1]), key) for key in columns if (found := re.fullmatch(rf"{name}_(\d+)", key)))
    if name not in columns and numbered:
        if [number for number, _ in numbered] != list(range(1, len(numbered) + 1)):
            raise ParameterError("table", f"one with columns {name}_1, {name}_2, …", [key for _, key in numbered])
        return [_numbers(columns, key) for _, key in numbered]
    if name not in columns:
        raise ParameterError("table", f"one with a column {name}, or {name}_1, {name}_2, …", sorted(columns))
    lists = [list(value) if isinstance(value, (list, tuple, np.ndarray)) else [] for value in columns[name]]
    lengths = {len(value) for value in lists}
    if len(lengths) != 1 or not 2 <= max(lengths) <= MOST_MODELS:
        raise ParameterError(name, "a list with one entry a model in every row", columns[name][0])
    return [
        _numbers({f"{name}_{k + 1}": list(each)}, f"{name}_{k + 1}") for k, each in enumerate(zip(*lists, strict=True))
    ]
