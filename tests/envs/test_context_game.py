"""One task of a mix at a time: what is known of it, commitments, and what rows of other contexts pay."""

import json
from dataclasses import asdict

import numpy as np

from routegame import Game, TaskMix
from routegame.agents.mixes.solved_mix import SolvedMix
from routegame.envs.context_game import ContextGame, Offer, Offers, magnitudes
from routegame.envs.mix_game import MixGame
from routegame.envs.task_mixes import drawn_by_features

MIX = TaskMix([3, 2, 1], Game([9, 5, 12], 15, ([0.5, 0.1, 0.3], [0.7, 0.3, 0.2]), (1, 2), (1, 3.6)))


def test_what_is_known_has_one_scale():
    for mix in (MIX, drawn_by_features(50, 3)):
        game = ContextGame(mix)
        assert np.allclose(game.known.mean(axis=0), 0) and np.allclose(game.known.std(axis=0), 1)
    assert game.known.shape == (50, 2) and np.allclose(game.known * game.spread + game.centre, mix.features)
    assert ContextGame(MIX).known.shape == (3, 3), "what is the same in all contexts tells nothing"
    assert ContextGame(TaskMix([1, 1], Game(9, 15, (0.1, 0.3), (1, 2), (1, 3)))).known.shape == (2, 0)


def test_magnitudes_are_finite_at_the_ends():
    assert np.isfinite(magnitudes(TaskMix([1, 1], Game([1, 2], 0, (0.5, 1e-300), (0, 1), (0, 1))).games)).all()


def test_rows_are_tasks_of_their_contexts():
    game, solved = ContextGame(MIX), SolvedMix(MixGame(MIX))
    rng = np.random.default_rng(0)
    mixed = solved.game.commitments(rng.random((2, 6)))
    offers, q = Offers.of_policies(mixed), rng.random((2, 3))
    assert offers.context.tolist() == [0, 1, 2] * 2
    for plays in (game.play(offers, q.reshape(-1), 2**18, rng), game.play_with_luck(offers, q.reshape(-1), 2**16, 5)):
        costs, utilities = solved.by_context(mixed, q)
        assert np.allclose(plays.leader_cost, costs.reshape(-1), rtol=0.03)
        assert np.allclose(plays.follower_utility, utilities.reshape(-1), rtol=0.03, atol=0.1)


def test_contexts_come_as_often_as_their_weights_say():
    drawn = ContextGame(MIX).contexts(60000, np.random.default_rng(1))
    assert np.allclose(np.bincount(drawn) / 60000, MIX.weights, atol=0.01)


def test_offers_and_actions():
    game = ContextGame(MIX)
    offers = Offers.at(np.array([2, 0]), np.array([[0.2, 0.25], [0.9, 0.5]]))
    assert game.actions(offers).tolist() == [[0, 0.25], [1, 0.5]]
    assert offers[1] == Offer(0, 2, 0.5) == offers.take(np.array([1]))[0] == offers[1].alone()[0]
    assert game.action(offers[0]).tolist() == [0, 0.25]
    assert game.read(json.loads(json.dumps(asdict(offers[0])))) == offers[0]
    assert game.commitments(np.zeros((5, 2))).context.tolist() == [0, 1, 2, 0, 1]
    assert (game.seen(offers) == game.known[[2, 0]]).all() and game.figures(offers) == {"start_2": 0.5}
    assert game.starts(np.array([0.1])).tolist() == [[0, 0.1], [1, 0.5]] and game.to_dict()["kind"] == "context"
