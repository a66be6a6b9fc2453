"""Cells that are looked at closely: bounds rise, and stay below policies; which program is taken."""

import numpy as np
import pytest
from known_mixes import MIXES, solved
from mixes_by_hand import brute_force, random_numbers

from routegame import Game, TaskMix
from routegame.agents.mixes.contexts import Contexts
from routegame.agents.mixes.list_program import ListProgram
from routegame.agents.mixes.one_multiplier import memoryless_bounds
from routegame.agents.mixes.pass_program import PassProgram
from routegame.agents.mixes.stay_cells import least_of_cells, program_of


@pytest.mark.slow
@pytest.mark.parametrize("name", ["4", "9"])
def test_bounds_rise_and_stay_below_the_best_policy(name):
    contexts, order = Contexts.of(MIXES[name]), "fixed"
    bounds, known = memoryless_bounds(contexts, order), solved(name, "memoryless").provider_cost
    closer = least_of_cells(contexts, program_of(contexts, order), bounds, known)
    assert bounds.least < closer <= known
    assert (known - closer) < 0.3 * (known - bounds.least)


@pytest.mark.slow
@pytest.mark.parametrize("order", ["fixed", "free"])
def test_bounds_stay_below_policies_of_random_mixes(order):
    rng = np.random.default_rng(7)
    for _ in range(2):
        mix = TaskMix(rng.uniform(0.1, 1, 2), Game(*random_numbers(rng, 2, 2)))
        best = brute_force(mix, "memoryless", order, np.linspace(0, 1, 13))
        contexts = Contexts.of(mix)
        bound = least_of_cells(contexts, program_of(contexts, order), memoryless_bounds(contexts, order), 1.1 * best)
        assert bound <= best * (1 + 1e-7)


def test_which_program_is_taken():
    rng = np.random.default_rng(0)
    sizes = ((2, 2), (2, 3), (400, 2))
    two, three, many = (Contexts.of(TaskMix(np.ones(c), Game(*random_numbers(rng, c, k)))) for c, k in sizes)
    assert isinstance(program_of(two, "fixed"), ListProgram) and isinstance(program_of(two, "free"), PassProgram)
    assert isinstance(program_of(three, "fixed"), PassProgram) and program_of(three, "free") is None
    assert program_of(many, "fixed") is None
