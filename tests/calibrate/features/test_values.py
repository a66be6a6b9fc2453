"""Values by features: one for all unless the log says otherwise, and open where nothing tells."""

from dataclasses import replace

import numpy as np
import pytest
from featured_logs import FEATURES, PLAN, mix_of

from routegame.agents.exact.best_response import best_response
from routegame.agents.users.quantal import quantal_response
from routegame.calibrate.features.regression import Fit, design_of
from routegame.calibrate.features.values import NOISE_PRIOR, Answers, KnownModels, _Joint, feature_values
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
    found = feature_values(answers_of(mix_of(FEATURES)), models())
    assert found.alike and found.identified and found.answer.shape == (3 * len(FEATURES),)
    error = np.sqrt(np.diag(found.covariance))
    assert abs(found.at[0] - np.log(9)) < 3 * error[0] < 0.2
    assert abs(found.at[3] - np.log(0.7)) < 3 * error[3] < 0.3
    assert (np.abs(found.at[1:3]) < 3 * error[1:3]).all()


def test_a_slope_that_may_be_nothing_is_not_taken_for_nothing():
    """A slope of 0.04 is too little for a log to contradict one value; its interval is that of a slope all the same."""
    off = []
    for _ in range(10):
        found = feature_values(answers_of(mix_of(FEATURES, value=(0.04, 0.0))), models())
        assert found.identified
        off.append((found.at[1] - 0.04) / np.sqrt(found.covariance[1, 1]))
    assert 0.3 < np.std(off) < 1.8 and abs(np.mean(off)) < 1.2


def test_users_at_their_best_have_little_noise_and_it_stays_bounded():
    """Any noise that is small enough explains them: it is known to be small, and no draw of it is without bounds."""
    columns = []
    for route, s in PLAN.commitments:
        q = best_response(MIX.games, route, s)
        columns.append([np.full(len(MIX), route), np.full(len(MIX), s), np.full(len(MIX), 20.0), np.round(20 * q)])
    route, s, decisions, leaves = np.concatenate(columns, axis=1)
    answers = Answers(np.tile(design_of(FEATURES), (3, 1)), route.astype(int), s, decisions, leaves)
    found = feature_values(answers, models(0.05))
    assert found.at[3] < np.log(0.2) and found.covariance[3, 3] <= NOISE_PRIOR**2 * 1.01


def test_a_value_that_is_a_function_of_features_is_found():
    found = feature_values(answers_of(mix_of(FEATURES, value=(0.0, 0.5))), models())
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
    found = feature_values(answers, models())
    assert not found.identified and reason in found.reason
