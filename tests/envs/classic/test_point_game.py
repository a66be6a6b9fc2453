"""Games whose commitments are points: what is refused, and where searches start."""

import numpy as np
import pytest

from routegame.envs.checks import ParameterError
from routegame.envs.classic.catalogue import random_matrix_game
from routegame.envs.classic.duopoly import Duopoly
from routegame.envs.classic.point_game import Point, Points

GAME = random_matrix_game(5, 1)


def test_starts_keep_apart_in_every_pair_of_coordinates():
    """No two are on a line of the grid, as in a Latin hypercube, and none are as close as on its diagonal."""
    starts = GAME.starts(np.linspace(0, 1, 13))
    assert len({tuple(np.argsort(column)) for column in starts.T}) == GAME.size == 4
    gaps = np.abs(starts[:, None] - starts[None]).max(axis=2) + np.eye(13)
    assert gaps.min() > 2 / 12


def test_figures_are_means_of_coordinates():
    assert GAME.figures(Points(np.array([[0.0, 0.2, 0.4, 1.0], [1.0, 0.4, 0.4, 0.5]]))) == pytest.approx(
        {"coordinate_0": 0.5, "coordinate_1": 0.3, "coordinate_2": 0.4, "coordinate_3": 0.75}
    )


def test_actions_are_a_copy():
    points = Points(np.full((1, 4), 0.5))
    GAME.actions(points)[0, 0] = 1
    assert points[0] == Point((0.5,) * 4) and points[0].alone()[0] == points[0]


REFUSED = [(0.5,), (0.5,) * 5, (0.5, 0.5, 0.5, 1.1), (0.5, 0.5, -0.1, 0.5), (float("nan"),) * 4]


@pytest.mark.parametrize("coordinates", REFUSED)
def test_points_outside_the_box_are_refused(coordinates):
    with pytest.raises(ParameterError, match=r"coordinates must be 4 numbers in \[0, 1\]"):
        GAME.action(Point(coordinates))


def test_a_quantity_is_one_number():
    game = Duopoly(1, 1, (0, 0), 0.1)
    for coordinates in ((1.5,), (float("nan"),), ()):
        with pytest.raises(ParameterError, match=r"coordinates must be 1 numbers in \[0, 1\]"):
            game.action(Point(coordinates))
