"""Other libraries' algorithms as leaders: they learn, play every kind of game, go on from their state, and count."""

import copy
import math
import pickle

import numpy as np
import pytest
import torch
from extras import OF_EXTRAS

from routegame import Game
from routegame.agents.users.kinds import response
from routegame.envs.commitment import RoutingGame
from routegame.envs.scenarios import scenario
from routegame.eval.bench.suites import instances
from routegame.eval.judge.judges import judge_of
from routegame.train import grid
from routegame.train.learner import LEARNERS, LIBRARY_LEARNERS, learner
from routegame.train.library_leader import NUM_ROWS, LeaderRows
from routegame.train.meter import Meter
from routegame.train.runs.resumption import Resumption
from routegame.train.state import load, save

ALL = [pytest.param(name, marks=OF_EXTRAS.get(name, ())) for name in LIBRARY_LEARNERS]
TASKS, TINY = 16, 1536
"""Commitments of a run, and tasks under each: those who remember begin to learn after 1024."""

ENOUGH = {"a2c": 3, "dqn": 6, "sac": 19, "trpo": 3}
"""Updates until all have learned a little, from each other."""

DEAR = RoutingGame(Game(1000, 0.1, (0.5, 0.5), (1, 1), (0.001, 1)))
"""The second model costs a thousand times as much and does nothing better: the less goes to it, the cheaper."""


@pytest.fixture(autouse=True)
def one_thread():
    torch.set_num_threads(1)


def learning(name, game=None, seed=0, commitments=TINY):
    kind = learner(name)
    options = kind.OPTIONS(commitments=commitments, tasks=TASKS)
    return kind(RoutingGame("nano-gpt5") if game is None else game, options, seed)


def test_they_are_learners_of_their_own():
    assert not LIBRARY_LEARNERS.keys() & LEARNERS.keys()


@pytest.mark.parametrize("name", ALL)
def test_they_learn(name, monkeypatch):
    """From anywhere in the box to where hardly anything goes to the dear model, or well on the way there."""
    monkeypatch.setattr(grid, "MOST_LEVELS", 5)  # fewer points, so that few commitments are enough
    judge, seed = judge_of(DEAR), {"dqn": 2, "sac": 3}.get(name, 1)  # those that begin with the dear model
    training = learning(name, DEAR, seed, 3072 if name == "dqn" else TINY)
    before = training.learned().commitment
    while not training.finished:
        training.update()
    after = training.learned().commitment
    costs = [judge.judge(commitment, judge.best_answer).learned.leader_cost for commitment in (before, after)]
    assert before.route == 2 and after.route == 1
    assert after.cascade_prob < {"a2c": 0.01, "dqn": 0.01}.get(name, 0.47)
    assert costs[1] < 0.5 * costs[0]


@pytest.mark.parametrize("name", ALL)
def test_same_seed_same_bits_and_all_is_counted(name):
    one, again, other = learning(name, seed=3), learning(name, seed=3), learning(name, seed=4)
    seen = []
    assert other.update().passes != learning(name, seed=3).update().passes
    for _ in range(ENOUGH[name]):
        seen.append(one.update())
        again.update()
        torch.rand(3)
        np.random.random(3)  # noqa: NPY002
    learned = one.learned()
    assert (learned.commitment, learned.meter) == (again.learned().commitment, again.meter)
    assert seen[-1].commitment == learned.commitment, "what the library ends with, and no choice after that"
    early = other.learned().meter
    other.update()
    assert other.meter.passes > early.passes, "a run's end is of its moment"
    made = ENOUGH[name] * one.BATCH + NUM_ROWS  # with those that the scale is of
    assert (learned.meter.queries, learned.meter.plays) == (made, made * TASKS)
    assert made * TASKS < learned.meter.passes == seen[-1].passes
    passes = [snapshot.passes for snapshot in seen]
    assert one.num_updates * one.BATCH == TINY and passes == sorted(set(passes))


@pytest.mark.parametrize("name", ALL)
def test_they_go_on_from_their_state_as_if_nothing_had_happened(name, tmp_path):
    """Written down and read by a new one, after the first update, and when it has learned; to the last bit."""
    steady, broken = learning(name, seed=5), learning(name, seed=5)
    straight, again = [], []
    for _ in range(ENOUGH[name]):
        straight.append(steady.update())
    for stop in (1, ENOUGH[name] - 2, ENOUGH[name] - 1):
        while broken.updates < stop:
            again.append(broken.update())
        save(tmp_path / "state", broken.state())
        broken = learning(name, seed=5)
        broken.learned()
        broken.restore(load(tmp_path / "state"))
    again.append(broken.update())
    for one, other in zip(straight, again, strict=True):
        assert (one.passes, one.commitment, one.statistics) == (other.passes, other.commitment, other.statistics)
    assert steady.learned().commitment == broken.learned().commitment and steady.meter == broken.meter
    assert all(math.isfinite(value) for value in straight[-1].statistics.values()) and len(straight[-1].statistics) > 3


