"""Checks given features: what hidden differences, and answers that are no function of values, look like."""

from dataclasses import replace

import numpy as np
import pytest
from featured_logs import FEATURES, PLAN, advised_by_features, mix_of
from scipy.special import expit

from routegame.calibrate.features.checks import (
    check_amounts,
    check_answers,
    check_fit,
    check_success,
    differ_by_features,
)
from routegame.calibrate.features.regression import design_of, log_linear
from routegame.calibrate.features.task_table import TaskTable
from routegame.calibrate.features.values import Answers, FeatureValues

TITLES = ("model 1", "model 2")


def table_of(success, latency, number=2000):
    """Tasks of one pass each of model 1, and again of it where that fails."""
    rng = np.random.default_rng(4)
    x = rng.standard_normal((number, 1))
    first = rng.random(number) < success(x[:, 0], rng)
    task = np.concatenate([np.arange(number), np.flatnonzero(~first)])
    order = np.argsort(task, kind="stable")
    place = np.concatenate([np.ones(number), np.full((~first).sum(), 2)]).astype(int)[order]
    task = task[order]
    solved = np.where(place == 1, first[task], rng.random(len(task)) < expit(x[task, 0]))
    wait = latency(x[task, 0]) * rng.gamma(4, 0.25, len(task))
    none = np.zeros(len(task), dtype=bool)
    return x, TaskTable(
        ("x",), x, np.zeros(1), np.ones(1), np.ones(number, dtype=int), np.full(number, np.nan), np.arange(number),
        0, 0, 1.0, task, place, np.zeros(len(task), dtype=int), wait, np.ones(len(task)), solved, none, none,
        np.arange(len(task)),
    )  # fmt: skip


def checked(success=lambda x, rng: expit(x), latency=np.exp):
    x, table = table_of(success, latency)
    p, t = expit(x[table.task, 0]), np.exp(x[table.task, 0])
    found = [*check_success(table, p, TITLES), *check_amounts(table, {"latency": t}, TITLES)]
    return {check.name: check.holds for check in found}


def test_what_is_as_it_should_be_holds():
    assert checked() == {"iid_success": True, "logistic_success": True, "log_linear_latency": True}


def test_what_is_not_is_found():
    assert not checked(success=lambda x, rng: expit(x + 0.8))["iid_success"]
    assert not checked(success=lambda x, rng: np.abs(x) < 0.6)["logistic_success"]
    assert not checked(latency=lambda x: 1 + np.abs(x))["log_linear_latency"]


def test_slow_users_whose_tasks_are_alike_are_no_fault_of_the_shape():
    """12 users, each slow or fast throughout, and with long or short tasks: 20 logs, no false alarm.

    Taken pass by pass, as if a slow user were slow anew each time, the shape seems wrong in all of them.
    """
    rng, tasks = np.random.default_rng(3), 2000
    one, none = np.ones(tasks, dtype=int), np.zeros(tasks, dtype=bool)
    for _ in range(20):
        user = rng.integers(0, 12, tasks)
        x = (0.5 * rng.standard_normal(tasks) + rng.standard_normal(12)[user])[:, None]
        slow = np.exp(0.25 * rng.standard_normal(12) - 0.25**2 / 2)[user]
        wait = np.exp(x[:, 0]) * slow * rng.gamma(4, 0.25, tasks)
        table = TaskTable(
            ("x",), x, np.zeros(1), np.ones(1), one, np.full(tasks, np.nan), user,
            0, 0, 1.0, np.arange(tasks), one, 0 * one, wait, np.ones(tasks), none, none, none, np.arange(tasks),
        )  # fmt: skip
        mean = np.exp(log_linear(design_of(x), wait, user).predictor(design_of(x)))
        (check,) = check_amounts(table, {"latency": mean}, TITLES)
        assert check.holds, check.explanation


def answers(leave_prob, number=300):
    """Users of two commitments."""
    rng = np.random.default_rng(2)
    route, s = np.array([1, 2]).repeat(number // 2), np.zeros(number)
    decisions = np.full(number, 40.0)
    return Answers(
        design_of(FEATURES[rng.integers(0, len(FEATURES), number)]), route, s, decisions,
        rng.binomial(40, np.broadcast_to(leave_prob(route), number)).astype(float),
    )  # fmt: skip


def test_users_who_leave_alike_by_commitment_do_not_differ_by_features():
    assert differ_by_features(answers(lambda route: 0.2 * route))[2] > 0.01
    some = answers(lambda route: 0.2 * route)
    steep = replace(some, leaves=np.where(some.design[:, 1] > 0, some.leaves, 0.0))
    assert differ_by_features(steep)[2] < 1e-9


def test_answers_that_are_another_function_do_not_fit():
    some = answers(lambda route: 0.2 * route)
    assert check_fit(some, 0.2 * some.route, 2).holds
    assert not check_fit(some, np.full(300, 0.3), 2).holds


@pytest.mark.slow
def test_features_that_are_left_out_are_missed(tmp_path):
    """Tasks of the same length differ in how easy they are: those that remain are harder, and the log is refused."""
    found = advised_by_features(replace(PLAN, game=mix_of(FEATURES), num_tasks=8000), tmp_path, names=("feature_2",))
    assert found.verdict == "refused" and "the log is not of these games" in found.reason


def test_what_is_not_known_to_be_expected_is_no_fault_of_users():
    """Of one kind of tasks users decide at first, of the other later, and 10 % leave there.

    Draws have 1 to 10 % of them leave. By their mean alone it would be 5.5 %, and patience would wear out.
    """
    _, table = table_of(lambda x, rng: np.full(len(x), 0.3), np.exp, 8000)
    rng, later = np.random.default_rng(1), table.place > 1
    again = np.isin(table.task, table.task[later])
    decides = later | ~again
    leaves = decides & (rng.random(len(later)) < np.where(later, 0.1, 0.05))
    table, row = replace(table, decides=decides, leaves=leaves), np.zeros(len(table), dtype=int)
    row[table.task[later]] = 1
    for share, holds in ((np.linspace(0.01, 0.1, 60), True), (np.full(60, 0.055), False)):
        answers = np.column_stack([np.full(60, 0.05), share])
        values = FeatureValues(
            True, True, "", np.zeros(4), np.eye(4), 0.0, answers.mean(axis=0), (0.0, 0.0), None, answers
        )  # fmt: skip
        (check,) = check_answers(table, values, row, 1.0, TITLES)
        assert (check.name, check.holds) == ("constant_hazard", holds) and 1.5 < check.statistic < 2.5
