"""Estimates and their intervals, against the textbook's: Student's, Wilson's, and ratios over clusters."""

from dataclasses import replace
from math import nan

import numpy as np
import pytest
from log_rows import counted, write
from scipy.stats import t as student
from tallies import shapes_of, tally_of

from routegame.calibrate.estimate.counts import rate
from routegame.calibrate.estimate.estimates import estimates, values_of
from routegame.calibrate.estimate.tally import Moments
from routegame.calibrate.log.ending import Ending
from routegame.calibrate.log.layout import Layout

SOLVED, LEFT = Ending.SOLVED, Ending.LEFT
HEADER = ["task", "pass", "model", "latency", "cost", "success", "next", "user"]


def one_pass_each(num_tasks, num_users, seed=0):
    """Rows of tasks of one pass of model 1; users differ in everything."""
    rng = np.random.default_rng(seed)
    rows = []
    for k in range(num_tasks):
        user = k % num_users
        solved = int(rng.random() < (user + 0.5) / num_users)
        rows.append([k, 1, 1, rng.gamma(4) * (1 + user), rng.gamma(2), solved, "" if solved else "leave", user])
    return rows


def estimated(path, rows):
    return estimates(counted(write(path / "log.csv", [HEADER, *rows]))[1])[0]


def test_independent_passes_have_student_s_interval(tmp_path):
    """One pass a user: a mean of as many numbers, with one degree of freedom less."""
    rows = one_pass_each(40, 40)
    found = estimated(tmp_path, rows)
    for name, column in (("latency", 3), ("cost", 4)):
        x = np.array([row[column] for row in rows])
        half = student.ppf(0.975, 39) * x.std(ddof=1) / np.sqrt(40)
        estimate = getattr(found, name)[0]
        assert (estimate.value, estimate.low, estimate.high) == pytest.approx(
            (x.mean(), max(x.mean() - half, 0), x.mean() + half)
        )
    assert found.models.latency_error[0] == pytest.approx(np.std([row[3] for row in rows], ddof=1) / np.sqrt(40))


def test_passes_of_a_user_go_together(tmp_path):
    """As many of each user: a mean of means. Shares are as sure as independent ones of the same variance."""
    rows = one_pass_each(2000, 40)
    found = estimated(tmp_path, rows)
    latency, solved = (np.array([[row[c] for row in rows if row[7] == u] for u in range(40)]) for c in (3, 5))
    error = latency.mean(axis=1).std(ddof=1) / np.sqrt(40)
    estimate = found.latency[0]
    assert estimate.high - estimate.value == pytest.approx(student.ppf(0.975, 39) * error)
    p = solved.mean()
    spread = (solved.sum(axis=1) - 50 * p) @ (solved.sum(axis=1) - 50 * p) / (2000 * p * (1 - p))
    assert spread > 10
    assert vars(found.success_prob[0]) == pytest.approx(vars(rate(2000 * p, 2000, spread)))
    assert found.models.success_error[0] == pytest.approx(np.sqrt(p * (1 - p) / 2000 * spread), rel=0.01)


def moments(n, success, spread, clusters):
    """Of both models alike, for one group."""
    pair = np.ones((1, 2))
    return Moments(n * pair, success * pair, n * pair, n * pair, spread * pair, 0 * pair, 0 * pair, clusters * pair)


@pytest.mark.parametrize("clusters,factor", [(29, (student.ppf(0.975, 28) / 1.959964) ** 2), (30, 0.5)])
def test_few_users_never_make_a_share_surer(clusters, factor):
    """Passes that vary half as much as independent ones, by users of whom there are few or many."""
    tally = replace(
        tally_of(shapes_of((0, 1, nan, 1, 0, SOLVED, 1))), segments=(), moments=moments(100, 40, 12, clusters)
    )
    (found,) = estimates(tally)
    assert vars(found.success_prob[0]) == pytest.approx(vars(rate(40, 100, factor)))


@pytest.mark.parametrize("clusters", [2, 3, 5, 29])
def test_of_few_users_games_are_drawn_as_wide_as_intervals_are(clusters):
    """Users seem to vary as little as they please where there are two of them; Student's t knows."""
    of_few = replace(moments(100, 40, 12, clusters), latency_spread=np.full((1, 2), 30.0))
    (found,) = estimates(replace(tally_of(shapes_of((0, 1, nan, 1, 0, SOLVED, 1))), segments=(), moments=of_few))
    (latency, share), models = (found.latency[0], found.success_prob[0]), found.models
    assert latency.high - latency.value == pytest.approx(1.959964 * models.latency_error[0])
    wide = student.ppf(0.975, clusters - 1) / 1.959964
    assert models.success_error[0] == pytest.approx(wide * np.sqrt(0.24 / 100), rel=0.02)  # of 100 passes
    assert vars(share) == pytest.approx(vars(rate(40, 100, wide**2)))


