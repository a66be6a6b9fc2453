"""Lists in closed form against chains that are inverted, and as tables."""

import numpy as np
import pytest
from mixes_by_hand import payoffs, played, random_numbers

from routegame import Game, TaskMix
from routegame.agents.mixes.contexts import Contexts
from routegame.agents.mixes.lists import Lists, Play
from routegame.envs import PolicyTable

RNG = np.random.default_rng(0)
MIX = TaskMix(RNG.uniform(0.1, 1, 4), Game(*random_numbers(RNG, 4, 3)))
SINGLE = Lists.of(np.array([0, 2, 1, 1]), np.array([1, 0, 1, 2]), np.array([0.3, 1.0, 0.4, 0.0]))
SHARED = Lists(
    np.array([0, 1, 1, 2, 3]),
    np.array([1, 0.25, 0.75, 1, 1]),
    np.array([0, 0, 0, 2, 1]),
    np.array([2, 1, 2, 2, 0]),
    np.array([0.5, 1, 1, 0, 0.1]),
)
STAYS = np.array([0.0, 0.3, 0.9, 1.0])


@pytest.mark.parametrize("lists", [SINGLE, SHARED], ids=["single", "shared"])
def test_closed_forms_are_those_of_the_table(lists):
    table, play = lists.table(4, 3), Play.of(Contexts.of(MIX), lists)
    assert PolicyTable(table.start, table.matrix) == table
    utility, cost = sum(
        w * payoffs(MIX, x, start, matrix, "memoryless", STAYS)
        for x, (w, (start, matrix)) in enumerate(zip(MIX.weights, table, strict=True))
    )
    np.testing.assert_allclose(play.utility(STAYS), utility, rtol=1e-12, atol=1e-13)
    np.testing.assert_allclose(play.provider_cost(STAYS), cost, rtol=1e-12)
    rises, falls = play.slopes(STAYS)
    h = 1e-6
    np.testing.assert_allclose(
        (rises - falls)[1:3], (play.utility(STAYS + h) - play.utility(STAYS - h))[1:3] / (2 * h), rtol=1e-6
    )
    assert (np.diff(rises) >= 0).all() and (np.diff(falls) >= 0).all()
    utility, cost = played(MIX, table, "history")
    worth, _, left = play.counted(70)
    np.testing.assert_allclose(np.cumsum(worth)[:60], utility[:-1], rtol=1e-11, atol=1e-13)
    np.testing.assert_allclose(left[:60], cost[:-1], rtol=1e-12)


@pytest.mark.parametrize("lists", [SINGLE, SHARED], ids=["single", "shared"])
def test_outcomes_of_contexts_add_up(lists):
    play = Play.of(Contexts.of(MIX), lists)
    for stay in STAYS:
        costs, utilities = play.outcomes(stay)
        assert MIX.weights @ costs == pytest.approx(play.provider_cost(np.array([stay]))[0], rel=1e-12)
        assert MIX.weights @ utilities == pytest.approx(play.utility(np.array([stay]))[0], rel=1e-11)
    for failures in (1, 2, 7):
        costs, utilities = play.outcomes_after(failures)
        worth, _, left = play.counted(64)
        assert MIX.weights @ costs == pytest.approx(left[failures - 1], rel=1e-12)
        assert MIX.weights @ utilities == pytest.approx(worth[:failures].sum(), rel=1e-11)


def test_replaced_lists_are_played_in_their_contexts():
    some = SHARED.replaced(np.array([1]), np.array([2]), np.array([1]), np.array([0.5]))
    table = some.table(4, 3)
    assert table.start[1].tolist() == [0, 0, 1] and table.matrix[1, 2].tolist() == [0, 0.5, 0.5]
    assert table[0].matrix.tolist() == SHARED.table(4, 3)[0].matrix.tolist()
