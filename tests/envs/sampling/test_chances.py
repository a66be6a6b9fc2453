"""Probabilities as thresholds of words: kept to 2^-32, used once, and distributed as they are said to be."""

from itertools import pairwise

import numpy as np
import pytest
from scipy.stats import beta, kstest

from routegame.envs.checks import ParameterError
from routegame.envs.sampling.chances import (
    CUT_OFF_PROB,
    as_multipliers,
    cascade_above,
    leaves_at,
    moved_above,
    of_repeat,
    of_task,
    passes_needed,
    row_moved_above,
    success_below,
)

WORDS = np.random.default_rng(0).integers(0, 2**32, 100_000, dtype=np.uint32)


@pytest.mark.parametrize("prob", [1e-3, 0.0311, 0.4311, 0.5, 0.999])
@pytest.mark.parametrize("cascade", [0, 1e-6, 0.0783, 0.5, 1])
def test_thresholds_keep_probabilities_to_two_to_the_minus_32(prob, cascade):
    success = success_below(prob)
    stay = int(cascade_above(success, cascade))
    assert abs(int(success) / 2**32 - prob) <= 2**-33
    handed_over = 2**32 - 1 - stay
    assert abs(handed_over / 2**32 - (1 - int(success) / 2**32) * cascade) <= 2**-33


def test_thresholds_at_their_limits():
    success = success_below([1e-300, 1 - 1e-16])
    assert success.tolist() == [1, 2**32 - 1]
    assert cascade_above(success, 1).tolist() == [0, 2**32 - 2], "every failed word is above"
    assert cascade_above(success, 0).tolist() == [2**32 - 1, 2**32 - 1], "no word is above"


def test_one_row_is_shared_out_as_many_are_to_the_bit():
    """With shares of 0, and rounding that leaves something over."""
    rng = np.random.default_rng(7)
    for number in range(2000):
        models = 2 + number % 7
        shares = rng.dirichlet(np.full(models, 0.3)) * (rng.random(models) < 0.7)
        shares = shares / shares.sum() if shares.any() else np.eye(models)[number % models]
        success = int(success_below(rng.random() ** 4))
        own = int(rng.integers(models))
        row = moved_above(success, shares, np.array(own)).tolist()
        assert row_moved_above(success, shares.tolist(), own) == row
        assert row_moved_above(0, shares.tolist()) == moved_above(0, shares).tolist()


def test_a_word_that_hands_a_task_over_does_so_at_every_larger_cascade():
    """And no word both solves a task and hands it over."""
    below = success_below(0.3)
    handed = [WORDS > cascade_above(below, s) for s in (0.0, 0.1, 0.5, 1.0)]
    assert not handed[0].any() and (handed[3] == (WORDS >= below)).all()
    for fewer, more in pairwise(handed):
        assert (fewer <= more).all() and fewer.sum() < more.sum()
    assert not (handed[3] & (WORDS < below)).any()


@pytest.mark.parametrize("p,difficulty", [(0.1, 4.0), (0.5, 1.0), (0.9, 30.0)])
def test_difficulties_are_beta_distributed_around_the_model_s_success(p, difficulty):
    drawn = of_task(p, difficulty, WORDS[:5000])
    assert kstest(drawn, beta(difficulty * p, difficulty * (1 - p)).cdf).pvalue > 0.01
    assert drawn.mean() == pytest.approx(p, abs=5 * drawn.std() / np.sqrt(5000))


def test_a_task_that_is_hard_for_one_model_is_hard_for_the_other():
    first, second = (of_task(p, 4.0, np.sort(WORDS[:500])) for p in (0.1, 0.3))
    assert (np.diff(first) >= 0).all() and (np.diff(second) >= 0).all() and (second > first).all()


def test_repeats_are_multiplied_and_no_surer_than_sure():
    assert of_repeat(np.array([[0.2, 0.8], [0.2, 0.8]]), (0.5, 2.0)).tolist() == [[0.1, 0.4], [0.4, 1.0]]
    assert as_multipliers(0.5) == (0.5, 0.5) and as_multipliers((0.5, 2)) == (0.5, 2.0)


@pytest.mark.parametrize("given", [-0.1, (0.5, -1), (1, 2, 3), float("inf"), "x", ([0.1, 0.2], 1)])
def test_multipliers_that_are_none_are_refused(given):
    with pytest.raises(ParameterError, match="retry_multiplier"):
        as_multipliers(given)


@pytest.mark.parametrize("q", [0.0, 1e-3, 0.5, 1.0])
def test_so_many_leave(q):
    share = leaves_at(WORDS, q).mean()
    assert abs(share - q) <= 5 * np.sqrt(q * (1 - q) / len(WORDS))


@pytest.mark.parametrize("p", [1e-4, 0.0311, 0.1, 0.5, 0.99, 1 - 1e-9])
def test_a_cap_is_the_least_that_is_seldom_reached(p):
    passes = passes_needed([p, 1.0, 0.999999999999], 10**9)
    assert (1 - p) ** passes < CUT_OFF_PROB <= (1 - p) ** (passes - 1)


def test_a_cap_has_bounds():
    assert passes_needed([0.0, 0.5], 1000) == passes_needed([1e-12], 1000) == 1000
    assert passes_needed([1.0], 1000) == passes_needed([0.9], 1) == 1
