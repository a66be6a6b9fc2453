"""Games that change while they are learned: from one update of a run to the next a price, or a model, is another.

A run meets the game as it was until it has made a share of its updates that it is not told, and from then on the game
as it has become. Nothing says so but what plays cost, are worth and take, and users, who know, answer otherwise. A run
is judged at its end in the game as it has become.

Who meets the game outside a run, a judge for instance, meets it as it has become.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from routegame.envs.arrays import BoolArray, FloatArray
from routegame.envs.checks import ParameterError, as_single
from routegame.envs.commitment import RoutingGame
from routegame.envs.document import Document
from routegame.envs.game import Game
from routegame.envs.menu_game import MenuGame
from routegame.envs.scenarios import scenario
from routegame.envs.stackelberg import Batch, Plays, Single, StackelbergGame

EARLIEST, LATEST = 0.3, 0.7
"""Shares of a run between which the games of the suite change."""

DRIFT_SEED = 18
"""Seed of when they do."""


class DriftingGame(StackelbergGame):
    """A routing game of two models or more that becomes another one of the same models.

    Latencies stay what they are, so that commitments in one game are commitments in the other.

    Args:
        before: the game at first.
        after: what it becomes.
        change_at: the share of a run's updates, in (0, 1), that are made in the first.

    Attributes:
        before: as given.
        after: as given.
        change_at: as given.

    Raises:
        ParameterError: batches of games, games of other models or latencies, or a share out of range.

    >>> game = DriftingGame(Game(9, 15, (0.1, 0.3), (1, 2), (1, 3.6)), Game(9, 2, (0.1, 0.3), (1, 2), (1, 3.6)), 0.5)
    >>> game.now.game.churn_penalty
    2.0
    >>> game.keep_time(lambda: 0.25)
    >>> game.now.game.churn_penalty
    15.0
    """

    KIND: ClassVar[str] = "drifting"

    def __init__(self, before: Game, after: Game, change_at: float) -> None:
        for name, game in (("before", before), ("after", after)):
            if game.shape != ():
                raise ParameterError(name, "a single game", f"a batch of shape {game.shape}")
        if before.latency != after.latency:
            raise ParameterError("after", f"a game of the same latencies, {before.latency}", after.latency)
        self.before, self.after = before, after
        self.change_at = as_single("change_at", change_at, 0, 1, closed="neither")
        self._phases = tuple(RoutingGame(one) if one.num_models == 2 else MenuGame(one) for one in (before, after))
        self._share_done: Callable[[], float] | None = None

    @property
    def phases(self) -> tuple[RoutingGame | MenuGame, RoutingGame | MenuGame]:
        """The game as it was and as it has become, as they are played."""
        first, second = self._phases
        return first, second

    @property
    def changed(self) -> bool:
        """Whether it has become the other game by now; so it has outside a run."""
        return self._share_done is None or self._share_done() >= self.change_at

    @property
    def now(self) -> RoutingGame | MenuGame:
        """The game as it is by now."""
        return self.phases[self.changed]

    def begun(self) -> DriftingGame:
        """Return the game for another run."""
        return DriftingGame(self.before, self.after, self.change_at)

    def keep_time(self, share_done: Callable[[], float]) -> None:
        """Let a run say from now on what share of its updates is made."""
        self._share_done = share_done

    def __reduce__(self) -> tuple[type[DriftingGame], tuple[Game, Game, float]]:
        return DriftingGame, (self.before, self.after, self.change_at)  # a copy is in no run

    @property
    def size(self) -> int:
        """Number of dimensions of the box."""
        return self._phases[0].size

    @property
    def num_switches(self) -> int:
        """Number of dimensions that are switches."""
        return self._phases[0].num_switches

    @property
    def utility_scale(self) -> float:
        """The larger of both games' scales."""
        return max(one.utility_scale for one in self._phases)

    @property
    def habits(self) -> FloatArray:
        """Abandonment probabilities that users pick from by trying."""
        return self._phases[0].habits

    @property
    def deviations(self) -> FloatArray:
        """Abandonment probabilities that users may turn to."""
        return self._phases[0].deviations

    def commitments(self, actions: FloatArray) -> Batch:
        """Return what actions commit to, the same in both games."""
        return self._phases[0].commitments(actions)

    def actions(self, commitments: Batch) -> FloatArray:
        """Return the actions that stand for commitments."""
        return self._phases[0].actions(commitments)

    def action(self, commitment: Single) -> NDArray[np.float32]:
        """Return the action that stands for one commitment."""
        return self._phases[0].action(commitment)

    def read(self, plain: Document) -> Single:
        """Return the commitment whose `dataclasses.asdict` this is."""
        return self._phases[0].read(plain)

    def play(self, commitments: Batch, answers: FloatArray, num_plays: int, rng: np.random.Generator) -> Plays:
        """Play the game as it is by now, see `StackelbergGame`."""
        return self._dated(self.now.play(commitments, answers, num_plays, rng))

    def play_totals(self, commitments: Batch, answers: FloatArray, num_plays: int, rng: np.random.Generator) -> Plays:
        """Play the game as it is by now, the quickest way."""
        return self._dated(self.now.play_totals(commitments, answers, num_plays, rng))

    def play_compared(self, commitments: Batch, answers: FloatArray, num_plays: int, rng: np.random.Generator) -> Plays:
        """Play the game as it is by now; rows share their luck where they do there."""
        return self._dated(self.now.play_compared(commitments, answers, num_plays, rng))

    def play_with_luck(self, commitments: Batch, answers: FloatArray, num_plays: int, luck: int) -> Plays:
        """Play the game as it is by now with given luck."""
        return self._dated(self.now.play_with_luck(commitments, answers, num_plays, luck))

    def play_equally_lucky(
        self, commitments: Batch, answers: FloatArray, num_plays: int, luck: int, period: int
    ) -> Plays:
        """Play the game as it is by now, all rows at once."""
        return self._dated(self.now.play_equally_lucky(commitments, answers, num_plays, luck, period))

    def _dated(self, plays: Plays) -> Plays:
        return plays if self.changed else replace(plays, earlier=True)

    def starts(self, shares: FloatArray, extra: float = 0.0) -> FloatArray:
        """Return points to start searches from, the same in both games."""
        return self._phases[0].starts(shares, extra)

    def held(self, starts: FloatArray) -> BoolArray:
        """Return which coordinates searches keep to, the same in both games."""
        return self._phases[0].held(starts)

    def thinned(self, actions: FloatArray, rng: np.random.Generator) -> FloatArray:
        """Return random actions moved to lanes, the same in both games."""
        return self._phases[0].thinned(actions, rng)

    def figures(self, commitments: Batch) -> dict[str, float]:
        """Return what a batch of commitments is like on average, by name."""
        return self._phases[0].figures(commitments)

    def to_dict(self) -> dict[str, object]:
        """Return kind, both games and the time of the change as plain values."""
        return {
            "kind": self.KIND,
            "before": self.before.to_dict(),
            "after": self.after.to_dict(),
            "change_at": self.change_at,
        }

    @classmethod
    def read_game(cls, before: Document, after: Document, change_at: float) -> DriftingGame:
        """Return the game whose `to_dict` has these besides its kind.

        Raises:
            ParameterError, TypeError: it is something else.
        """
        return cls(Game(**before), Game(**after), change_at)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, DriftingGame):
            return NotImplemented
        return self.__reduce__() == other.__reduce__()

    def __hash__(self) -> int:
        return hash((self.before, self.after, self.change_at))


