"""Two firms one after the other: quantities as shares, and profits at a price that has luck."""

import numpy as np
import pytest

from routegame.envs.checks import ParameterError
from routegame.envs.classic.duopoly import Duopoly
from routegame.envs.classic.point_game import Points

DEAR = Duopoly(intercept=2, slope=0.5, cost=(0.6, 0.2), noise=0)


def test_profits_are_price_less_cost_times_quantity():
    """Worked by hand: shares of 2.8 and 3.6 units, and a price of 2 − 0.5 times all of them, which may be below 0."""
    assert DEAR.capacity == pytest.approx((2.8, 3.6))
    plays = DEAR.play(Points(np.array([[0.5], [1.0]])), np.array([0.25, 1.0]), 10, np.random.default_rng(0))
    price = np.array([2 - 0.5 * (1.4 + 0.9), 2 - 0.5 * (2.8 + 3.6)])
    assert price[1] < 0
    assert -plays.leader_cost == pytest.approx((price - 0.6) * [1.4, 2.8])
    assert plays.follower_utility == pytest.approx((price - 0.2) * [0.9, 3.6])
    assert plays.passes.tolist() == [10, 10]


def test_rates_are_in_units_of_a_monopolists_profit():
    """That is the best of a follower whose leader stays out."""
    shares = np.linspace(0, 1, 2001)
    plays = DEAR.play(Points(np.zeros((2001, 1))), shares, 1, np.random.default_rng(0))
    assert plays.follower_utility.max() == pytest.approx(DEAR.utility_scale) and shares[500 * 2] == 0.5
    assert plays.follower_utility.argmax() == 1000


def test_luck_averages_out_over_days():
    game = Duopoly(1, 1, (0, 0), noise=0.3)
    points, answers = Points(np.ones((4000, 1))), np.zeros(4000)
    spread = [game.play(points, answers, days, np.random.default_rng(1)).leader_cost.std() for days in (1, 100)]
    assert spread == pytest.approx([0.3, 0.03], rel=0.05)


@pytest.mark.parametrize(
    "make,message",
    [
        (lambda: Duopoly(0, 1, (0, 0), 0), "intercept must be"),
        (lambda: Duopoly(1, 0, (0, 0), 0), "slope must be"),
        (lambda: Duopoly(1, 1, (1, 0), 0), r"cost\[0\] must be"),
        (lambda: Duopoly(1, 1, (0, 1), 0), r"cost\[1\] must be"),
        (lambda: Duopoly(1, 1, (0, 0), -1), "noise must be"),
        (lambda: Duopoly(np.ones(2), 1, (0, 0), 1), "intercept must be a single number"),
    ],
)
def test_errors(make, message):
    with pytest.raises(ParameterError, match=message):
        make()
