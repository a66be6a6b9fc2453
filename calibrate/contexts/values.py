"""The value of a task in each context, and the noise of users' answers: found, and drawn as the log allows."""

from __future__ import annotations

from dataclasses import dataclass
from math import inf, log

import numpy as np
from scipy.special import logsumexp
from scipy.stats import chi2

from routegame.calibrate.contexts.answers import MOST_STEPS, Decided, ErringAnswers
from routegame.calibrate.decide.decision import estimate_of
from routegame.calibrate.estimate.assumptions import MISFIT, SIGNIFICANT
from routegame.calibrate.estimate.task_value import COLDEST, LEAST_NOISE, MOST_NOISE, VALUE_REACH, WARMEST
from routegame.envs.arrays import BoolArray, FloatArray, IntArray
from routegame.eval.statistics import LEVEL, Estimate

COARSE_VALUES, COARSE_NOISE = 29, 37
"""Points of the first grids over log V and over the logarithm of the noise."""

ZOOM_POINTS, ZOOMS = 7, 5
"""Points and number of the grids, one inside the other, in which what is likeliest is looked for."""

LOOK_STEPS = 2
"""Steps towards the likeliest errors in the widest of these grids."""

FINE = 25
"""Points, either way, of the grid from which values and noises are drawn."""

ROUGH = 9
"""Points of the grid that is fitted to the likelihood of a value."""

DEPTH = 7.0
"""Log-likelihood below the greatest one down to which that grid reaches."""

FITS = 8
"""Times that the grid is fitted to the likelihood."""

OPEN = 30.0
"""Factor between the ends of its interval from which on a value is open."""

MOST_OPEN = 0.5
"""Share of tasks in contexts whose value their own users leave open, from which on values are not known."""


