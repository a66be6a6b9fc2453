"""Learners of other people: one that is quick, and some that are no good."""

from __future__ import annotations

import os
import signal
import time
from dataclasses import dataclass
from multiprocessing import parent_process
from pathlib import Path

import numpy as np

from routegame.agents.users.learned import LearnedFollower, commitment_features
from routegame.envs.arrays import FloatArray
from routegame.envs.commitment import Commitment, Commitments, RoutingGame
from routegame.train.learner import Learned, Learner, Snapshot
from routegame.train.options import Options, option
from routegame.train.state import State


@dataclass(frozen=True)
class PlainOptions(Options):
    """Options of all of them."""

    steps: int = option(8, "commitments that are tried", low=1)


class Chance:
    """A generator with a state."""

    def __init__(self, seed: int) -> None:
        self.rng = np.random.default_rng(seed)

    def state(self) -> State:
        """Return where it is."""
        return {"rng": self.rng.bit_generator.state}

    def restore(self, state: State) -> None:
        """Go on from there."""
        self.rng.bit_generator.state = state["rng"]


class Plain(Learner):
    """Commits at random, and calls the last commitment learned; users stay."""

    OPTIONS = PlainOptions

    def __init__(self, game: RoutingGame, options: PlainOptions, seed: int) -> None:
        super().__init__(game, options, seed)
        self._steps, self._chance = options.steps, Chance(seed)

    @property
    def num_updates(self) -> int:
        """One for every commitment tried."""
        return self._steps

    def learn(self) -> Snapshot:
        """Try one, on a hundred tasks."""
        offer = self.box.commitments(self._chance.rng.random((1, self.box.size)))
        self.meter.play(offer.play(self.box.game, np.zeros(1), 100, self._chance.rng))
        return Snapshot("leader", self.meter.passes, self.respond, offer[0])

    def learned(self) -> Learned:
        """Return a commitment drawn from the seed."""
        offer = self.box.commitments(np.random.default_rng(self.seed).random((1, self.box.size)))
        return Learned(offer[0], None, self.meter)

    def parts(self) -> dict[str, Chance]:
        """Chance is all there is."""
        return {"chance": self._chance}

    def respond(self, commitments: Commitments) -> FloatArray:
        """Stay."""
        return np.zeros(len(commitments))


class Slow(Plain):
    """Takes a tenth of a second for each commitment."""

    def learn(self) -> Snapshot:
        """Wait first."""
        time.sleep(0.1)
        return super().learn()


class Raises(Plain):
    """Breaks."""

    def learn(self) -> Snapshot:
        """Break, in two lines."""
        raise RuntimeError("no luck\ntoday")


class NotANumber(Plain):
    """Commits to NaN."""

    def learned(self) -> Learned:
        """Return what is no commitment."""
        return Learned(Commitment(1, float("nan"), (1.0, 1.0)), None, self.meter)


class OutsideTheBox(Plain):
    """Makes models faster than they are."""

    def learned(self) -> Learned:
        """Return a commitment that nobody can keep."""
        return Learned(Commitment(1, 0.5, (0.0, 0.0)), None, self.meter)


class Undecided(Plain):
    """Has users whose answer is infinity less infinity."""

    def learned(self) -> Learned:
        """Return such users."""
        profile = super().learned()
        num_features = commitment_features(self.box, Commitments.unthrottled(self.box.game, 1, [0.5])).shape[1]
        largest = np.full((2, num_features), np.finfo(np.float32).max), np.full(2, np.finfo(np.float32).max)
        difference = np.array([[1, -1]], dtype=np.float32), np.zeros(1, dtype=np.float32)
        return Learned(profile.commitment, LearnedFollower(self.box, (largest, difference), bound=1.0), self.meter)


class Liar(Plain):
    """Has users who put up with anything, and reports what its commitment costs under them."""

    def learned(self) -> Learned:
        """Commit to the standard model alone."""
        return Learned(Commitment.unthrottled(self.box.game, 1, 0.0), always(self.box, -1.0), self.meter)


class Forgetful(Plain):
    """Does not say that it has a generator of chance."""

    def parts(self) -> dict[str, Chance]:
        """Forget it."""
        return {}


class Wordless(Plain):
    """Says nothing of what it goes on from."""

    def parts(self) -> None:  # type: ignore[override]
        """Return nothing, as a body without a `return` does."""


class HalfTold(Plain):
    """Says where its chance is, and does not go there."""

    def restore(self, state: State) -> None:
        """Take over the counts alone."""
        super().restore({**state, "chance": self._chance.state()})


class Hangs(Plain):
    """Never comes back."""

    def learn(self) -> Snapshot:
        """Sleep."""
        while True:
            time.sleep(1)


class Hungry(Plain):
    """Eats memory."""

    def learn(self) -> Snapshot:
        """Eat."""
        eaten = []
        while True:
            eaten.append(np.ones(2**24))


class Dies(Plain):
    """Takes its process with it."""

    def learn(self) -> Snapshot:
        """Exit."""
        os._exit(7)


class Disaster(Plain):
    """Takes whoever started its process with it, once, if `MARK` is set: to a file that tells of it."""

    def learn(self) -> Snapshot:
        """Kill, unless that was done."""
        mark, worker = os.environ.get("MARK"), parent_process()
        if mark is not None and not Path(mark).exists() and worker is not None and worker.pid is not None:
            Path(mark).touch()
            os.kill(worker.pid, signal.SIGKILL)
            time.sleep(60)
        return super().learn()


class NotALearner:
    """Something else."""


def always(game: RoutingGame, action: float) -> LearnedFollower:
    """Users with one answer to everything."""
    num_features = commitment_features(game, Commitments.unthrottled(game.game, 1, [0.5])).shape[1]
    layer = np.zeros((1, num_features), dtype=np.float32), np.array([action], dtype=np.float32)
    return LearnedFollower(game, (layer,), bound=1.0)
