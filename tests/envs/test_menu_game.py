"""The game with many models as learners meet it: actions, commitments, and what plays pay."""

import json
from dataclasses import asdict

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from routegame import Game, ParameterError
from routegame.envs.commitment import Commitment
from routegame.envs.menu_game import MenuCommitment, MenuGame
from routegame.envs.policy import Policy

GAME = Game(10, 9, (0.25, 0.2, 0.5), (6, 2.2, 2.5), (0.2, 0.5, 3))
WEIGHTS = st.lists(st.sampled_from([0.0, 1.0, 0.25]) | st.floats(0, 1), min_size=6, max_size=6)


def test_sizes():
    assert [MenuGame(GAME).size, MenuGame(GAME, form="matrix").size] == [6, 12]
    assert MenuGame(GAME, form="matrix", throttling=True).size == 15
    assert MenuGame(GAME).num_switches == 0 and MenuGame(GAME, throttling=True).num_extras == 3


@given(weights=WEIGHTS)
def test_actions_and_commitments_are_inverse_and_zeros_stay(weights):
    game = MenuGame(GAME)
    actions = np.array([weights])
    offered = game.commitments(actions)
    for part, probs in ((actions[0, :3], offered.start[0]), (actions[0, 3:], offered.rows[0, 0])):
        assert abs(probs.sum() - 1) < 1e-12
        if part.any():
            assert ((probs == 0) == (part / part.sum() == 0)).all()
        else:
            assert (probs == 1 / 3).all()
    again = game.actions(offered)
    assert (again.reshape(2, 3).max(axis=1) == 1).all()
    back = game.commitments(again)
    assert np.allclose(back.start, offered.start, rtol=0, atol=1e-15)
    assert np.allclose(back.rows, offered.rows, rtol=0, atol=1e-15)


def test_matrix_form_has_a_row_for_each_model():
    game = MenuGame(GAME, form="matrix")
    offered = game.at([0, 1, 0, *(0, 1, 0), *(0, 0.95, 0.05), *(0, 0, 0.5)])
    assert offered.start == (0, 1, 0) and offered.matrix == ((0, 1, 0), (0, 0.95, 0.05), (0, 0, 1))
    assert game.action(offered).tolist()[-3:] == [0, 0, 1]
    with pytest.raises(ParameterError, match="rows that differ"):
        MenuGame(GAME).action(offered)


def test_throttling_slows_models_down_up_to_the_slowest():
    game = MenuGame(GAME, throttling=True)
    assert game.max_latency == (6, 4, 10)
    offered = game.at([1, 0, 0, 0, 0, 1, 1, 0.5, 1])
    assert offered.throttled_latency == (6, 3.1, 10)
    assert game.action(offered).tolist() == [1, 0, 0, 0, 0, 1, 0, 0.5, 1]
    with pytest.raises(ParameterError, match=r"throttled_latency\[1\]"):
        MenuGame(GAME).action(offered)


def test_a_commitment_goes_through_json():
    game = MenuGame(GAME)
    offered = game.at([0, 1, 0, 0.3, 0, 1])
    assert game.read(json.loads(json.dumps(asdict(offered)))) == offered == offered.alone()[0]
    assert offered.policy == Policy(offered.start, offered.matrix)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: MenuGame(Game(1, 1, [(0.1, 0.2), 0.2, 0.3], (1, 2, 3), (1, 2, 3))), "a single game"),
        (lambda: MenuGame(GAME, form="rows"), "form"),
        (lambda: MenuGame(Game(1, 1, (0.5,) * 9, (1,) * 9, (1,) * 9), form="matrix"), "more than 8 models"),
        (lambda: MenuGame(GAME, max_latency=(9, 9, 9)), "left out"),
        (lambda: MenuGame(GAME, throttling=True, max_latency=(9, 9)), "3 values"),
        (lambda: MenuGame(GAME, throttling=True, max_latency=(1, 9, 9)), r"max_latency\[0\]"),
        (lambda: MenuGame(GAME).commitment([0] * 5), "6 numbers"),
        (lambda: MenuGame(GAME).commitment([0, 0, 0, 0, 0, 2]), "6 numbers"),
        (lambda: MenuGame(GAME).action(Commitment(1, 0.5, (1, 2))), "MenuCommitment"),
        (lambda: MenuGame(GAME).action(MenuCommitment((1, 0), ((1, 0), (0, 1)), (1, 2))), "one to 3 models"),
        (lambda: MenuCommitment((1, 1), ((1, 0), (0, 1)), (1, 2)), "add up to 1"),
        (lambda: MenuCommitment((1, 0), ((1, 0), (0, 1)), (1, 2, 3)), "2 values"),
    ],
)
def test_what_cannot_be_is_refused(make, message):
    with pytest.raises(ParameterError, match=message):
        make()


