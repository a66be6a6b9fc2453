"""Users who do not know their context: known answers, policies by trying them all, and properties."""

import numpy as np
import pytest
from known_mixes import BLIND, MIXES, SIGHTED, solved
from mixes_by_hand import brute_force, cheapest, played, random_numbers

from routegame import Game, ParameterError, TaskMix, solve, solve_mix
from routegame.envs import task_mixes

SLOW = [("4", "memoryless"), ("7", "memoryless"), ("9", "memoryless")]
"""Known mixes whose bounds take seconds."""


def random_mix(seed, contexts, models, kind="any"):
    rng = np.random.default_rng(seed)
    return TaskMix(rng.uniform(0.1, 1, contexts), Game(*random_numbers(rng, contexts, models, kind)))


@pytest.mark.quick_cases(5)
@pytest.mark.parametrize(
    ("name", "users", "order", "cost", "bound", "exact"),
    [pytest.param(*row, marks=pytest.mark.slow if row[:2] in SLOW else ()) for row in BLIND],
)
def test_known_answers(name, users, order, cost, bound, exact):
    solution = solved(name, users, order)
    assert solution.provider_cost == pytest.approx(cost, rel=1e-9 if exact else 1e-6)
    if exact:
        assert solution.status == "exact"
        assert solution.lower_bound == pytest.approx(cost, rel=1e-9)
    assert solution.lower_bound <= solution.provider_cost


@pytest.mark.slow
@pytest.mark.parametrize(("name", "gap"), [("3", 1e-6), ("4", 1e-3), ("7", 1e-4), ("8", 1e-6), ("9", 3e-3)])
def test_programs_narrow_the_gaps_of_memoryless_users(name, gap):
    assert solved(name, "memoryless").gap < gap


@pytest.mark.slow
def test_answers_of_known_mixes():
    assert solved("1", "memoryless").answer == 0.0
    assert solved("1", "history").answer is None
    assert solved("3", "history").answer == 1
    assert solved("9", "history").answer == 2
    stays = 1 - solved("9", "memoryless").answer
    assert (1 - 0.9 * stays) / (1 - 0.2 * stays) == pytest.approx(np.sqrt(0.27 / 0.88), rel=1e-7)
    assert solved("7", "history").answer == 5


@pytest.mark.parametrize("name", SIGHTED)
def test_known_answers_of_users_who_know_their_context(name):
    assert solved(name).provider_cost == pytest.approx(SIGHTED[name], rel=1e-9)


@pytest.mark.quick_cases(3)
@pytest.mark.parametrize("users", ["memoryless", "history"])
@pytest.mark.parametrize("order", ["fixed", "free"])
@pytest.mark.parametrize("kind", ["any", "graded"])
def test_policies_of_two_contexts_are_as_good_as_the_best_of_many(users, order, kind):
    for seed in range(2):
        mix = random_mix(seed, 2, 2, kind)
        solution = solve_mix(mix, users, order)
        best = brute_force(mix, users, order, np.linspace(0, 1, 13))
        assert solution.provider_cost <= best * 1.001
        assert solution.lower_bound <= best * (1 + 1e-9)
        by_hand = cheapest(mix, *played(mix, solution.policies, users))
        assert solution.provider_cost == pytest.approx(by_hand, rel=2e-3)  # answers on a grid
        assert solution.provider_cost == pytest.approx(mix.weights @ solution.context_costs, rel=1e-9)
        assert solution.user_utility == pytest.approx(mix.weights @ solution.context_utilities, rel=1e-9)


@pytest.mark.parametrize("users", ["memoryless", "history"])
def test_more_contexts_than_are_searched_at_once(users):
    mix = random_mix(3, 12, 3)
    solution = solve_mix(mix, users, "free")
    assert solution.lower_bound <= solution.provider_cost and solution.gap < 0.1
    assert solution.provider_cost == pytest.approx(cheapest(mix, *played(mix, solution.policies, users)), rel=2e-3)


@pytest.mark.slow
@pytest.mark.parametrize("users", ["memoryless", "history"])
def test_copies_of_a_context_are_one_context_in_free_order_and_no_dearer_in_a_fixed_one(users):
    game = Game(6.5, 12, (0.1, 0.3), (0.5, 2.5), (1, 2.4))
    copies = TaskMix([0.5, 0.5], game)
    free = solve_mix(copies, users, "free")
    assert free.provider_cost == pytest.approx(8.77, rel=1e-8) and free.status == "exact"
    one = solve(game, order="fixed", information=users).equilibrium.provider_cost
    assert solve_mix(copies, users, "fixed").provider_cost <= one * (1 + 1e-9)


@pytest.mark.slow
def test_different_starts_in_equal_contexts_are_a_hidden_random_start():
    copies = TaskMix([0.5, 0.5], Game(6.5, 12, (0.1, 0.3), (0.5, 2.5), (1, 2.4)))
    assert solve_mix(copies, "memoryless", "fixed").provider_cost <= 9.0 * (1 + 1e-9)


@pytest.mark.parametrize("users", [pytest.param("memoryless", marks=pytest.mark.slow), "history"])
def test_one_more_model_never_raises_the_bound_in_free_order(users):
    for seed in range(3):
        mix = random_mix(seed, 2, 3)
        fewer = solve_mix(mix.of_models([0, 1]), users, "free")
        assert solve_mix(mix, users, "free").lower_bound <= fewer.lower_bound * (1 + 1e-12)


def test_contexts_without_weight_have_a_policy_and_no_say():
    mix = MIXES["1"]
    p = np.array([[0.6, 0.8], [0.2, 0.5], [0.02, 0.03]])
    more = TaskMix([0.5, 0.5, 0], Game(10, 5, p, np.tile([1.0, 2.0], (3, 1)), np.tile([1.0, 2.0], (3, 1))))
    for users in ("memoryless", "history"):
        solution = solve_mix(more, users)
        assert solution.provider_cost == pytest.approx(solve_mix(mix, users).provider_cost, rel=1e-9)
        assert len(solution.policies) == 3 and solution.context_costs.shape == (3,)


def test_information_is_for_sighted_users():
    with pytest.raises(ParameterError, match="information must be left out for blind users"):
        solve_mix(MIXES["1"], "history", information="model")


@pytest.mark.slow
def test_answers_next_to_the_best_are_tried_as_well():
    """Of answers four cells apart the best leaves after 13 % of failures and costs 10.624; between is a better one."""
    solution = solve_mix(task_mixes.MIXES["hundred-features-blind"].mix, users="memoryless")
    assert solution.provider_cost < 10.57 and 0.09 < solution.answer < 0.11
    assert solution.lower_bound <= solution.provider_cost
