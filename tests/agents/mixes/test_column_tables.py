"""Tables of lists: what they hold, and that it is what the lists bring."""

import numpy as np
import pytest
from mixes_by_hand import random_numbers

from routegame import Game, TaskMix
from routegame.agents.mixes.column_tables import CASCADES, Columns
from routegame.agents.mixes.contexts import Contexts
from routegame.agents.mixes.lists import Lists, Play

RNG = np.random.default_rng(0)
CONTEXTS = Contexts.of(TaskMix(RNG.uniform(0.1, 1, 3), Game(*random_numbers(RNG, 3, 3))))


@pytest.mark.parametrize(("order", "pairs"), [("fixed", 3), ("free", 6)])
def test_a_table_has_static_models_and_lists_in_the_order_that_is_allowed(order, pairs):
    columns = Columns.of(3, order)
    assert len(columns.moves) == 3 + pairs * CASCADES.size
    assert order == "free" or (columns.first <= columns.then).all()


@pytest.mark.parametrize(("users", "answer"), [("memoryless", 0.7), ("history", 3), ("history", np.inf)])
def test_tables_hold_what_lists_bring(users, answer):
    columns = Columns.of(3, "free")
    cost, worth = columns.answered(CONTEXTS, answer, users)
    for n in (0, 2, 7, 60, len(columns.moves) - 1):
        lists = Lists.of(*(np.full(3, getattr(columns, name)[n]) for name in ("first", "then", "moves")))
        play = Play.of(CONTEXTS, lists)
        counted = users == "history" and answer < np.inf
        costs, utilities = play.outcomes_after(3) if counted else play.outcomes(min(answer, 1.0))
        np.testing.assert_allclose(cost[:, n], CONTEXTS.weight * costs, rtol=1e-12)
        np.testing.assert_allclose(worth[:, n], CONTEXTS.weight * utilities, rtol=1e-11)
