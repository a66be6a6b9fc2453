"""A CMA-ES goes on from its state; those of learners are in their own tests."""

import numpy as np
from cmaes import CMA

from routegame.train.cma_state import cleared, cma_state, restore_cma


def generation(cma):
    points = np.array([cma.ask() for _ in range(cma.population_size)])
    cma.tell([(point, float((point**2).sum())) for point in points])
    return points


def test_another_goes_on_as_the_first_would_have():
    one, other = (cleared(CMA(np.ones(3), 0.5, seed=seed)) for seed in (0, 1))
    for _ in range(5):
        generation(one)
    state = cma_state(one)
    restore_cma(other, state)
    for _ in range(3):
        assert np.array_equal(generation(one), generation(other))
    restore_cma(other, state)
    assert other.generation == 5, "and the state is still what it was"


def test_a_new_one_is_the_same_whatever_was_in_memory():
    one, other = (cma_state(cleared(CMA(np.ones(2), 1.0, seed=0)))["cma"] for _ in range(2))
    assert all(np.array_equal(one[name], other[name]) for name in one)
    assert not one["_funhist_values"].any()