@dataclass(frozen=True)
class Drift:
    """A named game that changes.

    Attributes:
        name: what it is called.
        scenario: name of the game at first.
        field: which of its numbers changes.
        model: whose number that is, from 0; None where it belongs to no model.
        factor: what it is multiplied with.
    """

    name: str
    scenario: str
    field: str
    model: int | None
    factor: float

    @property
    def game(self) -> DriftingGame:
        """The game; when it changes is drawn by its place among all."""
        before = scenario(self.scenario).game
        held = getattr(before, self.field)
        if self.model is None:
            changed = held * self.factor
        else:
            changed = tuple(value * (self.factor if k == self.model else 1) for k, value in enumerate(held))
        at = np.random.default_rng([DRIFT_SEED, DRIFTS.index(self)]).uniform(EARLIEST, LATEST)
        return DriftingGame(before, replace(before, **{self.field: changed}), round(float(at), 4))


DRIFTS = (
    Drift("drift-first-worse", "nano-gpt5", "success_prob", 0, 0.5),
    Drift("drift-first-better", "nano-gpt5", "success_prob", 0, 1.6),
    Drift("drift-value-halved", "gpt41-o3", "task_value", None, 0.5),
    Drift("drift-second-cheaper", "nano-gpt5", "cost", 1, 0.3),
    Drift("drift-first-cheaper", "opus4-thinking", "cost", 0, 0.25),
    Drift("drift-churn-dearer", "figure-4-left-standard", "churn_penalty", None, 4.0),
    Drift("drift-menu-value-halved", "o3mini-deepseek", "task_value", None, 0.5),
    Drift("drift-menu-second-worse", "gpt41-family", "success_prob", 1, 0.6),
    Drift("drift-menu-value-doubled", "menu-chain", "task_value", None, 2.0),
    Drift("drift-menu-second-dearer", "gateway-eight", "cost", 1, 3.0),
)
"""Games that change, by name. In each the best commitment of before costs at least a tenth more than the best after."""
