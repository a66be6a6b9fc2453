"""A small simulated log of tasks that differ, for three models, and advice on it."""

from pathlib import Path

import numpy as np

from routegame import Game, TaskMix
from routegame.calibrate.contexts.advice import MixAdvice, advise_mix
from routegame.calibrate.log.layout import Layout
from routegame.calibrate.log.log import open_log
from routegame.calibrate.log.simulated import LogPlan, write_log
from routegame.envs.policy import Policy, chain

EASY, HARD = (0.5, 0.45, 0.8), (0.12, 0.15, 0.5)
MIX = TaskMix(
    np.array([0.6, 0.4]),
    Game(10, 9, tuple(np.array(p) for p in zip(EASY, HARD, strict=True)), (3, 2.2, 2.5), (0.2, 0.5, 3)),
    names=("easy", "hard"),
)
FEW, MANY = chain([0, 1, 2], [0.5, 0.05], 3), chain([0, 1, 2], [1.0, 0.6], 3)
BACK = Policy.redraw([0.5, 0.0, 0.5], [0.3, 0.3, 0.4])
PLAN = LogPlan(MIX, (FEW, MANY, BACK), num_tasks=4000, temperature=1.0, seed=3)


def advised_on_menu(plan: LogPlan, folder: Path, draws: int = 40, **stated: Policy) -> MixAdvice:
    """Advice on a log of any number of models."""
    write_log(plan, folder / "log.parquet")
    models = [str(k + 1) for k in range(plan.mix.num_models)]
    with open_log(folder / "log.parquet", Layout.of(models=models)) as log:
        return advise_mix(log, 9.0, draws, stated=stated)
