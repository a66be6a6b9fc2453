"""The cheapest mixture of lists: against the whole linear program, solved at once."""

import numpy as np
import pytest
from mixes_by_hand import random_numbers
from scipy.optimize import linprog

from routegame import Game, TaskMix
from routegame.agents.mixes.column_tables import Columns
from routegame.agents.mixes.contexts import Contexts
from routegame.agents.mixes.split import split, utilities
from routegame.agents.mixes.zoom import WATCHED_FAILURES, WATCHED_STAYS


@pytest.mark.quick_cases(3)
@pytest.mark.parametrize(
    ("users", "answer"),
    [("memoryless", 1.0), ("memoryless", 0.0), ("memoryless", 0.5), ("history", 3), ("history", np.inf)],
)
def test_a_mixture_costs_what_the_linear_program_says(users, answer):
    columns, solved = Columns.of(2, "fixed"), 0
    watched = WATCHED_STAYS if users == "memoryless" else WATCHED_FAILURES
    others = watched[watched != answer]
    for seed in range(6):
        rng = np.random.default_rng(seed)
        contexts = Contexts.of(TaskMix(rng.uniform(0.1, 1, 5), Game(*random_numbers(rng, 5, 2))))
        cost, worth = columns.answered(contexts, answer, users)
        gains = [(worth - columns.answered(contexts, other, users)[1]).ravel() for other in others]
        one = np.repeat(np.eye(5), len(columns.moves), axis=1)
        program = linprog(cost.ravel(), A_ub=-np.array(gains), b_ub=np.zeros(len(others)), A_eq=one, b_eq=np.ones(5))
        found = split(contexts, columns, users, answer, others)
        if program.status == 0:
            solved += 1
            assert found.value == pytest.approx(program.fun, rel=1e-4)
            assert found.fractional().size <= 3
        else:
            assert found.value == np.inf
    assert solved


def test_utilities_are_those_of_the_tables():
    rng = np.random.default_rng(0)
    contexts, columns = Contexts.of(TaskMix([1, 2], Game(*random_numbers(rng, 2, 3)))), Columns.of(3, "free")
    for users, answers in (("memoryless", np.array([0.0, 0.4, 1.0])), ("history", np.array([1, 4, np.inf]))):
        lists = Columns(columns.first[[9, 30]], columns.then[[9, 30]], columns.moves[[9, 30]])
        found = utilities(contexts, lists, users, answers)
        for answer, utility in zip(answers, found, strict=True):
            worth = columns.answered(contexts, answer, users)[1]
            assert utility == pytest.approx(worth[0, 9] + worth[1, 30], rel=1e-12)
