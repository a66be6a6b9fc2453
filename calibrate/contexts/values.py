"""The value of a task in each context, and the noise of users' answers: found, and drawn as the log allows.

Each context has a value of its own, and these are pooled in part, as p, t and c are: logarithms of values are normal
over contexts, and how much they differ is drawn, too. So a context whose users say little borrows from the others, and
one that says much keeps what it says. Only where most users tell nothing without the others, and one value explains
them all, is it taken to be that of all.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import inf, log

import numpy as np
from scipy.special import logsumexp
from scipy.stats import chi2

from routegame.calibrate.contexts.answers import Decided, ErringAnswers, Fitted
from routegame.calibrate.decide.decision import estimate_of
from routegame.calibrate.estimate.assumptions import MISFIT, SIGNIFICANT
from routegame.calibrate.estimate.task_value import COLDEST, LEAST_NOISE, MOST_NOISE, VALUE_REACH, WARMEST
from routegame.envs.arrays import BoolArray, FloatArray, IntArray
from routegame.eval.statistics import LEVEL, Estimate

COARSE_VALUES, COARSE_NOISE = 29, 37
"""Points of the first grids over log V and over the logarithm of the noise."""

ZOOM_POINTS, ZOOMS = 7, 5
"""Points and number of the grids over the noise, one inside the other, in which what is likeliest is looked for."""

LOOK_STEPS = 1
"""Steps towards the likeliest errors in the first grids."""

FAR = 3.0
"""Greatest error to begin with, in standard errors."""

FINE = 25
"""Points, either way, of the grid from which values and noises are drawn."""

ROUGH = 9
"""Points of the grid that is fitted to the likelihood of a value."""

DEPTH = 7.0
"""Log-likelihood below the greatest one down to which that grid reaches."""

REACH = 1.5 * np.sqrt(2 * DEPTH)
"""Standard errors of a value to either side over which the grid is begun."""

FITS = 8
"""Times that the grid is fitted to the likelihood."""

OPEN = 30.0
"""Factor between the ends of its interval from which on a value is open."""

VALUE_SPREADS = np.geomspace(0.02, 1.5, 16)
"""Standard deviations over contexts of log V that are looked at, from all but alike on."""

TYPICAL_SPREAD = 0.3
"""Beforehand they are half-Cauchy distributed with this scale: flat below it, with a heavy tail above it."""

CENTRES = np.linspace(-5, 5, 41)
"""Means over contexts of log V that are looked at, in standard errors around the likeliest."""

FINER = 3
"""Parts that steps between values are cut into for that."""

LEAST_KERNEL = 0.6
"""Least standard deviation over contexts, in such parts: a narrower one would fall between them."""

MOST_OPEN = 0.5
"""Share of tasks in contexts whose value their own users leave open, from which on values are not known."""


@dataclass(frozen=True, eq=False)
class ContextValues:
    """What users' answers tell of V and of their noise, and draws of both with the p and t that go with them.

    Attributes:
        alike: whether one value would do for all contexts, as far as the log tells.
        identified: whether values are bounded on both sides; else all but `reason`, deviance and freedom is empty.
        reason: why not, in words; empty if they are.
        deviance: by how much values and noise miss the shares of leavers, against the best that anything could do.
        freedom: its degrees of freedom.
        deviance_alike, freedom_alike: the same for one value in all contexts.
        borrowed: contexts whose own users leave V open: it is drawn as one of the others', (C,).
        shrunk: share of the distance to the others that a value goes, (C,): 0 if its context says all, 1 if nothing.
        value: V, (num_draws, C).
        noise: τ, (num_draws,).
        success_prob, latency: p and t, (num_draws, C, K).
    """

    alike: bool
    identified: bool
    reason: str
    deviance: float
    freedom: int
    deviance_alike: float
    freedom_alike: int
    borrowed: BoolArray
    shrunk: FloatArray
    value: FloatArray
    noise: FloatArray
    success_prob: FloatArray
    latency: FloatArray

    def estimate(self, context: int) -> Estimate:
        """V of a context: the median of the draws, and the middle 95 % of them."""
        return estimate_of(self.value[:, context], LEVEL)

    @property
    def one_for_all(self) -> bool:
        """Whether one value is taken for that of all contexts, as most users tell nothing without the others."""
        return bool((self.value == self.value[:, :1]).all())

    @property
    def noise_estimate(self) -> Estimate:
        """The noise of users' answers."""
        return estimate_of(self.noise, LEVEL)

    def fits(self, cells: Decided) -> tuple[bool, float]:
        """Whether values and noise explain who left where, up to what is let pass; and the p-value."""
        return _fits(self.deviance, self.freedom, cells)

    def alike_fits(self, cells: Decided) -> bool:
        """Whether one value in all contexts would."""
        return _fits(self.deviance_alike, self.freedom_alike, cells)[0]


