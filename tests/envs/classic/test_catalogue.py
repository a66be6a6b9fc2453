"""Games with names: how they get into files and out of them, and what is taken for a game."""

import json

import pytest

from routegame.envs.checks import ParameterError
from routegame.envs.classic.catalogue import CLASSICS, MATRICES, as_played, as_rules, game_of, random_matrix_game
from routegame.envs.commitment import RoutingGame
from routegame.envs.scenarios import scenario

OTHERS = {classic.name: classic.game for classic in (*CLASSICS, *MATRICES)} | {"matrix-5x2": random_matrix_game(5, 1)}


def test_every_game_has_a_name_of_its_own():
    assert len({classic.name for classic in CLASSICS}) == len({classic.game for classic in CLASSICS}) == len(CLASSICS)


@pytest.mark.parametrize("name", OTHERS)
def test_games_go_into_files_and_come_out_the_same(name):
    game = OTHERS[name]
    assert game_of(json.loads(json.dumps(game.to_dict()))) == game


def test_a_game_without_kind_is_one_of_routing():
    game = scenario("nano-gpt5").game
    assert game_of(game.to_dict()) == game


def test_a_random_game_is_the_same_for_the_same_seed():
    assert random_matrix_game(3, 1) == random_matrix_game(3, 1) != random_matrix_game(3, 2)
    assert all(0 <= payoff <= 1 for row in random_matrix_game(3, 1).leader_payoff for payoff in row)
    for refused in (lambda: random_matrix_game(1, 0), lambda: random_matrix_game(1001, 0)):
        with pytest.raises(ParameterError, match="num_actions must be"):
            refused()
    with pytest.raises(ParameterError, match="seed must be"):
        random_matrix_game(2, -1)


def test_a_game_as_files_have_it_says_nothing_of_throttling():
    nano = scenario("nano-gpt5")
    assert as_rules("nano-gpt5") == as_rules(nano) == as_rules(nano.game) == nano.game
    assert as_rules(OTHERS["duopoly-dear"]) is OTHERS["duopoly-dear"]
    with pytest.raises(ParameterError, match="game must be a routing game, or one of the kinds matrix, "):
        as_rules(RoutingGame(nano.game))


def test_a_game_as_learners_play_it_may_throttle():
    for throttling in (False, True):
        played = as_played("nano-gpt5", throttling=throttling)
        assert isinstance(played, RoutingGame)
        assert (played.game, played.throttling) == (scenario("nano-gpt5").game, throttling)
    assert as_played(OTHERS["duopoly-dear"], throttling=True) is OTHERS["duopoly-dear"]
