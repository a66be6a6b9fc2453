"""The cheapest commitment on a grid of grids, against dense brute force and at its edges: jumps, kinks, ties, nan."""

import numpy as np
import pytest

from routegame.agents.exact.cascade_search import cheapest_cascade
from routegame.envs.game import INDIFFERENCE

NOWHERE = 9.0
"""A cost of route 2 that nobody would choose."""


def pieces(edges, left, slope, bend):
    """Cost on route 1 as a quadratic on each piece between edges, which may jump; (num_pieces, num_games) each."""

    def cost(s):
        k = (s[..., None, :] >= edges[1:-1]).sum(axis=-2)
        at = [np.take_along_axis(np.broadcast_to(x, (*s.shape[:-1], *x.shape)), k[..., None, :], -2)[..., 0, :]
              for x in (edges[:-1], left, slope, bend)]  # fmt: skip
        return at[1] + at[2] * (s - at[0]) + at[3] * (s - at[0]) ** 2

    return cost


def test_dense_brute_force_finds_nothing_cheaper():
    """Three hundred games whose cost jumps and bends at three edges, given in any order."""
    rng = np.random.default_rng(0)
    edges = np.sort(rng.uniform(size=(3, 300)), axis=0)
    every = np.concatenate([np.zeros((1, 300)), edges, np.ones((1, 300))])
    cost = pieces(every, rng.uniform(1, 2, (4, 300)), rng.uniform(-2, 2, (4, 300)), rng.uniform(0, 9, (4, 300)))
    on_2 = rng.uniform(0.5, 2, 300)
    found = cheapest_cascade(cost, on_2, edges[[2, 0, 1]])
    tried = np.concatenate([np.repeat(np.linspace(0, 1, 4001)[:, None], 300, axis=1), edges])
    costs = cost(tried)
    k = costs.argmin(axis=0)
    least = np.minimum(costs.min(axis=0), on_2)
    assert (found.provider_cost <= least).all()
    assert (found.provider_cost > least - 1e-3).all()  # half a step of the dense grid, at slopes of 2
    np.testing.assert_array_equal(found.route, np.where(costs.min(axis=0) <= on_2, 1, 2))
    on_1 = found.route == 1
    assert {1, 2} == set(found.route)
    np.testing.assert_allclose(found.cascade_prob[on_1], tried[k, range(300)][on_1], atol=0.02)
    np.testing.assert_array_equal(found.cascade_prob[~on_1], 0)
    np.testing.assert_allclose(cost(found.cascade_prob[None])[0][on_1], found.provider_cost[on_1], rtol=1e-12)


@pytest.mark.parametrize("place", [1e-9, 0.0123, 1 / 3, 0.97, 1 - 1e-9])
def test_a_minimum_within_a_piece_is_found_to_the_last_bits(place):
    kink = cheapest_cascade(lambda s: 1 + np.abs(s - place), NOWHERE, [])
    assert float(kink.cascade_prob) == pytest.approx(place, abs=2e-15)
    smooth = cheapest_cascade(lambda s: 1 + (s - place) ** 2, NOWHERE, [])
    assert float(smooth.provider_cost) == 1


@pytest.mark.parametrize("width", [0.025, 0.05, 0.5])
def test_no_basin_wider_than_the_first_grid_is_missed(width):
    places = np.linspace(width, 1 - width, 997)
    found = cheapest_cascade(lambda s: np.minimum(1, 0.5 + np.abs(s - places) / width), np.full(997, NOWHERE), [])
    np.testing.assert_allclose(found.cascade_prob, places, atol=1e-14)


@pytest.mark.parametrize("edge", [0.0, 0.4])
def test_basins_beside_an_edge_may_be_narrower(edge):
    """A cliff is followed by the optimum, a hair beyond it; from there on it is the cheaper the farther away."""
    place, width = edge + 0.001, 0.0018
    found = cheapest_cascade(lambda s: np.minimum(1 - 0.3 * s, 0.3 + np.abs(s - place) / width), NOWHERE, [edge])
    assert float(found.cascade_prob) == pytest.approx(place, abs=1e-14)


