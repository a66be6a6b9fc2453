"""Commitments of a provider, and the routing game as learners meet it: a unit box of actions, each a commitment."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import inf
from typing import ClassVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

from routegame.envs.arrays import FloatArray, Number, plain
from routegame.envs.checks import ParameterError, as_single
from routegame.envs.document import Document
from routegame.envs.game import Game, pair_of
from routegame.envs.luck.luck import Chance, Luck
from routegame.envs.sampling.simulator import Tasks, simulate_groups
from routegame.envs.sampling.totals import draw_totals
from routegame.envs.scenarios import GameLike, as_two_model_game
from routegame.envs.stackelberg import Batch, Plays, Single, StackelbergGame

UNBOUNDED = (inf, inf)

HABITS = np.concatenate([[0.0], np.geomspace(0.005, 1.0, 13)])
"""Abandonment probabilities that users pick from: the smaller, the closer, for there a step changes most."""


DEVIATIONS = np.array([0.0, 0.003, 0.01, 0.03, 0.1, 0.3, 1.0])
"""Abandonment probabilities that users may turn to: one of the ends is best, and so little as hardly to leave nearly
as good as never to."""


@dataclass(frozen=True)
class Commitment(Single):
    """A provider's commitment in a single game, made before the users act (Mahmood 2026, §3).

    Args:
        route: i, the model that serves the first pass, 1 or 2.
        cascade_prob: s in [0, 1], probability that a failed, retried task moves from model 1 to model 2.
        throttled_latency: t̂_i >= 0, what one pass of each model costs the user, in units of latency; the
            game's own latencies where nothing is slowed down. A commitment knows no game, so t̂_i >= t_i is
            checked where a game is at hand, in `RoutingGame`.

    Raises:
        ParameterError: a value out of range or not finite, or more than one commitment.
    """

    route: int
    cascade_prob: float
    throttled_latency: tuple[float, float]

    def __post_init__(self) -> None:
        if np.ndim(self.route) or self.route not in (1, 2):
            raise ParameterError("route", "1 or 2", self.route)
        cascade_prob = as_single("cascade_prob", self.cascade_prob, 0, 1)
        latency = _pair("throttled_latency", self.throttled_latency, (0, 0), UNBOUNDED)
        object.__setattr__(self, "route", int(self.route))
        object.__setattr__(self, "cascade_prob", cascade_prob)
        object.__setattr__(self, "throttled_latency", latency)

    @classmethod
    def unthrottled(cls, game: GameLike, route: int, cascade_prob: float) -> Commitment:
        """Return the commitment that leaves both models at the latencies of a single game.

        Raises:
            ParameterError: a value out of range, or a batch of games.

        >>> Commitment.unthrottled(Game(9, 20, (0.1, 0.3), (1, 2), (1, 3)), route=1, cascade_prob=0.5)
        Commitment(route=1, cascade_prob=0.5, throttled_latency=(1.0, 2.0))
        """
        return cls(route, cascade_prob, _latency(as_two_model_game(game)))

    @classmethod
    def unchecked(cls, route: int, cascade_prob: float, throttled_latency: tuple[float, float]) -> Commitment:
        """Return the commitment to numbers that are known to be right."""
        commitment = object.__new__(cls)
        held = commitment.__dict__
        held["route"], held["cascade_prob"], held["throttled_latency"] = route, cascade_prob, throttled_latency
        return commitment

    def alone(self) -> Commitments:
        """Return the commitment as a batch of one."""
        t1, t2 = (np.array([latency]) for latency in self.throttled_latency)
        return Commitments(np.array([self.route]), np.array([self.cascade_prob]), (t1, t2))


@dataclass(frozen=True)
class Commitments(Batch):
    """Many commitments of one game at once, as arrays that are not checked again.

    Attributes:
        route: (num_commitments,) of 1 and 2.
        cascade_prob: (num_commitments,).
        throttled_latency: two arrays (num_commitments,), standard model first.
    """

    route: NDArray[np.int64]
    cascade_prob: FloatArray
    throttled_latency: tuple[FloatArray, FloatArray]

    def __len__(self) -> int:
        return len(self.route)

    def __getitem__(self, index: int) -> Commitment:
        t1, t2 = (float(latency[index]) for latency in self.throttled_latency)
        return Commitment(int(self.route[index]), float(self.cascade_prob[index]), (t1, t2))

    def take(self, indices: NDArray[np.int64]) -> Commitments:
        """Return these commitments, in this order, as often as they are named."""
        t1, t2 = (latency[indices] for latency in self.throttled_latency)
        return Commitments(self.route[indices], self.cascade_prob[indices], (t1, t2))

    @classmethod
    def unthrottled(cls, game: Game, route: ArrayLike, cascade_prob: ArrayLike) -> Commitments:
        """Return commitments that leave both models at the latencies of a single game; the two shapes broadcast."""
        routes, cascades = np.broadcast_arrays(np.atleast_1d(route), cascade_prob)
        t1, t2 = (np.full(len(routes), t) for t in _latency(game))
        return cls(routes, cascades.astype(np.float64), (t1, t2))

    def in_force(self, game: Game) -> Game:
        """Return the game at the latencies in force, a batch with one entry a commitment."""
        return game.with_latency(self.throttled_latency)

    def play(self, game: Game, abandon_prob: FloatArray, group_size: int, rng: np.random.Generator) -> Tasks:
        """Play `group_size` tasks under each commitment, see `simulate_groups`; latencies are left to the reader."""
        return simulate_groups(game, self.route, self.cascade_prob, abandon_prob, group_size, rng)


class RoutingGame(StackelbergGame):
    """The routing game: the unit box whose points are a provider's actions, each of which stands for one commitment.

    An action is `(route, cascade)` or, with throttling, `(route, cascade, slow-down of model 1, of model 2)`:

    * route 2 where `action[0] > 0.5`, else route 1;
    * `cascade_prob = action[1]`;
    * `throttled_latency[i] = t_i + action[2 + i] * (max_latency[i] - t_i)`.

    Actions are float32, commitments float64. A commitment is made from the exact float32 values of an action;
    an action made from a commitment is the nearest in float32, off by up to 2^-25. Where a user is
    indifferent that is enough to change its mind: whoever aims there chooses the side to miss it on.

    Args:
        game: a single game, `game.shape == ()`, or a scenario's name.
        throttling: whether the provider may slow its models down.
        max_latency: the slowest each model can be made, in units of latency, no less than the game's latency.
            Default max(t_i, 2 V p_i), well past V p_i, where a pass is no longer worth its wait. Only with
            throttling.

    Attributes:
        game: the game itself.
        throttling: as given.
        max_latency: as given or the default; the game's latency without throttling.

    Raises:
        ParameterError: a batch of games; a `max_latency` below the game's, not finite, or without throttling.
    """

    KIND: ClassVar[str] = "routing"

    def __init__(
        self, game: GameLike, *, throttling: bool = False, max_latency: tuple[float, float] | None = None
    ) -> None:
        game = as_two_model_game(game)
        self._latency = _latency(game)
        if max_latency is not None and not throttling:
            raise ParameterError("max_latency", "left out where throttling is not allowed", max_latency)
        self.game = game
        self.throttling = throttling
        self.max_latency = self._latency
        if throttling:
            slowest = pair_of(default_max_latency(game)) if max_latency is None else max_latency
            self.max_latency = _pair("max_latency", slowest, self._latency, UNBOUNDED)

    @property
    def size(self) -> int:
        """Number of dimensions: 2, or 4 with throttling."""
        return 4 if self.throttling else 2

    @property
    def num_switches(self) -> int:
        """The route is one."""
        return 1

    @property
    def num_extras(self) -> int:
        """Slow-downs are extras."""
        return 2 if self.throttling else 0

    @property
    def utility_scale(self) -> float:
        """V p of the better model, what a pass is worth to users, in units of latency."""
        return float(self.game.task_value * max(self.game.success_prob))

    @property
    def habits(self) -> FloatArray:
        """Abandonment probabilities that users pick from by trying, see `HABITS`."""
        return HABITS

    @property
    def deviations(self) -> FloatArray:
        """Abandonment probabilities that users may turn to, see `DEVIATIONS`."""
        return DEVIATIONS

    def commitment(self, action: ArrayLike) -> Commitment:
        """Return what an action commits to.

        Args:
            action: (size,) numbers in [0, 1]; rounded to float32 if they are finer.

        Raises:
            ParameterError: not numbers, the wrong shape, or outside [0, 1] (NaN included).

        >>> game = RoutingGame(Game(9, 20, (0.1, 0.3), (1, 2), (1, 3)), throttling=True, max_latency=(5, 2))
        >>> game.commitment([0, 0.25, 0.5, 1])
        Commitment(route=1, cascade_prob=0.25, throttled_latency=(3.0, 2.0))
        """
        return self.at(self.coordinates(action).tolist())

    def at(self, coordinates: Sequence[float]) -> Commitment:
        """Return what a point of the box commits to, without checks or rounding: one row of `commitments`.

        Args:
            coordinates: `size` numbers in [0, 1].
        """
        t1, t2 = latency = self._latency
        if len(coordinates) > 2:
            (slowest1, slowest2), (_, _, share1, share2) = self.max_latency, coordinates
            # t + 1 * (slowest - t) can round to just above the slowest.
            latency = min(t1 + share1 * (slowest1 - t1), slowest1), min(t2 + share2 * (slowest2 - t2), slowest2)
        return Commitment.unchecked(2 if coordinates[0] > 0.5 else 1, coordinates[1], latency)

    def commitments(self, actions: FloatArray) -> Commitments:
        """Return what the rows of `actions` commit to, without checks or rounding.

        Args:
            actions: (num_commitments, size) in [0, 1].
        """
        return commitments_at(actions, self._latency, self.max_latency)

    def actions(self, commitments: Batch) -> FloatArray:
        """Return the actions that stand for commitments, (num_commitments, size): the inverse of `commitments`."""
        offered = Commitments.of(commitments)
        limits = zip(offered.throttled_latency, self._latency, self.max_latency, strict=True)
        slow_down = [
            (slowed - t) / (slowest - t) if slowest > t else np.zeros(len(offered)) for slowed, t, slowest in limits
        ]
        columns = [offered.route - 1.0, offered.cascade_prob, *slow_down]
        return np.stack(columns[: self.size], axis=1)

    def action(self, commitment: Single) -> NDArray[np.float32]:
        """Return the action that stands for a commitment, (size,) float32: the inverse of `commitment`.

        The route becomes exactly 0 or 1, and a model that cannot be slowed down gets 0.

        Raises:
            ParameterError: a latency below the game's or above `max_latency`.

        >>> game = RoutingGame(Game(9, 20, (0.1, 0.3), (1, 2), (1, 3)), throttling=True, max_latency=(5, 2))
        >>> game.action(Commitment(route=2, cascade_prob=0.25, throttled_latency=(3, 2))).tolist()
        [1.0, 0.25, 0.5, 0.0]
        """
        offered = Commitment.of(commitment)
        _pair("throttled_latency", offered.throttled_latency, self._latency, self.max_latency)
        action: NDArray[np.float32] = self.actions(offered.alone())[0].astype(np.float32)
        return action

    def read(self, plain: Document) -> Commitment:
        """Return the commitment whose `dataclasses.asdict` this is, see `StackelbergGame`."""
        first, second = plain["throttled_latency"]
        return Commitment(plain["route"], plain["cascade_prob"], (first, second))

    def play(self, commitments: Batch, answers: FloatArray, num_plays: int, rng: np.random.Generator) -> Plays:
        """Play tasks pass by pass, see `StackelbergGame`: answers are abandonment probabilities."""
        offered = Commitments.of(commitments)
        return self._paid(offered, offered.play(self.game, answers, num_plays, rng))

    def play_totals(self, commitments: Batch, answers: FloatArray, num_plays: int, rng: np.random.Generator) -> Plays:
        """Draw totals of tasks, see `routegame.envs.sampling.totals`."""
        return self._totals(Commitments.of(commitments), answers, num_plays, rng)

    def play_with_luck(self, commitments: Batch, answers: FloatArray, num_plays: int, luck: int) -> Plays:
        """Draw totals as quantiles: what is as lucky under close commitments is close."""
        return self._totals(Commitments.of(commitments), answers, num_plays, Luck(luck))

    def play_equally_lucky(
        self, commitments: Batch, answers: FloatArray, num_plays: int, luck: int, period: int
    ) -> Plays:
        """Draw them all at once."""
        return self._totals(Commitments.of(commitments), answers, num_plays, Luck(luck, period=period))

    def _totals(self, offered: Commitments, answers: FloatArray, num_plays: int, rng: Chance) -> Plays:
        routes, cascades = offered.route, offered.cascade_prob
        return self._paid(offered, draw_totals(self.game, routes, cascades, answers, num_plays, rng))

    def _paid(self, commitments: Commitments, tasks: Tasks) -> Plays:
        in_force = commitments.in_force(self.game)
        return Plays(
            tasks.passes, tasks.provider_cost(self.game), tasks.user_utility(in_force), num_plays=tasks.group_size
        )

    def starts(self, shares: FloatArray, extra: float = 0.0) -> FloatArray:
        """Return actions to start from: each share as a cascade on route 1, then one on route 2; see the base class."""
        points = [*((0.0, share) for share in shares), (1.0, 0.5)]
        return np.hstack([points, np.full((len(points), self.num_extras), extra)])

    def figures(self, commitments: Batch) -> dict[str, float]:
        """Return how many first retries the reasoning model answers: all on route 2, a share s on route 1."""
        offered = Commitments.of(commitments)
        return {"reasoning_retries": float(np.where(offered.route == 2, 1.0, offered.cascade_prob).mean())}

    def to_dict(self) -> dict[str, object]:
        """Return the numbers of the game as plain values; a game without a kind in a file is one of routing."""
        return self.game.to_dict()


CommitmentBox = RoutingGame
"""The name that the routing game had before; scripts that use it go on."""


def commitments_at(actions: FloatArray, latency: Sequence[ArrayLike], max_latency: Sequence[ArrayLike]) -> Commitments:
    """Return what points of unit boxes commit to, each row of a box of its own, without checks; see `RoutingGame`.

    Args:
        actions: (num_commitments, 2), or (num_commitments, 4) with throttling.
        latency: of each model, a number or one for each row.
        max_latency: the slowest each model can be made, in the same shapes.
    """
    route = np.where(actions[:, 0] > 0.5, 2, 1)
    shares = actions[:, 2:].T if actions.shape[1] == 4 else np.zeros((2, len(actions)))
    limits = zip(latency, max_latency, shares, strict=True)
    # t + 1 * (slowest - t) can round to just above the slowest.
    t1, t2 = (np.minimum(t + share * np.subtract(slowest, t), slowest) for t, slowest, share in limits)
    return Commitments(route, actions[:, 1], (t1, t2))


def default_max_latency(game: Game) -> tuple[Number, ...]:
    """Return how slow each model of a game, or of each game of a batch, can be made by default: max(t_i, 2 V p_i)."""
    pairs = zip(game.latency, game.success_prob, strict=True)
    return tuple(plain(np.maximum(t, 2 * game.task_value * p)) for t, p in pairs)


def _latency(game: Game) -> tuple[float, float]:
    if game.shape != ():
        raise ParameterError("game", "a single game", f"a batch of shape {game.shape}")
    return float(game.latency[0]), float(game.latency[1])


def _pair(
    parameter: str, values: tuple[Number, Number], low: tuple[float, float], high: tuple[float, float]
) -> tuple[float, float]:
    try:
        first, second = values
    except (TypeError, ValueError):
        raise ParameterError(parameter, "two values, standard model first", values) from None
    return (
        as_single(f"{parameter}[0]", first, low[0], high[0]),
        as_single(f"{parameter}[1]", second, low[1], high[1]),
    )