def context_values(
    likelihood: ErringAnswers, cells: Decided, tasks: IntArray, number: int, rng: np.random.Generator
) -> ContextValues:
    """Find values and noise, and draw them.

    Args:
        likelihood: of what users did.
        cells: that, in plain numbers.
        tasks: of each context.
        number: of draws.
        rng: of the draws.
    """
    told = cells.decisions > 0
    freedom = max(int(told.sum()) - 2, 1)
    reason = _open(cells, likelihood.such_as)
    if reason:
        return _nothing((True, 0.0, freedom, 0.0, freedom), reason, likelihood)
    possible = float(likelihood.best_possible.sum())
    looked = _Looked.over(likelihood)
    found = _Values(likelihood, looked, alike=True)
    missed = max(2 * (possible - found.best), 0.0)
    known = (True, missed, freedom, missed, freedom)
    more = max(int(told.any(axis=1).sum()) - 1, 1)
    apart = _Values(likelihood, looked, alike=False)
    missed_apart = max(2 * (possible - apart.best), 0.0)
    differ = missed > MISFIT * _rarer(cells) and chi2.sf(missed - missed_apart, more) < SIGNIFICANT
    if differ:
        known = (False, missed_apart, max(freedom - more, 1), missed, freedom)
    drawn = apart.draw(number, rng)
    if _mostly(drawn.open, tasks) and not differ:
        drawn = found.draw(number, rng)
    if _mostly(drawn.open, tasks):
        reason = (
            "the commitments in the log are too alike, or users answered too much alike; it would take users who face"
            " commitments that differ more, side by side"
        )
        return _nothing(known, reason, likelihood)
    value, noise = np.exp(drawn.log_value), np.exp(drawn.log_noise)
    models = likelihood.models(drawn.errors)
    return ContextValues(known[0], True, "", *known[1:], drawn.open, drawn.shrunk, value, noise, *models)


def _mostly(open_: BoolArray, tasks: IntArray) -> bool:
    """Whether so many tasks are in contexts whose own users leave their value open that values are not known."""
    return bool(tasks[open_].sum() >= MOST_OPEN * tasks.sum())


def _nothing(known: tuple[bool, float, int, float, int], reason: str, likelihood: ErringAnswers) -> ContextValues:
    contexts = len(likelihood.centre)
    none, models = np.zeros((0, contexts)), np.zeros((0, contexts, likelihood.num_models))
    nowhere = np.zeros(contexts, dtype=bool)
    return ContextValues(
        known[0], False, reason, *known[1:], nowhere, np.zeros(contexts), none, none[:, 0], models, models
    )


def _rarer(cells: Decided) -> float:
    """Decisions to leave, or to stay if those are fewer."""
    leaves = float(cells.leaves.sum())
    return min(leaves, float(cells.decisions.sum()) - leaves)


def _fits(deviance: float, freedom: int, cells: Decided) -> tuple[bool, float]:
    p_value = float(chi2.sf(deviance, freedom))
    return p_value >= SIGNIFICANT or deviance <= MISFIT * _rarer(cells), p_value


