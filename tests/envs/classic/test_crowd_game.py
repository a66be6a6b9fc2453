"""Crowds: one commitment for users of many types."""

import json

import numpy as np
import pytest

from routegame.envs.checks import ParameterError
from routegame.envs.classic.catalogue import game_of
from routegame.envs.classic.crowd_game import CrowdGame
from routegame.envs.game import Game
from routegame.envs.menu_game import MenuGame

NUMBERS = {
    "task_value": (9, 6),
    "churn_penalty": (15, 2),
    "latency_scale": (1, 0.5),
    "prior": (3, 1),
    "success_prob": (0.1, 0.3, 0.6),
    "latency": (1, 2, 9),
    "cost": (1, 3.6, 2),
}
CROWD = CrowdGame(**NUMBERS)


def test_a_crowd_is_a_menu_for_each_type():
    assert [one.game for one in CROWD.types] == [
        Game(9, 15, (0.1, 0.3, 0.6), (1, 2, 9), (1, 3.6, 2)),
        Game(6, 2, (0.1, 0.3, 0.6), (0.5, 1, 4.5), (1, 3.6, 2)),
    ]
    assert CROWD.patience == (9, 12)
    menu = MenuGame(CROWD.types[0].game)
    points = np.random.default_rng(0).random((3, CROWD.size))
    first, second = CROWD.each(CROWD.commitments(points))
    assert first.rows.tolist() == second.rows.tolist() == menu.commitments(points).rows.tolist()
    assert (first.throttled_latency == 2 * second.throttled_latency).all()


def test_searches_have_the_lanes_of_a_menu():
    menu, shares = MenuGame(CROWD.types[0].game), np.array([0.2, 0.7])
    assert (CROWD.starts(shares) == menu.starts(shares)).all()
    assert (CROWD.held(CROWD.starts(shares)) == menu.held(menu.starts(shares))).all()
    points = np.random.default_rng(0).random((5, CROWD.size))
    assert (CROWD.thinned(points, np.random.default_rng(1)) == menu.thinned(points, np.random.default_rng(1))).all()


def test_crowds_go_into_files_and_come_out_the_same():
    assert game_of(json.loads(json.dumps(CROWD.to_dict()))) == CROWD


@pytest.mark.parametrize(
    "change, message",
    [
        ({"prior": (1,)}, "prior must be 2 numbers, as many as task_value has"),
        ({"cost": (1, 2)}, "cost must be 3 numbers, as many as success_prob has"),
        ({"latency_scale": (1, 0)}, "latency_scale must be"),
        ({"task_value": (9, -6)}, "task_value must be"),
        ({"success_prob": (0.1, 0.3, 1)}, "success_prob.* must be"),
        ({"prior": (1, 0)}, "prior must be"),
    ],
)
def test_what_is_refused(change, message):
    with pytest.raises(ParameterError, match=message):
        CrowdGame(**NUMBERS | change)
