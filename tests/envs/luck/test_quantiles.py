"""Quantiles are where distribution functions pass a number, for few trials and many, likely ones and unlikely ones."""

import numpy as np
import pytest
from scipy.stats import binom, gamma, nbinom

from routegame.envs.luck import quantiles
from routegame.envs.luck.beta import beta
from routegame.envs.luck.quantiles import LEAST, MOST, binomial_quantiles, negative_binomial_quantiles

FINDERS = {"binomial": (binomial_quantiles, binom), "negative binomial": (negative_binomial_quantiles, nbinom)}
DIGITS = 1e-11
"""How close to its distribution function at a whole number a drawn number may be for either side of it to be right."""


@pytest.mark.parametrize("name", FINDERS)
@pytest.mark.parametrize("n", [1, 2, 9, 100, 1024, 10_240, 2**20, 2**30])
def test_the_distribution_function_passes_the_number_there(name, n):
    find, known = FINDERS[name]
    numbers = np.concatenate([np.random.default_rng(n).random(30), [0.0, 1e-9, 0.5, 1 - 1e-9, 1 - 2**-53]])
    for p in (1e-4, 0.03, 0.2, 0.5, 0.8, 0.9995):
        found = find(numbers, np.full(numbers.shape, n), np.full(numbers.shape, p))
        before, after = known.cdf(found - 1, n, p), known.cdf(found, n, p)
        assert (before <= np.maximum(numbers, LEAST) + DIGITS).all() and (after > numbers - DIGITS).all(), p


@pytest.mark.parametrize("name", FINDERS)
def test_they_are_those_of_another_implementation(name):
    find, known = FINDERS[name]
    rng = np.random.default_rng(1)
    numbers, n, p = rng.random(2000), rng.integers(1, 3000, 2000), rng.uniform(0.001, 0.999, 2000)
    assert (find(numbers, n, p) == known.ppf(numbers, n, p)).all()


@pytest.mark.parametrize("name", FINDERS)
def test_of_few_trials_every_count_is_as_likely_as_it_should_be(name):
    """By chi-squared of evenly spread numbers, of which each count gets its share to a unit."""
    find, known = FINDERS[name]
    numbers = (np.arange(100_000) + 0.5) / 100_000
    for n, p in ((1, 0.3), (3, 0.7), (20, 0.9), (40, 0.4)):
        counts = np.bincount(find(numbers, np.full(numbers.shape, n), np.full(numbers.shape, p)))
        assert np.abs(counts - 100_000 * known.pmf(np.arange(len(counts)), n, p)).max() <= 1


@pytest.mark.parametrize("name", FINDERS)
def test_more_luck_is_no_less_and_likelier_is_no_less(name):
    """Along the number, and along the probability: so counts move together."""
    find, _ = FINDERS[name]
    even = np.linspace(0.001, 0.999, 500)
    for n in (3, 50, 5000):
        along_number = find(even, np.full(500, n), np.full(500, 0.4))
        along_chance = find(np.full(500, 0.7), np.full(500, n), even)
        assert (np.diff(along_number) >= 0).all()
        assert (np.diff(along_chance) * (1 if name == "binomial" else -1) >= 0).all()


def test_what_is_certain():
    numbers, half = np.array([0.0, 0.5, 0.999]), np.full(3, 0.5)
    assert binomial_quantiles(numbers, np.array([0, 0, 0]), half).tolist() == [0, 0, 0]
    assert binomial_quantiles(numbers, np.array([9, 9, 9]), np.array([1.0, 1 + 1e-15, 0.0])).tolist() == [9, 9, 0]
    assert (
        negative_binomial_quantiles(numbers, np.array([0, 7, 7]), np.array([0.5, 1.0, 1 + 1e-15])).tolist() == [0] * 3
    )
    assert binomial_quantiles(numbers[:, None], np.array([[2], [2], [2]]), half[:, None]).tolist() == [[0], [1], [2]]


@pytest.mark.parametrize("n", [1, 2, 30, 1000])
def test_where_hardly_anything_succeeds_failures_are_gamma_distributed(n):
    """A billion of them a success; and there is a largest count, which stands for more than can be counted."""
    numbers = np.array([0.0, 1e-6, 0.2, 0.9, 1 - 1e-12])
    found = negative_binomial_quantiles(numbers, np.full(5, n), np.full(5, 1e-9))
    assert found[1:] * 1e-9 == pytest.approx(gamma.ppf(numbers[1:], n), rel=1e-6)
    assert negative_binomial_quantiles(np.array([0.5]), np.array([n]), np.array([1e-30])).tolist() == [MOST]


@pytest.mark.parametrize("name", FINDERS)
def test_a_count_among_a_billion_takes_as_few_steps_as_one_among_a_hundred(name, monkeypatch):
    """Distribution functions that are evaluated on the way to a quantile, the most for any of many numbers."""
    calls = []
    monkeypatch.setattr(quantiles, "beta", lambda *given: calls.append(1) or beta(*given))
    numbers = np.concatenate([np.random.default_rng(0).random(100), [1e-12, 1 - 1e-12]])
    find, worst = {"binomial": quantiles._binomial, "negative binomial": quantiles._negative_binomial}[name], []
    for name in ("_found", "_guess"):
        monkeypatch.setattr(quantiles, name, getattr(quantiles, name).py_func)
    for n in (100.0, 2.0**20, 2.0**30):
        taken = []
        for u in numbers:
            calls.clear()
            find.py_func(float(u), n, 0.4, 0.6)
            taken.append(len(calls))
        worst.append(max(taken))
    assert 1 <= min(worst) and max(worst) <= 4, worst
