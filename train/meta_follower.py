"""`meta_follower`: learn to answer any commitment first, then learn what to commit to.

After Gerstgrasser and Parkes (2023, "Oracles & Followers"): one follower is trained on random commitments that it
observes; the leader is trained against it; then both are refined in rounds, the follower around the commitments that
the leader now makes, so that it is exact where it matters.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from routegame.envs.commitment import CommitmentBox
from routegame.train.follower import FollowerLearner, FollowerOptions, commitments_near, random_commitments
from routegame.train.leader import LeaderOptions, LeaderPopulation
from routegame.train.learner import Learned, Snapshot, Watch
from routegame.train.options import geometric, option

REFINING_EXPLORATION = 0.3
REFINING_RATE = 0.3


@dataclass(frozen=True)
class MetaFollowerOptions(LeaderOptions, FollowerOptions):
    """Options of `meta_follower`."""

    rounds: int = option(3, "rounds of refinement of both", low=1)
    round_updates: int = option(8, "updates of the follower in each round", low=1)


OPTIONS = MetaFollowerOptions


def num_updates(options: MetaFollowerOptions) -> int:
    """How many snapshots `learn` will send."""
    follower = options.follower_updates + options.rounds * options.round_updates
    return follower + options.leader_updates + options.refinement_updates


def learn(box: CommitmentBox, options: MetaFollowerOptions, seed: int, watch: Watch) -> Learned:
    """Train follower and leader; the same arguments give the same result, bit for bit on one machine."""
    follower_seeds, leader_seeds = np.random.SeedSequence(seed).spawn(2)
    anywhere = random_commitments(box)
    follower = FollowerLearner(box, options, anywhere, follower_seeds)
    for update in range(options.follower_updates):
        statistics = follower.update(anywhere, *first_schedule(options, update))
        watch(Snapshot("follower", follower.passes, follower.follower().abandon_prob, None, statistics))

    leader = LeaderPopulation(box, options, leader_seeds)

    def train_leader(num_updates: int) -> None:
        respond = follower.follower().abandon_prob
        for _ in range(num_updates):
            statistics = leader.update(respond)
            passes = follower.passes + leader.passes
            watch(Snapshot("leader", passes, respond, leader.commitment(), statistics))

    train_leader(options.leader_updates)
    for share in np.array_split(np.arange(options.refinement_updates), options.rounds):
        near = commitments_near(box, leader.commitments())
        for update in range(options.round_updates):
            exploration = geometric(REFINING_EXPLORATION, options.narrowest_exploration, update, options.round_updates)
            statistics = follower.update(near, exploration, REFINING_RATE * options.follower_rate)
            respond, passes = follower.follower().abandon_prob, follower.passes + leader.passes
            watch(Snapshot("refinement", passes, respond, leader.commitment(), statistics))
        train_leader(len(share))
    learned = follower.follower()
    commitment = leader.final_commitment(learned.abandon_prob)
    return Learned(commitment, learned, follower.passes + leader.passes)


def first_schedule(options: MetaFollowerOptions, update: int) -> tuple[float, float]:
    """Exploration, wide for the first half and then shrinking, and a learning rate that falls to a third."""
    half = options.follower_updates // 2
    shrinking, done = options.follower_updates - half, max(update - half, 0)
    exploration = geometric(options.widest_exploration, options.narrowest_exploration, done, shrinking)
    return exploration, options.follower_rate * (1 - 0.7 * update / options.follower_updates)
