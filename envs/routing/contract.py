"""The two ways in which a provider can commit in `routing_v0` and its views, and what each means for play.

In the paper's order a commitment to two models is a route and a cascade probability, and model 2 never hands back.
In free order it is a start distribution and a row for every model that can fail, of any number of models; users may be
allowed to decline. `contract_for` is where the one or the other is chosen.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain
from math import ceil
from typing import Any, ClassVar, Literal, get_args

import numpy as np
from numpy.typing import ArrayLike

from routegame.envs.arrays import FloatArray, IntArray
from routegame.envs.checks import ParameterError, as_choice
from routegame.envs.commitment import Commitment, Commitments, RoutingGame, commitments_at
from routegame.envs.game import Game
from routegame.envs.menu_game import MOST_IN_MATRIX, Form, MenuCommitment, MenuCommitments, MenuGame, menus_at
from routegame.envs.policy import Policy
from routegame.envs.sampling.chances import LAST_WORD, NUM_WORDS, row_moved_above
from routegame.envs.sampling.simulator import Tasks
from routegame.envs.sampling.streams import Purpose
from routegame.envs.sampling.task_batch import TaskBatch
from routegame.envs.sampling.whole_tasks import draw_tasks
from routegame.envs.stackelberg import Batch, Single
from routegame.envs.task_mix import TaskMix

Box = RoutingGame | MenuGame
"""A single game as it is played, which gives the provider's actions their meaning."""

Offered = Commitment | MenuCommitment
"""What a provider commits to."""

PlayOrder = Literal["paper", "free"]
"""Whether a commitment goes from model 1 to model 2 for good, or anywhere."""


