"""`oracle`: a PPO leader whose users answer every commitment with their exact best response.

Nothing is left to learn but the commitment, so what this learner misses is the leader's own error: exploration,
the jump at s_0, the basin of the wrong route. It learns from sampled passes all the same.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from routegame.agents.best_response import best_response
from routegame.envs.commitment import CommitmentBox, Commitments
from routegame.envs.game import FloatArray
from routegame.train.leader import LeaderOptions, LeaderPopulation
from routegame.train.learner import Learned, Snapshot, Watch


@dataclass(frozen=True)
class OracleOptions(LeaderOptions):
    """Options of `oracle`."""


OPTIONS = OracleOptions


def num_updates(options: OracleOptions) -> int:
    """How many snapshots `learn` will send."""
    return options.leader_updates + options.refinement_updates


def learn(box: CommitmentBox, options: OracleOptions, seed: int, watch: Watch) -> Learned:
    """Train the leader; the same arguments give the same result, bit for bit on one machine."""

    def respond(commitments: Commitments) -> FloatArray:
        answer = best_response(box.game, commitments.route, commitments.cascade_prob, commitments.throttled_latency)
        return np.asarray(answer)

    leader = LeaderPopulation(box, options, np.random.SeedSequence(seed))
    for _ in range(num_updates(options)):
        statistics = leader.update(respond)
        watch(Snapshot("leader", leader.passes, respond, leader.commitment(), statistics))
    return Learned(leader.final_commitment(respond), None, leader.passes)
