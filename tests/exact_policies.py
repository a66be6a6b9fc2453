"""Exact values of policies that decide in every play, for estimates from samples to be held against."""

from dataclasses import replace

import numpy as np

from routegame import Game
from routegame.agents.exact.solved import solved
from routegame.envs.classic.matrix_game import MatrixGame
from routegame.envs.commitment import RoutingGame
from routegame.envs.menu_game import MenuGame
from routegame.train.decisions import Policy, decisions, softmax

STEP = 1e-5


def drawn_game(seed, models=2):
    """A game whose tasks are short, so that a few thousand of them tell what there is to tell."""
    rng = np.random.default_rng(seed)
    p, t, c = 0.2 + 0.6 * rng.random(models), 0.2 + rng.random(models), 0.1 + rng.random(models)
    order = np.argsort(p) if models == 2 else np.arange(models)
    cost = np.sort(c) if models == 2 else c
    return Game(1 + 2 * rng.random(), 3 * rng.random(), tuple(p[order]), tuple(t), tuple(cost))


def drawn_matrix(seed, rows, columns):
    leader, follower = np.random.default_rng(seed).random((2, rows, columns))
    return MatrixGame(tuple(map(tuple, leader)), tuple(map(tuple, follower)))


GAMES = {
    **{f"routing-{seed}": RoutingGame(drawn_game(seed)) for seed in range(3)},
    "routing-throttled": RoutingGame(drawn_game(3), throttling=True),
    "menu-3": MenuGame(drawn_game(4, 3)),
    "menu-3-throttled": MenuGame(drawn_game(5, 3), throttling=True),
    "matrix-3x2": drawn_matrix(6, 3, 2),
    "matrix-2x3": drawn_matrix(7, 2, 3),
}


def policy_at(game, place):
    """The policy with these logits, and slow-downs behind them."""
    *logits, slow_downs = np.split(place, np.cumsum(decisions(game).options))
    return Policy(tuple(softmax(own) for own in logits), slow_downs)


def place_in(game, seed):
    """A place in the middle of everything."""
    rng, num_logits = np.random.default_rng(seed), sum(decisions(game).options)
    return np.concatenate([rng.standard_normal(num_logits), 0.2 + 0.5 * rng.random(game.num_extras)])


def payoffs(game, place, answers):
    """Cost and utility of a play with each answer, which both are linear in what is decided first."""
    policy, known, total = policy_at(game, place), solved(game), np.zeros((2, len(answers)))
    first, *others = policy.probs
    for share, sure in zip(first, np.eye(len(first)), strict=True):
        commitment = decisions(game).commitment(replace(policy, probs=(sure, *others)))
        total += share * np.array(known.outcome(commitment.alone().take(np.zeros(len(answers), dtype=int)), answers))
    return total


def paid(game, place, logits):
    """Cost and utility of a play whose follower is a softmax over its options."""
    probs = softmax(logits)
    if isinstance(game, MatrixGame):
        return payoffs(game, place, game.habits) @ probs
    return payoffs(game, place, probs[1:])[:, 0]


def slopes(function, place):
    """Derivatives of a function of places in every coordinate, (num_coordinates, ...)."""
    moves = STEP * np.eye(len(place))
    return np.array([(np.asarray(function(place + move)) - function(place - move)) / (2 * STEP) for move in moves])


def standard_errors_off(batches, wanted):
    """How many standard errors the mean of independent estimates is off, in every coordinate; where there is chance."""
    batches = np.array(batches)
    error = batches.std(axis=0, ddof=1) / np.sqrt(len(batches))
    off, chance = batches.mean(axis=0) - wanted, error > 1e-12
    return np.where(chance, off / np.where(chance, error, 1), np.where(abs(off) < 1e-7, 0, np.inf))