@pytest.mark.parametrize("name", ALL)
def test_a_copy_learns_on_as_the_original_does(name):
    original = learning(name)
    for _ in range(ENOUGH[name] - 1):
        original.update()
    copies = [copy.copy(original), copy.deepcopy(original), pickle.loads(pickle.dumps(original))]
    told = original.update()
    for other in copies:
        assert other.update().statistics == told.statistics and other.learned().commitment == told.commitment


def game_of(suite, name):
    return next(known.box for known in instances(suite) if known.name == name)


GAMES = {
    "throttling": lambda: RoutingGame(scenario("figure-5-throttle").game, throttling=True),
    "menu": lambda: game_of("menus", "gpt41-family"),
    "matrix": lambda: game_of("classic", "matrix-random-3x2"),
}
OTHERS = {
    "crowd": lambda: game_of("crowds", "crowd-4-models-3-types"),
    "types": lambda: game_of("matrices", "bayes-two-types"),
    "drift": lambda: game_of("drift", "drift-first-worse").begun(),
    "mix": lambda: game_of("mixes", "easy-hard-sighted"),
}


@pytest.mark.parametrize(
    "name,game",
    [
        *(
            pytest.param(*name.values, game, marks=name.marks, id=f"{name.values[0]}-{game}")
            for name in ALL
            for game in GAMES
        ),
        *(("dqn", game) for game in OTHERS),
    ],
)
def test_every_kind_of_game(name, game):
    """It is played, judged, and could be taken up again after the first update and half-way."""
    make = (GAMES | OTHERS)[game]
    box = make()
    training = learning(name, box)
    resumption = Resumption(name, training, lambda: learning(name, make()))
    for _ in range(ENOUGH[name]):
        resumption.look(training.update())
    judge = judge_of(box)
    found = judge.judge(training.learned().commitment, judge.best_answer)
    assert found.leader_regret_relative > -1e-9 and found.certified
    assert training.meter.queries == ENOUGH[name] * training.BATCH + NUM_ROWS <= training.meter.passes
    if game == "drift":
        assert 0 < training.meter.earlier_plays < training.meter.plays


@pytest.mark.parametrize("kind", ["exact", "robust:0.05"])
def test_users_answer_by_the_rule_that_was_asked_for(kind):
    box = RoutingGame("nano-gpt5")
    training = learner("a2c")(box, learner("a2c").OPTIONS(commitments=512, tasks=TASKS, follower=kind), 0)
    probe = box.commitments(np.array([[0.0, 0.0784], [0.0, 0.5]]))
    assert np.array_equal(training.update().respond(probe), response(box, kind)(probe))


def rows_of(game, points=None):
    return LeaderRows(game, response(game, "exact"), TASKS, np.random.default_rng(0), Meter(), points)


@pytest.mark.parametrize("name", ["nano-gpt5", "gpt41-o3"])
def test_rewards_are_of_the_size_of_one_whatever_the_unit_of_cost(name):
    game = scenario(name).game
    paid = []
    for unit in (1, 1e6):
        cost = tuple(unit * each for each in game.cost)
        scaled = RoutingGame(Game(game.task_value, unit * game.churn_penalty, game.success_prob, game.latency, cost))
        rows = rows_of(scaled)
        paid.append(np.concatenate([rows.pay(rows._rng.uniform(-1, 1, (NUM_ROWS, 2))) for _ in range(8)]))
    assert paid[0].dtype == np.float32 and paid[0].mean() == pytest.approx(-1, abs=0.1)
    assert paid[1] == pytest.approx(paid[0], rel=1e-5)


def test_where_nothing_costs_anything_rewards_are_nothing():
    rows = rows_of(RoutingGame(Game(100, 0, (0.3, 0.6), (1, 2), (0, 0))))
    assert not rows.pay(np.zeros((NUM_ROWS, 2), dtype=np.float32)).any()
    assert rows.state()["scale"] == 1


def test_what_actions_stand_for():
    box = rows_of(RoutingGame("nano-gpt5"))
    assert box.offers(np.array([[-1.0, 1.0], [0.0, 2.0]])).tolist() == [[0.0, 1.0], [0.5, 1.0]]
    points = np.array([[0.0, 0.25], [1.0, 0.75]])
    assert rows_of(RoutingGame("nano-gpt5"), points).offers(np.array([1, 0, 1])).tolist() == points[[1, 0, 1]].tolist()
