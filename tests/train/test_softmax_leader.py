"""A policy that goes down slopes."""

import numpy as np
import pytest
from exact_policies import GAMES

from routegame.train.decisions import decisions
from routegame.train.softmax_leader import SLOW_DOWN_PACE, SoftmaxLeader


def test_everything_is_as_likely_at_first():
    leader = SoftmaxLeader(decisions(GAMES["menu-3-throttled"]), 0)
    start, row = leader.policy.probs
    assert start == pytest.approx([1 / 3] * 3) and row == pytest.approx([1 / 3] * 3)
    assert leader.policy.slow_downs.tolist() == [0.5] * 3
    assert leader.commitment.start == pytest.approx((1 / 3,) * 3)


def test_it_goes_down_and_slow_downs_stay_in_their_range():
    leader = SoftmaxLeader(decisions(GAMES["routing-throttled"]), 0)
    leader.descend(np.array([1.0, -1, 0, 0, 5, -5]), 0.2, 0)
    route, cascade = leader.policy.probs
    assert np.log(route[1] / route[0]) == pytest.approx(0.4) and cascade.tolist() == [0.5, 0.5]
    step = 0.2 * SLOW_DOWN_PACE
    assert leader.policy.slow_downs == pytest.approx([0.5 - step, 0.5 + step])
    for number in range(1, 100):
        leader.descend(np.array([1.0, -1, 0, 0, 5, -5]), 0.2, number)
    assert leader.policy.slow_downs.tolist() == [0, 1]


def test_it_goes_on_from_its_state():
    one, other = (SoftmaxLeader(decisions(GAMES["routing-0"]), 0) for _ in range(2))
    slopes = np.array([0.1, -0.1, 0.3, 0.2])
    one.descend(slopes, 0.1, 0)
    one.rng.random(3)
    other.restore(one.state())
    for leader in (one, other):
        leader.descend(2 * slopes[::-1], 0.1, 1)
    assert np.array_equal(one.policy.probs[1], other.policy.probs[1]) and one.rng.random() == other.rng.random()
