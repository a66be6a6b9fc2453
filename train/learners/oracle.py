"""`oracle`: a PPO leader whose users answer every commitment as a rule says, by default with their best response.

Nothing is left to learn but the commitment, so what this learner misses is the leader's own error: exploration,
the jump at s_0, the basin of the wrong route. It learns from sampled passes all the same.
"""

from __future__ import annotations

from copy import copy
from dataclasses import dataclass

import numpy as np

from routegame.agents.users.kinds import follower, response
from routegame.envs.stackelberg import StackelbergGame
from routegame.train.learner import Learned, Learner, Snapshot
from routegame.train.options import text
from routegame.train.ppo.leader import LeaderOptions, LeaderPopulation
from routegame.train.state import Part


@dataclass(frozen=True)
class OracleOptions(LeaderOptions):
    """Options of `oracle`."""

    follower: str = text("exact", "kind of users: exact, quantal:TEMPERATURE or robust:DELTA", follower)


class Oracle(Learner):
    """See the module."""

    OPTIONS = OracleOptions
    TYPES = True

    def __init__(self, game: StackelbergGame, options: OracleOptions, seed: int) -> None:
        super().__init__(game, options, seed)
        self._options = options
        self._respond = response(game, options.follower)
        self._leader = LeaderPopulation(game, options, np.random.SeedSequence(seed), self.meter)

    @property
    def num_updates(self) -> int:
        """Number of updates, all of them the leader's."""
        return self._options.leader_updates + self._options.refinement_updates

    def learn(self) -> Snapshot:
        """Let the leader commit, pay and learn."""
        statistics = self._leader.update(self._respond)
        return Snapshot("leader", self.meter.passes, self._respond, self._leader.commitment(), statistics)

    def learned(self) -> Learned:
        """Return the cheapest member's commitment."""
        meter = copy(self.meter)
        return Learned(self._leader.final_commitment(self._respond, meter), None, meter)

    def parts(self) -> dict[str, Part]:
        """The leader is all there is."""
        return {"leader": self._leader}
