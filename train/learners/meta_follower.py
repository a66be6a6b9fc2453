"""`meta_follower`: learn to answer any commitment first, then learn what to commit to.

After Gerstgrasser and Parkes (2023, "Oracles & Followers"): one follower is trained on random commitments that it
observes; the leader is trained against it; then both are refined in rounds, the follower around the commitments that
the leader now makes, so that it is exact where it matters. In each round it explores widely once more and then closely:
where users change their mind staying is best among answers close to it, and so is leaving, and users who compare close
answers alone keep to what they do for too long. What is left of its errors the leader would exploit, and so the last
choice expects users to reconsider, see `routegame.train.ppo.final_choice`.
"""

from __future__ import annotations

from copy import copy
from dataclasses import dataclass

import numpy as np

from routegame.envs.arrays import BoolArray
from routegame.envs.stackelberg import Batch, Response, StackelbergGame
from routegame.train.learner import Learned, Learner, Snapshot
from routegame.train.meter import Meter
from routegame.train.options import geometric, option
from routegame.train.ppo.final_choice import cheapest_when_users_reconsider
from routegame.train.ppo.follower import FollowerLearner, FollowerOptions, commitments_near, random_commitments
from routegame.train.ppo.leader import LeaderOptions, LeaderPopulation
from routegame.train.state import Part

REFINING_RATE = (1.0, 0.5)
"""The follower's learning rate in a round, in units of its first one: the same step is a larger one for a narrower
policy."""

LAST_UPDATES, LAST_UPDATES_IN_LANES, LAST_EXPLORATION, LAST_RATE = 12, 24, 0.05, 0.3
"""Updates of the follower before a choice is made again, their exploration, and learning rate, as in refinement."""


@dataclass(frozen=True)
class MetaFollowerOptions(LeaderOptions, FollowerOptions):
    """Options of `meta_follower`."""

    rounds: int = option(3, "rounds of refinement of both", low=1)
    round_updates: int = option(12, "updates of the follower in each round", low=1)


class MetaFollower(Learner):
    """See the module."""

    OPTIONS = MetaFollowerOptions
    TYPES = True

    def __init__(self, game: StackelbergGame, options: MetaFollowerOptions, seed: int) -> None:
        super().__init__(game, options, seed)
        self._follower_seeds, leader_seeds = np.random.SeedSequence(seed).spawn(2)
        self._options, self._anywhere = options, random_commitments(game)
        self._follower = self._new_follower(self.meter)
        self._leader = LeaderPopulation(game, options, leader_seeds, self.meter, reconsider=True)
        self._plan = _plan(options)

    @property
    def num_updates(self) -> int:
        """Number of updates of both sides over all phases."""
        return len(self._plan)

    def learn(self) -> Snapshot:
        """Train whoever's turn it is."""
        phase, step = self._plan[self.updates]
        options, respond = self._options, self._follower.follower().abandon_prob
        if phase == "leader":
            statistics = self._leader.update(respond)
        elif phase == "follower":
            statistics = self._follower.update(self._anywhere, *first_schedule(options, step))
        else:
            near = commitments_near(self.box, self._leader.commitments(), self._leader.held)
            widest, narrowest = options.widest_exploration, options.narrowest_exploration
            exploration = geometric(widest, narrowest, step, options.round_updates)
            rate = options.follower_rate * geometric(*REFINING_RATE, step, options.round_updates)
            statistics = self._follower.update(near, exploration, rate, pretraining=False)
        respond = self._follower.follower().abandon_prob
        commitment = None if phase == "follower" else self._leader.commitment()
        return Snapshot(phase, self.meter.passes, respond, commitment, statistics)

    def learned(self) -> Learned:
        """Return the commitment that is cheapest under the learned users, should they reconsider, and them."""
        meter = copy(self.meter)
        follower = self._new_follower(meter)
        follower.restore(self._follower.state())

        def learn_near(commitments: Batch, held: BoolArray | None) -> Response:
            near = commitments_near(self.box, commitments, held)
            for _ in range(LAST_UPDATES if held is None else LAST_UPDATES_IN_LANES):
                rate = LAST_RATE * self._options.follower_rate
                follower.update(near, LAST_EXPLORATION, rate, pretraining=False)
            return follower.follower().abandon_prob

        respond, choose = follower.follower().abandon_prob, cheapest_when_users_reconsider
        commitment = self._leader.final_commitment(respond, meter, choose, learn_near)
        return Learned(commitment, follower.follower(), meter)

    def _new_follower(self, meter: Meter) -> FollowerLearner:
        return FollowerLearner(self.box, self._options, self._anywhere, self._follower_seeds, meter)

    def parts(self) -> dict[str, Part]:
        """Both sides."""
        return {"follower": self._follower, "leader": self._leader}


def _plan(options: MetaFollowerOptions) -> list[tuple[str, int]]:
    """Return whose turn it is at each update, and its number within the phase."""
    plan = [("follower", step) for step in range(options.follower_updates)]
    plan += [("leader", step) for step in range(options.leader_updates)]
    for share in np.array_split(np.arange(options.refinement_updates), options.rounds):
        plan += [("refinement", step) for step in range(options.round_updates)]
        plan += [("leader", int(step)) for step in share]
    return plan


def first_schedule(options: FollowerOptions, update: int) -> tuple[float, float]:
    """Exploration, wide for the first half and then shrinking, and a learning rate that falls to a third."""
    half = options.follower_updates // 2
    shrinking, done = options.follower_updates - half, max(update - half, 0)
    exploration = geometric(options.widest_exploration, options.narrowest_exploration, done, shrinking)
    return exploration, options.follower_rate * (1 - 0.7 * update / options.follower_updates)
