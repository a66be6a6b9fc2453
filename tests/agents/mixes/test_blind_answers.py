"""Answers of blind users: against fine grids, at ties, and how memory and its lack go together."""

import numpy as np
import pytest
from known_mixes import MIXES
from mixes_by_hand import random_numbers

from routegame import Game, TaskMix
from routegame.agents.mixes.blind_answers import history_answer, memoryless_answer, turning_points
from routegame.agents.mixes.contexts import Contexts
from routegame.agents.mixes.lists import Lists, Play


def plays(number, contexts):
    rng = np.random.default_rng(contexts)
    for _ in range(number):
        mix = TaskMix(rng.uniform(0.1, 1, contexts), Game(*random_numbers(rng, contexts, 3)))
        pairs = rng.integers(0, 3, (2, contexts))
        yield Play.of(Contexts.of(mix), Lists.of(*pairs, rng.uniform(0, 1, contexts)))


def static(name, first, moves):
    first = np.array(first) - 1
    return Play.of(Contexts.of(MIXES[name]), Lists.of(first, np.ones_like(first), np.array(moves, dtype=float)))


@pytest.mark.parametrize("contexts", [1, 2, 8])
def test_no_stay_probability_is_better_than_the_answer(contexts):
    grid = np.concatenate([np.linspace(0, 1, 4000), 1 - np.geomspace(1e-3, 1e-6, 200)])
    inner = 0
    for play in plays(60, contexts):
        answer = memoryless_answer(play)
        utility = play.utility(grid)
        assert answer.utility >= utility.max() - 1e-13 * play.size(np.ones(1))[0]
        inner += 0 < answer.answer < 1
    assert inner or contexts == 1


@pytest.mark.parametrize("contexts", [1, 2, 8])
def test_no_number_of_failures_is_better_than_the_answer(contexts):
    for play in plays(40, contexts):
        answer = history_answer(play)
        worth, _, left = play.counted(2000)
        gained = np.cumsum(worth)
        assert answer.utility >= gained.max() - 1e-13 * play.size(np.ones(1))[0]
        if answer.answer < np.inf:
            assert answer.provider_cost == left[int(answer.answer) - 1]


def test_users_who_never_leave_with_memory_never_leave_without():
    stays = [play for play in plays(300, 2) if history_answer(play).answer == np.inf]
    assert len(stays) > 30
    assert all(memoryless_answer(play).answer == 1 for play in stays)


def test_ties_go_to_the_provider():
    play = static("3", [2, 2], [0, 0])  # after the first pass all is worth nothing on average
    for answer in (memoryless_answer(play), history_answer(play)):
        assert answer.utility == pytest.approx(0, abs=1e-15)
    indifferent = TaskMix([1], Game(4, 1, (0.5, 0.5), (2, 2), (1, 1)))
    for penalty, stay, failures in ((1, 0, 1), (5, 1, np.inf)):
        game = Game(4, penalty, (0.5, 0.5), (2, 2), (1, 1))
        play = Play.of(Contexts.of(TaskMix([1], game)), Lists.of(*np.zeros((2, 1), dtype=int), np.zeros(1)))
        assert memoryless_answer(play).answer == stay and history_answer(play).answer == failures
    assert indifferent.games.net_value[0].tolist() == [0]


def test_who_meets_an_easy_and_a_hard_context_leaves_in_the_middle():
    play = static("9", [1, 1], [0, 0])
    assert memoryless_answer(play).answer == pytest.approx(0.565228472, rel=1e-8)
    assert turning_points(play).tolist() == pytest.approx([0.565228472], rel=1e-8)
    assert history_answer(play).answer == 2
