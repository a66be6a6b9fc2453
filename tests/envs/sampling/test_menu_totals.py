"""Totals under commitments to many models: distributed as tasks played one at a time, and as closed forms say."""

import numpy as np
import pytest

from routegame.envs.luck.luck import Luck
from routegame.envs.policy import Policy
from routegame.envs.sampling.menu_totals import draw_menu_totals

NUM_TASKS = 10**6
CASES = 100


def drawn_case(rng):
    """Success probabilities, a policy and q: rows shared or not, sparse or not."""
    models = int(rng.integers(3, 9))
    p = rng.uniform(0.02, 0.95, models)
    start, rows = rng.dirichlet(np.full(models, 0.3)), rng.dirichlet(np.full(models, 0.3), models)
    kind = rng.integers(4)
    if kind == 0:
        start = np.eye(models)[rng.integers(models)]
    if kind == 1:
        rows[:, rng.integers(models)] = 0
        rows /= rows.sum(axis=1, keepdims=True)
    if kind == 2:
        rows = np.eye(models)[rng.integers(models, size=models)]
    if rng.random() < 0.5:
        rows = np.repeat(rows[:1], models, axis=0)
    return p, Policy(start, rows), float(rng.choice([0.0, 1.0, rng.random()]))


def rows_of(policy):
    alike = (policy.matrix == policy.matrix[:1]).all()
    return policy.matrix[None, :1] if alike else policy.matrix[None]


@pytest.mark.parametrize("chance", [np.random.default_rng, Luck])
def test_passes_are_those_of_the_closed_form(chance):
    """Within 4 standard errors of the chain, and a few tasks where something hardly ever happens."""
    rng = np.random.default_rng(16)
    for case in range(CASES):
        p, policy, q = drawn_case(rng)
        tasks = draw_menu_totals(p, policy.start[None], rows_of(policy), q, NUM_TASKS, chance(case))
        expected = policy.passes(p, np.full(len(p), 1 - q))
        again = np.diag(np.linalg.inv(np.eye(len(p)) - ((1 - p) * (1 - q))[:, None] * policy.matrix))
        error = np.sqrt(np.maximum(expected * (2 * again - 1) - expected**2, 0) / NUM_TASKS)
        assert (np.abs(tasks.passes[:, 0] / NUM_TASKS - expected) <= 4 * error + 5 / NUM_TASKS).all(), case
        chance_solved = expected @ p
        error = np.sqrt(max(chance_solved * (1 - chance_solved), 0) / NUM_TASKS)
        assert abs(tasks.solved[0] / NUM_TASKS - chance_solved) <= 4 * error + 5 / NUM_TASKS, case


def one_by_one(p, policy, q, num_tasks, rng):
    """Passes of each model and tasks solved, of tasks that are played pass by pass."""
    passes, solved = np.zeros(len(p), dtype=int), 0
    for _ in range(num_tasks):
        k = rng.choice(len(p), p=policy.start)
        while True:
            passes[k] += 1
            if rng.random() < p[k]:
                solved += 1
                break
            if rng.random() < q:
                break
            k = rng.choice(len(p), p=policy.matrix[k])
    return passes, solved


@pytest.mark.parametrize("chance", [np.random.default_rng, Luck])
@pytest.mark.parametrize("shared", [True, False])
def test_groups_are_distributed_as_tasks_played_one_at_a_time(chance, shared):
    """Means and covariances of passes and of what is solved, which costs are made of."""
    rng = np.random.default_rng(3)
    p, q, size, groups = np.array([0.3, 0.5, 0.2]), 0.15, 3, 1500
    rows = np.array([[0.2, 0.5, 0.3], [0.6, 0.1, 0.3], [0.0, 0.9, 0.1]])
    policy = Policy([0.5, 0.2, 0.3], np.repeat(rows[:1], 3, axis=0) if shared else rows)
    played = np.array([np.append(*one_by_one(p, policy, q, size, rng)) for _ in range(groups)])
    start, repeated = np.tile(policy.start, (groups * 20, 1)), np.repeat(rows_of(policy), groups * 20, axis=0)
    tasks = draw_menu_totals(p, start, repeated, np.full(groups * 20, q), size, chance(5))
    drawn = np.column_stack([tasks.passes.T, tasks.solved])
    centre = drawn.mean(axis=0)
    for moments in (
        lambda x: x,
        lambda x: ((x - centre)[:, :, None] * (x - centre)[:, None, :]).reshape(len(x), -1),
        lambda x: x == 0,
    ):
        one, other = moments(played), moments(drawn)
        error = np.sqrt(one.var(axis=0) / len(one) + other.var(axis=0) / len(other))
        assert (np.abs(one.mean(axis=0) - other.mean(axis=0)) <= 4.5 * error).all()


def test_the_same_luck_cancels_between_close_commitments():
    """What is left of the luck in the difference is less than a hundredth of its variance."""
    p, rows = np.array([0.1, 0.4, 0.3]), np.array([[[0.2, 0.5, 0.3], [0.6, 0.1, 0.3], [0.0, 0.9, 0.1]]])
    for kind in (rows, rows[:, :1]):
        moved = kind + np.array([0.002, -0.002, 0.0])
        repeats = 400
        here, there = (
            draw_menu_totals(
                p, np.tile([0.3, 0.3, 0.4], (repeats, 1)), np.repeat(x, repeats, axis=0), 0.1, 1000, Luck(1)
            ).passes.T
            @ [1.0, 2.0, 3.0]
            for x in (kind, moved)
        )
        assert (there - here).var() < 0.01 * here.var()


def test_a_row_is_as_lucky_however_many_there_are():
    p, rows = np.array([0.1, 0.4, 0.3]), np.array([[[0.2, 0.5, 0.3]]])
    few, many = (
        draw_menu_totals(p, np.full((count, 3), 1 / 3), np.repeat(rows, count, axis=0), 0.1, 1000, Luck(1)).passes
        for count in (2, 5)
    )
    assert (few == many[:, :2]).all() and (many[:, 0] != many[:, 1]).any()


def test_the_price_does_not_depend_on_the_number_of_passes():
    """Tasks that are handed back and forth for ever, nearly: a loop over passes would not end."""
    p, start = np.array([1e-9, 1e-9, 0.5]), np.array([[1.0, 0, 0]])
    rows = np.array([[[0, 1.0, 0], [1.0, 0, 0], [0, 0, 1.0]]])
    tasks = draw_menu_totals(p, start, rows, 0.0, 1000, np.random.default_rng(0))
    assert tasks.solved.tolist() == [1000] and abs(tasks.passes.sum() / 1e12 - 1) < 0.2
