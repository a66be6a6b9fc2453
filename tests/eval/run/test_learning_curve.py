"""When a run was good for the first time and stayed it."""

from math import inf

import numpy as np
import pytest

from routegame.eval.run.learning_curve import LearningCurve

EMPTY = LearningCurve(np.empty(0), np.empty(0), np.empty(0))


def made(*regrets):
    curve = EMPTY
    for k, regret in enumerate(regrets, start=1):
        curve = curve.ending(10 * k, k, regret)
    return curve


@pytest.mark.parametrize(
    "regrets,reached",
    [
        ([0.5, 0.005, 0.001], (20, 2)),
        ([0.005, 0.5, 0.001], (30, 3)),
        ([0.005, 0.001, 0.5], None),
        ([0.01], (10, 1)),
        ([0.5], None),
        ([0.001, inf], None),
        ([], None),
    ],
)
def test_within_from_some_time_on(regrets, reached):
    assert made(*regrets).reached(0.01) == reached


def test_a_result_that_was_chosen_at_last_counts(tmp_path):
    """What is judged on the way is what learners are about to try; they end with the best that they have seen."""
    path = tmp_path / "metrics.jsonl"
    path.write_text('{"passes": 10, "seconds": 1, "regret/relative": 0.5}\n{"passes": 20, "seconds": 2}\n')
    curve = LearningCurve.read(path)
    assert curve.passes.tolist() == [10] and curve.reached(0.01) is None
    assert curve.ending(25, 3, 0.001).reached(0.01) == (25, 3)
    assert curve.ending(5, 3, 0.001).reached(0.01) is None, "a result older than the curve is none of it"
    assert len(LearningCurve.read(tmp_path / "nothing")) == 0


@pytest.mark.parametrize(
    ("passes", "regrets", "found"),
    [
        ([], [], 1.0),
        ([1e4], [0.01], 0.01),
        ([1.0], [0.01], 0.01),
        ([1e4], [inf], 1.0),
        ([1e4], [0.0], 1e-4),
        ([1e4, 1e7], [1.0, 1e-4], 1e-2),
        ([1e6, 1e8], [0.1, 1e-3], 10 ** (-(2 * 1 + 2 * 3) / 6)),
        ([1e7, 1e12], [0.01, 1e-4], 0.1),
    ],
)
def test_regret_on_the_way_by_hand(passes, regrets, found):
    curve = LearningCurve(np.array(passes), np.zeros(len(passes)), np.array(regrets))
    assert curve.on_the_way() == pytest.approx(found)
