"""Checks of a log whose tasks are known by their features: what is seen, against what the features let expect.

Tasks that differ make much look wrong that is not: of those that remain after a failure more are hard. So successes and
departures are held against the number that is expected of the very tasks at hand.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from scipy.stats import chi2, norm
from scipy.stats import t as student

from routegame.calibrate.estimate.assumptions import MISFIT, SIGNIFICANT, TOLERANCE, Check
from routegame.calibrate.features.task_table import TaskTable
from routegame.calibrate.features.values import Answers, FeatureValues
from routegame.envs.arrays import BoolArray, FloatArray, IntArray
from routegame.eval.statistics import HALF_WIDTH
from routegame.numerals import plain_percent

CELLS = 10
"""Parts of tasks, by what is expected of them, in which the shape of a regression is looked at."""

ENOUGH = 5.0
"""Least variance of a part's count."""


def check_success(table: TaskTable, expected: FloatArray, titles: tuple[str, ...]) -> Iterator[Check]:
    """Hold successes against the regressions.

    Args:
        table: of the tasks.
        expected: p of the model and the task of each pass, (M,).
        titles: of the models.
    """
    repeat = _repeats(table)
    seen, variance = table.success.astype(np.float64), expected * (1 - expected)
    found = []
    for k, title in enumerate(titles):
        first, later = ((table.model == k) & part for part in (repeat == 1, repeat > 1))
        if later.any() and seen[first].any():
            found.append((_ratio(seen, expected, variance, later, first), title))
    if found:
        (ratio, low, high, p_value), title = max(found, key=lambda item: -item[0][3])
        p_value = min(len(found) * p_value, 1.0)
        holds = p_value >= SIGNIFICANT or abs(ratio - 1) <= TOLERANCE
        why = (
            "as the model takes it"
            if holds
            else "tasks differ beyond their features"
            if ratio < 1
            else "retries gain from the failure before them"
        )
        said = (
            f"On tasks of the same features {title} succeeds {ratio:.2f} times ({low:.2f} to {high:.2f}) as often at a"
            f" repeat as at its first pass: {why}."
        )
        yield Check("iid_success", holds, ratio, (low, high), p_value, said)
    handed = (table.model == 1) & (repeat == 1) & (table.route[table.task] == 1)
    direct = (table.model == 1) & (repeat == 1) & (table.route[table.task] == 2)
    if handed.any() and seen[direct].any():
        ratio, low, high, p_value = _ratio(seen, expected, variance, handed, direct)
        holds = p_value >= SIGNIFICANT or abs(ratio - 1) <= TOLERANCE
        why = "as the model takes it" if holds else ("what is handed over is harder" if ratio < 1 else "it helps")
        said = (
            f"On tasks of the same features {titles[1]} solves what is handed over {ratio:.2f} times ({low:.2f} to"
            f" {high:.2f}) as often as what it is given first: {why}."
        )
        yield Check("success_after_handover", holds, ratio, (low, high), p_value, said)
    yield _shape(table, seen, expected, variance, titles)


def _shape(
    table: TaskTable, seen: FloatArray, expected: FloatArray, variance: FloatArray, titles: tuple[str, ...]
) -> Check:
    """Successes are as many as expected in every tenth of the tasks, by what is expected of them."""
    value, freedom, worst = 0.0, 0, (0.0, 0.0, 0.0, titles[0])
    for k, title in enumerate(titles):
        rows = np.flatnonzero(table.model == k)
        for part in _tenths(expected, rows):
            spread = float(variance[part].sum())
            if spread < ENOUGH:
                continue
            off = float(seen[part].sum() - expected[part].sum())
            value, freedom = value + off**2 / spread, freedom + 1
            worst = max(worst, (abs(off) / len(part), float(seen[part].mean()), float(expected[part].mean()), title))
    p_value = float(chi2.sf(value, max(freedom, 1)))
    holds = p_value >= SIGNIFICANT or worst[0] <= TOLERANCE * max(worst[2], 1e-9)
    said = (
        f"Where {plain_percent(worst[2])} of the passes of {worst[3]} were to succeed by the features,"
        f" {plain_percent(worst[1])} did"
        f"{'; no tenth of tasks is further off.' if holds else ': log-odds are not linear in the features.'}"
    )
    return Check("logistic_success", holds, worst[0], None, p_value, said)


