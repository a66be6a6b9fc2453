"""Bounds by one multiplier: known ones, a linear program, and policies that none of them exceeds."""

import numpy as np
import pytest
from known_mixes import BLIND, MIXES
from mixes_by_hand import STAYS, cheapest, each, played, random_numbers
from scipy.optimize import linprog

from routegame import Game, TaskMix
from routegame.agents.mixes.contexts import Contexts
from routegame.agents.mixes.one_multiplier import LAST, history_bounds, memoryless_bounds

BOUNDS = {"memoryless": memoryless_bounds, "history": history_bounds}


def by_linear_program(mix, order):
    """The bound of users who stay: shares of starts and of models that follow, worth at least 0 on average."""
    cost, worth, rows = [], [], []
    for x, (value, _, p, t, c) in enumerate(each(mix)):
        for i in range(len(p)):
            for k in range(i if order == "fixed" else 0, len(p)):
                w, a = mix.weights[x], 1 - p[i]
                cost.append(w * (c[i] + a * c[k] / p[k]))
                worth.append(w * a * (value - t[k] / p[k]))
                rows.append(x)
    same = np.equal.outer(np.arange(len(mix)), rows).astype(float)
    found = linprog(cost, A_ub=[-np.array(worth)], b_ub=[0], A_eq=same, b_eq=np.ones(len(mix)))
    return found.fun if found.status == 0 else np.inf


@pytest.mark.parametrize("order", ["fixed", "free"])
@pytest.mark.parametrize("models", [2, 3])
def test_users_who_stay_cost_what_a_linear_program_says(order, models):
    for seed in range(6):
        rng = np.random.default_rng(seed)
        mix = TaskMix(rng.uniform(0.1, 1, 4), Game(*random_numbers(rng, 4, models)))
        contexts, program = Contexts.of(mix), by_linear_program(mix, order)
        assert memoryless_bounds(contexts, order).value[-1] == pytest.approx(program, rel=1e-9)
        assert history_bounds(contexts, order).value[-1] == pytest.approx(program, rel=1e-9)


@pytest.mark.parametrize(("name", "users", "order", "cost", "bound", "exact"), BLIND)
def test_known_bounds(name, users, order, cost, bound, exact):
    least = BOUNDS[users](Contexts.of(MIXES[name]), order).least
    assert least <= cost * (1 + 1e-9)
    if exact:
        assert least == pytest.approx(cost, rel=1e-9)
    elif users == "memoryless":
        assert least >= bound * (1 - 1e-6)


def test_known_bounds_of_users_who_stay():
    for name, bound in (("2", 4.4), ("4", 10.54)):
        for bounds in BOUNDS.values():
            assert bounds(Contexts.of(MIXES[name]), "fixed").value[-1] == pytest.approx(bound, rel=1e-12)
    assert history_bounds(Contexts.of(MIXES["7"]), "fixed").least == pytest.approx(3.732516826, rel=1e-9)


@pytest.mark.quick_cases(2)
@pytest.mark.parametrize("order", ["fixed", "free"])
@pytest.mark.parametrize("users", BOUNDS)
def test_the_least_bound_is_the_least_of_all(users, order):
    for seed in range(5):
        rng = np.random.default_rng(seed)
        contexts = Contexts.of(TaskMix(rng.uniform(0.1, 1, 3), Game(*random_numbers(rng, 3, 3))))
        all_of_them, least = (BOUNDS[users](contexts, order, least_only=only) for only in (False, True))
        assert least.least == pytest.approx(all_of_them.least, rel=1e-10)


@pytest.mark.quick_cases(2)
@pytest.mark.parametrize("order", ["fixed", "free"])
@pytest.mark.parametrize("users", BOUNDS)
def test_no_policy_costs_less_than_the_bound_of_its_answer(users, order):
    rng = np.random.default_rng(1)
    held = 0
    for _ in range(15):
        mix = TaskMix(rng.uniform(0.1, 1, 2), Game(*random_numbers(rng, 2, 3)))
        bounds = BOUNDS[users](Contexts.of(mix), order)
        matrices = rng.dirichlet(np.full(3, 0.5), (2, 3))
        if order == "fixed":
            matrices = np.triu(matrices + 1e-9)
            matrices /= matrices.sum(axis=-1, keepdims=True)
        policies = [(np.eye(3)[rng.integers(3)], matrix) for matrix in matrices]
        utility, cost = played(mix, policies, users)
        best = int(utility.argmax())
        if users == "memoryless" and 0 < best < len(STAYS) - 1:
            continue  # the best answer is between the points of the grid
        at = 0 if best == 0 else -1 if best == len(utility) - 1 else best
        assert bounds.value[at] <= cost[best] * (1 + 1e-9)
        assert bounds.least <= cheapest(mix, utility, cost) * (1 + 1e-6)
        held += 1
    assert held > 5 and len(history_bounds(Contexts.of(mix), order).value) == LAST + 2