@dataclass(frozen=True, eq=False)
class ContextValues:
    """What users' answers tell of V and of their noise, and draws of both with the p and t that go with them.

    Attributes:
        alike: whether one value is that of all contexts.
        identified: whether values are bounded on both sides; else all but `reason`, deviance and freedom is empty.
        reason: why not, in words; empty if they are.
        deviance: by how much values and noise miss the shares of leavers, against the best that anything could do.
        freedom: its degrees of freedom.
        deviance_alike, freedom_alike: the same for one value in all contexts.
        borrowed: contexts whose own users leave V open: it is drawn as one of the others', (C,).
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
    value: FloatArray
    noise: FloatArray
    success_prob: FloatArray
    latency: FloatArray

    def estimate(self, context: int) -> Estimate:
        """V of a context: the median of the draws, and the middle 95 % of them."""
        return estimate_of(self.value[:, context], LEVEL)

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
    found = _Values(likelihood, alike=True)
    missed = max(2 * (possible - found.best), 0.0)
    known = (True, missed, freedom, missed, freedom)
    more = max(int(told.any(axis=1).sum()) - 1, 1)
    if missed > max(float(chi2.isf(SIGNIFICANT, more)), MISFIT * _rarer(cells)):  # else values apart cannot be likelier
        apart = _Values(likelihood, alike=False)
        missed_apart = max(2 * (possible - apart.best), 0.0)
        if chi2.sf(missed - missed_apart, more) < SIGNIFICANT:
            found, known = apart, (False, missed_apart, max(freedom - more, 1), missed, freedom)
    value, noise, errors = found.draw(number, rng)
    found.borrow(value)
    if tasks[found.borrowed].sum() >= MOST_OPEN * tasks.sum():
        reason = (
            "the commitments in the log are too alike, or users answered too much alike; it would take users who face"
            " commitments that differ more, side by side"
        )
        return _nothing(known, reason, likelihood)
    if found.borrowed.any():
        value, noise, errors = found.draw(number, rng)
    return ContextValues(known[0], True, "", *known[1:], found.borrowed, value, noise, *likelihood.models(errors))


def _nothing(known: tuple[bool, float, int, float, int], reason: str, likelihood: ErringAnswers) -> ContextValues:
    contexts = len(likelihood.centre)
    none, models = np.zeros((0, contexts)), np.zeros((0, contexts, likelihood.num_models))
    return ContextValues(
        known[0], False, reason, *known[1:], np.zeros(contexts, dtype=bool), none, none[:, 0], models, models
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


class _Values:
    """Values u = log V, one for all contexts or one for each, and one noise, w = log τ.

    For a noise values are found, and integrated over, one by one.

    Args:
        likelihood: of what users did.
        alike: whether one value is that of all contexts.
    """

    def __init__(self, likelihood: ErringAnswers, *, alike: bool) -> None:
        self.likelihood, self.alike = likelihood, alike
        per_success = likelihood.per_success()
        self.contexts = len(per_success)
        self.columns = 1 if alike else self.contexts
        positive = per_success[per_success > 0]
        self.low = log(float(positive.min()) / VALUE_REACH)
        self.high = log(float(positive.max()) * VALUE_REACH)
        self.scale = log(float(np.median(per_success.sum(axis=1))))
        self.borrowed = np.zeros(self.contexts, dtype=bool)
        w = np.linspace(LEAST_NOISE, MOST_NOISE + log(VALUE_REACH), COARSE_NOISE) + self.scale
        self.best, at = -inf, float(w[0])
        for _ in range(ZOOMS):
            total = self._over_values(w)[0].sum(axis=1)
            k = int(total.argmax())
            if total[k] > self.best:
                self.best, at = float(total[k]), float(w[k])
            w = at + (w[1] - w[0]) * np.linspace(-1, 1, ZOOM_POINTS)
        self.w = at

    def borrow(self, value: FloatArray) -> None:
        """Tell contexts whose own users leave their value open, by draws of it, (number, C)."""
        low, high = np.quantile(np.log(value), [(1 - LEVEL) / 2, (1 + LEVEL) / 2], axis=0)
        self.borrowed = high - low > log(OPEN)

    def draw(self, number: int, rng: np.random.Generator) -> tuple[FloatArray, FloatArray, FloatArray]:
        """V (number, C), τ (number,) and errors (number, C, `likelihood.errors`)."""
        w, centre = self._likely_noises()
        width = np.full(centre.shape, 0.05)
        for _ in range(FITS):
            u, likely, _, _ = self._grid(w, centre, width, ROUGH)
            inside = likely >= likely.max(axis=1, keepdims=True) - DEPTH
            first, last = inside.argmax(axis=1), ROUGH - 1 - inside[:, ::-1].argmax(axis=1)
            low, high = (np.take_along_axis(u, at[:, None], axis=1)[:, 0] for at in (first, last))
            touches = (first == 0) | (last == ROUGH - 1)
            new = np.where(touches, 2 * width, np.maximum(0.75 * (high - low), width / 4))
            settled = bool((np.abs(new / width - 1) < 0.5).all())
            centre, width = (low + high) / 2, np.minimum(new, self.high - self.low)
            if settled:
                break
        u, likely, errors, information = self._grid(w, centre, width, FINE)
        step = u[:, 1] - u[:, 0]
        told = ~self.borrowed if not self.alike else np.ones(1, dtype=bool)
        total = (logsumexp(likely, axis=1) + np.log(step))[:, told].sum(axis=1)
        weight = np.exp(total - total.max())
        at = rng.choice(len(w), number, p=weight / weight.sum())
        share = np.exp(likely[at] - likely[at].max(axis=1, keepdims=True)).cumsum(axis=1)  # (number, points, columns)
        place = (share < rng.random((number, 1, self.columns)) * share[:, -1:]).sum(axis=1)
        rows, columns = at[:, None], np.arange(self.columns)
        value = u[rows, place, columns] + (rng.random(place.shape) - 0.5) * step[rows, columns]
        if self.alike:
            place = np.repeat(place, self.contexts, axis=1)
        contexts = np.arange(self.contexts)
        drawn = _errors(rng, errors[rows, place, contexts], information[rows, place, contexts])
        value = np.repeat(value, self.contexts, axis=1) if self.alike else self._with_borrowed(value, rng)
        return np.exp(value), np.exp(w[at]), drawn

    def _likely_noises(self) -> tuple[FloatArray, FloatArray]:
        """Noises to draw from, (`FINE`,), and the likeliest values at each, (`FINE`, columns)."""
        coldest, warmest, reach = COLDEST + self.scale, WARMEST + self.scale, 0.3
        low = high = min(max(self.w, coldest), warmest)
        for _ in range(FITS):
            w = np.linspace(max(low - reach, coldest), min(high + reach, warmest), 9)
            total = self._over_values(w)[0].sum(axis=1)
            kept = np.flatnonzero(total >= total.max() - DEPTH)
            ends = (kept[0] == 0 and w[0] > coldest) or (kept[-1] == 8 and w[-1] < warmest)
            low, high = float(w[kept[0]]), float(w[kept[-1]])
            if not ends and len(kept) >= 3:
                break
            reach = reach * 2 if ends else reach / 3
        step = w[1] - w[0]
        w = np.linspace(max(low - step / 2, coldest), min(high + step / 2, warmest), FINE)
        return w, self._over_values(w)[1]

    def _with_borrowed(self, u: FloatArray, rng: np.random.Generator) -> FloatArray:
        """Values of contexts whose own users leave them open are drawn as if they were one of the others."""
        others = u[:, ~self.borrowed]
        spread = others.std(axis=1, ddof=1) if others.shape[1] > 1 else np.ones(len(u))
        error = spread * np.sqrt(1 + 1 / others.shape[1])
        anew = others.mean(axis=1)[:, None] + error[:, None] * rng.standard_normal(u.shape)
        return np.where(self.borrowed, anew, u)

    def _at(
        self, u: FloatArray, w: FloatArray, most_steps: int = MOST_STEPS
    ) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray]:
        """Greatest and marginal likelihood (G, columns), errors and information (G, C, …); u (G, columns), w (G,)."""
        value = np.broadcast_to(np.exp(u), (len(u), self.contexts))
        noise = np.broadcast_to(np.exp(w)[:, None], value.shape)
        fit, errors, information = self.likelihood.fitted(value, noise, most_steps)
        _, volume = np.linalg.slogdet(information)
        each = fit, fit - volume / 2
        best, likely = (x.sum(axis=1, keepdims=True) if self.alike else x for x in each)
        return best, likely, errors, information

    def _grid(
        self, w: FloatArray, centre: FloatArray, width: FloatArray, points: int
    ) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray]:
        """Values around some, (len(w), columns), and what `_at` says of them, each (len(w), points, …)."""
        low, high = np.maximum(centre - width, self.low), np.minimum(centre + width, self.high)
        u = np.linspace(low, np.maximum(high, low + 1e-6), points, axis=1)
        _, likely, errors, information = self._at(u.reshape(-1, self.columns), np.repeat(w, points))
        shape, size = (len(w), points), self.likelihood.errors
        return (
            u,
            likely.reshape(*shape, self.columns),
            errors.reshape(*shape, self.contexts, size),
            information.reshape(*shape, self.contexts, size, size),
        )

    def _over_values(self, w: FloatArray) -> tuple[FloatArray, FloatArray]:
        """The greatest likelihood at each noise, and the V that has it, (len(w), columns) each."""
        u = np.linspace(self.low, self.high, COARSE_VALUES)[None, :, None] * np.ones((len(w), 1, self.columns))
        best, at = np.full((len(w), self.columns), -inf), np.zeros((len(w), self.columns))
        for zoom in range(ZOOMS):
            points, steps = u.shape[1], MOST_STEPS if zoom else LOOK_STEPS
            fit = self._at(u.reshape(-1, self.columns), np.repeat(w, points), steps)[0].reshape(u.shape)
            k = fit.argmax(axis=1)[:, None]
            found, where = (np.take_along_axis(x, k, axis=1)[:, 0] for x in (fit, u))
            better = found > best
            best, at = np.where(better, found, best), np.where(better, where, at)
            u = at[:, None] + (u[:, 1:2] - u[:, :1]) * np.linspace(-1, 1, ZOOM_POINTS)[None, :, None]
        return best, at


def _errors(rng: np.random.Generator, errors: FloatArray, information: FloatArray) -> FloatArray:
    """Errors drawn around the likeliest ones, (…, errors)."""
    root = np.linalg.cholesky(information)  # of the inverse of the variance
    words = rng.standard_normal(errors.shape)[..., None]
    found: FloatArray = errors + np.linalg.solve(np.swapaxes(root, -1, -2), words)[..., 0]
    return found
