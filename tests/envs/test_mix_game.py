"""Tasks that differ as learners meet them: actions, commitments, and what plays pay in each context."""

import json
from dataclasses import asdict

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from routegame import Game, ParameterError, TaskMix
from routegame.agents.mixes.solved_mix import SolvedMix
from routegame.envs.classic.catalogue import game_of
from routegame.envs.mix_game import MixCommitment, MixGame, leaves_after

GAMES = Game(np.array([9, 5, 12]), 15, (np.array([0.5, 0.1, 0.3]), np.array([0.7, 0.3, 0.2])), (1, 2), (1, 3.6))
MIX = TaskMix([3, 2, 1], GAMES)
MENUS = TaskMix([3, 1], Game(10, 9, ([0.25, 0.4], [0.2, 0.3], [0.5, 0.6]), (6, 2.2, 2.5), (0.2, 0.5, 3)))


@pytest.mark.parametrize(
    ("game", "size", "switches", "answers"),
    [(MixGame(MIX), 6, 3, 3), (MixGame(MIX, "memoryless"), 6, 3, 1), (MixGame(MENUS), 12, 0, 2)],
)
def test_sizes(game, size, switches, answers):
    assert (game.size, game.num_switches, game.num_answers) == (size, switches, answers)
    assert game.starts(np.array([0.1, 0.9])).shape[1] == size == game.held(game.starts(np.array([0.5]))).shape[1]


@given(numbers=st.lists(st.sampled_from([0.0, 1.0]) | st.floats(0, 1), min_size=6, max_size=6))
def test_actions_of_two_models_are_routes_and_then_cascades(numbers):
    game = MixGame(MIX)
    offered = game.commitments(np.array([numbers]))
    routes = [float(x > 0.5) for x in numbers[:3]]
    assert game.actions(offered)[0].tolist() == [*routes, *numbers[3:]]
    again = game.read(json.loads(json.dumps(asdict(offered[0]))))
    assert again == offered[0] and game.actions(again.alone()).tolist() == game.actions(offered).tolist()
    assert game.action(again).tolist() == np.float32([*routes, *numbers[3:]]).tolist()


def test_actions_of_more_models_are_weights():
    game = MixGame(MENUS)
    offered = game.commitments(np.array([[0, 1, 0, 0, 0, 1, *(0, 0, 0), *(1, 0.25, 0)]]))
    assert offered.start[0].tolist() == [[0, 1, 0], [0, 0, 1]]
    assert offered.rows[0, :, 0].round(12).tolist() == [[0.333333333333] * 3, [0.8, 0.2, 0]]
    assert game.actions(offered)[0].tolist() == [0, 1, 0, 0, 0, 1, 1, 1, 1, 1, 0.25, 0]
    assert game.action(offered[0]).tolist() == game.actions(offered)[0].tolist()


@pytest.mark.parametrize("way", ["play", "play_compared", "play_with_luck"])
@pytest.mark.parametrize(
    "game", [MixGame(MIX), MixGame(MIX, "memoryless"), MixGame(MIX, "history"), MixGame(MENUS)], ids=range(4)
)
def test_plays_pay_what_the_closed_form_says_in_every_context(game, way):
    rng, num_tasks = np.random.default_rng(5), 2**18
    offered = game.commitments(rng.random((4, game.size)))
    answers = rng.random((4, game.num_answers)) if game.num_answers > 1 else np.array([1.0, 0.4, 0.5, 0.2])
    chance = 3 if way == "play_with_luck" else rng
    plays = getattr(game, way)(offered, answers, num_tasks, chance)
    costs, utilities = SolvedMix(game).by_context(offered, answers)
    tasks = plays.context_tasks
    assert (tasks.sum(axis=1) == num_tasks).all() and np.allclose(tasks / num_tasks, game.mix.weights, atol=0.005)
    assert np.allclose(plays.context_costs / tasks, costs, rtol=0.02)
    assert np.allclose(plays.context_utilities / tasks, utilities, rtol=0.02, atol=0.1)
    assert np.allclose(plays.leader_cost, plays.context_costs.sum(axis=1) / num_tasks)
    assert np.allclose(plays.follower_utility, plays.context_utilities.sum(axis=1) / num_tasks)
    assert plays.passes.shape == (4, len(game.mix), game.num_models)


def test_one_answer_is_that_of_all_contexts():
    game, rng = MixGame(MIX), np.random.default_rng(2)
    offered = game.commitments(rng.random((3, game.size)))
    one, each = np.array([0.0, 0.3, 1.0]), np.repeat([[0.0], [0.3], [1.0]], 3, axis=1)
    assert (game.play_with_luck(offered, one, 500, 1).context_costs
            == game.play_with_luck(offered, each, 500, 1).context_costs).all()  # fmt: skip


def test_luck_is_shared_by_rows_that_are_compared_and_differs_between_contexts():
    alike = TaskMix([1, 1], Game(9, 15, (0.1, 0.3), (1, 2), (1, 3.6)))
    game = MixGame(alike)
    offered = game.commitments(np.tile([0, 0, 0.3, 0.3], (3, 1)))
    plays = game.play_compared(offered, np.zeros(3), 20000, np.random.default_rng(0))
    assert (plays.context_costs == plays.context_costs[0]).all()
    assert plays.context_costs[0, 0] != plays.context_costs[0, 1]


def test_numbers_of_failures():
    assert leaves_after(np.array([0, 1 / 49, 1 / 3, 1])).tolist() == [np.inf, 49, 3, 1]
    assert MixGame(MIX, "history").habits[[0, 1, -1]].tolist() == [0, 1 / 64, 1]


def test_the_game_goes_through_json():
    game = MixGame(MIX, "history")
    again = game_of(json.loads(json.dumps(game.to_dict())))
    assert again == game != MixGame(MIX) and hash(again) == hash(game)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: MixGame(GAMES), "a TaskMix"),
        (lambda: MixGame(MIX, "blind"), "users must be"),
        (lambda: MixGame(MENUS, "memoryless"), "more than two models"),
        (lambda: MixGame(MIX).commitment([0] * 5), "6 numbers"),
        (lambda: MixGame(MIX).action(MixCommitment([[1, 0]], [[[1, 0], [0, 1]]])), "2 models in 3 contexts"),
        (lambda: MixGame(MIX).action(MixCommitment([[1, 0]] * 3, [[[0.5, 0.5], [0.5, 0.5]]] * 3)), "never back"),
        (lambda: MixGame(MENUS).action(MixCommitment([[1, 0, 0]] * 2, [np.eye(3).tolist()] * 2)), "rows that differ"),
        (lambda: MixCommitment([[1, 1]], [[[1, 0], [0, 1]]]), "add up to 1"),
        (lambda: MixGame.read_game([], "sighted"), 'an object with "weights"'),
    ],
)
def test_what_cannot_be_is_refused(make, message):
    with pytest.raises(ParameterError, match=message):
        make()
