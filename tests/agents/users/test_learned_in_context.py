"""Users who learned to answer in any context: the same network everywhere, in files and out of them."""

import numpy as np
import pytest

from routegame import Game, ParameterError, TaskMix
from routegame.agents.users.learned import LearnedFollower, commitment_features
from routegame.agents.users.learned_in_context import ContextualFollower
from routegame.envs.context_game import ContextGame, Offers
from routegame.envs.document import FileError
from routegame.envs.mix_game import MixGame

MIX = TaskMix([3, 2, 1], Game([9, 5, 12], 15, ([0.5, 0.1, 0.3], [0.7, 0.3, 0.2]), (1, 2), (1, 3.6)))


@pytest.fixture
def users():
    game, rng = ContextGame(MIX), np.random.default_rng(0)
    size = commitment_features(game, game.commitments(np.zeros((1, 2)))).shape[1]
    layers = tuple(
        ((rng.normal(size=shape) / 4).astype(np.float32), np.zeros(shape[0], np.float32))
        for shape in ((8, size), (1, 8))
    )
    return ContextualFollower.of(MixGame(MIX), LearnedFollower(game, layers, 1.0))


def test_the_answer_in_a_context_is_that_of_a_user_who_is_there(users):
    game = users.game
    offered = game.commitments(np.random.default_rng(1).random((2, 6)))
    answers = users.abandon_prob(offered)
    assert answers.shape == (2, 3) and len(np.unique(answers)) > 1
    one = Offers(np.array([2]), offered.start[1:, 2, 1] == 1, offered.rows[1:, 2, 0, 1])
    assert users.in_context.abandon_prob(one)[0] == pytest.approx(answers[1, 2], abs=1e-6)


def test_they_go_through_a_file(users, tmp_path):
    path = tmp_path / "users.npz"
    np.savez(path, **users.arrays())
    again, offered = ContextualFollower.load(path, users.game), users.game.commitments(np.full((1, 6), 0.3))
    assert (again.abandon_prob(offered) == users.abandon_prob(offered)).all()
    with pytest.raises(ParameterError, match="a mix of tasks"):
        ContextualFollower.load(path, ContextGame(MIX))
    other = MixGame(TaskMix([1, 1], Game([9, 5], 15, (0.1, 0.3), (1, 2), (1, 3))))
    with pytest.raises(FileError, match="learned users of a mix"):
        ContextualFollower.load(path, other)
