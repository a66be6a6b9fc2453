"""Tests repeat themselves, where they give no seed as well."""

import random

import gymnasium
import numpy as np


def test_luck_that_nobody_gave_a_seed_comes_from_the_name_of_a_test(request):
    expected = random.Random(request.node.nodeid)
    assert np.random.SeedSequence().entropy == expected.getrandbits(128)
    space = gymnasium.spaces.Discrete(10**9)
    seed = np.random.SeedSequence(expected.getrandbits(128))
    assert space.sample() == np.random.Generator(np.random.PCG64(seed)).integers(10**9)