@dataclass(frozen=True)
class Contract(ABC):
    """How a provider commits.

    Attributes:
        num_models: K, the number of models.
        throttling: whether the provider may slow its models down.
        declines: whether users may decline a task before its first pass.
        HANDS_BACK: whether a task may go from a model to one with a lower number.
        RANDOM: purpose of the words that a random commitment is drawn with, its first.
        SIGHT: purpose of the words that noise in a user's sight is drawn with, its first.
    """

    num_models: int
    throttling: bool = False
    declines: bool = False

    HANDS_BACK: ClassVar[bool]
    RANDOM: ClassVar[Purpose]
    SIGHT: ClassVar[Purpose]

    @property
    @abstractmethod
    def num_switches(self) -> int:
        """How many numbers of an action choose a model, by the side of 0.5 that they are on; they are its first."""

    @property
    @abstractmethod
    def num_shares(self) -> int:
        """How many numbers of an action lie anywhere in [0, 1], but for slow-downs."""

    @property
    def num_extras(self) -> int:
        """How many numbers of an action slow models down; they are its last."""
        return self.num_models if self.throttling else 0

    @property
    def size(self) -> int:
        """How many numbers an action has."""
        return self.num_switches + self.num_shares + self.num_extras

    @property
    @abstractmethod
    def blocks(self) -> tuple[int, ...]:
        """How many numbers each part of an action has: of several commitments like parts stand together."""

    def places(self, num_commitments: int) -> IntArray:
        """Return where the numbers of each of several commitments stand in an action, (num_commitments, size).

        First come the first parts of all commitments, then the second ones, and so on.
        """
        columns, begin = [], 0
        for width in self.blocks:
            columns.append(begin + np.arange(num_commitments * width).reshape(num_commitments, width))
            begin += num_commitments * width
        return np.hstack(columns)

    @abstractmethod
    def box(self, game: Game, max_latency: Sequence[float] | None) -> Box:
        """Return a single game as it is played."""

    @abstractmethod
    def at(self, actions: FloatArray, latency: Sequence[ArrayLike], max_latency: Sequence[ArrayLike]) -> Batch:
        """Return what actions commit to, row by row, without checks.

        Args:
            actions: (num_rows, size) in [0, 1].
            latency: of each model, a number or one for each row.
            max_latency: the slowest each model can be made, in the same shapes.
        """

    @abstractmethod
    def seen(self, commitments: Batch) -> FloatArray:
        """Return commitments as users see them, (num_commitments, num_seen)."""

    @abstractmethod
    def most_seen(self, max_latency: Sequence[float]) -> list[float]:
        """Return the largest numbers that users can see, num_seen of them; the smallest are all 0."""

    @abstractmethod
    def policy(self, commitment: Single) -> Policy:
        """Return a commitment in full."""

    @abstractmethod
    def policies(self, commitments: Batch) -> Policy:
        """Return commitments in full, as one batch."""

    @abstractmethod
    def start(self, commitment: Single) -> Sequence[float]:
        """Return the probability of each model to have the first pass under a commitment, K numbers."""

    def first(self, commitment: Single) -> int | None:
        """Return the model, from 0, that has the first pass under a commitment in any case; None where chance says."""
        start = self.start(commitment)
        return start.index(1.0) if 1.0 in start else None

    @abstractmethod
    def row(self, commitment: Single, model: int) -> Sequence[float]:
        """Return the probability of each model to have the pass after a failure of one, from 0, K numbers."""

    def moved_above(self, commitment: Single, model: int, solved_below: int) -> Sequence[int]:
        """Return where a failed pass on a model, from 0, goes: words above the k-th number to model k or a later one.

        Args:
            commitment: in force.
            model: that failed.
            solved_below: words below this one would have solved the task.
        """
        return row_moved_above(solved_below, self.row(commitment, model), model)

    @abstractmethod
    def sight(self, commitment: Single) -> list[float]:
        """Return one commitment as users see it, num_seen numbers: `seen` without arrays."""

    @abstractmethod
    def said(self, commitments: Batch) -> dict[str, Any]:
        """Return commitments as `TaskBatch` and `draw_tasks` take them, but for latencies."""

    @abstractmethod
    def latencies(self, commitments: Batch) -> Sequence[FloatArray]:
        """Return the latencies in force of each model, (num_commitments,)."""

    @abstractmethod
    def alike(self, commitment: Single | Batch, num_rows: int) -> Batch:
        """Return one commitment as many, or as many as there are rows as they are.

        Raises:
            ParameterError: it is of another kind, of other models, or another number.
        """

    @abstractmethod
    def together(self, commitments: Sequence[Single]) -> Batch:
        """Return single commitments as many."""

    @abstractmethod
    def of_policy(self, start: FloatArray, matrix: FloatArray, latency: Sequence[float]) -> Single:
        """Return a policy, (K,) and (K, K), as a commitment at given latencies.

        Raises:
            ParameterError: it cannot be said in this way.
        """

    @abstractmethod
    def any_commitment(self) -> dict[str, Any]:
        """Return some commitment as `said` would."""

    def batch(self, game: Game | TaskMix, num_rows: int, **options: Any) -> TaskBatch:
        """Return rows that are played, under some commitment for now; options as for `TaskBatch`."""
        return TaskBatch(game, **self.any_commitment(), decline=self.declines, num_tasks=num_rows, **options)

    def commit(self, batch: TaskBatch, commitments: Batch, rows: IntArray | None = None) -> None:
        """Change the commitments of a batch, in some of its rows or in all."""
        batch.commit(**self.said(commitments), latency=self.latencies(commitments), rows=rows)

    def draw(
        self, game: Game, commitments: Batch, abandon_prob: FloatArray, decline_prob: FloatArray | None, **rules: Any
    ) -> Tasks:
        """Draw whole tasks under commitments, see `draw_tasks`."""
        return draw_tasks(game, **self.said(commitments), abandon_prob=abandon_prob, decline_prob=decline_prob, **rules)

    def picked(self, share: float) -> int:
        """Return the model, from 0, that a number in [0, 1] picks: of two the second where it is above 0.5."""
        return max(ceil(share * self.num_models) - 1, 0)

    def may_leave(self, model: int) -> bool:
        """Whether a task on a model, from 1, can go on elsewhere."""
        return self.HANDS_BACK or model < self.num_models


