"""Base of other libraries' algorithms as leaders: one-step episodes over a game whose users answer by a rule.

What learns is the library's, by the library's defaults, but for what episodes of one step ask for: nothing is
discounted, returns are whole, and what remembers learns from 1,000 random commitments on, in 8 steps for every 64. It
sees a constant, acts in the leader's box or chooses one of its points, and is paid minus what a play has cost, in units
of what plays of random commitments cost. It ends with what its policy does without exploring, and with no choice among
candidates: what the library ends with.
"""

from __future__ import annotations

from abc import abstractmethod
from copy import copy
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from gymnasium import spaces
from numpy.typing import NDArray
from stable_baselines3.common.base_class import BaseAlgorithm
from stable_baselines3.common.vec_env import VecEnv

from routegame.agents.users.kinds import follower, response
from routegame.envs.arrays import Float32Array, FloatArray
from routegame.envs.stackelberg import Response, Single, StackelbergGame
from routegame.train.learner import Learned, Learner, Snapshot
from routegame.train.library_algorithm import LibraryAlgorithm
from routegame.train.meter import Meter
from routegame.train.options import Options, option, text
from routegame.train.ppo.one_step import OneStepVecEnv
from routegame.train.search import MOST_TASKS
from routegame.train.state import Part, State

NUM_ROWS = 64
"""Commitments that are made at once."""


def number_of_commitments(default: int) -> int:
    """Declare how many commitments are made, a multiple of what any of these learners learns from in an update."""
    return option(default, "commitments that are made", low=512, multiple_of=512)


@dataclass(frozen=True)
class LibraryOptions(Options):
    """Options of learners of other libraries."""

    follower: str = text("exact", "kind of users: exact, quantal:TEMPERATURE or robust:DELTA", follower)
    commitments: int = number_of_commitments(20_480)
    tasks: int = option(256, "tasks under each commitment", low=1, high=MOST_TASKS)


class LeaderRows(OneStepVecEnv):
    """The game as the library plays it, in `NUM_ROWS` rows: commit, then pay for a sample of tasks.

    Rewards are divided by a scale. It is the mean absolute cost of a play under as many commitments as there are rows,
    drawn uniformly and played, and counted, before the first of the library's; 1 if they cost nothing.

    Args:
        game: the game.
        respond: what users answer.
        num_tasks: under each commitment.
        rng: chance of plays.
        meter: that counts them.
        points: of the box, (num_points, size), where an action is the number of one of them; None where it is a point
            of [-1, 1]^size.
    """

    def __init__(
        self,
        game: StackelbergGame,
        respond: Response,
        num_tasks: int,
        rng: np.random.Generator,
        meter: Meter,
        points: FloatArray | None,
    ) -> None:
        super().__init__(NUM_ROWS, 1, game.size)
        self._game, self._respond, self._num_tasks, self._rng, self._meter = game, respond, num_tasks, rng, meter
        self._points, self._scale = points, 0.0
        if points is not None:
            self.action_space = spaces.Discrete(len(points))

    def observe(self) -> Float32Array:
        """Return the constant that there is to see, (num_envs, 1)."""
        return np.ones((self.num_envs, 1), dtype=np.float32)

    def pay(self, actions: Float32Array) -> Float32Array:
        """Play a sample of tasks under each commitment and return minus what one has cost, to scale, (num_envs,)."""
        if not self._scale:
            scale = float(np.abs(self._costs(self._rng.random((self.num_envs, self._game.size)))).mean())
            self._scale = scale or 1.0
        return (-self._costs(self.offers(actions)) / self._scale).astype(np.float32)

    def offers(self, actions: NDArray[np.generic]) -> FloatArray:
        """Return the points of the unit box that actions stand for, (num_actions, size)."""
        if self._points is not None:
            return self._points[actions.astype(np.intp)]
        return np.clip((1 + actions.astype(np.float64)) / 2, 0, 1)

    def _costs(self, offers: FloatArray) -> FloatArray:
        commitments = self._game.commitments(offers)
        self._meter.queries += len(commitments)
        answers = self._respond(commitments)
        return self._meter.play(self._game.play_totals(commitments, answers, self._num_tasks, self._rng)).leader_cost

    def state(self) -> State:
        """Return the scale, 0 before there is one, and chance."""
        return {"scale": self._scale, "rng": self._rng.bit_generator.state}

    def restore(self, state: State) -> None:
        """Go on from a state."""
        self._scale = float(state["scale"])
        self._rng.bit_generator.state = state["rng"]


class LibraryLeader(Learner):
    """Base of these learners, see the module.

    Attributes:
        BATCH: commitments in an update, one iteration of the library's or some; it divides 512.
    """

    OPTIONS: ClassVar[type[LibraryOptions]] = LibraryOptions
    BATCH: ClassVar[int]

    def __init__(self, game: StackelbergGame, options: LibraryOptions, seed: int) -> None:
        super().__init__(game, options, seed)
        self._options = options
        self._respond = response(game, options.follower)
        own, plays = np.random.SeedSequence(seed).spawn(2)
        rng, first = np.random.default_rng(plays), int(own.generate_state(1)[0])
        self._rows = LeaderRows(game, self._respond, options.tasks, rng, self.meter, self.points(game))
        self._algorithm = LibraryAlgorithm(lambda: self.algorithm(self._rows, first), first)

    @abstractmethod
    def algorithm(self, env: VecEnv, seed: int) -> BaseAlgorithm:
        """Return the library's algorithm.

        Args:
            env: what it plays.
            seed: of its chance.
        """

    @classmethod
    def points(cls, game: StackelbergGame) -> FloatArray | None:
        """Return the points of the box that are chosen among, (num_points, size); None where all of them are."""
        return None

    @classmethod
    def objection(cls, game: StackelbergGame) -> str | None:
        """It plays every game: what plays cost is all that it learns from, however many numbers users answer with."""
        return None

    @property
    def num_updates(self) -> int:
        """Number of updates: one for each `BATCH` of commitments."""
        return self._options.commitments // self.BATCH

    def learn(self) -> Snapshot:
        """Let the library commit, pay and learn."""
        figures = self._algorithm.learn(self.BATCH)
        return Snapshot("leader", self.meter.passes, self._respond, self._commitment(), figures)

    def learned(self) -> Learned:
        """Return what the policy commits to without exploring."""
        return Learned(self._commitment(), None, copy(self.meter))

    def parts(self) -> dict[str, Part]:
        """The library's algorithm, and what it plays."""
        return {"algorithm": self._algorithm, "rows": self._rows}

    def _commitment(self) -> Single:
        action = self._algorithm.decide(self._rows.observe()[:1])
        return self.box.commitments(self._rows.offers(action))[0]
