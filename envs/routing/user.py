"""A user in an episode of `routing_v0`: what a commitment means to it, and where its task stands."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from routegame.envs.commitment import Commitment, RoutingGame
from routegame.envs.game import Game
from routegame.envs.render.scene import Status
from routegame.envs.sampling.chances import cascade_above, of_task, success_below

Observation = NDArray[np.float32]

Pass = tuple[int, int, int, int, float, float, float, dict[str, Any]]
"""What a pass can bring: the model that runs it, the word below which it solves the task, the word above which a
failure is handed over, where the next pass stands in the table if it is not, the user's reward if the pass fails and
if it solves the task, the provider's cost, and the user's info."""

HANDED_OVER, SAME_MODEL = 2, 1
"""Where passes stand in a table: at 2 (model - 1) the first one of a model, and one further on those after it."""

LAST_WORD = 2**32 - 1

WAITING: Status = "waiting"
RUNNING: Status = "running"
SOLVED: Status = "solved"
ABANDONED: Status = "abandoned"
CUT_OFF: Status = "cut off"

NO_SAY, FREE = np.array([1, 0], dtype=np.int8), np.array([1, 1], dtype=np.int8)
BOUND = np.array([0, 1], dtype=np.int8)
for _mask in (NO_SAY, FREE, BOUND):
    _mask.setflags(write=False)

PASS_INFO: dict[str, Any] = {
    "action_mask": FREE,
    "task": 0,
    "passes": 0,
    "model": 0,
    "solved": False,
    "abandoned": False,
    "latency": 0.0,
    "cost": 0.0,
}


class UserType:
    """The users of one game: what a commitment means to them, and what their passes can bring."""

    def __init__(
        self, box: RoutingGame, retry_multiplier: tuple[float, float], difficulty: float | None, remembers: bool
    ) -> None:
        game = box.game
        self._remembers = remembers
        self.box, self.task_value, self.churn_penalty = box, float(game.task_value), float(game.churn_penalty)
        self._success_prob, self._multiplier = np.array(game.success_prob), np.array(retry_multiplier)
        self._cost = float(game.cost[0]), float(game.cost[1])
        self._difficulty = difficulty
        self._below = self._success_words(self._success_prob)
        self._offer: Sequence[float] | None = None

    def take(self, offer: Sequence[float]) -> tuple[Commitment, tuple[Pass, ...], Observation]:
        """Return what a point of the box commits to, its passes if all tasks are alike, and how it looks.

        The last answer is kept: the same offer is often made again.
        """
        if offer != self._offer:
            commitment = self.box.at(offer)
            self._taken = commitment, self.table(commitment), self.view(commitment)
            self._offer = list(offer)
        return self._taken

    def view(self, commitment: Commitment) -> Observation:
        """Return how a commitment looks to a user whose task has begun and has not failed yet."""
        own = [0] * self._remembers
        return frozen([1, commitment.route, commitment.cascade_prob, *commitment.throttled_latency, *own])

    def in_force(self, commitment: Commitment | None) -> Game:
        """Return the game at the latencies of a commitment."""
        return self.box.game if commitment is None else self.box.game.with_latency(commitment.throttled_latency)

    def table(self, commitment: Commitment, word: int | None = None) -> tuple[Pass, ...]:
        """Return what passes can bring: of model 1 at first and again, of model 2 at first and again.

        Args:
            commitment: in force.
            word: 32 bits of chance that say how hard the task is; None where all tasks are alike.
        """
        below = self._below
        if word is not None and self._difficulty is not None:
            below = self._success_words(of_task(self._success_prob, self._difficulty, word))
        stays = cascade_above(below[:2], commitment.cascade_prob).tolist()
        above = [*stays, LAST_WORD, LAST_WORD]
        value, latency, cost = self.task_value, commitment.throttled_latency, self._cost
        return tuple(
            (
                1 + k // 2,
                below[k].item(),
                above[k],
                2 * (k // 2) + SAME_MODEL,
                -latency[k // 2],
                value - latency[k // 2],
                cost[k // 2],
                PASS_INFO | {"model": 1 + k // 2, "latency": latency[k // 2], "cost": cost[k // 2]},
            )
            for k in range(4)
        )

    def _success_words(self, success_prob: NDArray[np.float64]) -> NDArray[np.uint32]:
        return success_below(np.stack([success_prob, success_prob * self._multiplier], axis=1).reshape(-1))


class User:
    """One user's place in an episode.

    Attributes:
        index: k of `user_k`, and of its stream.
        name: `user_k`.
        kind: the game that it plays.
        leaves: its answer to the last failure; set before each round.
        task: number of the current task, from 1; 0 before the first.
        begins: whether its next round is the first pass of another task.
        status: of the current task.
        passes: of the current task.
        model: of the last pass, 1 or 2; 0 before the first.
        table: what the task's passes can bring.
        at: where in the table the next pass stands.
        commitment: that the task is served under; None where the provider does not commit.
        view: how the commitment looks before the task's first failure.
        word: of the task's difficulty; None where all tasks are alike.
        luck: the word that decides the next pass.
        words: those after it.
        drawn: how many words were drawn, these included.
        clock: how many rounds it had played since seeding when the episode began.
    """

    __slots__ = (
        "at",
        "begins",
        "clock",
        "commitment",
        "drawn",
        "index",
        "kind",
        "leaves",
        "luck",
        "model",
        "name",
        "passes",
        "status",
        "table",
        "task",
        "view",
        "word",
        "words",
    )

    def __init__(self, index: int, kind: UserType) -> None:
        self.index, self.name, self.kind = index, f"user_{index}", kind
        self.clock = self.drawn = self.luck = 0
        self.words: Iterator[int] = iter(())
        self.table: tuple[Pass, ...] = ()
        self.view: Observation = np.zeros(0, dtype=np.float32)
        self.restart()

    def restart(self) -> None:
        """Begin an episode."""
        self.begins, self.leaves, self.status = True, False, WAITING
        self.task = self.passes = self.model = self.at = 0
        self.commitment: Commitment | None = None
        self.word: int | None = None

    @property
    def failures(self) -> int:
        """Failed passes of the current task: all but one that solved it."""
        return self.passes - (self.status == SOLVED)


def frozen(values: ArrayLike) -> Observation:
    """Return an observation that nobody can change, so that it can be shown more than once."""
    view = np.array(values, dtype=np.float32).reshape(-1)
    view.setflags(write=False)
    return view
