"""Commitments in full as they are shown: short, and users answer them as those that they stand for."""

import numpy as np
import pytest

from routegame import solve
from routegame.agents.menus.answers import answer
from routegame.envs.scenarios import SUITES, scenario
from routegame.eval.policy_claims import shown_policy


@pytest.mark.parametrize("redraw", [False, True])
@pytest.mark.parametrize("name", SUITES["menus"])
def test_users_answer_what_is_shown_as_they_answer_what_it_stands_for(name, redraw):
    game = scenario(name).game
    solution = solve(game, order="free", redraw=redraw)
    short = shown_policy(solution)
    assert answer(game, short) == answer(game, solution.policy)
    assert np.allclose(short.matrix, solution.policy.matrix, atol=1e-5)
