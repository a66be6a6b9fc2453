"""Bounds over all lists of two models: no list is below them, and at a point they are close."""

import numpy as np
import pytest
from mixes_by_hand import random_numbers

from routegame import Game, TaskMix
from routegame.agents.mixes.contexts import Contexts
from routegame.agents.mixes.list_program import ListProgram
from routegame.agents.mixes.lists import Lists, Play
from routegame.agents.mixes.stay_cells import OTHERS


def lagrangian(contexts, lists, stay, multipliers):
    play, r = Play.of(contexts, lists), np.array([stay])
    gains = play.utility(r)[0] - play.utility(OTHERS)
    return play.provider_cost(r)[0] - multipliers @ gains


@pytest.mark.parametrize("multipliers", ["random", "program"])
def test_no_list_is_below_the_dual(multipliers):
    rng = np.random.default_rng(0)
    for _ in range(4):
        contexts = Contexts.of(TaskMix(rng.uniform(0.1, 1, 2), Game(*random_numbers(rng, 2, 2))))
        program, (low, high) = ListProgram(contexts, OTHERS), np.sort(rng.uniform(0, 1, 2))
        if multipliers == "random":
            at = rng.exponential(size=len(OTHERS)) * (rng.uniform(size=len(OTHERS)) < 0.3)
        else:
            at = program.multipliers(np.array([low, high]), 10.0)
        slices = np.linspace(low, high, 41)
        bound = program.dual(slices[:-1], slices[1:], at)
        tried = [
            lagrangian(contexts, Lists.of(first, np.array([1, 1]), rng.uniform(0, 1, 2)), stay, at)
            for first in np.array([[0, 0], [0, 1], [1, 0], [1, 1]])
            for stay in slices[[0, 11, 20, -1]]
            for _ in range(5)
        ]
        assert bound.min() <= min(tried) + 1e-12
        point = np.array([low])
        every = min(
            lagrangian(contexts, Lists.of(np.array(first), np.array([1, 1]), np.array([s, u])), low, at)
            for first in ([0, 0], [0, 1], [1, 0], [1, 1])
            for s in np.linspace(0, 1, 21) ** 2
            for u in np.linspace(0, 1, 21) ** 2
        )
        assert program.dual(point, point, at)[0] == pytest.approx(every, abs=0.02 * (1 + at.sum()))
