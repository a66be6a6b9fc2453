"""Points of a Sobol' sequence, as they are handed out; whole runs are in test_learners.py."""

import numpy as np
import pytest
from scipy.stats import qmc

from routegame.train.learners.sobol import SobolPoints


def points(*asked, seed=0):
    source = SobolPoints(3, np.random.SeedSequence(seed))
    return np.concatenate([source.ask(most) for most in asked])


def test_they_are_spread_more_evenly_than_random_ones():
    spread = points(*[64] * 8)
    assert len(spread) == 512
    assert qmc.discrepancy(spread) < qmc.discrepancy(np.random.default_rng(0).random((512, 3))) / 5


def test_no_more_are_handed_out_than_are_asked_for_and_none_twice():
    source = SobolPoints(3, np.random.SeedSequence(0))
    handed = [source.ask(50) for _ in range(4)]
    assert [len(each) for each in handed] == [50, 14, 50, 14]
    assert np.array_equal(np.concatenate(handed), points(64, 64))
    assert not np.array_equal(points(64), points(64, seed=1))


@pytest.mark.parametrize("asked", [(), (10,), (64,), (64, 30), (64, 64, 64)])
def test_a_sequence_goes_on_from_its_state(asked):
    source, other = (SobolPoints(3, np.random.SeedSequence(0)) for _ in range(2))
    for most in asked:
        source.ask(most)
    other.ask(7)
    other.restore(source.state())
    for _ in range(3):
        assert np.array_equal(source.ask(40), other.ask(40))
