"""Contexts borrow from each other, the less seen the more, and intervals hold the truth."""

import numpy as np
import pytest
from scipy.special import expit, logit

from routegame.calibrate.contexts.pooling import pooled_means, pooled_rates

DRAWS = 2000


def test_rates_are_drawn_towards_the_others_and_with_many_trials_no_longer():
    rates = np.array([0.2, 0.3, 0.4, 0.6])
    moved = []
    for trials in (5, 500, 50_000):
        found = pooled_rates(rates * trials, np.full(4, float(trials)), DRAWS, np.random.default_rng(0))
        middle = np.median(found.draws, axis=0)
        assert middle[0] > 0.2 - 0.03 and middle[3] < 0.6 + 0.03
        moved.append((middle[3] - middle[0]) / 0.4)
        assert moved[-1] == pytest.approx(1 - found.shrunk.mean(), abs=0.1)
    assert moved[0] < 0.75 < moved[1] < moved[2] and moved[2] == pytest.approx(1, abs=0.01)


def test_a_context_without_a_trial_is_what_the_others_are():
    found = pooled_rates(np.array([300.0, 320, 310, 0]), np.array([1000.0] * 3 + [0]), DRAWS, np.random.default_rng(0))
    at = found.estimate(3)
    assert found.shrunk[3] == 1 and at.low < 0.3 and at.high > 0.32 and at.value == pytest.approx(0.31, abs=0.01)


def test_of_two_contexts_nobody_knows_how_much_they_differ():
    """A third that is not seen may be nearly anything; after ten of the same it may not."""
    wide, narrow = (
        pooled_rates(np.append(np.full(n, 300.0), 0), np.append(np.full(n, 1000.0), 0), DRAWS, np.random.default_rng(0))
        for n in (2, 10)
    )
    width = [found.estimate(-1).high - found.estimate(-1).low for found in (wide, narrow)]
    assert width[0] > 2 * width[1]


@pytest.mark.parametrize("size", [20, 400])
def test_intervals_of_rates_hold_the_truth(size):
    rng, held = np.random.default_rng(size), []
    for _ in range(25):
        truth = expit(logit(0.3) + 0.7 * rng.standard_normal(10))
        trials = rng.integers(1, size, 10).astype(float)
        found = pooled_rates(rng.binomial(trials.astype(int), truth).astype(float), trials, 800, rng)
        held += [found.estimate(x).low <= truth[x] <= found.estimate(x).high for x in range(10)]
    assert 0.92 <= np.mean(held) <= 0.985


def test_intervals_of_means_hold_the_truth_and_shrink():
    rng, held, off = np.random.default_rng(3), [], []
    for _ in range(60):
        truth = 5 * np.exp(0.3 * rng.standard_normal(10))
        error = rng.uniform(0.02, 0.6, 10)
        seen = truth * np.exp(error * rng.standard_normal(10))
        found = pooled_means(seen, error, 800, rng)
        held += [found.estimate(x).low <= truth[x] <= found.estimate(x).high for x in range(10)]
        off.append([np.abs(np.log(np.median(found.draws, axis=0) / truth)).mean(), np.abs(np.log(seen / truth)).mean()])
    assert 0.91 <= np.mean(held) <= 0.985
    assert np.mean(off, axis=0)[0] < 0.8 * np.mean(off, axis=0)[1]


def test_means_of_nothing_and_models_that_are_free():
    rng = np.random.default_rng(0)
    assert np.isnan(pooled_means(np.full(2, np.nan), np.full(2, np.inf), 10, rng).draws).all()
    free = pooled_means(np.array([0.0, 2.0]), np.array([0.1, 0.1]), 200, rng)
    assert (free.draws[:, 0] == 0).all() and free.shrunk.tolist() == [0, 0]
    alone = pooled_means(np.array([2.0, np.nan]), np.array([0.1, np.inf]), 200, rng)
    assert alone.shrunk.tolist() == [0, 1] and np.median(alone.draws[:, 1]) == 2
