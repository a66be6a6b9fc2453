"""What is compiled says what `quantal_response` says, of noisy users and of those nearly at their best."""

import numpy as np
import pytest

from routegame.agents.users.quantal import quantal_response
from routegame.calibrate.features.answer_kernel import leave_probs, log_likelihood
from routegame.calibrate.features.regression import design_of
from routegame.envs.game import Game

RNG = np.random.default_rng(4)
ROWS, POINTS, LEAST = 400, 5, 1e-12
DESIGN = design_of(RNG.standard_normal((ROWS, 2)))
ROUTE = RNG.integers(1, 3, ROWS)
CASCADE = np.where(ROUTE == 1, RNG.choice([0.0, 0.02, 0.1, 0.3, 0.7, 1.0], ROWS), 0.0)


def points(noise):
    """Games of all kinds: users who stay, who leave, and who mix."""
    value = np.log(8) + 0.3 * RNG.standard_normal((POINTS, 3))
    models = np.array([[-1.5, 0.5, 0.2], [-0.5, 0.5, -0.2], [0.0, 0.2, 0.1], [0.7, 0.2, 0.1]])
    return value, np.full(POINTS, noise), models + 0.4 * RNG.standard_normal((POINTS, 4, 3))


def games(value, models):
    eta = models @ DESIGN.T
    p, t = 1 / (1 + np.exp(-eta[:, :2])), np.exp(eta[:, 2:])
    return Game(np.exp(value @ DESIGN.T), 0.0, (p[:, 0], p[:, 1]), (t[:, 0], t[:, 1]), (0.0, 0.0))


@pytest.mark.parametrize("noise", [3.0, 0.3, 0.02, 1e-3, 1e-5])
def test_likelihoods_and_answers_are_those_of_the_quantal_response(noise):
    value, tau, models = points(noise)
    decisions = RNG.integers(0, 5, ROWS).astype(float)
    answer = np.clip(quantal_response(games(value, models), ROUTE, CASCADE, noise), LEAST, 1 - LEAST)
    leaves = RNG.binomial(decisions.astype(int), answer[0]).astype(float)
    rows = DESIGN, ROUTE, CASCADE, decisions, leaves
    likely = log_likelihood(rows, (value, tau, models), (-20.0, 20.0), LEAST)
    each = leaves * np.log(answer) + (decisions - leaves) * np.log1p(-answer)
    assert leave_probs(games(value, models), ROUTE, CASCADE, noise) == pytest.approx(answer, abs=2e-4)
    assert likely == pytest.approx(each.sum(axis=1), rel=2e-3)


def test_all_kinds_of_answers_are_among_them():
    """Some mix between both ends at hardly any noise: their best response is inside."""
    value, tau, models = points(1e-5)
    models[:, 3, 0] += 1.5  # model 2 is not worth its latency
    mixed = quantal_response(games(value, models), ROUTE, CASCADE, tau[0])
    assert ((mixed > 0.05) & (mixed < 0.95)).sum() > 20 and (mixed < 0.01).sum() > 20 and (mixed > 0.99).sum() > 20
    assert leave_probs(games(value, models), ROUTE, CASCADE, tau[0]) == pytest.approx(mixed, abs=2e-4)
