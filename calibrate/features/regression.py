"""Regression on features of tasks: of successes by a logit, of latencies and costs by their logarithm.

Both are solved by Newton's method, and both know nothing of distributions but the mean: log-odds of success are linear,
and so is the logarithm of the mean of what is never negative, with a standard deviation in proportion to it, as of a
gamma distribution. Errors are those of sums over clusters, users or tasks, within which anything may depend on anything
(the sandwich of Huber and White). A weak prior, normal with a standard deviation of `PRIOR` for each feature in
standard deviations, keeps a log-odds finite where a feature tells success from failure without exception.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import expit

from routegame.envs.arrays import FloatArray, IntArray

PRIOR = 5.0
"""Standard deviation of the prior of each slope, in log-odds or logarithms for a standard deviation of the feature."""

MOST_STEPS = 100
"""Most steps of Newton's method."""

CLOSE = 1e-10
"""Decrement of Newton's method, twice what is still to be gained, at which it ends."""

FARTHEST = 30.0
"""Most that a linear predictor may be, either way."""


@dataclass(frozen=True, eq=False)
class Fit:
    """A regression on features in standard deviations.

    Attributes:
        coefficients: at the mean of all features, and for a standard deviation of each, (d + 1,).
        covariance: of these, (d + 1, d + 1).
    """

    coefficients: FloatArray
    covariance: FloatArray

    def predictor(self, design: FloatArray) -> FloatArray:
        """The linear predictor, (n, d + 1) -> (n,)."""
        return predictor(self.coefficients, design)


def predictor(coefficients: FloatArray, design: FloatArray) -> FloatArray:
    """The linear predictor within its bounds, (…, d + 1) and (n, d + 1) -> (…, n)."""
    return np.clip(coefficients @ design.T, -FARTHEST, FARTHEST)


def design_of(features: FloatArray) -> FloatArray:
    """A column of ones, and the features, (n, d) -> (n, d + 1)."""
    return np.concatenate([np.ones((len(features), 1)), features], axis=1)


def logistic(design: FloatArray, success: FloatArray, cluster: IntArray) -> Fit:
    """Fit p(x) = 1 / (1 + exp(−β · x)).

    Args:
        design: see `design_of`, (n, d + 1).
        success: 1 or 0, both of them at least once, (n,).
        cluster: numbers from 0 of what may depend on each other, (n,).

    >>> x = design_of(np.array([[0.0], [0], [0], [0], [1], [1], [1], [1]]))
    >>> fit = logistic(x, np.array([0.0, 0, 0, 1, 0, 1, 1, 1]), np.arange(8))
    >>> expit(fit.predictor(x[::7])).round(2).tolist()  # nearly 1 and 3 of 4: the prior is weak
    [0.27, 0.73]
    """
    held = _prior(design)
    at = np.zeros(design.shape[1])
    rate = success.mean()
    at[0] = np.log(rate / (1 - rate))
    for _ in range(MOST_STEPS):
        p = expit(predictor(at, design))
        score = design.T @ (success - p) - held * at
        information = (design * (p * (1 - p))[:, None]).T @ design + np.diag(held)
        step = np.linalg.solve(information, score)
        step *= min(1.0, 2.0 / max(float(np.abs(step).max()), 1e-12))
        at = at + step
        if score @ step < CLOSE:
            break
    p = expit(predictor(at, design))
    information = (design * (p * (1 - p))[:, None]).T @ design + np.diag(held)
    return Fit(at, _sandwich(information, design * (success - p)[:, None], cluster))


def log_linear(design: FloatArray, amount: FloatArray, cluster: IntArray) -> Fit:
    """Fit the mean of amounts that are never negative, m(x) = exp(β · x); where all are 0 it is next to nothing.

    Args:
        design: see `design_of`, (n, d + 1).
        amount: (n,).
        cluster: see `logistic`.

    >>> x = design_of(np.array([[0.0], [0], [1], [1]]))
    >>> np.exp(log_linear(x, np.array([1.0, 3, 5, 7]), np.arange(4)).predictor(x[::3])).round(1).tolist()
    [2.0, 5.9]
    """
    size = design.shape[1]
    at = np.zeros(size)
    if not amount.any():
        at[0] = -FARTHEST
        return Fit(at, np.zeros((size, size)))
    held = _prior(design)
    at[0] = np.log(amount.mean())
    fit = -np.inf
    for _ in range(MOST_STEPS):
        ratio = amount * np.exp(-predictor(at, design))
        score = design.T @ (ratio - 1) - held * at
        step = np.linalg.solve((design * ratio[:, None]).T @ design + design.T @ design * 1e-9 + np.diag(held), score)
        fit, gained = _likelihood(design, amount, held, at), float(score @ step)
        while _likelihood(design, amount, held, at + step) < fit and np.abs(step).max() > 1e-12:
            step /= 2
        at = at + step
        if gained < CLOSE:
            break
    ratio = amount * np.exp(-predictor(at, design))
    information = (design * ratio[:, None]).T @ design + np.diag(held)
    return Fit(at, _sandwich(information, design * (ratio - 1)[:, None], cluster))


def _likelihood(design: FloatArray, amount: FloatArray, held: FloatArray, at: FloatArray) -> float:
    """Quasi-likelihood of amounts whose standard deviation is in proportion to their mean."""
    eta = predictor(at, design)
    return float(-(eta + amount * np.exp(-eta)).sum() - (held * at**2).sum() / 2)


def _prior(design: FloatArray) -> FloatArray:
    """Information that the prior has of each coefficient; none of the first."""
    held = np.full(design.shape[1], 1 / PRIOR**2)
    held[0] = 0.0
    return held


def _sandwich(information: FloatArray, scores: FloatArray, cluster: IntArray) -> FloatArray:
    """Covariance of coefficients whose scores depend on each other within clusters."""
    number = int(cluster.max()) + 1
    sums = np.stack([np.bincount(cluster, weights=column, minlength=number) for column in scores.T], axis=1)
    seen = max(int((np.bincount(cluster, minlength=number) > 0).sum()), 2)
    bread = np.linalg.inv(information)
    found: FloatArray = bread @ (sums.T @ sums) @ bread * seen / (seen - 1)
    return found
