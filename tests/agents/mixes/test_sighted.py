"""Users who know their context: every context is a game of its own."""

import numpy as np
import pytest

from routegame import Game, TaskMix, solve, solve_mix


def random_mix(rng, contexts, models):
    p, t, c = rng.uniform(0.02, 0.98, (contexts, models)), *rng.uniform(0, 1, (2, contexts, models))
    value, penalty = rng.uniform(0.05, 2, (2, contexts))
    return TaskMix(rng.uniform(0.1, 1, contexts), Game(value, penalty, p, t, c))


@pytest.mark.quick_cases(4)
@pytest.mark.parametrize("models", [2, 3])
@pytest.mark.parametrize("order", ["fixed", "free"])
@pytest.mark.parametrize("information", ["memoryless", "model", "history"])
def test_a_mix_costs_what_its_games_cost_on_average(models, order, information):
    mix = random_mix(np.random.default_rng(models), 12, models)
    solution = solve_mix(mix, order=order, information=information)
    own = [solve(mix.game(x), order=order, information=information) for x in range(12)]
    costs = [float(one.equilibrium.provider_cost) for one in own]
    assert solution.context_costs.tolist() == pytest.approx(costs, rel=1e-12)
    assert solution.provider_cost == pytest.approx(mix.weights @ costs, rel=1e-12)
    assert solution.user_utility == pytest.approx(mix.weights @ [one.equilibrium.user_utility for one in own])
    assert solution.lower_bound == pytest.approx(mix.weights @ [one.certificate.lower_bound for one in own])
    for (start, matrix), one in zip(solution.policies, own, strict=True):
        visited = one.policy.visited(True)
        np.testing.assert_allclose(start, one.policy.start)
        np.testing.assert_allclose(matrix[visited], one.policy.matrix[visited])
    if information == "history":
        expected = [one.equilibrium.leave_after for one in own]
    else:
        expected = [one.equilibrium.abandon_prob for one in own]
    np.testing.assert_allclose(solution.answer, expected)


@pytest.mark.parametrize("order", ["fixed", "free"])
def test_copies_of_a_context_are_one_context(order):
    game = Game(9, 15, (0.1, 0.3), (1, 2), (1, 3.6))
    solution = solve_mix(TaskMix([0.2, 0.5, 0.3], game), order=order)
    assert solution.provider_cost == pytest.approx(solve(game, order=order).equilibrium.provider_cost, rel=1e-12)
    assert solution.status == "exact" and solution.gap == 0
