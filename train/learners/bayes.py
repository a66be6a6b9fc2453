"""`bayes`: commitments that a Gaussian process proposes, optuna's, by default settings; an optional extra.

A Gaussian process is fitted to the costs of all that was tried, and the commitment that is expected to improve most on
the cheapest is tried next. The fit takes the cube of the number of trials: a few hundred are what it is good for.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from routegame.envs.stackelberg import StackelbergGame
from routegame.train.options import option
from routegame.train.optuna_points import OptunaPoints, missing
from routegame.train.search import SearchLearner, SearchOptions

if TYPE_CHECKING:
    from optuna.samplers import GPSampler

MOST_DIMENSIONS = 128
"""Dimensions of a box in which distances between a few hundred points still say something, at the very most."""


@dataclass(frozen=True)
class BayesOptions(SearchOptions):
    """Options of `bayes`."""

    evaluations: int = option(150, "commitments that are tried", low=1)


class Bayes(SearchLearner):
    """See the module."""

    OPTIONS = BayesOptions
    BATCH: ClassVar[int] = 8

    @classmethod
    def objection(cls, game: StackelbergGame) -> str | None:
        """It plays games of a moderate number of dimensions, where optuna is installed."""
        if game.size > MOST_DIMENSIONS:
            return f"its Gaussian process is for boxes of up to {MOST_DIMENSIONS} dimensions"
        return missing()

    def source(self, seeds: np.random.SeedSequence) -> OptunaPoints:
        """Return what the sampler proposes."""
        return OptunaPoints(self.box.size, seeds, _sampler)


def _sampler(seed: int) -> GPSampler:
    from optuna.samplers import GPSampler

    return GPSampler(seed=seed)