def check_amounts(table: TaskTable, expected: dict[str, FloatArray], titles: tuple[str, ...]) -> Iterator[Check]:
    """Hold latencies and costs against the regressions, in every tenth of the tasks.

    Args:
        table: of the tasks.
        expected: the means of latency and of cost of the model and the task of each pass, (M,) each.
        titles: of the models.
    """
    for name, mean in expected.items():
        found = []  # how far off a part is, its ratio, its p-value, and the model
        for k, title in enumerate(titles):
            rows = np.flatnonzero((table.model == k) & (mean > 0))
            for part in _tenths(mean, rows):
                ratio = getattr(table, name)[part] / mean[part]
                if len(part) < CELLS or not ratio.std():
                    continue
                off, p = _off(ratio, table.cluster[table.task[part]])
                found.append((abs(off), 1 + off, p, title))
        p_value = min([1.0, *(len(found) * p for _, _, p, _ in found)])
        clear = [each for each in found if len(found) * each[2] < SIGNIFICANT]
        worst = max(clear or found, default=(0.0, 1.0, 1.0, titles[0]))
        holds = not clear or worst[0] <= TOLERANCE
        said = (
            f"The mean {name} of {worst[3]} is {worst[1]:.2f} times what the features let expect, in the tenth of tasks"
            f" that is furthest off{'.' if holds else ': its logarithm is not linear in the features.'}"
        )
        yield Check(f"log_linear_{name}", holds, worst[0], None, p_value, said)


def _off(ratio: FloatArray, cluster: IntArray) -> tuple[float, float]:
    """How far the mean of ratios is off 1, and the p-value of that, where a cluster's may depend on each other."""
    mean = float(ratio.mean())
    _, place, number = np.unique(cluster, return_inverse=True, return_counts=True)
    sums, few = np.bincount(place, ratio - mean), len(number)
    error = float(np.sqrt((sums**2).sum() * few / max(few - 1, 1))) / len(ratio)
    return mean - 1, float(2 * student.sf(abs(mean - 1) / error, few - 1)) if few > 1 and error else 1.0


def check_answers(
    table: TaskTable, values: FeatureValues, row: IntArray, spread: float, titles: tuple[str, ...]
) -> Iterator[Check]:
    """Hold departures of users against what their values and noise let expect.

    Args:
        table: of the tasks.
        values: with the share of users who leave in each row of answers.
        row: the row of each task, (N,).
        spread: by how much decisions vary more than independent ones.
        titles: of the models.
    """
    of_pass = row[table.task]
    expected = values.answer[of_pass]
    seen, variance = table.leaves.astype(np.float64), spread * expected * (1 - expected)

    def ratio_of(upper: BoolArray, lower: BoolArray) -> tuple[float, float, float, float]:
        parts = (np.bincount(of_pass[part], minlength=len(values.answer)) for part in (upper, lower))
        doubt = values.doubt(*(part.astype(np.float64) for part in parts))
        return _ratio(seen, expected, variance, upper, lower, doubt)

    first, later = (table.decides & part for part in (table.place == 1, table.place > 1))
    if later.any() and seen[first].any():
        ratio, low, high, p_value = ratio_of(later, first)
        holds = p_value >= SIGNIFICANT or abs(ratio - 1) <= TOLERANCE
        why = (
            "as the model takes it" if holds else ("those who stay are patient" if ratio < 1 else "patience wears out")
        )
        said = (
            f"Given features and commitment users leave {ratio:.2f} times ({low:.2f} to {high:.2f}) as readily after"
            f" later failures as after the first: {why}."
        )
        yield Check("constant_hazard", holds, ratio, (low, high), p_value, said)
    cascades = table.decides & (table.route[table.task] == 1) & (table.place > 1)
    on = [cascades & (table.model == k) for k in (0, 1)]
    if on[1].any() and seen[on[0]].any():
        ratio, low, high, p_value = ratio_of(on[1], on[0])
        holds = p_value >= SIGNIFICANT or abs(ratio - 1) <= TOLERANCE
        why = "as if they did not see which one answers" if holds else "they see, or feel, which one answers"
        said = (
            f"Given features and commitment users leave {ratio:.2f} times ({low:.2f} to {high:.2f}) as readily after a"
            f" failure of {titles[1]} as after one of {titles[0]}: {why}."
        )
        yield Check("blind_to_model", holds, ratio, (low, high), p_value, said)


