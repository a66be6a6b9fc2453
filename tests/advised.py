"""A small simulated log, the game that is estimated from it, and advice in which something else is in force."""

from copy import copy
from dataclasses import replace

from routegame import Game
from routegame.calibrate.estimate.calibration import calibrate
from routegame.calibrate.log.log import open_log
from routegame.calibrate.log.simulated import LogPlan, write_log

GAME = Game(9, 15, (0.1, 0.3), (1, 2), (1, 3.6))


ARMS = ((1, 0.0), (1, 0.1), (1, 0.4), (2, 0.0))


PLAN = LogPlan(GAME, ARMS, num_tasks=6000, temperature=0.5, seed=5)


DRAWS = 40


def calibrated(plan, path, churn_penalty=None):
    write_log(plan, path)
    with open_log(path) as log:
        return calibrate(log, plan.game.churn_penalty if churn_penalty is None else churn_penalty)


def with_in_force(advice, **changes):
    """The same advice, but for what is said to be in force."""
    calibration = copy(advice.calibration)
    vars(calibration)["in_force"] = replace(calibration.in_force, **changes)  # in place of what is worked out once
    return replace(advice, calibration=calibration)
