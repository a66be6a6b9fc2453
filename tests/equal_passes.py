"""Baselines that go on until they have played as many passes as another learner has, whatever their defaults are."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from routegame.agents.exact.solved import solved
from routegame.envs.stackelberg import StackelbergGame
from routegame.train.learner import Learned, learner
from routegame.train.learners.halving import HalvingOptions
from routegame.train.one_thread import one_thread
from routegame.train.search import SearchOptions

TRIED = {"halving": 2**14, "tpe": 500, "bayes": 64}
"""Commitments that are tried, about: the last two take seconds of their own for as many. More passes are more tasks."""

ANY_NUMBER = 10**7
"""Commitments that a baseline may try until its passes are spent: as many as options allow."""

MOST_TRIED = 20_000
"""The same of all others, and what passes suffice for with as few tasks under each as by default."""


def passes_of_a_task(game: StackelbergGame) -> float:
    """Return how many passes a task takes under random commitments, of users who answer perfectly."""
    rng = np.random.default_rng(0)
    commitments = game.commitments(rng.random((256, game.size)))
    played = game.play_totals(commitments, solved(game).best_answer(commitments), 256, rng)
    return float(played.passes.sum()) / 256**2


def options_for(name: str, game: StackelbergGame, passes: float) -> SearchOptions:
    """Return options of a baseline with which so many passes are played, or more if it is not stopped."""
    plain = learner(name).OPTIONS()
    assert isinstance(plain, SearchOptions)
    tasks = passes / passes_of_a_task(game)
    tried = TRIED.get(name, MOST_TRIED)
    final_tasks = max(plain.final_tasks, round(tasks / 10 / plain.finalists))
    if isinstance(plain, HalvingOptions):
        plain = replace(plain, evaluations=tried)
        return replace(plain, tasks=max(1, round(tasks / tried / len(plain.rounds))), final_tasks=final_tasks)
    each = max(plain.tasks, round(tasks / tried))
    return replace(plain, evaluations=ANY_NUMBER, tasks=each, final_tasks=final_tasks)


@one_thread()
def searched(name: str, game: StackelbergGame, passes: float, seed: int) -> Learned:
    """Return what a baseline ends with that is stopped once it has played so many passes, its last choice aside."""
    run = learner(name)(game, options_for(name, game, passes), seed)
    while not run.finished and run.meter.passes < passes:
        run.update()
    return run.learned()
