"""A close search in a few contexts: known edges, and that it only ever finds what is cheaper."""

import numpy as np
import pytest
from known_mixes import MIXES
from mixes_by_hand import random_numbers

from routegame import Game, TaskMix
from routegame.agents.mixes.contexts import Contexts
from routegame.agents.mixes.lists import Lists, Play
from routegame.agents.mixes.zoom import best_answer, zoom


def test_an_edge_is_found_to_all_digits():
    contexts = Contexts.of(MIXES["2"])
    start = Lists.of(np.array([1, 1]), np.array([1, 1]), np.zeros(2))
    lists, found = zoom(contexts, "fixed", "history", start, np.array([0, 1]), 0.0)
    assert found.provider_cost == pytest.approx(4.520878756, rel=1e-9) and found.answer == np.inf
    assert lists.moves.tolist() == pytest.approx([0, 0.028032514], abs=1e-8)


def test_two_edges_meet_where_users_are_indifferent_three_times():
    contexts = Contexts.of(MIXES["4"])
    start = Lists.of(np.array([1, 1]), np.array([1, 1]), np.zeros(2))
    lists, found = zoom(contexts, "fixed", "memoryless", start, np.array([0, 1]), 0.0, starts=8)
    assert found.provider_cost == pytest.approx(10.58620014, rel=1e-6)
    assert lists.moves.tolist() == pytest.approx([0.09880967, 0.005382], abs=1e-4)


@pytest.mark.parametrize("users", ["memoryless", "history"])
def test_a_search_changes_few_contexts_and_makes_nothing_dearer(users):
    rng = np.random.default_rng(0)
    for _ in range(3):
        contexts = Contexts.of(TaskMix(rng.uniform(0.1, 1, 6), Game(*random_numbers(rng, 6, 2))))
        before = Lists.of(np.zeros(6, dtype=int), np.ones(6, dtype=int), rng.uniform(0, 1, 6))
        lists, found = zoom(contexts, "free", users, before, np.array([4]), 0.0)
        assert found.provider_cost <= best_answer(users, Play.of(contexts, before)).provider_cost
        assert found == best_answer(users, Play.of(contexts, lists))
        others = lists.context != 4
        assert lists.moves[others].tolist() == before.moves[before.context != 4].tolist()
