"""`alternating`: freeze one side, train the other until it is through, swap, repeat.

The usual leader, and the usual follower, who sees the commitment: users of this game always do. But in its turn the
follower is trained on what the leader offers now, exploration included, and on nothing else; there is no reason in
this scheme to look elsewhere. Then the leader learns for many updates against users who stand still. As soon as it has
moved further than it had explored, it is answered by a network that goes on from what it once knew there, and takes
what it finds: users who put up with anything are the cheapest of all. In the next turn users learn what has hit them,
and forget some of what they knew elsewhere.

So what goes wrong here is the stale answer, and not the leader or the follower, which are those of `meta_follower`
(there the follower first learns to answer everything) to the last option.
"""

from __future__ import annotations

from copy import copy
from dataclasses import dataclass

import numpy as np

from routegame.envs.stackelberg import StackelbergGame
from routegame.train.learner import Learned, Learner, Snapshot
from routegame.train.options import geometric, option
from routegame.train.ppo.follower import FollowerLearner, FollowerOptions
from routegame.train.ppo.leader import LeaderOptions, LeaderPopulation
from routegame.train.state import Part


@dataclass(frozen=True)
class AlternatingOptions(LeaderOptions, FollowerOptions):
    """Options of `alternating`."""

    follower_updates: int = option(10, "updates of the follower in each of its turns", low=1)
    turns: int = option(8, "of either side; the leader's updates are spread over its own", low=1)


class Alternating(Learner):
    """See the module."""

    OPTIONS = AlternatingOptions
    TYPES = True

    def __init__(self, game: StackelbergGame, options: AlternatingOptions, seed: int) -> None:
        super().__init__(game, options, seed)
        follower_seeds, leader_seeds = np.random.SeedSequence(seed).spawn(2)
        self._options = options
        self._leader = LeaderPopulation(game, options, leader_seeds, self.meter)
        self._follower = FollowerLearner(game, options, self._leader.offers(), follower_seeds, self.meter)
        self._plan = _plan(options)

    @property
    def num_updates(self) -> int:
        """Number of updates of both sides over all turns."""
        return len(self._plan)

    def learn(self) -> Snapshot:
        """Train whoever's turn it is."""
        phase, step = self._plan[self.updates]
        options = self._options
        if phase == "leader":
            statistics = self._leader.update(self._follower.follower().abandon_prob)
        else:
            widest, narrowest = options.widest_exploration, options.narrowest_exploration
            exploration = geometric(widest, narrowest, step, options.follower_updates)
            offers = self._leader.offers()
            statistics = self._follower.update(offers, exploration, options.follower_rate, pretraining=False)
        respond = self._follower.follower().abandon_prob
        return Snapshot(phase, self.meter.passes, respond, self._leader.commitment(), statistics)

    def learned(self) -> Learned:
        """Return the commitment that is cheapest under the learned users, and them."""
        meter, follower = copy(self.meter), self._follower.follower()
        return Learned(self._leader.final_commitment(follower.abandon_prob, meter), follower, meter)

    def parts(self) -> dict[str, Part]:
        """Both sides."""
        return {"follower": self._follower, "leader": self._leader}


def _plan(options: AlternatingOptions) -> list[tuple[str, int]]:
    """Return whose turn it is at each update, and its number within the turn; users begin, and have the last word."""
    plan = []
    for share in np.array_split(np.arange(options.leader_updates + options.refinement_updates), options.turns):
        plan += [("follower", step) for step in range(options.follower_updates)]
        plan += [("leader", int(step)) for step in share]
    return plan + [("follower", step) for step in range(options.follower_updates)]
