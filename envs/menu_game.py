"""The game with any number of models as learners meet it: a unit box of actions, each a commitment to a menu."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product
from typing import ClassVar, Literal, get_args

import numpy as np
from numpy.typing import ArrayLike, NDArray

from routegame.envs.arrays import BoolArray, FloatArray, IntArray
from routegame.envs.checks import ParameterError, as_choice, as_single
from routegame.envs.commitment import DEVIATIONS, HABITS
from routegame.envs.document import Document
from routegame.envs.game import Game
from routegame.envs.luck.luck import Chance, Luck
from routegame.envs.policy import Policy
from routegame.envs.sampling.menu_totals import draw_menu_totals
from routegame.envs.scenarios import GameLike, as_game
from routegame.envs.stackelberg import Batch, Plays, Single, StackelbergGame

Form = Literal["compact", "matrix"]
"""How a commitment is written as an action: with one row for all models, or with a row for each."""

MOST_IN_MATRIX = 8
"""Models up to which an action may have a row for each."""


@dataclass(frozen=True)
class MenuCommitment(Single):
    """A provider's commitment to K models in a single game, made before the users act.

    Args:
        start: probability of each model to serve the first pass, (K,).
        matrix: after a failure of model j the next pass is on model k with probability `matrix[j][k]`, (K, K).
        throttled_latency: what one pass of each model costs the user, (K,), in units of latency; the game's own
            latencies where nothing is slowed down.

    Raises:
        ParameterError: no policy, see `routegame.envs.policy.Policy`, or latencies below 0 or of other models.

    >>> MenuCommitment.of_policy(Policy.redraw([1, 0], [0.5, 0.5]), (1, 2)).matrix
    ((0.5, 0.5), (0.5, 0.5))
    """

    start: tuple[float, ...]
    matrix: tuple[tuple[float, ...], ...]
    throttled_latency: tuple[float, ...]

    def __post_init__(self) -> None:
        policy = Policy(np.asarray(self.start), np.asarray(self.matrix))
        if policy.shape != ():
            raise ParameterError("start", "probabilities of one commitment", f"shape {policy.start.shape}")
        latency = _latencies(self.throttled_latency, (0.0,) * policy.num_models, (np.inf,) * policy.num_models)
        object.__setattr__(self, "start", tuple(policy.start.tolist()))
        object.__setattr__(self, "matrix", tuple(map(tuple, policy.matrix.tolist())))
        object.__setattr__(self, "throttled_latency", latency)

    @classmethod
    def of_policy(cls, policy: Policy, throttled_latency: Sequence[float]) -> MenuCommitment:
        """Return the commitment to a policy at given latencies."""
        return cls(policy.start.tolist(), policy.matrix.tolist(), tuple(throttled_latency))

    @classmethod
    def unchecked(cls, start: FloatArray, matrix: FloatArray, throttled_latency: FloatArray) -> MenuCommitment:
        """Return the commitment to arrays that are known to be right; (1, K) for a matrix whose rows are alike."""
        rows = list(map(tuple, matrix.tolist()))
        commitment = object.__new__(cls)
        vars(commitment).update(
            start=tuple(start.tolist()),
            matrix=tuple(rows if len(rows) == len(start) else rows * len(start)),
            throttled_latency=tuple(throttled_latency.tolist()),
        )
        return commitment

    @property
    def policy(self) -> Policy:
        """Start and matrix as arrays."""
        return Policy.unchecked(np.array(self.start), np.array(self.matrix))

    def alone(self) -> MenuCommitments:
        """Return the commitment as a batch of one."""
        matrix = np.array([self.matrix])
        alike = (matrix == matrix[:, :1]).all()
        return MenuCommitments(
            np.array([self.start]), matrix[:, :1] if alike else matrix, np.array([self.throttled_latency])
        )


@dataclass(frozen=True)
class MenuCommitments(Batch):
    """Many commitments of one game at once, as arrays that are not checked again.

    Attributes:
        start: (num_commitments, K).
        rows: (num_commitments, K, K), or (num_commitments, 1, K) where one row is shared by all models.
        throttled_latency: (num_commitments, K).
    """

    start: FloatArray
    rows: FloatArray
    throttled_latency: FloatArray

    def __len__(self) -> int:
        return len(self.start)

    def __getitem__(self, index: int) -> MenuCommitment:
        return MenuCommitment.unchecked(self.start[index], self.rows[index], self.throttled_latency[index])

    @property
    def matrix(self) -> FloatArray:
        """A row for each model, (num_commitments, K, K); to be read only."""
        models = self.start.shape[1]
        return np.broadcast_to(self.rows, (len(self), models, models))

    @property
    def policy(self) -> Policy:
        """All of them as one batch of policies."""
        return Policy.unchecked(self.start, self.matrix)

    def take(self, indices: IntArray) -> MenuCommitments:
        """Return these commitments, in this order, as often as they are named."""
        return MenuCommitments(self.start[indices], self.rows[indices], self.throttled_latency[indices])

    def in_force(self, game: Game) -> Game:
        """Return the game at the latencies in force, a batch with one entry a commitment."""
        return game.with_latency(tuple(self.throttled_latency.T))


class MenuGame(StackelbergGame):
    """The game with K models: the unit box whose points are a provider's actions, each of which is one commitment.

    An action in *compact* form has 2 K numbers: weights of the models for the first pass, and weights of the models
    for every pass after a failure, whichever model failed. In *matrix* form, for 8 models at the most, it has a row of
    weights for each model that can fail, K + K² numbers. Weights are divided by their sum. A weight of exactly 0 is a
    probability of exactly 0, so that single models, and pairs of models, are actions like any other; weights that are
    all 0 mean that every model is as likely. With throttling K slow-downs follow:

        throttled_latency[k] = t_k + slow_down[k] * (max_latency[k] - t_k)

    The compact form loses nothing: in every game one start model and one row for all attain the least cost that there
    is, whatever users see, and that row has no more than two models (docs/models.md, Proposition 2). A list that is
    gone down model by model, which would take as few numbers, does not: in some games it costs up to 14 % more.

    Args:
        game: a single game of two models or more, or a scenario's name.
        form: "compact" or "matrix".
        throttling: whether the provider may slow its models down.
        max_latency: the slowest each model can be made, in units of latency, no less than the game's latency.
            Default max(t_k, 2 V p_k), well past V p_k, where a pass is no longer worth its wait. Only with throttling.

    Attributes:
        game: the game itself.
        form: as given.
        throttling: as given.
        max_latency: as given or the default; the game's latency without throttling.

    Raises:
        ParameterError: a batch of games; more models than a matrix may have; a `max_latency` below the game's, not
            finite, or without throttling.
    """

    KIND: ClassVar[str] = "menu"

    def __init__(
        self,
        game: GameLike,
        *,
        form: Form = "compact",
        throttling: bool = False,
        max_latency: Sequence[float] | None = None,
    ) -> None:
        game = as_game(game)
        if game.shape != ():
            raise ParameterError("game", "a single game", f"a batch of shape {game.shape}")
        as_choice("form", form, get_args(Form))
        if form == "matrix" and game.num_models > MOST_IN_MATRIX:
            raise ParameterError("form", f"compact for more than {MOST_IN_MATRIX} models", form)
        if max_latency is not None and not throttling:
            raise ParameterError("max_latency", "left out where throttling is not allowed", max_latency)
        self.game, self.form, self.throttling = game, form, throttling
        self._latency = tuple(float(t) for t in game.latency)
        self.max_latency = self._latency
        if throttling:
            pairs = zip(self._latency, game.success_prob, strict=True)
            default = tuple(float(max(t, 2 * game.task_value * p)) for t, p in pairs)
            slowest = default if max_latency is None else max_latency
            self.max_latency = _latencies(slowest, self._latency, (np.inf,) * game.num_models, "max_latency")

    @property
    def num_models(self) -> int:
        """K, the number of models."""
        return self.game.num_models

    @property
    def num_rows(self) -> int:
        """How many rows of weights an action has: one, or one for each model."""
        return 1 if self.form == "compact" else self.num_models

    @property
    def size(self) -> int:
        """Number of dimensions: K for the start, K for each row, and K with throttling."""
        return self.num_models * (1 + self.num_rows) + self.num_extras

    @property
    def num_extras(self) -> int:
        """Slow-downs are extras."""
        return self.num_models if self.throttling else 0

    @property
    def utility_scale(self) -> float:
        """V p of the best model, what a pass is worth to users, in units of latency."""
        return float(self.game.task_value * max(self.game.success_prob))

    @property
    def habits(self) -> FloatArray:
        """Abandonment probabilities that users pick from by trying, see `HABITS`."""
        return HABITS

    @property
    def deviations(self) -> FloatArray:
        """Abandonment probabilities that users may turn to, see `DEVIATIONS`."""
        return DEVIATIONS

    def commitment(self, action: ArrayLike) -> MenuCommitment:
        """Return what an action commits to.

        Args:
            action: (size,) numbers in [0, 1]; rounded to float32 if they are finer.

        Raises:
            ParameterError: not numbers, the wrong shape, or outside [0, 1] (NaN included).

        >>> game = MenuGame(Game(10, 1, (0.3, 0.5, 0.7), (1, 2, 3), (1, 1.5, 2.8)))
        >>> offered = game.commitment([0, 1, 0, 0.25, 0, 0.75])
        >>> offered.start, offered.matrix[0]
        ((0.0, 1.0, 0.0), (0.25, 0.0, 0.75))
        """
        return self.at(self.coordinates(action).tolist())

    def at(self, offer: Sequence[float]) -> MenuCommitment:
        """Return what a point of the box commits to, without checks or rounding: one row of `commitments`.

        Args:
            offer: `size` numbers in [0, 1].
        """
        return self.commitments(np.array([offer], dtype=np.float64))[0]

    def commitments(self, actions: FloatArray) -> MenuCommitments:
        """Return what the rows of `actions` commit to, without checks or rounding.

        Args:
            actions: (num_commitments, size) in [0, 1].
        """
        return menus_at(actions, self.num_rows, self._latency, self.max_latency)

    def actions(self, commitments: Batch) -> FloatArray:
        """Return the actions that stand for commitments, (num_commitments, size): the inverse of `commitments`.

        The largest weight of the start and of every row is 1.

        Raises:
            ParameterError: in compact form, commitments with several rows.
        """
        offered = MenuCommitments.of(commitments)
        rows = offered.rows if self.num_rows == 1 else offered.matrix
        if rows.shape[1] != self.num_rows:
            raise ParameterError("commitment", "one row for all models in compact form", "rows that differ")
        probs = np.concatenate([offered.start[:, None], rows], axis=1)
        columns = [(probs / probs.max(axis=2, keepdims=True)).reshape(len(offered), -1)]
        if self.throttling:
            fast, slow = np.array(self._latency), np.array(self.max_latency)
            room = np.where(slow > fast, slow - fast, 1.0)
            columns.append((offered.throttled_latency - fast) / room)
        return np.hstack(columns)

    def action(self, commitment: Single) -> NDArray[np.float32]:
        """Return the action that stands for a commitment, (size,) float32: the inverse of `commitment`.

        Raises:
            ParameterError: a commitment to other models; in compact form one whose rows differ; a latency below the
                game's or above `max_latency`.

        >>> game = MenuGame(Game(10, 1, (0.3, 0.5, 0.7), (1, 2, 3), (1, 1.5, 2.8)))
        >>> game.action(MenuCommitment.of_policy(Policy.redraw([0, 1, 0], [0.2, 0, 0.8]), (1, 2, 3))).tolist()
        [0.0, 1.0, 0.0, 0.25, 0.0, 1.0]
        """
        offered = MenuCommitment.of(commitment)
        if len(offered.start) != self.num_models:
            raise ParameterError("commitment", f"one to {self.num_models} models", len(offered.start))
        _latencies(offered.throttled_latency, self._latency, self.max_latency)
        action: NDArray[np.float32] = self.actions(offered.alone())[0].astype(np.float32)
        return action

    def read(self, plain: Document) -> MenuCommitment:
        """Return the commitment whose `dataclasses.asdict` this is, see `StackelbergGame`."""
        return MenuCommitment(plain["start"], plain["matrix"], tuple(plain["throttled_latency"]))

    def play(self, commitments: Batch, answers: FloatArray, num_plays: int, rng: np.random.Generator) -> Plays:
        """Draw totals of tasks, see `routegame.envs.sampling.menu_totals`: answers are abandonment probabilities."""
        return self._played(MenuCommitments.of(commitments), answers, num_plays, rng)

    def play_compared(self, commitments: Batch, answers: FloatArray, num_plays: int, rng: np.random.Generator) -> Plays:
        """Draw totals as quantiles, with the same luck for all rows."""
        luck = Luck(int(rng.integers(2**63)), shared=True)
        return self._played(MenuCommitments.of(commitments), answers, num_plays, luck)

    def play_with_luck(self, commitments: Batch, answers: FloatArray, num_plays: int, luck: int) -> Plays:
        """Draw totals as quantiles: what is as lucky under close commitments is close."""
        return self._played(MenuCommitments.of(commitments), answers, num_plays, Luck(luck))

    def play_equally_lucky(
        self, commitments: Batch, answers: FloatArray, num_plays: int, luck: int, period: int
    ) -> Plays:
        """Draw them all at once."""
        return self._played(MenuCommitments.of(commitments), answers, num_plays, Luck(luck, period=period))

    def _played(self, offered: MenuCommitments, answers: FloatArray, num_plays: int, rng: Chance) -> Plays:
        p = np.array(self.game.success_prob)
        tasks = draw_menu_totals(p, offered.start, offered.rows, answers, num_plays, rng)
        in_force = offered.in_force(self.game)
        return Plays(
            tasks.passes, tasks.provider_cost(self.game), tasks.user_utility(in_force), num_plays=tasks.group_size
        )

    def starts(self, shares: FloatArray, extra: float = 0.0) -> FloatArray:
        """Return sparse actions: a model first, then one model, to which each share of another is added.

        Any model can be first; of more than 8 models one of the two that follow. The weights of the start and of the
        model that is added to are 1, that of the other is a share, all others are 0.
        """
        models, eye = self.num_models, np.eye(self.num_models)
        i, l, j = np.array([lane for lane in product(range(models), repeat=3) if self._is_lane(*lane)]).T  # noqa: E741
        rows = np.concatenate([eye[l] + share * eye[j] for share in shares])
        points = np.hstack([np.tile(eye[i], (len(shares), 1)), np.tile(rows, self.num_rows)])
        return np.hstack([points, np.full((len(points), self.num_extras), extra)])

    def _is_lane(self, first: int, rest: int, added: int) -> bool:
        return rest != added and (self.num_models <= MOST_IN_MATRIX or first in (rest, added))

    def held(self, starts: FloatArray) -> BoolArray:
        """Return weights that are exactly 0 or 1, see `StackelbergGame`: what a search moves are shares, and extras."""
        mask: BoolArray = (starts == 0) | (starts == 1)
        mask[:, self.size - self.num_extras :] = False
        return mask

    def thinned(self, actions: FloatArray, rng: np.random.Generator) -> FloatArray:
        """Return actions of which half are left with one start model, and rows of two, one with a weight of 1."""
        count, models = len(actions), self.num_models
        thin = np.zeros((count, 1 + self.num_rows, models))
        each = np.arange(count)
        thin[each, 0, rng.integers(models, size=count)] = 1
        kept, added = rng.integers(models, size=count), rng.integers(1, models, size=count)
        added = (kept + added) % models
        weights = actions[:, : thin[0].size].reshape(thin.shape)
        thin[each, 1:, added] = weights[each, 1:, added]
        thin[each, 1:, kept] = 1
        both = np.hstack([thin.reshape(count, -1), actions[:, thin[0].size :]])
        return np.where(rng.random((count, 1)) < 0.5, both, actions)

    def figures(self, commitments: Batch) -> dict[str, float]:
        """Return how concentrated commitments are: the likeliest model's share of first passes, and of retries."""
        offered = MenuCommitments.of(commitments)
        return {
            "largest_start": float(offered.start.max(axis=1).mean()),
            "largest_retry": float(offered.rows.max(axis=2).mean()),
        }

    def to_dict(self) -> dict[str, object]:
        """Return the numbers of the game as plain values; how many models it has says of which kind it is."""
        return self.game.to_dict()


