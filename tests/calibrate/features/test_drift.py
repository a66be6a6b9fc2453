"""Drift along the file: found where it is, and not where tasks of one part of the file are longer than of the next."""

import numpy as np
import pytest

from routegame.calibrate.features.drift import check_drift
from routegame.calibrate.features.task_table import TaskTable

TITLES = ("model 1", "model 2")
TASKS = 600


def table_of(rng, drift=0.0, slow=0.25, order=True):
    """Tasks of many passes or few, of 12 users who are slow or fast throughout; passes get slower along the file."""
    passes = rng.geometric(1 / rng.choice([2, 60], TASKS, p=[0.9, 0.1]))
    task = np.repeat(np.arange(TASKS), passes)
    number = len(task)
    line = np.arange(number) if order else rng.permutation(number)
    user = rng.integers(0, 12, TASKS)
    by_user = np.exp(slow * rng.standard_normal(12) - slow**2 / 2)[user]
    wait = by_user[task] * rng.gamma(4, 0.25, number) * (1 + drift * (line / number - 0.5))
    one, none, x = np.ones(TASKS, dtype=int), np.zeros(number, dtype=bool), rng.standard_normal((TASKS, 1))
    place = np.arange(number) - np.repeat(np.cumsum(passes) - passes, passes) + 1
    return TaskTable(
        ("x",), x, np.zeros(1), np.ones(1), one, np.full(TASKS, np.nan), user,
        0, 0, 1.0, task, place, np.zeros(number, dtype=int), wait, np.ones(number), none, none, none, line,
    )  # fmt: skip


def checked(table):
    (check,) = check_drift(table, {"latency": np.full(len(table.task), table.latency.mean())}, TITLES)
    return check


def test_long_tasks_of_slow_users_are_no_drift():
    """60 logs, p < 0.005 in none or one; with passes that are taken to be independent it is in nearly all."""
    rng = np.random.default_rng(1)
    p_values = np.array([checked(table_of(rng)).p_value for _ in range(60)])
    assert (p_values < 0.005).sum() <= 1 and (p_values < 0.25).mean() < 0.4


def test_p_values_of_independent_passes_are_even():
    rng = np.random.default_rng(2)
    p_values = np.array([checked(table_of(rng, slow=0.0)).p_value for _ in range(60)])
    assert 0.35 < p_values.mean() < 0.65 and p_values.min() > 0.001


@pytest.mark.parametrize("drift", [1.2, -1.2])
def test_drift_is_found(drift):
    check = checked(table_of(np.random.default_rng(3), drift))
    assert not check.holds and check.name == "stationary_latency" and "different times" in check.explanation
    assert check.statistic == pytest.approx(1.2 / 12**0.5, abs=0.1)


def test_drift_is_along_the_file_and_not_by_task():
    """Where lines of the file are in another order than tasks, drift is along the lines."""
    assert not checked(table_of(np.random.default_rng(3), 1.2, order=False)).holds


def test_a_few_passes_tell_nothing():
    table = table_of(np.random.default_rng(3))
    few = TaskTable(**{**vars(table), "model": np.where(table.line < 30, 0, 1)})
    (check,) = check_drift(few, {"latency": np.where(few.model == 0, 1.0, 0.0)}, TITLES)
    assert check.holds and check.p_value == 1
