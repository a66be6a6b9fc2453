"""Steps whose size does not depend on that of gradients."""

import numpy as np
import pytest

from routegame.train.adam import Adam


def test_gradients_that_agree_are_followed_at_full_speed_whatever_their_size():
    adam, small = Adam((3,)), Adam((3,))
    gradient = np.array([2.0, -0.5, 0.0])
    for step in range(5):
        assert adam.direction(gradient, step) == pytest.approx([1, -1, 0])
        assert small.direction(1e-6 * gradient, step) == pytest.approx([1, -1, 0], abs=1e-5)


def test_gradients_that_contradict_each_other_are_not():
    adam = Adam((1,))
    steps = [float(adam.direction(np.array([(-1.0) ** step]), step)[0]) for step in range(40)]
    assert abs(np.mean(steps[-2:])) < 0.02 and abs(steps[-1]) < 0.1


def test_rows_that_are_kept_go_on_as_before_and_so_does_a_state():
    rng = np.random.default_rng(0)
    gradients = rng.standard_normal((4, 3, 2))
    every, some, again = Adam((3, 2)), Adam((3, 2)), Adam((2, 2))
    kept = np.array([2, 0])
    for step in range(3):
        every.direction(gradients[step], step)
        some.direction(gradients[step], step)
    some.keep(kept)
    again.restore(some.state())
    wanted = every.direction(gradients[3], 3)[kept]
    assert np.array_equal(some.direction(gradients[3][kept], 3), wanted)
    assert np.array_equal(again.direction(gradients[3][kept], 3), wanted)
