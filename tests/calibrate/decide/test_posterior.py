"""Games that a log may well be of: spread as estimates of other such logs are, and judged one by one."""

from dataclasses import replace
from math import inf, nan

import numpy as np
import pytest

from routegame import Game
from routegame.agents.users.quantal import quantal_response
from routegame.calibrate.decide.posterior import PosteriorDraws, columns, draw_posterior, likely, unknown, worth
from routegame.calibrate.estimate.counts import NONE
from routegame.calibrate.estimate.estimates import Estimates
from routegame.calibrate.estimate.task_value import Cell, Models, TaskValueEstimate
from routegame.envs.chain import outcome
from routegame.eval.statistics import Estimate

GAME = Game(9, 15, (0.1, 0.3), (1, 2), (1, 3.6))
MODELS = Models((0.1, 0.3), (1e-3, 3e-3), (1.0, 2.0), (1e-2, 2e-2))
TEMPERATURE, DECISIONS = 0.5, 5000


def estimated(**given):
    """Estimates from a log in which users leave as often as is expected of them."""
    cells = []
    for route, s in ((1, 0.0), (1, 0.1), (1, 0.4), (2, 0.0)):
        q = float(quantal_response(GAME, route, s, TEMPERATURE))
        cells.append(Cell(route, s, 0.0, DECISIONS, round(DECISIONS * q)))

    def around(values, errors):
        return tuple(Estimate(x, x - 1.959964 * e, x + 1.959964 * e) for x, e in zip(values, errors, strict=True))

    fields = {
        "name": "all",
        "tasks": 700,
        "passes": (100, 100),
        "success_prob": around(MODELS.success_prob, MODELS.success_error),
        "latency": around(MODELS.latency, MODELS.latency_error),
        "cost": around((1.0, 3.6), (0.02, 0.2)),
        "cascade_prob": NONE,
        "abandon_prob": NONE,
        "cells": tuple(cells),
        "models": MODELS,
    }
    return Estimates(**{**fields, **given})


@pytest.fixture(scope="module")
def drawn():
    return draw_posterior(estimated(), 1.0, 15.0, 200, np.random.default_rng(0))


def test_what_users_do_not_see_is_drawn_around_its_mean(drawn):
    """Within five standard errors of 200 draws; costs of both models by themselves."""
    c1, c2 = drawn.games.cost
    for c, value, error in ((c1, 1.0, 0.02), (c2, 3.6, 0.2)):
        assert abs(c.mean() - value) < 5 * error / np.sqrt(200)
        assert c.std() == pytest.approx(error, rel=5 / np.sqrt(400))
    assert abs(np.corrcoef(c1, c2)[0, 1]) < 5 / np.sqrt(200)
    assert (drawn.games.churn_penalty == 15).all() and (drawn.name, drawn.share, len(drawn)) == ("all", 700, 200)


def test_users_are_those_who_explain_the_log(drawn):
    """V is 9 and the noise 1/2; every drawn game has as many leave as there were, up to chance."""
    low, high = np.quantile(drawn.games.task_value, [0.025, 0.975])
    assert low < 9 < high < 1.2 * low
    low, high = np.quantile(drawn.temperature, [0.025, 0.975])
    assert low < TEMPERATURE < high < 1.5 * low
    for cell in estimated().cells:
        q = quantal_response(drawn.games, cell.route, cell.cascade_prob, drawn.temperature)
        share = cell.leaves / cell.decisions
        assert np.abs(q - share).max() < 6 * np.sqrt(share * (1 - share) / DECISIONS) + 1e-3


def test_less_is_known_where_decisions_go_together(drawn):
    loose = draw_posterior(estimated(), 16.0, 15.0, 200, np.random.default_rng(0))
    assert loose.games.task_value.std() > 2 * drawn.games.task_value.std()


def test_no_cost_is_negative_and_what_is_sure_is_not_drawn():
    cost = (Estimate(0.01, -1.0, 1.0), Estimate(3.6, 3.6, 3.6))
    games = draw_posterior(estimated(cost=cost), 1.0, 0.0, 40, np.random.default_rng(1)).games
    assert games.cost[0].min() == 0 < games.cost[0].max() and (games.cost[1] == 3.6).all()


