"""Tasks that are known by numbers: do intervals hold the truth, is what is sure right, do checks keep quiet?

Every log is of a truth of its own: tasks of one to three features, which are correlated and in units of their own, of
users with a task each or of a few with many. The tasks of a user are alike, and where a log has users these are slow
and dear by a factor each, of which answers know nothing. Of every three logs one has values that are log-linear in the
features, and of every four one has users at their best, the others noisy ones. Advice is right if its policy costs at
most 1 % more than the best of each task under the users who made the log. The study fails if intervals of any kind
hold the truth too seldom or too often (`interval_shares`), if what is sure is right in less than 95 %, or if more logs
fail a decisive check than chance allows at 5 %. Part of `make recovery`.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb
import numpy as np
from coverage_study import (
    LEAST_RIGHT,
    Record,
    failures,
    holds,
    options_of,
    show_failures,
    show_seconds,
    show_shares,
    show_verdicts,
    study,
)
from interval_shares import FALSE_ALARM
from scipy.special import expit
from scipy.stats import binom
from study_recovery import ANY_DECISIVE, FALSE_ALARMS, SEVERAL

from routegame.agents.exact.best_response import best_response
from routegame.agents.solver import solve
from routegame.agents.users.quantal import quantal_equilibrium, quantal_response
from routegame.calibrate.decide.candidates import Offer
from routegame.calibrate.estimate.calibration import DECISIVE
from routegame.calibrate.features.advice import FeatureAdvice, Regression, advise_features
from routegame.calibrate.log.layout import Layout
from routegame.calibrate.log.log import open_log
from routegame.calibrate.log.simulated import LogPlan, write_log
from routegame.envs.arrays import FloatArray, IntArray
from routegame.envs.chain import outcome
from routegame.envs.game import Game
from routegame.envs.task_mix import TaskMix

KINDS_OF_TASKS = 40
USERS = (None, 12, 40, KINDS_OF_TASKS)
"""Users of a log; None for one of each task."""

SLOWER = 0.25
"""Standard deviation over users of the logarithms of how slow and dear their passes are."""


@dataclass(frozen=True, eq=False)
class Truth:
    """A log to simulate, with the coefficients that it is made of.

    Attributes:
        plan: of the log.
        owner: user of each kind of task, (C,); None for a user a task.
        success_prob, latency, cost: coefficients of each model, the first where all features are 0, (2, d + 1).
        task_value: of log V, (d + 1,).
    """

    plan: LogPlan
    owner: IntArray | None
    success_prob: FloatArray
    latency: FloatArray
    cost: FloatArray
    task_value: FloatArray


def truths(number: int, num_tasks: int, seed: int) -> Iterator[Truth]:
    """Truths of logs, of so many tasks each."""
    for k in range(number):
        rng = np.random.default_rng([seed, k])
        size, users = 1 + k % 3, USERS[k // 3 % 4]
        of_user = rng.integers(0, users or KINDS_OF_TASKS, KINDS_OF_TASKS)
        own, of_its_user = rng.standard_normal((2, KINDS_OF_TASKS, size))
        z = (own + of_its_user[of_user]) / 2**0.5
        z = 0.6 * z + 0.8 * z.mean(axis=1, keepdims=True)  # correlated
        unit, zero = np.exp(rng.normal(0, 1, size)), rng.normal(0, 2, size)
        x = (zero + unit * z).round(4)

        wide = size**-0.5
        odds = rng.normal(0, 0.6 * wide, size) + rng.normal(0, 0.3 * wide, (2, size))
        p = _in_units(unit, zero, rng.normal([-1.2, 0.3], 0.3), odds)
        t = _in_units(unit, zero, np.log([1.0, 2.0]), rng.normal(0, 0.2 * wide, (2, size)))
        c = _in_units(unit, zero, np.log([1.0, rng.uniform(2, 6)]), rng.normal(0, 0.2 * wide, (2, size)))
        design = np.column_stack([np.ones(KINDS_OF_TASKS), x])
        solved, wait, pay = expit(p @ design.T), np.exp(t @ design.T), np.exp(c @ design.T)
        value = np.log((wait / solved).mean() * rng.uniform(0.8, 2.0))
        slopes = rng.normal(0, 0.4 * wide, size) if rng.random() < 0.4 else np.zeros(size)
        v = _in_units(unit, zero, np.asarray(value), slopes)
        penalty = float((pay / solved).mean() * rng.uniform(1, 4))
        game = Game(np.exp(design @ v), penalty, tuple(solved), tuple(wait), tuple(pay))
        noise = 0.0 if k % 4 == 3 else float(np.exp(value + rng.uniform(np.log(0.02), np.log(0.2))))
        mix = TaskMix(np.ones(KINDS_OF_TASKS), game, features=x)
        plan = LogPlan(mix, SEVERAL, num_tasks=num_tasks, temperature=noise, seed=seed + k)
        yield Truth(plan, None if users is None else of_user, p, t, c, v)


def _in_units(unit: FloatArray, zero: FloatArray, at_zero: FloatArray, slopes: FloatArray) -> FloatArray:
    """Coefficients on features in their own units, (…, d + 1), of those on `(x - zero) / unit`."""
    return np.concatenate([(at_zero - slopes @ (zero / unit))[..., None], slopes / unit], axis=-1)


def write(truth: Truth, path: Path) -> None:
    """Write the log, with its users."""
    write_log(truth.plan, path)
    if truth.owner is None:
        return
    rng = np.random.default_rng([truth.plan.seed, 3])
    number = int(truth.owner.max()) + 1
    slow, dear = (np.exp(SLOWER * rng.standard_normal(number) - SLOWER**2 / 2)[truth.owner] for _ in range(2))
    with duckdb.connect() as database:
        listed = [repr(each.tolist()) for each in (truth.owner, slow, dear)]
        user, slow_by, dear_by = (f"({each})[CAST(context AS INTEGER)]" for each in listed)
        database.execute(
            f"""CREATE TABLE passes AS SELECT * REPLACE (latency * {slow_by} AS latency, cost * {dear_by} AS cost),
            {user} AS user FROM '{path}' ORDER BY task, pass"""
        )
        database.execute(f"COPY passes TO '{path}' (FORMAT parquet)")


def costs(plan: LogPlan, offers: Sequence[Offer]) -> FloatArray:
    """J of a commitment for each kind of task, under the users of a plan."""
    games = plan.mix.games
    route, s = np.array([offer.route for offer in offers]), np.array([offer.cascade_prob for offer in offers])
    noise = plan.temperature
    answer = quantal_response(games, route, s, noise) if noise else best_response(games, route, s)
    return np.asarray(outcome(games, route, s, answer).provider_cost)


def least(plan: LogPlan) -> FloatArray:
    """J of the best commitment of each kind of task."""
    games, noise = plan.mix.games, plan.temperature
    best = quantal_equilibrium(games, noise) if noise else solve(games).equilibrium
    return np.asarray(best.provider_cost)


def main() -> int:
    """Print the table; return 1 if a share is out of bounds."""
    options = options_of(__doc__, 60, tasks=4000).parse_args()

    def advised(truth: Truth, path: Path) -> FeatureAdvice:
        names = tuple(f"feature_{k}" for k in range(1, truth.task_value.size))
        with open_log(path, Layout.of(features=names), insist=True) as log:  # users may all stay
            penalty = float(np.asarray(truth.plan.mix.games.churn_penalty)[0])
            return advise_features(log, penalty, options.draws)

    every = truths(options.logs, options.tasks, options.seed)
    records = study(every, options.logs, write, advised, _judge, each=options.each)
    print(f"{options.logs} logs of {options.tasks:,} tasks, 1 to 3 features\n")
    off = show_shares(records)
    failed = failures(records)
    show_failures(failed, 40)
    right = show_verdicts(records)
    print()
    show_seconds(records)
    wrong = failed[ANY_DECISIVE]
    loud = np.mean(wrong) > FALSE_ALARMS and binom.sf(sum(wrong) - 1, len(wrong), FALSE_ALARMS) < FALSE_ALARM
    return int(off or loud or right < LEAST_RIGHT)


def _judge(truth: Truth, found: FeatureAdvice, record: Record) -> None:
    """Note which intervals hold the truth, and what the recommendation costs."""
    few = "" if truth.owner is None or truth.owner.max() > 20 else ", few users"

    def note(kind: str, regression: Regression, coefficients: FloatArray) -> None:
        parts = (regression.at_zero, *regression.slopes)
        record.note(kind, *(holds(x.interval, float(y)) for x, y in zip(parts, coefficients, strict=True)))

    for name in ("success_prob", "latency", "cost") if found.success else ():
        fits = found.success if name == "success_prob" else getattr(found, name)
        for regression, coefficients in zip(fits, getattr(truth, name), strict=True):
            note(name, regression, coefficients)
            if few:
                note(name + few, regression, coefficients)
    if found.task_value is not None and found.noise is not None:
        kind = "log-linear" if truth.task_value[1:].any() else "one"
        note(f"task_value, {kind}", found.task_value, truth.task_value)
        if truth.plan.temperature:
            record.note("noise", holds(found.noise, truth.plan.temperature))
    d = found.decision
    if d is not None:
        weights = truth.plan.mix.weights
        own = float(weights @ costs(truth.plan, d.policy.offers(truth.plan.mix.features)))
        single = float(weights @ costs(truth.plan, [d.one_for_all] * len(weights)))
        record.note("gain", d.gain.low - 1e-9 <= single - own <= d.gain.high + 1e-9)
        for name in ("cost of a task", "cost of a task" + few) if few else ("cost of a task",):
            record.note(name, holds(d.provider_cost, own))
        record.regret = own / float(weights @ least(truth.plan)) - 1
    record.verdict = found.verdict
    record.failed = {check.name: not check.holds for check in found.assumptions}
    record.failed[ANY_DECISIVE] = any(record.failed.get(name, False) for name in DECISIVE)
    users = "" if truth.owner is None else f" {len(set(truth.owner.tolist()))} users"
    about = f"{truth.task_value.size - 1} features{users} noise {truth.plan.temperature:.2g}"
    said = f"{about} {found.verdict} {record.regret:.2%} {record.seconds:.1f} s {found.reason}"
    record.said = f"{said}\n    {record.missed}".rstrip()


if __name__ == "__main__":
    sys.exit(main())
