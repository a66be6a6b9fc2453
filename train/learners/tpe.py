"""`tpe`: commitments that a tree of Parzen estimators proposes, optuna's, by default settings; an optional extra.

Bergstra et al. (2011), *Algorithms for Hyper-Parameter Optimization*: two densities are fitted to what was tried, one
to the cheapest and one to the rest, and where their ratio is greatest is tried next.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from routegame.envs.stackelberg import StackelbergGame
from routegame.train.optuna_points import OptunaPoints, missing
from routegame.train.search import SearchLearner

if TYPE_CHECKING:
    from optuna.samplers import TPESampler


class Tpe(SearchLearner):
    """See the module."""

    @classmethod
    def objection(cls, game: StackelbergGame) -> str | None:
        """It plays every game where optuna is installed."""
        return missing()

    def source(self, seeds: np.random.SeedSequence) -> OptunaPoints:
        """Return what the sampler proposes."""
        return OptunaPoints(self.box.size, seeds, _sampler)


def _sampler(seed: int) -> TPESampler:
    from optuna.samplers import TPESampler

    return TPESampler(seed=seed)
