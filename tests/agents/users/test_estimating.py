"""Users who go by estimates: right where these are, wrong where they are wrong, the same out of a file."""

import numpy as np
import pytest

from routegame import Game
from routegame.agents.exact.solved import solved
from routegame.agents.users.estimating import EstimatingFollower
from routegame.envs.classic.matrix_game import MatrixGame
from routegame.envs.commitment import Commitments, RoutingGame
from routegame.envs.document import FileError
from routegame.envs.menu_game import MenuGame
from routegame.envs.scenarios import scenario

PAIR = RoutingGame(scenario("nano-gpt5").game)
SLOWED = RoutingGame(scenario("nano-gpt5").game, throttling=True)
MENU = MenuGame(Game(8, 6, (0.2, 0.3, 0.5), (2.2, 2.9, 3.5), (1, 1.5, 3)), form="matrix")
BOXES = [PAIR, SLOWED, MENU]


def offers(box, count=500):
    return box.commitments(np.random.default_rng(3).random((count, box.size)))


@pytest.mark.parametrize("box", BOXES)
def test_who_has_it_right_answers_at_their_best(box):
    users = EstimatingFollower(box, np.array(box.game.success_prob))
    answers = users.abandon_prob(offers(box))
    assert np.array_equal(answers, solved(box).best_answer(offers(box)))
    assert 0 < answers.mean() < 1  # they stay with some, and leave others


def test_who_thinks_too_well_of_models_stays_too_long():
    """They leave below s_0 = 0.0783, and it seems the lower to them, the more they expect of models."""
    near = Commitments.unthrottled(PAIR.game, 1, [0.07, 0.09])
    estimates = (np.array(PAIR.game.success_prob) * factor for factor in (0.9, 1.0, 1.1))
    found = [EstimatingFollower(PAIR, p).abandon_prob(near).tolist() for p in estimates]
    assert found == [[1, 1], [1, 0], [0, 0]]


@pytest.mark.parametrize("box", BOXES)
def test_out_of_a_file_they_are_the_same(box, tmp_path):
    users = EstimatingFollower(box, np.array(box.game.success_prob) * 1.05)
    np.savez(tmp_path / "users.npz", **users.arrays())
    again = EstimatingFollower.load(tmp_path / "users.npz", box)
    assert np.array_equal(again.abandon_prob(offers(box)), users.abandon_prob(offers(box)))


@pytest.mark.parametrize(
    "arrays",
    [
        {"success_prob": np.array([0.1, 0.2, 0.3])},
        {"success_prob": np.array([0.1, 1.2])},
        {"success_prob": np.array([[0.1, 0.2], [0.1, 0.2]])},
        {"success_prob": np.array(0.1)},
        {"bound": np.array([0.1, 0.2])},
    ],
)
def test_a_file_of_something_else_is_refused(arrays, tmp_path):
    np.savez(tmp_path / "users.npz", **arrays)
    with pytest.raises(FileError, match=r"users\.npz must be an \.npz file with the arrays of users who estimate"):
        EstimatingFollower.load(tmp_path / "users.npz", PAIR)


def test_games_of_something_else_are_refused():
    with pytest.raises(ValueError, match="game must be one of two models or of more, got 'matrix'"):
        EstimatingFollower(MatrixGame(((2, 4), (1, 3)), ((1, 0), (0, 1))), np.array([0.1, 0.2]))
