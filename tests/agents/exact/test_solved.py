"""The closed form of a game is found by its kind."""

import pytest

from routegame.agents.exact.solved import SOLVED, solved
from routegame.agents.exact.solved_routing import SolvedRouting
from routegame.envs.checks import ParameterError
from routegame.envs.classic.catalogue import CLASSICS
from routegame.envs.classic.duopoly import Duopoly
from routegame.envs.commitment import RoutingGame


@pytest.mark.parametrize("game", [classic.game for classic in CLASSICS], ids=[classic.name for classic in CLASSICS])
def test_every_game_of_the_catalogue_has_one(game):
    found = solved(game)
    assert type(found) is SOLVED[game.KIND] and found.game is game


def test_the_routing_game_has_one():
    game = RoutingGame("nano-gpt5")
    assert isinstance(solved(game), SolvedRouting) and solved(game).game is game


class Unsolved(Duopoly):
    """A game of a kind that nobody has solved."""

    KIND = "unheard-of"


def test_unknown_games():
    with pytest.raises(ParameterError, match=r"game must be one of a kind with a closed form, .* got 'unheard-of'"):
        solved(Unsolved(1, 1, (0, 0), 0))
