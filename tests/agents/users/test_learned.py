"""A learned follower answers in numpy what its network answers in torch."""

import numpy as np
import pytest
import torch

from routegame.agents.exact.solved import solved
from routegame.agents.users.learned import LearnedFollower, as_abandon_prob, commitment_features
from routegame.envs.classic.catalogue import MATRICES
from routegame.envs.commitment import Commitments, RoutingGame
from routegame.envs.scenarios import scenario
from routegame.train.meter import Meter
from routegame.train.ppo.follower import FollowerLearner, FollowerOptions, random_commitments


@pytest.fixture(autouse=True)
def one_thread():
    torch.set_num_threads(1)


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


def test_followers_of_several_types_learn_one_network_that_knows_the_type(tmp_path):
    """It answers a batch with a number for each type, and from a file, too."""
    game = next(known.game for known in MATRICES if known.name == "bayes-two-types")
    anywhere = random_commitments(game)
    options = FollowerOptions(follower_batch=512, follower_tasks=64)
    learner = FollowerLearner(game, options, anywhere, np.random.SeedSequence(1), Meter())
    for _ in range(20):
        learner.update(anywhere, 1.0, 1e-2)
    follower, probe = learner.follower(), game.commitments(np.linspace(0.05, 0.95, 19)[:, None])
    answers = follower.abandon_prob(probe)
    assert answers.shape == (19, 2) and np.abs(answers[:, 0] - answers[:, 1]).max() > 0.5
    assert np.mean(np.abs(answers - solved(game).best_answer(probe)) < 0.5) > 0.8
    with (tmp_path / "users.npz").open("wb") as file:
        np.savez(file, **follower.arrays())
    assert LearnedFollower.load(tmp_path / "users.npz", game).abandon_prob(probe).tolist() == answers.tolist()
