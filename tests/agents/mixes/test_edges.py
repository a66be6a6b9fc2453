"""Least costs on the edge of what users put up with."""

import numpy as np
import pytest

from routegame.agents.mixes.edges import on_the_edge


@pytest.mark.parametrize("margin", [0.0, 1e-3])
def test_the_least_cost_is_on_a_curve(margin):
    found = on_the_edge(lambda s: (s.sum(), np.array([s[0] * s[1] - 0.25])), np.array([0.9, 0.4]), margin)
    assert found.tolist() == pytest.approx([np.sqrt(0.25 + margin)] * 2, rel=1e-5)
    assert found.prod() - 0.25 >= margin - 1e-9


def test_without_a_better_point_it_stays_in_bounds():
    found = on_the_edge(lambda s: (-s.sum(), np.ones(1)), np.array([0.5, 1.0]), 0.0)
    assert found.tolist() == pytest.approx([1, 1])
