"""Values by features: one for all unless the log says otherwise, and open where nothing tells."""

from dataclasses import replace

import numpy as np
import pytest
from featured_logs import FEATURES, PLAN, mix_of

from routegame.agents.exact.best_response import best_response
from routegame.agents.users.quantal import quantal_response
from routegame.calibrate.features.regression import Fit, design_of
from routegame.calibrate.features.values import (
    NOISE_PRIOR,
    WALKERS,
    Answers,
    KnownModels,
    _Joint,
    feature_values,
    likeliest_values,
)
from routegame.envs.task_mix import TaskMix

DECISIONS = 60
MIX = mix_of(FEATURES)
RNG = np.random.default_rng(0)


def answers_of(mix: TaskMix, commitments=PLAN.commitments, temperature=0.7) -> Answers:
    """Answers of users to all commitments, as many as are expected."""
    columns = []
    for route, s in commitments:
        q = quantal_response(mix.games, route, s, temperature)
        leaves = RNG.binomial(DECISIONS, q)
        columns.append([np.full(len(mix), route), np.full(len(mix), s), np.full(len(mix), float(DECISIONS)), leaves])
    route, s, decisions, leaves = np.concatenate(columns, axis=1)
    design = np.tile(design_of(FEATURES), (len(commitments), 1))
    return Answers(design, route.astype(int), s, decisions, leaves)


def models(error=0.02):
    """What is known of both models, nearly exactly."""
    fits = [(-1.5, 1.0, -0.3), (0.0, 0.9, 0.3), (0.0, 0.1, 0.2), (np.log(2), 0.1, 0.2)]
    alone = error * np.eye(12).reshape(12, 4, 3)
    found = [Fit(np.array(each), alone[:, k]) for k, each in enumerate(fits)]
    return KnownModels.of(tuple(found[:2]), tuple(found[2:]))


def test_one_value_is_found_with_its_noise():
    found = feature_values(answers_of(mix_of(FEATURES)), models(), np.random.default_rng(1))
    assert found.alike and found.identified and found.answer.shape == (3 * len(FEATURES),)
    error = np.sqrt(np.diag(found.covariance))
    assert abs(found.at[0] - np.log(9)) < 3 * error[0] < 0.2
    assert abs(found.at[3] - np.log(0.7)) < 3 * error[3] < 0.3
    assert (np.abs(found.at[1:3]) < 3 * error[1:3]).all()


def test_a_slope_that_may_be_nothing_is_not_taken_for_nothing():
    """A slope of 0.04 is too little for a log to contradict one value; its interval is that of a slope all the same."""
    off = []
    for _ in range(10):
        found = feature_values(answers_of(mix_of(FEATURES, value=(0.04, 0.0))), models(), np.random.default_rng(1))
        assert found.identified
        off.append((found.at[1] - 0.04) / np.sqrt(found.covariance[1, 1]))
    assert 0.3 < np.std(off) < 1.8 and abs(np.mean(off)) < 1.2


def answers_at_their_best() -> Answers:
    """Answers of users who never err."""
    columns = []
    for route, s in PLAN.commitments:
        q = best_response(MIX.games, route, s)
        columns.append([np.full(len(MIX), route), np.full(len(MIX), s), np.full(len(MIX), 20.0), np.round(20 * q)])
    route, s, decisions, leaves = np.concatenate(columns, axis=1)
    return Answers(np.tile(design_of(FEATURES), (3, 1)), route.astype(int), s, decisions, leaves)


def test_noise_of_users_at_their_best_stays_bounded():
    """Any noise that is small enough explains them: it is known to be small, and no draw of it is without bounds."""
    found = likeliest_values(answers_at_their_best(), models(0.05))
    assert found.at[3] < np.log(0.2) and found.covariance[3, 3] <= NOISE_PRIOR**2 * 1.01