@dataclass(frozen=True)
class PaperContract(Contract):
    """Two models, in the paper's order."""

    HANDS_BACK: ClassVar[bool] = False
    RANDOM: ClassVar[Purpose] = Purpose.COMMITMENT
    SIGHT: ClassVar[Purpose] = Purpose.SIGHT

    num_models: int = 2

    @property
    def num_switches(self) -> int:
        """The route is one."""
        return 1

    @property
    def num_shares(self) -> int:
        """The cascade probability is one."""
        return 1

    @property
    def blocks(self) -> tuple[int, ...]:
        """Each number is a part of its own."""
        return (1,) * self.size

    def box(self, game: Game, max_latency: Sequence[float] | None) -> RoutingGame:
        """Return a single game as it is played."""
        slowest: Any = max_latency  # whose length is checked there
        return RoutingGame(game, throttling=self.throttling, max_latency=slowest)

    def at(self, actions: FloatArray, latency: Sequence[ArrayLike], max_latency: Sequence[ArrayLike]) -> Commitments:
        """Return what actions commit to."""
        return commitments_at(actions, latency, max_latency)

    def seen(self, commitments: Batch) -> FloatArray:
        """Return route, cascade probability and both latencies."""
        offered = Commitments.of(commitments)
        return np.stack([offered.route, offered.cascade_prob, *offered.throttled_latency], axis=1)

    def most_seen(self, max_latency: Sequence[float]) -> list[float]:
        """Return the largest of them."""
        return [2, 1, *max_latency]

    def policy(self, commitment: Single) -> Policy:
        """Return a commitment in full."""
        offered = Commitment.of(commitment)
        s = offered.cascade_prob
        return Policy.unchecked(np.eye(2)[offered.route - 1], np.array([[1 - s, s], [0.0, 1.0]]))

    def policies(self, commitments: Batch) -> Policy:
        """Return commitments in full."""
        offered = Commitments.of(commitments)
        matrix = np.zeros((len(offered), 2, 2))
        matrix[:, 0, 0], matrix[:, 0, 1], matrix[:, 1, 1] = 1 - offered.cascade_prob, offered.cascade_prob, 1.0
        return Policy.unchecked(np.eye(2)[offered.route - 1], matrix)

    def start(self, commitment: Single) -> Sequence[float]:
        """Return all for the model of the route."""
        return (1.0, 0.0) if Commitment.of(commitment).route == 1 else (0.0, 1.0)

    def first(self, commitment: Single) -> int:
        """Return the model of the route."""
        return Commitment.of(commitment).route - 1

    def row(self, commitment: Single, model: int) -> Sequence[float]:
        """Return the cascade of model 1, and model 2 for good."""
        s = Commitment.of(commitment).cascade_prob
        return (0.0, 1.0) if model else (1 - s, s)

    def moved_above(self, commitment: Single, model: int, solved_below: int) -> Sequence[int]:
        """Return where a failed pass goes, see the base class: to model 2 or nowhere, so that there is one number."""
        s = 0.0 if model else Commitment.of(commitment).cascade_prob
        above = LAST_WORD - round((NUM_WORDS - solved_below) * s)
        return above, above

    def sight(self, commitment: Single) -> list[float]:
        """Return route, cascade probability and both latencies."""
        offered = Commitment.of(commitment)
        return [offered.route, offered.cascade_prob, *offered.throttled_latency]

    def said(self, commitments: Batch) -> dict[str, Any]:
        """Return route and cascade probability."""
        offered = Commitments.of(commitments)
        return {"route": offered.route, "cascade_prob": offered.cascade_prob}

    def latencies(self, commitments: Batch) -> Sequence[FloatArray]:
        """Return the latencies in force."""
        return Commitments.of(commitments).throttled_latency

    def alike(self, commitment: Single | Batch, num_rows: int) -> Commitments:
        """Return one commitment as many, or as many as there are rows as they are."""
        if not isinstance(commitment, (Commitment, Commitments)):
            raise ParameterError("commitment", "a Commitment, Commitments or 'random'", commitment)
        values = (commitment.route, commitment.cascade_prob, *commitment.throttled_latency)
        try:
            route, cascade_prob, *latency = (np.broadcast_to(value, (num_rows,)) for value in values)
        except ValueError:
            shapes = ", ".join(str(np.shape(value)) for value in values)
            raise ParameterError("commitment", f"one, or one for each of {num_rows} rows", shapes) from None
        return Commitments(route, cascade_prob, (latency[0], latency[1]))

    def together(self, commitments: Sequence[Single]) -> Commitments:
        """Return single commitments as many."""
        each = [Commitment.of(commitment) for commitment in commitments]
        slow1, slow2 = np.array([one.throttled_latency for one in each]).T
        routes, cascade_prob = (np.array([getattr(one, name) for one in each]) for name in ("route", "cascade_prob"))
        return Commitments(routes, cascade_prob, (slow1, slow2))

    def of_policy(self, start: FloatArray, matrix: FloatArray, latency: Sequence[float]) -> Commitment:
        """Return route and cascade probability of a list: one model first, never back from the second."""
        reached = start[1] > 0 or matrix[0, 1] > 0
        if not np.isin(start, (0, 1)).all() or (reached and matrix[1, 1] != 1):
            raise ParameterError("commitment", "one model first, and never back from the second", "another")
        standard, reasoning = latency
        return Commitment(1 + int(start[1]), float(matrix[0, 1]), (standard, reasoning))

    def any_commitment(self) -> dict[str, Any]:
        """Return model 1 for good."""
        return {"route": 1, "cascade_prob": 0.0}


