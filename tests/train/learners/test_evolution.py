"""One search at a time, on costs without chance; whole runs are in test_learners.py."""

import numpy as np
import pytest
from menu_games import KNOWN

from routegame.envs.commitment import RoutingGame
from routegame.envs.menu_game import MenuGame
from routegame.envs.scenarios import scenario
from routegame.eval.judge.judges import judge_of
from routegame.train.learners.evolution import Evolution, EvolutionOptions, Search, first_spreads, first_starts

GAME = scenario("figure-4-left-cascade").game


def searched(cost, start, generations, route=0.0):
    search = Search(np.array([route, start]), np.array([start * (1 - start)]), 12, seed=0)
    for _ in range(generations):
        actions = search.ask()
        search.tell(cost(actions[:, 1]))
    return search


@pytest.mark.parametrize(("cliff", "start"), [(0.004, 0.5), (0.3, 0.2), (0.3, 0.8), (0.96, 0.95)])
def test_a_search_ends_a_hair_beyond_a_cliff(cliff, start):
    """Where it costs the less the less is handed over, but too little costs most."""
    search = searched(lambda s: np.where(s < cliff, 2.0, s), start, 120)
    tried = search.ask()[:, 1]
    beyond = tried[tried >= cliff]
    assert beyond.size
    assert beyond.min() < cliff * 1.001


@pytest.mark.parametrize("end", [0.0, 1.0])
def test_an_end_of_the_range_is_hit_exactly(end):
    search = searched(lambda s: abs(s - end), 0.5, 60)
    assert search.mean.tolist() == [[0.0, end]]
    assert (search.ask()[:, 1] == end).mean() > 0.5


def test_a_search_keeps_to_its_route_and_to_the_box():
    search = searched(lambda s: -s, 0.9, 30, route=1.0)
    actions = search.ask()
    assert (actions[:, 0] == 1).all()
    assert ((actions >= 0) & (actions <= 1)).all()


def test_a_search_that_has_narrowed_down_to_a_point_rests():
    """Going on, it would divide by a spread that is no longer a number other than 0."""
    search = searched(lambda s: abs(s - 0.3), 0.5, 600)
    before = search.state()["cma"]
    assert before["_g"] < 600
    assert search.mean[0, 1] == pytest.approx(0.3, abs=1e-9)
    search.tell(abs(search.ask()[:, 1] - 0.3))
    after = search.state()["cma"]
    assert all(np.array_equal(before[name], after[name]) for name in before)


@pytest.mark.parametrize("generations", [0, 3, 600])
def test_a_search_goes_on_from_its_state_and_shares_nothing_with_it(generations):
    first = searched(lambda s: abs(s - 0.3), 0.5, generations)
    again = searched(lambda s: -s, 0.2, 7)
    again.restore(first.state())
    for _ in range(5):
        actions, others = first.ask(), again.ask()
        assert np.array_equal(actions, others)
        first.tell(actions[:, 1] ** 2)
        again.tell(actions[:, 1] ** 2)
    assert first.spread == again.spread


@pytest.mark.parametrize("throttling", [False, True])
def test_searches_start_within_reach_of_each_other_on_both_routes(throttling):
    box = RoutingGame(GAME, throttling=throttling)
    starts = first_starts(box)
    spreads = first_spreads(box, starts)[:, 1:]
    assert starts.shape == (len(spreads), box.size)
    assert set(starts[:, 0]) == {0.0, 1.0}
    assert ((starts >= 0) & (starts <= 1)).all()
    assert (spreads > 0).all()
    on_standard = starts[:, 0] == 0
    cascades, reach = starts[on_standard, 1], spreads[on_standard, 0]
    for threshold in (0.001, 0.01, 0.2, 0.5, 0.9, 0.99, 0.999):
        assert (abs(cascades - threshold) < 1.5 * reach).any()


def test_a_search_moves_what_it_does_not_keep_to():
    held = np.array([True, False, True, False])
    search = Search(np.array([1.0, 0.5, 0.0, 0.5]), np.array([0.2, 0.2]), 12, 0, held)
    for _ in range(60):
        tried = search.ask()
        assert (tried[:, 0] == 1).all() and (tried[:, 2] == 0).all()
        search.tell(abs(tried[:, 1] - 0.3) + tried[:, 3])
    assert search.mean[0] == pytest.approx([1, 0.3, 0, 0], abs=1e-3)


@pytest.mark.parametrize("number", [6, 7, 14])
def test_many_models_are_learned_to_a_hair(number):
    """A threat of a third model, three models visited, and a mix of one in forty."""
    game = MenuGame(KNOWN[number][0])
    learner = Evolution(game, EvolutionOptions(generations=15), 0)
    while not learner.finished:
        learner.update()
    found = learner.learned().commitment
    assert judge_of(game).regret(found) < 0.01


def test_more_and_more_tasks():
    tasks = [EvolutionOptions(generations=5, first_tasks=16, last_tasks=4096).tasks(g) for g in range(5)]
    assert tasks == [16, 64, 256, 1024, 4096]
    assert EvolutionOptions(generations=1).tasks(0) == EvolutionOptions().first_tasks