def menus_at(
    actions: FloatArray, num_rows: int, latency: Sequence[ArrayLike], max_latency: Sequence[ArrayLike]
) -> MenuCommitments:
    """Return what points of unit boxes commit to, each row of a box of its own, without checks; see `MenuGame`.

    Args:
        actions: (num_commitments, size) in [0, 1].
        num_rows: rows of the matrix that an action has, 1 or K.
        latency: of each model, a number or one for each row.
        max_latency: the slowest each model can be made, in the same shapes.
    """
    models, count = len(latency), len(actions)
    shares = models * (1 + num_rows)
    probs = _normalised(actions[:, :shares].reshape(count, 1 + num_rows, models))
    fast, slow = (
        np.stack([np.broadcast_to(np.asarray(t, dtype=np.float64), (count,)) for t in each], axis=1)
        for each in (latency, max_latency)
    )
    if actions.shape[1] > shares:
        # t + 1 * (slowest - t) can round to just above the slowest.
        fast = np.minimum(fast + actions[:, shares:] * (slow - fast), slow)
    return MenuCommitments(probs[:, 0], probs[:, 1:], fast)


def _normalised(weights: FloatArray) -> FloatArray:
    """Weights divided by their sum along the last axis; equal ones where all are 0."""
    total = weights.sum(axis=-1, keepdims=True)
    found: FloatArray = np.divide(weights, total, out=np.full_like(weights, 1 / weights.shape[-1]), where=total > 0)
    return found


def _latencies(
    given: Sequence[float], low: Sequence[float], high: Sequence[float], parameter: str = "throttled_latency"
) -> tuple[float, ...]:
    try:
        values = tuple(given)
    except TypeError:
        values = ()
    if len(values) != len(low):
        raise ParameterError(parameter, f"{len(low)} values, one for each model", given)
    ranges = zip(values, low, high, strict=True)
    return tuple(as_single(f"{parameter}[{k}]", value, *ends) for k, (value, *ends) in enumerate(ranges))
