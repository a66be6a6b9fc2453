"""Regression on features of tasks: of successes by a logit, of latencies and costs by their logarithm.

Both are solved by Newton's method, and both know nothing of distributions but the mean: log-odds of success are linear,
and so is the logarithm of the mean of what is never negative, with a standard deviation in proportion to it, as of a
gamma distribution. Errors are those of clusters, users or tasks, within which anything may depend on anything: how far
the coefficients move if one of them is left out (the jackknife, or CR3, sandwich of Bell & McCaffrey 2002, by one step
of Newton's method). The plain sandwich takes residuals for errors. That is too little where clusters are few, as each
draws the fit towards itself: with 12 users its 95 % intervals of a slope hold the truth in 80 to 90 %. Of few clusters
errors are as wide as Student's t makes them. A weak prior, normal with a standard deviation of `PRIOR` for each feature
in standard deviations, keeps a log-odds finite where a feature tells success from failure without exception.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.special import expit

from routegame.calibrate.estimate.tally import widening
from routegame.envs.arrays import FloatArray, IntArray

PRIOR = 5.0
"""Standard deviation of the prior of each slope, in log-odds or logarithms for a standard deviation of the feature."""

MOST_STEPS = 100
"""Most steps of Newton's method."""

CLOSE = 1e-10
"""Decrement of Newton's method, twice what is still to be gained, at which it ends."""

FARTHEST = 30.0
"""Most that a linear predictor may be, either way."""

LEFT = 1e-9
"""Share of the information that stays whichever cluster is left out, so that one cluster alone leaves a little."""


@dataclass(frozen=True, eq=False)
class Fit:
    """A regression on features in standard deviations.

    Attributes:
        coefficients: at the mean of all features, and for a standard deviation of each, (d + 1,).
        moved: by each cluster, scaled so that the sum of squares is a variance, (G, d + 1).
    """

    coefficients: FloatArray
    moved: FloatArray

    @property
    def covariance(self) -> FloatArray:
        """Covariance of the coefficients, (d + 1, d + 1)."""
        return joint_covariance([self])

    def predictor(self, design: FloatArray) -> FloatArray:
        """The linear predictor, (n, d + 1) -> (n,)."""
        return predictor(self.coefficients, design)


def predictor(coefficients: FloatArray, design: FloatArray) -> FloatArray:
    """The linear predictor within its bounds, (…, d + 1) and (n, d + 1) -> (…, n)."""
    return np.clip(coefficients @ design.T, -FARTHEST, FARTHEST)


def design_of(features: FloatArray) -> FloatArray:
    """A column of ones, and the features, (n, d) -> (n, d + 1)."""
    return np.concatenate([np.ones((len(features), 1)), features], axis=1)


def joint_covariance(fits: Sequence[Fit]) -> FloatArray:
    """Covariance of the coefficients of several fits in one row, of the same clusters: a slow user is slow on all."""
    moved = np.concatenate([fit.moved for fit in fits], axis=1)
    found: FloatArray = moved.T @ moved
    return found


def steady_covariance(fits: Sequence[Fit]) -> FloatArray:
    """The same, with correlations as much smaller as so few clusters may have made them (Schäfer & Strimmer 2005).

    What a few clusters say of many coefficients has combinations that hardly vary among them, or not at all, by chance.
    Whoever asks for such a combination would take it for known. Variances of single coefficients stay as they are.

    >>> fit = Fit(np.zeros(8), np.random.default_rng(0).standard_normal((9, 8)))  # 9 clusters, 8 coefficients
    >>> [float(np.linalg.eigvalsh(of([fit]))[0].round(1)) for of in (joint_covariance, steady_covariance)]
    [0.3, 5.6]
    """
    found = joint_covariance(fits)
    moved = np.concatenate([fit.moved for fit in fits], axis=1)
    clusters = max(int(moved.any(axis=1).sum()), 2)
    error = np.sqrt(np.diag(found))
    share = moved / np.where(error > 0, error, 1.0)
    correlation, apart = share.T @ share, ~np.eye(len(error), dtype=bool)
    doubt = (clusters * (share**2).T @ share**2 - correlation**2) / (clusters - 1)  # variance of each correlation
    total = float((correlation[apart] ** 2).sum())
    found[apart] *= 1 - min(float(doubt[apart].sum()) / total, 1.0) if total else 1.0
    return found


def logistic(design: FloatArray, success: FloatArray, cluster: IntArray, number: int | None = None) -> Fit:
    """Fit p(x) = 1 / (1 + exp(−β · x)).

    Args:
        design: see `design_of`, (n, d + 1).
        success: 1 or 0, both of them at least once, (n,).
        cluster: numbers from 0 of what may depend on each other, (n,).
        number: of clusters, G, some of which may have nothing here; None for the greatest, and one.

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
    return Fit(at, _moved(design, p * (1 - p), success - p, held, cluster, number))


def log_linear(design: FloatArray, amount: FloatArray, cluster: IntArray, number: int | None = None) -> Fit:
    """Fit the mean of amounts that are never negative, m(x) = exp(β · x); where all are 0 it is next to nothing.

    Args:
        design: see `design_of`, (n, d + 1).
        amount: (n,).
        cluster: see `logistic`.
        number: of clusters, likewise.

    >>> x = design_of(np.array([[0.0], [0], [1], [1]]))
    >>> np.exp(log_linear(x, np.array([1.0, 3, 5, 7]), np.arange(4)).predictor(x[::3])).round(1).tolist()
    [2.0, 5.9]
    """
    size = design.shape[1]
    at = np.zeros(size)
    if not amount.any():
        at[0] = -FARTHEST
        return Fit(at, np.zeros((number or int(cluster.max()) + 1, size)))
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
    return Fit(at, _moved(design, ratio, ratio - 1, held, cluster, number))


def _likelihood(design: FloatArray, amount: FloatArray, held: FloatArray, at: FloatArray) -> float:
    """Quasi-likelihood of amounts whose standard deviation is in proportion to their mean."""
    eta = predictor(at, design)
    return float(-(eta + amount * np.exp(-eta)).sum() - (held * at**2).sum() / 2)


def _prior(design: FloatArray) -> FloatArray:
    """Information that the prior has of each coefficient; none of the first."""
    held = np.full(design.shape[1], 1 / PRIOR**2)
    held[0] = 0.0
    return held


def _moved(
    design: FloatArray,
    weight: FloatArray,
    residual: FloatArray,
    held: FloatArray,
    cluster: IntArray,
    number: int | None,
) -> FloatArray:
    """How far each cluster moves the coefficients, see `Fit`.

    Args:
        design: (n, d + 1).
        weight: information of each row, (n,).
        residual: score of each row, in units of its predictor, (n,).
        held: information of the prior, (d + 1,).
        cluster: (n,).
        number: of clusters.
    """
    total, size = number or int(cluster.max()) + 1, design.shape[1]
    sums = np.stack([np.bincount(cluster, column * residual, total) for column in design.T], axis=1)
    own = np.empty((total, size, size))
    for i in range(size):
        for j in range(i + 1):
            own[:, i, j] = own[:, j, i] = np.bincount(cluster, design[:, i] * design[:, j] * weight, total)
    information = own.sum(axis=0) + np.diag(held)
    without = information + LEFT * np.diag(np.diag(information)) - own
    moved = np.linalg.solve(without, sums[..., None])[..., 0]
    seen = max(int((np.bincount(cluster, minlength=total) > 0).sum()), 2)
    found: FloatArray = moved * (float(widening(seen)) * ((seen - 1) / seen) ** 0.5)
    return found
