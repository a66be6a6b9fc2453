"""Both sides learn values of choices at once by TorchRL, off policy and pass by pass: the base of `iql` and `qmix`.

The provider chooses among the points of a grid over the box, as `dqn` does, and users choose between staying and
leaving after every failure. Both remember the last of what they did, explore now and then, less and less, and learn
from what they remember. The run ends with what either side takes for best.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from routegame.agents.users.categorical import CategoricalFollower, commitment_seen
from routegame.envs.arrays import Float32Array, IntArray
from routegame.envs.stackelberg import Single, StackelbergGame
from routegame.train.grid import grid_points, too_many_points
from routegame.train.learner import Snapshot
from routegame.train.multi_agent import MultiAgentLearner, MultiAgentOptions
from routegame.train.options import LARGEST_BATCH, option
from routegame.train.state import Part, State
from routegame.train.table import Rounds
from routegame.train.transitions import Memory, Transitions

if TYPE_CHECKING:
    from routegame.train.value_side import ValueSide

EXPLORING, FIRST_EXPLORATION, LAST_EXPLORATION = 1 / 3, 0.8, 0.01
"""Share of a run in which exploration falls; how often a choice is any of all at first, and from then on."""


@dataclass(frozen=True)
class MultiAgentQOptions(MultiAgentOptions):
    """Options of both."""

    joint_updates: int = option(200, "updates of both sides", low=1)
    rate: float = option(1e-3, "learning rate of both sides", low=1e-6)
    steps: int = option(4, "steps of each side an update", low=1, high=10_000)
    memory: int = option(8192, "transitions that each side remembers", low=1024, high=LARGEST_BATCH)


class MultiAgentQ(MultiAgentLearner):
    """See the module.

    Attributes:
        TEAM: whether users are a team, whose values are mixed.
    """

    OPTIONS = MultiAgentQOptions
    TEAM: ClassVar[bool]

    def __init__(self, game: StackelbergGame, options: MultiAgentQOptions, seed: int) -> None:
        from routegame.train.value_side import ValueSide

        super().__init__(game, options, seed)
        self._options = options
        self._points = grid_points(game)
        self._luck = Luck(np.random.SeedSequence(seed).spawn(3)[2])
        team, known = (options.users, game.size + options.users) if self.TEAM else (1, 1)
        with self._chance.lent():
            self._provider = ValueSide(1, 1, len(self._points), 1, options.rate)
            self._users = ValueSide(game.size, known, 2, team, options.rate)
        self._offers_made, self._answers_given = Memory(options.memory), Memory(options.memory)

    @classmethod
    def objection(cls, game: StackelbergGame) -> str | None:
        """It plays games of few dimensions."""
        return super().objection(game) or too_many_points(game)

    @property
    def exploration(self) -> float:
        """How often a choice is any of all by now."""
        done = min(self.updates / (EXPLORING * self.num_updates), 1.0)
        return FIRST_EXPLORATION + (LAST_EXPLORATION - FIRST_EXPLORATION) * done

    def learn(self) -> Snapshot:
        """Play a batch of episodes, and let both sides learn from what they remember."""
        count, exploration, rng = self._options.batch, self.exploration, self._luck.rng
        anything = rng.integers(0, len(self._points), count)
        chosen = np.where(rng.random(count) < exploration, anything, self._best())
        offers = self._points[chosen].astype(np.float32)
        seen = commitment_seen(self.box, self.box.commitments(offers.astype(np.float64)))
        stay, leave = self._users.values(seen).T
        played = self._table.play(offers, exploration / 2 + (1 - exploration) * (leave > stay))
        self._offers_made.add(_offered(chosen, played))
        self._answers_given.add(_of_team(seen, played) if self.TEAM else _of_each(seen, played))
        lost: dict[str, list[float]] = {"provider": [], "users": []}
        with self._chance.lent():
            for _ in range(self._options.steps):
                for name, side, memory in self._sides():
                    if len(memory):
                        lost[name].append(side.learn(memory.sample(rng)))
        told = {f"{name}_loss": float(np.mean(values)) for name, values in lost.items() if values}
        told["exploration"] = exploration
        return Snapshot("both", self.meter.passes, self._follower().abandon_prob, self._commitment(), told)

    def parts(self) -> dict[str, Part]:
        """Both sides, what they remember, chance and the table."""
        memories = {"offers": self._offers_made, "answers": self._answers_given}
        return {"provider": self._provider, "users": self._users, **memories, "luck": self._luck, **super().parts()}

    def _sides(self) -> tuple[tuple[str, ValueSide, Memory], ...]:
        return ("provider", self._provider, self._offers_made), ("users", self._users, self._answers_given)

    def _best(self) -> int:
        return int(self._provider.values(np.ones((1, 1), dtype=np.float32))[0].argmax())

    def _commitment(self) -> Single:
        return self.box.commitments(self._points[self._best()][None])[0]

    def _follower(self) -> CategoricalFollower:
        return CategoricalFollower(self.box, self._users.layers(), temperature=0.0)


class Luck:
    """The generator of what both sides try.

    Args:
        seeds: of it.
    """

    def __init__(self, seeds: np.random.SeedSequence) -> None:
        self.rng = np.random.default_rng(seeds)

    def state(self) -> State:
        """Return where it is."""
        return {"rng": self.rng.bit_generator.state}

    def restore(self, state: State) -> None:
        """Go to where it was."""
        self.rng.bit_generator.state = state["rng"]


def _offered(chosen: IntArray, played: Rounds) -> Transitions:
    """Return a provider's choices, each of which is the only one of its episode."""
    start = np.ones((len(chosen), 1), dtype=np.float32)
    return Transitions(start[:, None], start, chosen[:, None], played.paid, start, np.ones(len(chosen), dtype=np.bool_))


def _of_each(seen: Float32Array, played: Rounds) -> Transitions:
    """Return users' decisions, each on its own."""
    rounds, rows, users = played.decisions()
    asked_next = np.concatenate([played.asked[1:], np.zeros_like(played.asked[:1])])
    nothing = np.zeros((len(rows), 1), dtype=np.float32)
    return Transitions(
        seen[rows][:, None],
        nothing,
        played.left[rounds, rows, users].astype(np.int64)[:, None],
        played.rewards()[rounds, rows, users],
        nothing,
        ~asked_next[rounds, rows, users],
    )


def _of_team(seen: Float32Array, played: Rounds) -> Transitions:
    """Return what all users of an episode did in a round; who is not asked any more stays and is paid nothing."""
    asked_next = np.concatenate([played.asked[1:], np.zeros_like(played.asked[:1])])
    rounds, rows = np.nonzero(played.asked.any(axis=2))
    asked, after = played.asked[rounds, rows], asked_next[rounds, rows]
    return Transitions(
        np.repeat(seen[rows][:, None], asked.shape[1], axis=1),
        np.hstack([seen[rows], asked.astype(np.float32)]),
        (played.left[rounds, rows] & asked).astype(np.int64),
        (played.rewards()[rounds, rows] * asked).sum(axis=1),
        np.hstack([seen[rows], after.astype(np.float32)]),
        np.logical_not(after.any(axis=1)),
    )