def test_values_of_users_at_their_best_are_drawn_by_walkers():
    """Draws explain every answer, and hold V; a normal distribution around the likeliest V has many that do not."""
    answers = answers_at_their_best()
    found = feature_values(answers, models(0.05), np.random.default_rng(1))
    joint = _Joint(answers, models(0.05), 3)
    assert found.identified and found.drawn is not None and found.drawn.shape == (WALKERS, 16)
    per_row = joint.log_density(found.drawn) / len(answers.route)
    near = likeliest_values(answers, models(0.05))
    normal = np.random.default_rng(0).multivariate_normal(near.at, near.covariance, WALKERS)
    assert per_row.min() > -1 and np.quantile(joint.log_density(normal) / len(answers.route), 0.25) < -5
    low, high = np.quantile(found.drawn[:, 0], [0.01, 0.99])
    assert low < np.log(9) < high < low + 1
    assert (np.abs(found.answer - answers.leaves / 20) < 0.5).mean() > 0.98
    draws = found.draws(50, np.random.default_rng(2))
    assert draws.shape == (50, 16) and (draws[:, None] == found.drawn).all(axis=2).any(axis=1).all()


def test_values_of_noisy_users_are_drawn_around_the_likeliest():
    found = feature_values(answers_of(mix_of(FEATURES)), models(), np.random.default_rng(1))
    assert found.drawn is None
    draws = found.draws(4000, np.random.default_rng(2))
    assert np.abs(draws.mean(axis=0) - found.at).max() < 0.1
    assert draws.std(axis=0) == pytest.approx(np.sqrt(np.diag(found.covariance)), rel=0.1)
    assert (found.draws(0, np.random.default_rng(2)) == found.at).all()


def test_what_is_compiled_is_what_is_climbed():
    """Apart from the prior of the noise, of which walkers know none."""
    joint = _Joint(answers_of(mix_of(FEATURES)), models(0.1), 3)
    points = np.concatenate([[2.0, 0.1, -0.1, -0.3], np.zeros(12)]) + 0.1 * RNG.standard_normal((5, 16))
    middle = joint.prior(16)[3]
    climbed = [joint._objective(at)[0] + (at[3] - middle) ** 2 / (2 * NOISE_PRIOR**2) for at in points]
    assert joint.log_density(points) == pytest.approx(np.array(climbed), rel=1e-4)
    points[0, 0], points[1, 3] = 99, -99
    assert np.isinf(joint.log_density(points)).tolist() == [True, True, False, False, False]


def test_a_value_that_is_a_function_of_features_is_found():
    found = feature_values(answers_of(mix_of(FEATURES, value=(0.0, 0.5))), models(), np.random.default_rng(1))
    assert not found.alike and found.identified
    error = np.sqrt(np.diag(found.covariance))[:3]
    assert (np.abs(found.at[:3] - [np.log(9), 0.0, 0.5]) < 3.5 * error).all() and error.max() < 0.1


def test_slopes_are_those_of_the_likelihood():
    joint = _Joint(answers_of(mix_of(FEATURES)), models(0.1), 3)
    at = np.concatenate([[2.0, 0.1, -0.1, -0.3], 0.3 * RNG.standard_normal(12)])
    gradient, _ = joint._slopes(at, joint._objective(at)[1])
    for k in range(len(at)):
        ends = [joint._objective(at + side * 1e-4 * np.eye(len(at))[k])[0] for side in (-1, 1)]
        assert gradient[k] == pytest.approx((ends[1] - ends[0]) / 2e-4, rel=0.02, abs=1.0)


@pytest.mark.parametrize(
    ("commitments", "leaves", "reason"),
    [
        (((1, 0.3),), None, "all users faced the same commitment"),
        (((1, 0.3), (2, 0.0)), 0.0, "nobody ever left"),
        (((1, 0.3), (2, 0.0)), float(DECISIONS), "everybody left at once"),
    ],
)
def test_values_are_open_where_answers_tell_nothing(commitments, leaves, reason):
    answers = answers_of(mix_of(FEATURES), commitments)
    if leaves is not None:
        answers = replace(answers, leaves=np.full(len(answers.route), leaves))
    found = feature_values(answers, models(), np.random.default_rng(1))
    assert not found.identified and reason in found.reason
