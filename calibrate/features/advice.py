"""Advice on the ground of a log whose tasks are known by numbers: a commitment by features, and how sure it is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import inf

import numpy as np
from scipy.special import expit

from routegame.agents.mix_solver import solve_mix
from routegame.agents.mixes.mix_solution import MixSolution
from routegame.calibrate.contexts.advice import Knowledge
from routegame.calibrate.decide.advice import NUM_DRAWS
from routegame.calibrate.decide.posterior import unknown
from routegame.calibrate.decide.readings import NEEDED
from routegame.calibrate.decide.verdict import MOST_WRONG, Verdict
from routegame.calibrate.estimate.annealed_sampler import Normal
from routegame.calibrate.estimate.assumptions import SIGNIFICANT, Check, check_provider
from routegame.calibrate.estimate.calibration import DECISIVE, plain
from routegame.calibrate.estimate.counts import Arm, arms
from routegame.calibrate.estimate.estimates import estimates
from routegame.calibrate.estimate.tally import Tally, doubtful, tally
from routegame.calibrate.features.checks import (
    check_amounts,
    check_answers,
    check_fit,
    check_success,
    differ_by_features,
)
from routegame.calibrate.features.decision import FeatureDecision, FeatureDraws, decide_by_features
from routegame.calibrate.features.drift import check_drift
from routegame.calibrate.features.regression import Fit, design_of, log_linear, logistic, steady_covariance
from routegame.calibrate.features.task_table import TaskTable, task_table
from routegame.calibrate.features.values import Answers, FeatureValues, KnownModels, feature_values, likeliest_values
from routegame.calibrate.log.layout import LogError
from routegame.calibrate.log.log import Log, LogSummary
from routegame.envs.arrays import FloatArray, IntArray
from routegame.envs.checks import as_single
from routegame.envs.game import Game
from routegame.envs.task_mix import TaskMix
from routegame.eval.statistics import HALF_WIDTH, Estimate

FINER = dict.fromkeys(("iid_success", "success_after_handover"), "features that tell more of a task") | {
    "response_fits": "users who are alike, given what is known of a task"
}
"""Needs of a log of features, by decisive assumption, where they are others than those of one game."""


@dataclass(frozen=True)
class Coefficient:
    """A number of a regression with its standard error."""

    value: float
    error: float

    @property
    def interval(self) -> Estimate:
        """The number with its 95 % interval."""
        half = HALF_WIDTH * self.error
        return Estimate(self.value, self.value - half, self.value + half)


@dataclass(frozen=True, eq=False)
class Regression:
    """A regression on features in their own units: what it says where all are 0, and of a unit of each."""

    at_zero: Coefficient
    slopes: tuple[Coefficient, ...]

    @classmethod
    def of(cls, coefficients: FloatArray, covariance: FloatArray, mean: FloatArray, scale: FloatArray) -> Regression:
        """Take a regression on features in standard deviations apart."""
        to_units = np.diag(np.concatenate([[1.0], 1 / scale]))
        to_units[0, 1:] = -mean / scale
        value, error = to_units @ coefficients, np.sqrt(np.diag(to_units @ covariance @ to_units.T))
        first, *rest = (Coefficient(float(x), float(y)) for x, y in zip(value, error, strict=True))
        return cls(first, tuple(rest))

    def to_dict(self, names: Sequence[str]) -> dict[str, object]:
        """Return it as plain values."""
        return {
            "at_zero": vars(self.at_zero),
            "slopes": {name: vars(slope) for name, slope in zip(names, self.slopes, strict=True)},
        }


@dataclass(frozen=True, eq=False)
class FeatureAdvice:
    """Advice on the ground of a log whose tasks are known by their features, with everything that it rests on.

    Attributes:
        log: what file it was, and how much of it counts.
        tally: what it comes down to.
        churn_penalty: P as given; None if it was not.
        table: its tasks one by one.
        success: regressions of the log-odds of success of each model; empty where a model tells nothing.
        latency, cost: of the logarithms of the mean latency and cost.
        task_value: of log V; None where it is not known.
        noise: of users' answers, in units of latency; None likewise.
        values: what users' answers tell; None without a decision of any user.
        know: whether users know the features of their task.
        assumptions: the checks, given features.
        verdict: as where tasks do not differ, see `routegame.calibrate.decide.verdict`.
        reason: why, in a sentence or a few.
        decision: the recommendation and its figures; None where nothing can be drawn. It must not be followed if the
            verdict is `refused`.
        mix: the likeliest games of the tasks that it is held against; None where something is missing.
        seed: of the draws.
    """

    log: LogSummary
    tally: Tally
    churn_penalty: float | None
    table: TaskTable
    success: tuple[Regression, ...]
    latency: tuple[Regression, ...]
    cost: tuple[Regression, ...]
    task_value: Regression | None
    noise: Estimate | None
    values: FeatureValues | None
    know: Knowledge
    assumptions: tuple[Check, ...]
    verdict: Verdict
    reason: str
    decision: FeatureDecision | None
    mix: TaskMix | None
    seed: int

    @property
    def recommended(self) -> bool:
        """Whether the decision is to be followed."""
        return self.decision is not None and self.verdict != "refused"

    @property
    def equilibrium(self) -> MixSolution | None:
        """The exact solution of the likeliest games, for users who know their task and answer without noise."""
        return None if self.mix is None else solve_mix(self.mix, "sighted")

    @property
    def in_force(self) -> tuple[Arm, ...]:
        """The commitments in force, the commonest first."""
        return arms(self.tally.shapes)

    def to_dict(self) -> dict[str, object]:
        """Return all as plain numbers, strings and lists, ready for JSON; what is not known is None."""
        d, names, shapes = self.decision, self.table.names, self.tally.shapes
        known = self.values is not None and self.values.identified
        best = self.equilibrium
        document: dict[str, object] = {
            "game": None,
            "users": "sighted",
            "users_know_features": self.know,
            "mix": None if self.mix is None else self.mix.to_dict(),
            "churn_penalty": self.churn_penalty,
            "features": [
                {"name": name, "mean": float(mean), "standard_deviation": float(scale)}
                for name, mean, scale in zip(names, self.table.mean, self.table.scale, strict=True)
            ],
            "tasks_without_features": self.table.missing,
            "coefficients": {
                "success_prob": [each.to_dict(names) for each in self.success],
                "latency": [each.to_dict(names) for each in self.latency],
                "cost": [each.to_dict(names) for each in self.cost],
                "task_value": None if self.task_value is None else self.task_value.to_dict(names),
            },
            "task_value_identified": known,
            "task_value_alike": None if self.values is None else self.values.alike,
            "temperature": None if self.noise is None else vars(self.noise),
            "assumptions": [check.to_dict() for check in self.assumptions],
            "in_force": {
                "provider_cost": None if d is None else d.in_force_cost.value,
                "arms": [vars(arm) for arm in self.in_force],
            },
            "equilibrium": None if best is None else {"provider_cost": best.provider_cost, "status": best.status},
            "verdict": self.verdict,
            "reason": self.reason,
            "recommendation": None,
            "decision": None if d is None else {**d.to_dict(), "seed": self.seed},
            "log": self.log.to_dict(shapes.ending, shapes.count),
        }
        if d is not None and self.recommended:
            document["recommendation"] = {
                "by_task": [offer.to_dict() for offer in d.commitments],
                "rule": [
                    {
                        "when": each.part.to_dict(names),
                        "share": each.part.share,
                        "commitment": each.commitment.to_dict(),
                        "provider_cost": vars(each.provider_cost),
                    }
                    for each in d.rule
                ],
                "one_for_all": d.one_for_all.to_dict(),
                "provider_cost": d.provider_cost.value,
                "user_utility": d.user_utility.value,
                "saving": d.saving.value,
                "gain": d.gain.value,
            }
        made: dict[str, object] = plain(document)
        return made


def advise_features(
    log: Log, churn_penalty: float | None = None, num_draws: int = NUM_DRAWS, seed: int = 0
) -> FeatureAdvice:
    """Take a log whose tasks are known by numbers to a recommendation by them.

    Args:
        log: open, with features, see `Layout`.
        churn_penalty: P >= 0, what an abandoned task costs the provider, in the unit of cost; None if not known.
        num_draws: sets of coefficients that are drawn.
        seed: of the draws.

    Raises:
        LogError: no features, features that say nothing, or more models than two in the paper's order.
        ParameterError: P out of range.
    """
    if not log.layout.features:
        raise LogError(f"{log.path} was read without features")
    if log.layout.free:
        raise LogError(
            f"--features are for two models in the paper's order so far, got {log.num_models} models"
            f"{'' if log.num_models > 2 else ' in free order'}; --context takes any number"
        )
    if churn_penalty is not None:
        churn_penalty = as_single("churn_penalty", churn_penalty, 0, inf, closed="low")
    rng = np.random.default_rng(seed)
    counted, table = tally(log), task_table(log)
    summary = replace(log.summary, remarks=(*log.summary.remarks, *table.remarks))
    missing = unknown(estimates(counted)[0], log.layout.models)
    if missing or any(not _both(table, k) for k in (0, 1)):
        reason = missing or "of the tasks with all features a model solved none, or every one: it takes both"
        return FeatureAdvice(
            summary, counted, churn_penalty, table, (), (), (), None, None, None, "not told", (), "refused", reason,
            None, None, seed,
        )  # fmt: skip
    found = _Found(counted, table, log.summary.titles, np.random.default_rng([seed, 1]))
    verdict, reason = _before_deciding(churn_penalty, found.values, found.checks)
    decision = mix = None
    if found.values is not None and found.values.identified and churn_penalty is not None:
        draws = found.draws(churn_penalty, 2 * -(-num_draws // 2), rng)
        force = arms(counted.shapes)
        decision = decide_by_features(draws, table.features, table.mean, table.scale, force, rng)
        likeliest = found.draws(churn_penalty, 0, rng).games(design_of((decision.features - table.mean) / table.scale))
        mix = TaskMix(decision.weights, _row(likeliest), features=decision.features)
        if found.know != "no":
            verdict, reason = _judged(decision, found.checks, found.know)
    mean, scale = table.mean, table.scale

    def of(fits: Sequence[Fit]) -> tuple[Regression, ...]:
        return tuple(Regression.of(fit.coefficients, fit.covariance, mean, scale) for fit in fits)

    return FeatureAdvice(
        summary,
        counted,
        churn_penalty,
        table,
        of(found.success),
        of(found.latency),
        of(found.cost),
        *found.of_users(mean, scale),
        found.values,
        found.know,
        found.checks,
        verdict,
        reason,
        decision,
        mix,
        seed,
    )


def _row(games: Game) -> Game:
    """The only row of a batch (1, n), (n,)."""
    p, t, c = (tuple(np.asarray(x)[0] for x in each) for each in (games.success_prob, games.latency, games.cost))
    return Game(np.asarray(games.task_value)[0], games.churn_penalty, p, t, c)


def _both(table: TaskTable, model: int) -> bool:
    """Whether a model both solved and failed."""
    seen = table.success[table.model == model]
    return bool(seen.any() and not seen.all())


class _Found:
    """What the tasks of a log tell, one after the other."""

    def __init__(self, counted: Tally, table: TaskTable, titles: tuple[str, ...], rng: np.random.Generator) -> None:
        self.design = design_of(table.standard)
        rows = [np.flatnonzero(table.model == k) for k in (0, 1)]
        success = table.success.astype(np.float64)
        data = [(self.design[table.task[at]], at, table.cluster[table.task[at]]) for at in rows]
        number = int(table.cluster.max()) + 1
        self.success = tuple(logistic(x, success[at], cluster, number) for x, at, cluster in data)
        self.latency, self.cost = (
            tuple(log_linear(x, column[at], cluster, number) for x, at, cluster in data)
            for column in (table.latency, table.cost)
        )
        p, t, c = (np.empty(len(table.task)) for _ in range(3))
        for k, (x, at, _) in enumerate(data):
            p[at] = expit(self.success[k].predictor(x))
            t[at], c[at] = np.exp(self.latency[k].predictor(x)), np.exp(self.cost[k].predictor(x))
        checks = [*check_success(table, p, titles), *check_amounts(table, {"latency": t, "cost": c}, titles)]
        self.values: FeatureValues | None = None
        self.know: Knowledge = "not told"
        self.models = KnownModels.of(self.success, self.latency)
        if table.decides.any():
            answers, row = _answers(counted, table)
            self.values = near = likeliest_values(answers, self.models)
            if near.identified:
                spread = max(float(doubtful(_spread(table, near.answer[row]), number)), 1.0)
                answers = answers.weighted(spread)
                self.values = feature_values(answers, self.models, rng, near)
            if self.values.identified:
                checks += check_answers(table, self.values, row, spread, titles)
                checks += self._of_users(answers, self.values)
        drift = check_drift(table, {"latency": t, "cost": c}, titles)
        self.checks = (*checks, *check_provider(counted, titles), *drift)

    def _of_users(self, answers: Answers, values: FeatureValues) -> tuple[Check, ...]:
        """Whether users know the features, by whether they leave otherwise by them, and whether values explain how."""
        chi_square, freedom, p_value = differ_by_features(answers)
        fits = check_fit(answers, values.answer, answers.design.shape[1] + 1)
        seen = f"chi-square {chi_square:.1f}, {freedom} degrees of freedom"
        if p_value < SIGNIFICANT:
            self.know = "yes"
            said = (
                f"Users leave otherwise by features under the same commitment, so they know something of them; {seen}."
            )
        elif fits.holds:
            said = (
                f"Users leave as readily whatever the features, under the same commitment ({seen}), which those who"
                " know them might do as well: the log does not tell whether they do."
            )
        else:
            self.know = "no"
            said = (
                f"Users leave as readily whatever the features, under the same commitment ({seen}), and those who knew"
                " them would not: they do not know them."
            )
        know = Check("users_know_features", self.know != "no", chi_square, None, p_value, said)
        return know, replace(fits, holds=fits.holds or self.know == "no")

    def of_users(self, mean: FloatArray, scale: FloatArray) -> tuple[Regression | None, Estimate | None]:
        """Log V as a regression, and the noise; None where they are not known."""
        values = self.values
        if values is None or not values.identified:
            return None, None
        size = len(mean) + 1
        value = Regression.of(values.at[:size], values.covariance[:size, :size], mean, scale)
        at, half = values.at[size], HALF_WIDTH * float(np.sqrt(values.covariance[size, size]))
        ends = np.clip([at, at - half, at + half], *values.bounds)
        return value, Estimate(*(float(x) for x in np.exp(ends)))

    def draws(self, churn_penalty: float, number: int, rng: np.random.Generator) -> FeatureDraws:
        """Coefficients in proportion to how likely the log is; for number 0 the likeliest ones alone."""
        values = self.values
        assert values is not None  # asked for where they are known
        k = self.design.shape[1]
        at = values.draws(number, rng)
        noise = np.exp(np.clip(at[:, k], *values.bounds))
        models = self.models.coefficients(at[:, k + 1 :])
        likeliest = np.stack([fit.coefficients for fit in self.cost])
        about = Normal.with_covariance(likeliest.ravel(), steady_covariance(self.cost))
        cost = about.draws(number, rng).reshape(-1, *likeliest.shape) if number else likeliest[None]
        return FeatureDraws(at[:, :k], noise, models[:, :2], models[:, 2:], cost, churn_penalty)


def _answers(counted: Tally, table: TaskTable) -> tuple[Answers, IntArray]:
    """Answers of users by features and commitment, and the row of each task."""
    seen = {arm.route: arm.cascade_prob for arm in arms(counted.shapes[np.isnan(counted.shapes.stated)])}
    s = np.where(np.isnan(table.stated), np.nan_to_num(seen.get(1, 0.0)), table.stated)
    s = np.where(table.route == 1, s, 0.0)
    key = np.column_stack([table.features, table.route, s])
    _, first, row = np.unique(key, axis=0, return_index=True, return_inverse=True)
    row = row.ravel()
    of_pass = row[table.task]
    decisions, leaves = (np.bincount(of_pass, x, len(first)).astype(np.float64) for x in (table.decides, table.leaves))
    design = design_of(table.standard)[first]
    return Answers(design, table.route[first], s[first], decisions, leaves), row


def _spread(table: TaskTable, answer: FloatArray) -> float:
    """Variance of departures over users or tasks, relative to independent ones; answer is by task, (N,)."""
    q = answer[table.task]
    off = np.where(table.decides, table.leaves - q, 0.0)
    sums = np.bincount(table.cluster[table.task], weights=off)
    return float((sums**2).sum() / (q * (1 - q))[table.decides].sum())


def _before_deciding(
    churn_penalty: float | None, values: FeatureValues | None, checks: Sequence[Check]
) -> tuple[Verdict, str]:
    """The verdict where no decision can be made, or none may be followed."""
    blind = [check.explanation for check in checks if check.name == "users_know_features" and not check.holds]
    if blind:
        return "refused", (
            f"the recommendation is for users who know what is known of their task. {blind[0]} Whoever does not know it"
            " gives one answer to all tasks"
        )
    if values is None:
        return "refused", "no user ever decided anything: every failure is the last row of its task"
    if churn_penalty is None:
        return "unsure", "no churn penalty was given: --churn-penalty, or --revenue and --churn-uplift"
    return "refused", f"users' value of a task is not identified: {values.reason}"


def _judged(decision: FeatureDecision, checks: Sequence[Check], know: Knowledge) -> tuple[Verdict, str]:
    """The verdict on a decision, and the reason."""
    failed = [check for check in checks if not check.holds]
    decisive = [check for check in failed if check.name in DECISIVE]
    if decisive:
        needed = "; ".join(dict.fromkeys((NEEDED | FINER)[check.name] for check in decisive))
        explained = " ".join(check.explanation for check in decisive)
        return "refused", f"the log is not of these games: {explained} It would take {needed}"
    total = decision.num_judged
    number = round(decision.wrong * total)
    games = f"all {total} draws" if number == total else f"{number or 'none'} of {total} draws"
    wrong = f"it costs over 1 % more than the best in {games} of what this log may well be of"
    if failed:
        return "unsure", f"an assumption fails. {' '.join(check.explanation for check in failed)}"
    if know == "not told":
        said = "users are taken to know what is known of their task, and the log does not tell"
        return "unsure", f"{said}. If they do, {wrong}"
    if decision.wrong <= MOST_WRONG:
        return "sure", f"{wrong}, and no assumption fails"
    return "unsure", f"{wrong}. A log four times as long would halve all intervals"
