"""A run of a learner in a study: to its end, without a directory."""

from __future__ import annotations

import time

from routegame.envs.stackelberg import StackelbergGame
from routegame.train.learner import Learned, learner


def trained(name: str, game: StackelbergGame, seed: int) -> tuple[Learned, float]:
    """Return what a learner ends with by its default options, and the CPU seconds that it took."""
    began, kind = time.process_time(), learner(name)
    run = kind(game, kind.OPTIONS(), seed)
    while not run.finished:
        run.update()
    return run.learned(), time.process_time() - began
