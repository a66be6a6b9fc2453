"""`two_timescale`: both sides learn at once, the follower on a faster clock.

After Fiez, Chasnov and Ratliff (2020, "Implicit Learning Dynamics in Stackelberg Games"): a leader that moves slowly
enough sees a follower who is always at its best response, and so descends its Stackelberg cost and not its cost
against a fixed answer. Between two updates of the leader the follower makes many small ones, on what the leader offers
now, exploration included. It sees the commitment, as users of this game do, so what the leader learns from its own
exploration includes how the answer changes with the commitment: no derivative of the best response has to be told.

Where this goes wrong the follower lags. Everything has stopped moving, and then looks converged, but the answer is
that to the leader's past: around s_0 an answer takes long to turn over, the leader explores less and less, and users
are trained on an ever smaller neighbourhood, which may be on one side of the jump only.
"""

from __future__ import annotations

from copy import copy
from dataclasses import dataclass

import numpy as np

from routegame.envs.stackelberg import StackelbergGame
from routegame.train.learner import Learned, Learner, Snapshot
from routegame.train.options import LARGEST_BATCH, geometric, option
from routegame.train.ppo.follower import FollowerLearner, FollowerOptions
from routegame.train.ppo.leader import LeaderOptions, LeaderPopulation
from routegame.train.state import Part


@dataclass(frozen=True)
class TwoTimescaleOptions(LeaderOptions, FollowerOptions):
    """Options of `two_timescale`."""

    leader_updates: int = option(40, "updates of the whole population of leaders", low=1)
    refinement_updates: int = option(50, "further updates of the cheapest leaders", low=1)
    follower_updates: int = option(3, "updates of the follower for each of the leader's", low=1)
    follower_batch: int = option(1024, "commitments an update", low=64, high=LARGEST_BATCH, multiple_of=8)
    follower_tasks: int = option(256, "tasks under each of them", low=1)


class TwoTimescale(Learner):
    """See the module."""

    OPTIONS = TwoTimescaleOptions
    TYPES = True

    def __init__(self, game: StackelbergGame, options: TwoTimescaleOptions, seed: int) -> None:
        super().__init__(game, options, seed)
        follower_seeds, leader_seeds = np.random.SeedSequence(seed).spawn(2)
        self._options = options
        self._leader = LeaderPopulation(game, options, leader_seeds, self.meter)
        self._follower = FollowerLearner(game, options, self._leader.offers(), follower_seeds, self.meter)

    @property
    def num_updates(self) -> int:
        """Number of updates of the leader; the follower makes many in the same time."""
        return self._options.leader_updates + self._options.refinement_updates

    def learn(self) -> Snapshot:
        """Let both learn against what the other does now, the follower faster."""
        options, offers, respond = self._options, self._leader.offers(), self._follower.follower().abandon_prob
        statistics = self._leader.update(respond)
        # wide while the leader explores widely too, then as narrow as it gets
        exploration = geometric(
            options.widest_exploration, options.narrowest_exploration, self.updates, options.leader_updates // 2
        )
        for _ in range(options.follower_updates):
            figures = self._follower.update(offers, exploration, options.follower_rate, pretraining=False)
        statistics |= {f"follower_{name}": value for name, value in figures.items()}
        respond = self._follower.follower().abandon_prob
        return Snapshot("both", self.meter.passes, respond, self._leader.commitment(), statistics)

    def learned(self) -> Learned:
        """Return the commitment that is cheapest under the learned users, and them."""
        meter, follower = copy(self.meter), self._follower.follower()
        return Learned(self._leader.final_commitment(follower.abandon_prob, meter), follower, meter)

    def parts(self) -> dict[str, Part]:
        """Both sides."""
        return {"follower": self._follower, "leader": self._leader}
