"""Mixes whose answers are known: numbers of the games, and what they cost."""

from functools import cache

import numpy as np

from routegame import Game, TaskMix, solve_mix


def known_mix(weights, value, penalty, p, c, t=(1, 2)):
    contexts = len(weights)
    p, t, c = (np.broadcast_to(np.array(x, dtype=float), (contexts, 2)) for x in (p, t, c))
    return TaskMix(weights, Game(np.full(contexts, value), penalty, p, t, c))


MIXES = {
    "1": known_mix([0.5, 0.5], 10, 5, [[0.6, 0.8], [0.2, 0.5]], [1, 2]),
    "2": known_mix([0.7, 0.3], 9, 15, [[0.5, 0.7], [0.1, 0.3]], [1, 3.6]),
    "3": known_mix([0.5, 0.5], 4, 12, [[0.5, 0.7], [0.1, 0.3]], [1, 2.4]),
    "4": known_mix([0.5, 0.5], 9, 15, [[0.1, 0.3], [0.1, 0.4]], [[1, 3.6], [1, 6]]),
    "7": known_mix([0.5, 0.3, 0.2], 5, 8, [[0.6, 0.8], [0.3, 0.5], [0.1, 0.25]], [1, 2.5]),
    "8": known_mix([0.6, 0.4], 3, 6, [[0.3, 0.6], [0.2, 0.3]], [0.5, 1.4], (1, 1.5)),
    "9": known_mix([0.8, 0.2], 4, 3, [[0.8, 0.8], [0.1, 0.1]], [1, 1], (1, 1)),
}


def solved(name, users="sighted", order="fixed"):
    """The solution of a known mix, found once in each process: some take seconds."""
    return _solved(name, users, order)


@cache
def _solved(name, users, order):
    return solve_mix(MIXES[name], users, order)


SIGHTED = {"1": 2.833333333, "2": 4.562, "3": 6.4, "4": 10.72, "7": 3.473333333, "8": 3.232}
"""J of users who know their context, in fixed order."""

BLIND = [
    # mix, users, order, J, one-multiplier bound, whether it is exact
    ("1", "memoryless", "fixed", 2.833333333, 2.833333333, True),
    ("1", "history", "fixed", 2.833333333, 2.833333333, True),
    ("1", "memoryless", "free", 2.833333333, 2.833333333, True),
    ("2", "memoryless", "fixed", 4.4, 4.4, True),
    ("2", "memoryless", "free", 4.4, 4.4, True),
    ("2", "history", "fixed", 4.520878756, 4.4659997, False),
    ("3", "memoryless", "fixed", 8.4, 8.3727, False),
    ("3", "history", "fixed", 8.4, 8.4, True),
    ("4", "memoryless", "fixed", 10.58620014, 10.54, False),
    ("4", "history", "fixed", 10.67389449, 10.554810626, False),
    ("7", "memoryless", "fixed", 3.833333333, 3.830623926, False),
    ("7", "history", "fixed", 3.977064586, 3.887476481, False),
    ("8", "memoryless", "fixed", 4.4, 4.3666, False),
    ("8", "history", "fixed", 4.4, 4.4, True),
    ("9", "memoryless", "fixed", 2.022213283, 1.993699, False),
    ("9", "history", "fixed", 1.922, 1.922, True),
]
