"""How much a solved task is worth to users, from whether they retried: maximum likelihood of V, and what is left open.

After a failure a user leaves with the probability q of the quantal response (`routegame.agents.users.quantal`), given
its commitment and V, at a temperature that is not known either. Where every user faced one commitment that is one
number for two unknowns: any V on the right side of the user's threshold explains it, at some temperature. Commitments
that differ tell them apart. So the result is always the set of V that the log does not contradict: those whose profile
likelihood, maximised over the temperature and over success probabilities and latencies within their own errors, is
within 1.92 of the greatest. V is *identified* if that set is bounded.

The temperature is measured against V + Σ t_k/p_k, since users who value tasks more can also be noisier.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import inf, log

import numpy as np
from scipy.special import expit, gammaincinv, logit

from routegame.agents.users.quantal import quantal_response
from routegame.calibrate.estimate.commitments import PolicyAnswers, PolicyCell
from routegame.calibrate.estimate.ensemble_sampler import sample
from routegame.envs.arrays import FloatArray
from routegame.envs.game import Game
from routegame.eval.statistics import LEVEL, Estimate
from routegame.numerals import plain_percent

COARSE_VALUES, COARSE_NOISE = 33, 43
"""Points of the first grid, over V and over the relative temperature."""

VALUE_REACH = 300.0
"""V is looked for from the least t/p divided by this to the greatest one times this; beyond, nothing changes."""

LEAST_NOISE, MOST_NOISE = log(1e-11), log(1e3)
"""Logarithms of relative temperatures: from users at their best to users who toss a coin."""

FINE_VALUES, FINE_REACH = 9, 4.0
"""Points of the second grid, and how many standard errors around the best V it reaches."""

STARTS = 3
"""Points of the first grid from which the greatest likelihood is looked for."""

CLOSE, NEAR = 1e-5, 0.02
"""Gains in log-likelihood at which a search stops: for the greatest one, and for what is compared with 1.92."""

MOST_STEPS = 400
"""Steps of a search, should its gains never end; ten million decisions take a hundred, along a ridge that is sharp."""

BISECTIONS = 7
FLAT = 0.02
"""Values whose deviance differs by less are equally good: of such a plateau the middle is reported."""

ROUNDS = 80
"""Moves of each walker that looks for users who explain the log."""

NARROWINGS, NARROWED = 8, 17
"""Grids, one inside the other, and their points, in the search for the likeliest V at a given noise, or vice versa."""

COLDEST, WARMEST = log(1e-4), log(100.0)
"""Logarithms of relative temperatures between which users are drawn; beyond either nothing changes."""

TINY = 1e-12
"""Least probability of an answer."""

CRITICAL = 2 * float(gammaincinv(0.5, LEVEL))
"""The deviance of one degree of freedom that is passed by chance once in 1 / (1 − `LEVEL`) times: 3.84."""


@dataclass(frozen=True)
class Cell:
    """Users who faced one commitment.

    Attributes:
        route: 1 or 2.
        cascade_prob: s; nan where nothing could be handed over.
        cascade_error: standard error of s; 0 where the log states it.
        decisions: failures after which a user decided.
        leaves: how many of these decisions were to leave.
    """

    route: int
    cascade_prob: float
    cascade_error: float
    decisions: int
    leaves: int


Cells = Sequence[Cell | PolicyCell]
"""Users by commitment, in the paper's order or in any."""


@dataclass(frozen=True)
class Models:
    """The models as users experience them, with standard errors; nan where a model was never seen.

    Attributes:
        success_prob: p of each model.
        success_error: its standard errors.
        latency: t of each model.
        latency_error: its standard errors.
    """

    success_prob: tuple[float, ...]
    success_error: tuple[float, ...]
    latency: tuple[float, ...]
    latency_error: tuple[float, ...]


@dataclass(frozen=True)
class TaskValueEstimate:
    """V, what a solved task is worth to users, as far as a log tells it.

    Attributes:
        estimate: the most likely V, and the set of V that the log does not contradict: from 0 or to inf where
            nothing bounds it.
        identified: whether the set is bounded on both sides.
        temperature: of the quantal response at the most likely V, in units of latency.
        deviance: by how much the model misses the shares of leavers, against the best that any model could do.
        freedom: its degrees of freedom; 0 for a single commitment, which always fits. Two have 1: V and noise fit most
            pairs of shares, but not users who leave under the commitment that is better for them.
        reason: why V is not identified, and what would be needed; empty if it is.
    """

    estimate: Estimate
    identified: bool
    temperature: float
    deviance: float
    freedom: int
    reason: str


