"""Episodes in arrays are those of `routing_v0`: the same luck, observations, payoffs and endings."""

import copy

import numpy as np
import pytest
from routing_episodes import GAME, HARD, MENU, TYPES

from routegame.envs import routing_v0
from routegame.envs.checks import ParameterError
from routegame.envs.episode_batch import EpisodeBatch
from routegame.envs.routing_v0 import ActionError

ROWS, USERS = 3, 2


def reference(options, commitments, leaves, seed):
    """What users of `routing_v0` see and are paid, round by round, those of each row under the row's commitment."""
    rows = []
    for row, commitment in enumerate(commitments):
        env = routing_v0.parallel_env(num_users=ROWS * USERS, **options)
        env.reset(seed=seed)
        own = [f"user_{row * USERS + k}" for k in range(USERS)]
        told = []
        while set(own) & set(env.agents):
            answers = leaves[len(told)].reshape(-1)
            actions = {name: int(answers[int(name[5:])]) for name in env.agents[1:]} | {"provider": commitment}
            told.append([{name: part[name] for name in own if name in part} for part in env.step(actions)])
        rows.append((own, told))
    return rows


@pytest.mark.parametrize(
    "options",
    [{"game": GAME}, {"game": GAME, "throttling": True}, {"game": MENU}, {"game": HARD, "max_passes": 6}],
)
def test_a_row_plays_what_users_of_the_environment_play(options):
    rng = np.random.default_rng(1)
    batch = EpisodeBatch(num_rows=ROWS, num_users=USERS, seed=5, **options)
    offers = rng.random((ROWS, batch.spaces.offer_size), dtype=np.float32)
    leaves = rng.random((400, ROWS, USERS)) < 0.1
    box = routing_v0.parallel_env(**options).commitment_box
    expected = reference(options, offers, leaves, seed=5)
    assert (batch.provider_seen == 1).all() and not batch.users_seen.any() and batch.playing.all()
    passes = rounds = 0
    while not batch.over.all():
        was = batch.playing.copy()
        batch.step(offers, leaves[rounds])
        for row, (own, told) in enumerate(expected):
            if rounds >= len(told):
                assert not was[row].any() and batch.provider_reward[row] == 0
                continue
            seen, rewards, terminations, truncations, infos = told[rounds]
            cost = 0.0
            for k, name in enumerate(own):
                assert was[row, k] == (name in seen)
                if name not in seen:
                    assert batch.user_reward[row, k] == 0 and not batch.users_seen[row, k].any()
                    continue
                np.testing.assert_array_equal(batch.users_seen[row, k], seen[name])
                assert batch.user_reward[row, k] == pytest.approx(rewards[name], rel=1e-6)
                assert batch.solved_or_left[row, k] == terminations[name]
                assert batch.cut_off[row, k] == truncations[name]
                cost += infos[name]["cost"] + infos[name]["abandoned"] * box.game.churn_penalty
                passes += not infos[name]["abandoned"]
            assert batch.provider_reward[row] == pytest.approx(-cost, rel=1e-6)
        np.testing.assert_array_equal(batch.provider_seen, [[0, left] for left in batch.playing.mean(axis=1)])
        rounds += 1
    assert batch.passes == passes and rounds == max(len(told) for _, told in expected)
    assert batch.cut_off.any() == ("max_passes" in options)
    np.testing.assert_array_equal(batch.decided, [~cut.any() for cut in batch.cut_off])


def test_a_row_whose_episode_is_over_waits_and_uses_no_luck():
    """Rows end at different times, and what follows is the same whether they waited or not."""
    offers, stay = np.zeros((4, 2), dtype=np.float32), np.zeros((4, 1), dtype=np.bool_)
    told = []
    for wait in (False, True):
        batch = EpisodeBatch(GAME, 4, seed=2)
        rewards = [[] for _ in range(4)]
        while min(map(len, rewards)) < 60:
            playing = batch.playing[:, 0].copy()
            batch.step(offers, stay)
            for row in np.flatnonzero(playing):
                rewards[row].append(float(batch.user_reward[row, 0]))
            if batch.over.all() or not wait:
                batch.restart(batch.over)
        told.append([row[:60] for row in rewards])
    assert told[0] == told[1]


def test_an_episode_that_is_broken_off_is_over_and_luck_goes_on():
    batch = EpisodeBatch(HARD, 2, num_users=2, seed=0)
    offers, stay = np.array([[0, 0.5], [1, 0]]), np.zeros((2, 2), dtype=np.bool_)
    batch.step(offers, ~stay)
    assert batch.playing.all(), "a first pass cannot be declined"
    batch.step(offers, np.array([[True, False], [False, False]]))
    batch.restart(np.array([True, False]))
    assert batch.provider_seen.tolist() == [[1, 1], [0, 1]] and batch.playing.all()
    assert not batch.users_seen[0].any() and batch.users_seen[1, :, 0].all()
    batch.step(offers[::-1].copy(), ~stay)
    assert batch.users_seen[0, 0, 1] == 2, "it has committed anew"
    assert batch.users_seen[0].any() and batch.solved_or_left.tolist() == [[False, False], [True, True]]


def test_the_same_seed_brings_the_same_luck_and_a_copy_goes_on():
    def rewards(batch):
        paid = []
        for _ in range(9):
            batch.step(np.zeros((3, 2)), np.zeros((3, 1), dtype=np.bool_))
            paid.append(batch.user_reward.tolist())
        return paid

    one, other = EpisodeBatch(GAME, 3, seed=4), EpisodeBatch(GAME, 3, seed=7)
    first = rewards(one)
    assert first != rewards(other)
    other.reset(4)
    assert rewards(other) == first
    twin = copy.deepcopy(one)
    assert rewards(twin) == rewards(one)


def test_choices_of_a_grid_are_commitments():
    batch = EpisodeBatch(GAME, 3, grid=5)
    batch.step(np.array([0, 6, 9]), np.zeros((3, 1), dtype=np.bool_))
    np.testing.assert_array_equal(batch.users_seen[:, 0, 1:3], [[1, 0], [2, 0.25], [2, 1]])


@pytest.mark.parametrize("offers", [np.zeros((2, 3)), np.zeros(2), np.full((2, 2), 2.0), np.full((2, 2), np.nan)])
def test_a_bad_offer_is_refused_and_changes_nothing(offers):
    batch, stay = EpisodeBatch(GAME, 2, seed=1), np.zeros((2, 1), dtype=np.bool_)
    with pytest.raises(ActionError, match=r"must be (in|an array of shape)"):
        batch.step(offers, stay)
    twin = EpisodeBatch(GAME, 2, seed=1)
    for one in (batch, twin):
        one.step(np.zeros((2, 2)), stay)
    assert batch.user_reward.tolist() == twin.user_reward.tolist()
    assert batch.provider_seen.tolist() == twin.provider_seen.tolist()


@pytest.mark.parametrize(
    ("name", "options"),
    [("game", {"game": TYPES}), ("num_rows", {"num_rows": 0}), ("num_users", {"num_users": 0}), ("grid", {"grid": 1})],
)
def test_a_bad_argument_is_named(name, options):
    with pytest.raises(ParameterError) as caught:
        EpisodeBatch(**{"game": GAME, "num_rows": 2, **options})
    assert caught.value.parameter == name
