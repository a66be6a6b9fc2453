"""Both sides learn at once by TorchRL's clipped PPO, pass by pass: the base of `ippo` and `mappo`.

In each episode the provider makes a commitment, a draw from a Gaussian that is squashed into the box, and some users
have a task each. They see the commitment, and after every failure they draw whether to stay or to leave. All users
share one policy. Episodes are played to their end, so that nothing has to be guessed of what would have come.

Both sides have the same rate of learning, which falls to 0 on the way, the same minibatches and epochs. The run ends
with the middle of what the provider draws, and with the users' odds as they are.
"""

from __future__ import annotations

from copy import copy
from dataclasses import dataclass
from importlib.util import find_spec
from typing import ClassVar

import numpy as np

from routegame.agents.users.categorical import CategoricalFollower, commitment_seen
from routegame.envs.commitment import RoutingGame
from routegame.envs.menu_game import MenuGame
from routegame.envs.stackelberg import Single, StackelbergGame
from routegame.train.learner import Learned, Learner, Snapshot
from routegame.train.options import LARGEST_BATCH, Options, option
from routegame.train.ppo.global_generators import OwnChance
from routegame.train.state import Part
from routegame.train.table import Table


@dataclass(frozen=True)
class MultiAgentOptions(Options):
    """Options of both."""

    joint_updates: int = option(300, "updates of both sides", low=1)
    batch: int = option(256, "episodes an update, a commitment each", low=64, high=LARGEST_BATCH)
    users: int = option(4, "users in each of them", low=1, high=64)
    epochs: int = option(4, "times that each decision is learned from", low=1, high=1000)
    rate: float = option(1e-3, "learning rate of both sides at first", low=1e-6)


class MultiAgentPPO(Learner):
    """See the module.

    Attributes:
        CENTRAL: whether critics see what all agents see.
    """

    OPTIONS = MultiAgentOptions
    USERS = CategoricalFollower
    CENTRAL: ClassVar[bool]

    def __init__(self, game: StackelbergGame, options: MultiAgentOptions, seed: int) -> None:
        from routegame.train.ppo.clipped_side import ClippedSide

        super().__init__(game, options, seed)
        assert isinstance(game, RoutingGame | MenuGame)  # others it objects to
        self._options = options
        own, plays = np.random.SeedSequence(seed).spawn(2)
        self._table = Table(game, options.batch, options.users, plays, self.meter)
        self._chance = OwnChance(int(own.generate_state(1)[0]))
        self._start = np.ones((options.batch, 1), dtype=np.float32)  # all that the provider sees
        with self._chance.lent():
            self._provider = ClippedSide(1, 1, game.size, choices=False)
            self._users = ClippedSide(game.size, game.size + self.CENTRAL * options.users, 2, choices=True)

    @classmethod
    def objection(cls, game: StackelbergGame) -> str | None:
        """It plays single games pass by pass, where TorchRL is installed."""
        if not isinstance(game, RoutingGame | MenuGame):
            return "it plays routing among models, pass by pass, with users of one type"
        return "it needs TorchRL: pip install 'routegame[torchrl]'" if find_spec("torchrl") is None else None

    @property
    def num_updates(self) -> int:
        """Number of updates of both sides."""
        return self._options.joint_updates

    def learn(self) -> Snapshot:
        """Play a batch of episodes, and let both sides learn from it."""
        epochs, rate = self._options.epochs, self._options.rate * (1 - self.updates / self.num_updates)
        with self._chance.lent():
            offers, densities = self._provider.draw(self._start)
        seen = commitment_seen(self.box, self.box.commitments(offers.astype(np.float64)))
        odds = self._users.log_probs(seen)
        played = self._table.play(offers, np.exp(odds[:, 1].astype(np.float64)))
        rounds, rows, users = played.decisions()
        with self._chance.lent():
            figures = {
                "provider": self._provider.learn(
                    self._start, self._start, offers, densities, played.paid, epochs=epochs, rate=rate
                )
            }
            if len(rows):
                asked, left = seen[rows], played.left[rounds, rows, users].astype(np.int64)
                oneself_first = (users[:, None] + np.arange(self._options.users)) % self._options.users
                there = played.asked[rounds[:, None], rows[:, None], oneself_first].astype(np.float32)
                known = np.hstack([asked, there]) if self.CENTRAL else asked
                returns = played.returns()[rounds, rows, users]
                figures["users"] = self._users.learn(
                    asked, known, left, odds[rows, left], returns, epochs=epochs, rate=rate
                )
        told = {f"{side}_{name}": value for side, found in figures.items() for name, value in found.items()}
        told["exploration"] = float(offers.std(axis=0).mean())
        return Snapshot("both", self.meter.passes, self._follower().abandon_prob, self._commitment(), told)

    def learned(self) -> Learned:
        """Return both policies as they are now."""
        return Learned(self._commitment(), self._follower(), copy(self.meter))

    def parts(self) -> dict[str, Part]:
        """Both sides, and chance."""
        return {"provider": self._provider, "users": self._users, "chance": self._chance, "table": self._table}

    def _commitment(self) -> Single:
        return self.box.commitments(self._provider.middle(self._start[:1]).astype(np.float64))[0]

    def _follower(self) -> CategoricalFollower:
        return CategoricalFollower(self.box, self._users.layers())
