"""Users who differ in what a solved task is worth to them: the median of V and the spread of log V over users.

V is log-normal over users, who all answer with one noise τ. Given τ the answers to each commitment are a function of V
alone, so the likelihood of what a user did is an integral over V of a product of answers, a sum with weights that hang
on median and spread. It is worked out at some τ, around the best median and spread at each, and the posterior is drawn
from that: flat in log V, in the spread, and in log τ.

The places of the sum are close together where users of a commitment begin to stay, and farther and farther apart to
either side, so that users who answer exactly, whose answers jump there, are as well integrated as any.

What models are like is known from their passes, within errors. These are carried along to first order: the mean of the
posterior moves with an error by the covariance, over the posterior, with the slope of the log-likelihood in it. What
users did is not taken to say anything of the models.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from math import inf, log

import numpy as np
from scipy.special import expit, logit, ndtr

from routegame.agents.users.quantal import quantal_response
from routegame.calibrate.estimate.answers import UserAnswers
from routegame.calibrate.estimate.task_value import TINY, Cell, Models, Users
from routegame.envs.arrays import BoolArray, FloatArray, IntArray
from routegame.envs.game import Game
from routegame.eval.statistics import LEVEL, Estimate

VALUE_REACH = 20.0
"""The median is looked for from the least t/p divided by this to the greatest one times this."""

LEAST_SPREAD, MOST_SPREAD = 0.02, 3.0
"""Standard deviations of log V between which it is looked for."""

COLDEST, WARMEST = log(1e-7), log(10.0)
"""Logarithms of τ, relative to Σ t/p, between which it is looked for."""

NEAR = np.geomspace(3e-4, 0.6, 12)
"""Distances in log V at which the integral is cut to either side of where users begin to stay."""

EVEN_STEP, FAR_STEP = 0.08, 0.4
"""Steps in log V of the other cuts, close to those places and far from them."""

COARSE_MEDIANS, COARSE_SPREADS, COARSE_NOISES = 31, (0.05, 0.15, 0.3, 0.6, 1.2), 19
AROUND = 2
"""Values of τ to either side of the best one of the first search that are looked at more closely."""

LOOKED_AT = 300
"""Most rows of answers that the first search looks at."""

NOISES, ROUNDS, ENOUGH_NOISES = 9, 5, 5
"""Values of τ around the best, how often they are laid out anew, and how many of them have to matter."""

MATTERS = 9.0
"""Log-likelihood below the greatest from which on nothing matters."""

STEPS = 25
GRID = np.linspace(-3.6, 3.6, 9)
"""Places of the posterior at a τ, in standard deviations along both axes."""

NUDGE = 0.3
"""Standard errors by which models are moved to find slopes."""

NUM_DRAWS = 4000
"""Draws that intervals are made of."""

LEAST_LIKELY = 1e-100
"""Least likelihood of an answer relative to that at the V that suits it best."""

LEAST_VARIANCE = 5.0
"""Least variance of the leavers at a step for them to be held against those expected."""

MOVED = 0.02
"""Change of a logarithm by which slopes of what is to be expected are found."""

LIKELY = 0.01
"""Share of the posterior below which a τ is left out of the search for slopes."""


@dataclass(frozen=True, eq=False)
class ValueSpread:
    """The distribution of V over the users of a log, as far as it tells; log-normal.

    Attributes:
        median: of V, with the interval that holds the middle 95 % of the posterior; from 0 or to inf if open there.
        log_sd: standard deviation of log V.
        temperature: of the quantal response of all users, in units of latency.
        identified: whether the median is bounded on both sides.
        missed: chi-square of how many left at each answer under each commitment, against how many were to be expected.
        freedom: its degrees of freedom.
        gain: in log-likelihood over the shares of leavers of each commitment, which are the best that can be said if
            users are alike.
        share: of the users whose answers were looked at.
        posterior: what it is drawn from.
    """

    median: Estimate
    log_sd: Estimate
    temperature: Estimate
    identified: bool
    missed: float
    freedom: int
    gain: float
    share: float
    posterior: Posterior

    def to_dict(self) -> dict[str, object]:
        """Return what is known of the values as plain values."""
        return {
            "distribution": "lognormal",
            "median": vars(self.median),
            "log_sd": vars(self.log_sd),
            "temperature": vars(self.temperature),
            "users_looked_at": self.share,
        }


@dataclass(frozen=True, eq=False)
class Posterior:
    """A posterior as places with weights, (num_places, …), and how its mean moves with errors of the models.

    Attributes:
        at: log median, log spread and log τ.
        weight: of each place; they sum to 1.
        sides: what a place stands for: two sides of a parallelogram in the first two, (num_places, 2, 2).
        width: of log τ, (num_places,).
        moves: change of the three for each error of a model, in standard errors, (num_errors, 3).
        models: the models and their errors.
    """

    at: FloatArray
    weight: FloatArray
    sides: FloatArray
    width: FloatArray
    moves: FloatArray
    models: ErringModels

    def draw(self, number: int, rng: np.random.Generator) -> tuple[FloatArray, FloatArray]:
        """Draw points (number, 3), and the errors of the models that go with them, (number, num_errors)."""
        k = rng.choice(len(self.at), number, p=self.weight)
        errors = rng.standard_normal((number, len(self.moves)))
        points = self.at[k] + errors @ self.moves
        points[:, :2] += np.einsum("nij,nj->ni", self.sides[k], rng.uniform(-0.5, 0.5, (number, 2)))
        points[:, 2] += self.width[k] * rng.uniform(-0.5, 0.5, number)
        points[:, 1] = np.clip(points[:, 1], log(LEAST_SPREAD), log(MOST_SPREAD))
        return points, errors

    def users(self, number: int, rng: np.random.Generator) -> tuple[Users, FloatArray]:
        """Draw medians of V, noises and models, and the spreads of log V that go with them, (number,)."""
        points, errors = self.draw(number, rng)
        p, t = self.models.at(errors)
        return Users(np.exp(points[:, 0]), np.exp(points[:, 2]), p, t), np.exp(points[:, 1])


class ErringModels:
    """Two models, known within the errors of the log-odds of each p, of each t and of what shares are handed over."""

    def __init__(self, models: Models, cells: Sequence[Cell]) -> None:
        seen = ~np.isnan(models.success_prob)
        p = np.clip(np.where(seen, models.success_prob, 0.5), 1e-9, 1 - 1e-9)
        self.odds = logit(p)
        self.odds_error = np.where(seen, models.success_error, 0.0) / (p * (1 - p))
        self.t, self.t_error = (np.where(seen, x, 0.0) for x in (models.latency, models.latency_error))
        self.route = np.array([cell.route for cell in cells])
        self.s = np.nan_to_num([cell.cascade_prob for cell in cells])
        self.s_error = np.nan_to_num([cell.cascade_error for cell in cells])
        self.errors = 4 + int((self.s_error > 0).any())
        self.per_success = (self.t / p)[seen]

    def at(self, errors: FloatArray) -> tuple[tuple[FloatArray, FloatArray], tuple[FloatArray, FloatArray]]:
        """Success probabilities and latencies, off by so many standard errors, (…, num_errors) -> (…) each."""
        p1, p2 = (np.clip(expit(self.odds[k] + self.odds_error[k] * errors[..., k]), 1e-12, 1 - 1e-12) for k in (0, 1))
        t1, t2 = (np.maximum(self.t[k] + self.t_error[k] * errors[..., 2 + k], 0.0) for k in (0, 1))
        return (p1, p2), (t1, t2)

    def leave_prob(self, value: FloatArray, temperature: float, errors: FloatArray) -> FloatArray:
        """Share of users who leave in every cell, (num_values,) -> (num_values, num_cells)."""
        p, t = self.at(errors)
        s = np.clip(self.s + self.s_error * (errors[4] if self.errors > 4 else 0.0), 0, 1)
        game = Game(value[:, None], 0.0, p, t, (0.0, 0.0))
        return np.asarray(quantal_response(game, self.route, s, temperature, rough=True))


def estimate_value_spread(
    cells: Sequence[Cell], models: Models, answers: UserAnswers, by_step: Sequence[tuple[IntArray, IntArray]]
) -> ValueSpread | None:
    """Fit a log-normal V to what each user did; None where users faced one commitment, which tells too little.

    Args:
        cells: users by commitment.
        models: as estimated from the same log.
        answers: of single users, by the same commitments.
        by_step: for each commitment the first, second, … decisions in their tasks, and those of them to leave.
    """
    if sum(cell.decisions > 0 for cell in cells) < 2 or not len(answers.number):
        return None
    return _Mixture(cells, models, answers, by_step).estimate()


@dataclass(frozen=True, eq=False)
class _Peak:
    """The best log median and log spread at a τ: with the log-likelihood and the information there."""

    noise: float
    at: FloatArray
    fit: float
    information: FloatArray


class _Table:
    """The likelihood of answers at a τ, as a sum over places of V; `edges` are between them."""

    def __init__(self, edges: FloatArray, leave: FloatArray, answers: UserAnswers, rows: BoolArray | slice) -> None:
        q = np.clip(leave, TINY, 1 - TINY)
        self.leave = leave
        fit = answers.stays[rows] @ np.log1p(-q).T + answers.leaves[rows] @ np.log(q).T
        self.top = fit.max(axis=1)
        self.likely = np.exp(fit - self.top[:, None])
        self.number = answers.number[rows].astype(np.float64)
        self.edges = edges
        self.base = float(self.number @ self.top)

    def weights(self, at: FloatArray) -> FloatArray:
        """Share of users at each place of V, for a log median and a log spread."""
        below = ndtr((self.edges - at[0]) / np.exp(at[1]))
        below[0], below[-1] = 0.0, 1.0
        return np.diff(below)

    def fit(self, median: FloatArray, spread: FloatArray) -> FloatArray:
        """Log-likelihood of log medians and log spreads, (num_points,) each -> (num_points,)."""
        z = (self.edges[:, None] - median) / np.exp(spread)
        below = ndtr(z)
        below[0], below[-1] = 0.0, 1.0
        total = self.likely @ np.diff(below, axis=0)
        made: FloatArray = self.number @ np.log(np.maximum(total, LEAST_LIKELY)) + self.base
        return made

    def slopes(self, at: FloatArray) -> tuple[float, FloatArray, FloatArray]:
        """Log-likelihood, its gradient and its information at a log median and a log spread."""
        sd = float(np.exp(at[1]))
        z = (self.edges - at[0]) / sd
        below, density = ndtr(z), np.exp(-(z**2) / 2) / np.sqrt(2 * np.pi)
        below[0], below[-1] = 0.0, 1.0
        density[0] = density[-1] = 0.0
        parts = self.likely @ np.stack([np.diff(below), -np.diff(density) / sd, -np.diff(z * density)], axis=1)
        total = np.maximum(parts[:, 0], LEAST_LIKELY)
        score = parts[:, 1:] / total[:, None]
        fit = float(self.number @ np.log(total)) + self.base
        return fit, self.number @ score, score.T @ (score * self.number[:, None])


class _Mixture:
    """The search for the posterior, see above."""

    def __init__(
        self,
        cells: Sequence[Cell],
        models: Models,
        answers: UserAnswers,
        by_step: Sequence[tuple[IntArray, IntArray]],
    ) -> None:
        self.by_step = [np.stack(column, axis=1).astype(float) for column in zip(*by_step, strict=True)]
        self.answers = replace(answers, stays=answers.stays.astype(float), leaves=answers.leaves.astype(float))
        self.models = ErringModels(models, cells)
        per_success = self.models.per_success
        self.scale = float(per_success.sum()) or 1.0
        least = float(per_success[per_success > 0].min(initial=inf))
        self.low = log((least if least < inf else 1.0) / VALUE_REACH)
        self.high = log((float(per_success.max()) or 1.0) * VALUE_REACH)
        self.exact = np.zeros(self.models.errors)
        self.edges = {0: self._edges(self.exact)}
        decided = self.answers.number @ (self.answers.stays + self.answers.leaves)
        left = self.answers.number @ self.answers.leaves
        rate = np.clip(left / np.maximum(decided, 1), TINY, 1 - TINY)
        self.alike = float(left @ np.log(rate) + (decided - left) @ np.log1p(-rate))

    def estimate(self) -> ValueSpread:
        """Find the posterior, and its quantiles."""
        peaks = self._peaks()
        posterior = self._posterior(peaks)
        points, _ = posterior.draw(NUM_DRAWS, np.random.default_rng(0))  # the same quantiles for the same log
        tail = (1 - LEVEL) / 2
        low, middle, high = np.quantile(points, [tail, 0.5, 1 - tail], axis=0)
        step = (self.high - self.low) / (COARSE_MEDIANS - 1)
        open_below, open_above = low[0] < self.low + step, high[0] > self.high - step
        vague = high[1] > log(MOST_SPREAD) - 0.05
        median = Estimate(
            float(np.exp(middle[0])),
            0.0 if open_below or vague else float(np.exp(low[0])),
            inf if open_above or vague else float(np.exp(high[0])),
        )
        log_sd, noise = (Estimate(*(float(np.exp(x[k])) for x in (middle, low, high))) for k in (1, 2))
        return ValueSpread(
            median,
            log_sd,
            noise,
            not (open_below or open_above or vague),
            *self._missed(max(peaks, key=lambda peak: peak.fit)),
            max(peak.fit for peak in peaks) - self.alike,
            self.answers.share,
            posterior,
        )

    def _table(self, noise: float, error: int = 0, rows: BoolArray | slice = slice(None)) -> _Table:
        """The likelihood at a log of τ, with one of the models' errors moved; 0 for none."""
        if error not in self.edges:
            self.edges[error] = self._edges(self._errors(error))
        edges = self.edges[error]
        value = np.exp((edges[1:] + edges[:-1]) / 2)
        leave = self.models.leave_prob(value, float(np.exp(noise)), self._errors(error))
        return _Table(edges, leave, self.answers, rows)

    def _missed(self, peak: _Peak) -> tuple[float, int]:
        """Chi-square of leavers by commitment and step, and its freedom, all numbers moved to where it is least.

        The three of users are free to move, the errors of the models count as squares.
        """
        decisions, leaves = self.by_step

        def hazard(at: FloatArray, noise: float, error: int = 0) -> FloatArray:
            """Share of users who leave at a step, of those who got there, (num_steps, num_cells)."""
            table = self._table(noise, error, slice(0, 0))
            stays = 1 - table.leave
            left = [table.weights(at) @ stays**k for k in range(len(decisions) + 1)]
            return 1 - np.array([after / np.maximum(before, TINY) for before, after in pairwise(left)])

        expected = hazard(peak.at, peak.noise)
        variance = decisions * np.clip(expected * (1 - expected), TINY, None)
        told = variance > LEAST_VARIANCE
        if not told.any():
            return 0.0, 0
        moved = [
            (hazard(peak.at + np.array(step[:2]), peak.noise + step[2]) - expected) / MOVED
            for step in np.eye(3) * MOVED
        ]
        moved += [(hazard(peak.at, peak.noise, k + 1) - expected) / NUDGE for k in range(self.models.errors)]
        weight = np.sqrt(variance[told])
        slopes = np.stack([(decisions * slope)[told] / weight for slope in moved], axis=1)
        beyond = (leaves - decisions * expected)[told] / weight
        held = np.diag([0.0] * 3 + [1.0] * self.models.errors) + 1e-9 * np.eye(len(moved))
        best = np.linalg.solve(slopes.T @ slopes + held, slopes.T @ beyond)
        missed = float(((beyond - slopes @ best) ** 2).sum() + (best[3:] ** 2).sum())
        return missed, max(int(told.sum()) - 3, 0)

    def _errors(self, error: int) -> FloatArray:
        moved = self.exact.copy()
        if error:
            moved[error - 1] = NUDGE
        return moved

    def _edges(self, errors: FloatArray) -> FloatArray:
        """Cuts in log V, close together around where the users of each commitment begin to stay."""
        cold = float(np.exp(COLDEST)) * self.scale
        cells = range(len(self.models.s))
        low, high = np.full(len(cells), self.low), np.full(len(cells), self.high)
        for _ in range(30):
            middle = (low + high) / 2
            leave = self.models.leave_prob(np.exp(middle), cold, errors)[cells, cells]
            low, high = np.where(leave > 0.5, middle, low), np.where(leave > 0.5, high, middle)
        steps = (low + high) / 2
        begin, end = steps.min() - 1.0, steps.max() + 1.0
        parts = [
            np.arange(begin, end, EVEN_STEP),
            np.arange(self.low - 3.0, begin, FAR_STEP),
            np.arange(end, self.high + 3.0, FAR_STEP),
            *(np.concatenate([step - NEAR, [step], step + NEAR]) for step in steps),
        ]
        every = np.unique(np.concatenate(parts))
        apart: FloatArray = every[np.concatenate([[True], np.diff(every) > 1e-9])]
        return apart

    def _peaks(self) -> list[_Peak]:
        """The best median and spread at some τ, which are so close together that those that matter are several."""
        rows: BoolArray | slice = slice(None)
        if len(self.answers.number) > LOOKED_AT:
            chosen = np.random.default_rng(0).choice(len(self.answers.number), LOOKED_AT, replace=False)
            rows = np.isin(np.arange(len(self.answers.number)), chosen)
        u = np.linspace(self.low, self.high, COARSE_MEDIANS)
        grid = np.stack([x.ravel() for x in np.meshgrid(u, np.log(COARSE_SPREADS), indexing="ij")])
        shift = log(self.scale)
        noises = np.linspace(COLDEST, WARMEST, COARSE_NOISES) + shift
        starts = []
        for noise in noises:
            fit = self._table(noise, rows=rows).fit(*grid)
            starts.append((float(fit.max()), float(noise), grid[:, int(fit.argmax())]))
        k = int(np.argmax([fit for fit, _, _ in starts]))
        near = slice(max(k - AROUND, 0), k + AROUND + 1)
        peaks = [self._peak(noise, at) for _, noise, at in starts[near]]
        for _ in range(ROUNDS):
            fits = np.array([peak.fit for peak in peaks])
            inside = np.flatnonzero(fits > fits.max() - MATTERS)
            if len(inside) >= ENOUGH_NOISES:
                break
            first, last = peaks[max(inside[0] - 1, 0)], peaks[min(inside[-1] + 1, len(peaks) - 1)]
            best = peaks[int(fits.argmax())]
            laid = np.linspace(first.noise, last.noise, NOISES)
            peaks = [self._peak(float(noise), best.at) for noise in laid]
        return peaks

    def _peak(self, noise: float, start: FloatArray) -> _Peak:
        """Maximise the likelihood at a τ by damped scoring."""
        table, at, damping = self._table(noise), np.array(start, dtype=np.float64), 1e-3
        low, high = np.array([self.low, log(LEAST_SPREAD)]), np.array([self.high, log(MOST_SPREAD)])
        fit, gradient, information = table.slopes(at)
        for _ in range(STEPS):
            damped = information + np.diag(damping * np.diag(information) + 1e-6)
            tried = np.clip(at + np.clip(np.linalg.solve(damped, gradient), -1.0, 1.0), low, high)
            new, new_gradient, new_information = table.slopes(tried)
            if new > fit:
                gained, at, fit, gradient, information = new - fit, tried, new, new_gradient, new_information
                damping = max(damping / 5, 1e-9)
                if gained < 1e-3:
                    break
            else:
                damping *= 10
                if damping > 1e6:
                    break
        return _Peak(noise, at, fit, information)

    def _posterior(self, peaks: Sequence[_Peak]) -> Posterior:
        """Lay a grid around each peak."""
        x, y = (axis.ravel() for axis in np.meshgrid(GRID, GRID, indexing="ij"))
        noises = np.array([peak.noise for peak in peaks])
        width = float(noises[1] - noises[0])
        best = max(peak.fit for peak in peaks)
        places, densities, sides, fits = [], [], [], {}
        for peak in peaks:
            if peak.fit < best - MATTERS:
                continue
            values, vectors = np.linalg.eigh(peak.information)
            stretch = vectors / np.sqrt(np.maximum(values, 0.1))
            at = peak.at[:, None] + stretch @ np.stack([x, y])
            fit = self._table(peak.noise).fit(*at)
            inside = (at[0] > self.low - 1) & (at[0] < self.high + 1)
            inside &= (at[1] > log(LEAST_SPREAD) - 1e-9) & (at[1] < log(MOST_SPREAD) + 1e-9)
            # flat in the spread, and as wide as the grid is stretched
            density = fit - best + at[1] + np.linalg.slogdet(stretch)[1]
            places.append(np.concatenate([at, np.full((1, at.shape[1]), peak.noise)]))
            densities.append(np.where(inside, density, -inf))
            sides.append(np.broadcast_to(stretch * (GRID[1] - GRID[0]), (at.shape[1], 2, 2)))
            fits[peak.noise] = fit
        at, density = np.concatenate(places, axis=1).T, np.concatenate(densities)
        weight = np.exp(density - density.max())
        weight /= weight.sum()
        moves = self._moves(at, weight, fits)
        return Posterior(at, weight, np.concatenate(sides), np.full(len(at), width), moves, self.models)

    def _moves(self, at: FloatArray, weight: FloatArray, fits: Mapping[float, FloatArray]) -> FloatArray:
        """Covariance of the three numbers with the slope of the log-likelihood in each error of the models."""
        kept = [noise for noise in fits if weight[at[:, 2] == noise].sum() > LIKELY]
        chosen = np.isin(at[:, 2], kept)
        at, weight = at[chosen], weight[chosen] / weight[chosen].sum()
        slope = np.zeros((self.models.errors, len(at)))
        for noise in kept:
            rows = at[:, 2] == noise
            points = at[rows, :2].T
            for k in range(self.models.errors):
                slope[k, rows] = (self._table(noise, k + 1).fit(*points) - fits[noise]) / NUDGE
        slope = slope - (slope @ weight)[:, None]
        moved: FloatArray = (slope * weight) @ (at - weight @ at)
        return moved
