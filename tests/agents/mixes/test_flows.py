"""Rows of flows: a policy that is played satisfies them, one that falls back does not."""

import numpy as np
import pytest
from mixes_by_hand import random_numbers

from routegame import Game, TaskMix
from routegame.agents.mixes.contexts import Contexts
from routegame.agents.mixes.flows import flows, mass, stacked

RNG = np.random.default_rng(0)
CONTEXTS = Contexts.of(TaskMix([1, 2], Game(*random_numbers(RNG, 2, 3))))


def played(matrices, passes, tails):
    """Flows of policies that start with the second model; what fails in the last pass stays with its next model."""
    found, ends = np.zeros((2, passes, 3)), np.zeros((tails, 2, 3))
    for x, matrix in enumerate(matrices):
        at = np.array([0, 1.0, 0])
        for m in range(passes):
            found[x, m] = at
            at = (at * CONTEXTS.fails[x]) @ matrix
        if tails:
            ends[0, x] = at
    return np.concatenate([found.ravel(), ends.ravel()])


@pytest.mark.parametrize("tails", [0, 1, 2])
def test_policies_that_are_played_satisfy_the_rows(tails):
    later = np.triu(RNG.dirichlet(np.ones(3), (2, 3)))
    later /= later.sum(axis=-1, keepdims=True)
    back = RNG.dirichlet(np.ones(3), (2, 3))
    for order, matrices, fine in (("fixed", later, True), ("fixed", back, False), ("free", back, True)):
        below, equal = flows(CONTEXTS, order, 4, tails)
        found = played(matrices, 4, tails)
        np.testing.assert_allclose(equal @ found, mass(CONTEXTS, equal.shape[0]), atol=1e-12)
        assert bool((below @ found <= 1e-12).all()) == fine
    assert stacked(np.ones((2, below.shape[1])), below).toarray()[:2].tolist() == np.ones((2, below.shape[1])).tolist()