@pytest.mark.parametrize("form", ["compact", "matrix"])
def test_plays_pay_what_the_closed_form_says(form):
    game, rng = MenuGame(GAME, form=form, throttling=True), np.random.default_rng(1)
    offered, q, num_tasks = game.commitments(rng.random((20, game.size))), rng.random(20), 10**6
    passes = offered.policy.passes(GAME.success_prob, np.repeat((1 - q)[:, None], 3, axis=1))
    p, c = np.array(GAME.success_prob), np.array(GAME.cost)
    cost = passes @ c + 9 * (1 - passes @ p)
    utility = (passes * (10 * p - offered.throttled_latency)).sum(axis=1)
    for plays in (
        game.play(offered, q, num_tasks, rng),
        game.play_totals(offered, q, num_tasks, rng),
        game.play_with_luck(offered, q, num_tasks, 7),
    ):
        assert np.allclose(plays.leader_cost, cost, rtol=0, atol=0.05)
        assert np.allclose(plays.follower_utility, utility, rtol=0, atol=0.05)
        assert plays.passes.shape == (3, 20)


@pytest.mark.parametrize("form", ["compact", "matrix"])
def test_starts_are_sparse_and_hold_all_but_a_share(form):
    game = MenuGame(GAME, form=form, throttling=True)
    starts = game.starts(np.array([0.1, 0.5]), 0.6)
    assert starts.shape == (3 * 6 * 2, game.size) and len(np.unique(starts, axis=0)) == len(starts)
    offered, free = game.commitments(starts), ~game.held(starts)
    assert ((offered.start > 0).sum(axis=1) == 1).all() and ((offered.rows > 0).sum(axis=2) == 2).all()
    assert (free[:, -3:].all(axis=1)).all() and (free[:, :-3].sum(axis=1) == game.num_rows).all()
    assert set(starts[:, :-3][free[:, :-3]]) == {0.1, 0.5}


def test_of_very_many_models_the_first_is_one_of_the_two_that_follow():
    game = MenuGame(Game(1, 1, (0.5,) * 10, (1,) * 10, (1,) * 10))
    starts = game.starts(np.array([0.1]))
    assert len(starts) == 10 * 9 * 2
    assert (starts[:, 10:][np.arange(len(starts)), starts[:, :10].argmax(axis=1)] > 0).all()


@pytest.mark.parametrize("form", ["compact", "matrix"])
def test_half_of_what_followers_learn_from_is_in_lanes(form):
    game, rng = MenuGame(GAME, form=form, throttling=True), np.random.default_rng(0)
    actions = rng.random((400, game.size))
    thin = game.thinned(actions, rng)
    same = (thin == actions).all(axis=1)
    assert 0.4 < same.mean() < 0.6 and (thin[:, -3:] == actions[:, -3:]).all()
    weights = thin[~same, :-3].reshape(-1, 1 + game.num_rows, 3)
    assert (np.sort(weights[:, 0], axis=1) == [0, 0, 1]).all()
    assert ((weights[:, 1:] == 1).sum(axis=2) == 1).all() and ((weights[:, 1:] == 0).sum(axis=2) == 1).all()


def test_rows_that_are_compared_share_their_luck():
    game = MenuGame(GAME)
    offered = game.commitments(np.tile([[1.0, 0, 0, 0, 1, 0.1]], (5, 1)))
    compared = game.play_compared(offered, np.zeros(5), 100, np.random.default_rng(0)).leader_cost
    alone = game.play(offered, np.zeros(5), 100, np.random.default_rng(0)).leader_cost
    assert len(set(compared)) == 1 and len(set(alone)) == 5