@dataclass(frozen=True)
class MenuContract(Contract):
    """Any number of models, in free order.

    Attributes:
        form: whether an action, and what users see of it, has one row of the matrix, for all models, or all of them.
    """

    HANDS_BACK: ClassVar[bool] = True
    RANDOM: ClassVar[Purpose] = Purpose.MENU_COMMITMENT
    SIGHT: ClassVar[Purpose] = Purpose.MENU_SIGHT

    form: Form = "compact"

    @property
    def num_rows(self) -> int:
        """How many rows of the matrix an action has."""
        return 1 if self.form == "compact" else self.num_models

    @property
    def num_switches(self) -> int:
        """There are none: models are chosen by weights."""
        return 0

    @property
    def num_shares(self) -> int:
        """Weights of the start and of each row."""
        return self.num_models * (1 + self.num_rows)

    @property
    def blocks(self) -> tuple[int, ...]:
        """Weights of the start and of each row, and slow-downs."""
        return (self.num_models,) * (self.size // self.num_models)

    def box(self, game: Game, max_latency: Sequence[float] | None) -> MenuGame:
        """Return a single game as it is played."""
        return MenuGame(game, form=self.form, throttling=self.throttling, max_latency=max_latency)

    def at(
        self, actions: FloatArray, latency: Sequence[ArrayLike], max_latency: Sequence[ArrayLike]
    ) -> MenuCommitments:
        """Return what actions commit to."""
        return menus_at(actions, self.num_rows, latency, max_latency)

    def seen(self, commitments: Batch) -> FloatArray:
        """Return start, the rows in force and latencies."""
        offered = MenuCommitments.of(commitments)
        rows = offered.rows if self.num_rows == 1 else offered.matrix
        return np.hstack([offered.start, rows.reshape(len(offered), -1), offered.throttled_latency])

    def most_seen(self, max_latency: Sequence[float]) -> list[float]:
        """Return the largest of them."""
        return [1.0] * self.num_shares + list(max_latency)

    def policy(self, commitment: Single) -> Policy:
        """Return a commitment in full."""
        return MenuCommitment.of(commitment).policy

    def policies(self, commitments: Batch) -> Policy:
        """Return commitments in full."""
        return MenuCommitments.of(commitments).policy

    def start(self, commitment: Single) -> Sequence[float]:
        """Return the start."""
        return MenuCommitment.of(commitment).start

    def row(self, commitment: Single, model: int) -> Sequence[float]:
        """Return the row of a model."""
        return MenuCommitment.of(commitment).matrix[model]

    def sight(self, commitment: Single) -> list[float]:
        """Return start, the rows in force and latencies."""
        offered = MenuCommitment.of(commitment)
        return [*offered.start, *chain.from_iterable(offered.matrix[: self.num_rows]), *offered.throttled_latency]

    def said(self, commitments: Batch) -> dict[str, Any]:
        """Return start and matrix."""
        offered = MenuCommitments.of(commitments)
        return {"start": offered.start, "matrix": offered.rows if self.num_rows == 1 else offered.matrix}

    def latencies(self, commitments: Batch) -> Sequence[FloatArray]:
        """Return the latencies in force."""
        return list(MenuCommitments.of(commitments).throttled_latency.T)

    def alike(self, commitment: Single | Batch, num_rows: int) -> MenuCommitments:
        """Return one commitment as many, or as many as there are rows as they are."""
        if not isinstance(commitment, (MenuCommitment, MenuCommitments)):
            raise ParameterError("commitment", "a MenuCommitment, MenuCommitments or 'random'", commitment)
        offered = commitment.alone() if isinstance(commitment, MenuCommitment) else commitment
        if offered.start.shape[1] != self.num_models:
            raise ParameterError("commitment", f"one to {self.num_models} models", offered.start.shape[1])
        if self.num_rows == 1 and offered.rows.shape[1] != 1:
            raise ParameterError("commitment", "one row for all models in compact form", "rows that differ")
        if len(offered) == 1:
            offered = offered.take(np.zeros(num_rows, dtype=np.int64))
        if len(offered) != num_rows:
            raise ParameterError("commitment", f"one, or one for each of {num_rows} rows", len(offered))
        return offered

    def together(self, commitments: Sequence[Single]) -> MenuCommitments:
        """Return single commitments as many."""
        each = [MenuCommitment.of(commitment) for commitment in commitments]
        start, matrix, latency = (
            np.array([getattr(one, name) for one in each]) for name in ("start", "matrix", "throttled_latency")
        )
        return MenuCommitments(start, matrix[:, : self.num_rows], latency)

    def of_policy(self, start: FloatArray, matrix: FloatArray, latency: Sequence[float]) -> MenuCommitment:
        """Return start, matrix and latencies."""
        return MenuCommitment.of_policy(Policy.unchecked(start, matrix), latency)

    def any_commitment(self) -> dict[str, Any]:
        """Return model 1 for good."""
        row = np.eye(self.num_models)[:1]
        return {"start": row[0], "matrix": np.repeat(row, self.num_rows, axis=0)}


def contract_for(
    num_models: int,
    *,
    order: PlayOrder | None = None,
    form: Form | None = None,
    decline: bool = False,
    throttling: bool = False,
) -> Contract:
    """Return how a provider of so many models commits.

    Args:
        num_models: K.
        order: "paper" or "free". Default: paper for two models of whom nothing else is asked, free for all others.
        form: of actions in free order, "compact", the default, or "matrix".
        decline: whether users may decline; only in free order.
        throttling: whether the provider may slow its models down.

    Raises:
        ParameterError: a combination that there is not.
    """
    as_choice("order", order, (*get_args(PlayOrder), None))
    as_choice("form", form, (*get_args(Form), None))
    plain = num_models == 2 and form is None and not decline
    if order == "free" or (order is None and not plain):
        if form == "matrix" and num_models > MOST_IN_MATRIX:
            raise ParameterError("form", f"compact for more than {MOST_IN_MATRIX} models", form)
        return MenuContract(num_models, throttling, decline, form or "compact")
    if num_models != 2:
        raise ParameterError("order", f"free for {num_models} models", order)
    if not plain:
        name, value = ("decline", decline) if decline else ("form", form)
        raise ParameterError(name, "left out in the paper's order", value)
    return PaperContract(throttling=throttling)


def menu_in_sight(game: Game, seen: Sequence[float]) -> tuple[Policy, tuple[float, ...]] | None:
    """Return the commitment in free order that a user's observation shows, and the latencies in force.

    None where it shows a route and a cascade probability, which is told by its length.

    Args:
        game: the user's game.
        seen: its observation in `routing_v0`, with a commitment in sight; what it knows of failures is left aside.
    """
    models = game.num_models
    for height in (1, models):
        shares = models * (1 + height)
        if len(seen) - 1 - shares - models in (0, 1):
            weights = np.array(seen[1 : 1 + shares], dtype=np.float64).reshape(1 + height, models)
            probs = weights / weights.sum(axis=1, keepdims=True)  # float32, in which they are seen, is not as fine
            matrix = np.broadcast_to(probs[1:], (models, models))
            return Policy(probs[0], matrix), tuple(seen[1 + shares : 1 + shares + models])
    return None
