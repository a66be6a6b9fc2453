"""The incomplete beta function, compiled: binomial and negative binomial distributions are made of it.

Where both parameters are large it is Temme's uniform expansion around the normal distribution (1996, *Special
Functions*, §11.3.3.1), whose terms are Taylor coefficients of one function. Elsewhere it is a binomial sum, of which
few terms matter: those within some standard deviations.
"""

# What is compiled has the types of its arguments, which mypy cannot see.
# mypy: disable-error-code="no-untyped-def, untyped-decorator"

from __future__ import annotations

import math

import numpy as np
from numba import njit

from routegame.envs.arrays import FloatArray

ORDER = 12
"""Taylor coefficients that are kept."""

LARGE = 60.0
"""Where a b / (a + b) is no less, so many coefficients are enough for twelve digits."""

NEGLIGIBLE = 1e-17
"""Share of a sum below which what is left of it is left out."""

TABLED = 16
"""Numbers below which Stirling's series is not close enough."""


def taylor_coefficients(order: int) -> FloatArray:
    """Return the coefficients of y / τ(y) in powers of y, polynomials in g = 1 − 2 x₀: (order + 1, order + 1).

    Here ½ y² = Σ c_m τ^m / m over m >= 2, where c_m = (−1)^m (1 − x₀)^(m − 1) + x₀^(m − 1). By Lagrange's inversion
    number n is that of τ^n in h^((1 − n) / 2) / (1 − n), where h is y² / τ².

    >>> (taylor_coefficients(2).round(4) + 0.0).tolist()  # no -0.0
    [[1.0, 0.0, 0.0], [0.0, -0.3333, 0.0], [0.0625, 0.0, 0.0208]]
    """
    h = np.zeros((order + 1, order + 1))
    for n in range(order + 1):
        for power in range(n % 2, n + 1, 2):
            h[n, power] = (-1) ** n * math.comb(n + 1, power) * 2.0 ** (1 - n) / (n + 2)
    found = np.zeros((order + 1, order + 1))
    found[0, 0], found[1] = 1.0, h[1] / 2
    for n in range(2, order + 1):
        found[n] = _power(h, (1 - n) / 2, n) / (1 - n)
    return found


def _power(series: FloatArray, exponent: float, n: int) -> FloatArray:
    """Coefficient number n of a power of a series that begins with 1, each a polynomial; Miller's recurrence."""
    powers: list[FloatArray] = [np.eye(1, series.shape[1])[0]]
    for k in range(1, n + 1):
        total = np.zeros(series.shape[1])
        for j in range(1, k + 1):
            total += (exponent * j - (k - j)) * np.convolve(series[j], powers[k - j])[: series.shape[1]]
        powers.append(total / k)
    return powers[n]


_TAYLOR = taylor_coefficients(ORDER)
_STIRLING = np.array(
    [0.0] + [math.lgamma(n + 1) - (n + 0.5) * math.log(n) + n - 0.5 * math.log(2 * math.pi) for n in range(1, TABLED)]
)


@njit(nogil=True, error_model="numpy")
def beta(a, b, x, y):
    """Return I_x(a, b), and its derivative by ln(x / y), x^a y^b / B(a, b).

    Args:
        a: a whole number from 1, as a float.
        b: likewise.
        x: in (0, 1).
        y: 1 − x.
    """
    total = a + b
    size = a / total * b
    off = a - total * x
    distance = total * (x * _deviance(off / (total * x)) + y * _deviance(-off / (total * y)))
    slope = math.sqrt(size / (2 * math.pi)) * math.exp(_stirling(total) - _stirling(a) - _stirling(b) - distance)
    if size >= LARGE:
        w = -math.copysign(math.sqrt(distance), off)
        return 0.5 * math.erfc(-w) - slope / size * _expansion(
            w * math.sqrt(2 / size), 1 / size, (b - a) / total
        ), slope
    if off > 0:
        return slope / (a * y) * _sum(a, b, x / y), slope
    return 1 - slope / (b * x) * _sum(b, a, y / x), slope


@njit(nogil=True, error_model="numpy")
def _deviance(t):
    """(1 + t) ln(1 + t) − t."""
    if abs(t) > 0.1:
        return (1 + t) * math.log1p(t) - t if t > -1 else 1.0
    v = t / (2 + t)
    square, term, found, k = v * v, 2 * v * (1 + t), v * t, 3.0
    while True:
        term *= square
        more = found + term / k
        if more == found:
            return found
        found, k = more, k + 2


@njit(nogil=True, error_model="numpy")
def _stirling(n):
    """The logarithm of n! less Stirling's approximation, of a whole number n >= 1."""
    if n < TABLED:
        return _STIRLING[int(n)]
    s = 1 / (n * n)
    return (1 / 12 - (1 / 360 - (1 / 1260 - (1 / 1680 - s / 1188) * s) * s) * s) / n


@njit(nogil=True, error_model="numpy")
def _expansion(y, rho, g):
    """Sum of Taylor coefficients, from the first, times T_k = y^k + k ρ T_(k−2)."""
    found, before, last, power = 0.0, 0.0, 0.0, 1.0
    for k in range(ORDER):
        now = power + k * rho * before
        n, coefficient = k + 1, 0.0
        for i in range(n, -1, -2):
            coefficient = coefficient * g * g + _TAYLOR[n, i]
        found += coefficient * (g if n % 2 else 1.0) * now
        before, last, power = last, now, power * y
    return found


@njit(nogil=True, error_model="numpy")
def _sum(a, b, odds):
    """Terms of the upper tail of a binomial distribution from a of a + b − 1 on, over the first of them."""
    term, found, j = 1.0, 1.0, a
    left = b - 1
    while left > 0 and term > NEGLIGIBLE * found:
        j += 1
        term *= left / j * odds
        left -= 1
        found += term
    return found
