"""Sampled passes agree with the closed forms within their standard error, and are reproducible to the bit."""

import numpy as np
import pytest

from routegame import Game, ParameterError
from routegame.envs.chain import outcome
from routegame.envs.sampling.simulator import simulate

NUM_SETTINGS, NUM_TASKS, STANDARD_ERRORS = 50, 1_000_000, 4
GAME = Game(9, 20, (0.1, 0.3), (1, 2), (1, 3))


def setting(index):
    """A random game with a commitment and an answer to it; every fifth probability is 0 or 1."""
    rng = np.random.default_rng([7, index])
    p = np.exp(rng.uniform(np.log(0.03), np.log(0.95), 2))
    game = Game(rng.uniform(1, 20), rng.uniform(0, 10), p, rng.uniform(0, 5, 2), rng.uniform(0, 2, 2))
    s, q = np.where(rng.random(2) < 0.2, rng.integers(0, 2, 2), rng.random(2))
    return game, int(rng.integers(1, 3)), float(s), float(q)


def sampled(tasks, game):
    return {
        "solve_prob": tasks.solved.astype(float),
        "expected_latency": tasks.latency(game),
        "expected_cost": tasks.cost(game),
        "user_utility": tasks.user_utility(game),
        "provider_cost": tasks.provider_cost(game),
    }


@pytest.mark.parametrize(
    "index", [*range(10), *(pytest.param(k, marks=pytest.mark.slow) for k in range(10, NUM_SETTINGS))]
)
def test_means_are_the_closed_forms(index):
    game, route, s, q = setting(index)
    tasks = simulate(game, route, s, q, NUM_TASKS, np.random.default_rng(index))
    exact = outcome(game, route, s, q)
    for name, values in sampled(tasks, game).items():
        error = STANDARD_ERRORS * values.std() / np.sqrt(NUM_TASKS)
        assert values.mean() == pytest.approx(getattr(exact, name), rel=1e-12, abs=error), name


def test_the_settings_cover_routes_and_ends():
    drawn = [setting(index)[1:] for index in range(NUM_SETTINGS)]
    assert {route for route, _, _ in drawn} == {1, 2}
    assert {0.0, 1.0} <= {s for _, s, _ in drawn} and {0.0, 1.0} <= {q for _, _, q in drawn}


@pytest.mark.parametrize("route,s,idle", [(2, 0.5, 0), (1, 0.0, 1)])
def test_a_model_that_is_not_routed_to_never_runs(route, s, idle):
    tasks = simulate(GAME, route, s, 0.2, 10_000, np.random.default_rng(0))
    assert not tasks.passes[idle].any() and tasks.passes[1 - idle].min() == 1


def test_a_certain_cascade_leaves_one_pass_to_model_1():
    tasks = simulate(GAME, 1, 1.0, 0.0, 10_000, np.random.default_rng(0))
    assert np.all(tasks.passes[0] == 1) and tasks.passes[1].max() > 1


def test_who_never_leaves_is_served_and_who_always_leaves_waits_once():
    assert simulate(GAME, 1, 0.5, 0.0, 10_000, np.random.default_rng(0)).solved.all()
    leavers = simulate(GAME, 1, 0.5, 1.0, 10_000, np.random.default_rng(0))
    assert np.all(leavers.passes.sum(axis=0) == 1) and not leavers.solved.all()


def test_payoffs_task_by_task():
    tasks = simulate(GAME, 1, 0.5, 0.3, 1000, np.random.default_rng(0))
    first, second = tasks.passes
    np.testing.assert_array_equal(tasks.latency(GAME), 1.0 * first + 2.0 * second)
    np.testing.assert_array_equal(tasks.cost(GAME), 1.0 * first + 3.0 * second)
    np.testing.assert_array_equal(tasks.user_utility(GAME), 9.0 * tasks.solved - tasks.latency(GAME))
    np.testing.assert_array_equal(tasks.provider_cost(GAME), tasks.cost(GAME) + 20.0 * (1 - tasks.solved))
    assert 0 < tasks.solved.sum() < 1000


def test_the_same_seed_gives_the_same_bits():
    one, same, other = (simulate(GAME, 1, 0.3, 0.2, 5000, np.random.default_rng(seed)) for seed in (1, 1, 2))
    assert one.passes.tobytes() == same.passes.tobytes() and one.solved.tobytes() == same.solved.tobytes()
    assert one.passes.tobytes() != other.passes.tobytes()


def test_one_commitment_for_all_tasks_is_one_for_each():
    together = simulate(GAME, 1, 0.3, 0.2, 5000, np.random.default_rng(1))
    rng, each = np.random.default_rng(1), np.ones(5000)
    apart = simulate(GAME, each.astype(int), 0.3 * each, 0.2 * each, 5000, rng)
    assert together.passes.tobytes() == apart.passes.tobytes()


def test_tasks_with_commitments_of_their_own():
    route, s, q = np.tile([1, 2], 5000), np.tile([1.0, 0.0], 5000), np.repeat([0.0, 1.0], 5000)
    tasks = simulate(GAME, route, s, q, 10_000, np.random.default_rng(0))
    np.testing.assert_array_equal(tasks.passes[0], route == 1)
    assert tasks.solved[q == 0].all() and np.all(tasks.passes[:, q == 1].sum(axis=0) == 1)


def test_a_batch_of_games_is_refused():
    with pytest.raises(ParameterError) as caught:
        simulate(Game([9, 9], 20, (0.1, 0.3), (1, 2), (1, 3)), 1, 0.0, 0.0, 10, np.random.default_rng(0))
    assert caught.value.parameter == "game" and "(2,)" in str(caught.value)
