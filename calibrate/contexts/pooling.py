"""Partial pooling: what is estimated in each of several contexts borrows from the others, the less seen the more.

Rates are beta distributed over contexts, and logarithms of means are normal; how much contexts differ is estimated from
all of them together (empirical Bayes). Of a few contexts nobody knows how much they differ. So that is drawn, too, in
proportion to how likely the counts are, with a prior that is flat in the standard deviation over contexts: intervals
are as wide as that doubt makes them. A context of many passes keeps what it says, one of none has what the others say.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import betaln, expit, logit

from routegame.calibrate.decide.decision import estimate_of
from routegame.envs.arrays import FloatArray
from routegame.eval.statistics import LEVEL, Estimate

STRENGTHS = np.geomspace(0.3, 1e7, 90)
"""Passes that the other contexts may be worth, at which rates are looked at."""

CENTRES = 61
"""Mean rates over contexts that are looked at."""

BEYOND = 2.0
"""Log-odds by which mean rates may lie beyond those of all contexts."""

SPREADS = np.geomspace(1e-3, 4.0, 90)
"""Standard deviations over contexts of logarithms of means that are looked at."""

EDGE = 1e-9
"""Least distance of a rate from 0 and 1."""


@dataclass(frozen=True, eq=False)
class Pooled:
    """A number of each context, after pooling.

    Attributes:
        draws: in proportion to how likely the log is, (num_draws, C).
        shrunk: share of the distance to the others that a context goes, (C,): 0 if it says all, 1 if nothing.
    """

    draws: FloatArray
    shrunk: FloatArray

    def estimate(self, context: int) -> Estimate:
        """The number of a context: the median of the draws, and the middle 95 % of them."""
        return estimate_of(self.draws[:, context], LEVEL)


def pooled_rates(successes: FloatArray, trials: FloatArray, number: int, rng: np.random.Generator) -> Pooled:
    """Pool rates: k_x of n_x trials at the rate p_x, and p_x ~ Beta(m M, (1 − m) M).

    Args:
        successes: k, (C,); need not be whole, where trials depend on each other.
        trials: n, (C,).
        number: of draws.
        rng: of the draws.

    >>> found = pooled_rates(np.array([30.0, 50, 1]), np.array([100.0, 100, 1]), 4000, np.random.default_rng(0))
    >>> np.median(found.draws, axis=0).round(1).tolist(), (found.shrunk[2] > 5 * found.shrunk[0]).item()
    ([0.3, 0.5, 0.6], True)
    """
    k, n = successes, trials
    seen = np.clip((k + 0.5) / (n + 1), EDGE, 1 - EDGE)
    odds = np.linspace(logit(seen.min()) - BEYOND, logit(seen.max()) + BEYOND, CENTRES)
    m, strength = expit(odds)[:, None], STRENGTHS[None]
    a, b = m * strength, (1 - m) * strength
    likely = sum(betaln(a + k_x, b + n_x - k_x) - betaln(a, b) for k_x, n_x in zip(k, n, strict=True))
    likely = likely + np.log(m * (1 - m)) - 0.5 * np.log(strength)  # flat in m and in M^(-1/2), on these grids
    weight = np.exp(likely - likely.max())
    cell = rng.choice(weight.size, number, p=(weight / weight.sum()).ravel())
    at_odds, at_strength = np.unravel_index(cell, weight.shape)
    step = odds[1] - odds[0]
    centre = expit(odds[at_odds] + step * (rng.random(number) - 0.5))[:, None]
    prior = STRENGTHS[at_strength][:, None]
    drawn = rng.beta(np.maximum(centre * prior + k, 1e-6), np.maximum((1 - centre) * prior + n - k, 1e-6))
    return Pooled(np.clip(drawn, EDGE, 1 - EDGE), (prior / (prior + n)).mean(axis=0))


def pooled_means(means: FloatArray, errors: FloatArray, number: int, rng: np.random.Generator) -> Pooled:
    """Pool means: log m_x is known up to a relative error, and normal over contexts.

    Args:
        means: m, (C,), of numbers that are nowhere below 0; nan where nothing was seen.
        errors: relative standard errors, (C,); inf where nothing was seen. Where a mean is 0 nothing is pooled.
        number: of draws.
        rng: of the draws.

    >>> found = pooled_means(np.array([2.0, 4, np.nan]), np.array([0.01, 0.01, np.inf]), 4000, np.random.default_rng(0))
    >>> np.median(found.draws, axis=0).round(1).tolist()[:2], found.shrunk.round(2).tolist()
    ([2.0, 4.0], [0.0, 0.0, 1.0])
    """
    known = np.isfinite(errors) & ~np.isnan(means)
    count = int(known.sum())
    if not count:
        return Pooled(np.full((number, len(means)), np.nan), np.ones(len(means)))
    if (means[known] == 0).any() or count == 1:
        plain = np.where(known, means, means[known].mean())
        error = np.where(known, errors, 0.0)
        return Pooled(
            np.maximum(plain * (1 + error * rng.standard_normal((number, len(means)))), 0.0), np.where(known, 0.0, 1.0)
        )
    y, variance = np.log(means[known]), np.maximum(errors[known], 1e-9) ** 2
    total = SPREADS[:, None] ** 2 + variance
    centre = (y / total).sum(axis=1) / (1 / total).sum(axis=1)
    likely = -0.5 * (np.log(total).sum(axis=1) + np.log((1 / total).sum(axis=1)))
    likely -= 0.5 * ((y - centre[:, None]) ** 2 / total).sum(axis=1)
    weight = np.exp(likely - likely.max()) * SPREADS  # flat in the standard deviation, on a grid of its logarithm
    at = rng.choice(len(SPREADS), number, p=weight / weight.sum())
    spread = SPREADS[at][:, None]
    middle = centre[at] + rng.standard_normal(number) / np.sqrt((1 / total[at]).sum(axis=1))
    own = np.full(len(means), np.inf)
    own[known] = variance
    shrunk = 1 / (1 + spread**2 / own)  # (number, C)
    value = np.zeros(len(means))
    value[known] = y
    mean = shrunk * middle[:, None] + (1 - shrunk) * value
    drawn = mean + spread * np.sqrt(shrunk) * rng.standard_normal((number, len(means)))
    return Pooled(np.exp(drawn), shrunk.mean(axis=0))
