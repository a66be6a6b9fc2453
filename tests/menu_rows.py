"""Games of many models, commitments in full, and what rows of tasks tell."""

import numpy as np

from routegame import Game

SEEN = ("user_reward", "provider_reward", "solved", "abandoned", "cut_off", "over", "model", "failures")


def random_game(models, shape=(), seed=0):
    rng = np.random.default_rng(seed)
    p, t, c = (tuple(rng.uniform(low, high, (models, *shape))) for low, high in ((0.05, 0.9), (0.1, 5), (0.1, 5)))
    return Game(rng.uniform(1, 20, shape), rng.uniform(0, 20, shape), p, t, c)


def random_policy(models, shape=(), seed=0, height=None):
    """Start and matrix, with zeros, certainties and starts that are points among them."""
    rng = np.random.default_rng(seed)
    weights = rng.random((*shape, 1 + (height or models), models))
    weights = np.where(rng.random(weights.shape) < 0.4, 0.0, weights)
    weights = np.where(weights.sum(axis=-1, keepdims=True) > 0, weights, np.eye(models)[models // 2])
    probs = weights / weights.sum(axis=-1, keepdims=True)
    return probs[..., 0, :], probs[..., 1:, :]


def offered(models, count, height=None):
    start, matrix = random_policy(models, (count,), height=height)
    return {"start": start, "matrix": matrix}


def seen(batch):
    return {name: getattr(batch, name).copy() for name in SEEN}


def assert_same(one, other):
    for name in SEEN:
        assert one[name].dtype == other[name].dtype
        assert one[name].tobytes() == other[name].tobytes(), name