def test_the_likeliest_game_is_made_of_the_estimates():
    value = TaskValueEstimate(Estimate(9.0, 8.0, 10.0), True, TEMPERATURE, 0.0, 0, "")
    one = likely(estimated(), value, 15.0)
    assert (one.name, one.share, len(one), one.temperature.tolist()) == ("all", 700, 1, [TEMPERATURE])
    assert columns(one.games).shape == (1, 1)
    game = one.games
    for name in ("task_value", "churn_penalty", "success_prob", "latency", "cost"):
        np.testing.assert_array_equal(np.ravel(getattr(game, name)), np.ravel(getattr(GAME, name)))


def some(size=5, seed=0, share=1.0):
    rng = np.random.default_rng(seed)
    p, t, c = (tuple(rng.uniform(low, high, (2, size))) for low, high in ((0.1, 0.9), (1, 3), (1, 4)))
    return PosteriorDraws("", share, Game(rng.uniform(3, 20, size), 15.0, p, t, c), rng.uniform(0.1, 2, size))


def test_commitments_are_judged_in_every_game():
    draws, route, s = some(), np.array([1, 1, 2]), np.array([0.0, 0.3, 0.0])
    found = draws.worth(route, s)
    for k in range(5):
        g = draws.games
        game = Game(g.task_value[k], 15.0, *(tuple(x[k] for x in pair) for pair in (g.success_prob, g.latency, g.cost)))
        for j in range(3):
            q = quantal_response(game, route[j], s[j], draws.temperature[k])
            one = outcome(game, route[j], s[j], q)
            assert found.provider_cost[k, j] == pytest.approx(float(one.provider_cost))
            assert found.user_utility[k, j] == pytest.approx(float(one.user_utility))
            assert found.provider_cost[k, j] == pytest.approx(found.expected_cost[k, j] + 15 * found.abandoned[k, j])
            assert found.abandoned[k, j] == pytest.approx(1 - float(one.solve_prob))


def test_each_game_may_have_commitments_of_its_own():
    draws, s = some(), np.linspace(0, 1, 5)[:, None]
    together, alone = draws.worth(1, s), draws.worth(1, s[:, 0])
    np.testing.assert_allclose(together.provider_cost[:, 0], np.diag(alone.provider_cost))


def test_groups_count_by_the_tasks_that_are_theirs():
    first, second = some(seed=0, share=300.0), some(seed=1, share=100.0)
    both, parts = worth([first, second], 1, np.array([0.2])), [of.worth(1, np.array([0.2])) for of in (first, second)]
    for name in ("expected_cost", "abandoned", "user_utility", "provider_cost"):
        np.testing.assert_allclose(getattr(both, name), 0.75 * getattr(parts[0], name) + 0.25 * getattr(parts[1], name))


SHARES = (Estimate(0.0, 0.0, 0.1), Estimate(0.5, 0.4, 0.6), Estimate(1.0, 0.9, 1.0))
COSTS = (Estimate(1.0, 0.0, 2.0), Estimate(1.0, 0.0, inf), Estimate(1.0, 0.0, nan))


@pytest.mark.parametrize(
    "given,said",
    [
        ({}, ""),
        ({"passes": (0, 5)}, "small never ran: the log says nothing about it"),
        ({"passes": (5, 0)}, "large never ran: the log says nothing about it"),
        ({"success_prob": SHARES[:2]}, "small solved no task it was given: the model needs both"),
        ({"success_prob": SHARES[1:]}, "large solved every task it was given: the model needs both"),
        ({"cost": COSTS[:2]}, "the passes of large are all of one user: nothing tells how users vary"),
        ({"cost": COSTS[::-2]}, "the passes of small are all of one user: nothing tells how users vary"),
    ],
)
def test_games_that_cannot_be_drawn(given, said):
    assert unknown(replace(estimated(), **given), ("small", "large")) == said
    numbered = said.replace("small", "model 1").replace("large", "model 2")
    assert unknown(replace(estimated(), **given), ("1", "2")) == numbered
