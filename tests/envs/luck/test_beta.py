"""The incomplete beta function: sums of exact fractions, another implementation, and the series that it is made of."""

from fractions import Fraction
from math import comb, isclose

import numpy as np
import pytest
from scipy.special import betainc, betaln

from routegame.envs.luck.beta import LARGE, ORDER, beta, taylor_coefficients


def exactly(a, b, x):
    """Probability that at least a of a + b − 1 trials succeed, by whole numbers."""
    n, y = a + b - 1, 1 - x
    return float(sum(comb(n, j) * x**j * y ** (n - j) for j in range(a, n + 1)))


@pytest.mark.parametrize(
    ("a", "b"), [(1, 1), (1, 40), (7, 5), (60, 3), (100, 110), (119, 119), (120, 120), (121, 121), (300, 80)]
)
def test_it_is_a_sum_of_exact_fractions(a, b):
    """To fourteen digits, on both sides of where the expansion takes over."""
    centre = Fraction(a, a + b)
    for share in (Fraction(1, 2), Fraction(9, 10), Fraction(1), Fraction(11, 10)):
        x = min(centre * share, Fraction(97, 100))
        found, slope = beta(float(a), float(b), float(x), float(1 - x))
        assert abs(found - exactly(a, b, x)) < 2e-14
        density = float(a * comb(a + b - 1, a) * x**a * (1 - x) ** b)
        assert isclose(slope, density, rel_tol=1e-12)


def test_it_is_what_scipy_says():
    """Of parameters up to a million, and up to nine standard deviations away from the middle."""
    rng = np.random.default_rng(0)
    a, b = np.rint(10 ** rng.uniform(0, 6, (2, 3000)))
    centre = a / (a + b)
    spread = np.sqrt(centre * (1 - centre) / (a + b))
    x = np.clip(centre + rng.uniform(-9, 9, 3000) * spread, 1e-9, 1 - 1e-9)
    found = np.array([beta(*each) for each in zip(a, b, x, 1 - x, strict=True)])
    assert np.abs(found[:, 0] - betainc(a, b, x)).max() < 3e-11
    assert (a * b / (a + b) >= LARGE).any() and (a * b / (a + b) < LARGE).any()
    density = np.exp(a * np.log(x) + b * np.log1p(-x) - betaln(a, b))
    assert np.allclose(found[:, 1], density, rtol=1e-7, atol=1e-12)


def test_far_away_nothing_is_left():
    assert beta(1e9, 1e9, 0.4, 0.6) == (0, 0)
    assert beta(1e9, 1e9, 0.6, 0.4) == (1, 0)
    assert beta(2.0, 1e12, 1e-9, 1 - 1e-9)[0] == 1


@pytest.mark.parametrize("x", [0.1, 0.5, 0.8])
def test_coefficients_are_those_of_the_series_that_is_reverted(x):
    """y / τ from its definition, close to 0 on both sides."""
    g, tables = 1 - 2 * x, taylor_coefficients(ORDER)
    for tau in (-0.2, -0.01, 0.05, 0.3):
        half = -(x * np.log1p((1 - x) * tau) + (1 - x) * np.log1p(-x * tau)) / (x * (1 - x))
        y = np.sign(tau) * np.sqrt(2 * half)
        series = sum(y**n * np.polynomial.polynomial.polyval(g, tables[n]) for n in range(ORDER + 1))
        assert series == pytest.approx(y / tau, abs=1e-9)
