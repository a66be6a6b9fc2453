"""Walkers against what is known of them: densities with known moments, the acceptance of theory, affine invariance."""

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.stats import chi, kstest, norm

from routegame.calibrate.estimate import ensemble_sampler
from routegame.calibrate.estimate.ensemble_sampler import sample

MEAN = np.array([1.0, -2.0, 30.0])
COVARIANCE = np.array([[4.0, 1.2, -6.0], [1.2, 1.0, -1.0], [-6.0, -1.0, 100.0]])


def gaussian(x):
    """A Gaussian whose coordinates have other scales and go together."""
    away = x - MEAN
    return -0.5 * np.einsum("ki,ij,kj->k", away, np.linalg.inv(COVARIANCE), away)


def standard(x):
    return -0.5 * (x**2).sum(axis=1)


def flat(x):
    return np.zeros(len(x))


def ends(density, start, rounds, seed=0):
    return sample(density, start, rounds, np.random.default_rng(seed))


def test_a_gaussian_is_found_from_far_off():
    """Standard errors: of a mean sd / sqrt(n), of a covariance sqrt(v_ii v_jj + v_ij²) / sqrt(n); four are allowed."""
    number = 4000
    start = np.random.default_rng(1).normal(8, 3, (number, 3))
    found = ends(gaussian, start, 150)
    variances = np.diag(COVARIANCE)
    assert (np.abs(found.mean(axis=0) - MEAN) < 4 * np.sqrt(variances / number)).all()
    error = np.sqrt((np.outer(variances, variances) + COVARIANCE**2) / number)
    assert (np.abs(np.cov(found.T) - COVARIANCE) < 4 * error).all()


@pytest.mark.parametrize("rounds", [1, 2, 30])
def test_draws_of_a_density_with_a_wall_stay_draws_of_it(rounds):
    """Exponential: what starts as it should be is left so by every number of moves, right up to the wall."""
    start = np.random.default_rng(2).exponential(size=(4000, 1))
    found = ends(lambda x: np.where(x[:, 0] < 0, -np.inf, -x[:, 0]), start, rounds)
    assert (found >= 0).all()
    assert (found != start).any()
    assert kstest(found[:, 0], "expon").pvalue > 0.01


def accepted(scale, size):
    """Share of accepted moves of a random walk on a standard Gaussian, its steps N(0, scale² I).

    Given a step of length r the logarithm of the ratio of densities is N(-r²/2, r²), and a move is accepted with
    probability 2 Φ(-r/2) (Gelman, Roberts & Gilks 1996).
    """
    return quad(lambda r: 2 * norm.cdf(-scale * r / 2) * chi.pdf(r, size), 0, 20)[0]


@pytest.mark.parametrize("size", [1, 2, 6])
def test_as_many_moves_are_accepted_as_theory_says(size):
    """Differences of two draws are N(0, 2 I): nine moves of ten are 2.38 / sqrt(2 m) of one, the tenth is all of it."""
    number = 20_000
    start = np.random.default_rng(3).normal(size=(number, size))
    moved = (ends(standard, start, 1) != start).any(axis=1).mean()
    expected = 0.9 * accepted(2.38 / np.sqrt(size), size) + 0.1 * accepted(np.sqrt(2), size)
    assert abs(moved - expected) < 4 * np.sqrt(expected * (1 - expected) / number)


def test_moves_are_differences_of_two_walkers_of_the_other_half():
    """Where every move is accepted: the first half moves along the second as it was, the second along the first."""
    start = np.array([[0.0, 0.0], [1.0, 5.0], [2.0, 3.0], [4.0, 2.0]])
    factors = set()
    for seed in range(40):
        found = ends(flat, start, 1, seed)
        for moving, others in (((0, 1), start[2:]), ((2, 3), found[:2])):
            for k in moving:
                step, difference = found[k] - start[k], others[0] - others[1]
                factor = step @ difference / (difference @ difference)
                assert np.abs(step - factor * difference).max() < 10 * ensemble_sampler.JITTER * np.abs(others).max()
                factors.add(round(float(factor), 2))
    assert factors == {-1.19, -1.0, 1.0, 1.19}


def test_hills_far_apart_keep_their_shares():
    """Three of ten walkers belong on the hill at -20; whole differences alone lead from one to the other."""

    def hills(x):
        return np.logaddexp(np.log(0.3) - 0.5 * (x[:, 0] + 20) ** 2, np.log(0.7) - 0.5 * (x[:, 0] - 20) ** 2)

    start = np.random.default_rng(4).normal(size=(2000, 1)) + np.where(np.arange(2000) % 2, 20.0, -20.0)[:, None]
    found = ends(hills, start, 300)[:, 0]
    assert abs((found < 0).mean() - 0.3) < 4 * np.sqrt(0.3 * 0.7 / 2000)
    assert found[found < 0].std() == pytest.approx(1, abs=0.1)


def test_other_units_change_nothing():
    """Units and origins of the coordinates: the same walk, in them."""
    start = np.random.default_rng(5).normal(size=(50, 2))
    units, origin = np.array([1e-6, 1e9]), np.array([3e-6, -7e9])
    plain = ends(standard, start, 20)
    other = ends(lambda y: standard((y - origin) / units), start * units + origin, 20)
    np.testing.assert_allclose((other - origin) / units, plain, atol=1e-7)


def test_without_jitter_no_linear_map_changes_anything(monkeypatch):
    """Affine invariance: a long thin ridge that lies askew is as easy as a round hill."""
    monkeypatch.setattr(ensemble_sampler, "JITTER", 0.0)
    start = np.random.default_rng(6).normal(size=(50, 3))
    askew, origin = np.array([[1.0, 2.0, 0.0], [0.0, 1e3, 5.0], [-3.0, 0.1, 1e-2]]), np.array([3.0, -7.0, 1.0])
    back = np.linalg.inv(askew)
    plain = ends(standard, start, 20)
    other = ends(lambda y: standard((y - origin) @ back.T), start @ askew.T + origin, 20)
    np.testing.assert_allclose((other - origin) @ back.T, plain, atol=1e-8)


def test_walkers_on_a_line_leave_it():
    start = np.random.default_rng(7).normal(size=(1000, 1)) * np.ones(2)
    found = ends(standard, start, 200)
    np.testing.assert_allclose(np.cov(found.T), np.eye(2), atol=4 * np.sqrt(2 / 1000))


def test_the_same_seed_gives_the_same_bits_and_the_start_is_left_alone():
    start = np.random.default_rng(8).normal(size=(20, 2))
    before = start.copy()
    first, again, other = (ends(standard, start, 5, seed) for seed in (0, 0, 1))
    np.testing.assert_array_equal(start, before)
    np.testing.assert_array_equal(first, again)
    assert (first != other).any()
    np.testing.assert_array_equal(ends(standard, start, 0), start)


def test_the_density_is_asked_for_once_a_move():
    sizes = []

    def counted(x):
        sizes.append(len(x))
        return standard(x)

    ends(counted, np.random.default_rng(9).normal(size=(20, 2)), 3)
    assert sizes == [20] + 6 * [10]
