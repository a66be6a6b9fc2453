"""Success, latency and cost of the models in each context, counted and pooled."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from routegame.calibrate.contexts.pooling import Pooled, pooled_means, pooled_rates
from routegame.calibrate.estimate.tally import MANY, Tally, doubtful, widening
from routegame.envs.arrays import FloatArray, IntArray

NUM_DRAWS = 4000
"""Draws of what intervals are made of."""


@dataclass(frozen=True, eq=False)
class ContextPasses:
    """What passes tell of the models in each context; those of models are one for each.

    Attributes:
        tasks: (C,).
        passes: (C, K).
        success_prob, latency, cost: pooled, C numbers each.
    """

    tasks: IntArray
    passes: IntArray
    success_prob: tuple[Pooled, ...]
    latency: tuple[Pooled, ...]
    cost: tuple[Pooled, ...]


def context_passes(tally: Tally, rng: np.random.Generator) -> ContextPasses:
    """Estimate p, t and c in each context; how much users vary is taken to be alike in all of them.

    Args:
        tally: of a log of contexts, which are its segments.
        rng: of the draws that intervals are made of.
    """
    m, contexts = tally.moments, range(len(tally.segments))
    n, k = m.passes[1:], m.success[1:]
    number = n.shape[1]
    with np.errstate(divide="ignore", invalid="ignore"):
        p = k / n
        spread = np.nansum(m.success_spread[1:], axis=0) / np.nansum(n * p * (1 - p), axis=0)
    spread = np.where(np.isfinite(spread) & (spread > 0), spread, 1.0)
    spread = doubtful(spread, m.clusters[0])
    shapes = tally.shapes
    return ContextPasses(
        tasks=np.array([int(shapes.count[shapes.segment == x].sum()) for x in contexts]),
        passes=n.astype(np.int64),
        success_prob=tuple(
            pooled_rates(k[:, j] / spread[j], n[:, j] / spread[j], NUM_DRAWS, rng) for j in range(number)
        ),
        latency=tuple(_means(tally, m.latency, m.latency_spread, j, rng) for j in range(number)),
        cost=tuple(_means(tally, m.cost, m.cost_spread, j, rng) for j in range(number)),
    )


def _means(tally: Tally, sums: FloatArray, spreads: FloatArray, model: int, rng: np.random.Generator) -> Pooled:
    """Pooled means of a model; a context of few users or tasks varies as the others do, relative to its mean."""
    n, clusters = tally.moments.passes[1:, model], tally.moments.clusters[1:, model]
    total, spread = sums[1:, model], spreads[1:, model]
    with np.errstate(divide="ignore", invalid="ignore"):
        mean = total / n
        of_sum = np.where(clusters > 1, spread * clusters / (clusters - 1) / mean**2, np.nan)  # relative to the mean
    told = np.isfinite(of_sum)
    if not told.any():
        return pooled_means(mean, np.full(len(n), np.inf), NUM_DRAWS, rng)
    alike = of_sum[told].sum() / n[told].sum()
    few = float(widening(max(float(tally.moments.clusters[0, model]), 2.0)))
    own = told & (clusters >= MANY)
    with np.errstate(divide="ignore", invalid="ignore"):
        error = np.where(own, np.sqrt(np.where(own, of_sum, 0.0)) / n, few * np.sqrt(alike / n))
    return pooled_means(mean, np.where(n > 0, error, np.inf), NUM_DRAWS, rng)
