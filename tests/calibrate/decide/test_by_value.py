"""What is best at which value of a task: the ranges are those of the solver, and cover what a log leaves open."""

from __future__ import annotations

from math import inf

import numpy as np
import pytest
from menu_logs import GAME, ONE, calibrated

from routegame.agents.solver import solve
from routegame.calibrate.decide.by_value import by_value
from routegame.calibrate.estimate.estimates import values_of
from routegame.envs.game import Game
from routegame.eval.statistics import Estimate


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    return calibrated(tmp_path_factory.mktemp("one"), ONE).whole


def test_ranges_cover_what_is_open_without_a_gap(whole):
    ranges = by_value(whole, 9.0, Estimate(np.nan, 0.0, inf))
    assert (ranges[0].low, ranges[-1].high) == (0.0, inf)
    assert [found.high for found in ranges[:-1]] == [found.low for found in ranges[1:]]
    assert ranges[0].leaves  # nothing is worth its wait
    assert not ranges[-1].leaves


def test_each_range_is_what_the_solver_says_within_it(whole):
    each = (values_of(x) for x in (whole.success_prob, whole.latency, whole.cost))
    p, t, c = each
    for found in by_value(whole, 9.0, Estimate(np.nan, 5.0, 30.0)):
        for value in (found.low * (1 + 1e-9), found.at, found.high * (1 - 1e-9)):
            solution = solve(Game(value, 9.0, p, t, c))
            assert sorted(found.models) == [k - 1 for k in solution.visited]
        assert found.provider_cost == pytest.approx(solve(Game(found.at, 9.0, p, t, c)).equilibrium.provider_cost)


def test_the_document_counts_models_from_one(whole):
    document = by_value(whole, 9.0, Estimate(np.nan, 5.0, inf))[-1].to_dict()
    assert document["task_value"][1] is None
    assert min(document["models"]) >= 1
    assert len(document["at"]["policy"]["start"]) == GAME.num_models