def estimate_task_value(cells: Cells, models: Models, spread: float = 1.0) -> TaskValueEstimate:
    """Fit V to what users did.

    Args:
        cells: users by commitment; those without a decision say nothing.
        models: as estimated from the same log.
        spread: by how much decisions vary more than independent ones, see `Tally.decision_spread`.

    >>> models = Models((0.1, 0.3), (1e-3, 1e-3), (1, 2), (1e-3, 1e-3))
    >>> cells = [Cell(1, 0.0, 0.0, 10000, 6271), Cell(1, 0.3, 0.0, 10000, 150)]
    >>> task_value = estimate_task_value(cells[:1], models)
    >>> task_value.identified, round(task_value.estimate.high, 1)
    (False, 10.2)
    """
    told = [cell for cell in cells if cell.decisions]
    if not told:
        return TaskValueEstimate(
            Estimate(np.nan, 0.0, inf), False, np.nan, 0.0, 0, "the log has no decision of any user"
        )
    return _Likelihood(told, models, max(spread, 1.0)).estimate()


@dataclass(frozen=True, eq=False)
class Users:
    """Users that may well be those of a log, with the models that they experience; arrays of shape (number,).

    Attributes:
        task_value: V.
        temperature: of the quantal response, in units of latency.
        success_prob: p of each model.
        latency: t of each model.
    """

    task_value: FloatArray
    temperature: FloatArray
    success_prob: tuple[FloatArray, ...]
    latency: tuple[FloatArray, ...]


def draw_users(
    cells: Cells,
    models: Models,
    number: int,
    rng: np.random.Generator,
    spread: float = 1.0,
    *,
    identified: bool = True,
) -> Users:
    """Draw users in proportion to how likely the log is if they are its own, V and temperature flat on a log scale.

    Where V is identified the draws are spread like the estimates of as many logs redrawn with replacement; where the
    likelihood has a cliff or a flat top, which redrawn estimates step over, they fill what the log leaves open.

    Where V is not identified what they are for is to leave nothing out. A share of leavers is explained by a curve of
    values and noises, which is wide where it tells little and thin where it tells much. So draws are spread along that
    curve, on a log scale of both, however wide it is.

    Args:
        cells: users by commitment, at least one with a decision.
        models: as estimated from the same log.
        number: of draws; even.
        rng: of the draws.
        spread: see `estimate_task_value`.
        identified: whether V is.
    """
    told = [cell for cell in cells if cell.decisions]
    return _Likelihood(told, models, max(spread, 1.0), (COLDEST, WARMEST)).draw(number, rng, identified)


class _CascadeAnswers:
    """How users answer routes and cascade probabilities; one error is shared by all that were estimated."""

    such_as = "such as two cascade probabilities"

    def __init__(self, cells: Sequence[Cell]) -> None:
        self.route = np.array([cell.route for cell in cells])
        self.s = np.nan_to_num(np.array([cell.cascade_prob for cell in cells]))
        self.s_error = np.nan_to_num(np.array([cell.cascade_error for cell in cells]))
        self.errors = int((self.s_error > 0).any())

    def leave_prob(
        self,
        value: FloatArray,
        temperature: FloatArray,
        success_prob: tuple[FloatArray, ...],
        latency: tuple[FloatArray, ...],
        errors: FloatArray,
    ) -> FloatArray:
        """Share of users who leave in every cell, see `PolicyAnswers.leave_prob`."""
        s = np.clip(self.s + self.s_error * (errors[..., 4] if self.errors else 0), 0, 1)
        game = Game(value, 0.0, success_prob, latency, (0.0, 0.0))
        shape = np.broadcast_shapes(value.shape, s.shape, self.route.shape)
        return np.asarray(quantal_response(game, self.route, np.broadcast_to(s, shape), temperature))


def _answering(
    cells: Cells, p: FloatArray, p_error: FloatArray, t: FloatArray, t_error: FloatArray
) -> _CascadeAnswers | PolicyAnswers:
    """How users answer the commitments of cells: those of two models in the order of the paper, or any."""
    in_full = [cell for cell in cells if isinstance(cell, PolicyCell)]
    if in_full:
        return PolicyAnswers(in_full, p, p_error, t, t_error)
    return _CascadeAnswers([cell for cell in cells if isinstance(cell, Cell)])


