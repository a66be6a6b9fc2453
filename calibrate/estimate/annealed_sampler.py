"""Sampler of a density that a normal distribution is near to, or only about: by degrees from the one to the other.

Walkers begin as draws of the normal distribution. The density is brought in by powers of it, each so much greater as
leaves walkers that are worth `KEPT` of them; these are drawn anew by what they are worth, and moved, see
`routegame.calibrate.estimate.ensemble_sampler` (sequential Monte Carlo, Del Moral, Doucet & Jasra 2006).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from routegame.calibrate.estimate.ensemble_sampler import sample
from routegame.envs.arrays import FloatArray

KEPT = 0.5
"""Share of the walkers that the drawn ones are worth, at least, at every step."""

BISECTIONS = 30
"""Halvings of the step of the power."""

MOST_STEPS = 100
"""Steps after which the power is 1 all the same."""


@dataclass(frozen=True, eq=False)
class Normal:
    """A normal distribution of m numbers.

    Attributes:
        mean: (m,).
        root: of its covariance, (m, m): `root @ root.T`.
    """

    mean: FloatArray
    root: FloatArray

    @classmethod
    def of(cls, mean: FloatArray, information: FloatArray, least: float) -> Normal:
        """The one of an information about each direction, and of `least` where that is less."""
        values, vectors = np.linalg.eigh(information)
        return cls(mean, vectors / np.sqrt(np.maximum(values, least)))

    @classmethod
    def with_covariance(cls, mean: FloatArray, covariance: FloatArray) -> Normal:
        """The one of a covariance, which may be singular; it has draws then, and no density."""
        values, vectors = np.linalg.eigh(covariance)
        return cls(mean, vectors * np.sqrt(np.maximum(values, 0)))

    def wider(self, factor: float) -> Normal:
        """The one with all standard deviations so many times as large."""
        return Normal(self.mean, factor * self.root)

    def draws(self, number: int, rng: np.random.Generator) -> FloatArray:
        """Draws, (number, m)."""
        found: FloatArray = self.mean + rng.standard_normal((number, len(self.mean))) @ self.root.T
        return found

    def log_density(self, points: FloatArray) -> FloatArray:
        """Its logarithm at points (n, m) but for a constant, (n,)."""
        off = np.linalg.solve(self.root, (points - self.mean).T)
        found: FloatArray = -(off**2).sum(axis=0) / 2
        return found


def worth(log_weight: FloatArray) -> float:
    """How many equal weights unequal ones are worth, as a share of them: 1 if all are the same (Kish).

    >>> worth(np.log([0.5, 0.5, 0.5])), round(worth(np.log([1.0, 1e-9, 1e-9, 1e-9])), 3)
    (1.0, 0.25)
    """
    weight = np.exp(log_weight - log_weight.max())
    return float(weight.sum() ** 2 / (weight**2).sum() / len(weight))


def annealed(
    log_density: Callable[[FloatArray], FloatArray],
    start: Normal,
    number: int,
    rounds: tuple[int, int],
    rng: np.random.Generator,
) -> FloatArray:
    """Draw from a density, (number, m).

    Args:
        log_density: (n, m) -> (n,); -inf where it is 0.
        start: what walkers begin with; as wide as the density, which is not 0 at all of these.
        number: of walkers; even.
        rounds: moves of each walker after each step of the power, and at the end.
        rng: of the draws and moves.

    >>> rng = np.random.default_rng(0)
    >>> start = Normal(np.zeros(2), np.eye(2))
    >>> ends = annealed(lambda x: np.where(np.abs(x - 1).max(axis=1) < 0.5, 0.0, -np.inf), start, 1000, (10, 50), rng)
    >>> bool(np.abs(ends.mean(axis=0) - 1).max() < 0.05), bool(np.abs(ends.std(axis=0) * 12**0.5 - 1).max() < 0.1)
    (True, True)
    """
    at, power = start.draws(number, rng), 0.0
    for _ in range(MOST_STEPS):
        gained = log_density(at) - start.log_density(at)
        step = _step(gained, 1 - power)
        weight = np.exp(step * (gained - gained.max()))
        at = at[rng.choice(number, number, p=weight / weight.sum())]
        power = power + step if power + step < 1 - 1e-9 else 1.0
        if power == 1:
            break

        def part(x: FloatArray, power: float = power) -> FloatArray:
            found: FloatArray = power * log_density(x) + (1 - power) * start.log_density(x)
            return found

        at = sample(part, at, rounds[0], rng)
    return sample(log_density, at, rounds[1], rng)


def _step(gained: FloatArray, most: float) -> float:
    """The greatest step of the power, up to `most`, after which walkers are worth `KEPT` of them."""
    if worth(most * gained) >= KEPT:
        return most
    low, high = 0.0, most
    for _ in range(BISECTIONS):
        middle = (low + high) / 2
        low, high = (middle, high) if worth(middle * gained) >= KEPT else (low, middle)
    return high