@pytest.mark.parametrize("closed", ["left", "right"])
def test_a_jump_is_met_on_its_cheap_side(closed):
    """The cost falls by 1 at s = 0.3 and rises from there on; or it falls up to 0.3, and rises by 1."""
    below = (lambda s: s < 0.3) if closed == "right" else (lambda s: s <= 0.3)
    if closed == "right":
        found = cheapest_cascade(lambda s: np.where(below(s), 2 - s, 1 + s), NOWHERE, [0.3])
    else:
        found = cheapest_cascade(lambda s: np.where(below(s), 2 - s, 3 - s), NOWHERE, [0.3])
    assert (int(found.route), float(found.cascade_prob)) == (1, 0.3)


def test_an_infimum_that_is_not_taken_is_neared():
    """Just below 0.3, where the edge itself is dear."""
    found = cheapest_cascade(lambda s: np.where(s < 0.3, 2 - s, 3.0), NOWHERE, [0.3])
    assert 0.3 - 1e-14 < float(found.cascade_prob) < 0.3


@pytest.mark.parametrize("edge", [np.nan, -0.5, 1.5, -np.inf, np.inf])
def test_edges_that_are_none_do_not_count(edge):
    def cost(s):
        return np.where((s < 0) | (s > 1), 0, 1 + np.abs(s - 0.3))

    found = cheapest_cascade(cost, NOWHERE, [edge, 0.7])
    assert float(found.cascade_prob) == pytest.approx(0.3, abs=1e-15)


@pytest.mark.parametrize(
    "on_1,on_2,route,cascade_prob",
    [
        (lambda s: 0 * s + 5, 5.0, 1, 0.0),  # all alike: the simplest
        (lambda s: 0 * s + 5 * (1 + INDIFFERENCE / 2), 5.0, 1, 0.0),  # and so if it is dearer by next to nothing
        (lambda s: 5 + np.where(s == 0, 1.0, 0.0), 5.0, 2, 0.0),  # then route 2
        (lambda s: 5 - INDIFFERENCE * s, 5.0, 1, 0.0),
        (lambda s: 5 + 3 * (s == 0) - 4 * INDIFFERENCE * s, 5.0, 2, 0.0),
        (lambda s: 5 + 3 * (s == 0) - 20 * INDIFFERENCE * (s == 1), 5.0, 1, 1.0),  # it is cheaper by more than that
        (lambda s: 5 - 20 * INDIFFERENCE * (s == 1), 5.0, 1, 1.0),
        (lambda s: 5 + 1e-6 + 0 * s, 5.0, 2, 0.0),
        (lambda s: 0 * s, 0.0, 1, 0.0),  # no cost at all
    ],
)
def test_of_equals_the_simplest_is_returned(on_1, on_2, route, cascade_prob):
    found = cheapest_cascade(on_1, on_2, [0.5])
    assert (int(found.route), float(found.cascade_prob)) == (route, cascade_prob)
    assert float(found.provider_cost) == (on_2 if route == 2 else on_1(np.float64(cascade_prob)))


def test_a_batch_is_its_games_one_by_one():
    """Of any shape; edges and the cost of route 2 broadcast to it."""
    rng = np.random.default_rng(1)
    place, depth = rng.uniform(size=(2, 3, 4))
    edge, on_2 = rng.uniform(size=(3, 1)), 1 - 0.5 * rng.uniform(size=4)

    def cost(place, depth, edge):
        return lambda s: 1 - depth * np.exp(-20 * (s - place) ** 2) + 0.1 * (s > edge)

    found = cheapest_cascade(cost(place, depth, edge), on_2, [edge, place])
    assert found.route.shape == found.cascade_prob.shape == found.provider_cost.shape == (3, 4)
    for i, j in np.ndindex(3, 4):
        one = cheapest_cascade(cost(place[i, j], depth[i, j], edge[i, 0]), on_2[j], [edge[i, 0], place[i, j]])
        assert (one.route, one.cascade_prob, one.provider_cost) == (
            found.route[i, j],
            found.cascade_prob[i, j],
            found.provider_cost[i, j],
        )
