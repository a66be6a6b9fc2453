"""`ippo` and `mappo`: both sides learn, and runs go on from their state."""

import copy
import pickle
from functools import partial

import numpy as np
import pytest
import torch
from extras import NEEDS_TORCHRL
from small_learners import stopped_and_resumed

from routegame import Game
from routegame.agents.users.categorical import CategoricalFollower
from routegame.envs.commitment import RoutingGame
from routegame.envs.menu_game import MenuGame
from routegame.eval.judge.judges import judge_of
from routegame.train.learner import learner

BOTH = pytest.mark.parametrize("name", ["ippo", "mappo"])
GAME = Game(9, 20, (0.1, 0.3), (1, 2), (1, 3))
DEAR = RoutingGame(Game(1000, 0.1, (0.5, 0.5), (1, 1), (0.001, 1)))
"""Everybody stays, and the second model costs a thousand times as much and does nothing better."""

MENU = MenuGame(Game(9, 20, (0.1, 0.3, 0.2), (1, 2, 0.5), (1, 3, 0.7)))
pytestmark = NEEDS_TORCHRL


@pytest.fixture(autouse=True)
def one_thread():
    torch.set_num_threads(1)


def learning(name, game=None, seed=0, **options):
    kind = learner(name)
    given = {"joint_updates": 4, "batch": 64, "users": 2} | options
    return kind(RoutingGame(GAME) if game is None else game, kind.OPTIONS(**given), seed)


# Learning


@BOTH
def test_both_sides_learn(name):
    """The provider goes to the cheap model, and users, who do best to stay, hardly ever leave."""
    judge = judge_of(DEAR)
    training = learning(name, DEAR, joint_updates=60, rate=5e-3)
    before = training.learned()
    while not training.finished:
        snapshot = training.update()
    after = training.learned()
    assert after.commitment == snapshot.commitment and after.commitment.route == 1
    costs = [float(judge.regrets(one.commitment.alone())[0]) for one in (before, after)]
    assert costs[1] < 0.2 * costs[0]
    leaving = [float(one.follower.abandon_prob(one.commitment.alone())[0]) for one in (before, after)]
    assert leaving[0] > 0.3 and leaving[1] < 0.05
    assert set(snapshot.statistics) >= {"provider_loss_critic", "users_kl_approx", "exploration"}


def test_nobody_is_asked_where_every_first_pass_succeeds():
    sure = RoutingGame(Game(9, 20, (1 - 1e-12, 1 - 1e-12), (1, 2), (1, 3)))
    training = learning("ippo", sure)
    before = training.learned().follower.arrays()
    training.update()
    after = training.learned().follower.arrays()
    assert all(np.array_equal(before[name], after[name]) for name in before)


def test_critics_of_one_see_what_those_of_the_other_do_not():
    for name, width in (("ippo", 2), ("mappo", 4)):
        state = learning(name).state()["users"]["critic"]
        assert next(array for array in state.values() if array.ndim == 2).shape[1] == width


def test_a_users_critic_knows_who_is_still_there_itself_first(monkeypatch):
    known = []
    training = learning("mappo", users=3)
    learn = training._users.learn

    def watched(seen, shown, *rest, **how):
        known.append(shown)
        return learn(seen, shown, *rest, **how)

    monkeypatch.setattr(training._users, "learn", watched)
    training.update()
    [shown] = known
    assert shown.shape[1] == 2 + 3 and shown[:, 2].all(), "who is asked is there"
    assert all(0 < share < 1 for share in shown[:, 3:].mean(axis=0))


def test_the_rate_falls_to_zero(monkeypatch):
    rates = []
    training = learning("ippo")
    learn = training._provider.learn
    monkeypatch.setattr(
        training._provider, "learn", lambda *given, rate, **rest: rates.append(rate) or learn(*given, rate=rate, **rest)
    )
    while not training.finished:
        training.update()
    assert rates == pytest.approx([1e-3, 7.5e-4, 5e-4, 2.5e-4])


@BOTH
@pytest.mark.parametrize(
    "game", [RoutingGame(GAME, throttling=True), MENU, MenuGame(MENU.game, form="matrix", throttling=True)]
)
def test_every_kind_of_commitment_is_played(name, game):
    training = learning(name, game)
    while not training.finished:
        training.update()
    learned = training.learned()
    assert isinstance(learned.follower, CategoricalFollower) and learned.meter.passes == training.meter.passes > 0
    found = judge_of(game).judge(learned.commitment, learned.follower.abandon_prob, everywhere=False)
    assert np.isfinite(found.leader_regret_relative)


# State


@BOTH
@pytest.mark.parametrize("game", [RoutingGame(GAME), MENU])
def test_runs_go_on_from_their_state_to_the_bit(name, game, tmp_path):
    make = partial(learning, name, game, seed=5)
    straight, again, steady, broken = stopped_and_resumed(make, (0, 1, 3), tmp_path / "state")
    for one, other in zip(straight, again, strict=True):
        assert (one.commitment, one.passes, one.statistics) == (other.commitment, other.passes, other.statistics)
    arrays = steady.learned().follower.arrays()
    assert all(np.array_equal(array, broken.learned().follower.arrays()[key]) for key, array in arrays.items())


@BOTH
def test_copies_go_their_own_way(name):
    training = learning(name)
    training.update()
    other, sent = copy.deepcopy(training), pickle.loads(pickle.dumps(training))
    expected = training.update()
    assert other.update().commitment == expected.commitment == sent.update().commitment
