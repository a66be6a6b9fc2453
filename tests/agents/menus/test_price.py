"""The price of going on: each way of going on, and mixes that need their models in order."""

import numpy as np
import pytest

from routegame.agents.menus.price import LEAVE, MIX, STAY, going_on


def found(xi, p, c, penalty, **options):
    return going_on(*(np.array(x, dtype=float)[:, None] for x in (xi, p, c)), np.array([float(penalty)]), **options)


def test_the_cheapest_model_that_is_worth_it_is_stayed_with():
    way = found((1, 2, -1), (0.5, 0.25, 0.5), (2, 0.5, 9), 50)
    assert (way.way[0], way.keeps[0], way.price[0]) == (STAY, 1, 2)


def test_users_leave_only_where_a_model_is_not_worth_a_pass():
    assert found((1, 2), (0.5, 0.25), (2, 0.5), 0.1).way[0] == STAY
    way = found((1, -2), (0.5, 0.25), (2, 0.5), 0.1)
    assert (way.way[0], way.keeps[0], way.price[0]) == (LEAVE, 1, 0.1)


def test_a_mix_is_worth_nothing_and_costs_between_its_models():
    way = found((-0.1, 0.7), (0.1, 0.3), (1, 3.6), 15)
    share = way.share[0]
    assert (way.way[0], way.waits[0], way.keeps[0]) == (MIX, 0, 1)
    assert share * -0.1 + (1 - share) * 0.7 == pytest.approx(0)
    assert way.price[0] == pytest.approx((share * 1 + (1 - share) * 3.6) / (share * 0.1 + (1 - share) * 0.3))
    turned = found((0.7, -0.1), (0.3, 0.1), (3.6, 1), 15)
    assert (turned.waits[0], turned.keeps[0], turned.price[0]) == (1, 0, pytest.approx(way.price[0]))
    assert turned.share[0] == pytest.approx(share)


def test_in_order_the_model_that_is_not_worth_it_comes_first():
    assert found((0.7, -0.1), (0.3, 0.1), (3.6, 1), 15, in_order=True).way[0] == STAY
    assert found((-0.1, 0.7), (0.1, 0.3), (1, 3.6), 15, in_order=True).way[0] == MIX


def test_of_equal_ways_the_first_is_taken():
    assert found((0, 1), (0.5, 0.5), (1, 1), 2).way[0] == STAY
    assert found((0, 1), (0.5, 0.5), (1, 1), 2).keeps[0] == 0
