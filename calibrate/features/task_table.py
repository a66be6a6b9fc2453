"""The tasks of a log one by one, with the numbers that are known of each: what regressions are made of."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from routegame.calibrate.log.faults import number_of, shown
from routegame.calibrate.log.layout import LogError, feature_column
from routegame.calibrate.log.log import Log
from routegame.envs.arrays import BoolArray, FloatArray, IntArray

MOST_TASKS = 100_000
"""Most tasks that are looked at one by one; of more, a part that is chosen by their names alone."""

ALIKE = 1e-6
"""Least eigenvalue of the correlations of features from which on each says something that the others do not."""


@dataclass(frozen=True, eq=False)
class TaskTable:
    """Tasks of which all features are known, and their passes; arrays of N tasks and of M passes.

    Attributes:
        names: of the features.
        features: (N, d), as the log has them.
        mean, scale: mean and standard deviation of each feature over tasks, (d,).
        route: model of the first pass, (N,).
        stated: cascade probability that the log states; nan where it does not, (N,).
        cluster: user of each task, or the task itself, from 0, (N,).
        missing: tasks that lack a feature, and are left out.
        changing: tasks of which a feature changes along them; it counts as at their first pass.
        share: of the tasks with all features that are in the table.
        task: of each pass, from 0, (M,).
        place: 1, 2, … within its task, (M,).
        model: from 0, (M,).
        latency, cost: (M,).
        success: whether it solved the task, (M,).
        decides: whether it failed and is known what its user did, (M,).
        leaves: whether its user left after it, (M,).
        line: where it stands in the file, from 0, (M,).
    """

    names: tuple[str, ...]
    features: FloatArray
    mean: FloatArray
    scale: FloatArray
    route: IntArray
    stated: FloatArray
    cluster: IntArray
    missing: int
    changing: int
    share: float
    task: IntArray
    place: IntArray
    model: IntArray
    latency: FloatArray
    cost: FloatArray
    success: BoolArray
    decides: BoolArray
    leaves: BoolArray
    line: IntArray

    def __len__(self) -> int:
        return len(self.features)

    @property
    def standard(self) -> FloatArray:
        """Features less their means, in standard deviations, (N, d)."""
        found: FloatArray = (self.features - self.mean) / self.scale
        return found

    @property
    def remarks(self) -> tuple[str, ...]:
        """Remarks on what was left out, in sentences."""
        said = []
        if self.missing:
            said.append(f"{number_of(self.missing, 'task')} lack a feature, and say nothing here.")
        if self.changing:
            said.append(
                f"In {number_of(self.changing, 'task')} a feature changes: it counts as it was at the first pass."
            )
        if self.share < 1:
            said.append(f"Of more than {MOST_TASKS:,} tasks as many are looked at, chosen by their names alone.")
        return tuple(said)


def task_table(log: Log) -> TaskTable:
    """Read the tasks of a log that names features.

    Raises:
        LogError: a feature is no number or the same for all tasks, or says no more than others; or no task has all.
    """
    names = log.layout.features
    columns = [feature_column(k) for k in range(len(names))]
    for name, column in zip(names, columns, strict=True):
        _refuse_words(log, name, column)
    counted = "passes.task IN (SELECT task FROM tasks WHERE fault = 0) AND NOT no_task AND NOT apart"
    known = " AND ".join(f"{column} IS NOT NULL" for column in columns)
    first = ", ".join(f"first({column} ORDER BY pass) AS {column}" for column in columns)
    varies = " OR ".join(f"min({column}) <> max({column})" for column in columns)
    log.rows(
        f"""CREATE OR REPLACE TEMP TABLE featured AS SELECT task, {first}, {varies} AS varies FROM passes
        WHERE {counted} GROUP BY task"""
    )
    total, whole, changing = log.rows(
        f"SELECT count(*), count_if({known}), count_if({known} AND varies) FROM featured"
    )[0]
    if not whole:
        raise LogError(f"{log.path} has no task with a number in {' and '.join(names)}")
    chosen = f"SELECT * FROM featured WHERE {known} ORDER BY task LIMIT {MOST_TASKS}"
    log.rows(
        f"""CREATE OR REPLACE TEMP TABLE chosen AS SELECT row_number() OVER (ORDER BY task) - 1 AS number, part.*,
        if(n1 > 0 AND NOT starts_on_2, 1, 2) AS route, stated, cluster
        FROM ({chosen}) AS part JOIN tasks USING (task)"""
    )
    tasks = _columns(log, f"SELECT {', '.join(columns)}, route, stated, cluster FROM chosen ORDER BY number")
    passes = _columns(
        log,
        """SELECT number, pass, model, latency, cost, success, next, passes.rowid AS line
        FROM passes JOIN chosen USING (task) WHERE NOT no_task AND NOT apart ORDER BY number, pass""",
    )
    features = np.stack([tasks[column].astype(np.float64) for column in columns], axis=1)
    mean, scale = features.mean(axis=0), features.std(axis=0)
    _refuse_same(log, names, features, scale)
    _, cluster = np.unique(tasks["cluster"], return_inverse=True)
    failed, follows = ~passes["success"].astype(bool), passes["next"].astype(np.int64)
    return TaskTable(
        names,
        features,
        mean,
        scale,
        tasks["route"].astype(np.int64),
        tasks["stated"].astype(np.float64),
        cluster.astype(np.int64),
        total - whole,
        changing,
        len(features) / whole,
        passes["number"].astype(np.int64),
        passes["pass"].astype(np.int64),
        passes["model"].astype(np.int64) - 1,
        passes["latency"].astype(np.float64),
        passes["cost"].astype(np.float64),
        ~failed,
        failed & (follows > 0),
        failed & (follows == 2),
        passes["line"].astype(np.int64),
    )


def _columns(log: Log, query: str) -> dict[str, np.ndarray[tuple[int, ...], np.dtype[np.generic]]]:
    """The columns of a query; what is unknown is nan."""
    found = log.database.execute(query).fetchnumpy()
    return {
        name: np.ma.filled(column.astype(np.float64), np.nan) if np.ma.isMaskedArray(column) else column
        for name, column in found.items()
    }


def _refuse_words(log: Log, name: str, column: str) -> None:
    odd = f"odd_{column}"
    count, example = log.rows(f"SELECT count({odd}), min({odd}) FROM passes")[0]
    if count:
        raise LogError(
            f"--features must be columns of numbers: {name} of {log.path} has {number_of(count, 'entry', 'entries')}"
            f" that {'is' if count == 1 else 'are'} none, such as {shown(example)}; --context takes kinds of tasks"
        )


def _refuse_same(log: Log, names: tuple[str, ...], features: FloatArray, scale: FloatArray) -> None:
    for name, column, spread in zip(names, features.T, scale, strict=True):
        if spread <= 1e-12 * max(float(np.abs(column).max()), 1e-300):
            raise LogError(
                f"--features must be numbers that differ: {name} of {log.path} is {column[0]:g} in all tasks"
            )
    if len(names) < 2:
        return
    values, vectors = np.linalg.eigh(np.corrcoef(features.T))
    if values[0] < ALIKE:
        alike = [name for name, part in zip(names, vectors[:, 0], strict=True) if abs(part) > 0.1]
        raise LogError(
            f"--features must say something each: {', '.join(alike)} of {log.path} follow from each other: leave one"
            " out"
        )
