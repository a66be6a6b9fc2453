"""Cost of one commitment for many users: answers by brute force, slopes by differences, and bounds that hold."""

import brute_force
import numpy as np
import pytest
from brute_force import Numbers

from routegame import Game
from routegame.agents.users.pooling import Pieces, Pool, cheapest_for_pool

P, C = (0.1, 0.3), (1.0, 2.7)
XI = np.array([[0.15, -0.55], [0.3, -0.2], [-0.1, 0.7], [0.2, 0.4], [-0.3, -0.2]])
"""Net values of five types: two that mix on route 1, one of each other regime."""
PENALTY, WEIGHT = np.array([12.0, 9.0, 15.0, 10.0, 8.0]), np.array([0.3, 0.25, 0.2, 0.15, 0.1])
VALUE = 10.0
LATENCY = tuple(VALUE * P[k] - XI[:, k] for k in (0, 1))
GAME = Game(np.full(5, VALUE), PENALTY, P, LATENCY, C)
NUMBERS = Numbers(
    np.full(5, VALUE), PENALTY, *(np.full(5, p) for p in P), *LATENCY, *(np.full(5, c) for c in C)
)  # the same as the oracle holds them
S = np.linspace(0, 1, 101)
NOWHERE = np.array([], dtype=np.int64), np.array([])


@pytest.fixture(scope="module")
def pool():
    return Pool.of(GAME, WEIGHT)


def test_answers_are_brute_force(pool):
    for route in (1, 2):
        for s in (0.013, 0.111, 0.252, 0.6) if route == 1 else (0.0,):
            wanted = brute_force.best_reply(NUMBERS, route, s)
            assert pool.answer(route, s) == pytest.approx(wanted, abs=1e-9), (route, s)
    assert pool.mixing.tolist() == [0, 1]


def test_costs_are_those_of_the_answers(pool):
    for route, cascades in ((1, np.array([0.013, 0.111, 0.252, 0.6])), (2, np.zeros(1))):
        for s, cost in zip(cascades, pool.provider_cost(route, cascades), strict=True):
            each = brute_force.provider_cost(NUMBERS, route, s, brute_force.best_reply(NUMBERS, route, s))
            assert cost == pytest.approx(WEIGHT @ each, rel=1e-9)


def test_thresholds_are_where_answers_change(pool):
    """Up to the last one they stay for good, from the first one on they leave at once; in between they mix."""
    for k in pool.mixing:
        last, first = pool.stays[1][k], pool.leaves[0][k]
        sides = [last * (1 - 1e-6), last * (1 + 1e-6), first * (1 - 1e-6), first * (1 + 1e-6)]
        answers = [pool.answer(1, s)[k] for s in sides]
        assert answers[0] == 0 < answers[1] < answers[2] < 1 == answers[3]


def pieces_of(pool):
    """Intervals between the thresholds of all types, a little inside of them: their ends, and the pool on them."""
    ends = np.concatenate([*pool.stays, *pool.leaves, [0.0, 1.0]])
    ends = np.unique(ends[np.isfinite(ends)])
    low, high = ends[:-1] + 1e-9, ends[1:] - 1e-9
    return low, high, Pieces.around(pool, (low + high) / 2)


def test_pieces_cost_what_the_pool_costs(pool):
    low, high, pieces = pieces_of(pool)
    for share in (0.0, 0.3, 1.0):
        s = low + share * (high - low)
        assert pieces.provider_cost(s) == pytest.approx(pool.provider_cost(1, s), rel=1e-9)


def test_slopes_are_those_of_differences_and_bounds_hold_them_all(pool):
    low, high, pieces = pieces_of(pool)
    least, most = pieces.slope(low, high)
    for share in np.linspace(0.01, 0.99, 25):
        s, step = low + share * (high - low), 1e-6 * (high - low)
        slope = (pieces.provider_cost(s + step) - pieces.provider_cost(s - step)) / (2 * step)
        exact, same = pieces.slope(s, s)
        assert exact == pytest.approx(slope, rel=1e-4, abs=1e-6) and same == pytest.approx(exact, rel=1e-9)
        assert (least <= exact + 1e-9).all() and (exact <= most + 1e-9).all()


def test_nothing_is_cheaper_than_what_is_called_the_least_possible(pool):
    low, high, pieces = pieces_of(pool)
    bound = pieces.least_possible(low, high)
    cost = np.array([pieces.provider_cost(low + share * (high - low)) for share in np.linspace(0, 1, 101)])
    assert (bound <= cost.min(axis=0) * (1 + 1e-12)).all() and (bound >= 0).all()
    halves = np.minimum(pieces.least_possible(low, (low + high) / 2), pieces.least_possible((low + high) / 2, high))
    assert (halves >= bound - 1e-9).all(), "halves are known better"


def test_the_cheapest_commitment_is_that_of_a_dense_grid(pool):
    route, s = cheapest_for_pool(pool, NOWHERE)
    cost = float(pool.provider_cost(route, np.array([s]))[0])
    dense = min(pool.provider_cost(1, np.linspace(0, 1, 20_001)).min(), float(pool.provider_cost(2, np.zeros(1))[0]))
    assert dense * (1 - 1e-4) < cost <= dense * (1 + 1e-12)


def test_of_equals_what_is_preferred_is_taken():
    """Users who leave whatever happens cost the same on route 1 at any cascade probability."""
    hopeless = Pool.of(Game(np.array([1.0]), np.array([0.0]), P, (5.0, 5.0), C), np.ones(1))
    assert cheapest_for_pool(hopeless, NOWHERE) == (1, 0.0)
    assert cheapest_for_pool(hopeless, (np.array([1]), np.array([0.4]))) == (1, 0.4)
    assert cheapest_for_pool(hopeless, (np.array([2]), np.array([0.0]))) == (1, 0.0), "it is dearer"


def test_users_to_whom_nothing_is_worth_anything_act_as_the_provider_likes():
    """They stay where that is cheaper for the provider, and leave where that is."""
    for penalty, answer in ((100.0, 0.0), (0.0, 1.0)):
        indifferent = Pool.of(Game(np.array([10.0]), np.array([penalty]), P, (1.0, 3.0), C), np.ones(1))
        assert indifferent.answer(1, 0.0)[0] == indifferent.answer(2, 0.0)[0] == answer
