"""What tasks did, step by step, against the same tasks followed pass by pass."""

from math import nan

import numpy as np
import pytest
from log_rows import counted, write
from tallies import shapes_of

from routegame.calibrate.estimate.counts import NUM_STEPS, arms, by_commitment, decided, handed_over, rate, steps
from routegame.calibrate.log.ending import Ending

SOLVED, LEFT, OPEN, UNDECIDED = Ending.SOLVED, Ending.LEFT, Ending.OPEN, Ending.UNDECIDED

ROWS = [
    (route, n1, n2, ending)
    for route in (1, 2)
    for n1 in (range(1, 10) if route == 1 else [0])
    for n2 in (range(9) if route == 1 else range(1, 9))
    for ending in (SOLVED, LEFT, OPEN, UNDECIDED)
]
"""Every shape of up to nine passes of either model."""


def followed():
    """The steps of these tasks, one of the first shape, two of the second, and so on; those beyond the last as one."""
    names = ("decisions", "leaves", "passes", "successes")
    found = {name: np.zeros((2, NUM_STEPS), dtype=int) for name in names}
    found |= {name: np.zeros(NUM_STEPS, dtype=int) for name in ("chances", "moves")}
    for count, (_, n1, n2, ending) in enumerate(ROWS, start=1):
        models = [0] * n1 + [1] * n2
        for k, model in enumerate(models):
            last, step = k == len(models) - 1, min(k, NUM_STEPS - 1)
            own = min(k if model == 0 else k - n1, NUM_STEPS - 1)
            found["passes"][model, own] += count
            found["successes"][model, own] += count * (last and ending == SOLVED)
            found["decisions"][model, step] += count * (not last or ending in (LEFT, OPEN))
            found["leaves"][model, step] += count * (last and ending == LEFT)
            if model == 0 and not last:
                found["chances"][step] += count
                found["moves"][step] += count * (models[k + 1] == 1)
    return found


SHAPES = shapes_of(*((0, route, 0.2, *rest, count) for count, (route, *rest) in enumerate(ROWS, start=1)))


@pytest.mark.parametrize("name", ["decisions", "leaves", "passes", "successes", "chances", "moves"])
def test_steps_are_those_of_tasks_that_are_followed(name):
    assert getattr(steps(SHAPES), name).tolist() == followed()[name].tolist()


def test_five_passes_are_told_apart_and_later_ones_counted_together():
    assert steps(SHAPES).passes.shape == (2, 6) and steps(SHAPES).chances.shape == (6,)
    one = steps(shapes_of((0, 1, 0.2, 8, 0, LEFT, 1)))
    assert one.passes[0].tolist() == [1, 1, 1, 1, 1, 3] and one.leaves[0].tolist() == [0, 0, 0, 0, 0, 1]


def test_totals_are_sums_of_steps():
    counted_ = steps(SHAPES)
    assert decided(SHAPES) == (counted_.decisions.sum(), counted_.leaves.sum())
    assert handed_over(SHAPES) == (counted_.chances.sum(), counted_.moves.sum())


def test_commitments_are_told_apart_by_what_is_stated():
    """Where nothing is, a task on model 1 is under one like all others; on route 2 nothing is handed over."""
    rows = [
        (0, 1, 0.5, 1, 0, LEFT, 10),
        (0, 1, 0.1, 2, 0, LEFT, 5),
        (0, 2, 0.1, 0, 1, LEFT, 4),
        (0, 2, 0.5, 0, 2, SOLVED, 30),
    ]
    rows += [(0, 1, nan, 1, 1, SOLVED, 6), (0, 1, nan, 2, 0, SOLVED, 2), (0, 1, 0.1, 1, 1, SOLVED, 7)]
    shapes = shapes_of(*rows)
    found = [(route, s, chosen.tolist()) for route, s, chosen in by_commitment(shapes)]
    expected = [(1, nan, [4, 5]), (1, 0.1, [1, 6]), (1, 0.5, [0]), (2, nan, [2, 3])]
    assert [(route, [k for k, one in enumerate(chosen) if one]) for route, _, chosen in found] == [
        (route, places) for route, _, places in expected
    ]
    np.testing.assert_array_equal([s for _, s, _ in found], [s for _, s, _ in expected])
    known = arms(shapes)
    assert [(arm.route, arm.tasks) for arm in known] == [(2, 34), (1, 12), (1, 10), (1, 8)]
    np.testing.assert_allclose([arm.cascade_prob for arm in known], [nan, 0.1, 0.5, 6 / 8])
    np.testing.assert_allclose([arm.abandon_prob for arm in known], [4 / 34, 5 / 17, 1, 0])


def test_a_commitment_without_failures_says_nothing_of_users():
    (arm,) = arms(shapes_of((0, 1, nan, 1, 0, SOLVED, 10)))
    assert np.isnan(arm.abandon_prob) and np.isnan(arm.cascade_prob)


def test_dependent_trials_count_for_less():
    """Four times the variance: as sure as a quarter of them. Of none there is no share."""
    assert rate(40, 100, spread=4.0) == rate(10, 25)
    assert np.isnan([rate(0, 0).value, rate(0, 0).low, rate(0, 0).high]).all()


@pytest.mark.parametrize(
    "successes,trials,low,high", [(0, 10, 0, 0.2775), (5, 10, 0.2366, 0.7634), (10, 10, 0.7225, 1)]
)
def test_a_share_has_wilson_s_interval(successes, trials, low, high):
    share = rate(successes, trials)
    assert (share.low, share.high) == (pytest.approx(low, abs=1e-4), pytest.approx(high, abs=1e-4))


def test_tasks_that_are_open_did_not_leave(tmp_path):
    """A log that ends in the middle: the last pass of each task is missing."""
    log = [["task", "pass", "model", "latency", "cost", "success", "next"]]
    log += [
        ["a", 1, 1, 1, 1, 0, "retry"],
        ["a", 2, 1, 1, 1, 0, "retry"],
        ["b", 1, 2, 1, 1, 0, ""],
        ["c", 1, 1, 1, 1, 0, "leave"],
    ]
    shapes = counted(write(tmp_path / "log.csv", log))[1].shapes
    found = steps(shapes)
    assert found.decisions.sum() == 3 and found.leaves.sum() == 1
    assert found.chances.tolist()[:2] == [1, 0] and found.moves.sum() == 0
    assert [(arm.route, arm.tasks) for arm in arms(shapes)] == [(1, 2), (2, 1)]
