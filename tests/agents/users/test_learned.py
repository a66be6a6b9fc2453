"""A learned follower answers in numpy what its network answers in torch."""

import numpy as np
import pytest
import torch

from routegame.agents.users.learned import as_abandon_prob, commitment_features
from routegame.envs.commitment import Commitments, RoutingGame
from routegame.envs.scenarios import scenario
from routegame.train.meter import Meter
from routegame.train.ppo.follower import FollowerLearner, FollowerOptions, random_commitments


@pytest.mark.parametrize("throttling", [False, True])
def test_numpy_answers_like_torch(throttling):
    box = RoutingGame(scenario("gpt41-o3").game, throttling=throttling)
    options = FollowerOptions(follower_batch=256, follower_tasks=16)
    anywhere = random_commitments(box)
    learner = FollowerLearner(box, options, anywhere, np.random.SeedSequence(1), Meter())
    for _ in range(3):
        learner.update(anywhere, 1.0, 1e-3)
    probe = anywhere(500, np.random.default_rng(0))
    policy = learner._ppo.policy
    means = policy.means(torch.as_tensor(commitment_features(box, probe))).numpy()[:, 0]
    answer = learner.follower().abandon_prob(probe)
    assert answer == pytest.approx(as_abandon_prob(means), abs=1e-5)
    assert len(np.unique(answer)) > 100


def test_answers_near_an_end_stray_from_it_by_the_square_of_the_distance():
    distance = np.array([0.2, 0.1, 0.05])
    low, high = as_abandon_prob(distance - 1), as_abandon_prob(1 - distance)
    assert low / distance**2 == pytest.approx(np.pi**2 / 16, rel=0.01)
    assert low == pytest.approx(1 - high)
    assert as_abandon_prob(np.array([-1.5, 0.0, 1.5])) == pytest.approx([0.0, 0.5, 1.0])


def test_features_tell_close_commitments_apart():
    box = RoutingGame(scenario("nano-gpt5").game)
    features = commitment_features(box, Commitments.unthrottled(box.game, 1, [0.078, 0.079]))
    assert np.abs(features[0] - features[1]).max() > 0.02
    assert np.isfinite(commitment_features(box, Commitments.unthrottled(box.game, [1, 2], [0.0, 1.0]))).all()
