"""Random games of a sign regime for users who see more: in any order, or with the second model the cheaper one."""

import numpy as np

from routegame import Game

SIGNS = {"value-value": "++", "value-latency": "+-", "latency-value": "-+", "latency-latency": "--"}


def random_game(regime, count, seed, dearer_first=False):
    """`count` games of a sign regime, in any order; `dearer_first`: model 2 is the cheaper one and churn is dear."""
    rng = np.random.default_rng([seed, *map(ord, SIGNS[regime])])
    value, p, c = rng.uniform(1, 20, count), rng.uniform(0.1, 0.9, (2, count)), rng.uniform(0.05, 1, (2, count))
    positive = np.array([[sign == "+"] for sign in SIGNS[regime]])
    share = np.where(positive, rng.uniform(0.02, 0.98, (2, count)), 1 / rng.uniform(0.05, 0.98, (2, count)))
    penalty = rng.uniform(0, 2, count) * np.max(c / p, axis=0)
    if dearer_first:
        c[1] = c[0] / p[0] * p[1] * rng.uniform(0, 0.9, count)
        penalty = rng.uniform(0.5, 4, count) * c[0] / p[0]
    return Game(value, penalty, tuple(p), tuple(value * p * share), tuple(c))
