"""The response phase: from scratch, counted, not paid for."""

import numpy as np
import pytest
import torch

from routegame.envs.commitment import RoutingGame
from routegame.envs.scenarios import scenario
from routegame.train.learners.response_reward import ResponseReward, ResponseRewardOptions

QUICK = ResponseRewardOptions(
    leader_updates=25, refinement_updates=25, leader_batch=128, leader_tasks=256, first_trials=2**9, last_trials=2**13
)


@pytest.fixture(autouse=True)
def one_thread():
    torch.set_num_threads(1)


def test_trials_are_counted_and_cost_far_more_than_what_is_paid_for():
    box = RoutingGame(scenario("figure-4-right-leave").game)
    passes = []
    for trials in (2**9, 2**12):
        options = ResponseRewardOptions(leader_tasks=64, leader_batch=64, first_trials=trials, last_trials=trials)
        learner = ResponseReward(box, options, seed=0)
        passes.append(learner.update().passes)
    assert 5 < passes[1] / passes[0] < 9
    tasks = 64 * 64
    assert passes[0] > 20 * tasks


def test_what_it_ends_with_answers_as_users_did_in_training():
    learner = ResponseReward(RoutingGame(scenario("figure-4-left-cascade").game), QUICK, seed=0)
    for _ in range(3):
        snapshot = learner.update()
    probe = learner.box.commitments(np.random.default_rng(0).random((64, 2)))
    assert np.abs(learner.learned().follower.abandon_prob(probe) - snapshot.respond(probe)).mean() < 0.1
