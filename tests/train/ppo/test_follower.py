"""The follower learns from what answers are worth beside each other, on commitments drawn everywhere or near."""

import numpy as np
import pytest

from routegame.agents.users.learned import as_abandon_prob
from routegame.envs.chain import outcome
from routegame.envs.commitment import Commitments, RoutingGame
from routegame.envs.scenarios import scenario
from routegame.train.meter import Meter
from routegame.train.ppo.follower import NUM_ANSWERS, FollowerSide, commitments_near, random_commitments
from routegame.train.ppo.one_step import standings

GAME = scenario("figure-4-right-cascade").game
BOX = RoutingGame(GAME)
SLOW_BOX = RoutingGame(GAME, throttling=True)


ANSWERS = np.linspace(-1.1, 1.1, NUM_ANSWERS, dtype=np.float32)


def paid(game, commitments, answers, num_tasks=200_000):
    size = len(commitments) * NUM_ANSWERS
    side = FollowerSide(game, size, num_tasks, lambda count, rng: commitments, np.random.default_rng(0), Meter())
    assert len(side.reset()) == size
    return side.pay(np.tile(answers, len(commitments))[:, None]).reshape(-1, NUM_ANSWERS)


def test_follower_is_paid_the_standing_of_its_utility():
    commitments = Commitments.unthrottled(GAME, [1, 1, 2], [0.0, 0.3, 0.3])
    asked = commitments.route[:, None], commitments.cascade_prob[:, None], as_abandon_prob(ANSWERS)
    exact = outcome(GAME, *asked).user_utility
    assert paid(BOX, commitments, ANSWERS) == pytest.approx(standings(exact).reshape(3, -1), abs=0.1)


def test_equal_answers_are_equally_lucky():
    standing = paid(BOX, Commitments.unthrottled(GAME, [1, 2], [0.3, 0.3]), np.repeat(ANSWERS[[2, 5]], 4), 10)
    assert np.array_equal(np.ptp(standing.reshape(2, 2, 4), axis=2), np.zeros((2, 2)))
    assert np.abs(standing).min() > 0


def test_follower_pays_for_slow_models():
    commitments = SLOW_BOX.commitments(np.array([[0.0, 0.0, 0.0, 0.0], [0.0, 0.0, 1.0, 0.0]]))
    as_they_are, slowed = paid(SLOW_BOX, commitments, ANSWERS)
    assert np.argmax(as_they_are) == 0
    assert np.argmax(slowed) >= NUM_ANSWERS - 2


@pytest.mark.parametrize("game", [BOX, SLOW_BOX])
def test_random_commitments_cover_the_box(game):
    rng = np.random.default_rng(0)
    actions = game.actions(random_commitments(game)(20_000, rng))
    assert ((actions >= 0) & (actions <= 1)).all()
    assert np.abs(actions[:, 0].mean() - 0.5) < 0.02
    histogram = np.histogram(actions[:, 1], bins=10, range=(0, 1))[0]
    assert histogram.min() > 500
    assert (actions[:, 1] < 0.01).sum() > 500
    assert (actions[:, 1] > 0.99).sum() > 500


def test_commitments_near_are_near_most_of_the_time():
    rng = np.random.default_rng(0)
    centre = Commitments.unthrottled(GAME, 1, 0.5)
    drawn = commitments_near(BOX, centre)(20_000, rng)
    close = (drawn.route == 1) & (np.abs(drawn.cascade_prob - 0.5) < 0.02)
    assert 0.6 < close.mean() < 0.75
    assert (np.abs(drawn.cascade_prob - 0.5) > 0.4).mean() > 0.05
