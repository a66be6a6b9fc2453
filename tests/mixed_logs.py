"""Small simulated logs of tasks that differ, and advice on them."""

from dataclasses import replace

import numpy as np

from routegame import Game, TaskMix
from routegame.calibrate.contexts.advice import advise_mix
from routegame.calibrate.estimate.tally import tally
from routegame.calibrate.log.log import open_log
from routegame.calibrate.log.simulated import LogPlan, write_log

MIX = TaskMix(np.array([0.7, 0.3]), Game(9, 15, ([0.5, 0.1], [0.7, 0.3]), (1, 2), (1, 3.6)), names=("easy", "hard"))


PLAN = LogPlan(MIX, ((1, 0.05), (1, 0.3), (2, 0.0)), num_tasks=5000, temperature=0.5, seed=2)


APART = replace(
    PLAN,
    game=TaskMix([0.5, 0.5], Game([9.0, 4.0], 15, ([0.1, 0.2], [0.3, 0.5]), (1, 2), (1, 3.6)), names=("a", "b")),
    commitments=((1, 0.05), (1, 0.3), (1, 1.0), (2, 0.0)),
    temperature=0.4,
)
"""Contexts whose users value a task otherwise."""


SAME = TaskMix([0.7, 0.3], Game(9, 15, ([0.1, 0.1], [0.3, 0.3]), (1, 2), (1, 3.6)))
"""Contexts that are alike."""


DRAWS = 40


def tallied(plan, folder):
    """What a log comes down to."""
    write_log(plan, folder / "log.parquet")
    with open_log(folder / "log.parquet") as log:
        return tally(log)


def advised(plan, folder, draws=DRAWS):
    """Advice on a log."""
    write_log(plan, folder / "log.parquet")
    with open_log(folder / "log.parquet") as log:
        return advise_mix(log, 15.0, draws)
