"""Generations that restart, on costs without chance; whole runs are in test_learners.py."""

import numpy as np
import pytest

from routegame.train.learners.cmaes import Generations


def searched(cost, count, *, most=1000, size=2, seed=0):
    source, tried = Generations(size, np.random.SeedSequence(seed)), []
    while len(tried) < count:
        points = source.ask(min(most, count - len(tried)))
        source.tell(cost(points))
        tried.extend(points)
    return source, np.array(tried)


def bowl(points):
    return ((points - 0.3) ** 2).sum(axis=1)


def test_it_finds_the_bottom_of_a_bowl():
    _, tried = searched(bowl, 600)
    assert bowl(tried).min() < 1e-10
    assert ((tried >= 0) & (tried <= 1)).all()


def test_it_finds_a_corner():
    _, tried = searched(lambda points: points.sum(axis=1), 1000, size=4)
    assert tried.sum(axis=1).min() == 0, "exactly"


def test_it_starts_anew_with_twice_the_population_once_it_has_converged():
    source, _ = searched(bowl, 6)
    first = source.state()["population"]
    source, tried = searched(bowl, 4000)
    assert source.state()["population"] in [first * 2**k for k in range(1, 10)]
    assert bowl(tried[2000:]).max() > 0.05, "it looks elsewhere, too"


def test_how_many_are_asked_for_at_once_changes_nothing():
    assert np.array_equal(searched(bowl, 500, most=1)[1], searched(bowl, 500)[1])


@pytest.mark.parametrize("count", [0, 3, 6, 100, 2500])
def test_it_goes_on_from_its_state(count):
    source, _ = searched(bowl, count, most=5)
    other = Generations(2, np.random.SeedSequence(1))
    other.restore(source.state())
    for _ in range(100):
        points = source.ask(4)
        assert np.array_equal(points, other.ask(4))
        source.tell(bowl(points))
        other.tell(bowl(points))
