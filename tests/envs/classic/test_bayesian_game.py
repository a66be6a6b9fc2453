"""Matrix games against several types: what they are made of, and what is refused."""

import json

import pytest

from routegame.envs.checks import ParameterError
from routegame.envs.classic.bayesian_game import BayesianGame, bayesian_security_game
from routegame.envs.classic.catalogue import MATRICES, game_of
from routegame.envs.classic.matrix_game import security_game

LEADER, FOLLOWER = ((2, 4), (1, 3)), ((1, 0), (0, 1))


def test_every_type_has_its_own_matrices():
    game = BayesianGame([LEADER, FOLLOWER], [FOLLOWER, LEADER], (1, 3))
    assert [one.leader_payoff for one in game.types] == [LEADER, FOLLOWER]
    assert [one.follower_payoff for one in game.types] == [FOLLOWER, LEADER]
    assert (game.size, game.num_answers, game.prior, game.utility_scale) == (1, 2, (0.25, 0.75), 3)


def test_security_games_differ_in_what_attackers_like():
    inside, outside = [[(0, -1), (1, -2)], [(0, -3), (1, -4)]], [[(-1, 1), (-2, 2)], [(-1, 3), (-2, 4)]]
    game = bayesian_security_game(inside, outside, (1, 1))
    assert game.types == tuple(security_game(one, other) for one, other in zip(inside, outside, strict=True))


@pytest.mark.parametrize("known", [known for known in MATRICES if known.game.num_answers > 1], ids=lambda one: one.name)
def test_they_go_into_files_and_come_out_the_same(known):
    assert game_of(json.loads(json.dumps(known.game.to_dict()))) == known.game


@pytest.mark.parametrize(
    "leader, follower, prior, message",
    [
        ([LEADER], [FOLLOWER] * 2, (1,), "follower_payoff must be a matrix for each type"),
        ([], [], (), "follower_payoff must be a matrix for each type"),
        (
            [LEADER, ((1, 2, 3), (3, 2, 1))],
            [FOLLOWER, ((1, 2, 3), (3, 2, 1))],
            (1, 1),
            "leader_payoff must be matrices of",
        ),
        ([LEADER], [((1, 1), (1, 1))], (1,), "follower_payoff must be something that depends"),
        ([LEADER], [FOLLOWER], (1, 2), "prior must be a positive number for each of 1 types"),
    ],
)
def test_what_is_refused(leader, follower, prior, message):
    with pytest.raises(ParameterError, match=message):
        BayesianGame(leader, follower, prior)
