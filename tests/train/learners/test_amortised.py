"""The amortised learner: it learns something measurable in no time, and goes on where it was stopped."""

import numpy as np
import pytest
import small_policies

from routegame.eval.policy_judge import as_batch, judge_policy
from routegame.eval.train_policy import games_of
from routegame.train.learners.amortised import Amortised, AmortisedOptions
from routegame.train.state import load, save


@pytest.fixture(scope="module")
def learned():
    learner = small_policies.tiny()
    phases = []
    while not learner.finished:
        phases.append(learner.update().phase)
    assert phases == ["tasks"] * 2 + ["edges"] * 2 + ["ends"] * 2
    return learner


def test_a_moment_of_training_is_worth_something(learned):
    games = as_batch([game for _, game in games_of("unseen")])
    before = judge_policy(small_policies.tiny().learned().policy, games)
    after = judge_policy(learned.learned().policy, games)
    assert before.within(0.01) < 0.8 and after.within(0.01) > 0.85
    assert np.mean(after.regret) < np.mean(before.regret) / 2


def test_it_is_counted_what_is_played(learned):
    meter = learned.learned().meter
    assert meter.passes == meter.pretraining > 500 * 400 and meter.queries > 0


@pytest.mark.parametrize("stop", [1, 2, 3, 5])
def test_what_is_stopped_goes_on_as_if_it_had_not_been(learned, stop, tmp_path):
    first, second = small_policies.tiny(), small_policies.tiny(seed=9)
    for _ in range(stop):
        first.update()
    save(tmp_path / "state", first.state())
    second.restore(load(tmp_path / "state"))
    while not second.finished:
        second.update()
    straight = learned.learned().policy.arrays()
    for name, array in second.learned().policy.arrays().items():
        assert array.tobytes() == straight[name].tobytes(), name


@pytest.mark.slow
def test_half_a_minute_of_training_is_nearly_enough():
    learner = Amortised(AmortisedOptions(kinds=12_000, per_stratum=300, edge_updates=16), 1)
    while not learner.finished:
        learner.update()
    judged = judge_policy(learner.learned().policy, as_batch([game for _, game in games_of("unseen")]))
    assert judged.within(0.01) >= 0.97 and judged.certified >= 0.99
