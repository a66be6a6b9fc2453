"""Bounds pass by pass: no policy is below them, whatever its matrix."""

import numpy as np
import pytest
from mixes_by_hand import payoffs, random_numbers

from routegame import Game, TaskMix
from routegame.agents.mixes.contexts import Contexts
from routegame.agents.mixes.one_multiplier import memoryless_bounds
from routegame.agents.mixes.pass_program import PassProgram
from routegame.agents.mixes.stay_cells import OTHERS


@pytest.mark.quick_cases(1)
@pytest.mark.parametrize("order", ["fixed", "free"])
def test_no_policy_is_below_the_dual(order):
    rng = np.random.default_rng(1)
    for _ in range(6):
        mix = TaskMix(rng.uniform(0.1, 1, 2), Game(*random_numbers(rng, 2, 3)))
        program, at = PassProgram(Contexts.of(mix), order, OTHERS), rng.exponential(size=len(OTHERS))
        for _ in range(4):
            matrices = rng.dirichlet(np.full(3, 0.3), (2, 3)) + 1e-12
            matrices = np.triu(matrices) if order == "fixed" else matrices
            matrices /= matrices.sum(axis=-1, keepdims=True)
            starts, stays = rng.integers(0, 3, 2), np.append(OTHERS, [0.2, 0.97])
            utility, cost = sum(
                w * payoffs(mix, x, np.eye(3)[starts[x]], matrices[x], "memoryless", stays)
                for x, w in enumerate(mix.weights)
            )
            for n, stay in enumerate(stays):
                there = cost[n] - at @ (utility[n] - utility[: len(OTHERS)])
                slices = np.clip([stay - 1e-3], 0, 1), np.clip([stay + 1e-3], 0, 1)
                assert program.dual(*slices, at)[0] <= there + 1e-9 * (1 + abs(there))


def test_at_the_ends_it_bounds_at_least_as_much_as_one_multiplier():
    rng, more = np.random.default_rng(0), 0
    for _ in range(12):
        contexts = Contexts.of(TaskMix(rng.uniform(0.1, 1, 2), Game(*random_numbers(rng, 2, 2))))
        one = memoryless_bounds(contexts, "fixed").value[-1]
        if one < np.inf:
            program, stay = PassProgram(contexts, "fixed", OTHERS), np.ones(1)
            bound = program.dual(stay, stay, program.multipliers(stay, 100.0))[0]
            assert bound >= one * (1 - 1e-7)
            more += 1
    assert more > 3
