"""Sampler of a density that is known up to a factor: many walkers at once, each moved by the difference of two others.

Differential evolution as a Markov chain (ter Braak 2006). Walkers learn the shape of the density from each other, so
that long thin ridges and flat tops need no tuning. One half moves on differences within the other half, in turns,
which leaves the density as it is.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from tqdm import tqdm

from routegame.envs.arrays import FloatArray

LEAPS = 0.1
"""Share of moves that are a whole difference, which leads from one hill to another."""

JITTER = 1e-4
"""Noise of a move, relative to the spread of the walkers, so that they cannot be caught on a line."""


def sample(
    log_density: Callable[[FloatArray], FloatArray], start: FloatArray, rounds: int, rng: np.random.Generator
) -> FloatArray:
    """Move walkers and return where they end: as many draws, which are as good as independent after enough rounds.

    Args:
        log_density: (num_walkers, m) -> (num_walkers,); -inf where a walker may not be.
        start: (num_walkers, m), an even number of them, all where the density is not 0.
        rounds: moves of each walker.
        rng: of the moves.

    >>> rng = np.random.default_rng(0)
    >>> ends = sample(lambda x: -x[:, 0] ** 2 / 2, rng.normal(3, 1, (1000, 1)), 50, rng)
    >>> bool(abs(ends.mean()) < 0.15), bool(abs(ends.std() - 1) < 0.1)
    (True, True)
    """
    at = start.copy()
    half, size = len(at) // 2, at.shape[1]
    density = log_density(at)
    for _ in tqdm(range(rounds), "drawing games", delay=2, leave=False, disable=None):
        for moving, others in ((slice(0, half), slice(half, None)), (slice(half, None), slice(0, half))):
            number = len(at[moving])
            first = rng.integers(0, len(at[others]), number)
            second = (first + rng.integers(1, len(at[others]), number)) % len(at[others])
            scale = np.where(rng.random(number) < LEAPS, 1.0, 2.38 / np.sqrt(2 * size))
            step = scale[:, None] * (at[others][first] - at[others][second])
            tried = at[moving] + step + rng.normal(0, JITTER, (number, size)) * at[others].std(axis=0)
            new = log_density(tried)
            accepted = np.log(rng.random(number)) < new - density[moving]
            at[moving] = np.where(accepted[:, None], tried, at[moving])
            density[moving] = np.where(accepted, new, density[moving])
    return at
