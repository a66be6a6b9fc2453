"""Picking models: against NumPy's own way."""

import numpy as np
import pytest

from routegame.agents.menus.picking import Pick, least


@pytest.mark.parametrize("models", [1, 2, 3, 17])
def test_the_least_is_argmin(models):
    values = np.random.default_rng(models).integers(0, 5, (models, 200)).astype(float)
    which, value = least(values)
    assert (which == values.argmin(axis=0)).all() and (value == values.min(axis=0)).all()
    values[:] = 9
    assert (value < 9).any()  # a copy


def test_a_pick_takes_each_games_own():
    values = np.arange(12.0).reshape(3, 4)
    assert Pick(np.array([2, 0]), np.array([1, 3]), 4)(values).tolist() == [9, 3]
