"""The value of a task to users as a function of what is known of it, with the noise of their answers.

After a failure a user leaves with the probability of the quantal response in the game of its own task: p and t are what
regressions say of its features, and the logarithm of V is linear in them. How steeply has a prior, see `SLOPE_PRIOR`.
Whether one V for all would do as well is said, but not acted upon: a slope that may be 0 by the log need not be 0. All
numbers are looked for together, those of the regressions around what these found, and drawn from a normal distribution
around the likeliest ones, with the curvature of the likelihood there. Where that distribution is not near the
likelihood, they are drawn by walkers instead (`routegame.calibrate.estimate.annealed_sampler`): of users nearly at
their best the answer is a step, and a likelihood made of steps is flat, with cliffs around, wherever it is likely.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import inf, log

import numpy as np
from scipy.special import expit
from scipy.stats import chi2

from routegame.calibrate.contexts.answers import TINY
from routegame.calibrate.contexts.values import OPEN
from routegame.calibrate.estimate.annealed_sampler import Normal, annealed
from routegame.calibrate.estimate.assumptions import SIGNIFICANT
from routegame.calibrate.estimate.task_value import VALUE_REACH
from routegame.calibrate.features.answer_kernel import leave_probs, log_likelihood
from routegame.calibrate.features.regression import FARTHEST, Fit, predictor, steady_covariance
from routegame.envs.arrays import FloatArray, IntArray
from routegame.envs.game import Game
from routegame.eval.statistics import HALF_WIDTH

COARSE_VALUES, COARSE_NOISE = 15, 13
"""Points of the grid over log V and over the logarithm of the noise from which the likeliest ones are looked for."""

LOOKED_AT = 400
"""Rows of answers that are looked at on that grid."""

STARTS = 2
"""Points of the grid from which they are."""

LEAST_NOISE, MOST_NOISE = log(1e-3), log(10.0)
"""Logarithms of the noise, relative to the median t/p of both models together, that are looked at."""

SLOPE_PRIOR = 0.5
"""Standard deviation of the prior of each slope of log V, for a standard deviation of the feature."""

NOISE_PRIOR = 2.0
"""Standard deviation of the prior of the logarithm of the noise, around the middle of what is looked at: what keeps it
bounded where users are at their best, and any noise that is small enough explains them."""

COLDEST = log(1e-5)
"""Logarithm of the relative noise from which on walkers take any to be as likely: those with less are at their best."""

MOST_STEPS, CLOSE, LONGEST = 60, 1e-4, 1.0
"""Steps of a search, the gain at which it ends, and the longest one in any number."""

NUDGE = 1e-4
"""Relative change of a number by which slopes are taken."""

TRIED, CLIFF, FALLEN = 400, 10.0, 0.1
"""Draws of the normal distribution that are held against the likelihood; by how much the logarithm of that may be other
than the distribution has it; and the share of draws for which it is further off where that is not near enough."""

WALKERS, ROUNDS = 240, (10, 60)
"""Draws of walkers where it is not, and their moves, see `annealed`."""

ANSWERED = 60
"""Draws at which answers are looked at."""

WIDER, LEAST_KNOWN = 2.0, 0.1
"""How many times as far apart as draws of the normal distribution walkers begin, and least information that it has."""


@dataclass(frozen=True, eq=False)
class Answers:
    """Answers of users by what is known of their task and by commitment; arrays of R rows.

    Attributes:
        design: a column of ones, and features in standard deviations, (R, d + 1).
        route: 1 or 2.
        cascade_prob: s, as stated or else as seen.
        decisions: failures after which it is known what the user did.
        leaves: of these, those after which it left.
    """

    design: FloatArray
    route: IntArray
    cascade_prob: FloatArray
    decisions: FloatArray
    leaves: FloatArray

    def some(self, rows: IntArray) -> Answers:
        """Return some of the rows."""
        return Answers(*(column[rows] for column in vars(self).values()))

    def weighted(self, by: float) -> Answers:
        """Return as many answers that are told by so many times as few."""
        return Answers(self.design, self.route, self.cascade_prob, self.decisions / by, self.leaves / by)


@dataclass(frozen=True, eq=False)
class FeatureValues:
    """What users' answers tell of V and their noise, together with p and t; `at` has them all in one row.

    Attributes:
        alike: whether the log is compatible with one V for all tasks.
        identified: whether it is bounded on both sides; else only `reason` says anything.
        reason: why not, in words; empty if it is.
        at: coefficients of log V (d + 1), log of the noise, and errors of p and t in standard errors: the likeliest
            ones, or the mean of the draws where there are any.
        covariance: of these.
        gained: by how much a V that differs is likelier than one for all, twice the log-likelihood; 0 if not tried.
        answer: share of users who leave in each row, at the likeliest numbers, or on average over some draws.
        bounds: least and greatest logarithm of the noise that is looked at.
        drawn: draws of these numbers, (`WALKERS`, m); None where a normal distribution is near enough.
        answers: share of users who leave in each row at some of them, (`ANSWERED`, R); None likewise.
    """

    alike: bool
    identified: bool
    reason: str
    at: FloatArray
    covariance: FloatArray
    gained: float
    answer: FloatArray
    bounds: tuple[float, float]
    drawn: FloatArray | None = None
    answers: FloatArray | None = None

    def start(self, size: int) -> FloatArray:
        """The log V at the mean of all features, of a design of so many columns; the log of the noise, and errors."""
        return np.concatenate([self.at[:1], self.at[size:]])

    def doubt(self, upper: FloatArray, lower: FloatArray) -> float:
        """Variance over draws of the logarithm of how many leave in one part, relative to another; 0 without draws.

        Args:
            upper: decisions of the one part in each row, (R,).
            lower: of the other, likewise.
        """
        if self.answers is None:
            return 0.0
        return float(np.var(np.log(self.answers @ upper) - np.log(self.answers @ lower)))

    def draws(self, number: int, rng: np.random.Generator) -> FloatArray:
        """Draws of all numbers, or `at` alone where none are asked for, (number or 1, m)."""
        if not number:
            return self.at[None]
        if self.drawn is None:
            return Normal.with_covariance(self.at, self.covariance).draws(number, rng)
        chosen: FloatArray = self.drawn[rng.choice(len(self.drawn), number, replace=number > len(self.drawn))]
        return chosen


@dataclass(frozen=True, eq=False)
class KnownModels:
    """What regressions tell of p and t of both models: their coefficients, and a root of their covariance.

    Attributes:
        centre: p of both models, and then t, (4, d + 1).
        root: of the covariance of all of them in one row, (4 (d + 1), 4 (d + 1)).
    """

    centre: FloatArray
    root: FloatArray

    @classmethod
    def of(cls, success: tuple[Fit, ...], latency: tuple[Fit, ...]) -> KnownModels:
        """Return them; what a latency of nothing is known by stays as it is."""
        fits = (*success, *latency)
        likeliest = np.stack([fit.coefficients for fit in fits])
        return cls(likeliest, Normal.with_covariance(likeliest.ravel(), steady_covariance(fits)).root)

    def coefficients(self, errors: FloatArray) -> FloatArray:
        """The coefficients at errors, (…, 4 (d + 1)) -> (…, 4, d + 1)."""
        moved: FloatArray = errors @ self.root.T
        return self.centre + moved.reshape(*errors.shape[:-1], *self.centre.shape)


def likeliest_values(answers: Answers, models: KnownModels) -> FeatureValues:
    """Find V and the noise that are likeliest, whether they are bounded or not; see `feature_values`."""
    reason = _open(answers)
    if reason:
        none = np.zeros(0)
        return FeatureValues(True, False, reason, none, np.zeros((0, 0)), 0.0, none, (0.0, 0.0))
    return _likeliest(answers, models, None)[0]


def feature_values(
    answers: Answers, models: KnownModels, rng: np.random.Generator, near: FeatureValues | None = None
) -> FeatureValues:
    """Find V and the noise, and whether they are bounded.

    Args:
        answers: of users, told by so many times as few as they vary more than independent ones.
        models: p and t.
        rng: of draws that are held against the likelihood, and of those that take their place.
        near: the likeliest ones of about the same answers, to begin with.
    """
    near = likeliest_values(answers, models) if near is None else near
    if not len(near.at):
        return near
    found, joint, best = _likeliest(answers, models, near)
    normal = Normal.of(joint.inside(best.at), best.information, LEAST_KNOWN)
    tried = normal.draws(TRIED, rng)
    missing = joint.log_density(normal.mean[None]) + normal.log_density(tried) - joint.log_density(tried)
    if (np.abs(missing) > CLIFF).mean() > FALLEN:
        drawn = annealed(joint.log_density, normal.wider(WIDER), WALKERS, ROUNDS, rng)
        found = _of_draws(found, drawn, joint)
    if 2 * HALF_WIDTH * np.sqrt(max(found.covariance[0, 0], 0.0)) > log(OPEN) or not np.isfinite(best.fit):
        reason = (
            "the commitments in the log are too alike, or users answered too much alike; it would take users who face"
            " commitments that differ more, side by side"
        )
        return replace(found, identified=False, reason=reason)
    return found


def _likeliest(
    answers: Answers, models: KnownModels, near: FeatureValues | None
) -> tuple[FeatureValues, _Joint, _Maximum]:
    """The likeliest V and noise, as if they were bounded, with the likelihood and its maximum."""
    size = answers.design.shape[1]
    single = _Joint(answers, models, 1).maximum(None if near is None else near.start(size))
    joint = _Joint(answers, models, size)
    found = joint.maximum(single.start)
    gained = max(2 * (found.fit - single.fit), 0.0)
    covariance = np.asarray(np.linalg.pinv(found.information), dtype=np.float64)
    bounds = LEAST_NOISE + joint.scale, MOST_NOISE + joint.scale
    alike = bool(chi2.sf(gained, size - 1) >= SIGNIFICANT)
    return FeatureValues(alike, True, "", found.at, covariance, gained, found.answer, bounds), joint, found


def _of_draws(found: FeatureValues, drawn: FloatArray, joint: _Joint) -> FeatureValues:
    """What draws tell in place of what is likeliest; slopes of log V are held against 0 by their own spread."""
    mean, covariance = drawn.mean(axis=0), np.cov(drawn.T)
    slopes = slice(1, joint.values)
    gained = float(mean[slopes] @ np.linalg.solve(covariance[slopes, slopes], mean[slopes]))
    alike = bool(chi2.sf(gained, joint.values - 1) >= SIGNIFICANT)
    answers = joint.answers_at(drawn[:ANSWERED])
    return FeatureValues(
        alike,
        True,
        "",
        mean,
        covariance,
        gained,
        answers.mean(axis=0),
        (COLDEST + joint.scale, found.bounds[1]),
        drawn,
        answers,
    )


def _open(answers: Answers) -> str:
    """Why V cannot be told, by what users faced and did alone; empty if it may be."""
    need = "it would take users who face different commitments, such as two cascade probabilities, at the same time"
    leaves, decisions = answers.leaves.sum(), answers.decisions.sum()
    told = answers.decisions > 0
    if not decisions:
        return "the log has no decision of any user"
    faced = np.stack([answers.route[told], np.where(answers.route[told] == 1, answers.cascade_prob[told], 0.0)])
    if len(np.unique(faced, axis=1).T) < 2:
        return f"all users faced the same commitment, and tasks may differ in value; {need}"
    if not leaves:
        return f"nobody ever left; {need}, one of them bad enough that some leave"
    if leaves == decisions:
        return f"everybody left at once; {need}, one of them good enough that some stay"
    return ""


@dataclass(frozen=True, eq=False)
class _Maximum:
    """The likeliest numbers, how likely they are, and the information about them."""

    values: int
    at: FloatArray
    fit: float
    information: FloatArray
    answer: FloatArray

    @property
    def start(self) -> FloatArray:
        """The log V at the mean of all features, the logarithm of the noise, and errors."""
        return np.concatenate([self.at[:1], self.at[self.values :]])


class _Joint:
    """The likelihood of what users did, times the priors of the regressions and of the slopes of log V.

    Args:
        answers: of users.
        models: p and t.
        values: numbers that log V is made of: 1, or d + 1.
    """

    def __init__(self, answers: Answers, models: KnownModels, values: int) -> None:
        self.answers, self.models, self.values = answers, models, values
        eta = predictor(models.centre, answers.design)
        per_success = np.exp(eta[2:]) / expit(eta[:2])
        self.scale = log(float(np.median(per_success.sum(axis=0))))
        self.low = log(max(float(np.quantile(per_success, 0.02)), 1e-300) / VALUE_REACH)
        self.high = log(float(np.quantile(per_success, 0.98)) * VALUE_REACH)

    def maximum(self, start: FloatArray | None = None) -> _Maximum:
        """Maximise by damped scoring, from a coarse grid or from the likeliest V that is the same for all tasks."""
        if start is not None:
            slopes = np.zeros(self.values - 1)
            return self._climbed(np.concatenate([start[:1], slopes, start[1:]]))
        found = [self._climbed(point) for point in self._starts()]
        return max(found, key=lambda each: each.fit)

    def log_density(self, points: FloatArray) -> FloatArray:
        """The objective at points (n, m), but any noise that is looked at is as likely beforehand, (n,).

        It is -inf where the noise, or log V at the mean of all features, is out of range.
        """
        k, held = self.values, self.held(points.shape[1])
        held[k] = 0.0
        tau = np.exp(np.clip(points[:, k], self.scale - FARTHEST, self.scale + FARTHEST))
        at, answers = (points[:, :k], tau, self.models.coefficients(points[:, k + 1 :])), self.answers
        rows = answers.design, answers.route, answers.cascade_prob, answers.decisions, answers.leaves
        likely = log_likelihood(rows, at, (self.low - 5, self.high + 5), TINY) - points**2 @ held / 2
        value, noise = points[:, 0], points[:, k] - self.scale
        inside = (value >= self.low) & (value <= self.high) & (noise >= COLDEST) & (noise <= MOST_NOISE)
        found: FloatArray = np.where(inside, likely, -inf)
        return found

    def inside(self, at: FloatArray) -> FloatArray:
        """A point with its noise, and log V at the mean of all features, within what walkers look at."""
        found = at.copy()
        found[0] = np.clip(at[0], self.low, self.high)
        found[self.values] = np.clip(at[self.values] - self.scale, COLDEST, MOST_NOISE) + self.scale
        return found

    def answers_at(self, points: FloatArray) -> FloatArray:
        """Share of users who leave in each row, at points (n, m) -> (n, R)."""
        return np.stack([self._answer(*self._numbers(at)) for at in points])

    def prior(self, size: int) -> FloatArray:
        """Where the prior has its middle, of so many numbers."""
        found = np.zeros(size)
        found[self.values] = self.scale + (LEAST_NOISE + MOST_NOISE) / 2
        return found

    def held(self, size: int) -> FloatArray:
        """Information of the prior about each of so many numbers; none about log V at the mean of all features."""
        found = np.ones(size)
        found[: self.values + 1] = 1 / SLOPE_PRIOR**2
        found[0], found[self.values] = 0.0, 1 / NOISE_PRIOR**2
        return found

    def _starts(self) -> list[FloatArray]:
        u = np.linspace(self.low, self.high, 2 * COARSE_VALUES)
        w = np.linspace(LEAST_NOISE, MOST_NOISE, COARSE_NOISE) + self.scale
        rows = np.linspace(0, len(self.answers.route) - 1, min(LOOKED_AT, len(self.answers.route))).astype(int)
        part = _Joint(self.answers.some(rows), self.models, 1)
        errors = np.zeros(self.models.root.shape[1])
        tried = []
        for value in u:
            for noise in w:
                point = np.concatenate([[value, noise], errors])
                tried.append((part._log_likelihood(part._answer(*part._numbers(point))), point))
        tried.sort(key=lambda item: -item[0])
        more = np.zeros(self.values - 1)
        return [np.concatenate([point[:1], more, point[1:]]) for _, point in tried[:STARTS]]

    def _climbed(self, at: FloatArray) -> _Maximum:
        damping = 1e-3
        fit, answer = self._objective(at)
        gradient, information = self._slopes(at, answer)
        for _ in range(MOST_STEPS):
            damped = information + damping * np.diag(np.diag(information) + 1e-9)
            step = np.linalg.solve(damped, gradient)
            step *= min(1.0, LONGEST / max(float(np.abs(step).max()), 1e-12))
            new, new_answer = self._objective(at + step)
            if new >= fit:
                gained, at, fit, answer, damping = new - fit, at + step, new, new_answer, max(damping / 10, 1e-9)
                gradient, information = self._slopes(at, answer)
                if gained < CLOSE:
                    break
            else:
                damping *= 10
                if damping > 1e8:
                    break
        return _Maximum(self.values, at, fit, information, answer)

    def _numbers(self, at: FloatArray) -> tuple[FloatArray, FloatArray]:
        """V, τ, and p and t of both models in every row, (6, R); and the coefficients."""
        design, k = self.answers.design, self.values
        coefficients = self.models.coefficients(at[k + 1 :])
        eta = predictor(coefficients, design)
        value = np.exp(np.clip(design[:, :k] @ at[:k], self.low - 5, self.high + 5))
        noise = np.full(len(design), np.exp(np.clip(at[k], self.scale - FARTHEST, self.scale + FARTHEST)))
        return np.stack([value, noise, *expit(eta[:2]), *np.exp(eta[2:])]), coefficients

    def _answer(self, numbers: FloatArray, _: FloatArray) -> FloatArray:
        value, noise, p1, p2, t1, t2 = numbers
        game = Game(value, 0.0, (p1, p2), (t1, t2), (0.0, 0.0))
        answer = leave_probs(game, self.answers.route, self.answers.cascade_prob, noise)
        found: FloatArray = np.clip(answer, TINY, 1 - TINY)
        return found

    def _objective(self, at: FloatArray) -> tuple[float, FloatArray]:
        if not np.isfinite(at).all():
            return -inf, np.zeros(0)
        answer = self._answer(*self._numbers(at))
        off = at - self.prior(len(at))
        return self._log_likelihood(answer) - float(self.held(len(at)) @ off**2) / 2, answer

    def _log_likelihood(self, answer: FloatArray) -> float:
        left, number = self.answers.leaves, self.answers.decisions
        return float((left * np.log(answer) + (number - left) * np.log1p(-answer)).sum())

    def _slopes(self, at: FloatArray, answer: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Gradient and expected information, by the change of answers with each of the six numbers of a row."""
        numbers, coefficients = self._numbers(at)
        design, k = self.answers.design, self.values
        by = []  # change of the answer with log V, log τ, the log-odds of p and the log of t
        for j in range(6):
            moved = numbers.copy()
            odds = numbers[j] / (1 - numbers[j]) * np.exp(NUDGE) if j in (2, 3) else 0.0
            moved[j] = odds / (1 + odds) if j in (2, 3) else numbers[j] * np.exp(NUDGE)
            by.append((self._answer(moved, coefficients) - answer) / NUDGE)
        columns = [by[0][:, None] * design[:, :k], by[1][:, None]]
        of_models = np.concatenate([each[:, None] * design for each in by[2:]], axis=1)
        slopes = np.concatenate([*columns, of_models @ self.models.root], axis=1)
        variance = answer * (1 - answer)
        gradient = slopes.T @ ((self.answers.leaves - self.answers.decisions * answer) / variance)
        information = (slopes * (self.answers.decisions / variance)[:, None]).T @ slopes
        held = self.held(len(at))
        gradient -= held * (at - self.prior(len(at)))
        information[range(len(at)), range(len(at))] += held
        return gradient, information