def _open(cells: Decided, such_as: str) -> str:
    """Why values cannot be told, by what users faced and did alone; empty if they may be."""
    need = f"it would take users who face different commitments, {such_as}, at the same time"
    leaves, decisions = cells.leaves.sum(), cells.decisions.sum()
    if not decisions:
        return "the log has no decision of any user"
    if ((cells.decisions > 0).sum(axis=1) < 2).all():
        return f"all users of a context faced the same commitment, and contexts may differ in value; {need}"
    if not leaves:
        return f"nobody ever left; {need}, one of them bad enough that some leave"
    if leaves == decisions:
        return f"everybody left at once; {need}, one of them good enough that some stay"
    return ""


@dataclass(frozen=True, eq=False)
class _Drawn:
    """Draws of values, noises and errors, in proportion to how likely the log is.

    Attributes:
        log_value: u, (number, C).
        log_noise: w, (number,).
        errors: (number, C, errors).
        open: contexts whose own users leave their value open, (C,).
        shrunk: how far values go towards the others, (C,).
    """

    log_value: FloatArray
    log_noise: FloatArray
    errors: FloatArray
    open: BoolArray
    shrunk: FloatArray


@dataclass(frozen=True, eq=False)
class _Grid:
    """Likelihoods of values, for each of W noises.

    Attributes:
        u: values, (W, points, columns), evenly spaced.
        likely: marginal log-likelihood, (W, points, columns).
        errors: the likeliest ones, (W, points, C, errors).
        information: about them, (W, points, C, errors, errors).
    """

    u: FloatArray
    likely: FloatArray
    errors: FloatArray
    information: FloatArray

    def finer(self) -> tuple[FloatArray, FloatArray]:
        """Values and likelihoods at `FINER` times as many points."""
        points = self.u.shape[1]
        at = np.arange((points - 1) * FINER + 1) / FINER
        low = np.minimum(at.astype(np.int64), points - 2)
        part = (at - low)[:, None]
        u, likely = ((1 - part) * x[:, low] + part * x[:, low + 1] for x in (self.u, self.likely))
        return u, likely

    @property
    def step(self) -> FloatArray:
        """Between values, (W, columns)."""
        found: FloatArray = self.u[:, 1] - self.u[:, 0]
        return found


@dataclass(frozen=True, eq=False)
class _Looked:
    """A first look at all values and noises there may be; contexts are independent of each other at both.

    Attributes:
        u: logarithms of values, (points,).
        w: logarithms of noises, (W,).
        scale: logarithm of what the task takes, about.
        likely: log-likelihood near the likeliest errors, (W, points, C).
        errors: these, (W, points, C, errors).
    """

    u: FloatArray
    w: FloatArray
    scale: float
    likely: FloatArray
    errors: FloatArray

    @classmethod
    def over(cls, likelihood: ErringAnswers) -> _Looked:
        """Look at what users did."""
        per_success = likelihood.per_success()
        positive = per_success[per_success > 0]
        low, high = log(float(positive.min()) / VALUE_REACH), log(float(positive.max()) * VALUE_REACH)
        scale = log(float(np.median(per_success.sum(axis=1))))
        u = np.linspace(low, high, COARSE_VALUES)
        w = np.linspace(LEAST_NOISE, MOST_NOISE + log(VALUE_REACH), COARSE_NOISE) + scale
        both = np.repeat(np.stack(np.meshgrid(u, w), axis=-1).reshape(-1, 1, 2), len(per_success), axis=1)
        value, noise = np.moveaxis(np.exp(both), -1, 0)
        found = likelihood.fitted(value, noise, most_steps=LOOK_STEPS)
        shape = len(w), len(u), len(per_success)
        return cls(u, w, scale, found.likely.reshape(shape), found.errors.reshape(*shape, -1))

    def likeliest(self, *, alike: bool) -> tuple[FloatArray, FloatArray]:
        """The likeliest values at each noise, (W, columns), and errors, (W, C, errors)."""
        likely = self.likely.sum(axis=2, keepdims=True) if alike else self.likely
        k = likely.argmax(axis=1)
        at = np.broadcast_to(k, (len(k), self.likely.shape[2]))[:, None, :, None]
        return self.u[k], np.take_along_axis(self.errors, at, axis=1)[:, 0]


