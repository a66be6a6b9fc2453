"""How users of each segment fare, against tasks counted by hand: what they get, what they like, who is left out."""

from types import SimpleNamespace

import pytest

from routegame.calibrate.decide.candidates import Offer
from routegame.calibrate.decide.segments import segment_outcomes
from routegame.calibrate.estimate.counts import NONE, Arm
from routegame.calibrate.estimate.estimates import Estimates
from routegame.calibrate.estimate.task_value import Models, TaskValueEstimate
from routegame.eval.statistics import Estimate

PENALTY = 15.0
COLD = 1e-4
"""Users who are all but at their best, so that what they do can be said by hand."""


def sure(value):
    return Estimate(value, value, value)


ARMS = (Arm(1, 0.0, 3, 0.5), Arm(1, 0.5, 1, 0.0))
"""What is in force: three of four tasks on model 1 throughout, the others with every second retry handed over."""


def segment(name, tasks, *, success_prob=(0.1, 0.3), latency=(1.0, 2.0), cost=(1.0, 3.6), passes=(90, 90)):
    p, t, c = ((sure(x), sure(y)) for x, y in (success_prob, latency, cost))
    return Estimates(name, tasks, passes, p, t, c, NONE, NONE, (), Models(success_prob, (0, 0), latency, (0, 0)))


def task_value(value, identified=True):
    return TaskValueEstimate(sure(value), identified, COLD, 0.0, 0, "")


def calibration(segments, values, arms=ARMS, total=None):
    """What `segment_outcomes` reads of a calibration."""
    return SimpleNamespace(
        segments=tuple(segments),
        segment_task_values=tuple(values),
        log=SimpleNamespace(models=("1", "2")),
        in_force=SimpleNamespace(arms=tuple(arms)),
        whole=SimpleNamespace(tasks=total or sum(one.tasks for one in segments)),
    )


def test_users_who_leave_and_users_who_stay():
    """V = 9: a pass of model 1 is worth 0.9 - 1 < 0, one of model 2 2.7 - 2 > 0; V = 30: both are worth their wait.

    In force: three of four tasks on model 1 throughout, where the first kind of users leave after a failure, and one
    with s = 1/2, where they stay: 1 / (1 - 0.9 / 2) = 20/11 passes of model 1 and then 9/11 hand-overs, each to
    1 / 0.3 passes of model 2. The second kind always stays.
    """
    users = calibration([segment("hasty", 30), segment("calm", 10)], [task_value(9.0), task_value(30.0)])
    hasty, calm = segment_outcomes(Offer(2, 0.0), users, PENALTY)
    on_1, on_2 = 20 / 11, 9 / 11 / 0.3
    assert (hasty.name, hasty.share, calm.name, calm.share) == ("hasty", 0.75, "calm", 0.25)
    assert hasty.in_force == pytest.approx(0.75 * -0.1 + 0.25 * (-0.1 * on_1 + 0.7 * on_2), rel=2e-3)
    assert hasty.cost_in_force == pytest.approx(0.75 * (1 + 0.9 * 15) + 0.25 * (on_1 + 3.6 * on_2), rel=2e-3)
    assert calm.in_force == pytest.approx(0.75 * 2 / 0.1 + 0.25 * (2 * on_1 + 7 * on_2), rel=2e-3)
    assert calm.cost_in_force == pytest.approx(0.75 * 1 / 0.1 + 0.25 * (on_1 + 3.6 * on_2), rel=2e-3)
    assert [x.recommended for x in (hasty, calm)] == pytest.approx([0.7 / 0.3, 7 / 0.3], rel=2e-3)
    assert [x.cost_recommended for x in (hasty, calm)] == pytest.approx([12, 12], rel=2e-3)


def test_what_users_would_like_and_what_they_would_cost_alone():
    """Both like model 2 first. Those who always stay cost 10 on model 1; the others need a cascade, s_0 = 0.0411."""
    users = calibration([segment("hasty", 30), segment("calm", 10)], [task_value(9.0), task_value(30.0)])
    hasty, calm = segment_outcomes(Offer(1, 0.3), users, PENALTY)
    assert [x.preferred for x in (hasty, calm)] == [Offer(2, 0.0)] * 2
    assert [x.best for x in (hasty, calm)] == pytest.approx([0.7 / 0.3, 7 / 0.3], rel=2e-3)
    assert (calm.own, hasty.own.route) == (Offer(1, 0.0), 1)
    assert calm.cost_own == pytest.approx(10, rel=2e-3)
    assert 0.0411 < hasty.own.cascade_prob < 0.0435
    s = hasty.own.cascade_prob
    on_1 = 1 / (1 - 0.9 * (1 - s))
    assert hasty.cost_own == pytest.approx(on_1 + 3.6 * on_1 * 0.9 * s / 0.3, rel=2e-3)
    assert hasty.cost_own < hasty.cost_recommended < hasty.cost_in_force


def test_what_a_penalty_costs():
    """Users who leave are lost 9 times of 10; P enters their cost and nothing else."""
    users = calibration([segment("a", 1)], [task_value(9.0)], arms=[Arm(1, 0.0, 1, 1.0)])
    cheap, dear = (segment_outcomes(Offer(1, 0.0), users, penalty)[0] for penalty in (2.0, 4.0))
    assert dear.cost_in_force - cheap.cost_in_force == pytest.approx(2 * 0.9, rel=2e-3)
    assert dear.cost_recommended == dear.cost_in_force
    assert (cheap.in_force, cheap.best) == (dear.in_force, dear.best)


@pytest.mark.parametrize("spoilt", ["value", "never ran", "never solves", "always solves"])
def test_segments_that_are_not_known_are_left_out(spoilt):
    """Their tasks count in the shares of the others."""
    odd = {
        "value": segment("b", 30),
        "never ran": segment("b", 30, passes=(90, 0)),
        "never solves": segment("b", 30, success_prob=(0.0, 0.3)),
        "always solves": segment("b", 30, success_prob=(0.1, 1.0)),
    }[spoilt]
    users = calibration([odd, segment("a", 10)], [task_value(9.0, spoilt != "value"), task_value(9.0)], total=50)
    (found,) = segment_outcomes(Offer(1, 0.2), users, PENALTY)
    assert (found.name, found.share) == ("a", 0.2)


def test_a_log_without_segments_has_nobody_to_single_out():
    assert segment_outcomes(Offer(1, 0.2), calibration([], [], total=40), PENALTY) == ()