def test_a_model_that_never_ran_and_one_user_alone():
    empty = Moments(
        *(np.array([[5.0, 0.0]]) for _ in range(4)), *(np.zeros((1, 2)) for _ in range(3)), np.array([[1.0, 0.0]])
    )
    tally = replace(tally_of(shapes_of((0, 1, nan, 1, 0, SOLVED, 5))), segments=(), moments=empty)
    (found,) = estimates(tally)
    assert np.isnan([found.success_prob[1].value, found.latency[1].value, found.cost[1].high]).all()
    assert found.passes == (5, 0) and found.latency[0].high == np.inf and found.latency[0].low == 0
    assert values_of(found.latency)[0] == 1 and found.models.latency_error == (0.0, 0.0)


@pytest.mark.parametrize("spread", [0.0, 1e-29])
def test_the_passes_of_one_user_have_no_error_whatever_is_left_by_rounding(spread):
    """It is the sum of differences from itself, which is 0 on paper; users' V is looked for as if it were."""
    alone = Moments(*(np.full((1, 2), 5.0) for _ in range(4)), *(np.full((1, 2), spread),) * 3, np.ones((1, 2)))
    (found,) = estimates(replace(tally_of(shapes_of((0, 1, nan, 1, 0, SOLVED, 5))), segments=(), moments=alone))
    assert found.models.latency_error == (0.0, 0.0)
    assert [(mean.low, mean.high) for mean in (*found.latency, *found.cost)] == [(0.0, np.inf)] * 4


def cells(*rows, **given):
    shapes = shapes_of(*rows)
    names = tuple("ab"[: int(shapes.segment.max()) + 1]) if given.pop("segments", False) else ()
    m = Moments(*(np.ones((1 + len(names), 2)) for _ in range(8)))
    return estimates(replace(tally_of(shapes, **given), segments=names, moments=m))


def test_users_are_told_apart_by_commitment():
    (found,) = cells((0, 1, 0.5, 1, 0, LEFT, 10), (0, 1, 0.1, 2, 0, LEFT, 5), (0, 2, nan, 0, 2, SOLVED, 30))
    named = [(cell.route, cell.cascade_prob, cell.cascade_error, cell.decisions, cell.leaves) for cell in found.cells]
    assert named[:2] == [(1, 0.1, 0, 10, 5), (1, 0.5, 0, 10, 10)]
    assert named[2][0] == 2 and named[2][3:] == (30, 0)
    assert (found.abandon_prob.value, found.tasks) == (15 / 50, 45)


def test_a_cascade_that_is_not_stated_has_an_error():
    (found,) = cells((0, 1, nan, 1, 1, SOLVED, 40), (0, 1, nan, 2, 0, SOLVED, 60))
    (cell,) = found.cells
    share = rate(40, 100)
    assert cell.cascade_prob == found.cascade_prob.value == 0.4
    assert cell.cascade_error == pytest.approx((share.high - share.low) / (2 * 1.959964))


def test_users_of_a_segment_are_its_own():
    whole, a, b = cells((0, 1, 0.1, 1, 0, LEFT, 10), (1, 1, 0.1, 2, 0, LEFT, 5), segments=True)
    assert [(x.name, x.tasks, x.cells[0].decisions) for x in (whole, a, b)] == [
        ("", 15, 20),
        ("a", 10, 10),
        ("b", 5, 10),
    ]


def test_decisions_that_go_together_make_a_share_less_sure():
    row = (0, 1, 0.1, 1, 0, LEFT, 40), (0, 1, 0.1, 2, 0, SOLVED, 60)
    for spread, counted_as in ((4.0, 4.0), (0.5, 1.0)):
        assert cells(*row, decision_spread=spread)[0].abandon_prob == rate(40, 100, counted_as)


def test_neighbours_are_pooled_where_there_are_too_many_commitments():
    """A hundred cascade probabilities: no decision is lost, and each group's is the mean over its decisions."""
    rows = [(0, 1, k / 100, 1, 0, LEFT, 1 + k) for k in range(100)]
    rows += [(0, 1, k / 100, 2, 0, SOLVED, 2 * k) for k in range(100)] + [(0, 2, nan, 0, 1, LEFT, 7)]
    (found,) = cells(*rows)
    assert len(found.cells) <= 24 and [cell.decisions for cell in found.cells if cell.route == 2] == [7]
    pooled = [cell for cell in found.cells if cell.route == 1]
    assert sum(cell.decisions for cell in pooled) == sum(1 + 3 * k for k in range(100))
    assert sum(cell.leaves for cell in pooled) == sum(1 + k for k in range(100))
    total = sum(cell.cascade_prob * cell.decisions for cell in pooled)
    assert total == pytest.approx(sum(k / 100 * (1 + 3 * k) for k in range(100)))
    at = [cell.cascade_prob for cell in pooled]
    assert at == sorted(at) and max(cell.decisions for cell in pooled) < 3 * np.median([c.decisions for c in pooled])


def test_dependent_passes_widen_intervals(tmp_path):
    """Users each of whom always succeeds or always fails: a hundred of them say little, however much they ask."""
    log = [[k, 1, 1, 1, 1, k % 100 % 2, "" if k % 2 else "leave", k % 100] for k in range(5000)]
    path = write(tmp_path / "log.csv", [HEADER, *log])
    widths = []
    for columns in ((), ("user=task",)):
        share = estimates(counted(path, Layout.of(columns))[1])[0].success_prob[0]
        widths.append(share.high - share.low)
    assert widths[0] > 5 * widths[1]