class _Values:
    """Values u = log V, one for all contexts or one for each, and one noise, w = log τ.

    The likeliest values and errors at a noise are looked for from those at the nearest noises on both sides, and these
    from a first look at all there may be.

    Args:
        likelihood: of what users did.
        looked: that look.
        alike: whether one value is that of all contexts.
    """

    def __init__(self, likelihood: ErringAnswers, looked: _Looked, *, alike: bool) -> None:
        self.likelihood, self.alike, self.scale = likelihood, alike, looked.scale
        self.contexts = looked.likely.shape[2]
        self.low, self.high = float(looked.u[0]), float(looked.u[-1])
        u, errors = looked.likeliest(alike=alike)
        self.columns = u.shape[1]
        w, found = looked.w, likelihood.climbed(u, np.exp(looked.w), errors, (self.low, self.high))
        self.known = w, found.log_value, found.errors
        self.best, at = -inf, float(w[0])
        for zoom in range(ZOOMS):
            if zoom:
                w = at + (w[1] - w[0]) * np.linspace(-1, 1, ZOOM_POINTS)
                found = self._likeliest(w)
            total = found.likely.sum(axis=1)
            k = int(total.argmax())
            if total[k] > self.best:
                self.best, at = float(total[k]), float(w[k])
        self.w = at

    def draw(self, number: int, rng: np.random.Generator) -> _Drawn:
        """Draw values with noises and errors; values of contexts that have each their own are pooled in part."""
        w, likeliest = self._likely_noises()
        centre = likeliest.log_value
        width = np.minimum(self._reach(likeliest), self.high - self.low)
        for _ in range(FITS):
            rough = self._grid(w, likeliest, centre, width, ROUGH)
            u, inside = rough.u, rough.likely >= rough.likely.max(axis=1, keepdims=True) - DEPTH
            first, last = inside.argmax(axis=1), ROUGH - 1 - inside[:, ::-1].argmax(axis=1)
            low, high = (np.take_along_axis(u, at[:, None], axis=1)[:, 0] for at in (first, last))
            touches = (first == 0) | (last == ROUGH - 1)
            new = np.where(touches, 2 * width, np.maximum(0.75 * (high - low), width / 4))
            new = np.minimum(new, self.high - self.low)
            settled = bool((np.abs(new / width - 1) < 0.5).all())
            centre, width = (low + high) / 2, new
            if settled:
                break
        grid = self._grid(w, likeliest, centre, width, FINE)
        total = (logsumexp(grid.likely, axis=1) + np.log(grid.step)).sum(axis=1)
        weight = np.exp(total - total.max())
        row = rng.choice(len(w), number, p=weight / weight.sum())
        place = _places(grid.likely[row], rng)
        value = _values(grid.u[row], place, rng)
        open_, shrunk = self._open(value), np.ones(self.columns)
        if not self.alike and not open_.all():
            own = value.var(axis=0)
            row, place, value, spread = self._pooled(grid, number, rng)
            shrunk = (own / (own + spread[:, None] ** 2)).mean(axis=0)
        if self.alike:
            place, value = np.repeat(place, self.contexts, axis=1), np.repeat(value, self.contexts, axis=1)
            open_, shrunk = np.repeat(open_, self.contexts), np.repeat(shrunk, self.contexts)
        rows, contexts = row[:, None], np.arange(self.contexts)
        errors = _errors(rng, grid.errors[rows, place, contexts], grid.information[rows, place, contexts])
        noise = w[row] + (rng.random(number) - 0.5) * (w[1] - w[0])
        return _Drawn(value, noise, errors, open_, shrunk)

    def _open(self, value: FloatArray) -> BoolArray:
        """Columns whose own users leave their value open, by draws of it, (number, columns)."""
        low, high = np.quantile(value, [(1 - LEVEL) / 2, (1 + LEVEL) / 2], axis=0)
        wide: BoolArray = high - low > log(OPEN)
        return wide

    def _pooled(
        self, grid: _Grid, number: int, rng: np.random.Generator
    ) -> tuple[IntArray, IntArray, FloatArray, FloatArray]:
        """Draw noises, places on the grid, values, and how these spread over contexts: u_x ~ N(mean, spread²).

        Any mean is as likely beforehand. Returns rows of the grid (number,), places and values (number, C), and
        spreads (number,).
        """
        u, likely = grid.finer()
        step = u[:, 1] - u[:, 0]
        mean, step_of_mean = _centres(u, likely)
        prior = VALUE_SPREADS / (1 + (VALUE_SPREADS / TYPICAL_SPREAD) ** 2)  # on a grid of logarithms
        total = np.log(prior[:, None] * step_of_mean[..., None]) + np.zeros(mean.shape)
        for x in range(self.contexts):
            level = likely[:, :, x].max()
            for k in range(len(u)):
                kernel = np.maximum(VALUE_SPREADS, LEAST_KERNEL * step[k, x])[:, None]
                off = (u[k, :, x] - mean[k, ..., None]) / kernel[..., None]  # (spreads, means, points)
                share = np.exp(likely[k, :, x] - level - off**2 / 2).sum(axis=-1)
                total[k] += np.log(np.maximum(share, 1e-300) * step[k, x] / kernel)
        weight = np.exp(total - total.max())
        cell = rng.choice(weight.size, number, p=(weight / weight.sum()).ravel())
        row, at_spread, at_mean = np.unravel_index(cell, weight.shape)
        spread = VALUE_SPREADS[at_spread]
        middle = mean[row, at_spread, at_mean] + (rng.random(number) - 0.5) * step_of_mean[row, at_spread]
        kernel = np.maximum(spread[:, None], LEAST_KERNEL * step[row])  # (number, C)
        off = (u[row] - middle[:, None, None]) / kernel[:, None]
        place = _places(likely[row] - off**2 / 2, rng)
        return row, np.rint(place / FINER).astype(np.int64), _values(u[row], place, rng), spread

    def _likely_noises(self) -> tuple[FloatArray, Fitted]:
        """Noises to draw from, (`FINE`,), and what is likeliest at each."""
        coldest, warmest, reach = COLDEST + self.scale, WARMEST + self.scale, 0.3
        low = high = min(max(self.w, coldest), warmest)
        for _ in range(FITS):
            w = np.linspace(max(low - reach, coldest), min(high + reach, warmest), 9)
            total = self._likeliest(w).likely.sum(axis=1)
            kept = np.flatnonzero(total >= total.max() - DEPTH)
            ends = (kept[0] == 0 and w[0] > coldest) or (kept[-1] == 8 and w[-1] < warmest)
            low, high = float(w[kept[0]]), float(w[kept[-1]])
            if not ends and len(kept) >= 3:
                break
            reach = reach * 2 if ends else reach / 3
        step = w[1] - w[0]
        w = np.linspace(max(low - step / 2, coldest), min(high + step / 2, warmest), FINE)
        return w, self._likeliest(w)

    def _likeliest(self, w: FloatArray) -> Fitted:
        """The likeliest values and errors at each noise."""
        known, u, errors = self.known
        above = np.searchsorted(known, w).clip(1, len(known) - 1)
        start = np.concatenate([above - 1, above])
        found = self.likelihood.climbed(u[start], np.exp(np.tile(w, 2)), errors[start], (self.low, self.high))
        each = found.likely.sum(axis=1, keepdims=True) if self.alike else found.likely
        best = _chosen(found, each[: len(w)] < each[len(w) :])
        every = [np.concatenate(pair) for pair in zip(self.known, (w, best.log_value, best.errors), strict=True)]
        order = every[0].argsort(kind="stable")
        self.known = every[0][order], every[1][order], every[2][order]
        return best

    def _reach(self, at: Fitted) -> FloatArray:
        """How far from the likeliest value the grid has to reach, by the curvature there, (len(w), columns)."""
        known = at.known.sum(axis=1, keepdims=True) if self.alike else at.known
        reach: FloatArray = REACH / np.sqrt(np.maximum(known, 1e-12))
        return reach

    def _grid(self, w: FloatArray, at: Fitted, centre: FloatArray, width: FloatArray, points: int) -> _Grid:
        """Values around some, (len(w), columns), and how likely they are.

        Errors are looked for from where they would be, did they move with the value as they do where it is likeliest.
        """
        low, high = np.maximum(centre - width, self.low), np.minimum(centre + width, self.high)
        u = np.linspace(low, np.maximum(high, low + 1e-6), points, axis=1)
        shape = (len(w), points, self.contexts)
        moved = (u - at.log_value[:, None])[..., None] * at.drift[:, None]
        start = np.clip(at.errors[:, None] + moved, -FAR, FAR).reshape(-1, *at.errors.shape[1:])
        value = np.broadcast_to(np.exp(u), shape).reshape(-1, self.contexts)
        noise = np.broadcast_to(np.exp(w)[:, None, None], shape).reshape(value.shape)
        found = self.likelihood.fitted(value, noise, start)
        likely, size = found.marginal.reshape(shape), self.likelihood.errors
        return _Grid(
            u,
            likely.sum(axis=2, keepdims=True) if self.alike else likely,
            found.errors.reshape(*shape, -1),
            found.information[..., 1:, 1:].reshape(*shape, size, size),
        )


