"""Arrays of rows of tasks: which commitments they take, in which way, and rows that wait."""

import numpy as np
import pytest
from menu_rows import SEEN, random_game

from routegame import Game, ParameterError
from routegame.envs import TaskBatch, draw_tasks

PAIR = Game(9, 20, (0.1, 0.3), (1, 2), (1, 3))


@pytest.mark.parametrize(
    "changed,parameter",
    [
        ({"start": [0.5, 0.5]}, "start"),
        ({"start": [0.5, 0.5, 0.5]}, "start"),
        ({"start": [[1, 0, 0]] * 3}, "start"),
        ({"matrix": np.eye(2)}, "matrix"),
        ({"matrix": [[1, 0, 0]] * 2}, "matrix"),
        ({"matrix": [[0.5, 0, 0]] * 3}, "matrix"),
        ({"matrix": [1, 0, 0]}, "matrix"),
        ({"matrix": None}, "route"),
        ({"route": 1, "cascade_prob": 0.5}, "route"),
        ({"start": None, "matrix": None, "route": 1, "cascade_prob": 0.5}, "game"),
        ({"retry_multiplier": (1, 1)}, "retry_multiplier"),
        ({"latency": (9, 9)}, "latency"),
        ({"latency": (0.0, 9, 9)}, "latency"),
    ],
)
def test_bad_arguments_are_named(changed, parameter):
    arguments = {"start": [1, 0, 0], "matrix": np.eye(3), "num_tasks": 4, "backend": "numpy"} | changed
    with pytest.raises(ParameterError) as caught:
        TaskBatch(random_game(3), **arguments)
    assert caught.value.parameter == parameter


def test_a_batch_keeps_to_the_way_in_which_its_commitments_are_said():
    full = TaskBatch(PAIR, start=[1, 0], matrix=[[0.5, 0.5]], num_tasks=3)
    with pytest.raises(ParameterError, match="route must be left out"):
        full.commit(1, 0.5)
    with pytest.raises(ParameterError, match="matrix must be of shape"):
        full.commit(start=[1, 0], matrix=np.eye(2))
    with pytest.raises(ParameterError, match="start must be left out"):
        TaskBatch(PAIR, 1, 0.5, num_tasks=3).commit(start=[1, 0], matrix=np.eye(2))
    with pytest.raises(ParameterError, match="decline must be left out"):
        TaskBatch(PAIR, 1, 0.5, num_tasks=3, decline=True)
    with pytest.raises(ParameterError, match="decline_prob must be left out"):
        draw_tasks(PAIR, 1, 0.5, decline_prob=0.5)


def test_rows_that_wait_play_on_with_the_luck_that_they_had():
    offer = {"start": [0.3, 0.3, 0.4], "matrix": np.full((3, 3), 1 / 3), "num_tasks": 4}
    one, other = (TaskBatch(random_game(3), **offer, decline=True) for _ in range(2))
    stay, rows = np.zeros(4, dtype=np.uint8), np.array([1, 3])
    other.step(stay)
    other.take_back(rows)
    other.step(stay)
    one.step(stay)
    for name in SEEN:
        assert np.array_equal(getattr(one, name)[rows], getattr(other, name)[rows])
