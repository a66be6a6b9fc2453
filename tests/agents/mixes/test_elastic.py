"""Multipliers over a cell of answers: the greatest least dual value, by trying multipliers."""

import numpy as np
import pytest
from scipy.sparse import coo_array

from routegame.agents.mixes.elastic import best_multipliers, units


def test_the_least_dual_value_is_the_greatest():
    rng = np.random.default_rng(0)
    one = coo_array(np.ones((1, 6)))
    for _ in range(5):
        paid, gains = rng.uniform(0, 1, (2, 6)), rng.uniform(-1, 1, (2, 1, 6))
        found = best_multipliers(list(paid), list(gains), np.ones(1), None, one, np.ones(1), 10.0)

        def least(at, paid=paid, gains=gains):
            return min((cost - at * gain[0]).min() for cost, gain in zip(paid, gains, strict=True))

        best = max(least(at) for at in np.linspace(0, 10, 4001))
        assert least(found[0]) >= best - 1e-9


def test_what_cannot_be_had_is_dear():
    gains = [np.array([[-1.0, -2.0]])]
    found = best_multipliers(
        [np.array([1.0, 2.0])], gains, np.ones(1), None, coo_array(np.ones((1, 2))), np.ones(1), 7.0
    )
    assert found == pytest.approx([7.0])
    assert units(np.array([0.0, 0.5, 1.0]), np.array([0.4, 0.6])).tolist() == [0.5, 0.01, 0.5]
