"""Quantiles of binomial and negative binomial distributions, compiled: exact counts at a price that hardly grows.

A normal quantile, made as skewed and as steep as the distribution, is a guess. From where the guess is right to a step
or so single probabilities are added up or taken off until the distribution function passes the given number; further
away it is Newton's method that comes closer, between bounds. Few counts are found from 0 upwards.
"""

# What is compiled has the types of its arguments, which mypy cannot see.
# mypy: disable-error-code="no-untyped-def, untyped-decorator"

from __future__ import annotations

import math
from collections.abc import Callable
from functools import partial

import numpy as np
from numba import njit

from routegame.envs.arrays import FloatArray, IntArray
from routegame.envs.compiled import kept
from routegame.envs.luck.beta import beta

FEW = 12.0
"""Means below which counts are found from 0 upwards."""

NEAR = 8.0
"""Steps up to which single probabilities are added up."""

LEAST = 1e-17
"""What is less counts as so much: no double is closer to 1, either."""

MOST = 2.0**60
"""No count is larger: so many passes at once stand for any number of them."""


def binomial_quantiles(numbers: FloatArray, n: IntArray, p: FloatArray) -> IntArray:
    """Return the least counts at which binomial distribution functions are above numbers in [0, 1); shapes are alike.

    Args:
        numbers: (num_counts,) or any other shape.
        n: trials, at least 0.
        p: probability of success of each; no less than 0, and where it is more than 1 it is 1.

    >>> binomial_quantiles(np.array([0.2, 0.6, 0.9]), np.array([2, 2, 2]), np.full(3, 0.5)).tolist()
    [0, 1, 2]
    """
    return _each(_binomials, numbers, n, p)


def negative_binomial_quantiles(numbers: FloatArray, n: IntArray, p: FloatArray) -> IntArray:
    """Return the same of negative binomial distributions, those of the failures before n successes.

    Args:
        numbers: as of `binomial_quantiles`.
        n: successes, at least 0: before none of them there are no failures.
        p: probability of success, above 0; where it is more than 1 it is 1.

    >>> negative_binomial_quantiles(np.array([0.2, 0.6, 0.9]), np.array([1, 1, 1]), np.full(3, 0.5)).tolist()
    [0, 1, 3]
    """
    return _each(_negative_binomials, numbers, n, p)


def _each(fill: Callable[..., None], numbers: FloatArray, n: IntArray, p: FloatArray) -> IntArray:
    found = np.empty(np.shape(numbers), dtype=np.int64)
    u, trials, chance = (np.ascontiguousarray(each).reshape(-1) for each in (numbers, n, p))
    fill(u, trials.astype(np.int64, copy=False), chance.astype(np.float64, copy=False), found.reshape(-1))
    return found


@partial(kept, error_model="numpy")
def _binomials(numbers, n, p, found):
    for i in range(found.size):
        count, chance, u = float(n[i]), p[i], numbers[i]
        if count == 0 or chance <= 0:
            found[i] = 0
        elif chance >= 1:
            found[i] = n[i]
        elif chance > 0.5:
            found[i] = n[i] - int(_binomial(1 - u, count, 1 - chance, chance))
        else:
            found[i] = int(_binomial(u, count, chance, 1 - chance))


@partial(kept, error_model="numpy")
def _negative_binomials(numbers, n, p, found):
    for i in range(found.size):
        count, chance, u = float(n[i]), p[i], numbers[i]
        if count == 0 or chance >= 1:
            found[i] = 0
        elif count == 1:
            found[i] = int(min(np.floor(math.log1p(-u) / math.log1p(-chance)), MOST))
        else:
            found[i] = int(_negative_binomial(u, count, chance, 1 - chance))


@njit(nogil=True, error_model="numpy")
def _binomial(u, n, p, q):
    """The quantile where 0 < p <= 0.5 and n >= 1, as a float."""
    mean = n * p
    if mean < FEW:
        k, term = 0.0, math.exp(n * math.log1p(-p))
        found = term
        while found <= u and k < n:
            k += 1
            term *= (n + 1 - k) / k * (p / q)
            if found + term == found and k > mean:
                break  # what is left of the distribution is less than a double can tell
            found += term
        return k
    spread = math.sqrt(mean * q)
    guess = _guess(u, mean, spread, (q - p) / spread, (1 - 6 * p * q) / (mean * q))
    return _found(u, n, p, q, 0.0, guess, spread, n)


