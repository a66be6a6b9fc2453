"""Mixes of tasks by other means: policies by inverting chains, users by trying answers, policies by trying them all."""

from __future__ import annotations

from itertools import product

import numpy as np

TIE = 1e-9
"""Share of V + sum t / p within which users are indifferent here: wider than rounding, narrower than any edge."""

STAYS = np.concatenate([np.linspace(0, 0.95, 96), 1 - np.geomspace(0.05, 1e-4, 60)[1:], [1.0]])
FAILURES = (*range(1, 61), np.inf)


def numbers(mix, x):
    """V, P, p, t and c of one context."""
    game = mix.game(x)
    p, t, c = (np.array(values, dtype=float) for values in (game.success_prob, game.latency, game.cost))
    return float(game.task_value), float(game.churn_penalty), p, t, c


def payoffs(mix, x, start, matrix, users, answers=None):
    """U and J of one context for every answer, (2, answers), by their definitions."""
    value, penalty, p, t, c = numbers(mix, x)
    step, found = (1 - p)[:, None] * matrix, []
    if users == "memoryless":
        for r in STAYS if answers is None else answers:
            n = start @ np.linalg.inv(np.eye(len(p)) - r * step)
            found.append((value * (n @ p) - n @ t, n @ c + penalty * (1 - r) * (n @ (1 - p))))
        return np.array(found).T
    answers = FAILURES if answers is None else answers
    forever = start @ np.linalg.inv(np.eye(len(p)) - step)
    at, utility, cost, seen = np.array(start, dtype=float), 0.0, 0.0, {}
    for failures in range(1, int(max(n for n in answers if n < np.inf)) + 1):
        utility, cost = utility + at @ (value * p - t), cost + at @ c
        seen[failures] = utility, cost + penalty * (at @ (1 - p))
        at = at @ step
    seen[np.inf] = value * (forever @ p) - forever @ t, forever @ c
    return np.array([seen[n] for n in answers]).T


def scale(mix):
    return sum(w * (v + (t / p).sum()) for w, (v, _, p, t, _) in zip(mix.weights, each(mix), strict=True))


def each(mix):
    return [numbers(mix, x) for x in range(len(mix))]


def cheapest(mix, utility, cost):
    """J of every policy under the best answer that the provider likes best; answers on the last axis."""
    fine = utility >= utility.max(axis=-1, keepdims=True) - TIE * scale(mix)
    return np.where(fine, cost, np.inf).min(axis=-1)


def played(mix, policies, users):
    """U and J of a policy over contexts for every answer, (2, answers)."""
    return sum(
        w * payoffs(mix, x, start, matrix, users)
        for x, (w, (start, matrix)) in enumerate(zip(mix.weights, policies, strict=True))
    )


def lists(order, cascades):
    """Start and matrix of every list of two models: 1 then 2, and 2 alone or 2 then 1."""
    found = [(np.array([1.0, 0]), np.array([[1 - s, s], [0, 1]])) for s in cascades]
    backwards = cascades if order == "free" else [0.0]
    return found + [(np.array([0, 1.0]), np.array([[1, 0], [s, 1 - s]])) for s in backwards]


def brute_force(mix, users, order, cascades):
    """Least J of all combinations of lists in two or three contexts of two models."""
    options = lists(order, cascades)
    tables = [
        mix.weights[x] * np.array([payoffs(mix, x, start, matrix, users) for start, matrix in options])
        for x in range(len(mix))
    ]
    best = np.inf
    for others in product(range(len(options)), repeat=len(mix) - 1):
        rest = sum(tables[x + 1][n] for x, n in enumerate(others))
        best = min(best, cheapest(mix, tables[0][:, 0] + rest[0], tables[0][:, 1] + rest[1]).min())
    return best


def random_numbers(rng, contexts, models, kind="any"):
    """V, P, p, t and c of contexts that have nothing in common, or of one menu and easier or harder tasks."""
    if kind == "any":
        p, t, c = rng.uniform(0.02, 0.98, (contexts, models)), *rng.uniform(0, 1, (2, contexts, models))
        return (*rng.uniform(0.01, 2, (2, contexts)), p, t, c)
    menu = np.sort(rng.uniform(0, 1, (2, models)))
    value, penalty = (np.full(contexts, x) for x in rng.uniform(0.01, 2, 2))
    ability, ease = np.sort(rng.normal(0, 1, models)), rng.normal(0, 1.5, contexts)
    p = np.clip(1 / (1 + np.exp(-(ability + ease[:, None]))), 0.02, 0.98)
    return value, penalty, p, *(np.tile(x, (contexts, 1)) for x in menu)