class _Likelihood:
    """The likelihood of what users did, in u = log V, w = log of the relative temperature, and errors z.

    The errors are those of the log-odds of each p, of each t, and of what commitments were estimated to be, in standard
    errors: standard normal before the users' decisions are looked at. `noises` are the bounds of w.
    """

    def __init__(
        self,
        cells: Cells,
        models: Models,
        spread: float,
        noises: tuple[float, float] = (LEAST_NOISE, MOST_NOISE),
    ) -> None:
        self.noises = noises
        self.weight = np.array([cell.decisions for cell in cells]) / spread
        self.left = np.array([cell.leaves for cell in cells]) / spread
        self.seen = [not np.isnan(p) for p in models.success_prob]
        p, p_error = np.array(models.success_prob), np.array(models.success_error)
        self.p = np.clip(np.where(self.seen, p, 0.5), 1e-9, 1 - 1e-9)
        self.p_error = np.where(self.seen, p_error, 0.0) / (self.p * (1 - self.p))
        self.t, self.t_error = (np.where(self.seen, x, 0.0) for x in (models.latency, models.latency_error))
        self.num_models = len(self.p)
        self.answering = _answering(cells, self.p, self.p_error, self.t, self.t_error)
        self.errors = 2 * self.num_models + self.answering.errors
        per_success = (self.t / self.p)[self.seen]
        least = max(per_success[per_success > 0].min(initial=inf), 1e-300)
        self.scale = float(per_success.sum()) or 1.0
        self.low = float(np.log((least if least < inf else 1.0) / VALUE_REACH))
        self.high = float(np.log((per_success.max() or 1.0) * VALUE_REACH))
        rate = np.clip(self.left / self.weight, TINY, 1 - TINY)
        self.best_possible = self._log_likelihood(rate)

    def estimate(self) -> TaskValueEstimate:
        """Maximise, and find the set of V within the critical deviance of the best."""
        u, profile, points, found, tops = self._peaks()
        best, best_point = float(found.max()), tops[int(np.argmax(found))]
        error = self._value_error(best_point)
        near = best_point[0] + np.linspace(-FINE_REACH, FINE_REACH, FINE_VALUES) * error
        near = near[(near > self.low) & (near < self.high)]
        starts = np.repeat(best_point[None], len(near), axis=0)
        starts[:, 0] = near
        near_fit, near_points = self._refine(starts, free=False, enough=NEAR)
        u = np.concatenate([u, near, [best_point[0]]])
        fit = np.concatenate([profile, near_fit, [best]])
        points = np.concatenate([points, near_points, [best_point]])
        best = float(fit.max())
        order = np.argsort(u)
        u, deviance, points = u[order], 2 * (best - fit[order]), points[order]
        low, high = self._hull(u, deviance, points, best)
        level = np.flatnonzero(deviance <= FLAT)
        middle = (u[level[0]] + u[level[-1]]) / 2
        chosen = points[level[np.argmin(np.abs(u[level] - middle))]]
        identified = low > 0 and high < inf
        value = Estimate(float(np.exp(middle)), low, high)
        temperature = float(np.exp(chosen[1]) * (np.exp(chosen[0]) + self.scale))
        missed = 2 * float(self.best_possible - best)
        freedom = max(len(self.left) - 2, min(len(self.left) - 1, 1))
        return TaskValueEstimate(value, identified, temperature, missed, freedom, "" if identified else self._reason())

    def draw(self, number: int, rng: np.random.Generator, identified: bool) -> Users:
        """Draw points, see `draw_users`."""
        at = sample(self._density, self._start(number, rng), ROUNDS, rng) if identified else self._along(number, rng)
        value = np.exp(at[:, 0])
        return Users(value, np.exp(at[:, 1]) * (value + self.scale), *self._models(at))

    def _density(self, points: FloatArray) -> FloatArray:
        u, w = points[:, 0], points[:, 1]
        coldest, warmest = self.noises
        inside = (u >= self.low) & (u <= self.high) & (w >= coldest) & (w <= warmest)
        fit = np.full(len(points), -inf)
        fit[inside] = self._objective(points[inside])
        return fit

    def _start(self, number: int, rng: np.random.Generator) -> FloatArray:
        """Points for walkers to start from: around the best one, and anywhere on the first grid, the likelier first.

        The best one is that of `estimate`: walkers that start on a lesser hill may never find the way to it.
        """
        *_, tops, found = self._peaks()
        best = found[int(np.argmax(tops))]
        *_, information = self._slopes(best[None], free=True)
        size, stretch = len(best), np.linalg.eigh(np.nan_to_num(information[0]))
        sides = stretch.eigenvectors / np.sqrt(np.maximum(stretch.eigenvalues, 0.1))
        around = best + rng.normal(size=(4 * number, size)) @ sides.T
        anywhere = rng.normal(size=(4 * number, size))
        anywhere[:, 0] = rng.uniform(self.low, self.high, 4 * number)
        anywhere[:, 1] = rng.uniform(*self.noises, 4 * number)
        tried = np.concatenate([around, anywhere, best[None]])
        fit = self._density(tried)
        weight = np.exp(fit - fit.max())
        return tried[rng.choice(len(tried), number, p=weight / weight.sum())]

    def _along(self, number: int, rng: np.random.Generator) -> FloatArray:
        """Points of what the log leaves open: at even noises the likeliest V, at even V the likeliest noise.

        Errors of all else are drawn, and points off the best by more than the critical deviance left out.
        """
        ranges = ((self.low, self.high), self.noises)
        parts = []
        for sought, given in ((0, 1), (1, 0)):
            points = rng.normal(size=(number, 1, 2 + self.errors))
            points[:, 0, given] = rng.uniform(*ranges[given], number)
            low, high = (np.full(number, end) for end in ranges[sought])
            rows = np.arange(number)
            for _ in range(NARROWINGS):
                grid = np.repeat(points, NARROWED, axis=1)
                grid[..., sought] = np.linspace(low, high, NARROWED, axis=1)
                k = self._log_likelihood(self._answers(grid)).argmax(axis=1)
                low, high = (grid[rows, np.clip(k + step, 0, NARROWED - 1), sought] for step in (-1, 1))
            parts.append(grid[rows, k])
        every = np.concatenate(parts)
        fit = self._log_likelihood(self._answers(every))
        kept = every[2 * (fit.max() - fit) <= CRITICAL]
        chosen: FloatArray = kept[rng.choice(len(kept), number, replace=len(kept) < number)]
        return chosen

    def _peaks(self) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray, FloatArray]:
        """V on a grid, the profile likelihood there, its points, and the highest peaks that were found, with points."""
        u, points = self._coarse()
        profile, points = self._refine(points, free=False, enough=NEAR)
        tops, found = self._refine(points[np.argsort(-profile)[:STARTS]], free=True, enough=CLOSE)
        return u, profile, points, tops, found

    def _coarse(self) -> tuple[FloatArray, FloatArray]:
        """V on a grid, and for each the best temperature on another, all else as estimated."""
        u = np.linspace(self.low, self.high, COARSE_VALUES)
        w = np.linspace(*self.noises, COARSE_NOISE)
        grid = np.zeros((len(u), len(w), 2 + self.errors))
        grid[..., 0], grid[..., 1] = u[:, None], w
        fit = self._objective(grid)
        return u, grid[np.arange(len(u)), fit.argmax(axis=1)]

    def _hull(self, u: FloatArray, deviance: FloatArray, points: FloatArray, best: float) -> tuple[float, float]:
        """The least and the greatest V whose deviance is not critical, by bisection between neighbours on the grid."""
        inside = np.flatnonzero(deviance <= CRITICAL)
        ends = []
        for k, step in ((inside[0], -1), (inside[-1], 1)):
            if not 0 <= k + step < len(u):
                ends.append(0.0 if step < 0 else inf)
                continue
            within, beyond, start = u[k], u[k + step], points[k]
            for _ in range(BISECTIONS):
                middle = (within + beyond) / 2
                start = start.copy()
                start[0] = middle
                other = points[k + step].copy()
                other[0] = middle
                fit, found = self._refine(np.stack([start, other]), free=False, enough=NEAR)
                j = int(np.argmax(fit))
                if 2 * (best - fit[j]) <= CRITICAL:
                    within, start = middle, found[j]
                else:
                    beyond = middle
            ends.append(float(np.exp(within)))
        return ends[0], ends[1]

    def _value_error(self, point: FloatArray) -> float:
        """Standard error of u at a point, from the information; at most a factor e^2 of V."""
        *_, information = self._slopes(point[None], free=True)
        with np.errstate(all="ignore"):
            variance = np.linalg.pinv(information[0])[0, 0]
        return float(np.clip(np.sqrt(max(variance, 0.0)), 1e-6, 2.0)) if np.isfinite(variance) else 2.0

    def _refine(self, points: FloatArray, *, free: bool, enough: float) -> tuple[FloatArray, FloatArray]:
        """Maximise from many points at once by damped scoring, until a step gains less than enough; u moves if free."""
        points, damping = points.copy(), np.full(len(points), 1e-3)
        active = np.ones(len(points), dtype=bool)
        fit, gradient, information = self._slopes(points, free=free)
        for _ in range(MOST_STEPS):
            chosen = np.flatnonzero(active)
            if not len(chosen):
                break
            known = information[chosen]
            diagonal = np.einsum("bii->bi", known).copy()
            damped = known + damping[chosen, None, None] * np.eye(points.shape[1]) * (diagonal + 1e-9)[:, None]
            step = np.clip(np.linalg.solve(damped, gradient[chosen][..., None])[..., 0], -1.5, 1.5)
            tried = points[chosen] + step
            tried[:, 0] = np.clip(tried[:, 0], self.low, self.high)
            tried[:, 1] = np.clip(tried[:, 1], *self.noises)
            found = (new, *_) = self._slopes(tried, free=free)
            better = new > fit[chosen]
            gained = np.where(better, new - fit[chosen], np.inf)
            points[chosen[better]] = tried[better]
            for kept, at in zip((fit, gradient, information), found, strict=True):
                kept[chosen[better]] = at[better]
            damping[chosen] = np.clip(np.where(better, damping[chosen] / 5, damping[chosen] * 10), 1e-9, 1e9)
            active[chosen] = (gained > enough) & (damping[chosen] < 1e6)
        return fit, points

    def _slopes(self, points: FloatArray, *, free: bool) -> tuple[FloatArray, FloatArray, FloatArray]:
        """The objective, its gradient and expected information, (num_points,), (num_points, m) and (num_points, m, m).

        Where u is not free nothing changes with it.
        """
        size = points.shape[1]
        moved = np.arange(0 if free else 1, size)
        answers = self._answers(points[:, None] + np.concatenate([np.zeros((1, size)), np.eye(size)[moved] * 1e-4]))
        q = answers[:, 0]
        slope = np.zeros((len(points), size, q.shape[1]))
        slope[:, moved] = (answers[:, 1:] - q[:, None]) / 1e-4
        variance = q * (1 - q)
        gradient = np.einsum("bmc,bc->bm", slope, (self.left - self.weight * q) / variance)
        information = np.einsum("bmc,bnc,bc->bmn", slope, slope, self.weight / variance)
        gradient[:, 2:] -= points[:, 2:]
        information[:, range(2, size), range(2, size)] += 1
        information[:, range(2), range(2)] += 1e-9
        return self._fit(points, q), gradient, information

    def _objective(self, points: FloatArray) -> FloatArray:
        """Log-likelihood less half the squared errors, of points (…, m)."""
        return self._fit(points, self._answers(points))

    def _fit(self, points: FloatArray, q: FloatArray) -> FloatArray:
        fit: FloatArray = self._log_likelihood(q) - (points[..., 2:] ** 2).sum(axis=-1) / 2
        return fit

    def _log_likelihood(self, q: FloatArray) -> FloatArray:
        total: FloatArray = (self.left * np.log(q) + (self.weight - self.left) * np.log1p(-q)).sum(axis=-1)
        return total

    def _answers(self, points: FloatArray) -> FloatArray:
        """Share of users who leave in every cell at points (…, m), (…, num_cells)."""
        x = points[..., None, :]
        value = np.exp(x[..., 0])
        temperature = np.exp(x[..., 1]) * (value + self.scale)
        return np.clip(self.answering.leave_prob(value, temperature, *self._models(x), x[..., 2:]), TINY, 1 - TINY)

    def _models(self, x: FloatArray) -> tuple[tuple[FloatArray, ...], tuple[FloatArray, ...]]:
        """Success probabilities and latencies at points (…, m)."""
        models = range(self.num_models)
        p, t = x[..., 2 : 2 + len(models)], x[..., 2 + len(models) : 2 + 2 * len(models)]
        return (
            tuple(np.clip(expit(logit(self.p[k]) + self.p_error[k] * p[..., k]), 1e-12, 1 - 1e-12) for k in models),
            tuple(np.maximum(self.t[k] + self.t_error[k] * t[..., k], 0) for k in models),
        )

    def _reason(self) -> str:
        """The reason why V has no bound on one side."""
        share = self.left.sum() / self.weight.sum()
        need = f"it would take users who face different commitments, {self.answering.such_as}, at the same time"
        if len(self.left) == 1:
            who = "every user faced the same commitment"
            return f"{who}, and a share of leavers of {plain_percent(share)} fits many pairs of value and noise; {need}"
        if self.left.sum() == 0:
            return f"nobody ever left; {need}, one of them bad enough that some leave"
        if self.left.sum() >= self.weight.sum() * (1 - 1e-12):
            return f"everybody left at once; {need}, one of them good enough that some stay"
        return f"the commitments in the log are too alike, or users answered too much alike; {need} and differ more"
