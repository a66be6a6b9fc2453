"""Games of K models by other means: users by trying answers, the bound by a linear program, chains by an inverse."""

from __future__ import annotations

from itertools import product

import numpy as np
from scipy.optimize import linprog

TIE = 1e-9
"""Share of V + sum t / p within which users are indifferent here: wider than rounding, narrower than any edge."""


def numbers(game):
    p, t, c = (np.array(x, dtype=float) for x in (game.success_prob, game.latency, game.cost))
    return float(game.task_value), float(game.churn_penalty), p, t, c


def passes(p, start, matrix, leave):
    """Expected passes of each model by inverting the chain's matrix; `leave` after a failure of each."""
    chain = ((1 - p) * (1 - leave))[:, None] * matrix
    return start @ np.linalg.inv(np.eye(len(p)) - chain)


def payoffs(game, start, matrix, leave):
    """U and J by their definitions: solved, waited, paid, abandoned."""
    value, penalty, p, t, c = numbers(game)
    n = passes(p, start, matrix, leave)
    return value * (n @ p) - n @ t, n @ c + penalty * (n @ ((1 - p) * leave))


def payoffs_after(game, start, matrix, failures):
    """U and J of a user who leaves after so many failures, pass by pass."""
    value, penalty, p, t, c = numbers(game)
    at, utility, cost = np.array(start, dtype=float), 0.0, 0.0
    for _ in range(failures):
        utility += at @ (value * p - t)
        cost += at @ c
        failed = at * (1 - p)
        at = failed @ matrix
    return utility, cost + penalty * failed.sum()


def dearest_and_cheapest(game, answers):
    """Least and greatest J among the answers that are best for the user; `answers` are pairs U, J."""
    utility, cost = (np.array(x) for x in zip(*answers, strict=True))
    _, _, p, t, _ = numbers(game)
    scale = float(game.task_value) + t.sum() / p.min()
    best = cost[utility >= utility.max() - TIE * scale]
    return best.min(), best.max()


def least_cost(game, start, matrix, users):
    """J of a commitment under the best answer that the provider likes best, by trying answers."""
    models = len(start)
    if users == "memoryless":
        grid = np.concatenate([[0.0, 1.0], np.linspace(0, 1, 401)[1:-1]])
        answers = [payoffs(game, start, matrix, np.full(models, q)) for q in grid]
    elif users == "model":
        answers = [payoffs(game, start, matrix, np.array(leave, float)) for leave in product((0, 1), repeat=models)]
    else:
        answers = [payoffs_after(game, start, matrix, n) for n in (*range(1, 60),)]
        answers.append(payoffs(game, start, matrix, np.zeros(models)))
    return dearest_and_cheapest(game, answers)[0]


def bound_by_linear_program(game, start=None):
    """The least J of any commitment with a start, and m: minimise sum x_k k_k + x_0 P, worth >= 0, mass 1."""
    value, penalty, p, t, c = numbers(game)
    xi = value * p - t
    leaving = not (xi > 0).all()
    costs = np.append(c / p, penalty)
    worth = np.append(xi / p, 0.0)
    found = linprog(
        costs,
        A_ub=[-worth],
        b_ub=[0.0],
        A_eq=[np.ones(len(p) + 1)],
        b_eq=[1.0],
        bounds=[(0, None)] * len(p) + [(0, None if leaving else 0)],
    )
    m = found.fun if found.status == 0 else np.inf
    starts = range(len(p)) if start is None else [start]
    return min(c[i] + (1 - p[i]) * m for i in starts), m


def random_game(rng, models, kind="uniform"):
    """Numbers of a game: uniform, with ties, or over many orders of magnitude."""
    if kind == "extreme":
        p = 10 ** rng.uniform(-4, -0.01, models)
        t, c = 10 ** rng.uniform(-3, 3, (2, models))
        return 10 ** rng.uniform(-2, 4), 10 ** rng.uniform(-4, 3), p, t, c
    p, t, c = rng.uniform(0.02, 0.98, models), rng.uniform(0, 1, models), rng.uniform(0, 1, models)
    value, penalty = rng.uniform(0.05, 2), rng.uniform(0, 2)
    if kind == "ties":
        p, value = rng.choice([0.25, 0.5, 0.75], models), rng.choice([1.0, 2.0])
        t, c = rng.choice([0.0, 0.25, 0.5, 1.0, 1.5], (2, models))
        penalty = rng.choice([0.0, 0.5, 1.0, 2.0])
    return value, penalty, p, t, c
