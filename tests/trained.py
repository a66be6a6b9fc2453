"""A run of a learner in a study: to its end, without a directory."""

from __future__ import annotations

import time

from routegame.envs.stackelberg import StackelbergGame
from routegame.train.learner import Learned, learner
from routegame.train.one_thread import one_thread


@one_thread()
def trained(name: str, game: StackelbergGame, seed: int, **options: float | str) -> tuple[Learned, float]:
    """Return what a learner ends with, and the CPU seconds that it took; options that are not given are the defaults.

    Raises:
        ParameterError: no learner or option of that name, or a value that is not allowed.
    """
    began, kind = time.process_time(), learner(name)
    run = kind(game, kind.OPTIONS.given(**options), seed)
    while not run.finished:
        run.update()
    return run.learned(), time.process_time() - began
