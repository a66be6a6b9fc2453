"""Many commitments at once: outcomes as of one, answers as of one and as of a dense search."""

import numpy as np
import pytest
from menu_games import random_menu

from routegame.agents.menus.answers import memoryless_answer
from routegame.agents.menus.memoryless import best_answers, outcomes
from routegame.envs.menu_game import MenuCommitments
from routegame.envs.policy import Policy

COUNT = 30


def drawn(rng, models, *, shared):
    start, rows = rng.dirichlet(np.full(models, 0.3), COUNT), rng.dirichlet(np.full(models, 0.3), (COUNT, models))
    rows[::3] = np.eye(models)[rng.integers(models, size=(COUNT // 3, models))]
    return start, rows[:, :1] if shared else rows


@pytest.mark.parametrize("models", [2, 3, 5, 8])
@pytest.mark.parametrize("shared", [True, False])
def test_outcomes_are_those_of_expected_passes(models, shared):
    rng = np.random.default_rng(models)
    game = random_menu(rng, models)
    start, rows = drawn(rng, models, shared=shared)
    q, latency = rng.random(COUNT), np.array(game.latency) * rng.uniform(1, 2, (COUNT, models))
    cost, utility = outcomes(game, MenuCommitments(start, rows, latency), q)
    p, c = np.array(game.success_prob), np.array(game.cost)
    for k in range(COUNT):
        matrix = np.broadcast_to(rows[k], (models, models))
        n = np.linalg.solve(np.eye(models) - ((1 - p) * (1 - q[k]) * matrix.T), start[k])
        assert cost[k] == pytest.approx(n @ c + game.churn_penalty * (1 - n @ p), rel=1e-9)
        assert utility[k] == pytest.approx(n @ (game.task_value * p - latency[k]), rel=1e-9, abs=1e-9)


@pytest.mark.quick_cases(4)
@pytest.mark.parametrize("models", [2, 3, 4, 5, 8])
@pytest.mark.parametrize("shared", [True, False])
def test_answers_are_those_to_one_commitment_at_a_time(models, shared):
    rng, mixing = np.random.default_rng(models), 0
    for _ in range(10):
        game = random_menu(rng, models)
        start, rows = drawn(rng, models, shared=shared)
        offered = MenuCommitments(start, rows, np.tile(np.array(game.latency), (COUNT, 1)))
        answers = best_answers(game, offered)
        single = [memoryless_answer(game, Policy(s, m)) for s, m in zip(start, offered.matrix, strict=True)]
        assert np.allclose(answers, single, rtol=0, atol=1e-6)
        mixing += ((answers > 0) & (answers < 1)).sum()
        grid = np.stack([outcomes(game, offered, np.full(COUNT, q))[1] for q in np.linspace(0, 1, 101)])
        best = outcomes(game, offered, answers)[1]
        assert (best >= grid.max(axis=0) - 1e-9 * (1 + np.abs(best))).all()
    assert bool(mixing) == (not shared)  # with one row for all models nobody needs to mix


def test_who_is_indifferent_stays():
    game = random_menu(np.random.default_rng(0), 3).with_latency((0.0, 0.0, 0.0))
    p = np.array(game.success_prob)
    xi = np.array([-0.3, 0.0, 0.2])
    latency = game.task_value * p - xi
    row = np.array([0.4, 0.0, 0.6])
    rows = np.stack([row, [0, 1, 0], row + np.array([1e-6, 0, -1e-6]), row + np.array([1e-14, 0, -1e-14])])[:, None]
    start = np.tile(np.full(3, 1 / 3), (4, 1))
    for each in (rows, np.repeat(rows, 3, axis=1)):
        offered = MenuCommitments(start, each, np.tile(latency, (4, 1)))
        assert best_answers(game, offered).tolist() == [0, 0, 1, 0]
