"""`iql` and `qmix`: what is remembered is what happened, both sides learn, and runs go on from their state."""

import copy
import pickle
from functools import partial

import numpy as np
import pytest
import torch
from extras import NEEDS_TORCHRL
from small_learners import stopped_and_resumed

from routegame import Game
from routegame.envs.commitment import RoutingGame
from routegame.envs.menu_game import MenuGame
from routegame.eval.judge.judges import judge_of
from routegame.train import multi_agent_q
from routegame.train.learner import learner
from routegame.train.table import Rounds

BOTH = pytest.mark.parametrize("name", ["iql", "qmix"])
GAME = RoutingGame(Game(9, 20, (0.1, 0.3), (1, 2), (1, 3)))
DEAR = RoutingGame(Game(1000, 0.1, (0.5, 0.5), (1, 1), (0.001, 1)))
"""Everybody stays, and the second model costs a thousand times as much and does nothing better."""

MENU = MenuGame(Game(9, 20, (0.1, 0.3, 0.2), (1, 2, 0.5), (1, 3, 0.7)))
pytestmark = NEEDS_TORCHRL


@pytest.fixture(autouse=True)
def one_thread():
    torch.set_num_threads(1)


def learning(name, game=GAME, seed=0, **options):
    kind = learner(name)
    given = {"joint_updates": 4, "batch": 64, "users": 2, "memory": 2048} | options
    return kind(game, kind.OPTIONS(**given), seed)


# Transitions: two rounds of two episodes of two users each. In the first, user 0 stays twice and is solved then, and
# user 1 leaves at once; in the second nobody but user 1 is asked, and only in the first round.

PLAYED = Rounds(
    np.float32([-3, -5]),
    np.array([[[True, True], [False, True]], [[True, False], [False, False]]]),
    np.array([[[False, True], [True, False]], [[False, True], [True, True]]]),
    np.array([[[-2.0, 0.0], [0.0, 16.0]], [[16.0, 0.0], [0.0, 0.0]]]),
    18.0,
)
SEEN = np.float32([[0, 0.25], [1, 0]])


def test_every_decision_is_remembered_with_what_it_was_paid_at_once():
    found = multi_agent_q._of_each(SEEN, PLAYED)
    assert found.seen[:, 0].tolist() == [[0, 0.25], [0, 0.25], [1, 0], [0, 0.25]]
    assert found.chosen[:, 0].tolist() == [0, 1, 0, 0]
    np.testing.assert_allclose(found.reward, np.array([-2, 0, 16, 16]) / 18, rtol=1e-6)
    assert found.done.tolist() == [False, True, True, True]


def test_a_team_is_remembered_round_by_round():
    found = multi_agent_q._of_team(SEEN, PLAYED)
    assert found.known.tolist() == [[0, 0.25, 1, 1], [1, 0, 0, 1], [0, 0.25, 1, 0]]
    assert found.known_next.tolist() == [[0, 0.25, 1, 0], [1, 0, 0, 0], [0, 0.25, 0, 0]]
    assert found.chosen.tolist() == [[0, 1], [0, 0], [0, 0]], "who is not asked stays"
    np.testing.assert_allclose(found.reward, np.array([-2, 16, 16]) / 18, rtol=1e-6)
    assert found.done.tolist() == [False, True, True] and found.seen.shape == (3, 2, 2)


def test_an_offer_is_the_whole_of_an_episode():
    found = multi_agent_q._offered(np.array([7, 0]), PLAYED)
    assert found.done.all() and found.chosen[:, 0].tolist() == [7, 0] and found.reward.tolist() == [-3, -5]


# Learning


@BOTH
def test_both_sides_learn(name, monkeypatch):
    """The provider goes to the cheap model, and users, who do best to stay, do."""
    judge = judge_of(DEAR)
    training = learning(name, DEAR, joint_updates=60, rate=5e-3, batch=256)
    while not training.finished:
        snapshot = training.update()
    after = training.learned()
    assert after.commitment == snapshot.commitment and after.commitment.route == 1
    points = DEAR.commitments(training._points)
    found = float(judge.regrets(after.commitment.alone())[0])
    assert found <= np.quantile(judge.regrets(points), 0.1), "better than nine of ten points"
    assert not after.follower.abandon_prob(points).any()
    assert set(snapshot.statistics) == {"provider_loss", "users_loss", "exploration"}


def test_exploration_falls_for_a_third_of_the_run():
    training = learning("iql", joint_updates=9)
    found = []
    while not training.finished:
        found.append(training.update().statistics["exploration"])
    assert found[0] == 0.8 and found[3:] == pytest.approx([0.01] * 6)
    assert np.diff(found[:4]) == pytest.approx([-0.79 / 3] * 3)


@BOTH
@pytest.mark.parametrize("game", [RoutingGame(GAME.game, throttling=True), MENU])
def test_every_kind_of_commitment_is_played(name, game):
    training = learning(name, game)
    while not training.finished:
        training.update()
    learned = training.learned()
    assert learned.meter.passes == training.meter.passes > 0
    assert set(learned.follower.abandon_prob(game.commitments(np.full((3, game.size), 0.5)))) <= {0.0, 1.0}


# State


@BOTH
def test_runs_go_on_from_their_state_to_the_bit(name, tmp_path):
    make = partial(learning, name, seed=5)
    straight, again, steady, broken = stopped_and_resumed(make, (0, 1, 3), tmp_path / "state")
    for one, other in zip(straight, again, strict=True):
        assert (one.commitment, one.passes, one.statistics) == (other.commitment, other.passes, other.statistics)
    arrays, others = (one.learned().follower.arrays() for one in (steady, broken))
    assert all(np.array_equal(arrays[key], others[key]) for key in arrays)


@BOTH
def test_copies_go_their_own_way(name):
    training = learning(name)
    training.update()
    other, sent = copy.deepcopy(training), pickle.loads(pickle.dumps(training))
    expected = training.update().statistics
    assert other.update().statistics == expected == sent.update().statistics