def check_fit(answers: Answers, expected: FloatArray, numbers: int) -> Check:
    """Check that values and noise explain who leaves, by commitment and in every fifth of tasks.

    Args:
        answers: of users, told by so many times as few as they vary more than independent ones.
        expected: share of users who leave in each row.
        numbers: that were fitted.
    """
    value, freedom = 0.0, 0
    for rows in _by_commitment(answers):
        order = rows[np.argsort(expected[rows], kind="stable")]
        for part in np.array_split(order, max(min(CELLS // 2, len(order)), 1)):
            number = answers.decisions[part]
            variance = float((number * expected[part] * (1 - expected[part])).sum())
            if variance < ENOUGH:
                continue
            off = float((answers.leaves[part] - number * expected[part]).sum())
            value, freedom = value + off**2 / variance, freedom + 1
    freedom = max(freedom - numbers, 1)
    p_value = float(chi2.sf(value, freedom))
    leaves, decisions = float(answers.leaves.sum()), float(answers.decisions.sum())
    holds = p_value >= SIGNIFICANT or value <= MISFIT * min(leaves, decisions - leaves)
    said = (
        "A value of a task whose logarithm is linear in the features and one noise explain how many users leave by"
        " features and commitment"
        f"{'' if holds else ' badly: users differ, or choose otherwise'}; chi-square {value:.1f}, {freedom} degrees of"
        " freedom."
    )
    return Check("response_fits", holds, value, None, p_value, said)


def differ_by_features(answers: Answers) -> tuple[float, int, float]:
    """Whether users leave otherwise by features under the same commitment: chi-square, its freedom and p-value.

    A logistic regression of departures on features, with a share of leavers of its own for each commitment.
    """
    told = answers.decisions > 0
    part = answers.some(np.flatnonzero(told))
    by = _by_commitment(part)
    design = part.design[:, 1:].copy()
    for rows in by:  # within commitments
        weight = part.decisions[rows] / part.decisions[rows].sum()
        design[rows] -= weight @ design[rows]
    rate = np.zeros(len(design))
    for rows in by:
        rate[rows] = part.leaves[rows].sum() / part.decisions[rows].sum()
    score = design.T @ (part.leaves - part.decisions * rate)
    information = (design * (part.decisions * rate * (1 - rate))[:, None]).T @ design
    value = float(score @ np.linalg.pinv(information) @ score)
    freedom = design.shape[1]
    return value, freedom, float(chi2.sf(value, freedom))


def _by_commitment(answers: Answers) -> list[IntArray]:
    key = np.stack([answers.route, np.where(answers.route == 1, answers.cascade_prob, -1.0)])
    _, place = np.unique(key, axis=1, return_inverse=True)
    return [np.flatnonzero(place.ravel() == k) for k in range(int(place.max()) + 1)]


def _repeats(table: TaskTable) -> IntArray:
    """How many passes the task of each pass has had on the same model, this one included."""
    key = table.task * 2 + table.model
    order = np.argsort(key, kind="stable")  # passes of a task are in their order
    start = np.flatnonzero(np.concatenate([[True], np.diff(key[order]) > 0]))
    size = np.diff(np.append(start, len(key)))
    found = np.empty(len(key), dtype=np.int64)
    found[order] = np.arange(len(key)) - np.repeat(start, size) + 1
    return found


def _tenths(expected: FloatArray, rows: IntArray) -> list[IntArray]:
    if not len(rows):
        return []
    order = rows[np.argsort(expected[rows], kind="stable")]
    return [part for part in np.array_split(order, CELLS) if len(part)]


def _ratio(
    seen: FloatArray,
    expected: FloatArray,
    variance: FloatArray,
    upper: BoolArray,
    lower: BoolArray,
    doubt: float = 0.0,
) -> tuple[float, float, float, float]:
    """Seen over expected in one part, relative to another, with its interval and p-value.

    `doubt` is the variance of the logarithm of what is expected.
    """
    (s1, e1, v1), (s0, e0, v0) = (
        (float(seen[part].sum()), float(expected[part].sum()), float(variance[part].sum())) for part in (upper, lower)
    )
    ratio = max(s1, 0.5) / e1 / (s0 / e0)
    error = float(np.sqrt(v1 / max(s1, 0.5) ** 2 + v0 / s0**2 + doubt))
    half = HALF_WIDTH * error
    p_value = float(2 * norm.sf(abs(np.log(ratio)) / max(error, 1e-12)))
    return ratio, float(ratio * np.exp(-half)), float(ratio * np.exp(half)), p_value