def _chosen(found: Fitted, second: BoolArray) -> Fitted:
    """The first or the second half of what was found, (2 G, …) -> (G, …), by columns (G, columns)."""
    half = len(second)
    parts = []
    for each in (found.likely, found.log_value, found.errors, found.information):
        which = second.reshape(*second.shape, *[1] * (each.ndim - 2))
        parts.append(np.where(which, each[half:], each[:half]))
    return Fitted(*parts)


def _centres(u: FloatArray, likely: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Means of log V over contexts to look at, for each noise and spread, and the step between them.

    Args:
        u: values, (W, points, C).
        likely: their log-likelihoods, (W, points, C).

    Returns:
        Means (W, spreads, means), and steps (W, spreads).
    """
    weight = np.exp(likely - likely.max(axis=1, keepdims=True))
    weight /= weight.sum(axis=1, keepdims=True)
    own = (weight * u).sum(axis=1)  # (W, C)
    variance = (weight * (u - own[:, None]) ** 2).sum(axis=1)
    precision = 1 / (VALUE_SPREADS[:, None] ** 2 + variance[:, None])  # (W, spreads, C)
    centre = (precision * own[:, None]).sum(axis=-1) / precision.sum(axis=-1)
    error = 1 / np.sqrt(precision.sum(axis=-1))
    return centre[..., None] + error[..., None] * CENTRES, error * (CENTRES[1] - CENTRES[0])


def _places(likely: FloatArray, rng: np.random.Generator) -> IntArray:
    """Draw a point of each column, log-likelihoods (n, points, columns) -> (n, columns)."""
    share = np.exp(likely - likely.max(axis=1, keepdims=True)).cumsum(axis=1)
    found: IntArray = (share < rng.random((len(share), 1, share.shape[2])) * share[:, -1:]).sum(axis=1)
    return found


def _values(u: FloatArray, place: IntArray, rng: np.random.Generator) -> FloatArray:
    """Values around drawn points, (n, points, columns) and (n, columns) -> (n, columns)."""
    step = u[:, 1] - u[:, 0]
    found: FloatArray = np.take_along_axis(u, place[:, None], axis=1)[:, 0] + (rng.random(place.shape) - 0.5) * step
    return found


def _errors(rng: np.random.Generator, errors: FloatArray, information: FloatArray) -> FloatArray:
    """Errors drawn around the likeliest ones, (…, errors)."""
    root = np.linalg.cholesky(information)  # of the inverse of the variance
    words = rng.standard_normal(errors.shape)[..., None]
    found: FloatArray = errors + np.linalg.solve(np.swapaxes(root, -1, -2), words)[..., 0]
    return found
