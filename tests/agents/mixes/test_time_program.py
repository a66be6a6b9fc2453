"""Time programs: known values, one pass is one multiplier, more passes bound more, and no policy is below them."""

import numpy as np
import pytest
from known_mixes import MIXES, solved
from mixes_by_hand import FAILURES, played, random_numbers

from routegame import Game, TaskMix
from routegame.agents.mixes.contexts import Contexts
from routegame.agents.mixes.one_multiplier import history_bounds
from routegame.agents.mixes.time_program import time_bound, with_time


@pytest.mark.quick_cases(1)
@pytest.mark.parametrize(("name", "bound"), [("2", 4.4659997), ("4", 10.554810626), ("7", 3.887476481)])
def test_known_bounds(name, bound):
    solution = solved(name, "history")
    assert solution.lower_bound == pytest.approx(bound, rel=1e-7)


def random_contexts(seed, contexts, models):
    rng = np.random.default_rng(seed)
    return Contexts.of(TaskMix(rng.uniform(0.1, 1, contexts), Game(*random_numbers(rng, contexts, models))))


@pytest.mark.parametrize("order", ["fixed", "free"])
def test_one_pass_is_one_multiplier_and_more_passes_bound_more(order):
    compared = 0
    for seed in range(8):
        contexts = random_contexts(seed, 2, 3)
        bounds = history_bounds(contexts, order)
        never = bounds.value[-1]
        first = time_bound(contexts, order, 1, ends=False)
        assert first == pytest.approx(never, rel=1e-9)
        if never < np.inf:
            compared += 1
            more = [time_bound(contexts, order, passes, ends=False) for passes in (2, 5, 12)]
            assert (np.diff([first, *more]) >= -1e-9 * first).all()
        for failures in (2, 3, 7):
            ending = time_bound(contexts, order, failures, ends=True)
            assert ending >= bounds.value[failures - 1] * (1 - 1e-9)
    assert compared


@pytest.mark.parametrize("order", ["fixed", "free"])
def test_no_policy_costs_less_than_the_program_of_its_answer(order):
    rng, held = np.random.default_rng(5), 0
    for _ in range(25):
        mix = TaskMix(rng.uniform(0.1, 1, 2), Game(*random_numbers(rng, 2, 2)))
        policies = []
        for _ in range(2):
            s, route = rng.uniform(0, 1), rng.integers(2)
            matrix = (
                [[1 - s, s], [0, 1]] if route == 0 else [[1, 0], [s * (order == "free"), 1 - s * (order == "free")]]
            )
            policies.append((np.eye(2)[route], np.array(matrix)))
        utility, cost = played(mix, policies, "history")
        n = -1 if utility[-1] >= utility.max() - 1e-12 else int(utility.argmax())  # late answers tie with never
        never = FAILURES[n] == np.inf
        passes = 20 if never else FAILURES[n]
        bound = time_bound(Contexts.of(mix), order, passes, ends=not never)
        assert bound <= cost[n] * (1 + 1e-9)
        held += bound > 0.5 * cost[n]
    assert held > 5


def test_answers_whose_bound_is_no_longer_least_are_left_as_they_are():
    contexts = Contexts.of(MIXES["7"])
    before = history_bounds(contexts, "fixed")
    after = with_time(contexts, "fixed", before, 3.977064586)
    assert (after.value >= before.value).all() and after.least > before.least
    assert with_time(contexts, "fixed", before, before.least).value.tolist() == before.value.tolist()
