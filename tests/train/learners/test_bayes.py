"""What a Gaussian process proposes; whole runs are in test_learners.py."""

import numpy as np
from extras import NEEDS_OPTUNA, bowl_trials

from routegame.train.learner import learner
from routegame.train.learners import bayes
from routegame.train.optuna_points import OptunaPoints


def trials(count, seed=0):
    return bowl_trials(OptunaPoints(2, np.random.SeedSequence(seed), bayes._sampler), count)


@NEEDS_OPTUNA
def test_it_learns_from_what_it_was_told_and_every_seed_from_other_trials():
    tried = trials(30)
    far = ((tried - 0.3) ** 2).sum(axis=1)
    assert np.median(far[-10:]) < np.median(far[:10]) / 4
    assert not np.array_equal(trials(3, seed=1), tried[:3])


def test_it_refuses_a_box_of_too_many_dimensions():
    class Large:
        size = 129

    assert "128 dimensions" in learner("bayes").objection(Large())
