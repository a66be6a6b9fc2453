"""Small simulated logs of tasks that are known by two numbers, and advice on them."""

from pathlib import Path

import numpy as np

from routegame import TaskMix
from routegame.calibrate.features.advice import FeatureAdvice, advise_features
from routegame.calibrate.log.layout import Layout
from routegame.calibrate.log.log import open_log
from routegame.calibrate.log.simulated import LogPlan, write_log

SKILL, SKILL_AT_ZERO = ((1.0, -0.3), (0.9, 0.3)), (-1.5, 0.0)
SLOW, DEAR = (0.1, 0.2), (0.2, -0.1)
"""Change of the logarithms of latency and cost with a unit of each feature, of both models."""


def mix_of(features, value=(0.0, 0.0)) -> TaskMix:
    """Tasks by how easy they are, and how long; the value may hang on both."""
    x = np.asarray(features, dtype=float)
    return TaskMix.from_features(
        x,
        skill=SKILL,
        skill_at_zero=SKILL_AT_ZERO,
        value=value,
        value_at_zero=float(np.log(9)),
        churn_penalty=15,
        latency=tuple(t * np.exp(x @ SLOW) for t in (1, 2)),
        cost=tuple(c * np.exp(x @ DEAR) for c in (1, 3.6)),
    )


FEATURES = np.random.default_rng(5).standard_normal((60, 2)).round(3)
PLAN = LogPlan(mix_of(FEATURES), ((1, 0.05), (1, 0.3), (2, 0.0)), num_tasks=3000, temperature=0.7, seed=2)
NAMES = ("feature_1", "feature_2")


def advised_by_features(
    plan: LogPlan, folder: Path, draws: int = 20, names: tuple[str, ...] = NAMES, penalty: float | None = 15.0
) -> FeatureAdvice:
    """Advice on a log."""
    write_log(plan, folder / "log.parquet")
    with open_log(folder / "log.parquet", Layout.of(features=names)) as log:
        return advise_features(log, penalty, draws)
