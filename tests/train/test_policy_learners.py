"""Learners of one policy for a suite are found by name, and no others are."""

import pytest
import small_policies

from routegame.envs.checks import ParameterError
from routegame.train.learners.amortised import Amortised
from routegame.train.policy_learners import make, policy_learner


def test_learners_by_name():
    assert policy_learner("amortised") is Amortised
    made = make("amortised", Amortised.OPTIONS(**small_policies.TINY), 3)
    assert made.num_updates == 6 and not made.finished


@pytest.mark.parametrize("name", ["evolution", "json"])
def test_others_are_refused(name):
    with pytest.raises(ParameterError, match="learner must be one that learns one policy for a suite, amortised, got"):
        policy_learner(name)