@njit(nogil=True, error_model="numpy")
def _negative_binomial(u, n, p, q):
    """The quantile where 0 < p < 1 and n >= 2, as a float."""
    mean = n * q / p
    if mean < FEW:
        k, term = 0.0, math.exp(n * math.log(p))
        found = term
        while found <= u:
            k += 1
            term *= (n - 1 + k) / k * q
            if found + term == found and k > mean:
                break
            found += term
        return k
    spread = math.sqrt(mean / p)
    guess = _guess(u, mean, spread, (1 + q) / math.sqrt(n * q), 6 / n + p * p / (n * q))
    return _found(u, n, p, q, 1.0, guess, spread, MOST)


@njit(nogil=True, error_model="numpy")
def _guess(u, mean, spread, skewness, excess):
    """A quantile by the first four moments: of a gamma distribution (Wilson and Hilferty 1931), and what differs."""
    z = _normal_quantile(min(max(u, LEAST), 1 - 1e-16))
    if abs(skewness) > 1e-8:
        w = 2 / skewness * ((1 + skewness * z / 6 - skewness * skewness / 36) ** 3 - 1)
    else:
        w = z
    return mean + spread * (w + (excess - 1.5 * skewness * skewness) * (z * z * z - 3 * z) / 24)


@njit(nogil=True, error_model="numpy")
def _found(u, n, p, q, failures, guess, spread, most):
    """The least count whose distribution function is above u, from a guess on.

    `failures` is 1 for those before n successes, the negative binomial, and 0 for successes among n: a float, since
    Numba would compile all of this twice for two truth values.
    """
    negative = failures > 0
    u = max(u, LEAST)
    below, above = -1.0, most  # the function is at most u at the first, and above u at the other
    k = min(max(np.floor(guess + 0.5), 0.0), most)
    while True:
        if negative:
            total, slope = beta(n, k + 1, p, q)
            term = slope / ((n + k) * q)
        elif k >= n:
            total, term = 1.0, math.exp(n * math.log(p))
        else:
            total, slope = beta(n - k, k + 1, q, p)
            term = slope / ((n - k) * p)
        if total > u:
            above = k
        else:
            below = k
        step = (u - (total - 0.5 * term)) / max(term, 1e-300)
        if abs(step) <= NEAR or above - below <= NEAR:
            break
        step = min(max(step, -2 * spread), 2 * spread)
        k = np.floor(k + step)
        if not below < k < above:
            k = np.floor(below + 0.5 * (above - below)) if below >= 0 else np.floor(0.5 * above)
    while total > u and k > 0 and total - term > u:
        if total - term == total:
            break  # the doubles next to u are further apart than one probability is large
        total -= term
        term *= k / ((n - 1 + k) * q) if negative else k / (n + 1 - k) * (q / p)
        k -= 1
    while total <= u and k < most:
        term *= (n + k) * q / (k + 1) if negative else (n - k) / (k + 1) * (p / q)
        if total + term == total:
            break
        k += 1
        total += term
    return k


@njit(nogil=True, error_model="numpy")
def _normal_quantile(u):
    """Right to seven digits (Wichura 1988, AS 241)."""
    q = u - 0.5
    if abs(q) <= 0.425:
        r = 0.180625 - q * q
        top = ((59.109374720 * r + 159.29113202) * r + 50.434271938) * r + 3.3871327179
        return q * top / (((67.187563600 * r + 78.757757664) * r + 17.895169469) * r + 1)
    r = math.sqrt(-math.log(u if q < 0 else 1 - u))
    if r <= 5:
        r -= 1.6
        top = ((0.17023821103 * r + 1.3067284816) * r + 2.7568153900) * r + 1.4234372777
        found = top / ((0.12021132975 * r + 0.73700164250) * r + 1)
    else:
        r -= 5
        top = ((0.017337203997 * r + 0.42868294337) * r + 3.0812263860) * r + 6.6579051150
        found = top / ((0.012258202635 * r + 0.24197894225) * r + 1)
    return -found if q < 0 else found
