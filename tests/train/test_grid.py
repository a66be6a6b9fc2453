"""The points of a grid, and which games that is too much for."""

import numpy as np
import pytest

from routegame import Game
from routegame.envs.commitment import RoutingGame
from routegame.envs.menu_game import MenuGame
from routegame.envs.scenarios import scenario
from routegame.train.grid import grid_points, too_many_points

PAIR = RoutingGame("nano-gpt5")
THROTTLED = RoutingGame(scenario("figure-5-throttle").game, throttling=True)


def menu(size):
    return MenuGame(Game(100, 0.5, (0.5,) * size, (1.0,) * size, (0.1,) * size))


@pytest.mark.parametrize(
    "game,levels",
    [(PAIR, [2, 51]), (THROTTLED, [2, 11, 11, 11]), (menu(3), [3] * 6), (menu(4), [2] * 8)],
    ids=["pair", "throttled", "three models", "four models"],
)
def test_the_grid_has_as_many_levels_as_there_can_be(game, levels):
    points = grid_points(game)
    assert len(np.unique(points, axis=0)) == len(points) == np.prod(levels)
    assert [np.unique(column).tolist() for column in points.T] == [np.linspace(0, 1, n).tolist() for n in levels]
    assert [len(np.unique(game.commitments(points).route))] == [2] if isinstance(game, RoutingGame) else True


def test_games_of_too_many_dimensions_are_declined():
    assert too_many_points(PAIR) is None and too_many_points(menu(7)) is None
    told = too_many_points(menu(8))
    assert told == "a grid over 16 dimensions has 2^16 points at the least, too many to try"
