"""Regressions against an optimiser that knows nothing of them, and errors that are as large as estimates vary."""

import numpy as np
import pytest
from scipy.optimize import minimize
from scipy.special import expit

from routegame.calibrate.features.regression import PRIOR, design_of, log_linear, logistic

RNG = np.random.default_rng(3)
DESIGN = design_of(RNG.standard_normal((400, 2)))
TRUE = np.array([-0.5, 0.8, -0.4])
ALONE = np.arange(400)


def held(at):
    return (at[1:] ** 2).sum() / (2 * PRIOR**2)


def test_successes_are_as_likely_as_they_can_be():
    success = (RNG.random(400) < expit(DESIGN @ TRUE)).astype(float)

    def off(at):
        return np.logaddexp(0, DESIGN @ at).sum() - success @ DESIGN @ at + held(at)

    found = minimize(off, np.zeros(3), tol=1e-12)
    assert logistic(DESIGN, success, ALONE).coefficients == pytest.approx(found.x, abs=1e-5)


def test_amounts_are_as_near_to_their_means_as_they_can_be():
    amount = np.exp(DESIGN @ TRUE) * RNG.gamma(4, 1 / 4, 400)

    def off(at):
        return (DESIGN @ at + amount * np.exp(-DESIGN @ at)).sum() + held(at)

    found = minimize(off, np.zeros(3), tol=1e-12)
    assert log_linear(DESIGN, amount, ALONE).coefficients == pytest.approx(found.x, abs=1e-5)


@pytest.mark.parametrize("kind", ["success", "amount"])
def test_errors_are_as_large_as_estimates_vary_also_within_users(kind):
    """Of users with 10 passes each who are lucky, or slow, throughout: 150 logs, a tenth off at most by chance."""
    rng, found, errors = np.random.default_rng(1), [], []
    cluster = np.repeat(np.arange(40), 10)
    for _ in range(150):
        luck = np.repeat(rng.normal(0, 0.5, 40), 10)
        if kind == "success":
            fit = logistic(DESIGN, (rng.random(400) < expit(DESIGN @ TRUE + luck)).astype(float), cluster)
        else:
            fit = log_linear(DESIGN, np.exp(DESIGN @ TRUE + luck) * rng.gamma(4, 1 / 4, 400), cluster)
        found.append(fit.coefficients)
        errors.append(np.sqrt(np.diag(fit.covariance)))
    assert np.mean(errors, axis=0) == pytest.approx(np.std(found, axis=0), rel=0.25)


def test_what_a_feature_tells_without_exception_stays_finite():
    x = design_of(np.array([[-1.0], [-1], [1], [1]]))
    fit = logistic(x, np.array([0.0, 0, 1, 1]), np.arange(4))
    assert 1 < fit.coefficients[1] < 30 and np.isfinite(fit.covariance).all()


def test_what_costs_nothing_is_next_to_nothing_without_error():
    fit = log_linear(DESIGN, np.zeros(400), ALONE)
    assert np.exp(fit.predictor(DESIGN)).max() < 1e-12 and not fit.covariance.any()
