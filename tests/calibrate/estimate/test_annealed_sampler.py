"""Draws of densities that are no normal ones, from a normal one that is not even near."""

import numpy as np
from scipy.stats import kstest, truncnorm

from routegame.calibrate.estimate.annealed_sampler import Normal, annealed, worth

NUMBER = 1000


def cut_off(x):
    """A standard normal density that is cut off: the first number is above 1, the others anything."""
    return np.where(x[:, 0] > 1, -(x**2).sum(axis=1) / 2, -np.inf)


def test_a_density_with_a_cliff_is_drawn_from():
    """Beyond 1 percent of any distance by chance, Kolmogorov & Smirnov."""
    start = Normal(np.zeros(5), 2 * np.eye(5))
    drawn = annealed(cut_off, start, NUMBER, (10, 200), np.random.default_rng(1))
    assert kstest(drawn[:, 0], truncnorm(1, np.inf).cdf).pvalue > 0.01
    for k in range(1, 5):
        assert kstest(drawn[:, k], "norm").pvalue > 0.01


def test_same_seed_same_draws():
    start = Normal(np.zeros(2), np.eye(2))
    one, again, other = (annealed(cut_off, start, 100, (5, 10), np.random.default_rng(seed)) for seed in (0, 0, 1))
    assert (one == again).all() and (one != other).any()


def test_a_normal_distribution_is_that_of_its_information():
    """A direction of which nothing is known is as wide as the least information says."""
    information = np.array([[4.0, 1.0, 0.0], [1.0, 2.0, 0.0], [0.0, 0.0, 0.0]])
    normal = Normal.of(np.arange(3.0), information, 0.1)
    covariance = normal.root @ normal.root.T
    assert np.allclose(covariance[:2, :2], np.linalg.inv(information[:2, :2])) and np.isclose(covariance[2, 2], 10)
    point = np.array([[1.0, 1.0, 3.0]])
    off = point[0] - np.arange(3)
    assert np.isclose(normal.log_density(point)[0], -off @ np.linalg.inv(covariance) @ off / 2)
    assert np.allclose(normal.wider(2).root, 2 * normal.root)


def test_weights_are_worth_as_many_equal_ones():
    assert np.isclose(worth(np.log(np.array([1.0, 1, 1, 1e-300]))), 0.75)
