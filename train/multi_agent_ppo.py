"""Both sides learn at once by TorchRL's clipped PPO, pass by pass: the base of `ippo` and `mappo`.

In each episode the provider makes a commitment, a draw from a Gaussian that is squashed into the box, and some users
have a task each. They see the commitment, and after every failure they draw whether to stay or to leave. All users
share one policy. Episodes are played to their end, so that nothing has to be guessed of what would have come.

Both sides have the same rate of learning, which falls to 0 on the way, the same minibatches and epochs. The run ends
with the middle of what the provider draws, and with the users' odds as they are.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from routegame.agents.users.categorical import CategoricalFollower, commitment_seen
from routegame.envs.stackelberg import Single, StackelbergGame
from routegame.train.learner import Snapshot
from routegame.train.multi_agent import MultiAgentLearner, MultiAgentOptions
from routegame.train.options import option
from routegame.train.state import Part


@dataclass(frozen=True)
class MultiAgentPPOOptions(MultiAgentOptions):
    """Options of both."""

    epochs: int = option(4, "times that each decision is learned from", low=1, high=1000)


class MultiAgentPPO(MultiAgentLearner):
    """See the module.

    Attributes:
        CENTRAL: whether critics see what all agents see.
    """

    OPTIONS = MultiAgentPPOOptions
    CENTRAL: ClassVar[bool]

    def __init__(self, game: StackelbergGame, options: MultiAgentPPOOptions, seed: int) -> None:
        from routegame.train.ppo.clipped_side import ClippedSide

        super().__init__(game, options, seed)
        self._options = options
        self._start = np.ones((options.batch, 1), dtype=np.float32)  # all that the provider sees
        with self._chance.lent():
            self._provider = ClippedSide(1, 1, game.size, choices=False)
            self._users = ClippedSide(game.size, game.size + self.CENTRAL * options.users, 2, choices=True)

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

    def parts(self) -> dict[str, Part]:
        """Both sides, chance and the table."""
        return {"provider": self._provider, "users": self._users, **super().parts()}

    def _commitment(self) -> Single:
        return self.box.commitments(self._provider.middle(self._start[:1]).astype(np.float64))[0]

    def _follower(self) -> CategoricalFollower:
        return CategoricalFollower(self.box, self._users.layers())
