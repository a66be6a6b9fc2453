"""Small logs of three models, simulated, and what they say."""

from __future__ import annotations

from pathlib import Path

from routegame.calibrate.estimate.calibration import Calibration, calibrate
from routegame.calibrate.log.layout import Layout
from routegame.calibrate.log.log import open_log
from routegame.calibrate.log.simulated import LogPlan, write_log
from routegame.envs.game import Game
from routegame.envs.policy import Policy, chain

GAME = Game(10, 9, (0.25, 0.2, 0.5), (6, 2.2, 2.5), (0.2, 0.5, 3))
FEW, MANY = chain([0, 1, 2], [1.0, 0.05], 3), chain([0, 1, 2], [1.0, 0.6], 3)
BACK = Policy.redraw([0.5, 0.0, 0.5], [0.3, 0.3, 0.4])
PLAN = LogPlan(GAME, (FEW, MANY, BACK), num_tasks=4000, temperature=1.5, seed=2)
ONE = LogPlan(GAME, (MANY,), num_tasks=1000, temperature=0.5, seed=3)


def calibrated(folder: Path, plan: LogPlan = PLAN, churn_penalty: float | None = 9.0, **stated: Policy) -> Calibration:
    """Write the log of a plan and calibrate it."""
    path = folder / "log.csv"
    write_log(plan, path)
    with open_log(path, Layout.of(models=())) as log:
        return calibrate(log, churn_penalty, stated)
