"""What is drawn of tasks that differ, by `mix_arrays`, is what the solver says."""

import numpy as np
import pytest

from routegame import solve_mix
from routegame.envs.task_mixes import MIXES


@pytest.mark.slow
def test_sighted_users_leave_where_blind_ones_stay(drawn, few):
    arrays = drawn[2]["mix-knowing"][1]
    known = solve_mix(MIXES["subjects-sighted"].mix)
    assert (arrays["sighted"] == known.answer).all() and arrays["blind"].tolist() == [0]
    assert arrays["blind_cost"][0] == pytest.approx(0.037966, abs=1e-5)
    assert arrays["blind_cost"][0] < known.provider_cost == pytest.approx(0.118596, abs=1e-6)
    assert (arrays["cost_for_all"] >= arrays["cost_sighted"] - 1e-12).all() and len(arrays["task_value"]) == few


@pytest.mark.slow
def test_patience_costs_nothing_where_users_do_as_the_provider_likes(drawn):
    """And never less: no policy and no answer of a task's users is cheaper than the cheapest of both together."""
    arrays = drawn[2]["mix-patience"][1]
    sighted, blind = arrays["sighted_price"], arrays["blind_price"]
    assert sighted.min() >= -1e-12 and blind.min() > 0.1
    assert (np.abs(sighted) < 1e-9).sum() == 77 and (arrays["sighted"] == 1).sum() == 30
    assert 2.5 * sighted.mean() < blind.mean() < 3 * sighted.mean()
    assert round(arrays["blind"].item(), 2) == 0.10
